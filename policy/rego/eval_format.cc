// Texts by a format that was taken apart (compile_program_format.cc).
#include <charconv>
#include <string>

#include "policy/rego/eval.h"

namespace kubegate::rego {
namespace {

// Appends a value as `verb` shows it; false where only the built-in knows how. For sprintf all but numbers is its text,
// or its term where it is none.
bool append_shown(std::string& out, const Value& value, char verb) {
  if (value.is_int()) {
    if (verb != 'd' && verb != 'v') return false;
    char digits[20];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, value.int_value()).ptr);
    return true;
  }
  if (value.is_number() || verb == 'd') return false;
  if (verb == 'q') {
    policy::append_quoted(out, value.is_string() ? value.text() : policy::to_term(value));
  } else if (value.is_string()) {
    out += value.text();
  } else {
    policy::append_term(out, value);
  }
  return true;
}

}  // namespace

Value Evaluation::format(const Instruction& in, const Value* values) {
  const Format& format = program_->formats_[in.imm];
  std::string& out = text_;
  out.clear();
  bool plain = true;
  for (std::uint32_t i = 0; i < in.n && plain; ++i) {
    out += format.texts[i];
    plain = out.size() + (values[i].is_string() ? values[i].text().size() : 0) <= policy::kMaxText &&
            append_shown(out, values[i], format.verbs[i]);
  }
  // Longer texts are the built-in's to refuse.
  if (!plain || out.size() > policy::kMaxText) {
    const Value args[] = {format.whole, policy::make_array(arena_, {values, in.n})};
    return builtin(format.builtin, args, 2, static_cast<std::uint32_t>(in.b));
  }
  out += format.texts[in.n];
  return policy::make_string(arena_, out);
}

}  // namespace kubegate::rego
