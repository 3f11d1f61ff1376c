// Running suites. A test's template and constraint are compiled once, and its cases share them and the machines; what
// differs between cases is the inventory.
//
// Tested in tests/policy/policy_tool/verify_test.cc, and on the suites of a library in wide use.
#include "policy/policy_tool/verify.h"

#include <re2/re2.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <memory>

#include "policy/gatekeeper/expansion.h"
#include "policy/gatekeeper/inventory.h"
#include "policy/gatekeeper/mutation.h"
#include "policy/gatekeeper/policies.h"
#include "policy/gatekeeper/reviewer.h"
#include "policy/policy_tool/admission.h"
#include "policy/policy_tool/findings.h"
#include "policy/policy_tool/namespaces.h"
#include "policy/value/document_root.h"
#include "policy/value/value.h"

namespace kubegate::policy_tool {

using gatekeeper::KeptDocument;
using gatekeeper::PolicyFinding;
using gatekeeper::Role;
using gatekeeper::Violation;

namespace {

using Clock = std::chrono::steady_clock;
using Kept = std::shared_ptr<const KeptDocument>;

// The documents of a file, read as gator reads them here.
struct File {
  std::vector<Kept> documents;
  std::string error;  // why it cannot be used; "" is nothing
};

File read_documents(const std::string& path) {
  File file;
  auto bytes = read_bytes(path);
  if (!bytes.ok()) {
    file.error = "open " + bytes.error().text();
    return file;
  }
  for (auto& kept : gatekeeper::keep_documents(path, std::move(*bytes), document::syntax_of(path), {},
                                               document::ScalarTable::kYaml12)) {
    for (const Finding& fault : kept->document.faults()) {
      if (file.error.empty()) file.error = "invalid yaml: " + line_of({kept, 0, fault});
    }
    if (!kept->document.empty()) file.documents.push_back(std::move(kept));
  }
  return file;
}

Role role_of(const Kept& kept) {
  const gatekeeper::Subject subject = gatekeeper::subject_of(kept->value(0));
  return gatekeeper::role_of(gatekeeper::text_of(gatekeeper::at(subject.value, "apiVersion")), subject.kind);
}

// What the violations of a case are to be. The error of the assertion that does not hold; "" when it holds.
std::string check(const Assertion& assertion, const std::vector<Violation>& violations) {
  std::int64_t matching = 0;
  std::string messages;
  std::unique_ptr<RE2> expression;
  if (assertion.message) {
    RE2::Options quiet;
    quiet.set_log_errors(false);
    expression = std::make_unique<RE2>(*assertion.message, quiet);
    if (!expression->ok()) return "message contains invalid regular expression: " + expression->error();
  }
  for (const Violation& violation : violations) {
    if (!messages.empty()) messages += ' ';
    messages += violation.message;
    matching += expression == nullptr || RE2::PartialMatch(violation.message, *expression);
  }
  std::string wanted;
  if (assertion.count) {
    if (matching == *assertion.count) return {};
    wanted = "exactly " + std::to_string(*assertion.count);
  } else if (assertion.words == "yes") {
    if (matching > 0) return {};
    wanted = "at least 1";
  } else {
    if (matching == 0) return {};
    wanted = "none";
  }
  std::string error = "unexpected number of violations: got " + std::to_string(matching) + " violations";
  if (assertion.count.value_or(0) < 0 || (!assertion.count && assertion.words != "yes" && assertion.words != "no")) {
    error = "invalid yaml: assertion.violation, if set, must be a nonnegative integer, \"yes\", or \"no\"";
  } else {
    if (assertion.message) {
      error += " containing ";
      policy::append_quoted(error, *assertion.message);
    }
    error += " but want " + wanted;
  }
  return error + ": got messages [" + messages + "]";
}

class TestRunner {
 public:
  TestRunner(const Suite& suite, const SuiteTest& test, const Filter& filter, bool print)
      : test_(test), filter_(filter), print_(print), folder_(suite.path.substr(0, suite.path.rfind('/') + 1)) {}

