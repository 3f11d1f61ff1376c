// Objects. Rules: topdown/object.go, subset.go.
#include <algorithm>

#include "policy/rego/builtins/functions.h"
#include "policy/rego/builtins/operands.h"

namespace kubegate::rego {
namespace {

bool is_keys(Value v) { return v.is_array() || v.is_set() || v.is_object(); }

// The keys that object.remove and object.filter are given: items, or keys of an object. Undefined with an error set
// where the operand is none of these.
Value keys_operand(BuiltinContext& context, Value v) {
  if (!is_keys(v)) return wrong_type(context, 2, v, {"object", "set", "array"});
  if (v.is_set() || v.is_object()) return v;
  std::vector<Value> items = items_of(v);
  return make_set(context.arena(), items);
}

Value select(BuiltinContext& context, Args args, bool keep) {
  if (!check(context, args, 1, Type::kObject)) return Value();
  const Value keys = keys_operand(context, args[1]);
  if (!keys.defined()) return keys;
  std::vector<Member> members;
  for (Cursor c(args[0]); c.next();) {
    if (contains(keys, c.key()) == keep) members.push_back({c.key(), c.value()});
  }
  return make_object(context.arena(), members, policy::EqualKeys::kLast);
}

// The members of both; where both have a key, objects are merged and else b's value counts.
Value merge(BuiltinContext& context, Value a, Value b) {
  if (count(a) == 0) return b;
  if (count(b) == 0) return a;
  std::vector<Member> members;
  members.reserve(count(a) + count(b));
  Cursor x(a), y(b);
  bool more_x = x.next(), more_y = y.next();
  while (more_x || more_y) {
    const int order = !more_x ? 1 : !more_y ? -1 : compare(x.key(), y.key());
    if (order < 0) {
      members.push_back({x.key(), x.value()});
    } else if (order > 0 || !x.value().is_object() || !y.value().is_object()) {
      members.push_back({y.key(), y.value()});
    } else {
      members.push_back({x.key(), merge(context, x.value(), y.value())});
    }
    if (order <= 0) more_x = x.next();
    if (order >= 0) more_y = y.next();
  }
  return make_object(context.arena(), members, policy::EqualKeys::kLast);
}

bool set_subset(Value super, Value sub) {
  return std::includes(super.items().begin(), super.items().end(), sub.items().begin(), sub.items().end(),
                       [](Value a, Value b) { return compare(a, b) < 0; });
}

// Whether `sub` stands in `super` as a run of neighbours.
bool array_subset(Value super, Value sub) {
  const std::uint32_t n = count(super), m = count(sub);
  for (std::uint32_t start = 0; start + m <= n; ++start) {
    std::uint32_t i = 0;
    while (i < m && equal(element(super, start + i), element(sub, i))) ++i;
    if (i == m) return true;
  }
  return false;
}

// As OPA counts: an item that stands twice in the array counts twice, and nothing is in an empty array.
bool array_set_subset(Value super, Value sub) {
  std::uint32_t unmatched = count(sub);
  for (Cursor c(super); c.next();) {
    if (contains(sub, c.value())) --unmatched;
    if (unmatched == 0) return true;
  }
  return false;
}

bool object_subset(Value super, Value sub) {
  for (Cursor c(sub); c.next();) {
    const Value theirs = lookup(super, c.key()), ours = c.value();
    if (!theirs.defined()) return false;
    if (equal(theirs, ours)) continue;
    if (theirs.type() != ours.type()) return false;
    const bool inside = ours.is_object()  ? object_subset(theirs, ours)
                        : ours.is_set()   ? set_subset(theirs, ours)
                        : ours.is_array() ? array_subset(theirs, ours)
                                          : false;
    if (!inside) return false;
  }
  return true;
}

}  // namespace

Value eval_object_get(BuiltinContext& context, Args args) {
  if (!check(context, args, 1, Type::kObject)) return Value();
  Value found = args[0];
  if (args[1].is_array()) {
    for (Cursor c(args[1]); found.defined() && c.next();) found = lookup(found, c.value());
  } else {
    found = lookup(found, args[1]);
  }
  return found.defined() ? found : args[2];
}

Value eval_object_keys(BuiltinContext& context, Args args) {
  if (!check(context, args, 1, Type::kObject)) return Value();
  std::vector<Value> keys;
  for (Cursor c(args[0]); c.next();) keys.push_back(c.key());
  return make_set(context.arena(), keys);
}

Value eval_object_remove(BuiltinContext& context, Args args) { return select(context, args, false); }
Value eval_object_filter(BuiltinContext& context, Args args) { return select(context, args, true); }

Value eval_object_union(BuiltinContext& context, Args args) {
  if (!check_all(context, args, {Type::kObject, Type::kObject})) return Value();
  return merge(context, args[0], args[1]);
}

Value eval_object_union_n(BuiltinContext& context, Args args) {
  if (!check(context, args, 1, Type::kArray)) return Value();
  for (Cursor c(args[0]); c.next();) {
    if (!c.value().is_object()) return wrong_element(context, 1, args[0], c.value(), {"object"});
  }
  Value merged = Value::empty_object();
  for (Cursor c(args[0]); c.next();) merged = merge(context, merged, c.value());
  return merged;
}

Value eval_object_subset(BuiltinContext& context, Args args) {
  const Value super = args[0], sub = args[1];
  if (super.is_object() && sub.is_object()) return Value::boolean(object_subset(super, sub));
  if (super.is_set() && sub.is_set()) return Value::boolean(set_subset(super, sub));
  if (super.is_array() && sub.is_array()) return Value::boolean(array_subset(super, sub));
  if (super.is_array() && sub.is_set()) return Value::boolean(array_set_subset(super, sub));
  return context.fail_operand("both arguments object.subset must be of the same type or array and set");
}

}  // namespace kubegate::rego
