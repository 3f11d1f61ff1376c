// Numbers: decimal texts of any size with OPA's arithmetic.
//
// A number is an int64, a double (from a Kubernetes object), or a text in JSON's grammar. Texts are what OPA computes
// with: integers of any size exactly, all else in binary floats of 64 bits (Go's big.Float with the precision that
// SetString gives), whose results print with the fewest digits that read back. int64 operands take no allocation.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "policy/value/value.h"

namespace kubegate::policy {

// The text of a number as OPA holds it (json.Number): views a text, or writes into `buffer`.
struct NumberBuffer {
  char bytes[40];
};
std::string_view number_text(Value number, NumberBuffer& buffer);

// Whether `text` is a number in JSON's grammar.
bool is_json_number(std::string_view text);

// Whether a number in JSON's grammar is one that OPA takes from a text: its binary exponent is 100,000 at most.
bool exponent_fits(std::string_view text);

// ast.Number.Int64: only what is written as an integer, with zeros behind a point or not (1.0, not 1e3), and fits.
bool number_to_int64(Value number, std::int64_t& out);
// The value where it is integral and fits int64, however it is written (1.0, 1e3): an array's index.
bool number_integral(Value number, std::int64_t& out);
// ast.Number.Float64: nearest double; false where it overflows.
bool number_to_double(Value number, double& out);

int compare_numbers(Value a, Value b);
std::uint64_t hash_number(Value number);

enum class Arithmetic : std::uint8_t { kAdd, kSubtract, kMultiply, kDivide, kRemainder };
enum class Rounding : std::uint8_t { kAbs, kRound, kCeil, kFloor };

// Why an operation has no result; the messages are OPA's: "divide by zero", "modulo by zero", "modulo on
// floating-point number".
enum class NumberFault : std::uint8_t { kNone, kDivideByZero, kModuloByZero, kModuloOnFloat, kTooLarge };
std::string_view fault_text(NumberFault fault);

// `a op b`. On a fault the result is undefined.
Value calculate(ValueArena& arena, Arithmetic op, Value a, Value b, NumberFault& fault);
// The sum of numbers as OPA's sum() has it: of integers exactly, otherwise in floats of 64 bits throughout.
Value add_all(ValueArena& arena, std::span<const Value> summands, NumberFault& fault);
// The product of numbers as OPA's product() has it: of integers exactly, otherwise in floats of 53 bits. One of more
// than a megabyte is kTooLarge.
Value multiply_all(ValueArena& arena, std::span<const Value> factors, NumberFault& fault);
Value round_number(ValueArena& arena, Rounding op, Value a, NumberFault& fault);

enum class Bits : std::uint8_t { kAnd, kOr, kXor, kShiftLeft, kShiftRight, kNegate };
// Integers of any size in two's complement, as big.Int; both operands must be integral(), a shift not negative. Of
// kNegate (the complement) `b` is ignored. Shifts that would need a megabyte are kTooLarge.
Value calculate_bits(ValueArena& arena, Bits op, Value a, Value b, NumberFault& fault);
// Whether the value is an integer, however it is written and of any size that calculate() takes as one.
bool integral(Value number);
bool negative(Value number);
// The number without its fraction in base 2, 8, 10 or 16 (lower case); "" when it is too large to be written out.
std::string truncated_text(Value number, int base);

// A decimal text, which need not be JSON's (".5", "+1e3"), times a factor; "" when the text is no number or too large.
// scaled_text: exactly; an integer where the product is one, else with ten decimals (big.Rat's FloatString). With
// `milli` the factor is the double 0.001. truncated_product: in 64-bit floats, without the fraction.
std::string scaled_text(std::string_view text, std::uint64_t factor, bool milli);
std::string truncated_product(std::string_view text, std::uint64_t factor);

// strconv.FormatFloat(d, 'g', -1, 64) and encoding/json's float64, appended.
void append_go_double(std::string& out, double d);
void append_json_double(std::string& out, double d);

}  // namespace kubegate::policy
