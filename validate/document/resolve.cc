// The idea: the first byte of a plain scalar says what it may be. A letter can start only one of a few words, a digit
// or sign only a number, a point either; everything else is a string. So most scalars are decided by one load from a
// table, and only candidates are looked at again. Nothing here depends on the locale, and nothing allocates unless a
// number has underscores and is long.
//
// The rules are those of the cluster, oddities included: `0o17` and `017` are octal but `08` is the float 8; `1_000`
// is a thousand; a float that overflows stays a string; `22:22` was never base 60. The table of
// tests/validate/document/resolve_test.cc walks all of them, oracle_test.cc compares with a real server.
#include "validate/document/resolve.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string>
#include <system_error>

namespace kubegate::document {
namespace {

enum class Hint : std::uint8_t { kString, kWord, kPoint, kNumber };

constexpr std::array<Hint, 256> kHints = [] {
  std::array<Hint, 256> hints{};
  for (unsigned char c : {'y', 'Y', 'n', 'N', 't', 'T', 'f', 'F', 'o', 'O', '~'}) hints[c] = Hint::kWord;
  for (unsigned char c = '0'; c <= '9'; ++c) hints[c] = Hint::kNumber;
  hints['+'] = hints['-'] = Hint::kNumber;
  hints['.'] = Hint::kPoint;
  return hints;
}();

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// "word", "Word" or "WORD".
bool is_word(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  if (text == lower) return true;
  if (text[0] != lower[0] - 'a' + 'A') return false;
  if (text.substr(1) == lower.substr(1)) return true;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] != lower[i] - 'a' + 'A') return false;
  }
  return true;
}

Resolution of(ScalarType type) {
  Resolution r;
  r.type = type;
  return r;
}

Resolution of_bool(bool value) {
  Resolution r = of(ScalarType::kBool);
  r.boolean = value;
  return r;
}

Resolution of_float(double value) {
  Resolution r = of(ScalarType::kFloat);
  r.number = value;
  return r;
}

Resolution resolve_word(std::string_view text) {
  if (text.size() <= 5) {
    switch (text[0]) {
      case '~':
        if (text.size() == 1) return of(ScalarType::kNull);
        break;
      case 'y':
      case 'Y':
        if (text.size() == 1 || is_word(text, "yes")) return of_bool(true);
        break;
      case 'n':
      case 'N':
        if (text.size() == 1 || is_word(text, "no")) return of_bool(false);
        if (is_word(text, "null")) return of(ScalarType::kNull);
        break;
      case 't':
      case 'T':
        if (is_word(text, "true")) return of_bool(true);
        break;
      case 'f':
      case 'F':
        if (is_word(text, "false")) return of_bool(false);
        break;
      case 'o':
      case 'O':
        if (is_word(text, "on")) return of_bool(true);
        if (is_word(text, "off")) return of_bool(false);
        break;
    }
  }
  return of(ScalarType::kString);
}

// [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?
bool has_float_shape(std::string_view text) {
  std::size_t i = 0;
  const auto digits = [&] {
    const std::size_t from = i;
    while (i < text.size() && is_digit(text[i])) ++i;
    return i - from;
  };
  if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
  const std::size_t whole = digits();
  if (i < text.size() && text[i] == '.') {
    ++i;
    if (digits() == 0 && whole == 0) return false;
  } else if (whole == 0) {
    return false;
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    if (digits() == 0) return false;
  }
  return i == text.size();
}

// The value of a text that has_float_shape(); nothing when it overflows. What is too small for a double is zero.
std::optional<double> parse_float(std::string_view text) {
  const bool negative = text[0] == '-';
  if (text[0] == '+' || text[0] == '-') text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range) {
    // Too large or too small? The place of the first digit that counts, moved by the exponent, tells.
    const std::size_t e = text.find_first_of("eE");
    const std::string_view mantissa = text.substr(0, e);
    std::int64_t exponent = 0;
    if (e != std::string_view::npos) {
      std::string_view digits = text.substr(e + 1);
      const bool below = digits[0] == '-';
      if (digits[0] == '+' || digits[0] == '-') digits.remove_prefix(1);
      for (char c : digits) exponent = std::min<std::int64_t>(exponent * 10 + (c - '0'), std::int64_t{1} << 40);
      if (below) exponent = -exponent;
    }
    const std::size_t first = mantissa.find_first_of("123456789");
    const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
    exponent += static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first);
    if (exponent > 0) return std::nullopt;
    value = 0;
  }
  return negative ? -value : value;
}

