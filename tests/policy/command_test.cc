// `kubegate rego`, `kubegate policy` and `kubegate validate --policy` as processes: transcripts, and what needs files
// made for it.
//
// A transcript (cases/*.txt) is a list of commands, run in testdata/rego, or in testdata/policy where its name begins
// with policy_ or validate_, each with what it must write and its exit code; times in it are TIME:
//
//   $ eval -d library 'data.labels.required'     arguments behind the command, quoted as in a shell
//   < inputs/pod.yaml                            standard input; otherwise empty
//   > {"result": …}                              a line of standard output
//   ! kubegate: …                                a line of standard error
//   = 0                                          the exit code, which ends the case
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <regex>
#include <string>
#include <vector>

#include "tests/support/folder.h"
#include "tests/support/process.h"

namespace kubegate {
namespace {

namespace fs = std::filesystem;
using Strings = std::vector<std::string>;

const fs::path kFolder = fs::path(KUBEGATE_SOURCE_DIR) / "testdata" / "rego";
const fs::path kPolicies = fs::path(KUBEGATE_SOURCE_DIR) / "testdata" / "policy";
const fs::path kCases = fs::path(KUBEGATE_SOURCE_DIR) / "tests" / "policy" / "cases";

std::string without_times(const std::string& text) {
  static const std::regex in_words(R"(\([0-9.]+(ns|µs|ms|s)\))"),
      in_json(R"re(("duration|"timer_\w+_ns|"total_time_ns)": [0-9]+)re"), at_end(R"(\t[0-9.]+s\n)");
  const std::string some = std::regex_replace(std::regex_replace(text, in_words, "(TIME)"), at_end, "\tTIME\n");
  return std::regex_replace(some, in_json, "$1\": TIME");
}

// Words between blanks; 'single' quotes keep blanks.
Strings words_of(const std::string& line) {
  Strings words;
  bool quoted = false, open = false;
  for (const char c : line) {
    if (c == '\'') {
      quoted = !quoted;
      if (!open) words.emplace_back();
      open = true;
    } else if (c == ' ' && !quoted) {
      open = false;
    } else {
      if (!open) words.emplace_back();
      open = true;
      words.back() += c;
    }
  }
  return words;
}

class RegoCommand : public testing::Test {
 protected:
  // Starts `kubegate rego arguments…` in `where`; its output goes to files of the test's own folder.
  pid_t start(const Strings& arguments, const fs::path& where, const std::string& in = "/dev/null",
              const char* command = "rego") const {
    Strings words = {command};
    words.insert(words.end(), arguments.begin(), arguments.end());
    return start_process(KUBEGATE_BINARY, words, where, {in, folder_ / "out", folder_ / "err"});
  }

  std::string out() const { return without_times(read_text(folder_ / "out")); }
  std::string err() const { return without_times(read_text(folder_ / "err")); }

