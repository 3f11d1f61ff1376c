// Where violations point: for each case of a suite that is to be denied, the lines that findings stand at, against the
// table causes.txt. A line of the table is what a person would put a finger on; where ours is another, it says so.
//
// KUBEGATE_PRINT_CAUSES=1 prints the table of what is found instead of asking for it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>

#include "policy/gatekeeper/inventory.h"
#include "policy/gatekeeper/place.h"
#include "policy/policy_tool/objects.h"
#include "tests/policy/gatekeeper/library.h"
#include "tests/policy/gatekeeper/policies.h"
#include "validate/document/position.h"

namespace kubegate::gatekeeper {
namespace {

namespace fs = std::filesystem;
using policy_tool::Object;

// By "suite test//case": the lines, "line: text", in the order of the file.
using Causes = std::map<std::string, std::vector<std::string>>;

std::string line_at(const Object& object, Span span) {
  const document::Position at = document::position_of(object.document->document, span.begin);
  std::string_view rest = *object.document->file;
  for (std::uint32_t i = 1; i < at.line; ++i) rest.remove_prefix(rest.find('\n') + 1);
  std::string_view line = rest.substr(0, rest.find('\n'));
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  return std::to_string(at.line) + ": " + std::string(line);
}

// The lines of one case; none where its object is an AdmissionReview, whose object is no object of the file.
std::vector<std::string> causes_of(const policy_tool::Objects& policies, const fs::path& folder,
                                   const policy_tool::Case& one) {
  PolicySet set;
  for (const auto& document : policies.documents) set.add(document);
  std::vector<PolicyFinding> faults;
  const auto compiled = set.compile(faults);
  Inventory inventory;
  std::vector<std::string> files;
  for (const std::string& file : one.inventory) files.push_back((folder / file).string());
  const auto others = policy_tool::read_objects(files, false);
  if (!others.ok()) return {};
  for (const Object& other : others->objects) inventory.add(other.document, other.node);
  const auto objects = policy_tool::read_objects({(folder / one.object).string()}, false);
  if (!objects.ok()) return {};
  Reviewer reviewer(compiled);
  reviewer.set_inventory(inventory.value());
  reviewer.set_locating(true);
  std::vector<std::string> lines;
  for (const Object& object : objects->objects) {
    const policy::DocumentRoot root(object.document->document, policy::NumberMode::kFloat64);
    Review review;
    review.object = subject_of(root.value_of(object.node));
    review.name_space = inventory.name_space(review.object.name_space);
    std::vector<Violation> found;
    reviewer.review(review, found);
    for (const Violation& violation : found) {
      Finding finding;
      place_finding(object.document->document, object.node, violation.cause_at, finding);
      lines.push_back(line_at(object, finding.span));
    }
  }
  std::stable_sort(lines.begin(), lines.end(),
                   [](const std::string& a, const std::string& b) { return std::stoi(a) < std::stoi(b); });
  return lines;
}

Causes all_causes(const fs::path& root, const std::string& folder) {
  Causes out;
  auto suites = policy_tool::read_suites((root / folder).string() + "/...");
  if (!suites.ok()) return out;
  for (const policy_tool::Suite& suite : *suites) {
    const fs::path own = fs::path(suite.path).parent_path();
    for (const policy_tool::SuiteTest& test : suite.tests) {
      if (test.invalid || !test.expansion.empty()) continue;
      const auto policies =
          policy_tool::read_objects({(own / test.template_).string(), (own / test.constraint).string()}, false);
      if (!policies.ok()) continue;
      for (const policy_tool::Case& one : test.cases) {
        auto lines = causes_of(*policies, own, one);
        if (lines.empty()) continue;
        out[fs::relative(own, root).string() + " " + test.name + "//" + one.name] = std::move(lines);
      }
    }
  }
  return out;
}

// The table: a line that names the case, then its lines, indented.
Causes table(std::istream& in) {
  Causes out;
  std::vector<std::string>* lines = nullptr;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line.front() == '#') continue;
    if (line.front() == ' ') {
      lines->push_back(line.substr(2));
    } else {
      lines = &out[line];
    }
  }
  return out;
}

void expect(const Causes& found, const std::string& name) {
  if (std::getenv("KUBEGATE_PRINT_CAUSES") != nullptr) {
    for (const auto& [key, lines] : found) {
      std::cout << key << "\n";
      for (const std::string& line : lines) std::cout << "  " << line << "\n";
    }
    return;
  }
  std::ifstream file(std::string(KUBEGATE_SOURCE_DIR) + "/tests/policy/gatekeeper/" + name);
  const Causes wanted = table(file);
  EXPECT_GT(wanted.size(), 40u);
  for (const auto& [key, lines] : wanted) {
    const auto at = found.find(key);
    EXPECT_EQ(at == found.end() ? std::vector<std::string>() : at->second, lines) << key;
  }
  for (const auto& [key, lines] : found) EXPECT_TRUE(wanted.count(key) == 1) << key << " is not in " << name;
}

TEST(Causes, RuleLibrary) { expect(all_causes(KUBEGATE_SOURCE_DIR, "rules"), "causes_rules.txt"); }

TEST(Causes, SharedLibrary) {
  if (!fs::is_directory(testing::kLibrary)) GTEST_SKIP() << "no rule library at " << testing::kLibrary;
  expect(all_causes(testing::kLibrary, ""), "causes_library.txt");
}

}  // namespace
}  // namespace kubegate::gatekeeper
