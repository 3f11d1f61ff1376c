// Comparison, arithmetic and bits. The arithmetic itself is policy/value/number.h's; here are the checks of operands.
// Rules: topdown/comparison.go, arithmetic.go, bits.go.
#include "policy/rego/builtins/functions.h"
#include "policy/rego/builtins/operands.h"

namespace kubegate::rego {
namespace {

using policy::Arithmetic;
using policy::Bits;
using policy::NumberFault;
using policy::Rounding;

Value result_of(BuiltinContext& context, Value result, NumberFault fault) {
  return fault == NumberFault::kNone ? result : context.fail(fault_text(fault));
}

Value calculate(BuiltinContext& context, Args args, Arithmetic op) {
  if (!check_all(context, args, {Type::kNumber, Type::kNumber})) return Value();
  NumberFault fault;
  const Value result = policy::calculate(context.arena(), op, args[0], args[1], fault);
  return result_of(context, result, fault);
}

Value round(BuiltinContext& context, Args args, Rounding op) {
  if (!check(context, args, 1, Type::kNumber)) return Value();
  NumberFault fault;
  const Value result = policy::round_number(context.arena(), op, args[0], fault);
  return result_of(context, result, fault);
}

// BigIntOperand's errors.
bool check_integer(BuiltinContext& context, Args args, int position) {
  const Value v = args[static_cast<std::size_t>(position - 1)];
  if (!v.is_number()) {
    wrong_type(context, position, v, {"integer"});
    return false;
  }
  if (policy::integral(v)) return true;
  bad_operand(context, position, "must be integer number but got floating-point number");
  return false;
}

Value bits(BuiltinContext& context, Args args, Bits op) {
  for (int i = 1; i <= static_cast<int>(args.size()); ++i) {
    if (!check_integer(context, args, i)) return Value();
  }
  if ((op == Bits::kShiftLeft || op == Bits::kShiftRight) && policy::negative(args[1])) {
    return bad_operand(context, 2, "must be an unsigned integer number but got a negative integer");
  }
  NumberFault fault;
  const Value result = policy::calculate_bits(context.arena(), op, args[0], args.back(), fault);
  return result_of(context, result, fault);
}

}  // namespace

Value eval_gt(BuiltinContext&, Args args) { return Value::boolean(compare(args[0], args[1]) > 0); }
Value eval_gte(BuiltinContext&, Args args) { return Value::boolean(compare(args[0], args[1]) >= 0); }
Value eval_lt(BuiltinContext&, Args args) { return Value::boolean(compare(args[0], args[1]) < 0); }
Value eval_lte(BuiltinContext&, Args args) { return Value::boolean(compare(args[0], args[1]) <= 0); }
Value eval_neq(BuiltinContext&, Args args) { return Value::boolean(!equal(args[0], args[1])); }
Value eval_equal(BuiltinContext&, Args args) { return Value::boolean(equal(args[0], args[1])); }

Value eval_plus(BuiltinContext& context, Args args) { return calculate(context, args, Arithmetic::kAdd); }
Value eval_mul(BuiltinContext& context, Args args) { return calculate(context, args, Arithmetic::kMultiply); }
Value eval_div(BuiltinContext& context, Args args) { return calculate(context, args, Arithmetic::kDivide); }
Value eval_rem(BuiltinContext& context, Args args) { return calculate(context, args, Arithmetic::kRemainder); }

Value eval_minus(BuiltinContext& context, Args args) {
  const Value a = args[0], b = args[1];
  if (a.is_number() && b.is_number()) return calculate(context, args, Arithmetic::kSubtract);
  if (a.is_set() && b.is_set()) return eval_set_diff(context, args);
  if (!a.is_number() && !a.is_set()) return wrong_type(context, 1, a, {"number", "set"});
  return wrong_type(context, 2, b, {b.is_number() ? "set" : "number"});
}

Value eval_abs(BuiltinContext& context, Args args) { return round(context, args, Rounding::kAbs); }
Value eval_round(BuiltinContext& context, Args args) { return round(context, args, Rounding::kRound); }
Value eval_ceil(BuiltinContext& context, Args args) { return round(context, args, Rounding::kCeil); }
Value eval_floor(BuiltinContext& context, Args args) { return round(context, args, Rounding::kFloor); }

Value eval_bits_or(BuiltinContext& context, Args args) { return bits(context, args, Bits::kOr); }
Value eval_bits_and(BuiltinContext& context, Args args) { return bits(context, args, Bits::kAnd); }
Value eval_bits_xor(BuiltinContext& context, Args args) { return bits(context, args, Bits::kXor); }
Value eval_bits_negate(BuiltinContext& context, Args args) { return bits(context, args, Bits::kNegate); }
Value eval_bits_lsh(BuiltinContext& context, Args args) { return bits(context, args, Bits::kShiftLeft); }
Value eval_bits_rsh(BuiltinContext& context, Args args) { return bits(context, args, Bits::kShiftRight); }

namespace {

// From a to b by `step` (positive), downwards where b is less.
Value range(BuiltinContext& context, Args args, Value step) {
  for (int i = 1; i <= static_cast<int>(args.size()); ++i) {
    if (!check_integer(context, args, i)) return Value();
  }
  if (compare(step, Value::integer(0)) <= 0) {
    return context.fail("numbers.range_step: step must be a positive integer");
  }
  const bool down = compare(args[0], args[1]) > 0;
  std::vector<Value> items;
  std::int64_t from, to, by;
  if (policy::number_integral(args[0], from) && policy::number_integral(args[1], to) &&
      policy::number_integral(step, by)) {
    const std::uint64_t distance = down ? static_cast<std::uint64_t>(from) - static_cast<std::uint64_t>(to)
                                        : static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from);
    const std::uint64_t n = distance / static_cast<std::uint64_t>(by);
    if (n >= UINT32_MAX) throw policy::MemoryLimitReached();
    Value* out = context.arena().allocate_array<Value>(n + 1);
    for (std::uint64_t i = 0; i <= n; ++i) {
      const std::uint64_t offset = i * static_cast<std::uint64_t>(by);
      const auto start = static_cast<std::uint64_t>(from);
      out[i] = Value::integer(static_cast<std::int64_t>(down ? start - offset : start + offset));
      if (i % 4096 == 4095 && context.interrupted && context.interrupted()) {
        return context.halt(kEvalCancelError, (args.size() == 3 ? "numbers.range_step" : "numbers.range") +
                                                  std::string(": timed out before generating all numbers in range"));
      }
    }
    return Value::array({out, n + 1});
  }
  NumberFault fault;
  constexpr std::int64_t kMaxLargeNumbers = 1 << 24;
  const Value distance = policy::calculate(context.arena(), Arithmetic::kSubtract, args[down], args[!down], fault);
  const Value bound =
      policy::calculate(context.arena(), Arithmetic::kMultiply, step, Value::integer(-kMaxLargeNumbers), fault);
  if (!bound.defined() || !distance.defined() || compare(bound, distance) > 0) throw policy::MemoryLimitReached();
  // Integral however they are written: the members print as integers.
  Value at = policy::calculate(context.arena(), Arithmetic::kAdd, args[0], Value::integer(0), fault);
  while (down ? compare(at, args[1]) >= 0 : compare(at, args[1]) <= 0) {
    items.push_back(at);
    context.arena().allocate(16);  // the vector's growth counts against the limit as well
    at = policy::calculate(context.arena(), down ? Arithmetic::kSubtract : Arithmetic::kAdd, at, step, fault);
  }
  return make_array(context.arena(), items);
}

}  // namespace

Value eval_numbers_range(BuiltinContext& context, Args args) { return range(context, args, Value::integer(1)); }
Value eval_numbers_range_step(BuiltinContext& context, Args args) { return range(context, args, args[2]); }

}  // namespace kubegate::rego
