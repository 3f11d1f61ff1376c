// The functions of templates that are more than a line, one after the other: texts, printf, comparisons, lists, dicts,
// numbers. Each does what Go's or sprig's function of the row in go_template_functions.cc does.
//
// Tested in tests/validate/gitops/go_template_test.cc.
#include "validate/gitops/go_template_library.h"

#include <re2/re2.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <set>

namespace kubegate::gitops::go_template {

// sprig's toInt64 (spf13/cast): what is no number is 0.
std::int64_t to_int(const Value& value) {
  if (const std::int64_t* integer = value.as_int()) return *integer;
  if (const double* number = value.as_float()) {
    return std::abs(*number) < 9.2e18 ? static_cast<std::int64_t>(*number) : 0;
  }
  if (const bool* boolean = value.as_bool()) return *boolean;
  if (const std::string* text = value.as_text()) {
    std::int64_t out = 0;
    const char* first = text->data() + (text->starts_with('+') ? 1 : 0);
    const auto [end, failed] = std::from_chars(first, text->data() + text->size(), out);
    return failed == std::errc() && end == text->data() + text->size() ? out : 0;
  }
  return 0;
}

double to_double(const Value& value) {
  if (const double* number = value.as_float()) return *number;
  if (const std::string* text = value.as_text()) return std::strtod(text->c_str(), nullptr);
  return static_cast<double>(to_int(value));
}

// sprig's strval.
std::string to_text(const Value& value) { return printed(value); }

static std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\r') {
      out += "\\r";
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string trimmed(std::string_view text, std::string_view set, bool left, bool right) {
  if (left) text.remove_prefix(std::min(text.find_first_not_of(set), text.size()));
  if (right) text = text.substr(0, text.find_last_not_of(set) + 1);
  return std::string(text);
}

std::string replaced(std::string_view text, std::string_view old, std::string_view with) {
  if (old.empty()) return std::string(text);
  std::string out;
  for (std::size_t at = 0;;) {
    const std::size_t found = text.find(old, at);
    out += text.substr(at, found == text.npos ? text.npos : found - at);
    if (found == text.npos || out.size() > kMaxText) return out;
    out += with;
    at = found + old.size();
  }
}

List split_text(std::string_view text, std::string_view separator) {
  List out;
  while (out.size() <= kMaxItems) {
    const std::size_t found = separator.empty() ? (text.size() > 1 ? 1 : text.npos) : text.find(separator);
    out.push_back(Value::text(std::string(text.substr(0, found))));
    if (found == text.npos) break;
    text.remove_prefix(found + separator.size());
  }
  return out;
}

std::string mapped(std::string text, int (*change)(int)) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [&](unsigned char c) { return c < 0x80 ? static_cast<char>(change(c)) : static_cast<char>(c); });
  return text;
}

// strings.Title
std::string titled(std::string text, bool up) {
  bool start = true;
  for (char& c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (start && byte < 0x80) c = static_cast<char>(up ? std::toupper(byte) : std::tolower(byte));
    start = !(std::isalnum(byte) || c == '_' || c == '\'' || byte >= 0x80);
    if (!up) start = std::isspace(byte) != 0;
  }
  return text;
}

std::string indented(std::int64_t columns, std::string_view text) {
  const std::string pad(static_cast<std::size_t>(std::clamp<std::int64_t>(columns, 0, 1000)), ' ');
  return pad + replaced(text, "\n", "\n" + pad);
}