// Digits of `base` that fill the text; sign apart. False when they are none, or do not fit 64 bits.
bool parse_magnitude(std::string_view digits, int base, std::uint64_t& value) {
  if (digits.empty()) return false;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  return error == std::errc{} && end == digits.data() + digits.size();
}

// An integer as Go's strconv.ParseInt reads it with base 0.
std::optional<Resolution> resolve_integer(std::string_view text) {
  const bool sign = text[0] == '+' || text[0] == '-';
  const bool negative = text[0] == '-';
  std::string_view digits = text.substr(sign);
  int base = 10;
  if (digits.size() > 1 && digits[0] == '0') {
    switch (digits[1]) {
      case 'x':
      case 'X':
        base = 16;
        digits.remove_prefix(2);
        break;
      case 'o':
      case 'O':
        base = 8;
        digits.remove_prefix(2);
        break;
      case 'b':
      case 'B':
        base = 2;
        digits.remove_prefix(2);
        break;
      default:
        base = 8;
        digits.remove_prefix(1);
        break;
    }
  }
  std::uint64_t magnitude = 0;
  if (!parse_magnitude(digits, base, magnitude)) return std::nullopt;
  constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
  Resolution r = of(ScalarType::kInt);
  if (magnitude <= kMax + negative) {
    r.integer = static_cast<std::int64_t>(negative ? 0 - magnitude : magnitude);
    return r;
  }
  if (sign) return std::nullopt;  // ParseUint takes no sign
  r.type = ScalarType::kUnsigned;
  r.unsigned_integer = magnitude;
  return r;
}

Resolution resolve_number(std::string_view text) {
  if (text.size() == 5 && is_word(text.substr(2), "inf") && text[1] == '.') {
    if (text[0] == '+') return of_float(std::numeric_limits<double>::infinity());
    if (text[0] == '-') return of_float(-std::numeric_limits<double>::infinity());
  }
  char buffer[64];
  std::string large;
  if (text.find('_') != std::string_view::npos) {
    char* out = buffer;
    if (text.size() > sizeof buffer) {
      large.resize(text.size());
      out = large.data();
    }
    std::size_t size = 0;
    for (char c : text) {
      if (c != '_') out[size++] = c;
    }
    text = {out, size};
  }
  if (const auto integer = resolve_integer(text)) return *integer;
  if (has_float_shape(text)) {
    if (const auto number = parse_float(text)) return of_float(*number);
  }
  return of(ScalarType::kString);
}

// Scalars that start with a point go to Go's strconv.ParseFloat as they are, which lets an underscore stand between
// two digits.
Resolution resolve_point(std::string_view text) {
  if (text.size() == 4) {
    if (is_word(text.substr(1), "inf")) return of_float(std::numeric_limits<double>::infinity());
    if (text == ".nan" || text == ".NaN" || text == ".NAN") return of_float(std::numeric_limits<double>::quiet_NaN());
  }
  std::string plain;
  if (text.find('_') != std::string_view::npos) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '_') {
        plain += text[i];
      } else if (!is_digit(text[i - 1]) || i + 1 == text.size() || !is_digit(text[i + 1])) {
        return of(ScalarType::kString);
      }
    }
    text = plain;
  }
  if (has_float_shape(text)) {
    if (const auto number = parse_float(text)) return of_float(*number);
  }
  return of(ScalarType::kString);
}

