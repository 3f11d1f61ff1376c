// Unification, taken apart: a side that is known is compared, one that is not is bound, a pattern is matched part by
// part.
#include <utility>
#include <vector>

#include "policy/rego/compile_program.h"

namespace kubegate::rego {

void BlockBuilder::check(Op op, Operand a, Operand b) {
  if (program_.optimisations().folding && a < 0 && b < 0) {
    const int order = policy::compare(program_.constant_of(a), program_.constant_of(b));
    const bool holds = op == Op::kEqual       ? order == 0
                       : op == Op::kNotEqual  ? order != 0
                       : op == Op::kLess      ? order < 0
                       : op == Op::kLessEqual ? order <= 0
                       : op == Op::kGreater   ? order > 0
                                              : order >= 0;
    if (!holds) never();
    return;
  }
  if (op == Op::kEqual && !narrow_scan(a, b)) narrow_scan(b, a);
  Instruction& out = emit(op);
  out.a = a;
  out.b = b;
  out.fail = fail_for(std::max(depend_on(a), depend_on(b)));
}

// All pairs at once: a pair whose two sides are unbound waits until others have bound one of them.
void BlockBuilder::unify(const Term* left, const Term* right) {
  std::vector<std::pair<const Term*, const Term*>> pairs = {{left, right}};
  const auto evaluates = [&](const Term* side) { return side->is_ref() || ground(side); };
  bool moved = true;
  while (moved && !pairs.empty()) {
    moved = false;
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      const auto [a, b] = pairs[i];
      std::vector<std::pair<const Term*, const Term*>> parts;
      if (evaluates(a) && evaluates(b)) {
        const Operand value = term(a);
        check(Op::kEqual, value, term(b));
      } else if (evaluates(a)) {
        match(b, term(a));
      } else if (evaluates(b)) {
        match(a, term(b));
      } else if (a->kind == b->kind && a->kind == TermKind::kArray) {
        if (a->terms.size() != b->terms.size()) return static_cast<void>(never());
        for (std::size_t k = 0; k < a->terms.size(); ++k) parts.emplace_back(a->terms[k], b->terms[k]);
      } else if (a->kind == b->kind && a->kind == TermKind::kObject) {
        if (a->terms.size() != b->terms.size()) return static_cast<void>(never());
        for (std::size_t k = 0; k + 1 < a->terms.size(); k += 2) {
          bool found = false;
          for (std::size_t j = 0; j + 1 < b->terms.size() && !found; j += 2) {
            found = equal(a->terms[k], b->terms[j]);
            if (found) parts.emplace_back(a->terms[k + 1], b->terms[j + 1]);
          }
          if (!found) return static_cast<void>(never());
        }
      } else if (!a->is_var() && !b->is_var()) {
        return static_cast<void>(never());
      } else {
        continue;
      }
      moved = true;
      pairs.erase(pairs.begin() + static_cast<std::ptrdiff_t>(i));
      pairs.insert(pairs.begin() + static_cast<std::ptrdiff_t>(i), parts.begin(), parts.end());
      break;
    }
  }
  // What is left: a variable that nothing binds, which the order of the body rules out, or one that stands alone.
  for (const auto& [a, b] : pairs) unbound(a->is_var() ? a : b);
}

void BlockBuilder::match(const Term* pattern, Operand value) {
  switch (pattern->kind) {
    case TermKind::kVar: {
      if (const auto found = scope_.vars.find(pattern->text); found != scope_.vars.end()) {
        return check(Op::kEqual, found->second, value);
      }
      scope_.vars.set(pattern->text, value);
      return;
    }
    case TermKind::kArray:
    case TermKind::kObject: {
      if (ground(pattern)) break;
      const bool object = pattern->kind == TermKind::kObject;
      Instruction& shape = emit(object ? Op::kIsObject : Op::kIsArray);
      shape.a = value;
      shape.imm = static_cast<std::uint32_t>(object ? pattern->terms.size() / 2 : pattern->terms.size());
      shape.fail = fail_for(depend_on(value));
      if (object) {
        for (std::size_t i = 0; i + 1 < pattern->terms.size(); i += 2) {
          match(pattern->terms[i + 1], step(value, pattern->terms[i]));
        }
        return;
      }
      for (std::size_t i = 0; i < pattern->terms.size(); ++i) {
        const Term* item = pattern->terms[i];
        if (item->is_var() && var_counts_[item->text] <= 1) continue;
        Instruction& element = emit(Op::kElement);
        element.a = value;
        element.imm = static_cast<std::uint32_t>(i);
        element.dst = reg(level(value));
        match(item, element.dst);
      }
      return;
    }
    default: break;
  }
  check(Op::kEqual, value, term(pattern));
}

}  // namespace kubegate::rego
