// Aggregates, arrays, sets, membership and type tests. Rules: topdown/aggregates.go, array.go, sets.go, binary.go,
// casts.go, type.go, type_name.go.
//
// Sets are sorted arrays, so union, intersection and difference are one pass over both.
#include <algorithm>
#include <iterator>

#include "policy/rego/builtins/functions.h"
#include "policy/rego/builtins/operands.h"

namespace kubegate::rego {
namespace {

using policy::Arithmetic;
using policy::NumberFault;

bool less(Value a, Value b) { return compare(a, b) < 0; }

bool is_list(Value v) { return v.is_array() || v.is_set(); }

// The sum or product of the numbers of an array or set.
Value accumulate(BuiltinContext& context, Args args,
                 Value (*all)(ValueArena& arena, std::span<const Value> numbers, NumberFault& fault)) {
  if (!is_list(args[0])) return wrong_type(context, 1, args[0], {"set", "array"});
  for (Cursor c(args[0]); c.next();) {
    if (!c.value().is_number()) return wrong_element(context, 1, args[0], c.value(), {"number"});
  }
  NumberFault fault;
  const Value result = all(context.arena(), items_of(args[0]), fault);
  return fault == NumberFault::kNone ? result : context.fail(fault_text(fault));
}

Value extreme(BuiltinContext& context, Args args, int sign) {
  if (!is_list(args[0])) return wrong_type(context, 1, args[0], {"set", "array"});
  Value best;
  for (Cursor c(args[0]); c.next();) {
    if (!best.defined() || sign * compare(c.value(), best) >= 0) best = c.value();
  }
  return best;
}

enum class SetOperation { kUnion, kIntersection, kDifference };

Value combine(BuiltinContext& context, SetOperation op, Value a, Value b) {
  const auto x = a.items(), y = b.items();
  std::vector<Value> out;
  const auto put = std::back_inserter(out);
  switch (op) {
    case SetOperation::kUnion: std::set_union(x.begin(), x.end(), y.begin(), y.end(), put, less); break;
    case SetOperation::kIntersection: std::set_intersection(x.begin(), x.end(), y.begin(), y.end(), put, less); break;
    case SetOperation::kDifference: std::set_difference(x.begin(), x.end(), y.begin(), y.end(), put, less); break;
  }
  const Value items = make_array(context.arena(), out);
  return Value::sorted_set(items.items());
}

Value combine_two(BuiltinContext& context, Args args, SetOperation op) {
  if (!check_all(context, args, {Type::kSet, Type::kSet})) return Value();
  return combine(context, op, args[0], args[1]);
}

bool has_type(Args args, Type type) { return args[0].type() == type; }

Value cast(BuiltinContext& context, Args args, Type type) { return check(context, args, 1, type) ? args[0] : Value(); }

}  // namespace

Value eval_sum(BuiltinContext& context, Args args) { return accumulate(context, args, policy::add_all); }
Value eval_product(BuiltinContext& context, Args args) { return accumulate(context, args, policy::multiply_all); }
Value eval_max(BuiltinContext& context, Args args) { return extreme(context, args, 1); }
Value eval_min(BuiltinContext& context, Args args) { return extreme(context, args, -1); }

Value eval_sort(BuiltinContext& context, Args args) {
  if (!is_list(args[0])) return wrong_type(context, 1, args[0], {"set", "array"});
  if (args[0].is_set()) return Value::array_of(args[0], args[0].items());
  std::vector<Value> items = items_of(args[0]);
  std::stable_sort(items.begin(), items.end(), less);
  return make_array(context.arena(), items);
}

Value eval_all(BuiltinContext& context, Args args) {
  if (!is_list(args[0])) return wrong_type(context, 1, args[0], {"array", "set"});
  for (Cursor c(args[0]); c.next();) {
    if (!c.value().is_true()) return Value::boolean(false);
  }
  return Value::boolean(true);
}

Value eval_any(BuiltinContext& context, Args args) {
  if (!is_list(args[0])) return wrong_type(context, 1, args[0], {"array", "set"});
  for (Cursor c(args[0]); c.next();) {
    if (c.value().is_true()) return Value::boolean(true);
  }
  return Value::boolean(false);
}

Value eval_member_2(BuiltinContext&, Args args) {
  if (args[1].is_set()) return Value::boolean(contains(args[1], args[0]));
  for (Cursor c(args[1]); c.next();) {
    if (equal(c.value(), args[0])) return Value::boolean(true);
  }
  return Value::boolean(false);
}

Value eval_member_3(BuiltinContext&, Args args) {
  const Value found = lookup(args[2], args[0]);
  return Value::boolean(found.defined() && equal(found, args[1]));
}

Value eval_array_concat(BuiltinContext& context, Args args) {
  if (!check_all(context, args, {Type::kArray, Type::kArray})) return Value();
  if (count(args[0]) == 0) return args[1];
  if (count(args[1]) == 0) return args[0];
  std::vector<Value> items = items_of(args[0]);
  for (Cursor c(args[1]); c.next();) items.push_back(c.value());
  return make_array(context.arena(), items);
}

Value eval_array_flatten(BuiltinContext& context, Args args) {
  if (!check(context, args, 1, Type::kArray)) return Value();
  std::vector<Value> items;
  for (Cursor c(args[0]); c.next();) {
    if (!c.value().is_array()) {
      items.push_back(c.value());
      continue;
    }
    for (Cursor nested(c.value()); nested.next();) items.push_back(nested.value());
  }
  return make_array(context.arena(), items);
}

Value eval_array_slice(BuiltinContext& context, Args args) {
  std::int64_t start, stop;
  if (!check(context, args, 1, Type::kArray) || !check_int(context, args, 2, start) ||
      !check_int(context, args, 3, stop)) {
    return Value();
  }
  stop = std::clamp<std::int64_t>(stop, 0, count(args[0]));
  start = std::clamp<std::int64_t>(start, 0, stop);
  if (args[0].rep() == Value::Rep::kArray) {
    return Value::array_of(
        args[0], args[0].items().subspan(static_cast<std::size_t>(start), static_cast<std::size_t>(stop - start)));
  }
  std::vector<Value> items;
  for (std::int64_t i = start; i < stop; ++i) items.push_back(element(args[0], static_cast<std::uint32_t>(i)));
  return make_array(context.arena(), items);
}

Value eval_array_reverse(BuiltinContext& context, Args args) {
  if (!check(context, args, 1, Type::kArray)) return Value();
  std::vector<Value> items = items_of(args[0]);
  std::reverse(items.begin(), items.end());
  return make_array(context.arena(), items);
}

Value eval_and(BuiltinContext& context, Args args) { return combine_two(context, args, SetOperation::kIntersection); }
Value eval_or(BuiltinContext& context, Args args) { return combine_two(context, args, SetOperation::kUnion); }
Value eval_set_diff(BuiltinContext& context, Args args) {
  return combine_two(context, args, SetOperation::kDifference);
}

Value eval_intersection(BuiltinContext& context, Args args) {
  if (!check(context, args, 1, Type::kSet)) return Value();
  Value result;
  for (Cursor c(args[0]); c.next();) {
    if (!c.value().is_set()) return wrong_type(context, 1, c.value(), {"set"});
    result = result.defined() ? combine(context, SetOperation::kIntersection, result, c.value()) : c.value();
  }
  return result.defined() ? result : Value::empty_set();
}

Value eval_union(BuiltinContext& context, Args args) {
  if (!check(context, args, 1, Type::kSet)) return Value();
  std::vector<Value> items;
  for (Cursor c(args[0]); c.next();) {
    if (!c.value().is_set()) return wrong_type(context, 1, c.value(), {"set"});
    items.insert(items.end(), c.value().items().begin(), c.value().items().end());
  }
  return make_set(context.arena(), items);
}

Value eval_is_null(BuiltinContext&, Args args) { return Value::boolean(has_type(args, Type::kNull)); }
Value eval_is_boolean(BuiltinContext&, Args args) { return Value::boolean(has_type(args, Type::kBoolean)); }
Value eval_is_number(BuiltinContext&, Args args) { return Value::boolean(has_type(args, Type::kNumber)); }
Value eval_is_string(BuiltinContext&, Args args) { return Value::boolean(has_type(args, Type::kString)); }
Value eval_is_array(BuiltinContext&, Args args) { return Value::boolean(has_type(args, Type::kArray)); }
Value eval_is_object(BuiltinContext&, Args args) { return Value::boolean(has_type(args, Type::kObject)); }
Value eval_is_set(BuiltinContext&, Args args) { return Value::boolean(has_type(args, Type::kSet)); }
Value eval_type_name(BuiltinContext&, Args args) { return Value::string(type_name(args[0].type())); }

Value eval_cast_null(BuiltinContext& context, Args args) { return cast(context, args, Type::kNull); }
Value eval_cast_boolean(BuiltinContext& context, Args args) { return cast(context, args, Type::kBoolean); }
Value eval_cast_string(BuiltinContext& context, Args args) { return cast(context, args, Type::kString); }
Value eval_cast_object(BuiltinContext& context, Args args) { return cast(context, args, Type::kObject); }

Value eval_cast_array(BuiltinContext& context, Args args) {
  if (!is_list(args[0])) return wrong_type(context, 1, args[0], {"array", "set"});
  return args[0].is_set() ? Value::array_of(args[0], args[0].items()) : args[0];
}

Value eval_cast_set(BuiltinContext& context, Args args) {
  if (!is_list(args[0])) return wrong_type(context, 1, args[0], {"array", "set"});
  if (args[0].is_set()) return args[0];
  std::vector<Value> items = items_of(args[0]);
  return make_set(context.arena(), items);
}

}  // namespace kubegate::rego
