// Constraints: a template's code for the objects that it shall judge, with its parameters.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "policy/gatekeeper/kept_document.h"
#include "policy/gatekeeper/match.h"
#include "policy/gatekeeper/template.h"
#include "policy/rego/program.h"
#include "policy/value/arena.h"

namespace kubegate::gatekeeper {

// The point at which kubegate enforces, among those that scopedEnforcementActions name: that of gator.
inline constexpr std::string_view kEnforcementPoint = "gator.gatekeeper.sh";

struct Constraint {
  std::shared_ptr<const KeptDocument> source;
  document::NodeIndex node = 0;
  std::string kind, name;
  std::string rule;                         // "policy/<kind>/<name>"
  std::string action = "deny";              // spec.enforcementAction as written
  std::vector<std::string> scoped_actions;  // with "scoped": what holds at kEnforcementPoint, sorted
  Match match;
  policy::Value parameters;                      // an object, defaults applied; lives as long as its Policies
  std::shared_ptr<const rego::Program> program;  // null: its template has no Rego
  InventoryUse inventory;

  policy::Value value() const { return source->value(node); }
  // Whether a violation fails the run.
  bool denies() const;
  // Whether it is enforced here at all.
  bool applies() const { return action != "scoped" || !scoped_actions.empty(); }
};

// Reads spec of the constraint at `node`, whose form is checked (types, unknown fields), into `out`. False, with
// findings of rule policy/constraint, where it cannot be used.
// Rules: ValidateConstraint of Gatekeeper's pkg/target, apis/constraints of frameworks.
bool read_constraint(Constraint& out, std::vector<PolicyFinding>& findings);

// `value` with what the structural schema `schema` (an object as it is written in a CRD; may be undefined) gives by
// default; parts without defaults are shared. Rule: structural/defaulting.Default of k8s.io/apiextensions-apiserver.
policy::Value apply_defaults(policy::ValueArena& arena, policy::Value schema, policy::Value value);

}  // namespace kubegate::gatekeeper
