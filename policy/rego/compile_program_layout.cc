// From the instructions of a block, with labels, to code: what only jumps goes away.
//
// An instruction goes on at the next one, at `fail`, or at either. A jump stands for where it leads, so whoever goes on
// at it goes on there. Additions carry their next place in `fail`, since a solution mostly goes back to a loop. A check
// that fails right behind a jump, as the end of a negation does, is turned around, and the jump with it. What nothing
// goes on at any more is left out; a jump is written again only where the next place is not the next instruction.
#include <algorithm>

#include "policy/rego/compile_program.h"

namespace kubegate::rego {
namespace {

constexpr std::size_t kNowhere = SIZE_MAX;

bool adds(Op op) { return op >= Op::kAdd && op <= Op::kSetResult; }

// The check that holds where `op` does not.
bool opposite(Instruction& in) {
  if (in.op >= Op::kCallBuiltin && in.op <= Op::kIsType) {
    if (in.dst != kWantTrue) return false;
    return in.dst = kWantFalse, true;
  }
  static constexpr std::pair<Op, Op> kPairs[] = {{Op::kTruthy, Op::kFalsy},
                                                 {Op::kEqual, Op::kNotEqual},
                                                 {Op::kLess, Op::kGreaterEqual},
                                                 {Op::kGreater, Op::kLessEqual}};
  for (const auto& [a, b] : kPairs) {
    if (in.op == a || in.op == b) return in.op = in.op == a ? b : a, true;
  }
  return false;
}

bool fails(Op op) {
  switch (op) {
    case Op::kNop:
    case Op::kReturn:
    case Op::kVisit:
    case Op::kUndefine:
    case Op::kMove:
    case Op::kElement:
    case Op::kDataKeys:
    case Op::kArray:
    case Op::kSet:
    case Op::kObject:
    case Op::kShape:
    case Op::kBegin:
    case Op::kEndArray:
    case Op::kEndSet:
    case Op::kEndObject:
    case Op::kEndPaths:
    case Op::kEnter:
    case Op::kLeave:
    case Op::kReenter: return false;
    default: return true;
  }
}

}  // namespace

Block BlockBuilder::finish() {
  insert();
  const std::size_t count = code_.size();
  // Where one ends up who goes on at i.
  const auto settle = [&](std::size_t i) {
    for (std::size_t hops = 0; hops <= count && i < count; ++hops) {
      if (code_[i].op == Op::kNop) {
        ++i;
      } else if (code_[i].op == Op::kJump) {
        i = labels_[code_[i].fail];
      } else {
        break;
      }
    }
    return i;
  };
  std::vector<std::size_t> next(count, kNowhere), fail(count, kNowhere);
  for (std::size_t i = 0; i < count; ++i) {
    Instruction& in = code_[i];
    if (in.op == Op::kReturn || in.op == Op::kNop || in.op == Op::kJump || in.op == Op::kSwitch ||
        in.op == Op::kNextRule) {
      continue;
    }
    if (adds(in.op)) {
      fail[i] = settle(i + 1);
      continue;
    }
    next[i] = settle(i + 1);
    if (!fails(in.op)) continue;
    fail[i] = settle(labels_[in.fail]);
    std::size_t behind = i + 1;
    while (behind < count && (code_[behind].op == Op::kJump || code_[behind].op == Op::kNop)) ++behind;
    if (code_[i + 1].op == Op::kJump && fail[i] == behind && opposite(in)) std::swap(next[i], fail[i]);
  }

  std::vector<bool> reached(count);
  const std::size_t entry = settle(0);
  std::vector<std::size_t> stack = {entry};
  for (const Label rule : rule_labels_) stack.push_back(settle(labels_[rule]));
  while (!stack.empty()) {
    const std::size_t i = stack.back();
    stack.pop_back();
    if (i >= count || reached[i]) continue;
    reached[i] = true;
    if (next[i] != kNowhere) stack.push_back(next[i]);
    if (fail[i] != kNowhere) stack.push_back(fail[i]);
  }

  std::vector<Instruction>& code = program_.program_->code_;
  std::vector<std::uint32_t> place(count);
  std::vector<std::pair<std::size_t, std::size_t>> targets;  // instruction, and what its `fail` was here
  for (std::size_t i = 0; i < count; ++i) {
    if (!reached[i]) continue;
    place[i] = static_cast<std::uint32_t>(code.size());
    if (fail[i] != kNowhere) targets.emplace_back(code.size(), fail[i]);
    code.push_back(code_[i]);
    code.back().fail = 0;
    if (next[i] == kNowhere) continue;
    std::size_t behind = i + 1;
    while (behind < count && !reached[behind]) ++behind;
    if (behind == next[i]) continue;
    targets.emplace_back(code.size(), next[i]);
    code.push_back({});
    code.back().op = Op::kJump;
  }
  for (const auto& [at, target] : targets) code[at].fail = place[target];
  for (std::size_t i = 0; i < rule_labels_.size(); ++i) {
    program_.program_->rule_lists_[first_rule_label_ + i] = place[settle(labels_[rule_labels_[i]])];
  }
  return {place[entry], static_cast<std::uint32_t>(levels_.size())};
}

}  // namespace kubegate::rego
