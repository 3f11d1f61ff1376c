// `kubegate rego test`: rules whose names begin with test_, run as `opa test` runs them (OPA's v1/tester).
//
// A test passes when its rule is true. A rule `test_x[case]` is a table of cases: each that the body reaches must be
// true in the rule's value. Rules named todo_test_… are skipped. Of several rules of one name each is a test; from the
// second on they are called name#01, name#02, ….
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "policy/rego/ast.h"
#include "policy/rego_tool/load.h"
#include "policy/rego_tool/present.h"

namespace kubegate::rego_tool {

struct TestOptions {
  std::vector<std::string> paths;
  std::vector<std::string> ignore;
  std::string run;  // only tests in whose full name (data.pkg.test_x) this expression matches; "" for all
  rego::RegoVersion version = rego::RegoVersion::kV1;
  std::chrono::nanoseconds timeout = std::chrono::seconds(5);  // of one test
  std::size_t count = 1;                                       // runs; the first that does not pass is the last
  std::size_t max_errors = 10;
  double threshold = 0;  // least coverage in percent
  bool verbose = false, json = false, coverage = false;
  bool exit_zero_on_skipped = false, fail_on_empty = false;
  Access access;
};

// Exit codes, as of `opa test`: 0; 1 when tests could not be run (or failed, with coverage); 2 when one failed, ended in
// an error or was skipped (unless exit_zero_on_skipped), or the coverage is below the threshold.
Report test(const TestOptions& options);

}  // namespace kubegate::rego_tool