Resolution resolve_plain(std::string_view text) {
  if (text.empty()) return of(ScalarType::kNull);
  switch (kHints[static_cast<unsigned char>(text[0])]) {
    case Hint::kString: break;
    case Hint::kWord: return resolve_word(text);
    case Hint::kPoint: return resolve_point(text);
    case Hint::kNumber: return resolve_number(text);
  }
  return of(ScalarType::kString);
}

// One or two digits, at most `max`.
bool take_number(std::string_view& text, int max, int& value) {
  std::size_t n = 0;
  value = 0;
  while (n < 2 && n < text.size() && is_digit(text[n])) value = value * 10 + (text[n++] - '0');
  text.remove_prefix(n);
  return n > 0 && value <= max;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text[0] != c) return false;
  text.remove_prefix(1);
  return true;
}

// The four forms in which the cluster's resolver knows a date. It matters only under !!timestamp: without the tag a
// date is a string like any other.
bool is_timestamp(std::string_view text) {
  if (text.size() < 5 || text[4] != '-') return false;
  int year = 0;
  for (int i = 0; i < 4; ++i) {
    if (!is_digit(text[i])) return false;
    year = year * 10 + (text[i] - '0');
  }
  text.remove_prefix(5);
  int month = 0, day = 0, hour = 0, minute = 0, second = 0;
  if (!take_number(text, 12, month) || month == 0 || !take(text, '-') || !take_number(text, 31, day)) return false;
  constexpr int kDays[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  if (day == 0 || day > kDays[month - 1] || (month == 2 && day == 29 && !leap)) return false;
  if (text.empty()) return true;
  const char separator = text[0];
  if (separator != 'T' && separator != 't' && separator != ' ') return false;
  text.remove_prefix(1);
  if (!take_number(text, 23, hour) || !take(text, ':') || !take_number(text, 59, minute) || !take(text, ':') ||
      !take_number(text, 59, second)) {
    return false;
  }
  if (text.size() > 1 && (text[0] == '.' || text[0] == ',') && is_digit(text[1])) {
    text.remove_prefix(1);
    while (!text.empty() && is_digit(text[0])) text.remove_prefix(1);
  }
  if (separator == ' ') return text.empty();
  if (text == "Z") return true;
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return false;
  return is_digit(text[1]) && is_digit(text[2]) && is_digit(text[4]) && is_digit(text[5]) &&
         (text[1] - '0') * 10 + (text[2] - '0') <= 24 && (text[4] - '0') * 10 + (text[5] - '0') < 60;
}

Resolution mismatch(Resolution found) {
  Resolution r = of(ScalarType::kMismatch);
  r.found = found.type;
  return r;
}

Resolution resolve_tagged(std::string_view tag, std::string_view text) {
  if (tag.substr(0, kTagPrefix.size()) != kTagPrefix) return of(ScalarType::kString);
  const std::string_view name = tag.substr(kTagPrefix.size());
  if (name == "binary") return of(ScalarType::kBinary);
  if (name == "timestamp") {
    return is_timestamp(text) ? of(ScalarType::kString) : mismatch(resolve_plain(text));
  }
  const auto demand = [&](ScalarType type) {
    const Resolution r = resolve_plain(text);
    return r.type == type ? r : mismatch(r);
  };
  if (name == "bool") return demand(ScalarType::kBool);
  if (name == "null") return demand(ScalarType::kNull);
  if (name == "int") {
    const Resolution r = resolve_plain(text);
    return r.type == ScalarType::kInt || r.type == ScalarType::kUnsigned ? r : mismatch(r);
  }
  if (name == "float") {
    const Resolution r = resolve_plain(text);
    if (r.type == ScalarType::kInt) return of_float(static_cast<double>(r.integer));
    return r.type == ScalarType::kFloat ? r : mismatch(r);
  }
  return of(ScalarType::kString);  // !!str, and what the resolver does not know
}

// The shortest decimal digits that give back the number: d.ddd times ten to the power of `exponent`.
struct Decimal {
  char digits[24];
  int count = 0;
  int exponent = 0;
  bool negative = false;
};

template <class T>
Decimal shortest(T value) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific).ptr;
  Decimal d;
  const char* p = text;
  if (*p == '-') {
    d.negative = true;
    ++p;
  }
  for (; *p != 'e'; ++p) {
    if (*p != '.') d.digits[d.count++] = *p;
  }
  p += 1 + (p[1] == '+');
  std::from_chars(p, end, d.exponent);
  return d;
}

