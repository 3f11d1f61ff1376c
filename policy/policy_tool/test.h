// `kubegate policy test`: objects, judged by the policies that stand among them. Rule: gator test.
#pragma once

#include <string>
#include <vector>

#include "policy/rego_tool/present.h"
#include "validate/report/outputs.h"
#include "validate/report/report.h"

namespace kubegate::policy_tool {

// Gator's forms of results, on standard output.
enum class TestForm : std::uint8_t {
  kNone,
  kGatorLines,
  kGatorJson,
  kGatorYaml,
};

struct TestOptions {
  std::vector<std::string> paths;      // policies and objects, together
  std::vector<std::string> inventory;  // paths of objects that are known to policies, but not judged
  std::vector<std::string> bundles;    // of the rule library, as add_library_rules() takes them
  bool standard_input = false;         // it holds more of them
  TestForm form = TestForm::kNone;
  std::vector<report::Destination> outputs;  // kubegate's own forms
  report::OutputOptions output;
  bool verbose = false;       // tell what policies print
  bool stats = false;         // tell what each kind of constraint took
  bool deny_only = false;     // tell of no violations that do not fail the run
  bool gator_compat = false;  // namespaces as gator test gives them (namespaces.h); only denials fail the run
};

// Objects are judged as the mutators among the input leave them, and with each what ExpansionTemplates make of it.
//
// Exit codes: 0; 1 when a constraint denies, an evaluation ended in an error, a policy is at fault, or the input cannot
// be read. With a form of gator's, what is wrong with policies goes to standard error.
rego_tool::Report test(const TestOptions& options);

}  // namespace kubegate::policy_tool
