// Once: what stands in a loop but does not depend on it is computed when it is first reached, and not again before a
// loop that it depends on makes another choice.
//
// A guard stands before the computation: where the register of its result is defined, it goes on behind. The register
// becomes undefined right before the outermost loop opens that the result does not depend on. So nothing is computed
// earlier than without this, or that would not be; and since a failure goes back to a loop that the computation depends
// on (compile_program_body.cc), only what succeeded is asked for again.
//
// Worth it are calls, comprehensions, and checks that hold either of these or a loop. What answers otherwise from call
// to call, or tells of itself, is done each time.
//
// Tested in tests/policy/rego/optimisations_test.cc.
#include <algorithm>

#include "policy/rego/compile_program.h"

namespace kubegate::rego {
namespace {

// What costs no more than a guard.
bool is_cheap(Op op) {
  return (op < Op::kFormat && op != Op::kScan && op != Op::kScanWhere) || (op >= Op::kPlus && op <= Op::kEndsWith) ||
         op == Op::kIsType;
}

bool is_repeatable(const BuiltinDeclaration& builtin) {
  return (builtin.flags & BuiltinDeclaration::kNondeterministic) == 0 && !builtin.result.empty() &&
         builtin.name != "trace" && builtin.name != "internal.test_case";
}

}  // namespace

// The place of a guard, for what is emitted from here on.
std::size_t BlockBuilder::begin_once() {
  emit(Op::kNop);
  return code_.size() - 1;
}

// Whether what was emitted since the guard, which depends on loops up to `level`, is worth it.
bool BlockBuilder::worth_once(std::size_t guard, std::uint32_t level) const {
  if (!program_.optimisations().hoisting || chronological_ || level >= loops_.size()) return false;
  const auto begin = code_.begin() + static_cast<std::ptrdiff_t>(guard);
  return !std::all_of(begin, code_.end(), [](const Instruction& in) { return is_cheap(in.op); }) &&
         std::all_of(begin, code_.end(), [&](const Instruction& in) {
           const bool builtin = in.op >= Op::kCallBuiltin && in.op <= Op::kEndsWith;
           return in.op != Op::kVisit && (!builtin || is_repeatable(*program_.program_->builtins_[in.imm]));
         });
}

// What was emitted since the guard gives `result`, which depends on loops up to `level`.
void BlockBuilder::end_once(std::size_t guard, Operand result, std::uint32_t level) {
  if (!worth_once(guard, level)) return;
  Instruction undefine;
  undefine.op = Op::kUndefine;
  undefine.dst = result;
  insertions_.emplace_back(loops_[level].instruction - 1, undefine);
  const Label behind = label();
  bind(behind);
  code_[guard].op = Op::kJumpIfDefined;
  code_[guard].a = result;
  code_[guard].fail = behind;
}

// The same for a check, which has no result but that it holds.
void BlockBuilder::end_once(std::size_t guard, std::uint32_t level) {
  if (!worth_once(guard, level)) return;
  Instruction& holds = emit(Op::kMove);
  holds.a = program_.constant(Value::boolean(true));
  holds.dst = reg(level);
  end_once(guard, holds.dst, level);
}

// Puts in what is to stand before instructions; where one jumps to these, one comes by it.
void BlockBuilder::insert() {
  if (insertions_.empty()) return;
  std::stable_sort(insertions_.begin(), insertions_.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Instruction> code;
  std::vector<std::uint32_t> places;
  auto next = insertions_.begin();
  for (std::size_t i = 0; i <= code_.size(); ++i) {
    places.push_back(static_cast<std::uint32_t>(code.size()));
    for (; next != insertions_.end() && next->first == i; ++next) code.push_back(next->second);
    if (i < code_.size()) code.push_back(code_[i]);
  }
  for (std::uint32_t& label : labels_) label = places[label];
  code_ = std::move(code);
  insertions_.clear();
}

}  // namespace kubegate::rego
