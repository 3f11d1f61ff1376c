// The data of schemas/: bundles that read back byte for byte, that are what the published documents say (where those
// are at hand), and facts kept by hand that agree with the bundles.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/support/folder.h"
#include "tests/validate/schema/project.h"
#include "validate/schema/bundle.h"
#include "validate/schema/compile.h"
#include "validate/schema/schemas_tool.h"

namespace kubegate::schema {
namespace {

namespace fs = std::filesystem;

const fs::path kSchemas = fs::path(KUBEGATE_SOURCE_DIR) / "schemas";
const fs::path kShared = KUBEGATE_SHARED_DIR;

std::string read_file(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  EXPECT_TRUE(stream) << path;
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::vector<NamedText> read_files(const fs::path& folder, const std::string& extension) {
  std::vector<NamedText> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == extension) files.push_back({entry.path().string(), read_file(entry.path())});
  }
  std::sort(files.begin(), files.end(), [](const NamedText& a, const NamedText& b) { return a.name < b.name; });
  return files;
}

// The shipped bundles by project.
const std::map<std::string, Bundle>& shipped() {
  static const std::map<std::string, Bundle> bundles = [] {
    std::map<std::string, Bundle> read;
    for (const NamedText& file : read_files(kSchemas, ".bundle")) {
      auto bundle = parse_bundle(file.text, file.name);
      EXPECT_TRUE(bundle.ok()) << bundle.error().text();
      if (bundle.ok()) read.emplace(fs::path(file.name).stem().string(), std::move(*bundle));
    }
    return read;
  }();
  return bundles;
}

// The shipped bundle of `project` cut down to one version; no bundle when it does not hold that.
Bundle shipped_version(const std::string& project_name, const std::string& version) {
  const auto found = shipped().find(project_name);
  if (found == shipped().end()) return {};
  const auto& versions = found->second.versions;
  const auto index = std::find(versions.begin(), versions.end(), version) - versions.begin();
  return project(found->second, VersionMask{1} << index);
}

TEST(Shipped, AllAreThere) {
  std::vector<std::string> names;
  for (const auto& [name, bundle] : shipped()) {
    EXPECT_EQ(bundle.project, name);
    names.push_back(name);
  }
  EXPECT_EQ(names, (std::vector<std::string>{"argo-cd", "argo-rollouts", "aws-load-balancer-controller", "cert-manager",
                                             "external-secrets", "gatekeeper", "gateway-api", "karpenter", "kubernetes",
                                             "kustomize", "prometheus-operator"}));
  EXPECT_EQ(shipped().at("kubernetes").versions,
            (std::vector<std::string>{"1.28", "1.29", "1.30", "1.31", "1.32", "1.33", "1.34", "1.35", "1.36"}));
}

TEST(Shipped, ReadBackByteForByte) {
  for (const NamedText& file : read_files(kSchemas, ".bundle")) {
    const auto bundle = parse_bundle(file.text, file.name);
    ASSERT_TRUE(bundle.ok()) << bundle.error().text();
    const std::string printed = print_bundle(*bundle);
    EXPECT_TRUE(printed == file.text)
        << file.name << " differs from byte "
        << std::mismatch(printed.begin(), printed.end(), file.text.begin(), file.text.end()).first - printed.begin();
  }
}

// Taking a bundle apart and putting it together again, from either end, changes nothing.
TEST(Shipped, MergeFromTheirParts) {
  for (const auto& [name, bundle] : shipped()) {
    const std::size_t count = bundle.versions.size();
    for (const bool backwards : {false, true}) {
      Bundle whole = project(bundle, VersionMask{1} << (backwards ? count - 1 : 0));
      for (std::size_t i = 1; i < count; ++i) {
        auto merged = merge(whole, project(bundle, VersionMask{1} << (backwards ? count - 1 - i : i)));
        ASSERT_TRUE(merged.ok()) << merged.error().text();
        whole = std::move(*merged);
      }
      EXPECT_TRUE(whole == bundle) << name;
    }
  }
}

TEST(Shipped, ShareWhatVersionsHaveInCommon) {
  const Bundle& kubernetes = shipped().at("kubernetes");
  const std::size_t whole = print_bundle(kubernetes).size();
  const std::size_t newest = print_bundle(shipped_version("kubernetes", "1.36")).size();
  EXPECT_LT(whole, 2 * newest);
}

TEST(Shipped, ReferencesHaveTypes) {
  const Bundle& kubernetes = shipped().at("kubernetes");
  const auto check = [&](const auto& self, const SchemaNode& node, const std::string& where) -> void {
    for (const Variant& variant : node.variants) {
      if (variant.facts.type != Type::kReference) continue;
      const auto type = kubernetes.types.find(variant.facts.reference);
      ASSERT_NE(type, kubernetes.types.end()) << where << ": " << variant.facts.reference;
      EXPECT_EQ(variant.versions & ~type->second.versions(), 0u) << where << ": " << variant.facts.reference;
    }
    for (const auto& [name, child] : node.properties) self(self, child, where + '.' + name);
    for (const SchemaNode& child : node.items) self(self, child, where + "[]");
    for (const SchemaNode& child : node.additional) self(self, child, where + "{}");
  };
  for (const KindEntry& kind : kubernetes.kinds) check(check, kind.root, kind.kind);
  for (const auto& [name, type] : kubernetes.types) check(check, type, name);
}

// What stands on the left of a line is in no bundle, else the line would never be read; what stands on the right is.
TEST(Shipped, RemovedKindsAgreeWithTheBundles) {
  std::set<std::string> known;
  for (const auto& [name, bundle] : shipped()) {
    for (const KindEntry& kind : bundle.kinds) known.insert(kind.api_version() + ' ' + kind.kind);
  }
  const auto removed = parse_removed(read_file(kSchemas / "kubernetes.removed"), "kubernetes.removed");
  ASSERT_TRUE(removed.ok()) << removed.error().text();
  EXPECT_GT(removed->size(), 80u);
  std::set<std::string> seen;
  for (const RemovedEntry& entry : *removed) {
    const std::string name = entry.api_version + ' ' + entry.kind;
    EXPECT_FALSE(known.count(name)) << name;
    EXPECT_TRUE(seen.insert(name).second) << name << " stands twice";
    EXPECT_TRUE(!entry.text.empty() || known.count(entry.new_api_version + ' ' + entry.new_kind)) << name;
    EXPECT_FALSE(entry.removed_in.empty()) << name;
  }
}

TEST(Shipped, KubernetesIsWhatIsPublished) {
  const std::string version = "1.29";
  const fs::path archive = kShared / "kubernetes" / ("openapi-v3-" + version + ".tar.xz");
  if (!fs::exists(archive)) GTEST_SKIP() << archive << " is not there";
  const Folder folder;
  ASSERT_EQ(std::system(("tar -xJf '" + archive.string() + "' -C '" + folder.path() + "'").c_str()), 0);
  OpenApiRelease release{version, "2026-11-21", read_files(folder.path(), ".json"),
                         read_file(kShared / "kubernetes" / ("served-by-default-" + version + ".txt")), nullptr};
  const auto imported = import_openapi(release);
  ASSERT_TRUE(imported.ok()) << imported.error().text();
  EXPECT_EQ(print_bundle(*imported), print_bundle(shipped_version("kubernetes", version)));
}

// What a list says is served, and the kinds of the bundle say the same, with plural and scope.
TEST(Shipped, KubernetesServesWhatDiscoveryListed) {
  for (const std::string version : {"1.28", "1.29", "1.35"}) {
    const fs::path list = kShared / "kubernetes" / ("served-by-default-" + version + ".txt");
    if (!fs::exists(list)) GTEST_SKIP() << list << " is not there";
    std::set<std::string> listed, served;
    std::ifstream lines(list);
    for (std::string line; std::getline(lines, line);) listed.insert(line);
    listed.erase("v1 ComponentStatus componentstatuses cluster");  // can be read only
    for (const KindEntry& kind : shipped_version("kubernetes", version).kinds) {
      if (!kind.served) continue;
      served.insert(kind.api_version() + ' ' + kind.kind + ' ' + kind.plural +
                    (kind.scope == Scope::kCluster ? " cluster" : " namespaced"));
    }
    EXPECT_EQ(served, listed) << version;
  }
}

TEST(Shipped, CustomResourcesAreWhatIsPublished) {
  for (const std::string name : {"karpenter", "gatekeeper", "aws-load-balancer-controller"}) {
    const fs::path folder = kShared / "crds" / name;
    if (!fs::exists(folder)) GTEST_SKIP() << folder << " is not there";
    for (const auto& entry : fs::directory_iterator(folder)) {
      const std::string version = entry.path().filename().string();
      const auto imported = add_crds("", name, {name, version, "2026-11-21", read_files(entry.path(), ".yaml")});
      ASSERT_TRUE(imported.ok()) << imported.error().text();
      EXPECT_EQ(*imported, print_bundle(shipped_version(name, version))) << name << ' ' << version;
    }
  }
}

}  // namespace
}  // namespace kubegate::schema
