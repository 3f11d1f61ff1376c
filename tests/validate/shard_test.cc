// Shards as processes: what `report merge` makes of their parts against what one machine says, byte for byte.
#include <gtest/gtest.h>

#include <algorithm>

#include <cstdlib>
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

constexpr const char* kForms[] = {"full", "concise", "json", "junit", "sarif", "github", "markdown", "html"};

// How long it took is nobody's twice.
std::string without_times(const std::string& text) {
  return std::regex_replace(text, std::regex(" time=\"[^\"]*\""), "");
}

class Shards : public testing::Test {
 protected:
  int run(const Strings& arguments, const std::string& where) const {
    return wait_for(start_process(KUBEGATE_BINARY, arguments, where, {"/dev/null", path("out"), path("err")}));
  }
  int run(const Strings& arguments) const { return run(arguments, folder_); }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string out() const { return read_text(folder_ / "out"); }
  std::string err() const { return read_text(folder_ / "err"); }

  // Every form into a file of its own; `prefix` says whose.
  Strings outputs(const std::string& prefix) const {
    Strings flags;
    for (const char* form : kForms) {
      flags.push_back("--output");
      flags.push_back(std::string(form) + "=" + path(prefix + form));
    }
    return flags;
  }

  // Judges `paths` from the folder `where` on one machine and on 1, 2, 3 and 7.
  void expect_same(const Strings& paths, const Strings& flags, const std::string& where, int code) const {
    Strings whole = {"validate", "--verbose"};
    whole.insert(whole.end(), flags.begin(), flags.end());
    whole.insert(whole.end(), paths.begin(), paths.end());
    Strings all = whole;
    const Strings to = outputs("whole.");
    all.insert(all.end(), to.begin(), to.end());
    ASSERT_EQ(run(all, where), code) << err();
    const std::string told = err();
    for (const int count : {1, 2, 3, 7}) {
      Strings merge = {"report", "merge", "--verbose"};
      for (int i = count; i > 0; --i) {
        const std::string part = path("part-" + std::to_string(i) + ".json");
        Strings shard = whole;
        shard.push_back("--shard=" + std::to_string(i) + "/" + std::to_string(count));
        shard.push_back("--output=part=" + part);
        ASSERT_LE(run(shard, where), code) << err();
        merge.push_back(part);
      }
      const Strings merged = outputs("merged.");
      merge.insert(merge.end(), merged.begin(), merged.end());
      EXPECT_EQ(run(merge), code) << err();  // from another folder
      EXPECT_EQ(err(), told);
      for (const char* form : kForms) {
        const std::string expected = without_times(read_text(path("whole." + std::string(form))));
        EXPECT_FALSE(expected.empty());
        EXPECT_TRUE(without_times(read_text(path("merged." + std::string(form)))) == expected)
            << form << " of " << count << ": diff " << path("whole.") << form << ' ' << path("merged.") << form;
      }
    }
  }

  Folder temporary_;
  fs::path folder_ = temporary_.path();
};