  Folder temporary_;
  fs::path folder_ = temporary_.path();
};

TEST_F(RegoCommand, Transcripts) {
  std::size_t run = 0;
  for (const auto& file : fs::directory_iterator(kCases)) {
    const std::string name = file.path().filename().string();
    const char* command = name.starts_with("policy_") ? "policy" : name.starts_with("validate_") ? "validate" : "rego";
    const fs::path& where = command == std::string_view("rego") ? kFolder : kPolicies;
    std::ifstream stream(file.path());
    Strings arguments;
    std::string out_wanted, err_wanted, in = "/dev/null", title;
    int number = 0;
    for (std::string line; std::getline(stream, line);) {
      ++number;
      const std::string rest = line.size() > 2 ? line.substr(2) : "";
      if (line.starts_with("$ ")) {
        title = file.path().filename().string() + ":" + std::to_string(number) + ": " + rest;
        arguments = words_of(rest);
        out_wanted = err_wanted = "";
        in = "/dev/null";
      } else if (line.starts_with("< ")) {
        in = rest;
      } else if (line.starts_with(">")) {
        out_wanted += rest + "\n";
      } else if (line.starts_with("!")) {
        err_wanted += rest + "\n";
      } else if (line.starts_with("= ")) {
        EXPECT_EQ(wait_for(start(arguments, where, in, command)), std::stoi(rest)) << title;
        EXPECT_EQ(out(), out_wanted) << title;
        EXPECT_EQ(err(), err_wanted) << title;
        ++run;
      } else {
        EXPECT_TRUE(line.empty() || line[0] == '#') << file.path() << ":" << number << ": " << line;
      }
    }
  }
  EXPECT_GE(run, 60u);
}

TEST_F(RegoCommand, EmptyFolder) {
  const fs::path empty = folder_ / "empty";
  fs::create_directory(empty);
  EXPECT_EQ(wait_for(start({"eval", "-d", "empty", "data"}, folder_)), 0);
  EXPECT_NE(out().find("\"value\": {}"), std::string::npos) << out();
  EXPECT_EQ(wait_for(start({"check", "empty"}, folder_)), 1);
  EXPECT_EQ(err(), "1 error occurred during loading: empty: holds no policy: no file named *.rego\n");
  EXPECT_EQ(wait_for(start({"test", "empty"}, folder_)), 0);
  EXPECT_EQ(err(), "no tests were run\n");
  EXPECT_EQ(wait_for(start({"test", "--fail-on-empty", "empty"}, folder_)), 1);
}

TEST_F(RegoCommand, FolderOfThousands) {
  constexpr int kFiles = 3000;
  const fs::path many = folder_ / "many";
  fs::create_directory(many);
  for (int i = 0; i < kFiles; ++i) {
    const std::string n = std::to_string(i);
    std::ofstream(many / ("f" + n + ".json")) << "{\"v" << n << "\": " << n << "}";
  }
  fs::create_directory_symlink(many, many / "again");
  EXPECT_EQ(wait_for(start({"eval", "-d", "many", "--format", "raw", "count(data)"}, folder_)), 0);
  EXPECT_EQ(out(), std::to_string(kFiles) + "\n") << err();
}

TEST_F(RegoCommand, UnreadableInputIsNamed) {
  std::ofstream(folder_ / "deep.json") << std::string(100000, '[');
  EXPECT_EQ(wait_for(start({"eval", "-i", "deep.json", "--format", "pretty", "input"}, folder_)), 2);
  EXPECT_TRUE(err().starts_with("1 error occurred: deep.json:1:")) << err();
  EXPECT_EQ(wait_for(start({"eval", "-i", ".", "--format", "pretty", "input"}, folder_)), 2);
  EXPECT_TRUE(err().starts_with("1 error occurred: .: ")) << err();
}

TEST_F(RegoCommand, Interrupt) {
  // Opening the pipe waits until the command has it open too, and then waits for what never comes.
  const fs::path pipe = folder_ / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const pid_t child = start({"eval", "-i", pipe.string(), "data.loop.pairs"}, kFolder);
  const int writing = open(pipe.c_str(), O_WRONLY);
  ASSERT_GE(writing, 0);
  kill(child, SIGINT);
  EXPECT_EQ(wait_for(child), 128 + SIGINT);
  close(writing);
}

TEST_F(RegoCommand, Bench) {
  const Strings query = {"bench", "--time", "20ms", "-d", "library", "-i", "inputs/pod.json", "data.labels.deny"};
  EXPECT_EQ(wait_for(start(query, kFolder)), 0) << err();
  for (const char* part : {"| ns/op ", "| p50 ns/op ", "| p95 ns/op ", "| p99 ns/op ", "| memory B "}) {
    EXPECT_NE(out().find(part), std::string::npos) << part << out();
  }
  Strings as_json = query;
  as_json.insert(as_json.end(), {"--format", "json", "--count", "2"});
  EXPECT_EQ(wait_for(start(as_json, kFolder)), 0) << err();
  const std::string text = out();
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find("\"histogram_timer_rego_query_eval_ns_99%\": ", at)) != text.npos; ++at)
    ++found;
  EXPECT_EQ(found, 2u) << text;
}

}  // namespace
}  // namespace kubegate
