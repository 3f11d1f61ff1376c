// Runs of a repository: the index, commits and changes, and that each says what a run of the same files says.
#include "validate/run/revision.h"

#include <gtest/gtest.h>

#include "tests/support/git.h"
#include "tests/validate/run/support.h"

namespace kubegate::run {
namespace {

using Strings = std::vector<std::string>;

struct Report {
  Strings lines;  // "path: severity rule place …"
  std::string summary;
};

Report report_of(Options options) {
  Recorder recorder;
  const auto outcome = validate(options, recorder);
  if (!outcome.ok()) return {{outcome.error().text()}, ""};
  Report report;
  for (std::size_t i = 0; i < recorder.resources.size(); ++i) {
    for (const auto& finding : recorder.resources[i].findings) {
      report.lines.push_back(recorder.paths[i] + ": " + line_of(finding, recorder.summary.targets));
    }
  }
  report.summary = report::summary_line(recorder.summary);
  return report;
}

Report judged(const GitFolder& folder, const RevisionSettings& wanted, Strings paths = {}) {
  Options options = options_for(std::move(paths));
  const auto revision = read_revision(wanted, folder.path());
  if (!revision.ok()) return {{revision.error().text()}, ""};
  judge_revision(*revision, options);
  return report_of(std::move(options));
}

Strings reached(const GitFolder& folder, const RevisionSettings& wanted) {
  const auto revision = read_revision(wanted, folder.path());
  EXPECT_TRUE(revision.ok()) << revision.error().text();
  return revision.ok() ? revision->overlays : Strings();
}

RevisionSettings settings(bool staged, std::string revision, std::string since) {
  RevisionSettings made;
  made.staged = staged;
  made.revision = std::move(revision);
  made.changed_since = std::move(since);
  return made;
}
const RevisionSettings kStaged = settings(true, "", "");
RevisionSettings rev(const std::string& name) { return settings(false, name, ""); }
RevisionSettings since(const std::string& name) { return settings(false, "", name); }

std::string config_map(const std::string& name, const std::string& more = "") {
  return "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: " + name + "\n" + more;
}

std::string deployment(const std::string& name, const std::string& more = "") {
  return "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: " + name +
         "\nspec:\n  selector:\n    matchLabels: {app: x}\n  template:\n    metadata:\n      labels: {app: x}\n    "
         "spec:\n"
         "      containers:\n      - name: x\n        image: x:1\n" +
         more;
}

TEST(Revisions, WhatIsStagedIsJudgedAndNotWhatLiesBesideIt) {
  const GitFolder folder;
  folder.write("a.yaml", config_map("a"));
  folder.write("old.yaml", config_map("b", "dta: {}\n"));
  folder.commit_all();
  folder.write("a.yaml", config_map("a", "dta: {}\n"));
  folder.stage();
  folder.write("a.yaml", config_map("a"));  // mended, but not staged
  folder.write("new.yaml", config_map("c", "dta: {}\n"));
  EXPECT_EQ(judged(folder, kStaged).lines, Strings{"a.yaml: error schema/unknown-field 5:1 * dta"});
  EXPECT_EQ(judged(folder, since("HEAD")).lines, Strings{"new.yaml: error schema/unknown-field 5:1 * dta"});
  EXPECT_EQ(judged(folder, rev("HEAD")).lines, Strings{"old.yaml: error schema/unknown-field 5:1 * dta"});
  EXPECT_EQ(judged(folder, kStaged, {folder.path("old.yaml")}).summary,
            "0 files, 0 objects, 1.28 and 1.29: nothing checked");
  EXPECT_EQ(judged(folder, kStaged, {folder.path("none.yaml")}).lines,
            Strings{folder.path("none.yaml") + ": no such file or folder in what is judged"});
  EXPECT_EQ(judged(folder, settings(true, "HEAD", "")).lines,
            Strings{"--staged and --rev each say what is judged: give one of them"});
  EXPECT_EQ(judged(folder, since("nothing")).lines,
            Strings{"--changed-since nothing: there is no such commit, branch or tag here"});
}

TEST(Revisions, ACommitWithoutManifestsIsSound) {
  const GitFolder folder;
  folder.write("README.md", "x");
  folder.stage();
  EXPECT_EQ(judged(folder, kStaged).summary, "0 files, 0 objects, 1.28 and 1.29: nothing checked");
  folder.commit();
  folder.write("values.yaml", "a: 1\n");
  folder.write(".github/workflows/ci.yaml", "on: push\n");
  folder.stage();
  const Report report = judged(folder, kStaged);
  EXPECT_EQ(report.lines, Strings{});
  EXPECT_EQ(
      report.summary,
      "0 files, 0 objects, 1.28 and 1.29: nothing checked; 1 file skipped (1 without apiVersion and kind); 1 hidden "
      "folder skipped");
}

TEST(Revisions, PointersOfLargeFilesAreTold) {
  const GitFolder folder;
  folder.write("a.yaml", "version https://git-lfs.github.com/spec/v1\noid sha256:4665a5ea\nsize 11844\n");
  folder.stage();
  EXPECT_EQ(judged(folder, kStaged).lines, Strings{"a.yaml: error document/lfs-pointer 1:1 * -"});
}

TEST(Revisions, KustomizationsAndPatchesAreJudgedAsSuch) {
  const GitFolder folder;
  folder.write("base/kustomization.yaml", "resources: [deploy.yaml]\n");
  folder.write("base/deploy.yaml", deployment("x"));
  folder.write("overlays/prod/kustomization.yaml",
               "resources: [../../base, gone.yaml]\nresorces: []\npatches:\n- path: replicas.yaml\n- path: json.yaml\n"
               "- path: ../../patches/limits.yaml\nnamePrefix: 5\n");
  folder.write("overlays/prod/replicas.yaml",
               "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: x\nspec:\n  replica: 3\n  replicas: many\n"
               "  template:\n    spec:\n      $patch: merge\n      containers:\n      - image: x\n");
  folder.write("overlays/prod/json.yaml", "- {op: replace, path: spec/replicas, value: 3}\n");
  folder.write(
      "patches/limits.yaml",
      "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: x\nspec:\n  template: {spec: {priority: 1}}\n");
  const Strings expected = {
      "overlays/prod/json.yaml: error kustomization/patch 1:23 * -",
      "overlays/prod/kustomization.yaml: error kustomization/missing-file 1:25 * -",
      "overlays/prod/kustomization.yaml: error schema/unknown-field 2:1 * resorces",
      "overlays/prod/kustomization.yaml: error schema/type 7:13 * namePrefix",
      "overlays/prod/replicas.yaml: error schema/unknown-field 6:3 * spec.replica",
      "overlays/prod/replicas.yaml: error schema/type 7:13 * spec.replicas",
  };
  folder.stage();
  const Report staged = judged(folder, kStaged);
  EXPECT_EQ(staged.lines, expected);
  EXPECT_EQ(staged.summary, "6 files, 1 object, 2 kustomizations, 3 patches, 1.28 and 1.29: 6 errors");
  folder.commit();
  EXPECT_EQ(judged(folder, rev("HEAD")).lines, expected);
  Report plain = report_of(options_for({folder.path()}));
  for (std::string& line : plain.lines) line.erase(0, folder.path().size() + 1);
  EXPECT_EQ(plain.lines, expected);
  EXPECT_EQ(plain.summary, staged.summary + "; 1 hidden folder skipped");
}

// 200 overlays in four groups over shared bases and a component: what a change reaches is known by how they are made.
class Fleet : public testing::Test {
 protected:
  static constexpr int kOverlays = 200;