// fmt.Sprintf, the verbs that templates use.
Value format(const Arguments& arguments, Context& context) {
  const std::string pattern = context.text(arguments[0]);
  std::string out;
  std::size_t next = 1;
  for (std::size_t i = 0; i < pattern.size() && out.size() <= kMaxText; ++i) {
    if (pattern[i] != '%') {
      out += pattern[i];
      continue;
    }
    std::string flags = "%";
    for (++i; i < pattern.size() && std::string_view("+-# 0123456789.").find(pattern[i]) != std::string_view::npos;
         ++i) {
      flags += pattern[i];
    }
    if (i >= pattern.size()) {
      out += "%!(NOVERB)";
      break;
    }
    const char verb = pattern[i];
    if (verb == '%') {
      out += '%';
      continue;
    }
    if (next >= arguments.size()) {
      out += std::string("%!") + verb + "(MISSING)";
      continue;
    }
    if (flags.size() > 8) return context.fail("a width of printf is not expanded here");
    const Value& value = arguments[next++];
    char buffer[1200];
    const auto padded = [&](const std::string& text) {
      const std::string spec = flags + "s";
      std::snprintf(buffer, sizeof buffer, spec.c_str(), text.c_str());
      return flags.size() == 1 ? text : std::string(buffer);
    };
    const bool is_integer = value.as_int() != nullptr, is_number = value.as_float() != nullptr;
    if (verb == 'v' || (verb == 's' && value.as_text() != nullptr)) {
      out += padded(printed(value));
    } else if (verb == 'q' && value.as_text() != nullptr) {
      out += padded(quoted(*value.as_text()));
    } else if ((verb == 'd' || verb == 'x' || verb == 'X' || verb == 'o') && is_integer) {
      const std::string spec = flags + "ll" + verb;
      std::snprintf(buffer, sizeof buffer, spec.c_str(), static_cast<long long>(*value.as_int()));
      out += buffer;
    } else if ((verb == 'f' || verb == 'e' || verb == 'g') && is_number && (verb != 'g' || flags.size() > 1)) {
      const std::string spec = flags + verb;
      std::snprintf(buffer, sizeof buffer, spec.c_str(), *value.as_float());
      out += buffer;
    } else if (verb == 'g' && is_number) {
      out += printed(value);
    } else if (verb == 't' && value.as_bool() != nullptr) {
      out += padded(printed(value));
    } else if (value.as_list() != nullptr || value.as_map() != nullptr) {
      context.unknown = true;
      return context.fail("printf of a list or dict is not expanded here");
    } else {
      out += std::string("%!") + verb + "(" + std::string(kind_name(value)) + "=" + printed(value) + ")";
    }
  }
  if (next < arguments.size()) {
    context.unknown = true;
    return context.fail("printf with more arguments than verbs is not expanded here");
  }
  return context.bounded(std::move(out));
}

Order compare(const Value& a, const Value& b, bool equality, Context& context) {
  const auto order = [](const auto& x, const auto& y) {
    return x < y ? Order::kLess : y < x ? Order::kGreater : Order::kEqual;
  };
  if (a.as_text() != nullptr && b.as_text() != nullptr) return order(*a.as_text(), *b.as_text());
  if (a.as_int() != nullptr && b.as_int() != nullptr) return order(*a.as_int(), *b.as_int());
  if (a.as_float() != nullptr && b.as_float() != nullptr) return order(*a.as_float(), *b.as_float());
  if (equality && a.as_bool() != nullptr && b.as_bool() != nullptr) {
    return *a.as_bool() == *b.as_bool() ? Order::kEqual : Order::kOther;
  }
  if (equality && (a.is_nil() || b.is_nil())) return a.is_nil() && b.is_nil() ? Order::kEqual : Order::kOther;
  context.fail(kind_name(a) == kind_name(b) ? "non-comparable type" : "incompatible types for comparison");
  return Order::kOther;
}

Value index(const Arguments& arguments, Context& context) {
  Value value = arguments[0];
  for (std::size_t i = 1; i < arguments.size() && context.error.empty(); ++i) {
    if (const List* list = value.as_list()) {
      const std::int64_t at = context.integer(arguments[i]);
      if (at < 0 || at >= static_cast<std::int64_t>(list->size())) return context.fail("index out of range");
      value = Value((*list)[static_cast<std::size_t>(at)]);
    } else if (value.as_map() != nullptr) {
      const Value* member = value.find(context.text(arguments[i]));
      value = member == nullptr ? Value() : Value(*member);
    } else {
      return context.fail("can't index item of type " + std::string(kind_name(value)));
    }
  }
  return value;
}

std::string spaced(const Arguments& arguments, bool quotes, char quote) {
  std::string out;
  for (const Value& value : arguments) {
    if (value.is_nil()) continue;
    if (!out.empty()) out += ' ';
    out += !quotes ? to_text(value) : quote == '"' ? quoted(to_text(value)) : "'" + to_text(value) + "'";
  }
  return out;
}

Value trunc(const Arguments& a, Context& c) {
  const std::int64_t length = c.integer(a[0]);
  std::string text = c.text(a[1]);
  const auto size = static_cast<std::int64_t>(text.size());
  if (length < 0 && size + length > 0) text = text.substr(static_cast<std::size_t>(size + length));
  if (length >= 0 && size > length) text.resize(static_cast<std::size_t>(length));
  return Value::text(std::move(text));
}