  TestOutcome run() {
    const auto begin = Clock::now();
    TestOutcome outcome;
    if (test_.skip || !filter_.matches(test_)) {
      outcome.own.skipped = true;
      return outcome;
    }
    outcome.own.error = compile();
    if (test_.invalid) {
      if (schema_error_) {
        outcome.own.error.clear();
      } else {
        outcome.own.error = "constraint should have failed schema validation: got " +
                            (outcome.own.error.empty() ? "no error" : "error " + outcome.own.error) +
                            " but want schema validation failed";
      }
    } else if (outcome.own.error.empty()) {
      for (const Case& one : test_.cases) outcome.cases.push_back(run(one));
    }
    outcome.own.time = Clock::now() - begin;
    return outcome;
  }

 private:
  std::string path_of(const std::string& relative) const {
    return relative.starts_with('/') ? relative : folder_ + relative;
  }

  // The policy in the first document of a file, into `set`. Returns what is wrong.
  std::string add(const std::string& path, Role role, gatekeeper::PolicySet& set) {
    const File file = read_documents(path_of(path));
    if (!file.error.empty()) return file.error;
    const bool is = !file.documents.empty() && role_of(file.documents.front()) == role;
    if (!is) return path_of(path) + ": not a Constraint" + (role == Role::kTemplate ? "Template" : "");
    set.add(file.documents.front());
    return {};
  }

  std::string read_expansions(std::vector<PolicyFinding>& findings) {
    gatekeeper::PolicySet set;
    if (!test_.expansion.empty()) {
      const std::string path = path_of(test_.expansion);
      const File file = read_documents(path);
      if (!file.error.empty()) return file.error;
      for (const Kept& kept : file.documents) {
        if (role_of(kept) != Role::kExpansion) return "not an Expansion Template: \"" + path + "\"";
        set.add(kept);
      }
      if (file.documents.empty()) return "not an Expansion Template: \"" + path + "\"";
    }
    expansions_ = gatekeeper::Expansions::compile(set.expansions(), findings);
    mutators_ = gatekeeper::Mutators::compile({}, findings);
    return {};
  }

  std::string compile() {
    if (test_.template_.empty()) return "invalid Suite: missing template";
    gatekeeper::PolicySet set;
    if (std::string error = add(test_.template_, Role::kTemplate, set); !error.empty()) return error;
    if (test_.constraint.empty()) return "invalid Suite: missing constraint";
    if (std::string error = add(test_.constraint, Role::kConstraint, set); !error.empty()) return error;
    std::vector<PolicyFinding> findings;
    if (std::string error = read_expansions(findings); !error.empty()) return error;
    gatekeeper::CompileSwitches switches;
    switches.print = print_;
    policies_ = set.compile(findings, switches);
    std::string error;
    const Kept& constraint = set.constraints().front().source;
    for (const PolicyFinding& finding : findings) {
      if (finding.finding.severity != Severity::kError) continue;
      const bool own = finding.document == constraint;
      const bool form = finding.finding.rule.starts_with("schema/") || finding.finding.rule.starts_with("server/");
      schema_error_ = schema_error_ || (own && form);
      if (error.empty()) {
        error = finding.finding.rule == "policy/expansion" ? ""
                : !own                                     ? "adding template: "
                : form                                     ? "schema validation failed: "
                                                           : "adding constraint: ";
        error += line_of(finding);
      }
    }
    // A template that is not evaluated must not pass for one that finds nothing.
    for (const PolicyFinding& finding : findings) {
      if (error.empty() && finding.finding.rule == "policy/not-evaluated") error = line_of(finding);
    }
    if (error.empty()) reviewer_ = std::make_unique<gatekeeper::Reviewer>(policies_);
    return error;
  }