  Fleet() {
    for (int i = 0; i < 4; ++i) {
      const std::string base = "base/b" + std::to_string(i);
      folder_.write(base + "/kustomization.yaml", "resources: [deploy.yaml]\n");
      folder_.write(base + "/deploy.yaml", deployment("b" + std::to_string(i), i == 3 ? "        imag: y\n" : ""));
    }
    folder_.write("components/c/kustomization.yaml",
                  "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches: [{path: p.yaml}]\n");
    folder_.write("components/c/p.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: b}\n");
    for (int i = 0; i < kOverlays; ++i) {
      const std::string overlay = name_of(i);
      folder_.write(overlay + "/kustomization.yaml", "resources: [../../base/b" + std::to_string(i % 4) +
                                                         ", own.yaml]\n" +
                                                         (i % 10 == 0 ? "components: [../../components/c]\n" : ""));
      folder_.write(overlay + "/own.yaml", config_map("o" + std::to_string(i), i % 50 == 7 ? "dta: {}\n" : ""));
    }
  }

  static std::string name_of(int i) {
    const std::string number = std::to_string(i);
    return "overlays/o" + std::string(3 - number.size(), '0') + number;
  }
  template <class Wanted>
  static Strings those(const Wanted& wanted) {
    Strings names;
    for (int i = 0; i < kOverlays; ++i) {
      if (wanted(i)) names.push_back(name_of(i));
    }
    return names;
  }

