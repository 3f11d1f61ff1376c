// How an evaluation went, from counters. A program that is compiled for coverage counts how often each expression was
// reached and how often each body had a solution. An expression held where what stands behind it in the order of
// evaluation was reached; the one with nothing behind it, where the body had a solution. So counters alone tell which
// expression ended a body, and nothing has to be recorded while the evaluation runs.
//
// Tested by the transcripts of tests/policy/cases (policy_explain.txt).
#include "policy/gatekeeper/explain.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "policy/rego/machine.h"
#include "policy/rego/visit.h"

namespace kubegate::gatekeeper {

using policy::Value;

namespace {

std::string first_line(std::string_view text) { return std::string(text.substr(0, text.find('\n'))); }

// Counts by place, as the coverage of a machine has them.
class Counts {
 public:
  explicit Counts(const rego::Machine& machine) {
    const auto places = machine.program().places();
    const auto counts = machine.coverage();
    for (std::size_t i = 0; i < places.size(); ++i) counts_[key(places[i])] += counts[i];
  }

  std::uint64_t of(const rego::Location& place) const {
    const auto found = counts_.find(key(place));
    return found == counts_.end() ? 0 : found->second;
  }

 private:
  using Key = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>;
  static Key key(const rego::Location& place) { return {place.file, place.begin, place.length}; }

  std::map<Key, std::uint64_t> counts_;
};

class Explainer {
 public:
  Explainer(const Template& form, const TemplateRego& rego, const Counts& counts, std::vector<ExplainedBody>& out)
      : form_(form), rego_(rego), counts_(counts), out_(out) {}

  void explain() {
    for (const rego::Module* module : rego_.modules->modules) {
      if (module->file >= form_.modules.size()) continue;  // the hook
      for (rego::Rule* rule : module->rules) {
        for (; rule != nullptr; rule = rule->otherwise) {
          // A body that nobody wrote cannot fail.
          if (!rule->is_default && !rule->generated_body) explain(*rule);
        }
      }
    }
    std::stable_sort(out_.begin(), out_.end(),
                     [](const ExplainedBody& a, const ExplainedBody& b) { return a.span.begin < b.span.begin; });
  }

 private:
  Span span_of(const rego::Location& place) const {
    return place_in_text(form_.source->document, form_.modules[place.file], place.row, place.column, place.length);
  }

  void explain(const rego::Rule& rule) {
    ExplainedBody body;
    const rego::Term* head = rule.head.reference.front();
    body.name = head->text;
    body.span = span_of(rule.head.location);
    body.held = counts_.of(rule.head.location);
    for (const rego::Expr* expr : rule.body) {
      if (expr->generated || expr->location.row == 0) continue;
      const bool same =
          !body.expressions.empty() && body.expressions.back().span.begin == span_of(expr->location).begin;
      if (same) continue;  // parts of one expression as it was written
      body.expressions.push_back(
          {first_line(rego_.ast.text(expr->location)), span_of(expr->location), counts_.of(expr->location), 0});
    }
    for (std::size_t i = 0; i < body.expressions.size(); ++i) {
      body.expressions[i].held = i + 1 < body.expressions.size() ? body.expressions[i + 1].tried : body.held;
    }
    out_.push_back(std::move(body));
  }

  const Template& form_;
  const TemplateRego& rego_;
  const Counts& counts_;
  std::vector<ExplainedBody>& out_;
};

}  // namespace

Explanation explain(const PolicySet& set, const Constraint& constraint, const Review& review, Value inventory) {
  Explanation out;
  out.matched = constraint.match.matches(review, &out.why_not);
  if (out.matched == Matched::kNo) out.why_not = constraint.match.why_not(review);
  if (out.matched != Matched::kYes) return out;
  std::vector<PolicyFinding> ignored;  // told when the set was compiled
  for (const PolicySet::Item& item : set.templates()) {
    const Template form = read_template(item.source, item.node, ignored);
    if (!form.sound || form.kind != constraint.kind || form.modules.empty()) continue;
    const auto rego = compile_rego(form, ignored);
    if (rego == nullptr) continue;
    rego::RegoErrors errors;
    rego::ProgramOptions options;
    options.coverage = true;
    const auto program = rego::compile_program(*rego->modules, nullptr, {kViolationPath}, options, errors);
    if (program == nullptr) continue;
    Constraint counted = constraint;
    counted.program = program;
    Reviewer reviewer(Policies::of(std::move(counted)));
    reviewer.set_inventory(inventory);
    out.violations.clear();
    reviewer.review(review, out.violations);
    for (Violation& violation : out.violations) violation.details = {};
    out.policy = form.source;
    out.bodies.clear();
    const Counts counts(reviewer.machine(0));
    Explainer(form, *rego, counts, out.bodies).explain();
  }
  return out;
}

}  // namespace kubegate::gatekeeper
