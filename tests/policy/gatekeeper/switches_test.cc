// What makes constraints fast must not change what they find: the rule library over its own samples and over rendered
// manifests of public projects, with every switch off once.
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "policy/gatekeeper/inventory.h"
#include "policy/gatekeeper/policies.h"
#include "policy/gatekeeper/reviewer.h"
#include "policy/policy_tool/objects.h"
#include "policy/value/document_root.h"
#include "tests/policy/gatekeeper/library.h"

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

TEST(Switches, ChangeNothing) {
  const auto suites = testing::library_suites();
  if (suites.empty()) GTEST_SKIP() << "no rule library at " << testing::kLibrary;
  std::set<std::string> policy_files, sample_files;
  for (const auto& suite : suites) {
    const fs::path folder = fs::path(suite.path).parent_path();
    for (const auto& test : suite.tests) {
      policy_files.insert((folder / test.template_).string());
      policy_files.insert((folder / test.constraint).string());
      for (const auto& one : test.cases) sample_files.insert((folder / one.object).string());
    }
  }
  const auto policies = policy_tool::read_objects({policy_files.begin(), policy_files.end()}, false);
  ASSERT_TRUE(policies.ok()) << policies.error().text();
  ASSERT_GT(policies->objects.size(), 40u);
  auto objects = policy_tool::read_objects({sample_files.begin(), sample_files.end()}, false);
  ASSERT_TRUE(objects.ok()) << objects.error().text();
  const fs::path corpus = fs::path(KUBEGATE_SHARED_DIR) / "corpus" / "rendered";
  if (fs::is_directory(corpus)) {
    auto rendered = policy_tool::read_objects({corpus.string()}, false);
    ASSERT_TRUE(rendered.ok()) << rendered.error().text();
    objects->objects.insert(objects->objects.end(), rendered->objects.begin(), rendered->objects.end());
  }
  const auto wanted = judge(*policies, *objects, {});
  EXPECT_GT(wanted.size(), 100u);
  CompileSwitches without_index, without_constants, with_print;
  without_index.index = false;
  without_constants.specialise = false;
  with_print.print = true;
  EXPECT_EQ(judge(*policies, *objects, without_index), wanted);
  EXPECT_EQ(judge(*policies, *objects, without_constants), wanted);
  EXPECT_EQ(judge(*policies, *objects, with_print), wanted);
}

}  // namespace
}  // namespace kubegate::gatekeeper
