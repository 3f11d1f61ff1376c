// `kubegate render` and `validate --render` through the command, with stand-ins for the renderers.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/folder.h"
#include "tests/support/git.h"
#include "tests/support/process.h"
#include "tests/support/renderer.h"

namespace kubegate {
namespace {

using Strings = std::vector<std::string>;

std::string config_map(const std::string& name, const char* more = "") {
  return "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: " + name + "\n" + more;
}

class RenderCommand : public testing::Test {
 protected:
  RenderCommand() {
    add_renderer(tools_);
    write("base/kustomization.yaml", "resources:\n- a.yaml\n");
    write("base/a.yaml", config_map("a"));
    for (const char* name : {"one", "two"}) {
      write(std::string("overlays/") + name + "/kustomization.yaml", "resources:\n- ../../base\n- own.yaml\n");
      write(std::string("overlays/") + name + "/own.yaml", config_map(name));
    }
  }
  void write(const std::string& name, std::string_view content) const { git_.write(name, content); }

  // The exit code, standard output and standard error of a call.
  std::string run(Strings arguments, bool cache = false) const {
    arguments.insert(arguments.end(), {"--kustomize", tools_.path("kustomize")});
    if (cache) {
      arguments.insert(arguments.end(), {"--cache", tools_.path("cache")});
    } else {
      arguments.push_back("--no-cache");
    }
    const Streams streams{"/dev/null", tools_.path("out"), tools_.path("err")};
    const int code = wait_for(start_process(KUBEGATE_BINARY, arguments, git_.path(), streams));
    return std::to_string(code) + "|" + read_text(tools_.path("out")) + "|" + read_text(tools_.path("err"));
  }
  void expect(const Strings& arguments, const Strings& parts, bool cache = false) const {
    const std::string told = run(arguments, cache);
    EXPECT_TRUE(told.starts_with(parts.front() + "|")) << told;
    for (std::size_t i = 1; i < parts.size(); ++i) {
      EXPECT_NE(told.find(parts[i]), told.npos) << parts[i] << "\n" << told;
    }
  }
  std::size_t calls() const {
    const std::string text = read_text(tools_.path("calls"));
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  }

  GitFolder git_;
  Folder tools_;
};

TEST_F(RenderCommand, PrintsWhatOverlaysComeTo) {
  EXPECT_EQ(run({"render", "overlays/one"}), "0|---\n" + config_map("a") + "---\n" + config_map("one") + "|");
  EXPECT_EQ(run({"render", "overlays"}), "0|---\n" + config_map("a") + "---\n" + config_map("one") + "---\n" +
                                             config_map("a") + "---\n" + config_map("two") + "|");
  EXPECT_EQ(run({"render", "overlays", "-n", "1"}), run({"render", "overlays", "-n", "8"}));
  EXPECT_EQ(run({"render", "--output-dir", tools_.path("made")}), "0||");
  EXPECT_EQ(read_text(tools_.path("made/overlays/two.yaml")), "---\n" + config_map("a") + "---\n" + config_map("two"));
  EXPECT_FALSE(std::filesystem::exists(tools_.path("made/base.yaml"))) << "a base of others";
  expect({"render", "nowhere"}, {"2", "nowhere: no such file or folder"});
  expect({"render", "overlays", "--kustomize", tools_.path("none")}, {"2"});
}

TEST_F(RenderCommand, JudgesWhatComesOut) {
  expect({"validate", "--render", "overlays"}, {"0", "2 files, 4 objects"});
  write("overlays/two/own.yaml", config_map("two", "dta: {}\n"));
  expect({"validate", "--render"}, {"1", "overlays/two:", "[schema/unknown-field]", "2 files, 4 objects"});
}

TEST_F(RenderCommand, WhatFailsIsAFindingAndTheOthersGoOn) {
  write("overlays/one/fail", "");
  write("overlays/two/own.yaml", config_map("two", "dta: {}\n"));
  expect({"validate", "--render"}, {"1", "overlays/one", "no luck", "[render/failed]", "[schema/unknown-field]"});
  expect({"render"}, {"1", "name: two", "overlays/one:1:1: kustomize build failed: cannot render: no luck"});
  write("overlays/one/kustomization.yaml", "resources:\n- https://example.com/x.yaml\n");
  expect({"validate", "--render"}, {"1", "overlays/one/kustomization.yaml:2:3: error: ", "[render/failed]"});
}

TEST_F(RenderCommand, ACommitAndTheIndexAreLaidOut) {
  const std::string first = git_.commit_all();
  write("base/a.yaml", config_map("changed"));
  write("overlays/two/own.yaml", config_map("two", "dta: {}\n"));
  expect({"render", "overlays/one", "--rev", first}, {"0", config_map("a")});
  expect({"validate", "--render"}, {"1", "[schema/unknown-field]"});
  expect({"validate", "--render", "--rev", first}, {"0", "2 files, 4 objects"});
  expect({"validate", "--render", "--staged"}, {"0"});
  git_.stage();
  expect({"validate", "--render", "--staged"}, {"1", "[schema/unknown-field]", "2 files"});
}

TEST_F(RenderCommand, AChangeIsJudgedByTheOverlaysItReaches) {
  git_.commit_all();
  write("overlays/two/own.yaml", config_map("other"));
  expect({"validate", "--render", "--changed-since", "HEAD"}, {"0", "1 file, 2 objects"});
  EXPECT_EQ(calls(), 1u);
  write("base/a.yaml", config_map("changed"));
  expect({"validate", "--render", "--changed-since", "HEAD"}, {"0", "2 files, 4 objects"});
}

TEST_F(RenderCommand, WhatDidNotChangeIsNotRenderedAgain) {
  const std::string cold = run({"validate", "--render"}, true);
  EXPECT_EQ(calls(), 2u);
  EXPECT_EQ(run({"validate", "--render"}, true), cold);
  EXPECT_EQ(calls(), 2u);
  write("overlays/two/own.yaml", config_map("two", "dta: {}\n"));
  expect({"validate", "--render"}, {"1", "[schema/unknown-field]"}, true);
  EXPECT_EQ(calls(), 3u);
  write("base/a.yaml", config_map("changed"));
  expect({"render", "overlays/one"}, {"0", "changed"}, true);
  EXPECT_EQ(calls(), 4u);
  run({"render", "overlays/one"});
  EXPECT_EQ(calls(), 5u);
}

// Its temporary folders and its renderer go with it.
TEST_F(RenderCommand, AnInterruptLeavesNothingBehind) {
  const std::string fifo = tools_.path("fifo"), temporary = tools_.path("tmp");
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  std::filesystem::create_directory(temporary);
  tools_.add("kustomize", "#!/bin/sh\necho ready >" + fifo + "\nexec sleep 1000\n");
  const char* before = std::getenv("TMPDIR");
  const std::string kept = before == nullptr ? "/tmp" : before;
  setenv("TMPDIR", temporary.c_str(), 1);
  const pid_t child =
      start_process(KUBEGATE_BINARY, {"render", "overlays/one", "--no-cache", "--kustomize", tools_.path("kustomize")},
                    git_.path(), Streams{"/dev/null", tools_.path("out"), tools_.path("err")});
  setenv("TMPDIR", kept.c_str(), 1);
  EXPECT_EQ(read_text(fifo), "ready\n");
  EXPECT_FALSE(std::filesystem::is_empty(temporary));
  kill(child, SIGINT);
  EXPECT_EQ(wait_for(child), 130);
  EXPECT_TRUE(std::filesystem::is_empty(temporary));
}

}  // namespace
}  // namespace kubegate