// The paths in a folder, as a shell would name them behind `folder/*`.
Strings entries(const fs::path& base, const std::string& folder) {
  Strings paths;
  for (const auto& entry : fs::directory_iterator(base / folder)) {
    paths.push_back(folder + "/" + entry.path().filename().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

TEST_F(Shards, SayWhatOneMachineSaysOfTestdata) {
  const fs::path testdata = fs::path(KUBEGATE_SOURCE_DIR) / "testdata";
  expect_same({"broken/*", "overlays/*"}, {}, testdata, 1);
  expect_same({"overlays/*"}, {}, testdata, 0);
  expect_same({"overlays/*", "broken"}, {"--rules", "team,baseline", "--skip", "Secret"}, testdata, 1);
}

// Overlays with faults, and with what one of them has for all: definitions, inventory, files that cannot be read.
TEST_F(Shards, SayWhatOneMachineSaysOfAFarm) {
  for (int i = 0; i < 40; ++i) {
    const std::string overlay = "farm/overlay-" + std::to_string(i) + "/";
    std::string text;
    for (int k = 0; k < 5; ++k) {
      text += "---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web-" + std::to_string(k) + "\nspec:\n";
      if ((i + k) % 3 == 0) text += "  replica: \xff\n";
      text +=
          "  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n"
          "    spec:\n      containers:\n      - name: web\n        image: web:1\n";
    }
    temporary_.add(overlay + "web.yaml", text);
    temporary_.add(overlay + "kustomization.yaml", "resources: [web.yaml]\n");
    temporary_.add(
        overlay + "thing.yaml",
        "apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: t}\nspec: {size: " + std::to_string(i) + "}\n");
    if (i % 7 == 0) fs::create_symlink("nowhere", folder_ / overlay / "gone.yaml");
  }
  temporary_.add("farm/overlay-12/crd.yaml", R"(apiVersion: apiextensions.k8s.io/v1
kind: "Custom\u0052esourceDefinition"
metadata: {name: things.example.com}
spec:
  group: example.com
  names: {kind: Thing, plural: things, singular: thing, listKind: ThingList}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec: {type: object, properties: {size: {type: integer, maximum: 30}}}
)");
  // Its own set, walked by another first.
  Strings paths = {"farm/overlay-7/web.yaml", "farm/overlay-*", "farm/overlay-3/", "./farm/overlay-12"};
  expect_same(paths, {}, folder_, 2);
  expect_same(entries(folder_, "farm"), {"--allow-empty", "--ignore-filename-pattern", "gone"}, folder_, 2);
}

TEST_F(Shards, TellOfAnEmptyRunOnce) {
  for (const char* name : {"a", "b", "c"}) fs::create_directory(folder_ / name);
  expect_same({"a", "b", "c"}, {}, folder_, 1);
  expect_same({"a", "b", "c"}, {"--allow-empty"}, folder_, 0);
  temporary_.add("b/b.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n");
  expect_same({"a", "b", "c"}, {}, folder_, 0);
}

TEST_F(Shards, OfDifferentRunsAreToldApart) {
  for (const char* name : {"a", "b", "c"}) {
    temporary_.add(name + std::string("/x.yaml"), "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n");
  }
  const auto shard = [&](const std::string& which, const std::string& file, const Strings& more = {}) {
    Strings arguments = {"validate", "--shard", which, "--output", "part=" + path(file), "a", "b", "c"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    EXPECT_EQ(run(arguments), 0) << err();
  };
  const auto refused = [&](const Strings& parts, const std::string& why) {
    Strings arguments = {"report", "merge"};
    arguments.insert(arguments.end(), parts.begin(), parts.end());
    EXPECT_EQ(run(arguments), 2);
    EXPECT_NE(err().find(why), std::string::npos) << err();
    EXPECT_EQ(out(), "");
  };
  shard("1/2", "one");
  shard("2/2", "two");
  shard("2/2", "skips", {"--skip", "Secret"});
  shard("2/2", "later", {"--kubernetes-version", "1.30"});
  shard("2/2", "loose", {"--strict=false"});
  temporary_.add("c/x.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n");
  shard("2/2", "changed");
  EXPECT_EQ(run({"report", "merge", "one", "two"}), 0) << err();
  EXPECT_EQ(out(), "3 files, 3 objects, 1.28 and 1.29: all valid\n");
  refused({"one"}, "part 2 of 2 is missing");
  refused({"two", "one", "two"}, "this is part 2, and so is two");
  refused({"one", "skips"}, "skips: this is of another run than one: --skip differs");
  refused({"one", "loose"}, "loose: this is of another run than one: --strict differs");
  refused({"one", "later"}, "later: this is of another run than one: it is for other Kubernetes versions");
  refused({"one", "changed"}, "changed: this is of another run than one: the files differ");
  refused({"one", "a/x.yaml"}, "a/x.yaml: line 1: this is no part of a report");
  refused({"one", "none"}, "none: No such file");
}

TEST_F(Shards, NeedFilesThatAllMachinesHave) {
  temporary_.add("a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n");
  EXPECT_EQ(run({"validate", "--shard", "1/2", "-"}), 2);
  EXPECT_NE(err().find("standard input cannot be shared out"), std::string::npos) << err();
  EXPECT_EQ(run({"validate", "--shard", "1/2", "/dev/null"}), 2);
  EXPECT_NE(err().find("every machine"), std::string::npos) << err();
  EXPECT_EQ(run({"validate", "--shard", "3/2", "a.yaml"}), 2);
  EXPECT_NE(err().find("shards count from 1 to 2"), std::string::npos) << err();
  setenv("JOB_COMPLETION_INDEX", "0", 1);
  EXPECT_EQ(run({"validate", "--shard", "job/1", "a.yaml"}), 0) << err();
  unsetenv("JOB_COMPLETION_INDEX");
  EXPECT_EQ(run({"validate", "--shard", "job/1", "a.yaml"}), 2);
  EXPECT_NE(err().find("JOB_COMPLETION_INDEX"), std::string::npos) << err();
}

TEST_F(Shards, TheManifestOfTheJobIsOne) {
  const fs::path manifest = fs::path(KUBEGATE_SOURCE_DIR) / "ci/kubernetes/indexed-job.yaml";
  EXPECT_EQ(run({"validate", manifest.string()}), 0) << out();
  EXPECT_EQ(run({"version", "--short"}), 0);
  EXPECT_NE(read_text(manifest).find("image: kubegate:" + out()), std::string::npos)
      << "another version than " << out();
}

}  // namespace
}  // namespace kubegate
