// One pass: the input is read, the policies among it are compiled, and every object, policies too, is judged by them.
// What is wrong with a policy is told where it stands, and the others still judge: gator ends there.
//
// Two forms of what was found are kept: findings with places, for kubegate's reports, and gator's results. Values of a
// review are gone with the next, so details are written down as JSON at once.
//
// Tested by the transcripts of tests/policy/cases, and in tests/policy/gatekeeper/recorded_test.cc against recorded
// output of gator.
#include "policy/policy_tool/test.h"

#include <algorithm>
#include <chrono>

#include "policy/gatekeeper/inventory.h"
#include "policy/gatekeeper/policies.h"
#include "policy/gatekeeper/reviewer.h"
#include "policy/policy_tool/findings.h"
#include "policy/policy_tool/gator_form.h"
#include "policy/policy_tool/namespaces.h"
#include "policy/value/document_root.h"

namespace kubegate::policy_tool {

using gatekeeper::Constraint;
using gatekeeper::PolicyFinding;
using gatekeeper::Violation;
using rego_tool::Report;

namespace {

class Test {
 public:
  explicit Test(const TestOptions& options) : options_(options) {}

  Report run() {
    auto read = read_objects(options_.paths, options_.standard_input);
    if (!read.ok()) return fail(read.error().text());
    objects_ = std::move(*read);
    add_faults(std::move(objects_.faults));
    if (objects_.objects.empty() && findings_.errors() == 0) return fail("no input data identified");
    compile();
    if (auto known = add_inventory(); !known.ok()) return fail(known.error().text());
    review_all();
    return told();
  }

 private:
  Report fail(const std::string& message) { return {"", "kubegate: " + message + "\n", 1}; }

  void compile() {
    gatekeeper::PolicySet set;
    for (const auto& document : objects_.documents) set.add(document);
    std::vector<PolicyFinding> faults;
    policies_ = set.compile(faults);
    add_faults(std::move(faults));
  }

  void add_faults(std::vector<PolicyFinding> faults) {
    for (const PolicyFinding& fault : faults) faults_ += line_of(fault) + "\n";
    findings_.add(std::move(faults));
  }

  // The inventory is all of the input, and what --inventory names behind it where the input does not have it.
  Result<Done> add_inventory() {
    Objects others;
    if (!options_.inventory.empty()) {
      auto read = read_objects(options_.inventory, false);
      if (!read.ok()) return read.error();
      others = std::move(*read);
      for (const PolicyFinding& fault : others.faults) return Error{ErrorCode::kData, "", line_of(fault)};
    }
    const auto rule = options_.gator_compat ? Namespaces::Rule::kGatorTest : Namespaces::Rule::kTest;
    namespaces_ = std::make_unique<Namespaces>(rule, options_.gator_compat ? nullptr : catalogue_of(objects_));
    for (const auto* source : {&others, &objects_}) {
      for (const Object& object : source->objects) {
        namespaces_->add(object);
        if (policies_->inventory().wants(object.identity.kind)) inventory_.add(object.document, object.node);
      }
    }
    return Done{};
  }

  void review_all() {
    gatekeeper::Reviewer reviewer(policies_);
    reviewer.set_inventory(inventory_.value());
    std::vector<gatekeeper::Cost> costs;
    if (options_.stats) reviewer.set_costs(&costs);
    policy::DocumentRoot root;
    const gatekeeper::KeptDocument* bound = nullptr;
    std::vector<Violation> violations;
    for (const Object& object : objects_.objects) {
      if (bound != object.document.get()) {
        bound = object.document.get();
        root.bind(bound->document, policy::NumberMode::kFloat64);
      }
      gatekeeper::Review review;
      review.object = gatekeeper::subject_of(root.value_of(object.node));
      review.name_space = namespaces_->of(review.object);
      violations.clear();
      reviewer.review(review, violations);
      for (Violation& violation : violations) take(object, violation);
      take(costs);
    }
  }

