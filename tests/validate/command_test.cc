// The command as a process: exit codes, what goes to which stream, flags, signals.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>
#include <string>
#include <vector>

#include "tests/support/folder.h"
#include "tests/support/process.h"

namespace kubegate {
namespace {

namespace fs = std::filesystem;
using Strings = std::vector<std::string>;

constexpr const char* kSound = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n";
constexpr const char* kBroken = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndta: {}\n";

// A folder with sound.yaml, broken.yaml and others, in which the command runs.
class Command : public testing::Test {
 protected:
  Command() {
    write("sound.yaml", kSound);
    write("broken.yaml", kBroken);
    write("empty.yaml", "");
  }

  void write(const std::string& name, std::string_view content) const {
    std::ofstream(folder_ / name, std::ios::binary) << content;
  }

  // Starts `kubegate arguments…` with standard input from, standard output to, these files of the folder.
  pid_t start(const Strings& arguments, const std::string& in = "/dev/null", const std::string& out = "out") const {
    return start_process(KUBEGATE_BINARY, arguments, folder_, {in, out});
  }

  std::string out() const { return read_text(folder_ / "out"); }
  std::string err() const { return read_text(folder_ / "err"); }

  Folder temporary_;
  fs::path folder_ = temporary_.path();
};

struct Case {
  Strings arguments;
  int exit_code;
  const char* out;  // part of it; "" is nothing at all
  const char* err;
  const char* in = "/dev/null";
};

TEST_F(Command, ExitCodesAndStreams) {
  const Case cases[] = {
      {{}, 0, "validate", ""},
      {{"--help"}, 0, "validate", ""},
      {{"--version"}, 0, "kubegate ", ""},
      {{"version"}, 0, "kubernetes                     1.29", ""},
      {{"validate", "-h"}, 0, "Examples:", ""},
      {{"validate", "sound.yaml"}, 0, "1 file, 1 object, 1.28 and 1.29: all valid\n", ""},
      {{"validate", "broken.yaml"}, 1, "broken.yaml:5:1: error: ", ""},
      {{"validate", "broken.yaml", "--output", "concise"}, 1, "[schema/unknown-field]\n1 file, ", ""},
      {{"validate", "-output=json", "broken.yaml"}, 1, "\"status\": \"statusInvalid\"", ""},
      {{"validate", "--output", "sarif", "broken.yaml"}, 1, "\"ruleId\":\"schema/unknown-field\"", ""},
      {{"validate", "--output", "junit", "sound.yaml"}, 0, "<testcase name=\"a\" classname=\"ConfigMap@v1\"", ""},
      {{"validate", "--output=github", "broken.yaml"}, 1, "::error file=broken.yaml,line=5,", ""},
      {{"validate", "--output", "markdown", "broken.yaml"}, 1, "### kubegate: refused", ""},
      {{"validate", "--output", "html", "sound.yaml"}, 0, "<!doctype html>", ""},
      {{"rules", "list"}, 0, " error    A field that its kind does not have.\n", ""},
      {{"rules", "show", "schema/unknown-field"}, 0, "## How to mend", ""},
      {{"rules", "show", "unknown-field"}, 0, "schema/unknown-field (error)\n\nA field", ""},
      {{"validate", "--strict=false", "broken.yaml"}, 0, "all valid", ""},
      {{"validate", "-strict=false", "broken.yaml"}, 0, "all valid", ""},
      {{"validate", "-strict", "broken.yaml"}, 1, "1 error", ""},
      {{"validate", "-skip", "Secret,ConfigMap", "broken.yaml"}, 0, "nothing checked; 1 object skipped", ""},
      {{"validate", "-reject", "v1/ConfigMap", "sound.yaml"},
       1,
       "prohibited resource kind ConfigMap [run/rejected]",
       ""},
      {{"validate", "--kubernetes-version", "v1.29.3,1.30", "--kubernetes-version", "master", "sound.yaml"},
       0,
       "1.29, 1.30 and 1.3",
       ""},
      {{"validate", "-n", "2", "sound.yaml"}, 0, "all valid", ""},
      {{"validate", "--verbose", "sound.yaml"}, 0, "sound.yaml:1:1: valid: ConfigMap a\n", ""},
      {{"validate"}, 0, "stdin, 1 object", "", "sound.yaml"},
      {{"validate", "-"}, 1, "stdin:5:1: error: ", "", "broken.yaml"},
      {{"validate"}, 1, "[run/no-objects]", ""},
      {{"validate", "empty.yaml"}, 1, "[run/no-objects]", ""},
      {{"validate", "--allow-empty", "empty.yaml"}, 0, "nothing checked", ""},

      {{"validate", "none.yaml", "broken.yaml"},
       2,
       "broken.yaml:5:1: error: ",
       "kubegate: none.yaml: No such file or directory\n"},
      {{"validate", "*.yml"}, 2, "1 file not read", "kubegate: *.yml: no file matches\n"},
      {{"validate", "no\x1bne"}, 2, "1 file not read", "kubegate: no\\x1bne: No such"},
      {{"validate", "--otput", "json"}, 2, "", "unknown flag --otput, did you mean --output?"},
      {{"validate", "--strct=false", "x"}, 2, "", "unknown flag --strct, did you mean --strict?"},
      {{"validate", "--output", "jsn", "x"}, 2, "", "did you mean json?"},
      {{"validate", "--output", "full", "--output", "json", "sound.yaml"},
       2,
       "",
       "only one output can go to standard output"},
      {{"validate", "--output", "sarif=none/a.sarif", "sound.yaml"},
       2,
       "",
       "kubegate: --output sarif=none/a.sarif: No such file or directory"},
      {{"rules", "show", "schema/unknwn-field"}, 2, "", "did you mean schema/unknown-field?"},
      {{"rules", "show", "requird"}, 2, "", "did you mean schema/required?"},
      {{"rules", "show", "policy/K8sAllowedRepos/all"}, 2, "", "its ConstraintTemplate describes it"},
      {{"rules"}, 2, "", "name one of its commands: list show"},
      {{"validate", "--kubernetes-version", "1.99", "x"}, 2, "", "kubegate: --kubernetes-version 1.99: "},
      {{"validate", "--staged"}, 2, "", ": there is no git repository here\n"},
      {{"validate", "--git-dir", "none", "--rev", "HEAD"}, 2, "", "--git-dir none: there is no git repository here"},
      {{"validate", "--staged", "-"}, 2, "", "-: standard input is no file of a repository"},
      {{"validate", "--staged", "--rev", "HEAD"}, 2, "", "--staged and --rev each say what is judged"},
      {{"validate", "--crd", "sound.yaml", "x"},
       2,
       "",
       "kubegate: --crd sound.yaml: there is no CustomResourceDefinition"},
      {{"validate", "--crd-bundle", "karpentr@v1.0.11", "x"}, 2, "", "kubegate: "},
      {{"validate", "--ignore-filename-pattern", "(", "x"}, 2, "", "kubegate: --ignore-filename-pattern ("},
      {{"validate", "-n", "0"}, 2, "", "kubegate: "},
      {{"validate", "--strict=perhaps"}, 2, "", "kubegate: "},
      {{"valdate"}, 2, "", "unknown command valdate, did you mean validate?"},
  };
  for (const Case& c : cases) {
    std::string line;
    for (const std::string& argument : c.arguments) line += " " + argument;
    EXPECT_EQ(wait_for(start(c.arguments, c.in)), c.exit_code) << line;
    const auto expect_part = [&](const std::string& text, const std::string& part) {
      if (part.empty()) {
        EXPECT_EQ(text, "") << line;
      } else {
        EXPECT_NE(text.find(part), std::string::npos) << line << ": " << text;
      }
    };
    expect_part(out(), c.out);
    expect_part(err(), c.err);
  }
}

// Paths are told from the top of the repository, wherever in it the command runs.
TEST_F(Command, SeveralOutputsAtOnce) {
  fs::create_directory(folder_ / ".git");
  fs::create_directory(folder_ / "deploy");
  write("deploy/broken.yaml", kBroken);
  const fs::path top = folder_;
  folder_ /= "deploy";
  EXPECT_EQ(wait_for(start({"validate", "--output", "concise", "--output", "sarif=../out.sarif", "--output=github=log",
                            "broken.yaml"})),
            1);
  EXPECT_EQ(out().find("broken.yaml:5:1: error: "), 0u);
  EXPECT_NE(read_text(top / "out.sarif").find("\"uri\":\"deploy/broken.yaml\""), std::string::npos);
  EXPECT_NE(read_text(folder_ / "log").find("::error file=deploy/broken.yaml,line=5,"), std::string::npos);
  folder_ = top;
}

// A setting that cannot be used: the report of an earlier run stays.
TEST_F(Command, AFileIsWrittenWholeOrNotAtAll) {
  write("out.sarif", "earlier");
  EXPECT_EQ(wait_for(start({"validate", "--output", "sarif=out.sarif", "--crd", "sound.yaml", "broken.yaml"})), 2);
  EXPECT_EQ(read_text(folder_ / "out.sarif"), "earlier");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 6);
  // What cannot be read is in the report, which is there.
  EXPECT_EQ(wait_for(start({"validate", "--output", "sarif=out.sarif", "none.yaml"})), 2);
  EXPECT_NE(read_text(folder_ / "out.sarif").find("\"executionSuccessful\":false"), std::string::npos);
}

TEST_F(Command, AFullDiskIsAnError) {
  EXPECT_EQ(wait_for(start({"validate", "sound.yaml"}, "/dev/null", "/dev/full")), 2);
  EXPECT_EQ(err(), "kubegate: standard output: No space left on device\n");
}

// The reader of the report goes away (`| head -1`): no word about it, and the verdict is the exit code.
TEST_F(Command, AReaderThatGoesAway) {
  const std::string input = (folder_ / "input").string(), output = (folder_ / "output").string();
  ASSERT_EQ(mkfifo(input.c_str(), 0600), 0);
  ASSERT_EQ(mkfifo(output.c_str(), 0600), 0);
  const pid_t child = start({"validate", "-"}, input, output);
  // Each open returns when the child has opened the other end; it reports nothing before its input ends.
  const int writer = open(input.c_str(), O_WRONLY | O_CLOEXEC);
  close(open(output.c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_GT(::write(writer, kBroken, std::string_view(kBroken).size()), 0);
  close(writer);
  EXPECT_EQ(wait_for(child), 1);
  EXPECT_EQ(err(), "");
}

TEST_F(Command, SignalsEndItAtOnceAndNothingIsReported) {
  for (const int number : {SIGINT, SIGTERM}) {
    const std::string input = (folder_ / ("input" + std::to_string(number))).string();
    ASSERT_EQ(mkfifo(input.c_str(), 0600), 0);
    const pid_t child = start({"validate", "--output", "json", "--output", "sarif=report", input});
    // Returns when the command has opened its input, which it does with its handlers in place.
    const int writer = open(input.c_str(), O_WRONLY | O_CLOEXEC);
    kill(child, number);
    EXPECT_EQ(wait_for(child), 128 + number);
    close(writer);
    EXPECT_EQ(out(), "");
    EXPECT_EQ(err(), "kubegate: interrupted: 0 of 1 files were checked, 0 errors so far\n");
    for (const auto& entry : fs::directory_iterator(folder_)) {
      EXPECT_EQ(entry.path().filename().string().find("report"), std::string::npos) << entry.path();
    }
  }
}

}  // namespace
}  // namespace kubegate
