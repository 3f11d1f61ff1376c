// Suites: files of kind Suite (test.gatekeeper.sh), which say what a constraint shall make of which objects.
//
// Rules: pkg/gator/verify/{suite,read_suites,filter}.go of Gatekeeper. They are read by YAML 1.2, in which the `no` of
// `violations: no` is a text.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/gatekeeper/kept_document.h"
#include "policy/gatekeeper/template.h"
#include "validate/base/result.h"

namespace re2 {
class RE2;
}

namespace kubegate::policy_tool {

struct Assertion {
  // How many violations must match: a number, or "yes" (some) or "no" (none).
  std::optional<std::int64_t> count;
  std::string words = "yes";
  std::optional<std::string> message;  // an expression that must match somewhere in a violation's message
};

// `node` is where it stands in the suite's document, of every part.
struct Case {
  document::NodeIndex node = 0;
  std::string name, object;
  std::vector<std::string> inventory;
  std::vector<Assertion> assertions;
  bool skip = false;
};

struct SuiteTest {
  document::NodeIndex node = 0;
  std::string name, template_, constraint, expansion;
  std::vector<Case> cases;
  bool invalid = false;
  bool skip = false;
};

struct Suite {
  std::string path;                                          // as it is told
  std::shared_ptr<const gatekeeper::KeptDocument> document;  // null: the file cannot be read
  std::vector<SuiteTest> tests;
  bool skip = false;
  std::string error;                              // why it cannot be run; "" is nothing
  std::vector<gatekeeper::PolicyFinding> faults;  // what is wrong with it
};

// The suites at a path: a file, those of a folder, or, with "/..." behind it, those of a folder and all below, in the
// order of their paths. Files that are no suites are passed over. An Error is a path that cannot be read.
Result<std::vector<Suite>> read_suites(const std::string& path);

// Which tests and cases are to run: "" all, "test//case" the cases that match in tests that match, "name" what either
// matches. Each part is an RE2 expression that matches anywhere.
class Filter {
 public:
  // An Error is a malformed expression.
  static Result<Filter> make(std::string_view run);
  Filter(Filter&&) noexcept;
  ~Filter();

  bool matches(const SuiteTest& test) const;
  bool matches(const SuiteTest& test, const Case& one) const;

 private:
  Filter();

  std::unique_ptr<re2::RE2> test_, case_;  // null: everything matches
  bool either_ = false;                    // test_ is for both, and one match is enough
};

}  // namespace kubegate::policy_tool
