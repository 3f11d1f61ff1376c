// The functions of text/template, of sprig and of Argo CD that templates of ApplicationSets use, one row each with how
// many arguments it takes. Names of sprig's that have no row are in kUnknown: what they would yield depends on time,
// chance or a library that is not here, or is rarely wanted.
//
// Tested in tests/validate/gitops/go_template_test.cc.
#include <re2/re2.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <limits>
#include <set>

#include "validate/base/base64.h"
#include "validate/gitops/go_template.h"
#include "validate/gitops/go_template_parts.h"

namespace kubegate::gitops::go_template {

namespace {

using Arguments = std::vector<Value>;
constexpr std::size_t kMaxText = std::size_t{1} << 20, kMaxItems = 10'000;

constexpr std::string_view kUnknown[] = {
    "abbrev",
    "abbrevboth",
    "addf",
    "add1f",
    "adler32sum",
    "ago",
    "all",
    "any",
    "b32dec",
    "b32enc",
    "base",
    "bcrypt",
    "biggest",
    "buildCustomCert",
    "call",
    "camelcase",
    "chunk",
    "clean",
    "date",
    "dateInZone",
    "dateModify",
    "date_in_zone",
    "date_modify",
    "decryptAES",
    "deepCopy",
    "deepEqual",
    "derivePassword",
    "dir",
    "divf",
    "duration",
    "durationRound",
    "encryptAES",
    "ext",
    "genCA",
    "genCAWithKey",
    "genPrivateKey",
    "genSelfSignedCert",
    "genSelfSignedCertWithKey",
    "genSignedCert",
    "genSignedCertWithKey",
    "hello",
    "html",
    "htmlDate",
    "htmlDateInZone",
    "htpasswd",
    "initials",
    "isAbs",
    "js",
    "kebabcase",
    "maxf",
    "minf",
    "mulf",
    "mustAppend",
    "mustChunk",
    "mustCompact",
    "mustDateModify",
    "mustDeepCopy",
    "mustFirst",
    "mustFromJson",
    "mustHas",
    "mustInitial",
    "mustLast",
    "mustMerge",
    "mustMergeOverwrite",
    "mustPrepend",
    "mustPush",
    "mustRegexFind",
    "mustRegexFindAll",
    "mustRegexMatch",
    "mustRegexReplaceAll",
    "mustRegexReplaceAllLiteral",
    "mustRegexSplit",
    "mustRest",
    "mustReverse",
    "mustSlice",
    "mustToDate",
    "mustToJson",
    "mustToPrettyJson",
    "mustToRawJson",
    "mustUniq",
    "mustWithout",
    "must_date_modify",
    "now",
    "osBase",
    "osClean",
    "osDir",
    "osExt",
    "osIsAbs",
    "plural",
    "randAlpha",
    "randAlphaNum",
    "randAscii",
    "randBytes",
    "randInt",
    "randNumeric",
    "regexFindAll",
    "regexQuoteMeta",
    "regexReplaceAllLiteral",
    "regexSplit",
    "round",
    "semver",
    "semverCompare",
    "sha1sum",
    "sha256sum",
    "sha512sum",
    "shuffle",
    "slice",
    "snakecase",
    "splitn",
    "subf",
    "swapcase",
    "toDate",
    "toDecimal",
    "toRawJson",
    "tuple",
    "typeIs",
    "typeIsLike",
    "typeOf",
    "unixEpoch",
    "urlJoin",
    "urlParse",
    "urlquery",
    "uuidv4",
    "wrap",
    "wrapWith",
};

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

std::string quoted(std::string_view text) {
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

// The order of eq, lt and the like: numbers with numbers of their kind, texts with texts.
enum class Order { kLess, kEqual, kGreater, kOther };
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
bool reaches(const Value& value, const Mapping* map, int depth = 0) {
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

constexpr int kMany = std::numeric_limits<int>::max();
constexpr std::string_view kSpace = " \t\r\n\v\f";

struct Function {
  std::string_view name;
  int least, most;
  Value (*call)(const Arguments& a, Context& c);
};

#define BODY [](const Arguments& a, Context& c) -> Value
#define USE (void)a, (void)c
const Function kFunctions[] = {
    // text/template's
    {"not", 1, 1, BODY{USE;
return Value::boolean(is_empty(a[0]));
}  // namespace
}  // namespace kubegate::gitops::go_template
, {"eq", 2, kMany,
   BODY{for (std::size_t i = 1; i < a.size();
             ++i){if (compare(a[0], a[i], true, c) == Order::kEqual) return Value::boolean(true);
}
return Value::boolean(false);
}
}
, {"ne", 2, 2, BODY{return Value::boolean(compare(a[0], a[1], true, c) != Order::kEqual);
}
}
, {"lt", 2, 2, BODY{return Value::boolean(compare(a[0], a[1], false, c) == Order::kLess);
}
}
, {"le", 2, 2, BODY{return Value::boolean(compare(a[0], a[1], false, c) <= Order::kEqual);
}
}
, {"gt", 2, 2, BODY{return Value::boolean(compare(a[0], a[1], false, c) == Order::kGreater);
}
}
, {"ge", 2, 2, BODY{const Order order = compare(a[0], a[1], false, c);
return Value::boolean(order == Order::kEqual || order == Order::kGreater);
}
}
, {"len", 1, 1, BODY{return length(a[0], c);
}
}
, {"index", 1, kMany, index}, {"printf", 1, kMany, format}, {"print", 0, kMany, BODY{std::string out;
for (std::size_t i = 0; i < a.size(); ++i) {
  if (i > 0 && a[i].as_text() == nullptr && a[i - 1].as_text() == nullptr) out += ' ';
  out += printed(a[i]);
}
return c.bounded(std::move(out));
}
}
, {"println", 0, kMany, BODY{std::string out;
for (const Value& value : a) out += (out.empty() ? "" : " ") + printed(value);
return c.bounded(out + "\n");
}
}
,
    // Nothing, and what stands in for it
    {"default", 1, 2, BODY{USE;
return a.size() == 2 && !is_empty(a[1]) ? a[1] : a[0];
}
}
, {"empty", 1, 1, BODY{USE;
return Value::boolean(is_empty(a[0]));
}
}
, {"coalesce", 0, kMany, BODY{USE;
const auto found = std::find_if(a.begin(), a.end(), [](const Value& value) { return !is_empty(value); });
return found == a.end() ? Value() : *found;
}
}
, {"ternary", 3, 3, BODY{if (a[2].as_bool() == nullptr) return c.fail("wrong type for value; expected bool");
return *a[2].as_bool() ? a[0] : a[1];
}
}
, {"fail", 1, 1, BODY{return c.fail(c.text(a[0]));
}
}
,
    // Texts
    {"lower", 1, 1, BODY{return Value::text(mapped(c.text(a[0]), std::tolower));
}
}
, {"upper", 1, 1, BODY{return Value::text(mapped(c.text(a[0]), std::toupper));
}
}
, {"title", 1, 1, BODY{return Value::text(titled(c.text(a[0]), true));
}
}
, {"untitle", 1, 1, BODY{return Value::text(titled(c.text(a[0]), false));
}
}
, {"trim", 1, 1, BODY{return Value::text(trimmed(c.text(a[0]), kSpace, true, true));
}
}
, {"trimAll", 2, 2, BODY{return Value::text(trimmed(c.text(a[1]), c.text(a[0]), true, true));
}
}
, {"trimPrefix", 2, 2, BODY{std::string text = c.text(a[1]);
const std::string prefix = c.text(a[0]);
return Value::text(text.starts_with(prefix) ? text.substr(prefix.size()) : text);
}
}
, {"trimSuffix", 2, 2, BODY{std::string text = c.text(a[1]);
const std::string suffix = c.text(a[0]);
return Value::text(text.ends_with(suffix) ? text.substr(0, text.size() - suffix.size()) : text);
}
}
, {"trunc", 2, 2, trunc}, {"substr", 3, 3, substr}, {"nospace", 1, 1, BODY{std::string text = c.text(a[0]);
std::erase_if(text, [](char x) { return kSpace.find(x) != kSpace.npos; });
return Value::text(std::move(text));
}
}
, {"repeat", 2, 2, BODY{const std::string text = c.text(a[1]);
const std::int64_t times = c.integer(a[0]);
if (times < 0) return c.fail("negative Repeat count");
if (static_cast<std::uint64_t>(times) > kMaxText || text.size() * static_cast<std::size_t>(times) > kMaxText) {
  return c.fail("the text becomes too long");
}
std::string out;
for (std::int64_t i = 0; i < times; ++i) out += text;
return Value::text(std::move(out));
}
}
, {"replace", 3, 3, BODY{return c.bounded(replaced(c.text(a[2]), c.text(a[0]), c.text(a[1])));
}
}
, {"contains", 2, 2, BODY{return Value::boolean(c.text(a[1]).find(c.text(a[0])) != std::string::npos);
}
}
, {"hasPrefix", 2, 2, BODY{return Value::boolean(c.text(a[1]).starts_with(c.text(a[0])));
}
}
, {"hasSuffix", 2, 2, BODY{return Value::boolean(c.text(a[1]).ends_with(c.text(a[0])));
}
}
, {"quote", 0, kMany, BODY{return c.bounded(spaced(a, true, '"'));
}
}
, {"squote", 0, kMany, BODY{return c.bounded(spaced(a, true, '\''));
}
}
, {"cat", 0, kMany, BODY{return c.bounded(spaced(a, false, '"'));
}
}
, {"indent", 2, 2, BODY{return c.bounded(indented(c.integer(a[0]), c.text(a[1])));
}
}
, {"nindent", 2, 2, BODY{return c.bounded("\n" + indented(c.integer(a[0]), c.text(a[1])));
}
}
, {"splitList", 2, 2, BODY{return c.bounded(split_text(c.text(a[1]), c.text(a[0])));
}
}
, {"split", 2, 2, split_map}, {"join", 2, 2, joined}, {"regexMatch", 2, 2, BODY{return regex("regexMatch", a, c);
}
}
, {"regexFind", 2, 2, BODY{return regex("regexFind", a, c);
}
}
, {"regexReplaceAll", 3, 3, BODY{return regex("regexReplaceAll", a, c);
}
}
, {"b64enc", 1, 1, BODY{return Value::text(encode_base64(c.text(a[0]), false, true));
}
}
, {"b64dec", 1, 1, BODY{std::string out;
std::size_t bad = 0;
const bool fine = decode_base64(c.text(a[0]), false, true, out, bad);
return Value::text(fine ? out : base64_error(bad));
}
}
, {"toString", 1, 1, BODY{USE;
return Value::text(to_text(a[0]));
}
}
, {"toStrings", 1, 1, BODY{List out;
for (const Value& item : c.list(a[0])) out.push_back(Value::text(to_text(item)));
return Value::list(std::move(out));
}
}
, {"normalize", 1, 1, BODY{return Value::text(normalized_name(c.text(a[0])));
}
}
,
    // What makes a difference to names that are not simple is another library's.
    {"slugify", 1, 1, BODY{const std::string text = c.text(a[0]);
const bool simple = text.size() <= 50 && std::all_of(text.begin(), text.end(), [](unsigned char x) {
                      return std::isdigit(x) || std::islower(x) || x == '-';
                    });
if (simple && text.find("--") == text.npos && !text.starts_with('-') && !text.ends_with('-')) return a[0];
c.unknown = true;
return c.fail("slugify of \"" + text + "\" is not expanded here");
}
}
,
    // JSON and YAML
    {"toJson", 1, 1, BODY{return c.bounded(json_of(a[0]));
}
}
, {"toPrettyJson", 1, 1, BODY{return c.bounded(json_of(a[0], "  "));
}
}
, {"fromJson", 1, 1, BODY{return parsed(a, c, false);
}
}
, {"toYaml", 1, 1, BODY{return c.bounded(yaml_of(a[0]));
}
}
, {"fromYaml", 1, 1, BODY{return parsed(a, c, false);
}
}
, {"fromYamlArray", 1, 1, BODY{return parsed(a, c, true);
}
}
,
    // Numbers
    {"add", 1, kMany, BODY{return arithmetic("add", a, c);
}
}
, {"sub", 2, 2, BODY{return arithmetic("sub", a, c);
}
}
, {"mul", 1, kMany, BODY{return arithmetic("mul", a, c);
}
}
, {"div", 2, 2, BODY{return arithmetic("div", a, c);
}
}
, {"mod", 2, 2, BODY{return arithmetic("mod", a, c);
}
}
, {"max", 1, kMany, BODY{return arithmetic("max", a, c);
}
}
, {"min", 1, kMany, BODY{return arithmetic("min", a, c);
}
}
, {"add1", 1, 1, BODY{return arithmetic("add", {a[0], Value::integer(1)}, c);
}
}
, {"int", 1, 1, BODY{USE;
return Value::integer(to_int(a[0]));
}
}
, {"int64", 1, 1, BODY{USE;
return Value::integer(to_int(a[0]));
}
}
, {"float64", 1, 1, BODY{USE;
return Value::number(to_double(a[0]));
}
}
, {"atoi", 1, 1, BODY{return Value::integer(to_int(Value::text(c.text(a[0]))));
}
}
, {"ceil", 1, 1, BODY{USE;
return Value::number(std::ceil(to_double(a[0])));
}
}
, {"floor", 1, 1, BODY{USE;
return Value::number(std::floor(to_double(a[0])));
}
}
, {"until", 1, 1, BODY{const std::int64_t count = c.integer(a[0]);
return until(0, count, count < 0 ? -1 : 1, c);
}
}
, {"untilStep", 3, 3, BODY{return until(c.integer(a[0]), c.integer(a[1]), c.integer(a[2]), c);
}
}
,
    // Lists
    {"list", 0, kMany, BODY{return c.bounded(a);
}
}
, {"first", 1, 1, BODY{return part(a[0], "first", c);
}
}
, {"last", 1, 1, BODY{return part(a[0], "last", c);
}
}
, {"rest", 1, 1, BODY{return part(a[0], "rest", c);
}
}
, {"initial", 1, 1, BODY{return part(a[0], "initial", c);
}
}
, {"reverse", 1, 1, BODY{return part(a[0], "reverse", c);
}
}
, {"append", 2, 2, BODY{List list = c.list(a[0]);
list.push_back(a[1]);
return c.bounded(std::move(list));
}
}
, {"prepend", 2, 2, BODY{List list = c.list(a[0]);
list.insert(list.begin(), a[1]);
return c.bounded(std::move(list));
}
}
, {"concat", 0, kMany, BODY{List all;
for (const Value& value : a) {
  const List& list = c.list(value);
  if (all.size() <= kMaxItems) all.insert(all.end(), list.begin(), list.end());
}
return c.bounded(std::move(all));
}
}
, {"compact", 1, 1, BODY{List out;
for (const Value& item : c.list(a[0])) {
  if (!is_empty(item)) out.push_back(item);
}
return Value::list(std::move(out));
}
}
, {"has", 2, 2, BODY{return Value::boolean(has(c.list(a[1]), a[0]));
}
}
, {"without", 1, kMany, without}, {"uniq", 1, 1, BODY{return unique(c.list(a[0]));
}
}
, {"sortAlpha", 1, 1, BODY{return sorted(a[0], c);
}
}
,
    // Dicts
    {"dict", 0, kMany, dictionary}, {"get", 2, 2, BODY{c.map(a[0]);
const Value* found = a[0].find(c.text(a[1]));
return found == nullptr ? Value::text("") : Value(*found);
}
}
, {"set", 3, 3, set_member}, {"unset", 2, 2, BODY{c.map(a[0]).erase(c.text(a[1]));
return a[0];
}
}
, {"hasKey", 2, 2, BODY{return Value::boolean(c.map(a[0]).count(c.text(a[1])) != 0);
}
}
, {"pluck", 1, kMany, BODY{List out;
for (std::size_t i = 1; i < a.size(); ++i) {
  c.map(a[i]);
  if (const Value* found = a[i].find(c.text(a[0]))) out.push_back(*found);
}
return Value::list(std::move(out));
}
}
, {"dig", 3, kMany, dig}, {"pick", 1, kMany, BODY{return chosen(a, c, true);
}
}
, {"omit", 1, kMany, BODY{return chosen(a, c, false);
}
}
, {"merge", 1, kMany, BODY{return merge(a, c, false);
}
}
, {"mergeOverwrite", 1, kMany, BODY{return merge(a, c, true);
}
}
,
    // Go hands these out in any order; what sorts them makes it one.
    {"keys", 0, kMany, BODY{List out;
for (const Value& value : a) {
  for (const auto& [name, member] : c.map(value)) out.push_back(Value::text(name));
}
return c.bounded(std::move(out));
}
}
, {"values", 1, 1, BODY{List out;
for (const auto& [name, member] : c.map(a[0])) out.push_back(member);
return Value::list(std::move(out));
}
}
, {"kindOf", 1, 1, BODY{USE;
return Value::text(std::string(kind_name(a[0])));
}
}
, {"kindIs", 2, 2, BODY{return Value::boolean(kind_name(a[1]) == c.text(a[0]));
}
}
,
}
;
#undef USE
#undef BODY

const Function* function_named(std::string_view name) {
  const auto found = std::find_if(std::begin(kFunctions), std::end(kFunctions),
                                  [&](const Function& function) { return function.name == name; });
  return found == std::end(kFunctions) ? nullptr : found;
}

}  // namespace

bool is_function(std::string_view name) { return name == "and" || name == "or" || function_named(name) != nullptr; }

bool is_unknown_function(std::string_view name) {
  return std::find(std::begin(kUnknown), std::end(kUnknown), name) != std::end(kUnknown);
}

Value call(std::string_view name, const std::vector<Value>& arguments, Call& state) {
  const Function* function = function_named(name);
  Context context{state.error, state.unknown};
  const int count = static_cast<int>(arguments.size());
  if (function == nullptr) return context.fail("there is no such function");
  if (count < function->least || count > function->most) {
    return context.fail("wrong number of args: want " + std::to_string(function->least) + ", got " +
                        std::to_string(count));
  }
  Value value = function->call(arguments, context);
  return state.error.empty() ? value : Value();
}

}  // namespace kubegate::gitops::go_template