  void take(const Object& object, Violation& violation) {
    const Constraint& constraint = policies_->constraints()[violation.constraint];
    // A policy that cannot be evaluated checks nothing, whatever its action.
    const bool broken = violation.cause > Violation::Cause::kUnmatched && !options_.gator_compat;
    const bool fails = constraint.denies() || broken;
    failed_ = failed_ || fails;
    if (options_.deny_only && !fails) return;
    if (options_.form == TestForm::kReport) {
      std::string message = violation.message;
      if (!constraint.denies() && constraint.action != "warn") message += " (" + constraint.action + ")";
      findings_.add(
          object_finding(object, constraint.rule, fails ? Severity::kError : Severity::kWarning, std::move(message)));
      return;
    }
    const bool detailed = violation.details.defined();
    results_.push_back({&constraint, &object, std::move(violation.message),
                        detailed ? policy::to_json(violation.details, {.escape_html = true}) : "null"});
  }

  // Those of one object, by kinds: gator evaluates the constraints of a kind together.
  void take(std::vector<gatekeeper::Cost>& costs) {
    const Constraint* last = nullptr;
    for (const gatekeeper::Cost& cost : costs) {
      const Constraint& constraint = policies_->constraints()[cost.constraint];
      if (last == nullptr || last->kind != constraint.kind) costs_.push_back({&constraint, 0, {}});
      last = &constraint;
      ++costs_.back().constraints;
      costs_.back().time += cost.time;
    }
    costs.clear();
  }

  Report told() {
    Report report;
    if (failed_ || findings_.errors() > 0) report.exit_code = 1;
    if (options_.form == TestForm::kReport) {
      tell_report(report);
      if (options_.stats) report.out += cost_table();
      return report;
    }
    report.err = faults_;
    sort_results(results_);
    const auto* costs = options_.stats ? &costs_ : nullptr;
    report.out = options_.form == TestForm::kGatorLines  ? gator_lines(results_)
                 : options_.form == TestForm::kGatorJson ? gator_json(results_, costs)
                                                         : gator_yaml(results_, costs);
    return report;
  }

  void tell_report(Report& report) {
    report::Sink sink;
    const auto output = report::make_output(options_.format, options_.output, sink);
    report::Summary summary;
    summary.standard_input = objects_.standard_input;
    summary.files = objects_.files;
    summary.objects = objects_.objects.size();
    summary.errors = findings_.errors();
    summary.warnings = findings_.warnings();
    findings_.tell(objects_, *output);
    output->finish(summary);
    report.out = std::move(sink.text());
  }

  // What each kind of constraint took, the dearest first.
  std::string cost_table() const {
    std::map<std::string_view, GatorCost> kinds;
    for (const GatorCost& cost : costs_) {
      GatorCost& sum = kinds[cost.constraint->kind];
      sum.constraints += cost.constraints;
      sum.time += cost.time;
    }
    std::vector<std::pair<std::string_view, GatorCost>> dearest(kinds.begin(), kinds.end());
    std::stable_sort(dearest.begin(), dearest.end(),
                     [](const auto& a, const auto& b) { return a.second.time > b.second.time; });
    std::vector<std::vector<std::string>> rows = {{"kind", "evaluations", "time µs", "ns each"}};
    for (const auto& [kind, cost] : dearest) {
      const auto time = static_cast<std::uint64_t>(cost.time.count());
      rows.push_back({std::string(kind), std::to_string(cost.constraints), std::to_string(time / 1000),
                      std::to_string(time / cost.constraints)});
    }
    return rego_tool::table(rows, true);
  }

  const TestOptions& options_;
  Objects objects_;
  Findings findings_;
  std::string faults_;  // of documents and policies, a line each
  std::shared_ptr<const gatekeeper::Policies> policies_;
  gatekeeper::Inventory inventory_;
  std::unique_ptr<Namespaces> namespaces_;
  std::vector<GatorResult> results_;
  std::vector<GatorCost> costs_;
  bool failed_ = false;
};

}  // namespace

Report test(const TestOptions& options) { return Test(options).run(); }

}  // namespace kubegate::policy_tool
