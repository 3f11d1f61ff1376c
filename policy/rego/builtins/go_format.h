// Go's fmt.Sprintf over the Go types that OPA hands to it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace kubegate::rego {

// One operand: a string, an int, a float64, or a *big.Int as its decimal digits.
struct GoOperand {
  enum class Kind : std::uint8_t { kString, kInt, kFloat, kBigInt };
  Kind kind = Kind::kString;
  std::string_view text;  // kString; kBigInt: "-" and digits
  std::int64_t integer = 0;
  double real = 0;
};

// All of fmt's verbs, flags, widths, precisions and argument indexes, with its words for what is wrong:
// "%!d(string=x)", "%!s(MISSING)", "%!(EXTRA int64=1)", "%!(NOVERB)", "%!(BADINDEX)". Throws MemoryLimitReached
// (policy/value/arena.h) when the text would pass 256 MiB. `integer_type` is what such words call the type of a kInt.
std::string go_sprintf(std::string_view format, std::span<const GoOperand> operands, std::string_view integer_type);

}  // namespace kubegate::rego
