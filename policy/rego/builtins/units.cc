// Units, versions, UUIDs, random numbers and to_number. Rules: topdown/parse_units.go, parse_bytes.go, semver.go,
// uuid.go, numbers.go (rand.intn), casts.go.
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "validate/base/base64.h"
#include "policy/rego/builtins/caches.h"
#include "policy/rego/builtins/functions.h"
#include "policy/rego/builtins/operands.h"
#include "policy/value/runes.h"

namespace kubegate::rego {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string lower(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const policy::Rune rune = policy::decode_rune(text.substr(i));
    policy::append_rune(out, policy::to_lower(rune.code));
    i += rune.size;
  }
  return out;
}

// Where the number at the start of a quantity ends; npos when its exponent has more than six digits.
std::size_t number_end(std::string_view s) {
  for (std::size_t i = 0; i < s.size(); ++i) {
    const char c = s[i];
    if (!is_digit(c) && c != '.' && c != 'e' && c != 'E' && c != '+' && c != '-') return i;
    if (c != 'e' && c != 'E') continue;
    if (i + 1 == s.size() || (!is_digit(s[i + 1]) && s[i + 1] != '+' && s[i + 1] != '-')) return i;
    if (s[i + 1] == '+' || s[i + 1] == '-') ++i;
    std::size_t end = i + 1;
    while (end < s.size() && is_digit(s[end])) ++end;
    if (end - i - 1 > 6) return std::string_view::npos;
  }
  return s.size();
}

// 1000^n or 1024^n for the letters k, m, g, t, p, e; 0 for others.
std::uint64_t power(char letter, std::uint64_t base) {
  const std::size_t n = std::string_view("kmgtpe").find(letter);
  if (n == std::string_view::npos) return 0;
  std::uint64_t out = base;
  for (std::size_t i = 0; i < n; ++i) out *= base;
  return out;
}

// A quantity split into number and unit; false with the error set. `what` is "" or "byte ".
bool split_quantity(BuiltinContext& context, Args args, bool bytes, std::string& number, std::string& unit) {
  const std::string name = bytes ? "units.parse_bytes: " : "units.parse: ";
  if (!check(context, args, 1, Type::kString)) return false;
  std::string s = bytes ? lower(args[0].text()) : std::string(args[0].text());
  std::erase(s, '"');
  const auto fail = [&](std::string_view message) {
    context.fail(name + std::string(message));
    return false;
  };
  if (s.find(' ') != std::string::npos) return fail("spaces not allowed in resource strings");
  const std::size_t end = number_end(s);
  if (end == std::string::npos) return fail("exponent too large");
  if (end == 0) return fail(bytes ? "no byte amount provided" : "no amount provided");
  number = s.substr(0, end);
  unit = s.substr(end);
  return true;
}

// The factor of a unit as units.parse and units.parse_bytes (in small letters) take them; 0 of what is none.
std::uint64_t factor_of(std::string_view unit) {
  if (unit.empty()) return 1;
  const char letter = static_cast<char>(unit[0] | 32);
  if (unit.size() == 1) return unit[0] == 'm' ? 0 : power(letter, 1000);
  return unit.size() == 2 && (unit[1] | 32) == 'i' ? power(letter, 1024) : 0;
}

std::uint64_t byte_factor_of(std::string_view unit) {
  if (unit.empty()) return 1;
  const std::string_view rest = unit.substr(1);
  if (rest.empty() || rest == "b") return power(unit[0], 1000);
  return rest == "i" || rest == "ib" ? power(unit[0], 1024) : 0;
}

// What most quantities are: up to 15 digits with a unit, and the product fits. Undefined for all others.
Value plain_quantity(Value quantity, bool bytes) {
  constexpr std::size_t kMaxDigits = 15, kMaxUnit = 3;
  if (!quantity.is_string()) return Value();
  const std::string_view text = quantity.text();
  std::int64_t number = 0, product;
  std::size_t digits = 0;
  for (; digits < text.size() && digits <= kMaxDigits && is_digit(text[digits]); ++digits) {
    number = number * 10 + (text[digits] - '0');
  }
  const std::size_t letters = text.size() - digits;
  if (digits == 0 || digits > kMaxDigits || letters > kMaxUnit) return Value();
  char unit[kMaxUnit];
  for (std::size_t i = 0; i < letters; ++i) {
    const char c = text[digits + i];
    unit[i] = bytes && c >= 'A' && c <= 'Z' ? static_cast<char>(c | 32) : c;
  }
  const std::uint64_t factor = bytes ? byte_factor_of({unit, letters}) : factor_of({unit, letters});
  if (factor == 0 || __builtin_mul_overflow(number, factor, &product)) return Value();
  return Value::integer(product);
}