// Go's strconv.FormatFloat(value, 'g', -1, 32).
std::string_view format_float32(float value, char (&buffer)[kKeyBuffer]) {
  if (std::isnan(value)) return ".nan";
  if (std::isinf(value)) return value > 0 ? ".inf" : "-.inf";
  const Decimal d = shortest(value);
  char* p = buffer;
  if (d.negative) *p++ = '-';
  const auto copy = [&](int from, int to) {
    for (int i = from; i < to; ++i) *p++ = i < d.count ? d.digits[i] : '0';
  };
  if (d.exponent < -4 || d.exponent >= 6) {
    *p++ = d.digits[0];
    if (d.count > 1) *p++ = '.';
    copy(1, d.count);
    *p++ = 'e';
    *p++ = d.exponent < 0 ? '-' : '+';
    const int magnitude = std::abs(d.exponent);
    if (magnitude < 10) *p++ = '0';
    p = std::to_chars(p, buffer + sizeof buffer, magnitude).ptr;
  } else if (d.exponent < 0) {
    *p++ = '0';
    *p++ = '.';
    for (int i = -1; i > d.exponent; --i) *p++ = '0';
    copy(0, d.count);
  } else {
    copy(0, d.exponent + 1);
    if (d.count > d.exponent + 1) {
      *p++ = '.';
      copy(d.exponent + 1, d.count);
    }
  }
  return {buffer, static_cast<std::size_t>(p - buffer)};
}

// A double that the cluster's JSON writes without fraction or exponent, and reads back as int64. JSON carries the
// shortest digits, filled up with zeros: above 2^53 they may name another integer than the double itself.
bool to_int64(double value, std::int64_t& integer) {
  if (!(value > -1e19 && value < 1e19)) return false;
  if (std::trunc(value) != value) return false;
  if (std::fabs(value) <= 9007199254740992.0) {
    integer = static_cast<std::int64_t>(value);
    return true;
  }
  const Decimal d = shortest(value);
  char text[32];
  char* p = text;
  if (d.negative) *p++ = '-';
  for (int i = 0; i <= d.exponent; ++i) *p++ = i < d.count ? d.digits[i] : '0';
  const auto [end, error] = std::from_chars(text, p, integer);
  return error == std::errc{};
}

}  // namespace

Resolution resolve(Style style, std::string_view tag, std::string_view text, ScalarTable table) {
  if (!tag.empty()) return resolve_tagged(tag, text);
  if (style != Style::kPlain) return of(ScalarType::kString);
  const Resolution resolution = resolve_plain(text);
  if (table == ScalarTable::kCluster) return resolution;
  // The second table: of the words for booleans only true and false, and what looks like a time is one.
  if (resolution.type == ScalarType::kBool && !is_word(text, "true") && !is_word(text, "false")) {
    return of(ScalarType::kString);
  }
  return resolution.type == ScalarType::kString && is_timestamp(text) ? of(ScalarType::kTimestamp) : resolution;
}

std::string timestamp_text(std::string_view text) {
  const auto take_two = [&](std::string& out) {
    const std::size_t digits = text.size() > 1 && is_digit(text[1]) ? 2 : 1;
    if (digits == 1) out += '0';
    out += text.substr(0, digits);
    text.remove_prefix(digits);
  };
  const auto skip = [&] { text.remove_prefix(1); };
  std::string out(text.substr(0, 5));
  text.remove_prefix(5);
  take_two(out);
  out += '-';
  skip();
  take_two(out);
  out += 'T';
  if (text.empty()) return out + "00:00:00Z";
  for (const char separator : {':', ':', '\0'}) {
    skip();
    take_two(out);
    if (separator != '\0') out += separator;
  }
  if (!text.empty() && (text[0] == '.' || text[0] == ',')) {
    constexpr std::size_t kNanoseconds = 9;
    std::size_t digits = 0;
    while (1 + digits < text.size() && is_digit(text[1 + digits])) ++digits;
    std::string_view fraction = text.substr(1, std::min(digits, kNanoseconds));
    while (fraction.ends_with('0')) fraction.remove_suffix(1);
    if (!fraction.empty()) (out += '.') += fraction;
    text.remove_prefix(1 + digits);
  }
  if (text.empty() || text == "+00:00" || text == "-00:00") return out + 'Z';
  return out += text;
}