Value substr(const Arguments& a, Context& c) {
  const std::string text = c.text(a[2]);
  const std::int64_t from = c.integer(a[0]), to = c.integer(a[1]), size = static_cast<std::int64_t>(text.size());
  const std::int64_t first = std::clamp<std::int64_t>(from, 0, size);
  const std::int64_t last = to < 0 || to > size ? size : to;
  if (first > last) return c.fail("slice bounds out of range");
  return Value::text(text.substr(static_cast<std::size_t>(first), static_cast<std::size_t>(last - first)));
}

Value until(std::int64_t start, std::int64_t stop, std::int64_t step, Context& c) {
  List out;
  if (step == 0 || (stop < start) != (step < 0)) return c.bounded(std::move(out));
  for (std::int64_t i = start; (step > 0 ? i < stop : i > stop) && out.size() <= kMaxItems; i += step) {
    out.push_back(Value::integer(i));
  }
  return c.bounded(std::move(out));
}

// Whether a value reaches the mapping.
static bool reaches(const Value& value, const Mapping* map, int depth = 0) {
  if (depth > kMaxValueDepth || value.as_map() == map) return true;
  if (const List* list = value.as_list()) {
    return std::any_of(list->begin(), list->end(), [&](const Value& v) { return reaches(v, map, depth + 1); });
  }
  const Mapping* members = value.as_map();
  return members != nullptr && std::any_of(members->begin(), members->end(),
                                           [&](const auto& member) { return reaches(member.second, map, depth + 1); });
}

Value dictionary(const Arguments& a, Context& c) {
  Mapping out;
  for (std::size_t i = 0; i < a.size(); i += 2) {
    out[to_text(a[i])] = i + 1 < a.size() ? a[i + 1] : Value::text("");
  }
  if (out.size() > kMaxItems) return c.fail("the dict becomes too large");
  return Value::map(std::move(out));
}

Value set_member(const Arguments& a, Context& c) {
  Mapping& map = c.map(a[0]);
  if (a[2].as_map() != nullptr || a[2].as_list() != nullptr) {
    if (reaches(a[2], &map)) {
      c.unknown = true;
      return c.fail("a dict that holds itself is not expanded here");
    }
  }
  if (map.size() > kMaxItems) return c.fail("the dict becomes too large");
  map[c.text(a[1])] = a[2];
  return a[0];
}

Value dig(const Arguments& a, Context& c) {
  const Value* at = &a.back();
  for (std::size_t i = 0; i + 2 < a.size(); ++i) {
    c.map(*at);
    at = at->find(c.text(a[i]));
    if (at == nullptr) return a[a.size() - 2];
  }
  return Value(*at);
}

Value chosen(const Arguments& a, Context& c, bool named) {
  std::set<std::string> names;
  for (std::size_t i = 1; i < a.size(); ++i) names.insert(c.text(a[i]));
  Mapping out;
  for (const auto& [name, member] : c.map(a[0])) {
    if ((names.count(name) != 0) == named) out[name] = member;
  }
  return Value::map(std::move(out));
}

// `others` laid over, or under, the first, which changes.
Value merge(const Arguments& a, Context& c, bool override) {
  Mapping& into = c.map(a[0]);
  Value all = a[0];
  for (std::size_t i = 1; i < a.size(); ++i) {
    c.map(a[i]);
    if (c.error.empty()) all = merged(all, a[i], override);
  }
  if (const Mapping* made = all.as_map(); made != nullptr && made != &into && c.error.empty()) into = Mapping(*made);
  return a[0];
}

bool has(const List& list, const Value& needle) {
  return std::any_of(list.begin(), list.end(), [&](const Value& item) { return deep_equal(item, needle); });
}

Value without(const Arguments& a, Context& c) {
  List out;
  for (const Value& item : c.list(a[0])) {
    if (!has(List(a.begin() + 1, a.end()), item)) out.push_back(item);
  }
  return Value::list(std::move(out));
}

Value unique(const List& list) {
  List out;
  for (const Value& item : list) {
    if (!has(out, item)) out.push_back(item);
  }
  return Value::list(std::move(out));
}

Value sorted(const Value& value, Context& c) {
  std::vector<std::string> texts;
  for (const Value& item : c.list(value)) texts.push_back(to_text(item));
  std::sort(texts.begin(), texts.end());
  List out;
  for (std::string& text : texts) out.push_back(Value::text(std::move(text)));
  return Value::list(std::move(out));
}

Value joined(const Arguments& a, Context& c) {
  const std::string separator = c.text(a[0]);
  if (a[1].as_list() == nullptr) return Value::text(to_text(a[1]));
  std::string out;
  bool first = true;
  for (const Value& item : *a[1].as_list()) {
    if (item.is_nil()) continue;
    if (!first) out += separator;
    first = false;
    out += to_text(item);
  }
  return c.bounded(std::move(out));
}