struct Version {
  std::int64_t parts[3];
  std::string_view pre_release;
};

bool is_identifiers(std::string_view text) {
  bool empty = true;
  for (const char c : text) {
    if (c == '.') {
      if (empty) return false;
      empty = true;
    } else {
      if (!is_digit(c) && !((c | 32) >= 'a' && (c | 32) <= 'z') && c != '-') return false;
      empty = false;
    }
  }
  return !empty;
}

std::string_view cut(std::string_view& text, char separator) {
  const std::size_t at = text.find(separator);
  const std::string_view head = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
  return head;
}

// Whether a number among the identifiers starts with a zero that it does not need.
bool has_leading_zero(std::string_view identifiers) {
  while (!identifiers.empty()) {
    const std::string_view one = cut(identifiers, '.');
    if (one.size() > 1 && one[0] == '0' && one.find_first_not_of("0123456789") == std::string_view::npos) return true;
  }
  return false;
}

bool parse_version(std::string_view text, Version& out) {
  if (text.starts_with('v')) text.remove_prefix(1);
  const std::size_t plus = text.find('+');
  if (plus != std::string_view::npos && !is_identifiers(text.substr(plus + 1))) return false;
  text = text.substr(0, plus);
  const std::size_t dash = text.find('-');
  out.pre_release = dash == std::string_view::npos ? std::string_view() : text.substr(dash + 1);
  if (dash != std::string_view::npos && (!is_identifiers(out.pre_release) || has_leading_zero(out.pre_release))) {
    return false;
  }
  text = text.substr(0, dash);
  for (int i = 0; i < 3; ++i) {
    if (i < 2 && text.find('.') == std::string_view::npos) return false;
    std::string_view part = i < 2 ? cut(text, '.') : text;
    if (part.starts_with('-') || (part.size() > 1 && part[0] == '0')) return false;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), out.parts[i]);
    if (part.empty() || error != std::errc() || end != part.data() + part.size()) return false;
  }
  return true;
}

int compare_texts(std::string_view a, std::string_view b) { return a < b ? -1 : a > b; }

// SemVer's precedence, item 11.
int compare_versions(const Version& a, const Version& b) {
  for (int i = 0; i < 3; ++i) {
    if (a.parts[i] != b.parts[i]) return a.parts[i] < b.parts[i] ? -1 : 1;
  }
  if (a.pre_release == b.pre_release) return 0;
  if (a.pre_release.empty() || b.pre_release.empty()) return a.pre_release.empty() ? 1 : -1;
  std::string_view x = a.pre_release, y = b.pre_release;
  while (!x.empty() && !y.empty()) {
    std::string_view p = cut(x, '.'), q = cut(y, '.');
    const bool number_p = p.find_first_not_of("0123456789") == std::string_view::npos;
    const bool number_q = q.find_first_not_of("0123456789") == std::string_view::npos;
    if (number_p != number_q) return number_p ? -1 : 1;
    if (number_p) {
      while (p.size() > 1 && p[0] == '0') p.remove_prefix(1);
      while (q.size() > 1 && q[0] == '0') q.remove_prefix(1);
      if (p.size() != q.size()) return p.size() < q.size() ? -1 : 1;
    }
    if (const int c = compare_texts(p, q)) return c;
  }
  return x.empty() ? (y.empty() ? 0 : -1) : 1;
}

bool parse_uuid(std::string_view s, unsigned char (&out)[16]) {
  if (s.size() == 45) {
    if (lower(s.substr(0, 9)) != "urn:uuid:") return false;
    s.remove_prefix(9);
  } else if (s.size() == 38) {
    s = s.substr(1, 36);
  }
  std::string digits;
  if (s.size() == 36) {
    for (std::size_t i = 0; i < 36; ++i) {
      const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
      if (dash != (s[i] == '-')) return false;
      if (!dash) digits += s[i];
    }
  } else if (s.size() == 32) {
    digits = s;
  } else {
    return false;
  }
  for (std::size_t i = 0; i < 16; ++i) {
    const char* p = digits.data() + 2 * i;
    if (std::from_chars(p, p + 2, out[i], 16).ptr != p + 2) return false;
  }
  return true;
}

}  // namespace

