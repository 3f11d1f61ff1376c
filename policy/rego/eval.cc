// The interpreter. One loop over the instructions of one block; a document or function that it needs is a call of run()
// one frame deeper, so the depth of C++ calls is that of rules that wait for one another, which Limits::depth bounds.
//
// Tested in tests/policy/rego: by OPA's conformance cases and against the naive evaluator.
#include "policy/rego/eval.h"

#include <algorithm>
#include <new>

#include "policy/rego/eval_scan.h"
#include "policy/value/document_root.h"
#include "policy/value/number.h"

namespace kubegate::rego {
namespace {

using policy::EqualKeys;
using policy::Member;

// Room for arguments, not set to undefined first.
struct Arguments {
  alignas(Value) std::byte bytes[kMaxBuiltinArguments * sizeof(Value)];
  Value* values() { return reinterpret_cast<Value*>(bytes); }
};

inline int order(const Value& a, const Value& b) {
  if (a.is_int() && b.is_int()) return a.int_value() < b.int_value() ? -1 : a.int_value() > b.int_value();
  return policy::compare(a, b);
}

inline bool same(const Value& a, const Value& b) {
  if (a.is_string() && b.is_string()) return policy::same_text(a.text(), b.text());
  return policy::equal(a, b);
}

}  // namespace

void Evaluation::fail(std::string_view code, std::string message, std::uint32_t place) {
  throw EvalFailure{code, std::move(message), place};
}

void Evaluation::conflict(const Instruction& at) {
  if (at.op != Op::kSetResult || at.n != 0) fail(kEvalConflictError, "object keys must be unique", at.imm);
  const VirtualDocument& document = program_->documents_[static_cast<std::size_t>(at.b)];
  fail(kEvalConflictError,
       document.kind == VirtualDocument::Kind::kFunction
           ? "function " + document.path + " produced conflicting values for the same inputs"
           : "rule " + document.path + " produced conflicting values",
       at.imm);
}

void Evaluation::check_limits() {
  constexpr std::uint64_t kInterval = 4096;
  if (limits_.steps != 0 && steps_ > limits_.steps) {
    fail(kEvalCancelError, "the evaluation took more than " + std::to_string(limits_.steps) + " steps", 0);
  }
  if (limits_.cancel != nullptr && limits_.cancel->load(std::memory_order_relaxed)) {
    fail(kEvalCancelError, "caller cancelled query execution", 0);
  }
  if (is_late()) {
    fail(kEvalCancelError, "the evaluation took longer than " + std::to_string(limits_.time.count() / 1000000) + " ms",
         0);
  }
  next_check_ = steps_ + kInterval;
  if (limits_.steps != 0 && next_check_ > limits_.steps + 1) next_check_ = limits_.steps + 1;
}

template <bool kTraced>
Value Evaluation::run_block(const Block& block, Value* const r) {
  const Program& program = *program_;
  const Instruction* const code = program.code_.data();
  const Value* const constants = program.constants_.data();
  const Instruction* ip = code + block.entry;

  const auto get = [&](Operand operand) -> const Value& {
    return *(operand >= 0 ? r + operand : constants + ~operand);
  };

  const auto gather = [&](const Instruction& in, Value* to) {
    const Operand* list = program.operands_.data() + in.a;
    for (std::uint32_t i = 0; i < in.n; ++i) new (to + i) Value(get(list[i]));
  };

  // The end of a call.
  const auto finish = [&](const Instruction& in, Value value) {
    if (in.dst < kWantFalse) {
      r[in.dst] = value;
      if (!value.defined()) ip = code + in.fail;
    } else if (in.dst == kWantTrue ? !value.truthy() : value.truthy()) {
      ip = code + in.fail;
    }
  };

  if constexpr (kTraced) tracer_->enter(r);
  while (true) {
    const Instruction& in = *ip++;
    [[maybe_unused]] Tracer::Step step;
    if constexpr (kTraced) step = tracer_->before(in, r);
    switch (in.op) {
      case Op::kNop: break;
      case Op::kJump: ip = code + in.fail; break;
      case Op::kJumpIfDefined:
        if (get(in.a).defined()) ip = code + in.fail;
        break;
      case Op::kReturn: return in.a == kNoOperand ? Value() : get(in.a);
      case Op::kVisit: visit(in.imm); break;
      case Op::kUndefine: r[in.dst] = Value(); break;
      case Op::kMove:
        r[in.dst] = get(in.a);
        break;

        // ---- References

      case Op::kPath: {
        const Value value = path(in.imm);
        r[in.dst] = value;
        if (!value.defined() && in.n == 0) ip = code + in.fail;
        break;
      }
      case Op::kStepText: {
        const Value& from = get(in.a);
        const TextKey& key = program.keys_[in.imm];
        const Value value = from.is_object() ? policy::find_member(from, key.text, key.hash)
                            : in.n != 0      ? stored_member(from, Value::string(key.text))
                                             : policy::lookup(from, Value::string(key.text));
        r[in.dst] = value;
        if (!value.defined()) ip = code + in.fail;
        break;
      }
      case Op::kStep: {
        const Value value = in.n != 0 ? stored_member(get(in.a), get(in.b)) : policy::lookup(get(in.a), get(in.b));
        r[in.dst] = value;
        if (!value.defined()) ip = code + in.fail;
        break;
      }
      case Op::kElement: r[in.dst] = policy::element(get(in.a), in.imm); break;
      case Op::kScan:
        if (!Scan::open(r + in.dst, get(in.a))) ip = code + in.fail;
        break;
      case Op::kScanWhere:
        if (!narrow(in, get(in.a), get(in.b), r + in.dst)) ip = code + in.fail;
        break;
      case Op::kNext: {
        Scan& scan = *reinterpret_cast<Scan*>(r + in.a);
        if (scan.at == scan.count) {
          ip = code + in.fail;
          break;
        }
        tick();
        scan.next(in.dst == kNoOperand ? nullptr : r + in.dst, in.b == kNoOperand ? nullptr : r + in.b);
        break;
      }
      case Op::kDocument: {
        const Value value = document(in.imm);
        r[in.dst] = value;
        if (!value.defined()) ip = code + in.fail;
        break;
      }
      case Op::kMember: {
        const Value value = member(in.imm, get(in.a));
        r[in.dst] = value;
        if (!value.defined()) ip = code + in.fail;
        break;
      }
      case Op::kDataKeys: r[in.dst] = data_keys(get(in.a), get(in.a + 1)); break;
      case Op::kDataStep:
        if (!data_step(get(in.a), get(in.a + 1), get(in.b), r + in.dst) && in.n == 0) ip = code + in.fail;
        break;
      case Op::kDataValue: {
        const Value value = data_value(get(in.a), get(in.a + 1));
        r[in.dst] = value;
        if (!value.defined()) ip = code + in.fail;
        break;
      }

        // ---- Checks

      case Op::kTruthy:
        if (!get(in.a).truthy()) ip = code + in.fail;
        break;
      case Op::kFalsy:
        if (get(in.a).truthy()) ip = code + in.fail;
        break;
      case Op::kIsCollection:
        if (!get(in.a).is_collection()) ip = code + in.fail;
        break;
      case Op::kEqual:
        if (!same(get(in.a), get(in.b))) ip = code + in.fail;
        break;
      case Op::kNotEqual:
        if (same(get(in.a), get(in.b))) ip = code + in.fail;
        break;
      case Op::kLess:
        if (order(get(in.a), get(in.b)) >= 0) ip = code + in.fail;
        break;
      case Op::kLessEqual:
        if (order(get(in.a), get(in.b)) > 0) ip = code + in.fail;
        break;
      case Op::kGreater:
        if (order(get(in.a), get(in.b)) <= 0) ip = code + in.fail;
        break;
      case Op::kGreaterEqual:
        if (order(get(in.a), get(in.b)) < 0) ip = code + in.fail;
        break;
      case Op::kIsArray: {
        const Value& value = get(in.a);
        if (!value.is_array() || policy::count(value) != in.imm) ip = code + in.fail;
        break;
      }
      case Op::kIsObject: {
        const Value& value = get(in.a);
        if (!value.is_object() || policy::count(value) != in.imm) ip = code + in.fail;
        break;
      }

        // ---- Values

      case Op::kArray: {
        Value* items = arena_.allocate_array<Value>(in.n);
        gather(in, items);
        r[in.dst] = Value::array({items, in.n});
        break;
      }
      case Op::kSet: {
        Value* items = arena_.allocate_array<Value>(in.n);
        gather(in, items);
        r[in.dst] = policy::make_set(arena_, {items, in.n});
        break;
      }
      case Op::kObject: {
        auto* members = arena_.allocate_array<Member>(in.n / 2);
        const Operand* list = program.operands_.data() + in.a;
        for (std::uint32_t i = 0; i < in.n / 2u; ++i) members[i] = {get(list[2 * i]), get(list[2 * i + 1])};
        r[in.dst] = policy::make_object(arena_, {members, in.n / 2u}, EqualKeys::kLast);
        break;
      }
      case Op::kShape: {
        const std::vector<Value>& keys = program.shapes_[in.imm].keys;
        auto* members = arena_.allocate_array<Member>(in.n);
        const Operand* list = program.operands_.data() + in.a;
        for (std::uint32_t i = 0; i < in.n; ++i) members[i] = {keys[i], get(list[i])};
        r[in.dst] = Value::sorted_object({members, in.n});
        break;
      }

      case Op::kFormat: {
        Arguments few;
        gather(in, few.values());
        finish(in, format(in, few.values()));
        break;
      }

        // ---- Calls

      case Op::kPlus:
      case Op::kMinus:
      case Op::kTimes: {
        const Operand* list = program.operands_.data() + in.a;
        const Value &x = get(list[0]), &y = get(list[1]);
        std::int64_t result;
        if (x.is_int() && y.is_int() && in.dst < kWantFalse &&
            !(in.op == Op::kPlus    ? __builtin_add_overflow(x.int_value(), y.int_value(), &result)
              : in.op == Op::kMinus ? __builtin_sub_overflow(x.int_value(), y.int_value(), &result)
                                    : __builtin_mul_overflow(x.int_value(), y.int_value(), &result))) {
          r[in.dst] = Value::integer(result);
          break;
        }
        goto call_builtin;
      }
      case Op::kCount: {
        const Value& x = get(program.operands_[static_cast<std::size_t>(in.a)]);
        if (x.is_collection() && in.dst < kWantFalse) {
          r[in.dst] = Value::integer(policy::count(x));
          break;
        }
        goto call_builtin;
      }
      case Op::kStartsWith:
      case Op::kEndsWith: {
        const Operand* list = program.operands_.data() + in.a;
        const Value &x = get(list[0]), &y = get(list[1]);
        if (!x.is_string() || !y.is_string()) goto call_builtin;
        const bool holds = in.op == Op::kStartsWith ? x.text().starts_with(y.text()) : x.text().ends_with(y.text());
        finish(in, Value::boolean(holds));
        break;
      }
      case Op::kIsType: finish(in, Value::boolean(get(in.a).type() == static_cast<policy::Type>(in.imm))); break;
      case Op::kCallBuiltin:
      call_builtin : {
        Arguments few;
        Value* args = few.values();
        gather(in, args);
        finish(in, builtin(in.imm, args, in.n, static_cast<std::uint32_t>(in.b)));
        break;
      }
      case Op::kCallFunction:
      case Op::kCallMocked: {
        Arguments few;
        Value* args = in.n <= kMaxBuiltinArguments ? few.values() : arena_.allocate_array<Value>(in.n);
        gather(in, args);
        finish(in, in.op == Op::kCallFunction ? call(in.imm, args, in.n) : call_mocked(in, args));
        break;
      }

        // ---- Collections under construction

      case Op::kBegin:
        r[in.dst] = Value::integer(static_cast<std::int64_t>(members_.size() << 32 | items_.size()));
        break;
      case Op::kAdd:
        push(get(in.a));
        ip = code + in.fail;
        break;
      case Op::kAddMember:
        push(get(in.a), get(in.b));
        ip = code + in.fail;
        break;
      case Op::kAddPath: {
        const Operand* list = program.operands_.data() + in.a;
        for (std::uint32_t i = 0; i < in.n; ++i) push(get(list[i]));
        push(Value::integer((in.n - 1) * 4 + static_cast<std::int64_t>(in.imm)));
        ip = code + in.fail;
        break;
      }
      case Op::kEndArray:
      case Op::kEndSet: {
        const std::size_t begin = static_cast<std::uint32_t>(get(in.a).int_value());
        const std::span<Value> all(items_.data() + begin, items_.size() - begin);
        r[in.dst] = in.op == Op::kEndSet ? policy::make_set(arena_, all) : policy::make_array(arena_, all);
        items_.resize(begin);
        break;
      }
      case Op::kEndObject: {
        const std::size_t begin = static_cast<std::uint64_t>(get(in.a).int_value()) >> 32;
        const Value value =
            policy::make_object(arena_, {members_.data() + begin, members_.size() - begin}, EqualKeys::kConflict);
        if (!value.defined()) conflict(in);
        members_.resize(begin);
        r[in.dst] = value;
        break;
      }
      case Op::kEndPaths: r[in.dst] = end_paths(static_cast<std::uint32_t>(get(in.a).int_value()), in); break;

      case Op::kSetResult: {
        const Value& value = get(in.a);
        if (r[in.dst].defined() && !policy::equal(r[in.dst], value)) conflict(in);
        r[in.dst] = value;
        ip = code + in.fail;
        break;
      }

        // ---- with

      case Op::kEnter: {
        Value* operands = arena_.allocate_array<Value>(in.n);
        gather(in, operands);
        World* world = enter(program.modifiers_[in.imm], operands);
        r[in.dst] = Value::integer(reinterpret_cast<std::intptr_t>(world));
        break;
      }
      case Op::kLeave:
      case Op::kReenter: swap_world(*reinterpret_cast<World*>(get(in.a).int_value())); break;

      case Op::kSwitch: {
        const Value& value = get(in.a);
        const RuleIndex& index = program.indexes_[in.imm];
        const auto at = std::lower_bound(index.entries.begin(), index.entries.end(), value,
                                         [](const RuleIndex::Entry& entry, const Value& wanted) {
                                           return policy::compare(entry.value, wanted) < 0;
                                         });
        const std::uint32_t list =
            at != index.entries.end() && policy::equal(at->value, value) ? at->list : index.others;
        r[in.dst] = Value::integer(list + 1);
        ip = code + program.rule_lists_[list];
        break;
      }
      case Op::kNextRule: {
        const std::int64_t at = get(in.a).int_value();
        r[in.a] = Value::integer(at + 1);
        ip = code + program.rule_lists_[static_cast<std::size_t>(at)];
        break;
      }
    }
    if constexpr (kTraced) tracer_->after(in, r, step, ip);
  }
}

template Value Evaluation::run_block<false>(const Block&, Value*);
template Value Evaluation::run_block<true>(const Block&, Value*);

}  // namespace kubegate::rego