// RE2 is what Go's regexp is; only the references in a replacement are written otherwise.
Value regex(std::string_view name, const Arguments& a, Context& c) {
  const RE2 expression(c.text(a[0]), RE2::Quiet);
  const std::string text = c.text(a[1]);
  if (!expression.ok()) return c.fail("error parsing regexp: " + expression.error());
  if (name == "regexMatch") return Value::boolean(RE2::PartialMatch(text, expression));
  re2::StringPiece found;
  if (name == "regexFind") {
    if (!expression.Match(text, 0, text.size(), RE2::UNANCHORED, &found, 1)) return Value::text("");
    return Value::text(std::string(found));
  }
  const std::string with = c.text(a[2]);
  std::string rewrite;
  for (std::size_t i = 0; i < with.size(); ++i) {
    if (with[i] == '\\') {
      rewrite += "\\\\";
    } else if (with[i] == '$') {
      const bool braces = i + 1 < with.size() && with[i + 1] == '{';
      const std::size_t digit = i + 1 + braces;
      const bool one =
          digit < with.size() && std::isdigit(static_cast<unsigned char>(with[digit])) &&
          (digit + 1 >= with.size() ? !braces
           : braces                 ? with[digit + 1] == '}'
                    : !std::isalnum(static_cast<unsigned char>(with[digit + 1])) && with[digit + 1] != '_');
      if (!one || with[digit] - '0' > expression.NumberOfCapturingGroups()) {
        c.unknown = true;
        return c.fail("a replacement of this form is not expanded here");
      }
      rewrite += std::string("\\") + with[digit];
      i = digit + braces;
    } else {
      rewrite += with[i];
    }
  }
  std::string out = text;
  RE2::GlobalReplace(&out, expression, rewrite);
  return c.bounded(std::move(out));
}

Value arithmetic(std::string_view name, const Arguments& a, Context& c) {
  std::int64_t out = to_int(a[0]);
  bool overflow = false;
  for (std::size_t i = 1; i < a.size(); ++i) {
    const std::int64_t by = to_int(a[i]);
    if (name == "add") overflow |= __builtin_add_overflow(out, by, &out);
    if (name == "sub") overflow |= __builtin_sub_overflow(out, by, &out);
    if (name == "mul") overflow |= __builtin_mul_overflow(out, by, &out);
    if (name == "max") out = std::max(out, by);
    if (name == "min") out = std::min(out, by);
    if (name == "div" || name == "mod") {
      if (by == 0) return c.fail("integer divide by zero");
      if (by == -1) {
        overflow |= out == std::numeric_limits<std::int64_t>::min();
        out = name == "mod" || overflow ? 0 : -out;
      } else {
        out = name == "div" ? out / by : out % by;
      }
    }
  }
  if (overflow) return c.fail("the number becomes too large");
  return Value::integer(out);
}

Value parsed(const Arguments& a, Context& c, bool list) {
  std::string error;
  Value value = parse_yaml(c.text(a[0]), error);
  if (!error.empty()) return c.fail(error);
  if (list && value.as_list() == nullptr) return c.fail("it is no list");
  return value;
}

Value length(const Value& value, Context& c) {
  if (const std::string* text = value.as_text()) return Value::integer(static_cast<std::int64_t>(text->size()));
  if (const List* list = value.as_list()) return Value::integer(static_cast<std::int64_t>(list->size()));
  if (const Mapping* map = value.as_map()) return Value::integer(static_cast<std::int64_t>(map->size()));
  return c.fail("len of type " + std::string(kind_name(value)));
}

Value part(const Value& value, std::string_view which, Context& c) {
  const List& list = c.list(value);
  if (list.empty()) return which == "first" || which == "last" ? Value() : Value::list({});
  if (which == "first") return Value(list.front());
  if (which == "last") return Value(list.back());
  if (which == "rest") return Value::list(List(list.begin() + 1, list.end()));
  if (which == "initial") return Value::list(List(list.begin(), list.end() - 1));
  return Value::list(List(list.rbegin(), list.rend()));
}

Value split_map(const Arguments& a, Context& c) {
  const List parts = split_text(c.text(a[1]), c.text(a[0]));
  Mapping out;
  for (std::size_t i = 0; i < parts.size(); ++i) out["_" + std::to_string(i)] = parts[i];
  return Value::map(std::move(out));
}

}  // namespace kubegate::gitops::go_template
