// What a constraint says. Its form has passed the schema of its kind; here is what Gatekeeper asks for beyond, and the
// defaults of its parameters, which the API server would have put in.
//
// Tested in tests/policy/gatekeeper/policies_test.cc.
#include "policy/gatekeeper/constraint.h"

#include <algorithm>

#include "policy/value/value.h"

namespace kubegate::gatekeeper {

using policy::Cursor;
using policy::Member;
using policy::Value;
using policy::ValueArena;

namespace {

constexpr std::string_view kRule = "policy/constraint";
// A schema that is nested deeper has no defaults below: the importer of schemas has said so.
constexpr int kMaxDepth = 200;

// Whether a null stands where the schema takes none: it counts as absent.
bool is_refused_null(Value value, Value schema) { return value.is_null() && !at(schema, "nullable").is_true(); }

Value with_defaults(ValueArena& arena, Value schema, Value value, int depth) {
  if (depth > kMaxDepth || !schema.is_object()) return value;
  if (value.is_array()) {
    const Value items = at(schema, "items");
    if (!items.is_object()) return value;
    std::vector<Value> out;
    for (Cursor item(value); item.next();) {
      Value each = item.value();
      if (const Value given = at(items, "default"); given.defined() && is_refused_null(each, items)) each = given;
      out.push_back(with_defaults(arena, items, each, depth + 1));
    }
    return policy::make_array(arena, out);
  }
  if (!value.is_object()) return value;
  const Value properties = at(schema, "properties"), additional = at(schema, "additionalProperties");
  std::vector<Member> out;
  for (Cursor member(value); member.next();) {
    Value own = policy::lookup(properties, member.key());
    if (!own.defined()) own = additional;
    Value each = member.value();
    if (const Value given = at(own, "default"); given.defined() && is_refused_null(each, own)) each = given;
    out.push_back({member.key(), with_defaults(arena, own, each, depth + 1)});
  }
  for (Cursor property(properties); property.next();) {
    const Value given = at(property.value(), "default");
    if (!given.defined() || policy::lookup(value, property.key()).defined()) continue;
    out.push_back({property.key(), with_defaults(arena, property.value(), given, depth + 1)});
  }
  return policy::make_object(arena, out, policy::EqualKeys::kLast);
}

// The actions of spec.scopedEnforcementActions that hold at our point. Rule: GetEnforcementActionsForEP.
std::vector<std::string> scoped_actions(Value spec) {
  std::vector<std::string> actions;
  for (Cursor scoped(at(spec, "scopedEnforcementActions")); scoped.next();) {
    for (Cursor point(at(scoped.value(), "enforcementPoints")); point.next();) {
      const std::string_view name = text_of(at(point.value(), "name"));
      if (name == "*" || name == kEnforcementPoint) actions.emplace_back(text_of(at(scoped.value(), "action")));
    }
  }
  std::sort(actions.begin(), actions.end());
  actions.erase(std::unique(actions.begin(), actions.end()), actions.end());
  return actions;
}

}  // namespace

Value apply_defaults(ValueArena& arena, Value schema, Value value) { return with_defaults(arena, schema, value, 0); }

bool Constraint::denies() const {
  return action == "deny" || std::find(scoped_actions.begin(), scoped_actions.end(), "deny") != scoped_actions.end();
}

bool read_constraint(Constraint& out, std::vector<PolicyFinding>& findings) {
  const document::Document& document = out.source->document;
  const auto member = [&](document::NodeIndex from, std::string_view key) {
    return from == document::kNoNode ? from : document.find(from, key);
  };
  bool sound = true;
  const auto fault = [&](document::NodeIndex at, std::string message) {
    sound = false;
    findings.push_back(policy_finding(out.source, out.node, at, kRule, std::move(message)));
  };
  const document::NodeIndex spec = member(out.node, "spec"), match = member(spec, "match");
  const Value value = spec == document::kNoNode ? Value() : out.source->value(spec);
  for (const char* key : {"labelSelector", "namespaceSelector"}) {
    const document::NodeIndex selector = member(match, key);
    if (selector == document::kNoNode) continue;
    if (std::string why = check_selector(out.source->value(selector)); !why.empty()) fault(selector, std::move(why));
  }
  if (const Value action = at(value, "enforcementAction"); action.is_string()) out.action = action.text();
  if (out.action == "scoped") {
    out.scoped_actions = scoped_actions(value);
    if (!at(value, "scopedEnforcementActions").is_array()) {
      fault(member(spec, "enforcementAction"), "enforcementAction: scoped needs spec.scopedEnforcementActions");
    }
  }
  if (sound) out.match = Match(at(value, "match"));
  return sound;
}

}  // namespace kubegate::gatekeeper
