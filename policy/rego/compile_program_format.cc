// Formats: most calls of sprintf have a constant format of plain verbs and an array written out, as messages do. The
// format is taken apart here, and the machine puts the text together without making the array; values whose text is not
// plain (fractions, a number for %s) it leaves to the built-in.
//
// Tested in tests/policy/rego/optimisations_test.cc.
#include <algorithm>

#include "policy/rego/compile_program.h"

namespace kubegate::rego {
namespace {

// False where there is more than %v, %s, %d, %q and %%.
bool take_apart(std::string_view format, policy::ValueArena& arena, Format& out) {
  std::string text;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') {
      text += format[i];
      continue;
    }
    if (++i == format.size()) return false;
    if (format[i] == '%') {
      text += '%';
    } else if (format[i] == 'v' || format[i] == 's' || format[i] == 'd' || format[i] == 'q') {
      out.texts.push_back(arena.copy(text));
      out.verbs += format[i];
      text.clear();
    } else {
      return false;
    }
  }
  out.texts.push_back(arena.copy(text));
  return true;
}

}  // namespace

// The text of a call of sprintf; kNoOperand where `expr` is none that can be taken apart.
Operand BlockBuilder::formatted(const Expr* expr) {
  if (!program_.optimisations().formats || expr->builtin == nullptr || expr->builtin->name != "sprintf" ||
      program_.mock(expr->terms[0]) >= 0 || !expr->terms[1]->is_string() || expr->terms[2]->kind != TermKind::kArray ||
      is_constant(expr->terms[2])) {
    return kNoOperand;
  }
  const std::vector<Term*>& values = expr->terms[2]->terms;
  Format format;
  format.whole = program_.constant_value(expr->terms[1]);
  if (!take_apart(format.whole.text(), program_.program_->arena_, format) || format.verbs.size() != values.size() ||
      values.size() > kMaxBuiltinArguments) {
    return kNoOperand;
  }
  format.builtin = program_.builtin(expr->builtin);
  std::vector<Operand> parts;
  std::uint32_t depends = 0;
  for (const Term* value : values) {
    parts.push_back(term(value));
    depends = std::max(depends, level(parts.back()));
  }
  Instruction make = with_list(Op::kFormat, parts);
  make.imm = static_cast<std::uint32_t>(program_.program_->formats_.size());
  make.b = static_cast<Operand>(program_.place(expr->location));
  make.fail = fail_for(depend(depends));
  make.dst = reg(depends);
  program_.program_->formats_.push_back(std::move(format));
  const std::size_t guard = begin_once();
  code_.push_back(make);
  end_once(guard, make.dst, depends);
  return make.dst;
}

}  // namespace kubegate::rego
