// What makes constraints fast must not change what they find: two rule libraries over their own samples and over rendered
// manifests of public projects, with every switch off once, and all of them.
#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <span>

#include "policy/gatekeeper/inventory.h"
#include "policy/gatekeeper/policies.h"
#include "policy/gatekeeper/reviewer.h"
#include "policy/policy_tool/objects.h"
#include "policy/value/document_root.h"
#include "tests/policy/gatekeeper/library.h"
#include "tests/policy/rego/switches.h"

namespace kubegate::gatekeeper {
namespace {

namespace fs = std::filesystem;
using policy_tool::Objects;

// Every violation, in order: "constraint object: message details".
std::vector<std::string> judge(const Objects& policies, const Objects& objects, const CompileSwitches& switches) {
  PolicySet set;
  for (const auto& document : policies.documents) set.add(document);
  std::vector<PolicyFinding> findings;
  const auto compiled = set.compile(findings, switches);
  Inventory inventory;
  for (const auto& object : objects.objects) {
    if (compiled->inventory().wants(object.identity.kind)) inventory.add(object.document, object.node);
  }
  Reviewer reviewer(compiled);
  reviewer.set_inventory(inventory.value());
  std::vector<std::string> out;
  for (const auto& object : objects.objects) {
    const policy::DocumentRoot root(object.document->document, policy::NumberMode::kFloat64);
    Review review;
    review.object = subject_of(root.value_of(object.node));
    std::vector<Violation> found;
    reviewer.review(review, found);
    for (const Violation& violation : found) {
      out.push_back(compiled->constraints()[violation.constraint].rule + " " + object.document->path + ":" +
                    std::to_string(object.node) + ": " + violation.message + " " + policy::to_json(violation.details));
    }
  }
  return out;
}

struct Variant {
  std::string name;
  CompileSwitches switches;
};

std::vector<Variant> variants() {
  static constexpr std::pair<const char*, bool CompileSwitches::*> kPolicies[] = {
      {"index", &CompileSwitches::index}, {"specialise", &CompileSwitches::specialise}};
  std::vector<Variant> out;
  CompileSwitches none;
  for (const auto& [name, flag] : kPolicies) {
    out.push_back({std::string("without ") + name, {}});
    out.back().switches.*flag = none.*flag = false;
  }
  for (const auto& [name, flag] : rego::kSwitches) {
    out.push_back({std::string("without ") + name, {}});
    out.back().switches.programs.*flag = none.programs.*flag = false;
  }
  out.push_back({"with none", none});
  out.push_back({"with print", {}});
  out.back().switches.print = true;
  out.push_back({"with joins of all", {}});
  out.back().switches.programs.joined_items = 1;
  return out;
}

// All policies of the suites over all their samples and `others`; how many violations there are.
std::size_t expect_no_change(std::span<const policy_tool::Suite> suites, const std::string& others = {}) {
  std::set<std::string> policy_files, sample_files;
  for (const auto& suite : suites) {
    const fs::path folder = fs::path(suite.path).parent_path();
    for (const auto& test : suite.tests) {
      policy_files.insert((folder / test.template_).lexically_normal().string());
      policy_files.insert((folder / test.constraint).lexically_normal().string());
      for (const auto& one : test.cases) {
        sample_files.insert((folder / one.object).lexically_normal().string());
        for (const auto& other : one.inventory) sample_files.insert((folder / other).lexically_normal().string());
      }
    }
  }
  if (!others.empty()) sample_files.insert(others);
  const auto policies = policy_tool::read_objects({policy_files.begin(), policy_files.end()}, false);
  const auto objects = policy_tool::read_objects({sample_files.begin(), sample_files.end()}, false);
  EXPECT_TRUE(policies.ok() && objects.ok());
  if (!policies.ok() || !objects.ok()) return 0;
  const auto wanted = judge(*policies, *objects, {});
  for (const Variant& variant : variants()) {
    EXPECT_EQ(judge(*policies, *objects, variant.switches), wanted) << variant.name;
  }
  return wanted.size();
}

TEST(Switches, ChangeNothingInTheSharedLibrary) {
  const auto suites = testing::library_suites();
  if (suites.empty()) GTEST_SKIP() << "no rule library at " << testing::kLibrary;
  const fs::path corpus = fs::path(KUBEGATE_SHARED_DIR) / "corpus" / "rendered";
  EXPECT_GT(expect_no_change(suites, fs::is_directory(corpus) ? corpus.string() : ""), 100u);
}

// Rule by rule: some compare each object with each.
TEST(Switches, ChangeNothingInTheRules) {
  const auto suites = policy_tool::read_suites(std::string(KUBEGATE_SOURCE_DIR) + "/rules/...");
  ASSERT_TRUE(suites.ok()) << suites.error().text();
  std::size_t violations = 0;
  for (const auto& suite : *suites) violations += expect_no_change({&suite, 1});
  EXPECT_GT(violations, 300u);
}

}  // namespace
}  // namespace kubegate::gatekeeper