Value eval_units_parse(BuiltinContext& context, Args args) {
  if (const Value plain = plain_quantity(args[0], false); plain.defined()) return plain;
  std::string number, unit;
  if (!split_quantity(context, args, false, number, unit)) return Value();
  const std::string full = unit.empty() ? unit : unit[0] + lower(std::string_view(unit).substr(1));
  const bool milli = full == "m";
  const std::uint64_t factor = factor_of(full);
  if (factor == 0 && !milli) return context.fail("units.parse: unit " + full + " not recognized");
  const std::string product = policy::scaled_text(number, factor, milli);
  if (product.empty()) return context.fail("units.parse: could not parse amount to a number");
  return make_number(context.arena(), product);
}

Value eval_units_parse_bytes(BuiltinContext& context, Args args) {
  if (const Value plain = plain_quantity(args[0], true); plain.defined()) return plain;
  std::string number, unit;
  if (!split_quantity(context, args, true, number, unit)) return Value();
  const std::uint64_t factor = byte_factor_of(unit);
  if (factor == 0) return context.fail("units.parse_bytes: byte unit " + unit + " not recognized");
  const std::string product = policy::truncated_product(number, factor);
  if (product.empty()) return context.fail("units.parse_bytes: could not parse byte amount to a number");
  return make_number(context.arena(), product);
}

Value eval_semver_is_valid(BuiltinContext&, Args args) {
  Version version;
  return Value::boolean(args[0].is_string() && parse_version(args[0].text(), version));
}

Value eval_semver_compare(BuiltinContext& context, Args args) {
  if (!check_all(context, args, {Type::kString, Type::kString})) return Value();
  Version versions[2];
  for (std::size_t i = 0; i < 2; ++i) {
    if (parse_version(args[i].text(), versions[i])) continue;
    return context.fail("operand " + std::to_string(i + 1) + ": string " + quoted(args[i].text()) +
                        " is not a valid SemVer");
  }
  return Value::integer(compare_versions(versions[0], versions[1]));
}

Value eval_uuid_rfc4122(BuiltinContext& context, Args args) {
  const std::string key = "uuid " + to_term(args[0]);
  auto& answers = context.caches().answers;
  if (const auto at = answers.find(key); at != answers.end()) return at->second;
  std::string bytes;
  for (int i = 0; i < 2; ++i) {
    const std::uint64_t word = context.random();
    for (int shift = 0; shift < 64; shift += 8) bytes += static_cast<char>(word >> shift & 0xff);
  }
  bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);
  bytes[6] = static_cast<char>((bytes[6] & 0x0f) | 0x40);
  std::string shown = encode_hex(bytes);
  for (const std::size_t at : {20, 16, 12, 8}) shown.insert(at, "-");
  return answers[key] = text(context, shown);
}

Value eval_uuid_parse(BuiltinContext& context, Args args) {
  if (!check(context, args, 1, Type::kString)) return Value();
  unsigned char b[16];
  if (!parse_uuid(args[0].text(), b)) return Value();
  const int version = b[6] >> 4;
  const std::string_view variant = (b[8] & 0xc0) == 0x80   ? "RFC4122"
                                   : (b[8] & 0xe0) == 0xc0 ? "Microsoft"
                                   : (b[8] & 0xe0) == 0xe0 ? "Future"
                                                           : "Reserved";
  std::vector<Member> members{{Value::string("variant"), Value::string(variant)},
                              {Value::string("version"), Value::integer(version)}};
  const auto word = [&](int from, int n) {
    std::uint64_t w = 0;
    for (int i = from; i < from + n; ++i) w = w << 8 | b[i];
    return w;
  };
  if (version == 1 || version == 2) {
    // 100 ns since the Gregorian calendar's start.
    const auto ticks =
        static_cast<std::int64_t>((word(6, 2) & 0xfff) << 48 | word(4, 2) << 32 | word(0, 4)) - 0x01B21DD213814000;
    members.push_back(
        {Value::string("time"), Value::integer(static_cast<std::int64_t>(static_cast<std::uint64_t>(ticks) * 100))});
    std::string node = encode_hex({reinterpret_cast<const char*>(b + 10), 6});
    for (const std::size_t at : {10, 8, 6, 4, 2}) node.insert(at, "-");
    members.push_back({Value::string("nodeid"), text(context, node)});
    static constexpr std::string_view kMac[] = {"global:unicast", "global:multicast", "local:unicast",
                                                "local:multicast"};
    members.push_back({Value::string("macvariables"), Value::string(kMac[b[10] & 3])});
    members.push_back({Value::string("clocksequence"), Value::integer(static_cast<std::int64_t>(word(8, 2) & 0x3fff))});
  }
  if (version == 2) {
    static constexpr std::string_view kDomains[] = {"Person", "Group", "Org"};
    members.push_back({Value::string("id"), Value::integer(static_cast<std::int64_t>(word(0, 4)))});
    members.push_back({Value::string("domain"),
                       b[9] < 3 ? Value::string(kDomains[b[9]]) : text(context, "Domain" + std::to_string(b[9]))});
  }
  return make_object(context.arena(), members, policy::EqualKeys::kLast);
}

