// The inside of `kubegate rego test`: what tests there are, and how one ended.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "policy/rego/ast.h"
#include "policy/rego_tool/present.h"
#include "policy/value/value.h"

namespace kubegate::rego_tool {

// A test rule among parsed modules.
struct TestCase {
  const rego::Rule* rule = nullptr;
  std::string package, name;  // "data.a.b", "test_x"
  std::string path;           // "data.a.b.test_x", as a reference is written: an entrypoint
  std::string file;
  rego::Location location;
  bool skip = false;
  bool table = false;  // test_x[case]
};

// The tests of the modules, in order. Renames rules of equal names, and has tables tell of their cases: both change the
// modules, before they are compiled.
std::vector<TestCase> find_tests(rego::Ast& ast, const std::vector<rego::Module*>& modules);

// The cases of a table, by name: those below, or none and whether it failed.
struct SubResult {
  bool fail = false;
  std::map<std::string, SubResult> cases;
};

struct TestResult {
  const TestCase* test = nullptr;
  bool fail = false, skip = false;
  std::optional<Problem> error;
  std::string output;  // of print
  std::chrono::nanoseconds duration{0};
  std::map<std::string, SubResult> cases;
  rego::Location failed_at;  // row 0: not known
  std::string failed_text;   // the expression there

  bool pass() const { return !fail && !skip && !error; }
};

// The cases of a table's value, and the paths (arrays) of those that its body reached: a case that is not true fails.
// Returns whether any does.
bool judge_cases(policy::Value value, const std::vector<std::vector<std::string>>& reached,
                 std::map<std::string, SubResult>& out);
// The name of a case: a string as it is, all else as JSON.
std::string case_name(policy::Value step);

// The reports. Rules: PrettyReporter, JSONReporter of OPA's tester.
std::string pretty_report(const std::vector<TestResult>& results, bool verbose);
std::string json_report(const std::vector<TestResult>& results);

}  // namespace kubegate::rego_tool
