// Strings. Rules: topdown/strings.go. Positions and lengths count code points, as in Go's []rune.
#include <algorithm>

#include "policy/rego/builtins/functions.h"
#include "policy/rego/builtins/go_format.h"
#include "policy/rego/builtins/operands.h"
#include "policy/value/runes.h"

namespace kubegate::rego {
namespace {

bool two_texts(BuiltinContext& context, Args args) { return check_all(context, args, {Type::kString, Type::kString}); }

// The byte at which the code point number `n` begins, or the end.
std::size_t byte_of_rune(std::string_view text, std::size_t n) {
  std::size_t at = 0;
  while (n-- > 0 && at < text.size()) at += policy::decode_rune(text.substr(at)).size;
  return at;
}

// The code points of a cutset: few are looked through, many are sorted.
class Cutset {
 public:
  explicit Cutset(std::string_view text) : text_(text) {
    if (text.size() <= kFew) return;
    for (; !text.empty(); text.remove_prefix(policy::decode_rune(text).size)) {
      codes_.push_back(policy::decode_rune(text).code);
    }
    std::sort(codes_.begin(), codes_.end());
  }

  bool operator()(std::uint32_t code) const {
    if (!codes_.empty()) return std::binary_search(codes_.begin(), codes_.end(), code);
    for (std::size_t i = 0; i < text_.size();) {
      const policy::Rune rune = policy::decode_rune(text_.substr(i));
      if (rune.code == code) return true;
      i += rune.size;
    }
    return false;
  }