bool is_merge_key(Style style, std::string_view tag, std::string_view text) {
  if (text != "<<") return false;
  if (tag.empty()) return style == Style::kPlain;
  return tag == "!" || tag == "tag:yaml.org,2002:merge";
}

bool to_value(const Resolution& resolution, Node& node) {
  switch (resolution.type) {
    case ScalarType::kNull:
      node.kind = Kind::kNull;
      node.integer = 0;
      return true;
    case ScalarType::kBool:
      node.kind = Kind::kBool;
      node.integer = 0;
      node.boolean = resolution.boolean;
      return true;
    case ScalarType::kInt:
      node.kind = Kind::kInt;
      node.integer = resolution.integer;
      return true;
    case ScalarType::kUnsigned:
      node.kind = Kind::kFloat;
      node.number = static_cast<double>(resolution.unsigned_integer);
      return true;
    case ScalarType::kFloat:
      if (!std::isfinite(resolution.number)) return false;
      node.kind = Kind::kInt;
      if (!to_int64(resolution.number, node.integer)) {
        node.kind = Kind::kFloat;
        node.number = resolution.number;
      }
      return true;
    case ScalarType::kString:
    case ScalarType::kBinary:
    case ScalarType::kTimestamp:
    case ScalarType::kMismatch: break;
  }
  return false;
}

std::string_view key_text(const Resolution& resolution, char (&buffer)[kKeyBuffer]) {
  switch (resolution.type) {
    case ScalarType::kBool: return resolution.boolean ? "true" : "false";
    case ScalarType::kInt: {
      const auto end = std::to_chars(buffer, buffer + sizeof buffer, resolution.integer).ptr;
      return {buffer, static_cast<std::size_t>(end - buffer)};
    }
    case ScalarType::kFloat: return format_float32(static_cast<float>(resolution.number), buffer);
    default: return {};
  }
}

std::size_t decode_base64(std::string_view text, char* out) {
  constexpr auto kNpos = std::string_view::npos;
  const auto digit = [](char c) -> int {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '+') return 62;
    return c == '/' ? 63 : -1;
  };
  std::uint32_t bits = 0;
  int digits = 0;
  int padding = 0;
  std::size_t size = 0;
  for (char c : text) {
    if (c == '\r' || c == '\n') continue;
    if (digits + padding == 4) {
      if (padding > 0) return kNpos;
      digits = 0;
    }
    if (c == '=' && digits >= 2) {
      ++padding;
    } else {
      const int value = digit(c);
      if (value < 0 || padding > 0) return kNpos;
      bits = bits << 6 | static_cast<std::uint32_t>(value);
      ++digits;
    }
    if (digits + padding == 4) {
      bits <<= 6 * padding;
      for (int i = 0; i < 3 - padding; ++i) out[size++] = static_cast<char>(bits >> (16 - 8 * i) & 0xff);
      bits = 0;
    }
  }
  return digits + padding == 0 || digits + padding == 4 ? size : kNpos;
}

std::string_view type_name(ScalarType type) {
  switch (type) {
    case ScalarType::kNull: return "null";
    case ScalarType::kBool: return "a boolean";
    case ScalarType::kInt:
    case ScalarType::kUnsigned: return "an integer";
    case ScalarType::kFloat: return "a number with fraction";
    case ScalarType::kString:
    case ScalarType::kBinary:
    case ScalarType::kTimestamp:
    case ScalarType::kMismatch: break;
  }
  return "a string";
}

}  // namespace kubegate::document