Value eval_rand_intn(BuiltinContext& context, Args args) {
  std::int64_t n;
  if (!check(context, args, 1, Type::kString) || !check_int(context, args, 2, n)) return Value();
  if (n == 0) return Value::integer(0);
  const std::uint64_t bound = n < 0 ? 0 - static_cast<std::uint64_t>(n) : static_cast<std::uint64_t>(n);
  const std::string key = "rand " + std::string(args[0].text()) + "-" + std::to_string(bound);
  auto& answers = context.caches().answers;
  if (const auto at = answers.find(key); at != answers.end()) return at->second;
  return answers[key] = Value::integer(static_cast<std::int64_t>(context.random() % bound));
}

namespace {

// A text that strconv.ParseFloat reads, in JSON's grammar; "" for what is none.
std::string as_json_number(std::string_view text) {
  std::string out;
  if (text.starts_with('-')) out = "-";
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  if (text.size() > 2 && text[0] == '0' && (text[1] | 32) == 'x') {
    // Hexadecimal floats need their exponent.
    if (text.find_first_of("pP") == std::string_view::npos) return "";
    double d;
    const auto [end, error] = std::from_chars(text.data() + 2, text.data() + text.size(), d, std::chars_format::hex);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(d)) return "";
    policy::append_go_double(out, d);
    return out;
  }
  std::size_t i = 0;
  const auto digits = [&] {
    std::string out_digits;
    // An underscore may stand between two digits.
    for (; i < text.size(); ++i) {
      const bool between = text[i] == '_' && !out_digits.empty() && is_digit(text[i - 1]) && i + 1 < text.size() &&
                           is_digit(text[i + 1]);
      if (!is_digit(text[i]) && !between) break;
      if (!between) out_digits += text[i];
    }
    return out_digits;
  };
  std::string whole = digits(), fraction, exponent;
  if (i < text.size() && text[i] == '.') {
    ++i;
    fraction = digits();
  }
  if (whole.empty() && fraction.empty()) return "";
  if (i < text.size() && (text[i] | 32) == 'e') {
    exponent = text[i++];
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) exponent += text[i++];
    const std::string e = digits();
    if (e.empty()) return "";
    exponent += e;
  }
  if (i != text.size()) return "";
  whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size()));
  out += whole.empty() ? "0" : whole;
  if (!fraction.empty()) out += "." + fraction;
  return out + exponent;
}

}  // namespace

Value eval_to_number(BuiltinContext& context, Args args) {
  const Value v = args[0];
  if (v.is_null()) return Value::integer(0);
  if (v.is_boolean()) return Value::integer(v.is_true());
  if (v.is_number()) return v;
  if (!v.is_string()) return wrong_type(context, 1, v, {"null", "boolean", "number", "string"});
  const std::string_view plain = v.text();
  if (!plain.empty() && plain.size() < 19 && (plain[0] != '0' || plain.size() == 1)) {
    std::int64_t i;
    const auto [end, error] = std::from_chars(plain.data(), plain.data() + plain.size(), i);
    if (is_digit(plain[0]) && end == plain.data() + plain.size()) return Value::integer(i);
  }
  std::string_view bare = v.text();
  bare.remove_prefix(std::min(bare.find_first_not_of("+-"), bare.size()));
  const std::string word = lower(bare);
  if (word == "inf" || word == "infinity" || word == "nan") return wrong_type(context, 1, v, {"valid number string"});
  const std::string number = as_json_number(v.text());
  double d;
  const bool valid = !number.empty();
  if (valid && policy::number_to_double(Value::number(number), d)) {
    return policy::exponent_fits(number) ? make_number(context.arena(), number)
                                         : context.fail("invalid number: number too big");
  }
  std::string message = "strconv.ParseFloat: parsing ";
  policy::append_quoted(message, v.text());
  return context.fail(message + (valid ? ": value out of range" : ": invalid syntax"));
}

}  // namespace kubegate::rego