 private:
  static constexpr std::size_t kFew = 32;
  std::string_view text_;
  std::vector<std::uint32_t> codes_;
};

template <class Drop>
std::string_view trim_left(std::string_view text, Drop drop) {
  while (!text.empty()) {
    const policy::Rune rune = policy::decode_rune(text);
    if (!drop(rune.code)) break;
    text.remove_prefix(rune.size);
  }
  return text;
}

template <class Drop>
std::string_view trim_right(std::string_view text, Drop drop) {
  while (!text.empty()) {
    // Back to the start of the last code point; a lone continuation byte is one of its own.
    std::size_t begin = text.size() - 1;
    while (begin > 0 && text.size() - begin < 4 && (static_cast<unsigned char>(text[begin]) & 0xc0) == 0x80) --begin;
    policy::Rune rune = policy::decode_rune(text.substr(begin));
    if (begin + rune.size != text.size()) rune = {0xfffd, 1, false};
    if (!drop(rune.code)) break;
    text.remove_suffix(rune.size);
  }
  return text;
}

enum Side { kLeft = 1, kRight = 2 };

Value trim(BuiltinContext& context, Args args, int sides) {
  if (!two_texts(context, args)) return Value();
  const Cutset drop(args[1].text());
  std::string_view text = args[0].text();
  if (sides & kLeft) text = trim_left(text, drop);
  if (sides & kRight) text = trim_right(text, drop);
  return Value::string(text);
}

Value map_case(BuiltinContext& context, Args args, std::uint32_t (*map)(std::uint32_t)) {
  if (!check(context, args, 1, Type::kString)) return Value();
  const std::string_view text = args[0].text();
  std::string out;
  out.reserve(text.size());
  bool changed = false;
  for (std::size_t i = 0; i < text.size();) {
    const policy::Rune rune = policy::decode_rune(text.substr(i));
    const std::uint32_t mapped = map(rune.code);
    changed = changed || mapped != rune.code || !rune.valid;
    policy::append_rune(out, mapped);
    i += rune.size;
  }
  return changed ? kubegate::rego::text(context, out) : args[0];
}

// Where `search` stands in `text`, overlapping places too, by Knuth, Morris and Pratt: in linear time.
template <class Found>
void each_place(std::string_view text, std::string_view search, Found found) {
  std::vector<std::uint32_t> border(search.size() + 1, 0);  // of the longest end of a prefix that is a prefix too
  for (std::size_t i = 1, k = 0; i < search.size(); ++i) {
    while (k > 0 && search[i] != search[k]) k = border[k];
    if (search[i] == search[k]) ++k;
    border[i + 1] = static_cast<std::uint32_t>(k);
  }
  for (std::size_t i = 0, k = 0; i < text.size(); ++i) {
    while (k > 0 && (k == search.size() || text[i] != search[k])) k = border[k];
    if (text[i] == search[k]) ++k;
    if (k == search.size()) found(i + 1 - k);
  }
}

// The code points in front of places that are asked for in order.
class RuneCounter {
 public:
  explicit RuneCounter(std::string_view text) : text_(text) {}
  std::int64_t before(std::size_t place) {
    for (; at_ < place; ++runes_) at_ += policy::decode_rune(text_.substr(at_)).size;
    return runes_;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  std::int64_t runes_ = 0;
};

struct Replacement {
  std::string_view from, to;
};

// strings.NewReplacer: at each byte the first pair that matches counts; an empty `from` matches between any two bytes
// where no other match ended with nothing.
Value replace_all(BuiltinContext& context, Value original, std::span<const Replacement> pairs) {
  const std::string_view text = original.text();
  std::string out;
  std::size_t copied = 0;
  bool changed = false, after_empty = false;
  for (std::size_t i = 0; i <= text.size();) {
    const Replacement* match = nullptr;
    for (const Replacement& pair : pairs) {
      if (pair.from.empty() ? !after_empty : text.substr(i).starts_with(pair.from)) {
        match = &pair;
        break;
      }
    }
    after_empty = match != nullptr && match->from.empty();
    if (match == nullptr) {
      ++i;
      continue;
    }
    out += text.substr(copied, i - copied);
    out += match->to;
    if (out.size() > policy::kMaxText) throw policy::MemoryLimitReached();
    i += match->from.size();
    copied = i;
    changed = true;
  }
  if (!changed) return original;
  out += text.substr(std::min(copied, text.size()));
  return kubegate::rego::text(context, out);
}

// The operand of strings.any_prefix_match and any_suffix_match: one text or several.
bool texts_operand(BuiltinContext& context, Args args, int position, std::vector<std::string_view>& out) {
  const Value v = args[static_cast<std::size_t>(position - 1)];
  if (v.is_string()) {
    out.push_back(v.text());
    return true;
  }
  if (v.is_array() || v.is_set()) return check_texts(context, args, position, out);
  wrong_type(context, position, v, {"string", "set", "array"});
  return false;
}

template <class Fits>
Value any_fits(BuiltinContext& context, Args args, Fits fits) {
  std::vector<std::string_view> texts, parts;
  if (!texts_operand(context, args, 1, texts) || !texts_operand(context, args, 2, parts)) return Value();
  for (const std::string_view text : texts) {
    for (const std::string_view part : parts) {
      if (fits(text, part)) return Value::boolean(true);
    }
  }
  return Value::boolean(false);
}

}  // namespace

Value eval_count(BuiltinContext& context, Args args) {
  const Value v = args[0];
  if (v.is_collection()) return Value::integer(count(v));
  if (v.is_string()) return Value::integer(static_cast<std::int64_t>(policy::rune_count(v.text())));
  return wrong_type(context, 1, v, {"array", "object", "set", "string"});
}

Value eval_strings_any_prefix_match(BuiltinContext& context, Args args) {
  return any_fits(context, args, [](std::string_view text, std::string_view p) { return text.starts_with(p); });
}

Value eval_strings_any_suffix_match(BuiltinContext& context, Args args) {
  return any_fits(context, args, [](std::string_view text, std::string_view s) { return text.ends_with(s); });
}

Value eval_concat(BuiltinContext& context, Args args) {
  if (!check(context, args, 1, Type::kString)) return Value();
  std::vector<std::string_view> texts;
  if (!args[1].is_array() && !args[1].is_set()) return wrong_type(context, 2, args[1], {"set", "array"});
  if (!check_texts(context, args, 2, texts)) return Value();
  if (texts.empty()) return Value::string("");
  if (texts.size() == 1) return Value::string(texts[0]);
  const std::string_view separator = args[0].text();
  std::size_t size = separator.size() * (texts.size() - 1);
  for (const std::string_view text : texts) size += text.size();
  if (size > policy::kMaxText) throw policy::MemoryLimitReached();
  char* const begin = context.arena().allocate_array<char>(size);
  char* p = begin;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i > 0) p = std::copy(separator.begin(), separator.end(), p);
    p = std::copy(texts[i].begin(), texts[i].end(), p);
  }
  return Value::string({begin, size});
}

Value eval_format_int(BuiltinContext& context, Args args) {
  if (!check_all(context, args, {Type::kNumber, Type::kNumber})) return Value();
  policy::NumberBuffer buffer;
  const std::string_view base = policy::number_text(args[1], buffer);
  const int n = base == "2" ? 2 : base == "8" ? 8 : base == "10" ? 10 : base == "16" ? 16 : 0;
  if (n == 0) return wrong_choice(context, 2, {"2", "8", "10", "16"});
  const std::string digits = policy::truncated_text(args[0], n);
  return digits.empty() ? context.fail("number is too large") : text(context, digits);
}