  Outcome run(const Case& one) {
    Outcome outcome;
    if (one.skip || !filter_.matches(test_, one)) {
      outcome.skipped = true;
      return outcome;
    }
    const auto begin = Clock::now();
    if (print_) {
      reviewer_->set_print([&](std::string_view line) { (outcome.print += line) += '\n'; });
    }
    outcome.error = judge(one);
    reviewer_->set_print(nullptr);
    outcome.time = Clock::now() - begin;
    return outcome;
  }

  std::string judge(const Case& one) {
    if (one.object.empty()) return "invalid Case: must define object";
    if (one.assertions.empty()) return "invalid Case: assertions must be non-empty";
    const File file = read_documents(path_of(one.object));
    if (!file.error.empty()) return file.error;
    const std::string quoted = '"' + path_of(one.object) + '"';
    if (file.documents.empty()) return "missing objects: path " + quoted + " defines no YAML objects";
    if (file.documents.size() != 1) {
      return "object file must contain exactly one object: " + quoted + " defines " +
             std::to_string(file.documents.size()) + " objects";
    }
    gatekeeper::Inventory inventory;
    Namespaces namespaces(Namespaces::Rule::kVerify);
    for (const std::string& path : one.inventory) {
      if (std::string error = add_inventory(path_of(path), inventory, namespaces); !error.empty()) return error;
    }
    reviewer_->set_inventory(inventory.value());
    const policy::DocumentRoot root(file.documents.front()->document, policy::NumberMode::kFloat64);
    policy::ValueArena arena;
    gatekeeper::Review review;
    review.object = gatekeeper::subject_of(root.value());
    if (is_admission_review(review.object)) {
      const policy::Value whole = std::exchange(review.object, {}).value;
      if (std::string error = read_admission_review(arena, whole, review); !error.empty()) return error;
      review.name_space = namespaces.named(gatekeeper::text_of(gatekeeper::at(review.request, "namespace")));
    } else {
      if (review.object.version.empty() || review.object.kind.empty()) {
        return quoted + " is no object: it needs an apiVersion and a kind";
      }
      namespaces.place(review);
    }
    std::vector<Violation> violations;
    reviewer_->review(review, violations);
    const bool expands = !expansions_->empty() && !review.request.defined();
    if (std::string error = expands ? judge_resultants(review, namespaces, arena, violations) : ""; !error.empty()) {
      return "expanding resource " + std::string(review.object.name) + ": " + error;
    }
    return check_all(one, violations);
  }

  // Appends the violations of what comes of the object. To expand it gator knows no Namespaces but its own inventions,
  // to judge what comes of it those of the inventory.
  std::string judge_resultants(const gatekeeper::Review& review, const Namespaces& namespaces,
                               policy::ValueArena& arena, std::vector<Violation>& violations) {
    gatekeeper::Review base = review;
    base.name_space = {};
    const Namespaces invented(Namespaces::Rule::kGatorTest);
    invented.place(base);
    gatekeeper::Expanded expanded;
    std::string error;
    if (!gatekeeper::expand(arena, base, *mutators_, *expansions_, expanded, error)) return error;
    for (const gatekeeper::Resultant& resultant : expanded.resultants) {
      gatekeeper::Review generated = gatekeeper::review_of(resultant, base);
      generated.name_space = {};
      namespaces.place(generated);
      const std::size_t first = violations.size();
      reviewer_->review(generated, violations);
      for (std::size_t i = first; i < violations.size(); ++i) {
        violations[i].message = gatekeeper::implied_message(resultant.template_name, violations[i].message);
      }
    }
    return {};
  }

  std::string check_all(const Case& one, std::vector<Violation>& violations) {
    for (const Violation& violation : violations) {
      const bool ends = violation.cause == Violation::Cause::kLimit || violation.cause == Violation::Cause::kMessage;
      if (ends) return "reviewing " + one.object + ": " + violation.message;
    }
    std::sort(violations.begin(), violations.end(),
              [](const Violation& a, const Violation& b) { return a.message < b.message; });
    for (const Assertion& assertion : one.assertions) {
      if (std::string error = check(assertion, violations); !error.empty()) return error;
    }
    return {};
  }

