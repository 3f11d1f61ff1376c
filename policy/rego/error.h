// What is wrong with a policy: errors of parsing and compiling as OPA words them.
//
// A RegoError is the user's, never the tool's (that is Result's Error): it is collected and reported.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kubegate::rego {

// Where a node of a policy stands. Rows and columns are 1-based and columns count characters; begin and length are
// bytes of the source, so that the text of a node can be shown. Row 0 is no place: a node that the compiler made.
struct Location {
  std::uint32_t file = 0;  // index of the source in its Sources (ast.h)
  std::uint32_t row = 0;
  std::uint32_t column = 0;
  std::uint32_t begin = 0;
  std::uint32_t length = 0;
};

// OPA's codes (ast/errors.go).
inline constexpr std::string_view kParseError = "rego_parse_error";
inline constexpr std::string_view kCompileError = "rego_compile_error";
inline constexpr std::string_view kTypeError = "rego_type_error";
inline constexpr std::string_view kUnsafeVarError = "rego_unsafe_var_error";
inline constexpr std::string_view kRecursionError = "rego_recursion_error";

struct RegoError {
  std::string_view code;  // static storage
  std::string message;
  Location location;
  std::string file;                  // name of the source; empty for a query
  std::vector<std::string> details;  // further lines: of a type error what is there and what is wanted

  // As OPA prints it: "file:row: code: message", "row:column: code: message" where the source has no name, and
  // "code: message" without a place; details follow, a line each behind a tab. Rule: ast.Error.Error().
  std::string text() const;
};

using RegoErrors = std::vector<RegoError>;

}  // namespace kubegate::rego
