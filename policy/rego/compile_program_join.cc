// Joins: a loop whose items are compared with something that is known before it, `item.key == wanted`, may leave out
// the items that cannot pass. The comparison stays, so what the machine leaves out, and whether it does, is its own
// affair (eval_join.cc).
//
// What is compared of an item is the item itself or what is at constant steps from it. What it is compared with must be
// in a register before the loop begins; steps that were only made behind its head, as in `item.key == input.name`, are
// made before it instead: they can do nothing but fail, and then the loop would find nothing.
//
// Between the head of the loop and the comparison there may be only steps and comparisons, since what is left out must
// leave out nothing that is seen otherwise, such as an error of a built-in.
//
// Tested in tests/policy/rego: machine_test.cc, and with joins switched off in optimisations_test.cc.
#include <algorithm>

#include "policy/rego/compile_program.h"

namespace kubegate::rego {
namespace {

// Whether an instruction does nothing but write its register or fail.
bool is_step(const Instruction& in) {
  return (in.op == Op::kPath && in.n == 0) || in.op == Op::kStepText || in.op == Op::kStep;
}

bool is_silent(const Instruction& in) {
  return is_step(in) || in.op == Op::kNop || in.op == Op::kElement || (in.op >= Op::kTruthy && in.op <= Op::kIsObject);
}

}  // namespace

// The instruction from `from` on that writes a register; null where it is written before.
const Instruction* BlockBuilder::writer(Operand reg, std::size_t from) const {
  const auto found = std::find_if(code_.begin() + static_cast<std::ptrdiff_t>(from), code_.end(),
                                  [&](const Instruction& in) { return in.dst == reg && in.op != Op::kNop; });
  return found == code_.end() ? nullptr : &*found;
}

// Whether `part` is at constant steps from the item that the instruction `next` gives.
bool BlockBuilder::part_of_item(Operand part, std::size_t next, std::vector<Value>& steps) const {
  while (part != code_[next].dst) {
    const Instruction* step = writer(part, next + 1);
    if (step == nullptr) return false;
    if (step->op == Op::kStepText && step->n == 0) {
      steps.push_back(Value::string(program_.program_->keys_[step->imm].text));
    } else if (step->op == Op::kStep && step->n == 0 && step->b < 0) {
      steps.push_back(program_.constant_of(step->b));
    } else if (step->op == Op::kElement) {
      steps.push_back(Value::integer(step->imm));
    } else {
      return false;
    }
    part = step->a;
  }
  std::reverse(steps.begin(), steps.end());
  return true;
}

// Whether an operand is known before the loop `own`, which `scan` opens, or can be.
bool BlockBuilder::known_before(Operand operand, std::size_t scan, std::uint32_t own) const {
  if (operand < 0 || operand == kNoOperand) return true;
  if (level(operand) >= own) return false;
  const Instruction* made = writer(operand, scan);
  if (made == nullptr) return true;
  return is_step(*made) &&
         (made->op == Op::kPath || (known_before(made->a, scan, own) && known_before(made->b, scan, own)));
}

void BlockBuilder::move_before(Operand operand, std::size_t scan) {
  if (operand < 0 || operand == kNoOperand) return;
  const Instruction* made = writer(operand, scan);
  if (made == nullptr) return;
  const std::size_t at = static_cast<std::size_t>(made - code_.data());
  if (made->op != Op::kPath) {
    move_before(made->a, scan);
    move_before(made->b, scan);
  }
  insertions_.emplace_back(scan, code_[at]);
  code_[at] = {};
}

bool BlockBuilder::narrow_scan(Operand item_part, Operand wanted) {
  if (!program_.optimisations().joins || chronological_ || item_part < 0 || wanted == item_part) return false;
  const std::uint32_t own = level(item_part);
  if (own <= region().base || loops_[own - 1].ordered) return false;
  const std::size_t next = loops_[own - 1].instruction, scan = next - 1;
  if (code_[scan].op != Op::kScan || code_[next].dst == kNoOperand) return false;
  if (!std::all_of(code_.begin() + static_cast<std::ptrdiff_t>(next) + 1, code_.end(), is_silent)) return false;
  JoinKey key;
  if (!part_of_item(item_part, next, key.steps) || !known_before(wanted, scan, own)) return false;
  move_before(wanted, scan);
  const Operand collection = code_[scan].a;
  const Instruction* source = collection < 0 ? nullptr : writer(collection, 0);
  key.stored =
      collection < 0 || (source != nullptr && source->op == Op::kPath && program_.program_->paths_[source->imm].data);
  Instruction& narrowed = code_[scan];
  narrowed.op = Op::kScanWhere;
  narrowed.b = wanted;
  narrowed.imm = static_cast<std::uint32_t>(program_.program_->joins_.size());
  narrowed.fail = fail_for(std::max(level(collection), depend_on(wanted)));
  program_.program_->joins_.push_back(std::move(key));
  return true;
}

}  // namespace kubegate::rego
