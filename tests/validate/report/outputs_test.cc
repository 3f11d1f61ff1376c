// Several outputs at once, and files that are written whole or not at all.
#include "validate/report/outputs.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/support/folder.h"
#include "tests/validate/report/sample.h"

namespace kubegate::report {
namespace {

namespace fs = std::filesystem;
using namespace testing;

TEST(Destination, Parsed) {
  struct Case {
    const char* text;
    Format format;
    const char* file;
  };
  const Case cases[] = {{"full", Format::kFull, ""},
                        {"sarif=out.sarif", Format::kSarif, "out.sarif"},
                        {"json=-", Format::kJson, ""},
                        {"html=a=b.html", Format::kHtml, "a=b.html"},
                        {"github", Format::kGithub, ""}};
  for (const Case& c : cases) {
    const auto destination = parse_destination(c.text);
    ASSERT_TRUE(destination.ok()) << c.text;
    EXPECT_EQ(destination->format, c.format) << c.text;
    EXPECT_EQ(destination->file, c.file) << c.text;
  }
  EXPECT_EQ(parse_destination("sarf=x").error().message,
            "there is no sarf, only full, concise, json, junit, sarif, github, markdown, html, part; did you mean sarif?");
  EXPECT_FALSE(parse_destination("sarif=").ok());
  EXPECT_FALSE(parse_destination("").ok());
}

TEST(Destination, NamesAreInTheOrderOfFormats) {
  for (std::size_t i = 0; i < format_names().size(); ++i) {
    EXPECT_EQ(format_named(format_names()[i]), static_cast<Format>(i));
    Sink sink;
    EXPECT_NE(make_output(static_cast<Format>(i), {}, sink), nullptr) << format_names()[i];
  }
}

class Files : public ::testing::Test {
 protected:
  Files() {
    options_.targets = {"1.28", "1.29"};
    null_ = ::open("/dev/null", O_WRONLY);
  }
  ~Files() override { ::close(null_); }

  std::string in(const std::string& name) const { return (folder_ / name).string(); }
  std::size_t entries() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }
  Result<std::unique_ptr<Outputs>> open(const std::vector<Destination>& destinations) const {
    return Outputs::open(destinations, options_, null_);
  }