  const GitFolder folder_;
};

TEST_F(Fleet, StagedChangedAndFullRunsSayTheSame) {
  folder_.stage();
  const Report staged = judged(folder_, kStaged);  // on a branch without commits everything is new
  ASSERT_EQ(staged.lines.size(), 1u + 4u);
  folder_.write("README.md", "x");
  folder_.remove("README.md");
  const std::string all = folder_.commit();
  const Report full = judged(folder_, rev("HEAD"));
  EXPECT_EQ(full.lines, staged.lines);
  EXPECT_EQ(full.summary, staged.summary);
  EXPECT_EQ(full.summary, "410 files, 205 objects, 205 kustomizations, 1.28 and 1.29: 5 errors");
  Report plain = report_of(options_for({folder_.path()}));
  for (std::string& line : plain.lines) line.erase(0, folder_.path().size() + 1);
  EXPECT_EQ(plain.lines, full.lines);

  // The same content as a change: since a commit that had none of it.
  git_oid id;
  GitFolder::must(git_oid_fromstr(&id, all.c_str()));
  git_index* index = nullptr;
  GitFolder::must(git_repository_index(&index, folder_.repository()));
  GitFolder::must(git_index_clear(index));
  GitFolder::must(git_index_write(index));
  git_index_free(index);
  folder_.commit("refs/heads/empty");
  folder_.stage();
  folder_.commit("refs/heads/empty");
  EXPECT_EQ(judged(folder_, settings(false, "empty", "empty~1")).lines, full.lines);
}

TEST_F(Fleet, AChangeReachesEveryOverlayItShouldAndNoOther) {
  folder_.commit_all();
  folder_.write("base/b2/deploy.yaml", deployment("b2", "        imag: z\n"));
  const Strings of_b2 = those([](int i) { return i % 4 == 2; });
  EXPECT_EQ(reached(folder_, since("HEAD")), of_b2);
  folder_.stage();
  EXPECT_EQ(reached(folder_, kStaged), of_b2);
  // The files of those overlays are judged, and no others.
  const Report report = judged(folder_, kStaged);
  EXPECT_EQ(report.summary, "104 files, 52 objects, 52 kustomizations, 1.28 and 1.29: 1 error");
  EXPECT_EQ(report.lines,
            Strings{"base/b2/deploy.yaml: error schema/unknown-field 15:9 * spec.template.spec.containers[0].imag"});
  folder_.commit();
  EXPECT_EQ(reached(folder_, settings(false, "HEAD", "HEAD~1")), of_b2);

  folder_.write("components/c/p.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n");
  EXPECT_EQ(reached(folder_, since("HEAD")), those([](int i) { return i % 10 == 0; }));
  folder_.commit_all();
  folder_.write(name_of(13) + "/own.yaml", config_map("new"));
  EXPECT_EQ(reached(folder_, since("HEAD")), Strings{name_of(13)});
  folder_.commit_all();

  // A file that is renamed is gone for those that name it, and each of them is told so.
  folder_.remove("base/b1/deploy.yaml");
  folder_.write("base/b1/web.yaml", deployment("b1"));
  EXPECT_EQ(reached(folder_, since("HEAD")), those([](int i) { return i % 4 == 1; }));
  EXPECT_EQ(judged(folder_, since("HEAD"), {folder_.path("base")}).lines,
            Strings{"base/b1/kustomization.yaml: error kustomization/missing-file 1:13 * -"});
  folder_.commit_all();
  folder_.write("notes.md", "x");
  EXPECT_EQ(reached(folder_, since("HEAD")), Strings{});
}

}  // namespace
}  // namespace kubegate::run
