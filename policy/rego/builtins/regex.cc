// Regular expressions. Rules: topdown/regex.go, regex_template.go, and Go's regexp, whose syntax and leftmost-first
// matches are RE2's; what differs (error texts, empty matches, `$name` in replacements) is done here.
#include <algorithm>

#include "policy/rego/builtins/caches.h"
#include "policy/rego/builtins/functions.h"
#include "policy/rego/builtins/operands.h"
#include "policy/rego/builtins/patterns.h"
#include "policy/value/runes.h"

namespace kubegate::rego {

using re2::RE2;
using re2::StringPiece;

namespace {

RE2::Options options() {
  RE2::Options o;
  o.set_log_errors(false);
  o.set_max_mem(std::int64_t{32} << 20);  // of each of BuiltinCaches::kMaxPatterns
  return o;
}

StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }
std::string_view view(const StringPiece& text) { return {text.data(), text.size()}; }

// `pattern` for RE2, where that differs from Go: `(?<name>…)` is `(?P<name>…)`; `\C` is refused, and so are names of
// groups with other than ASCII letters. False with Go's message in `error`.
bool as_re2(std::string_view pattern, std::string& out, std::string& error) {
  const auto fail = [&](std::string_view what, std::string_view where) {
    error = "error parsing regexp: " + std::string(what) + ": `" + std::string(where) + "`";
    return false;
  };
  bool in_class = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    out += c;
    if (c == '\\' && i + 1 < pattern.size()) {
      if (pattern[i + 1] == 'C') return fail("invalid escape sequence", "\\C");
      out += pattern[++i];
      if (pattern[i] == 'Q' && !in_class) {
        const std::size_t end = std::min(pattern.find("\\E", i), pattern.size());
        out += pattern.substr(i + 1, end - i - 1);
        i = end - 1;
      }
    } else if (c == '[') {
      in_class = true;
    } else if (c == ']') {
      in_class = false;
    } else if (c == '(' && !in_class) {
      const std::size_t name = pattern.substr(i + 1).starts_with("?P<")  ? i + 4
                               : pattern.substr(i + 1).starts_with("?<") ? i + 3
                                                                         : 0;
      if (name == 0) continue;
      const std::size_t end = pattern.find('>', name);
      if (end != std::string_view::npos &&
          std::any_of(pattern.begin() + static_cast<std::ptrdiff_t>(name),
                      pattern.begin() + static_cast<std::ptrdiff_t>(end), [](char n) { return n & 0x80; })) {
        return fail("invalid named capture", pattern.substr(i, end + 1 - i));
      }
      out += "?P<";
      i = name - 1;
    }
  }
  return true;
}

using Groups = std::vector<StringPiece>;

// regexp.Regexp.allMatches: tells `found` at most `limit` matches (all when negative), each with its groups. An empty
// match right behind the one before does not count.
// False when the evaluation was interrupted.
template <class Found>
bool each_match(BuiltinContext& context, const RE2& re, std::string_view text, std::int64_t limit, Found found) {
  Groups groups(static_cast<std::size_t>(re.NumberOfCapturingGroups()) + 1);
  std::uint32_t rounds = 0;
  std::size_t last_end = std::string_view::npos;
  for (std::size_t at = 0; at <= text.size() && limit != 0;) {
    if (!re.Match(piece(text), at, text.size(), RE2::UNANCHORED, groups.data(), static_cast<int>(groups.size()))) {
      return true;
    }
    if (++rounds % 64 == 0 && context.interrupted && context.interrupted()) {
      context.halt(kEvalCancelError, std::string(context.name()) + ": timed out");
      return false;
    }
    const auto begin = static_cast<std::size_t>(groups[0].data() - text.data());
    const std::size_t end = begin + groups[0].size();
    if (begin == end && begin < text.size() && (text[begin] & 0xc0) == 0x80 && begin > at) {
      // To RE2 there is a place between the bytes of a code point; Go sees none.
      while (at <= begin) at += policy::decode_rune(text.substr(at)).size;
      continue;
    }
    bool accept = true;
    if (end == at) {
      accept = begin != last_end;
      at += at < text.size() ? policy::decode_rune(text.substr(at)).size : 1;
    } else {
      at = end;
    }
    last_end = end;
    if (!accept) continue;
    found(groups);
    --limit;
  }
  return true;
}