  Folder temporary_;
  fs::path folder_ = temporary_.path();
  OutputOptions options_;
  int null_ = -1;
};

TEST_F(Files, HoldWhatEachFormWrites) {
  const int out = ::open(in("standard").c_str(), O_WRONLY | O_CREAT, 0600);
  const auto outputs = Outputs::open(
      {{Format::kConcise, ""}, {Format::kSarif, in("a.sarif")}, {Format::kJson, in("a.json")}}, options_, out);
  ASSERT_TRUE(outputs.ok());
  for (const Resource& told : sample_resources()) (*outputs)->write(told);
  (*outputs)->finish(sample_summary());
  EXPECT_FALSE(fs::exists(in("a.sarif")));
  ASSERT_TRUE((*outputs)->commit().ok());
  ::close(out);
  const auto alone = [&](Format format) { return written(format, options_, sample_resources(), sample_summary()); };
  EXPECT_EQ(read_text(in("standard")), alone(Format::kConcise));
  EXPECT_EQ(read_text(in("a.sarif")), alone(Format::kSarif));
  EXPECT_EQ(read_text(in("a.json")), alone(Format::kJson));
  EXPECT_EQ(entries(), 3u);
}

TEST_F(Files, AreAsBeforeWhenTheRunFails) {
  std::ofstream(in("old.json")) << "old";
  {
    const auto outputs = open({{Format::kJson, in("old.json")}, {Format::kJson, in("new.json")}});
    ASSERT_TRUE(outputs.ok());
    (*outputs)->write(sample_resources()[1]);
    EXPECT_EQ(read_text(in("old.json")), "old");
  }
  EXPECT_EQ(read_text(in("old.json")), "old");
  EXPECT_EQ(entries(), 1u);
}

TEST_F(Files, KeepTheirModeAndTheirLinks) {
  std::ofstream(in("real.json")) << "old";
  chmod(in("real.json").c_str(), 0640);
  fs::create_symlink("real.json", in("link.json"));
  const auto outputs = open({{Format::kJson, in("link.json")}});
  ASSERT_TRUE(outputs.ok());
  (*outputs)->finish({});
  ASSERT_TRUE((*outputs)->commit().ok());
  EXPECT_TRUE(fs::is_symlink(in("link.json")));
  EXPECT_NE(read_text(in("real.json")), "old");
  struct stat status = {};
  ASSERT_EQ(stat(in("real.json").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0640u);
}

TEST_F(Files, NewOnesAreAsTheUmaskSays) {
  const mode_t mask = umask(027);
  const auto outputs = open({{Format::kJson, in("new.json")}});
  umask(mask);
  ASSERT_TRUE(outputs.ok());
  ASSERT_TRUE((*outputs)->commit().ok());
  struct stat status = {};
  ASSERT_EQ(stat(in("new.json").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0640u);
}

TEST_F(Files, WhatIsNoFileIsWrittenToDirectly) {
  ASSERT_EQ(mkfifo(in("pipe").c_str(), 0600), 0);
  const int reader = ::open(in("pipe").c_str(), O_RDONLY | O_NONBLOCK);
  const auto outputs = open({{Format::kConcise, in("pipe")}});
  ASSERT_TRUE(outputs.ok());
  Summary summary;
  summary.targets = {"1.29"};
  (*outputs)->finish(summary);
  ASSERT_TRUE((*outputs)->commit().ok());
  char text[256];
  const ssize_t n = ::read(reader, text, sizeof text);
  ::close(reader);
  ASSERT_GT(n, 0);
  EXPECT_EQ(std::string_view(text, static_cast<std::size_t>(n)), summary_line(summary) + "\n");
  EXPECT_TRUE(fs::is_fifo(in("pipe")));
  EXPECT_EQ(entries(), 1u);
}

TEST_F(Files, ErrorsBeforeTheRun) {
  fs::create_directory(in("folder"));
  std::ofstream(in("real.json")) << "old";
  fs::create_symlink("real.json", in("link.json"));
  struct Case {
    std::vector<Destination> destinations;
    const char* part;
  };
  const Case cases[] = {
      {{{Format::kFull, ""}, {Format::kJson, ""}}, "--output json: only one output can go to standard output"},
      {{{Format::kSarif, in("none/a.sarif")}}, "No such file or directory"},
      {{{Format::kSarif, in("real.json/a.sarif")}}, "Not a directory"},
      {{{Format::kSarif, in("folder")}}, "is a folder"},
      {{{Format::kSarif, in("a")}, {Format::kJson, in("folder/../a")}}, "another output goes to this file"},
      {{{Format::kSarif, in("real.json")}, {Format::kJson, in("link.json")}}, "another output goes to this file"},
  };
  for (const Case& c : cases) {
    const auto outputs = open(c.destinations);
    ASSERT_FALSE(outputs.ok()) << c.part;
    EXPECT_NE(outputs.error().text().find(c.part), std::string::npos) << outputs.error().text();
  }
  EXPECT_EQ(entries(), 3u);
}

TEST_F(Files, OneThatCannotBeWrittenDoesNotHinderTheOthers) {
  if (::access("/dev/full", W_OK) != 0) GTEST_SKIP() << "no /dev/full here";
  const auto outputs = open({{Format::kJson, "/dev/full"}, {Format::kJson, in("a.json")}});
  ASSERT_TRUE(outputs.ok());
  (*outputs)->finish({});
  const auto done = (*outputs)->commit();
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().text(), "/dev/full: No space left on device");
  EXPECT_TRUE(fs::exists(in("a.json")));
}

}  // namespace
}  // namespace kubegate::report
