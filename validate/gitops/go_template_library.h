// What the functions of Go's templates are made of: their arguments, how they fail, and those that are more than a line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "validate/gitops/value.h"

namespace kubegate::gitops::go_template {

using Arguments = std::vector<Value>;
inline constexpr std::size_t kMaxText = std::size_t{1} << 20, kMaxItems = 10'000;

// The call that is under way: turns arguments into what Go wants, or says that it cannot.
struct Context {
  std::string& error;
  bool& unknown;

  Value fail(std::string message) {
    if (error.empty()) error = std::move(message);
    return {};
  }
  // A text where Go wants one.
  std::string text(const Value& value) {
    if (const std::string* held = value.as_text()) return *held;
    fail("wrong type for value; expected string; got " + std::string(kind_name(value)));
    return {};
  }
  // Where Go wants an int, a float64 is refused.
  std::int64_t integer(const Value& value) {
    if (const std::int64_t* held = value.as_int()) return *held;
    fail("wrong type for value; expected int; got " + std::string(kind_name(value)));
    return 0;
  }
  const List& list(const Value& value) {
    static const List kNone;
    if (const List* held = value.as_list()) return *held;
    fail("wrong type for value; expected a list; got " + std::string(kind_name(value)));
    return kNone;
  }
  Mapping& map(const Value& value) {
    static thread_local Mapping none;
    if (Mapping* held = value.as_map()) return *held;
    fail("wrong type for value; expected a dict; got " + std::string(kind_name(value)));
    none.clear();
    return none;
  }
  Value bounded(std::string text) {
    if (text.size() > kMaxText) return fail("the text becomes too long");
    return Value::text(std::move(text));
  }
  Value bounded(List items) {
    if (items.size() > kMaxItems) return fail("the list becomes too long");
    return Value::list(std::move(items));
  }
};

// The order of eq, lt and the like: numbers with numbers of their kind, texts with texts.
enum class Order { kLess, kEqual, kGreater, kOther };

// By what they are in Go or sprig; `trimmed`, `mapped` and the like are parts of several.
std::int64_t to_int(const Value& value);
double to_double(const Value& value);
std::string to_text(const Value& value);
std::string trimmed(std::string_view text, std::string_view set, bool left, bool right);
std::string replaced(std::string_view text, std::string_view old, std::string_view with);
List split_text(std::string_view text, std::string_view separator);
std::string mapped(std::string text, int (*change)(int));
std::string titled(std::string text, bool up);
std::string indented(std::int64_t columns, std::string_view text);
Value format(const Arguments& arguments, Context& context);
Order compare(const Value& a, const Value& b, bool equality, Context& context);
Value index(const Arguments& arguments, Context& context);
std::string spaced(const Arguments& arguments, bool quotes, char quote);
Value trunc(const Arguments& a, Context& c);
Value substr(const Arguments& a, Context& c);
Value until(std::int64_t start, std::int64_t stop, std::int64_t step, Context& c);
Value dictionary(const Arguments& a, Context& c);
Value set_member(const Arguments& a, Context& c);
Value dig(const Arguments& a, Context& c);
Value chosen(const Arguments& a, Context& c, bool named);
Value merge(const Arguments& a, Context& c, bool override);
bool has(const List& list, const Value& needle);
Value without(const Arguments& a, Context& c);
Value unique(const List& list);
Value sorted(const Value& value, Context& c);
Value joined(const Arguments& a, Context& c);
Value regex(std::string_view name, const Arguments& a, Context& c);
Value arithmetic(std::string_view name, const Arguments& a, Context& c);
Value parsed(const Arguments& a, Context& c, bool list);
Value length(const Value& value, Context& c);
Value part(const Value& value, std::string_view which, Context& c);
Value split_map(const Arguments& a, Context& c);

}  // namespace kubegate::gitops::go_template
