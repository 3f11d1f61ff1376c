// What the built-ins share: the checks of operands in OPA's words (topdown/builtins), and shorthands for results.
#pragma once

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/rego/builtin.h"
#include "policy/value/number.h"
#include "policy/value/value.h"

namespace kubegate::rego {

using Args = std::span<const Value>;
using policy::count;
using policy::Cursor;
using policy::Member;
using policy::Type;

// "operand 1 must be string but got number"; with several types "operand 1 must be one of {array, set} but got number".
Value wrong_type(BuiltinContext& context, int position, Value got, std::initializer_list<std::string_view> expected);
// "operand 1 must be array of strings but got array containing number"; with several types "operand 2 must be array of
// (any of) {string, array} but got …".
Value wrong_element(BuiltinContext& context, int position, Value collection, Value got,
                    std::initializer_list<std::string_view> expected);
// "operand 1 must be one of {rfc3339, unix}".
Value wrong_choice(BuiltinContext& context, int position, std::initializer_list<std::string_view> expected);
// "operand 1 " and `message`.
Value bad_operand(BuiltinContext& context, int position, std::string_view message);

// Whether args[position - 1] has the type; otherwise the error is set.
bool check(BuiltinContext& context, Args args, int position, Type type);
// Whether all arguments from the first on have the types in turn.
bool check_all(BuiltinContext& context, Args args, std::initializer_list<Type> types);
// builtins.IntOperand: a number written as an integer that fits.
bool check_int(BuiltinContext& context, Args args, int position, std::int64_t& out);
// Whether the argument is an array or set of strings alone; they are appended to `out`.
bool check_texts(BuiltinContext& context, Args args, int position, std::vector<std::string_view>& out);

inline Value text(BuiltinContext& context, std::string_view text) { return make_string(context.arena(), text); }

// std::string_view::find in linear time whatever the texts are.
inline std::size_t find_text(std::string_view text, std::string_view part, std::size_t from = 0) {
  if (from > text.size()) return std::string_view::npos;
  if (part.empty()) return from;
  if (text.size() - from < part.size()) return std::string_view::npos;
  const void* at = memmem(text.data() + from, text.size() - from, part.data(), part.size());
  return at == nullptr ? std::string_view::npos : static_cast<std::size_t>(static_cast<const char*>(at) - text.data());
}

// strconv.Quote.
inline std::string quoted(std::string_view text) {
  std::string out;
  policy::append_quoted(out, text);
  return out;
}

// A union of sorted, distinct values and the like, over a set of any size: the items of a set as a vector.
inline std::vector<Value> items_of(Value collection) {
  std::vector<Value> items;
  items.reserve(count(collection));
  for (Cursor c(collection); c.next();) items.push_back(c.value());
  return items;
}

}  // namespace kubegate::rego