Value eval_indexof(BuiltinContext& context, Args args) {
  if (!two_texts(context, args)) return Value();
  if (args[1].text().empty()) return context.fail("empty search character");
  const std::size_t at = find_text(args[0].text(), args[1].text());
  return Value::integer(at == std::string_view::npos ? -1 : RuneCounter(args[0].text()).before(at));
}

Value eval_indexof_n(BuiltinContext& context, Args args) {
  if (!two_texts(context, args)) return Value();
  if (args[1].text().empty()) return context.fail("empty search character");
  std::vector<Value> found;
  RuneCounter runes(args[0].text());
  each_place(args[0].text(), args[1].text(),
             [&](std::size_t at) { found.push_back(Value::integer(runes.before(at))); });
  return make_array(context.arena(), found);
}

Value eval_substring(BuiltinContext& context, Args args) {
  std::int64_t start, length;
  if (!check(context, args, 1, Type::kString) || !check_int(context, args, 2, start) ||
      !check_int(context, args, 3, length)) {
    return Value();
  }
  if (start < 0) return context.fail("negative offset");
  std::string_view text = args[0].text();
  if (policy::is_ascii(text)) {
    text.remove_prefix(std::min(static_cast<std::size_t>(start), text.size()));
    return Value::string(length < 0 ? text : text.substr(0, static_cast<std::size_t>(length)));
  }
  text.remove_prefix(byte_of_rune(text, static_cast<std::size_t>(start)));
  return Value::string(length < 0 ? text : text.substr(0, byte_of_rune(text, static_cast<std::size_t>(length))));
}

Value eval_lower(BuiltinContext& context, Args args) { return map_case(context, args, policy::to_lower); }
Value eval_upper(BuiltinContext& context, Args args) { return map_case(context, args, policy::to_upper); }

Value eval_contains(BuiltinContext& context, Args args) {
  if (!two_texts(context, args)) return Value();
  return Value::boolean(find_text(args[0].text(), args[1].text()) != std::string_view::npos);
}

Value eval_startswith(BuiltinContext& context, Args args) {
  return two_texts(context, args) ? Value::boolean(args[0].text().starts_with(args[1].text())) : Value();
}

Value eval_endswith(BuiltinContext& context, Args args) {
  return two_texts(context, args) ? Value::boolean(args[0].text().ends_with(args[1].text())) : Value();
}

Value eval_strings_count(BuiltinContext& context, Args args) {
  if (!two_texts(context, args)) return Value();
  const std::string_view text = args[0].text(), part = args[1].text();
  if (part.empty()) return Value::integer(static_cast<std::int64_t>(policy::rune_count(text)) + 1);
  std::int64_t n = 0;
  for (std::size_t i = find_text(text, part); i != std::string_view::npos; i = find_text(text, part, i + part.size())) {
    ++n;
  }
  return Value::integer(n);
}

namespace {

// The parts of `text` between the delimiters, or its code points where the delimiter is empty, in the arena.
std::span<const Value> split_text(ValueArena& arena, std::string_view text, std::string_view delimiter) {
  std::size_t n = 0, i = 0;
  if (delimiter.empty()) {
    Value* parts = arena.allocate_array<Value>(policy::rune_count(text));
    for (; i < text.size(); ++n) {
      const std::size_t size = policy::decode_rune(text.substr(i)).size;
      parts[n] = Value::string(text.substr(i, size));
      i += size;
    }
    return {parts, n};
  }
  for (std::size_t at = find_text(text, delimiter); at != std::string_view::npos; ++n) {
    at = find_text(text, delimiter, at + delimiter.size());
  }
  Value* parts = arena.allocate_array<Value>(n + 1);
  for (std::size_t part = 0; part <= n; ++part) {
    const std::size_t at = std::min(find_text(text, delimiter, i), text.size());
    parts[part] = Value::string(text.substr(i, at - i));
    i = at + delimiter.size();
  }
  return {parts, n + 1};
}

}  // namespace

Value eval_split(BuiltinContext& context, Args args) {
  if (!two_texts(context, args)) return Value();
  return Value::array(split_text(context.arena(), args[0].text(), args[1].text()));
}

Value eval_strings_split_n(BuiltinContext& context, Args args) {
  std::int64_t n;
  if (!two_texts(context, args) || !check_int(context, args, 3, n)) return Value();
  std::span<const Value> parts = split_text(context.arena(), args[0].text(), args[1].text());
  const auto size = static_cast<std::int64_t>(parts.size());
  if (n >= 0) {
    parts = parts.first(static_cast<std::size_t>(std::min(n, size)));
  } else {
    parts = parts.last(static_cast<std::size_t>(n < -size ? size : -n));
  }
  return Value::array(parts);
}

