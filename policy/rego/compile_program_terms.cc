// Terms: constants, variables, collections, comprehensions.
//
// The checked tree is in an order in which every variable is bound before it is read, so which variables are bound at a
// point of a body is known here; a variable simply is the register of what it was bound to.
#include <algorithm>

#include "policy/rego/compile_program.h"
#include "policy/rego/visit.h"

namespace kubegate::rego {
namespace {

bool is_root(const Term* head, std::string_view name) { return head->is_var() && head->text == name; }

}  // namespace

// Whether all variables in a term are bound here.
bool BlockBuilder::ground(const Term* term) const {
  switch (term->kind) {
    case TermKind::kVar: return scope_.vars.find(term->text) != scope_.vars.end();
    case TermKind::kArrayComprehension:
    case TermKind::kSetComprehension:
    case TermKind::kObjectComprehension: return true;
    case TermKind::kRef:
      if (is_root(term->terms[0], "data") || is_root(term->terms[0], "input")) {
        return std::all_of(term->terms.begin() + 1, term->terms.end(), [&](const Term* t) { return ground(t); });
      }
      break;
    default: break;
  }
  return std::all_of(term->terms.begin(), term->terms.end(), [&](const Term* t) { return ground(t); });
}

Operand BlockBuilder::term(const Term* node) {
  switch (node->kind) {
    case TermKind::kVar: {
      if (const auto found = scope_.vars.find(node->text); found != scope_.vars.end()) return found->second;
      if (node->text == "input" || node->text == "data") break;
      return unbound(node);
    }
    case TermKind::kRef: return reference(node);
    case TermKind::kArray:
    case TermKind::kObject:
    case TermKind::kSet: return collection(node);
    case TermKind::kArrayComprehension:
    case TermKind::kSetComprehension:
    case TermKind::kObjectComprehension: return comprehension(node);
    case TermKind::kCall:
    case TermKind::kTemplateString: return unbound(node);
    default: break;
  }
  return program_.constant(program_.constant_value(node));
}

// An instruction over a list of operands.
Instruction BlockBuilder::with_list(Op op, const std::vector<Operand>& parts) {
  std::vector<Operand>& lists = program_.program_->operands_;
  Instruction out;
  out.op = op;
  out.a = static_cast<Operand>(lists.size());
  out.n = static_cast<std::uint16_t>(parts.size());
  if (parts.size() > UINT16_MAX) program_.too_large();
  lists.insert(lists.end(), parts.begin(), parts.end());
  for (const Operand part : parts) depend_on(part);
  return out;
}

// Two registers behind one another.
Operand BlockBuilder::pair(Operand first, Operand second) {
  const Operand out = registers(2, 0);
  const Operand parts[] = {first, second};
  for (int i = 0; i < 2; ++i) {
    Instruction& move = emit(Op::kMove);
    move.dst = out + i;
    move.a = parts[i];
    levels_[static_cast<std::size_t>(move.dst)] = depend_on(parts[i]);
  }
  return out;
}

Operand BlockBuilder::collection(const Term* node) {
  if (is_constant(node)) return program_.constant(program_.constant_value(node));
  const bool object = node->kind == TermKind::kObject;
  const bool shaped = object && std::all_of(node->terms.begin(), node->terms.end(), [&, i = 0](const Term* t) mutable {
                        return i++ % 2 == 1 || is_constant(t);
                      });
  std::vector<Operand> parts;
  Shape shape;
  std::uint32_t depends = 0;
  for (std::size_t i = 0; i < node->terms.size(); ++i) {
    if (shaped && i % 2 == 0) {
      shape.keys.push_back(program_.constant_value(node->terms[i]));
      continue;
    }
    parts.push_back(term(node->terms[i]));
    depends = std::max(depends, level(parts.back()));
  }
  Instruction make;
  if (shaped) {
    std::vector<std::size_t> order(shape.keys.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return policy::compare(shape.keys[a], shape.keys[b]) < 0; });
    Shape sorted;
    std::vector<Operand> values;
    for (const std::size_t i : order) {
      // Of equal keys the last counts.
      if (!sorted.keys.empty() && policy::equal(sorted.keys.back(), shape.keys[i])) {
        values.back() = parts[i];
        continue;
      }
      sorted.keys.push_back(shape.keys[i]);
      values.push_back(parts[i]);
    }
    make = with_list(Op::kShape, values);
    make.imm = program_.shape(std::move(sorted));
  } else {
    make = with_list(object ? Op::kObject : node->kind == TermKind::kArray ? Op::kArray : Op::kSet, parts);
  }
  make.dst = reg(depends);
  code_.push_back(make);
  return make.dst;
}

Operand BlockBuilder::comprehension(const Term* node) {
  if (const Operand known = program_.closed(node, *this); known != kNoOperand) return known;
  const std::size_t guard = begin_once();
  const Operand begin = reg(0);
  emit(Op::kBegin).dst = begin;
  const auto outer = scope_.mark();
  const Label end = label();
  open_region(end);
  body(node->body);
  Operand parts[2];
  std::uint32_t depends = 0;
  for (std::size_t i = 0; i < node->terms.size(); ++i) {
    parts[i] = term(node->terms[i]);
    depends = std::max(depends, depend_on(parts[i]));
  }
  const bool object = node->kind == TermKind::kObjectComprehension;
  Instruction& add = emit(object ? Op::kAddMember : Op::kAdd);
  add.a = parts[0];
  if (object) add.b = parts[1];
  if (node->kind == TermKind::kArrayComprehension) {
    every_solution();
  } else {
    solution(depends);
  }
  const std::uint32_t used = close_region();
  bind(end);
  scope_.rewind(outer);
  const Operand out = reg(depend(used));
  Instruction& done = emit(object                                      ? Op::kEndObject
                           : node->kind == TermKind::kSetComprehension ? Op::kEndSet
                                                                       : Op::kEndArray);
  done.a = begin;
  done.dst = out;
  if (object) done.imm = program_.place(node->location);
  end_once(guard, out, used);
  return out;
}

}  // namespace kubegate::rego