bool is_name(char c) {
  const auto u = static_cast<unsigned char>(c);
  return u >= 0x80 || c == '_' || (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

// regexp.Regexp.Expand: `$1`, `$name`, `${name}`, `$$`; what names no group is empty.
void expand(const RE2& re, std::string_view form, const Groups& groups, std::string& out) {
  while (!form.empty()) {
    const std::size_t dollar = std::min(form.find('$'), form.size());
    out += form.substr(0, dollar);
    form.remove_prefix(dollar);
    if (form.empty()) return;
    if (form.starts_with("$$")) {
      out += '$';
      form.remove_prefix(2);
      continue;
    }
    const bool braces = form.starts_with("${");
    std::size_t end = braces ? 2 : 1;
    while (end < form.size() && is_name(form[end])) ++end;
    const std::string name(form.substr(braces ? 2 : 1, end - (braces ? 2 : 1)));
    if (name.empty() || (braces && (end == form.size() || form[end] != '}'))) {
      out += '$';
      form.remove_prefix(1);
      continue;
    }
    form.remove_prefix(end + braces);
    const bool number = name.find_first_not_of("0123456789") == std::string::npos && name.size() < 9 &&
                        (name[0] != '0' || name.size() == 1);
    std::size_t group = groups.size();
    if (number) {
      group = static_cast<std::size_t>(std::stoul(name));
    } else if (const auto at = re.NamedCapturingGroups().find(name); at != re.NamedCapturingGroups().end()) {
      group = static_cast<std::size_t>(at->second);
    }
    if (group < groups.size()) out += view(groups[group]);
  }
}

std::string quote_meta(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view("\\.+*?()|[]{}^$").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

// The template's pattern: what stands between delimiters is a regular expression, all else is itself. nullptr with the
// error set where the delimiters are not balanced or a part does not compile.
const RE2* compile_template(BuiltinContext& context, std::string_view form, char start, char end) {
  const std::string key = std::string("template ") + start + end + std::string(form);
  if (const RE2* known = cached_pattern(context, key)) return known;
  std::vector<std::pair<std::size_t, std::size_t>> parts;  // from delimiter to delimiter
  int level = 0;
  std::size_t open = 0;
  for (std::size_t i = 0; i < form.size() && level >= 0; ++i) {
    if (form[i] == start) {
      if (++level == 1) open = i;
    } else if (form[i] == end && --level == 0) {
      parts.emplace_back(open, i);
    }
  }
  if (level != 0) {
    std::string message = "unbalanced braces in ";
    policy::append_quoted(message, form);
    context.fail(message);
    return nullptr;
  }
  std::string pattern = "^";
  std::size_t copied = 0;
  for (const auto& [begin, close] : parts) {
    const std::string part(form.substr(begin + 1, close - begin - 1));
    if (compile_regex(context, "^" + part + "$") == nullptr) return nullptr;
    pattern += quote_meta(form.substr(copied, begin - copied)) + "(" + part + ")";
    copied = close + 1;
  }
  pattern += quote_meta(form.substr(copied)) + "$";
  return compile_translated(context, key, pattern);
}

Value texts(BuiltinContext& context, const Groups& groups) {
  std::vector<Value> items;
  for (const StringPiece& group : groups) items.push_back(Value::string(view(group)));
  return make_array(context.arena(), items);
}

}  // namespace

std::string regex_error(const RE2& re) {
  std::string_view what;
  switch (re.error_code()) {
    case RE2::ErrorBadEscape: what = "invalid escape sequence"; break;
    case RE2::ErrorBadCharClass: what = "invalid character class"; break;
    case RE2::ErrorBadCharRange: what = "invalid character class range"; break;
    case RE2::ErrorMissingBracket: what = "missing closing ]"; break;
    case RE2::ErrorMissingParen: what = "missing closing )"; break;
    case RE2::ErrorUnexpectedParen: what = "unexpected )"; break;
    case RE2::ErrorTrailingBackslash: what = "trailing backslash at end of expression"; break;
    case RE2::ErrorRepeatArgument: what = "missing argument to repetition operator"; break;
    case RE2::ErrorRepeatSize: what = "invalid repeat count"; break;
    case RE2::ErrorRepeatOp: what = "invalid nested repetition operator"; break;
    case RE2::ErrorBadPerlOp: what = "invalid or unsupported Perl syntax"; break;
    case RE2::ErrorBadUTF8: what = "invalid UTF-8"; break;
    case RE2::ErrorBadNamedCapture: what = "invalid named capture"; break;
    case RE2::ErrorPatternTooLarge: what = "expression too large"; break;
    default: what = "regexp/syntax: internal error"; break;
  }
  const bool bare = re.error_code() == RE2::ErrorTrailingBackslash;
  return "error parsing regexp: " + std::string(what) + ": `" + (bare ? "" : re.error_arg()) + "`";
}

const RE2* cached_pattern(BuiltinContext& context, std::string_view key) {
  const auto& patterns = context.caches().translated;
  const auto at = patterns.find(key);
  return at == patterns.end() ? nullptr : at->second.get();
}

namespace {

const RE2* compile_into(BuiltinContext& context, BuiltinCaches::Patterns& patterns, std::string_view key,
                        std::string_view pattern) {
  auto re = std::make_unique<RE2>(piece(pattern), options());
  if (!re->ok()) {
    context.fail(regex_error(*re));
    return nullptr;
  }
  if (patterns.size() >= BuiltinCaches::kMaxPatterns) patterns.clear();
  return patterns.emplace(key, std::move(re)).first->second.get();
}

// What `value_of` makes of the groups of each match of the pattern in the text, of as many as the third argument says.
template <class ValueOf>
Value find_all(BuiltinContext& context, Args args, ValueOf value_of) {
  std::int64_t limit;
  if (!check_all(context, args, {Type::kString, Type::kString}) || !check_int(context, args, 3, limit)) return Value();
  const RE2* re = compile_regex(context, args[0].text());
  if (re == nullptr) return Value();
  std::vector<Value> found;
  const bool done =
      each_match(context, *re, args[1].text(), limit, [&](const Groups& groups) { found.push_back(value_of(groups)); });
  return done ? make_array(context.arena(), found) : Value();
}

}  // namespace

const RE2* compile_translated(BuiltinContext& context, std::string_view key, std::string_view pattern) {
  return compile_into(context, context.caches().translated, key, pattern);
}

const RE2* compile_regex(BuiltinContext& context, std::string_view pattern) {
  auto& patterns = context.caches().patterns;
  if (const auto at = patterns.find(pattern); at != patterns.end()) return at->second.get();
  std::string for_re2, error;
  if (!as_re2(pattern, for_re2, error)) {
    context.fail(error);
    return nullptr;
  }
  return compile_into(context, patterns, pattern, for_re2);
}

Value eval_regex_is_valid(BuiltinContext&, Args args) {
  std::string pattern, error;
  if (!args[0].is_string() || !as_re2(args[0].text(), pattern, error)) return Value::boolean(false);
  return Value::boolean(RE2(pattern, options()).ok());
}

Value eval_regex_match(BuiltinContext& context, Args args) {
  if (!check_all(context, args, {Type::kString, Type::kString})) return Value();
  const RE2* re = compile_regex(context, args[0].text());
  if (re == nullptr) return Value();
  const std::string_view text = args[1].text();
  return Value::boolean(re->Match(piece(text), 0, text.size(), RE2::UNANCHORED, nullptr, 0));
}

Value eval_re_match(BuiltinContext& context, Args args) { return eval_regex_match(context, args); }

Value eval_regex_template_match(BuiltinContext& context, Args args) {
  if (!check_all(context, args, {Type::kString, Type::kString, Type::kString, Type::kString})) return Value();
  const std::string_view start = args[2].text(), end = args[3].text();
  // Both messages tell the length of the start delimiter, as OPA's do.
  const std::string length =
      " delimiter has to be exactly one character long but is " + std::to_string(start.size()) + " long";
  if (start.size() != 1) return context.fail("start" + length);
  if (end.size() != 1) return context.fail("end" + length);
  const RE2* re = compile_template(context, args[0].text(), start[0], end[0]);
  return re == nullptr ? Value() : Value::boolean(RE2::PartialMatch(piece(args[1].text()), *re));
}

Value eval_regex_split(BuiltinContext& context, Args args) {
  if (!check_all(context, args, {Type::kString, Type::kString})) return Value();
  const RE2* re = compile_regex(context, args[0].text());
  if (re == nullptr) return Value();
  const std::string_view text = args[1].text();
  std::vector<Value> parts;
  if (!args[0].text().empty() && text.empty()) {
    parts.push_back(Value::string(""));
    return make_array(context.arena(), parts);
  }
  std::size_t begin = 0, end = 0;
  const bool done = each_match(context, *re, text, -1, [&](const Groups& groups) {
    end = static_cast<std::size_t>(groups[0].data() - text.data());
    const std::size_t match_end = end + groups[0].size();
    if (match_end != 0) parts.push_back(Value::string(text.substr(begin, end - begin)));
    begin = match_end;
  });
  if (!done) return Value();
  if (end != text.size()) parts.push_back(Value::string(text.substr(begin)));
  return make_array(context.arena(), parts);
}

Value eval_regex_find_n(BuiltinContext& context, Args args) {
  return find_all(context, args, [](const Groups& groups) { return Value::string(view(groups[0])); });
}

Value eval_regex_find_all_string_submatch_n(BuiltinContext& context, Args args) {
  return find_all(context, args, [&](const Groups& groups) { return texts(context, groups); });
}

Value eval_regex_replace(BuiltinContext& context, Args args) {
  if (!check_all(context, args, {Type::kString, Type::kString, Type::kString})) return Value();
  const RE2* re = compile_regex(context, args[1].text());
  if (re == nullptr) return Value();
  const std::string_view base = args[0].text();
  std::string out;
  std::size_t copied = 0;
  const bool done = each_match(context, *re, base, -1, [&](const Groups& groups) {
    const auto begin = static_cast<std::size_t>(groups[0].data() - base.data());
    out += base.substr(copied, begin - copied);
    expand(*re, args[2].text(), groups, out);
    if (out.size() > policy::kMaxText) throw policy::MemoryLimitReached();
    copied = begin + groups[0].size();
  });
  if (!done) return Value();
  out += base.substr(copied);
  return text(context, out);
}

Value eval_regex_globs_match(BuiltinContext& context, Args args) {
  if (!check_all(context, args, {Type::kString, Type::kString})) return Value();
  bool result;
  std::string error;
  if (!globs_intersect(args[0].text(), args[1].text(), result, error)) return context.fail(error);
  return Value::boolean(result);
}

Value eval_glob_match(BuiltinContext& context, Args args) {
  if (!check(context, args, 1, Type::kString)) return Value();
  if (!args[1].is_null() && !args[1].is_array()) return wrong_type(context, 2, args[1], {"array", "null"});
  std::string separators;
  for (Cursor c(args[1]); c.next();) {
    if (!c.value().is_string()) return wrong_element(context, 2, args[1], c.value(), {"string"});
    if (policy::rune_count(c.value().text()) != 1) return wrong_element(context, 2, args[1], c.value(), {"rune"});
    separators += c.value().text();
  }
  if (args[1].is_array() && separators.empty()) separators = ".";
  if (!check(context, args, 3, Type::kString)) return Value();
  const std::string_view glob = args[0].text(), text = args[2].text();
  std::string& key = context.caches().scratch;
  key.assign("glob ").append(std::to_string(separators.size())).append(":").append(separators).append(glob);
  auto& globs = context.caches().globs;
  auto known = globs.find(key);
  if (known == globs.end()) {
    if (globs.size() >= BuiltinCaches::kMaxPatterns) globs.clear();
    known = globs.emplace(key, PlainGlob::compile(glob, separators)).first;
  }
  if (known->second != nullptr && policy::is_ascii(text)) return Value::boolean(known->second->matches(text));
  const RE2* re = cached_pattern(context, key);
  if (re == nullptr) {
    std::string pattern;
    if (!translate_glob(glob, separators, pattern)) return context.fail(pattern);
    re = compile_translated(context, key, pattern);
    if (re == nullptr) return Value();
  }
  return Value::boolean(RE2::FullMatch(piece(text), *re));
}

Value eval_glob_quote_meta(BuiltinContext& context, Args args) {
  if (!check(context, args, 1, Type::kString)) return Value();
  std::string out;
  for (const char c : args[0].text()) {
    if (std::string_view("*?\\[]{}").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return text(context, out);
}

}  // namespace kubegate::rego
