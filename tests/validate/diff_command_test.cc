// `kubegate diff` through the command.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/folder.h"
#include "tests/support/git.h"
#include "tests/support/process.h"
#include "tests/support/renderer.h"

namespace kubegate {
namespace {

std::string config_map(const std::string& name, const std::string& value) {
  return "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: " + name + "\ndata:\n  v: \"" + value + "\"\n";
}

class DiffCommand : public testing::Test {
 protected:
  DiffCommand() {
    add_renderer(tools_);
    git_.write("base/kustomization.yaml", "resources:\n- a.yaml\n");
    git_.write("base/a.yaml", config_map("a", "1"));
    for (const char* name : {"one", "two"}) {
      git_.write(std::string("overlays/") + name + "/kustomization.yaml", "resources:\n- ../../base\n- own.yaml\n");
      git_.write(std::string("overlays/") + name + "/own.yaml", config_map(name, "1"));
    }
    git_.point("refs/heads/first", git_.commit_all());
  }

  std::string run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "diff");
    arguments.insert(arguments.end(), {"--kustomize", tools_.path("kustomize"), "--no-cache"});
    const Streams streams{"/dev/null", tools_.path("out"), tools_.path("err")};
    const int code = wait_for(start_process(KUBEGATE_BINARY, arguments, git_.path(), streams));
    return read_text(tools_.path("out")) + read_text(tools_.path("err")) + "code " + std::to_string(code) + "\n";
  }

  GitFolder git_;
  Folder tools_;
};

TEST_F(DiffCommand, OfFiles) {
  git_.write("base/a.yaml", config_map("a", "2"));
  const std::string expected =
      "base/a.yaml\n  ~ v1 ConfigMap a\n      ~ data.v: \"1\" → \"2\"\n\n"
      "1 object in 1 place: 0 added, 1 changed, 0 deleted\n";
  EXPECT_EQ(run({"first"}), expected + "code 0\n");
  EXPECT_EQ(run({"first", "base", "--exit-code"}), expected + "code 1\n");
  EXPECT_EQ(run({"first", "overlays", "--exit-code"}), "no object differs\ncode 0\n");
  EXPECT_EQ(run({"first", "--staged"}), "no object differs\ncode 0\n");
  git_.stage();
  EXPECT_EQ(run({"first", "--staged"}), expected + "code 0\n");
}

TEST_F(DiffCommand, OfWhatOverlaysRenderTo) {
  git_.write("base/a.yaml", config_map("a", "2"));
  git_.write("overlays/three/kustomization.yaml", "resources:\n- own.yaml\n");
  git_.write("overlays/three/own.yaml", config_map("three", "1"));
  const std::string one = "overlays/one\n  ~ v1 ConfigMap a\n      ~ data.v: \"1\" → \"2\"\n\n";
  const std::string two = "overlays/two\n  ~ v1 ConfigMap a\n      ~ data.v: \"1\" → \"2\"\n\n";
  const std::string three = "overlays/three (added)\n  + v1 ConfigMap three\n\n";
  EXPECT_EQ(run({"first", "overlays", "--render"}),
            one + three + two + "3 objects in 3 places: 1 added, 2 changed, 0 deleted\ncode 0\n");
  EXPECT_EQ(run({"first", "overlays/three", "--render"}),
            three + "1 object in 1 place: 1 added, 0 changed, 0 deleted\ncode 0\n");
}

// A comment on a pull request holds the verdict, and below it what changes.
TEST_F(DiffCommand, BesideTheVerdict) {
  git_.write("base/a.yaml", config_map("a", "2"));
  const Streams streams{"/dev/null", tools_.path("out"), tools_.path("err")};
  const int code = wait_for(start_process(KUBEGATE_BINARY,
                                          {"ci", "overlays", "--base", "first", "--output", "markdown", "--no-cache",
                                           "--kustomize", tools_.path("kustomize")},
                                          git_.path(), streams));
  EXPECT_EQ(code, 0) << read_text(tools_.path("err"));
  const std::string told = read_text(tools_.path("out"));
  EXPECT_TRUE(told.starts_with("<!-- kubegate report -->\n### kubegate: passed\n")) << told;
  EXPECT_NE(told.find("**What this changes:** 2 objects in 2 places: 0 added, 2 changed, 0 deleted."), told.npos) << told;
}

// Told by Application and cluster; of the Applications that reach the change, none is left out.
TEST_F(DiffCommand, OfWhatApplicationsDeploy) {
  for (const char* name : {"one", "two"}) {
    git_.write(std::string("argocd/") + name + ".yaml",
               std::string("apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: app-") + name +
                   ", namespace: argocd}\nspec:\n  project: team\n  source: {repoURL: https://example.com/r.git, path: "
                   "overlays/" +
                   name + ", targetRevision: main}\n  destination: {name: prod, namespace: web}\n");
  }
  git_.point("refs/heads/first", git_.commit_all());
  git_.write("overlays/one/own.yaml", config_map("one", "2"));
  EXPECT_EQ(run({"first", "--apps", "--repository", "https://example.com/r.git"}),
            "overlays/one (app-one, cluster prod)\n  ~ v1 ConfigMap one\n      ~ data.v: \"1\" → \"2\"\n\n"
            "1 object in 1 place: 0 added, 1 changed, 0 deleted\ncode 0\n");
}

TEST_F(DiffCommand, WhatCannotBeRenderedIsNoDifference) {
  git_.write("overlays/two/fail", "");
  EXPECT_EQ(run({"first", "overlays/two", "--render"}),
            "overlays/two\n  ! cannot be compared: now: kustomize build failed: cannot render: no luck\n\n"
            "no object differs; 1 place could not be compared\ncode 2\n");
}

TEST_F(DiffCommand, WhatCannotBeUsed) {
  EXPECT_EQ(run({"first", "nowhere"}), "kubegate: nowhere: no such file or folder, then or now\ncode 2\n");
  EXPECT_EQ(run({"nowhere"}).find("kubegate: nowhere: there is no such commit"), 0u);
  EXPECT_EQ(run({"first", "--output", "xml"}),
            "kubegate: --output xml: there is no such form, only text, json, markdown\ncode 2\n");
}

}  // namespace
}  // namespace kubegate
