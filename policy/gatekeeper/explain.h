// Why a constraint says what it says of an object: whether it matches, which rule bodies were tried, and how far each
// came. Cold: the template is compiled anew, with counters.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "policy/gatekeeper/policies.h"
#include "policy/gatekeeper/review.h"
#include "policy/gatekeeper/reviewer.h"
#include "validate/base/finding.h"

namespace kubegate::gatekeeper {

// One expression of a body, in the order of evaluation.
struct ExplainedExpression {
  std::string text;         // as written, its first line
  Span span;                // in the template's document
  std::uint64_t tried = 0;  // how often it was evaluated
  std::uint64_t held = 0;   // how often what follows it was: more than `tried` where it has several solutions
};

// One rule or function body, or an else branch.
struct ExplainedBody {
  std::string name;  // of the rule: "violation"
  Span span;
  std::uint64_t held = 0;  // how often it had a solution
  std::vector<ExplainedExpression> expressions;

  bool tried() const { return held > 0 || (!expressions.empty() && expressions.front().tried > 0); }
};

struct Explanation {
  Matched matched = Matched::kNo;
  std::string why_not;  // which part of spec.match rules the object out, or why that cannot be told
  std::vector<Violation> violations;
  std::shared_ptr<const KeptDocument> policy;  // the template's document; null where it has no Rego
  std::vector<ExplainedBody> bodies;           // in the order of the modules and their rules
};

// Explains what `constraint`, one of those that `set` compiles to, says of `review`. `inventory` as in Reviewer.
Explanation explain(const PolicySet& set, const Constraint& constraint, const Review& review, policy::Value inventory);

}  // namespace kubegate::gatekeeper