  static std::string add_inventory(const std::string& path, gatekeeper::Inventory& inventory, Namespaces& namespaces) {
    const File file = read_documents(path);
    if (!file.error.empty()) return file.error;
    if (file.documents.empty()) return "missing objects: path \"" + path + "\" defines no YAML objects";
    for (const Kept& kept : file.documents) {
      const Object object{kept, 0, schema::identity_of(kept->document, 0)};
      if (!object.identity.is_complete()) {
        return "unable to add object to data.inventory: \"" + path + "\" needs an apiVersion and a kind";
      }
      inventory.add(kept, 0);
      namespaces.add(object);
    }
    return {};
  }

  const SuiteTest& test_;
  const Filter& filter_;
  const bool print_;
  std::string folder_;  // of the suite, with a slash; "" is this one
  bool schema_error_ = false;
  std::shared_ptr<const gatekeeper::Policies> policies_;
  std::shared_ptr<const gatekeeper::Expansions> expansions_;
  std::shared_ptr<const gatekeeper::Mutators> mutators_;  // none: a test has no place for them
  std::unique_ptr<gatekeeper::Reviewer> reviewer_;
};

}  // namespace

bool TestOutcome::failed() const {
  return own.failed() || std::any_of(cases.begin(), cases.end(), [](const Outcome& one) { return one.failed(); });
}

bool SuiteOutcome::failed() const {
  return !suite->error.empty() ||
         std::any_of(tests.begin(), tests.end(), [](const TestOutcome& test) { return test.failed(); });
}

SuiteOutcome run_suite(const Suite& suite, const Filter& filter, bool print) {
  SuiteOutcome outcome;
  outcome.suite = &suite;
  if (suite.skip || !suite.error.empty()) return outcome;
  const auto begin = Clock::now();
  for (const SuiteTest& test : suite.tests) outcome.tests.push_back(TestRunner(suite, test, filter, print).run());
  outcome.time = Clock::now() - begin;
  return outcome;
}

rego_tool::Report verify(const VerifyOptions& options) {
  rego_tool::Report report;
  const auto fail = [&](const Error& error) {
    report.err += "kubegate: " + error.text() + "\n";
    report.exit_code = 1;
    return report;
  };
  std::unique_ptr<report::Outputs> outputs;
  if (!options.outputs.empty()) {
    auto opened = report::Outputs::open(options.outputs, options.output, STDOUT_FILENO);
    if (!opened.ok()) return fail(opened.error());
    outputs = std::move(*opened);
  }
  const auto filter = Filter::make(options.run);
  if (!filter.ok()) return fail(filter.error());
  std::vector<Suite> suites;
  for (const std::string& path : options.paths) {
    auto found = read_suites(path);
    if (!found.ok()) return fail(found.error());
    std::move(found->begin(), found->end(), std::back_inserter(suites));
  }
  // A folder without suites may be a misspelt one.
  if (suites.empty()) return fail({ErrorCode::kArgument, options.paths.front(), "holds no suite"});
  std::vector<SuiteOutcome> outcomes;
  for (const Suite& suite : suites) {
    for (const PolicyFinding& fault : suite.faults) {
      if (fault.finding.severity == Severity::kWarning) report.err += line_of(fault) + "\n";
    }
    outcomes.push_back(run_suite(suite, *filter, options.verbose));
    if (outcomes.back().failed()) report.exit_code = 1;
  }
  if (options.text) report.out = verify_text(outcomes, options);
  if (outputs == nullptr) return report;
  verify_report(outcomes, *outputs);
  if (const auto written = outputs->commit(); !written.ok()) return fail(written.error());
  return report;
}

}  // namespace kubegate::policy_tool
