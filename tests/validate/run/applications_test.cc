// What Applications deploy, judged by their clusters. Folders of plain files need no renderer.
#include "validate/run/applications.h"

#include <gtest/gtest.h>

#include "tests/support/folder.h"

namespace kubegate::run {
namespace {

using Strings = std::vector<std::string>;

std::string application(const std::string& name, const std::string& path, const std::string& cluster,
                        const std::string& more = "") {
  return "---\napiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: " + name +
         ", namespace: argocd}\nspec:\n  project: default\n  source: {repoURL: https://git.example.com/a/b, "
         "targetRevision: HEAD, path: " +
         path + more + "}\n  destination: {name: " + cluster + ", namespace: " + name + "}\n";
}

constexpr const char* kConfigMap = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n";

class ApplicationsTest : public testing::Test {
 protected:
  std::shared_ptr<Applications> make(const Strings& paths = {}) const {
    ApplicationSettings settings;
    settings.repositories = {"https://git.example.com/a/b.git"};
    settings.clusters = {{"prod", {}, {}, {}, {}, "", false}, {"test", {}, {}, {}, {}, "", false}};
    auto made = Applications::make(paths, folder_.path(), settings);
    EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.error().text());
    if (!made.ok()) return nullptr;
    EXPECT_TRUE((*made)->render([](const std::string&) { return std::string("1.29"); }).ok());
    return *made;
  }
  static Strings paths_of(const Applications& applications) {
    Strings out;
    for (const Deployed& deployed : applications.deployed()) out.push_back(deployed.path);
    return out;
  }

  const Folder folder_;
};

TEST_F(ApplicationsTest, WhatGoesToOneClusterIsOneSet) {
  folder_.add("apps.yaml",
              application("web", "web", "prod") + application("db", "db", "prod") + application("try", "web", "test"));
  folder_.add("web/c.yaml", kConfigMap);
  folder_.add("web/deeper/c.yaml", kConfigMap);
  folder_.add("db/c.yaml", kConfigMap);
  const auto applications = make();
  ASSERT_NE(applications, nullptr);
  EXPECT_EQ(paths_of(*applications),
            (Strings{"web (web, cluster prod)", "db (db, cluster prod)", "web (try, cluster test)"}));
  // Without directory.recurse folders below are left out.
  EXPECT_EQ(applications->deployed()[0].rendered.text, "---\n" + std::string(kConfigMap));
  Options options;
  options.clusters = {{"prod", {"^everything"}, {}, {}, {}}};
  Applications::judge(applications, options);
  EXPECT_EQ(options.paths, (Strings{"cluster prod", "cluster test"}));
  const Strings prod = {"cluster prod"};
  auto selection = applications->judged(prod);
  ASSERT_TRUE(selection.ok());
  Strings told;
  while (auto input = selection->next()) told.push_back(input->path);
  EXPECT_EQ(told, (Strings{"web (web, cluster prod)", "db (db, cluster prod)"}));
}

TEST_F(ApplicationsTest, WhatAnApplicationDeploysIsTakenInWhereverItStands) {
  folder_.add("root/root.yaml", application("root", "apps", "prod", ", directory: {recurse: true}"));
  folder_.add("apps/more/web.yaml", application("web", "web", "test"));
  folder_.add("web/c.yaml", kConfigMap);
  const auto applications = make({"root"});
  ASSERT_NE(applications, nullptr);
  EXPECT_EQ(paths_of(*applications), (Strings{"apps (root, cluster prod)", "web (web, cluster test)"}));
}

TEST_F(ApplicationsTest, FindingsHaveTheirPlace) {
  folder_.add("sub/apps.yaml", application("web", "wbe", "prod"));
  folder_.add("web/c.yaml", kConfigMap);
  const auto applications = make();
  ASSERT_NE(applications, nullptr);
  const auto findings = applications->findings();
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].path, "sub/apps.yaml");
  EXPECT_EQ(findings[0].name, "web");
  EXPECT_EQ(findings[0].status, report::Status::kInvalid);
  bool missing = false;
  for (const report::LocatedFinding& finding : findings[0].findings) {
    if (finding.rule != "argocd/missing-path") continue;
    missing = true;
    EXPECT_EQ(finding.line, 7u);
    EXPECT_EQ(finding.message, "there is no folder \"wbe\" in this repository, did you mean \"web\"?");
  }
  EXPECT_TRUE(missing);
}

TEST_F(ApplicationsTest, PathsThatAreNotThere) {
  for (const char* path : {"none", "../outside"}) {
    const Strings paths = {path};
    EXPECT_FALSE(Applications::make(paths, folder_.path(), {}).ok()) << path;
  }
}

}  // namespace
}  // namespace kubegate::run
