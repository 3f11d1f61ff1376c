// kubegate against what `gator test` said of the rule library, case by case, recorded with the Rego engine
// (gator 3.21): the same actions, constraints, messages and objects.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>

#include "policy/gatekeeper/kept_document.h"
#include "policy/gatekeeper/review.h"
#include "policy/policy_tool/test.h"
#include "policy/policy_tool/verify.h"
#include "tests/policy/gatekeeper/library.h"

namespace kubegate {
namespace {

namespace fs = std::filesystem;
using gatekeeper::at;
using gatekeeper::text_of;
using policy::Cursor;
using policy::Value;

std::string text(Value value) { return std::string(text_of(value)); }

std::vector<std::shared_ptr<const gatekeeper::KeptDocument>> json_documents(std::string name, std::string bytes) {
  return gatekeeper::keep_documents(std::move(name), std::move(bytes), document::Syntax::kJson, {});
}

// "deny K8sAllowedRepos/x Pod/y: message", sorted.
std::vector<std::string> recorded_results(Value line) {
  std::vector<std::string> out;
  for (Cursor result(at(line, "results")); result.next();) {
    const Value r = result.value();
    out.push_back(text(at(r, "action")) + " " + text(at(r, "constraint")) + " " + text(at(r, "object")) + ": " +
                  text(at(r, "msg")));
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<std::string> our_results(Value results) {
  std::vector<std::string> out;
  for (Cursor result(results); result.next();) {
    const Value r = result.value(), constraint = at(r, "constraint"), object = at(r, "violatingObject");
    out.push_back(text(at(r, "enforcementAction")) + " " + text(at(constraint, "kind")) + "/" +
                  text(at(constraint, "metadata", "name")) + " " + text(at(object, "kind")) + "/" +
                  text(at(object, "metadata", "name")) + ": " + text(at(r, "msg")));
  }
  std::sort(out.begin(), out.end());
  return out;
}

struct Found {
  const policy_tool::SuiteTest* test = nullptr;
  const policy_tool::Case* one = nullptr;
};

// The case of that name; of several the one behind `skip` others.
Found find(const policy_tool::Suite& suite, std::string_view test, std::string_view name, int skip) {
  for (const auto& each : suite.tests) {
    if (each.name != test) continue;
    for (const auto& one : each.cases) {
      if (one.name == name && skip-- == 0) return {&each, &one};
    }
  }
  return {};
}

TEST(Recorded, TestAsGator) {
  const auto suites = testing::library_suites();
  std::ifstream stream(testing::kRecorded, std::ios::binary);
  if (suites.empty() || !stream) GTEST_SKIP() << "no rule library at " << testing::kLibrary;
  const std::string recorded{std::istreambuf_iterator<char>(stream), {}};
  std::map<std::string, int> seen;  // lines of one name
  int lines = 0, results = 0;
  for (const auto& kept : json_documents("recorded", recorded)) {
    const Value line = kept->value(0);
    if (text(at(line, "engine")) != "rego") continue;
    const std::string path = (testing::kLibrary / text(at(line, "suite"))).string();
    const std::string title = text(at(line, "suite")) + " " + text(at(line, "test")) + "//" + text(at(line, "case"));
    const auto suite = std::find_if(suites.begin(), suites.end(), [&](const auto& each) { return each.path == path; });
    ASSERT_NE(suite, suites.end()) << title;
    const Found found = find(*suite, text(at(line, "test")), text(at(line, "case")), seen[title]++);
    ASSERT_NE(found.one, nullptr) << title;
    const fs::path folder = fs::path(path).parent_path();
    policy_tool::TestOptions options;
    options.form = policy_tool::TestForm::kGatorJson;
    options.gator_compat = true;
    options.paths = {folder / found.test->template_, folder / found.test->constraint, folder / found.one->object};
    for (const std::string& each : found.one->inventory) options.paths.push_back(folder / each);
    const rego_tool::Report report = policy_tool::test(options);
    EXPECT_EQ(report.err, "") << title;
    EXPECT_EQ(report.exit_code, at(line, "exit").int_value()) << title;
    const auto ours = json_documents("ours", report.out);
    ASSERT_EQ(ours.size(), 1u) << title << report.out;
    EXPECT_EQ(our_results(ours[0]->value(0)), recorded_results(line)) << title;
    ++lines;
    results += static_cast<int>(policy::count(at(line, "results")));
  }
  EXPECT_EQ(lines, 118);
  EXPECT_GT(results, 70);
}

// Where a template has code in both languages, the Rego counts until CEL is evaluated. A template with CEL alone would
// fail its suite here by name.
TEST(Recorded, VerifyAll) {
  const auto suites = testing::library_suites();
  if (suites.empty()) GTEST_SKIP() << "no rule library at " << testing::kLibrary;
  const auto filter = policy_tool::Filter::make("");
  ASSERT_TRUE(filter.ok());
  std::size_t cases = 0;
  for (const policy_tool::Suite& suite : suites) {
    const policy_tool::SuiteOutcome outcome = policy_tool::run_suite(suite, *filter, false);
    EXPECT_FALSE(outcome.failed()) << policy_tool::verify_text({outcome}, {});
    for (const auto& test : outcome.tests) cases += test.cases.size();
  }
  EXPECT_GE(suites.size(), 25u);
  EXPECT_GE(cases, 118u);
}

}  // namespace
}  // namespace kubegate
