// One pass: the input is read, the policies among it are compiled, and every object, policies too, is judged by them.
// What is wrong with a policy is told where it stands, and the others still judge: gator ends there.
//
// Two forms of what was found are kept: findings with places, for kubegate's reports, and gator's results. Values of a
// review are gone with the next, so details are written down as JSON at once.
//
// Tested by the transcripts of tests/policy/cases, and in tests/policy/gatekeeper/recorded_test.cc against recorded
// output of gator.
#include "policy/policy_tool/test.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "policy/gatekeeper/expansion.h"
#include "policy/gatekeeper/inventory.h"
#include "policy/gatekeeper/mutation.h"
#include "policy/gatekeeper/policies.h"
#include "policy/gatekeeper/reviewer.h"
#include "policy/gatekeeper/rule_library.h"
#include "policy/policy_tool/findings.h"
#include "policy/policy_tool/gator_form.h"
#include "policy/policy_tool/namespaces.h"
#include "policy/value/document_root.h"
#include "validate/report/text.h"

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
    if (!options_.outputs.empty()) {
      auto outputs = report::Outputs::open(options_.outputs, options_.output, STDOUT_FILENO);
      if (!outputs.ok()) return fail(outputs.error().text());
      outputs_ = std::move(*outputs);
    }
    auto read = read_objects(options_.paths, options_.standard_input);
    if (!read.ok()) return fail(read.error().text());
    objects_ = std::move(*read);
    add_faults(std::move(objects_.faults));
    if (objects_.objects.empty() && findings_.errors() == 0) return fail("no input data identified");
    if (auto compiled = compile(); !compiled.ok()) return fail(compiled.error().text());
    if (auto known = add_inventory(); !known.ok()) return fail(known.error().text());
    review_all();
    return told();
  }

 private:
  Report fail(const std::string& message) { return {"", "kubegate: " + message + "\n", 1}; }

  Result<Done> compile() {
    gatekeeper::PolicySet set;
    for (const auto& document : objects_.documents) set.add(document);
    if (const auto added = gatekeeper::add_library_rules(options_.bundles, set); !added.ok()) return added;
    std::vector<PolicyFinding> faults;
    gatekeeper::CompileSwitches switches;
    switches.print = options_.verbose;
    policies_ = set.compile(faults, switches);
    mutators_ = gatekeeper::Mutators::compile(set.mutators(), faults);
    expansions_ = gatekeeper::Expansions::compile(set.expansions(), faults);
    add_faults(std::move(faults));
    return Done{};
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
    reviewer.set_locating(outputs_ != nullptr);
    std::vector<gatekeeper::Cost> costs;
    if (options_.stats) reviewer.set_costs(&costs);
    if (options_.verbose)
      reviewer.set_print([this](std::string_view line) {
        report::append_safe(printed_, line);
        printed_ += '\n';
      });
    policy::DocumentRoot root;
    const gatekeeper::KeptDocument* bound = nullptr;
    for (const Object& object : objects_.objects) {
      if (bound != object.document.get()) {
        bound = object.document.get();
        root.bind(bound->document, policy::NumberMode::kFloat64);
      }
      gatekeeper::Review review;
      review.object = gatekeeper::subject_of(root.value_of(object.node));
      namespaces_->place(review);
      judge(object, review, reviewer);
      take(costs);
    }
  }

  // gator judges the object as it is written, and only what comes of it as mutators leave it.
  void judge(const Object& object, gatekeeper::Review& review, gatekeeper::Reviewer& reviewer) {
    policy::ValueArena arena;
    gatekeeper::Expanded expanded;
    std::string error;
    const bool changes = !mutators_->empty() || !expansions_->empty();
    if (changes && !gatekeeper::expand(arena, review, *mutators_, *expansions_, expanded, error)) {
      add_faults({object_finding(object, "policy/expansion", Severity::kError, std::move(error))});
      expanded = {};
    }
    gatekeeper::Review base = review;
    if (expanded.base.defined() && !options_.gator_compat) base.object = gatekeeper::subject_of(expanded.base);
    std::vector<Violation> violations;
    reviewer.review(base, violations);
    for (Violation& violation : violations) take(object, violation, nullptr);
    for (const gatekeeper::Resultant& resultant : expanded.resultants) {
      gatekeeper::Review generated = gatekeeper::review_of(resultant, review);
      if (!options_.gator_compat) namespaces_->place(generated);
      violations.clear();
      reviewer.review(generated, violations);
      for (Violation& violation : violations) take(object, violation, &resultant);
    }
  }

  void take(const Object& object, Violation& violation, const gatekeeper::Resultant* resultant) {
    const Constraint& constraint = policies_->constraints()[violation.constraint];
    std::string action = constraint.action, message = std::move(violation.message);
    if (resultant != nullptr) {
      message = gatekeeper::implied_message(resultant->template_name, message);
      if (!resultant->enforcement_action.empty()) action = resultant->enforcement_action;
    }
    const auto& scoped = constraint.scoped_actions;
    const bool denies = action == "deny" || std::find(scoped.begin(), scoped.end(), "deny") != scoped.end();
    const bool fails = denies || (violation.is_broken() && !options_.gator_compat);
    failed_ = failed_ || fails;
    if (options_.deny_only && !fails) return;
    if (options_.form != TestForm::kNone) {
      const bool detailed = violation.details.defined();
      results_.push_back({&constraint, &object, message,
                          detailed ? policy::to_json(violation.details, {.escape_html = true}) : "null", action});
    }
    if (outputs_ != nullptr) {
      if (!denies && action != "warn") message += " (" + action + ")";
      findings_.add(object_finding(object, constraint.rule, fails ? Severity::kError : Severity::kWarning,
                                   std::move(message), violation.cause_at));
    }
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
    if (options_.form != TestForm::kNone) {
      report.err = faults_;
      sort_results(results_);
      const auto* costs = options_.stats ? &costs_ : nullptr;
      report.out = options_.form == TestForm::kGatorLines  ? gator_lines(results_)
                   : options_.form == TestForm::kGatorJson ? gator_json(results_, costs)
                                                           : gator_yaml(results_, costs);
    } else if (options_.stats) {
      report.out = cost_table();
    }
    if (!printed_.empty()) report.out += "\n" + printed_ + "\n";
    if (outputs_ == nullptr) return report;
    report::Summary summary;
    summary.standard_input = objects_.standard_input;
    summary.files = objects_.files;
    summary.objects = objects_.objects.size();
    summary.errors = findings_.errors();
    summary.warnings = findings_.warnings();
    findings_.tell(objects_, *outputs_);
    outputs_->finish(summary);
    if (const auto written = outputs_->commit(); !written.ok()) {
      report.err += "kubegate: " + written.error().text() + "\n";
      report.exit_code = 1;
    }
    return report;
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
  std::unique_ptr<report::Outputs> outputs_;  // null: there are none
  Objects objects_;
  Findings findings_;
  std::string printed_;  // by policies, a line each
  std::string faults_;   // of documents and policies, a line each
  std::shared_ptr<const gatekeeper::Policies> policies_;
  std::shared_ptr<const gatekeeper::Mutators> mutators_;
  std::shared_ptr<const gatekeeper::Expansions> expansions_;
  gatekeeper::Inventory inventory_;
  std::unique_ptr<Namespaces> namespaces_;
  std::vector<GatorResult> results_;
  std::vector<GatorCost> costs_;
  bool failed_ = false;
};

}  // namespace

Report test(const TestOptions& options) { return Test(options).run(); }

}  // namespace kubegate::policy_tool