Value eval_replace(BuiltinContext& context, Args args) {
  if (!check_all(context, args, {Type::kString, Type::kString, Type::kString})) return Value();
  const std::string_view text = args[0].text(), from = args[1].text(), to = args[2].text();
  const Replacement pair{from, to};
  if (from.empty()) return replace_all(context, args[0], {&pair, 1});
  std::size_t at = find_text(text, from), copied = 0;
  if (at == std::string_view::npos) return args[0];
  std::string out;
  for (; at != std::string_view::npos; at = find_text(text, from, copied)) {
    out += text.substr(copied, at - copied);
    out += to;
    if (out.size() > policy::kMaxText) throw policy::MemoryLimitReached();
    copied = at + from.size();
  }
  out += text.substr(copied);
  return kubegate::rego::text(context, out);
}

Value eval_strings_replace_n(BuiltinContext& context, Args args) {
  if (!check_all(context, args, {Type::kObject, Type::kString})) return Value();
  std::vector<Replacement> pairs;
  for (Cursor c(args[0]); c.next();) {
    if (!c.key().is_string()) return bad_operand(context, 1, "non-string key found in pattern object");
    if (!c.value().is_string()) return bad_operand(context, 1, "non-string value found in pattern object");
    pairs.push_back({c.key().text(), c.value().text()});
  }
  return replace_all(context, args[1], pairs);
}

Value eval_strings_reverse(BuiltinContext& context, Args args) {
  if (!check(context, args, 1, Type::kString)) return Value();
  const std::string_view text = args[0].text();
  char* const out = context.arena().allocate_array<char>(text.size());
  char* end = out + text.size();
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t n = policy::decode_rune(text.substr(i)).size;
    end -= n;
    std::copy_n(text.data() + i, n, end);
    i += n;
  }
  return Value::string({out, text.size()});
}

Value eval_trim(BuiltinContext& context, Args args) { return trim(context, args, kLeft | kRight); }
Value eval_trim_left(BuiltinContext& context, Args args) { return trim(context, args, kLeft); }
Value eval_trim_right(BuiltinContext& context, Args args) { return trim(context, args, kRight); }

Value eval_trim_prefix(BuiltinContext& context, Args args) {
  if (!two_texts(context, args)) return Value();
  std::string_view text = args[0].text();
  if (text.starts_with(args[1].text())) text.remove_prefix(args[1].text().size());
  return Value::string(text);
}

Value eval_trim_suffix(BuiltinContext& context, Args args) {
  if (!two_texts(context, args)) return Value();
  std::string_view text = args[0].text();
  if (text.ends_with(args[1].text())) text.remove_suffix(args[1].text().size());
  return Value::string(text);
}

Value eval_trim_space(BuiltinContext& context, Args args) {
  if (!check(context, args, 1, Type::kString)) return Value();
  return Value::string(trim_right(trim_left(args[0].text(), policy::is_space), policy::is_space));
}

Value eval_sprintf(BuiltinContext& context, Args args) {
  if (!check_all(context, args, {Type::kString, Type::kArray})) return Value();
  constexpr std::size_t kFew = 8;
  const std::size_t n = count(args[1]);
  GoOperand few[kFew];
  std::vector<GoOperand> many(n > kFew ? n : 0);
  const std::span<GoOperand> operands = n > kFew ? std::span(many) : std::span(few, n);
  std::size_t i = 0;
  for (Cursor c(args[1]); c.next(); ++i) {
    const Value v = c.value();
    GoOperand& operand = operands[i];
    if (v.is_string()) {
      operand.text = v.text();
    } else if (!v.is_number()) {
      operand.text = context.arena().copy(to_term(v));
    } else if (v.is_int()) {
      operand.kind = GoOperand::Kind::kInt;
      operand.integer = v.int_value();
    } else {
      policy::NumberBuffer buffer;
      const std::string_view shown = policy::number_text(v, buffer);
      operand.text = shown.data() == buffer.bytes ? context.arena().copy(shown) : shown;
      if (shown.find_first_of(".eE") == std::string_view::npos) {
        const bool fits = policy::number_to_int64(v, operand.integer);  // -0
        operand.kind = fits ? GoOperand::Kind::kInt : GoOperand::Kind::kBigInt;
      } else if (policy::number_to_double(v, operand.real)) {
        operand.kind = GoOperand::Kind::kFloat;
      }
    }
  }
  return text(context, go_sprintf(args[0].text(), operands, context.integer_type));
}

}  // namespace kubegate::rego
