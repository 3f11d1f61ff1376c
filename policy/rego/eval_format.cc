// Texts by a format that was taken apart (compile_program_format.cc).
#include <charconv>
#include <cstring>

#include "policy/rego/eval.h"

namespace kubegate::rego {
namespace {

// Longer texts are the built-in's, which has a limit.
constexpr std::size_t kMaxText = std::size_t{1} << 28;

}  // namespace

Value Evaluation::format(const Instruction& in, const Value* values) {
  const Format& format = program_->formats_[in.imm];
  std::string_view shown[kMaxBuiltinArguments];
  char digits[kMaxBuiltinArguments][20];
  std::size_t size = format.texts[in.n].size();
  bool plain = true;
  for (std::uint32_t i = 0; i < in.n && plain; ++i) {
    const Value& value = values[i];
    const char verb = format.verbs[i];
    if (value.is_string() && verb != 'd') {
      shown[i] = value.text();
    } else if (value.is_int() && verb != 's') {
      const char* end = std::to_chars(digits[i], digits[i] + sizeof digits[i], value.int_value()).ptr;
      shown[i] = {digits[i], static_cast<std::size_t>(end - digits[i])};
    } else if (!value.is_number() && verb != 'd') {
      shown[i] = arena_.copy(policy::to_term(value));
    } else {
      plain = false;
    }
    size += format.texts[i].size() + shown[i].size();
  }
  if (!plain || size > kMaxText) {
    const Value args[] = {format.whole, policy::make_array(arena_, {values, in.n})};
    return builtin(format.builtin, args, 2, static_cast<std::uint32_t>(in.b));
  }
  char* const text = static_cast<char*>(arena_.allocate(size));
  char* end = text;
  const auto add = [&](std::string_view piece) {
    if (!piece.empty()) std::memcpy(end, piece.data(), piece.size());
    end += piece.size();
  };
  for (std::uint32_t i = 0; i < in.n; ++i) {
    add(format.texts[i]);
    add(shown[i]);
  }
  add(format.texts[in.n]);
  return Value::string({text, size});
}

}  // namespace kubegate::rego
