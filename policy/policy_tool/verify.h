// `kubegate policy verify`: runs test suites of constraints. Rule: gator verify.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "policy/policy_tool/suite.h"
#include "policy/rego_tool/present.h"
#include "validate/report/outputs.h"
#include "validate/report/report.h"

namespace kubegate::policy_tool {

struct VerifyOptions {
  std::vector<std::string> paths;            // as read_suites() takes them
  std::string run;                           // as Filter takes it
  bool verbose = false;                      // tell of what passed and was skipped too, and what policies print
  bool gator_compat = false;                 // the text has no places of failures, as gator's
  bool text = true;                          // gator's text on standard output
  std::vector<report::Destination> outputs;  // kubegate's own forms, of which each test and case is a resource
  report::OutputOptions output;
};

// How a case, or a test without its cases, ended.
struct Outcome {
  std::string error;  // why it failed; "" is nothing
  std::string print;  // what the policy printed
  bool skipped = false;
  std::chrono::nanoseconds time{0};

  bool failed() const { return !error.empty(); }
};

struct TestOutcome {
  Outcome own;
  std::vector<Outcome> cases;  // of SuiteTest::cases, unless the test failed before

  bool failed() const;
};

struct SuiteOutcome {
  const Suite* suite = nullptr;
  std::vector<TestOutcome> tests;  // of Suite::tests
  std::chrono::nanoseconds time{0};

  bool failed() const;
};

SuiteOutcome run_suite(const Suite& suite, const Filter& filter, bool print);

// Exit codes: 0; 1 when a case fails or cannot be run.
rego_tool::Report verify(const VerifyOptions& options);

// verify_form.cc: gator's text (rule: PrinterGo), and a report.
std::string verify_text(const std::vector<SuiteOutcome>& outcomes, const VerifyOptions& options);
void verify_report(const std::vector<SuiteOutcome>& outcomes, report::Output& output);

}  // namespace kubegate::policy_tool
