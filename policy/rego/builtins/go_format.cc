// The idea: fmt's printer in the small. A directive is read into flags, width and precision in the order in which fmt
// reads them (its words for broken directives follow from that order), then the operand's kind decides what the verb
// means. Rules: Go's fmt/print.go and fmt/format.go, math/big's Int.Format. Tested by cases/sprintf.txt.
#include "policy/rego/builtins/go_format.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "policy/value/arena.h"
#include "policy/value/number.h"
#include "policy/value/runes.h"

namespace kubegate::rego {
namespace {

using Kind = GoOperand::Kind;

constexpr int kMaxNumber = 1000000;  // fmt's bound for widths, precisions and indexes

struct Flags {
  bool plus = false, minus = false, sharp = false, space = false, zero = false;
  bool sharp_v = false, plus_v = false;
  bool has_width = false, has_precision = false;
  int width = 0, precision = 0;
};

std::string upper(std::string text) {
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return text;
}

std::string digits_of(std::uint64_t u, int base) {
  char buffer[64];
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, u, base).ptr};
}

// strconv.CanBackquote.
bool can_backquote(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const policy::Rune rune = policy::decode_rune(text.substr(i));
    if (!rune.valid || rune.code == 0xfeff || (rune.code < ' ' && rune.code != '\t') || rune.code == '`' ||
        rune.code == 0x7f) {
      return false;
    }
    i += rune.size;
  }
  return true;
}

// 0x1.8p+01: the first digit is always 1 (0 of zero), ties go to even.
std::string hex_float(double v, int precision) {
  int exponent = 1;
  std::uint64_t bits = v == 0 ? 0 : static_cast<std::uint64_t>(std::ldexp(std::frexp(std::fabs(v), &exponent), 53));
  if (precision >= 0 && precision < 13) {
    const int dropped = 52 - 4 * precision;
    const std::uint64_t half = std::uint64_t{1} << (dropped - 1), rest = bits & (2 * half - 1);
    bits >>= dropped;
    if (rest > half || (rest == half && (bits & 1))) ++bits;
    bits <<= dropped;
    if (bits >> 53) {
      bits >>= 1;
      ++exponent;
    }
  }
  std::string digits;
  for (int shift = 48; shift >= 0; shift -= 4) digits += "0123456789abcdef"[bits >> shift & 15];
  if (precision < 0) {
    digits.erase(digits.find_last_not_of('0') + 1);
  } else {
    digits.resize(static_cast<std::size_t>(precision), '0');
  }
  std::string out = std::signbit(v) ? "-0x" : "0x";
  out += v == 0 ? '0' : '1';
  if (!digits.empty()) out += "." + digits;
  --exponent;
  out += exponent < 0 ? "p-" : "p+";
  const std::string e = std::to_string(std::abs(exponent));
  return out + (e.size() < 2 ? "0" : "") + e;
}

// strconv.FormatFloat; precision -1 is the fewest digits that read back.
std::string format_float(double v, char verb, int precision) {
  std::string out;
  if (verb == 'b') {
    int exponent;
    const double mantissa = std::frexp(std::fabs(v), &exponent);
    // The fraction with all its 53 bits as an integer, fewer where the number is too small, and the exponent with it.
    std::uint64_t bits = v == 0 ? 0 : static_cast<std::uint64_t>(std::ldexp(mantissa, 53));
    exponent = v == 0 ? -1074 : exponent - 53;
    if (exponent < -1074) {
      bits >>= -1074 - exponent;
      exponent = -1074;
    }
    out = std::signbit(v) ? "-" : "";
    out += bits == 0 ? "0" : digits_of(bits, 10);
    return out + (exponent < 0 ? "p-" : "p+") + std::to_string(std::abs(exponent));
  }
  if (verb == 'x' || verb == 'X') {
    out = hex_float(v, precision);
    return verb == 'X' ? upper(out) : out;
  }
  if (precision < 0 && (verb == 'g' || verb == 'G')) {
    policy::append_go_double(out, v);
    return verb == 'G' ? upper(out) : out;
  }
  const char directive[] = {'%', '.', '*', verb, '\0'};
  const int n = std::snprintf(nullptr, 0, directive, precision, v);
  out.resize(static_cast<std::size_t>(n) + 1);
  std::snprintf(out.data(), out.size(), directive, precision, v);
  out.resize(static_cast<std::size_t>(n));
  return out;
}

class Printer {
 public:
  Printer(std::string_view format, std::span<const GoOperand> operands, std::string_view integer_type)
      : format_(format), operands_(operands), integer_type_(integer_type) {}

  std::string print() {
    while (at_ < format_.size() && directive()) {}
    if (!reordered_ && next_ < operands_.size()) {
      flags_ = {};
      out_ += "%!(EXTRA ";
      for (std::size_t i = next_; i < operands_.size(); ++i) {
        if (i > next_) out_ += ", ";
        out_ += type_name(operands_[i].kind);
        out_ += '=';
        operand(operands_[i], 'v');
      }
      out_ += ')';
    }
    return std::move(out_);
  }

 private:
  std::string_view type_name(Kind kind) const {
    static constexpr std::string_view kNames[] = {"string", "", "float64", "*big.Int"};
    return kind == Kind::kInt ? integer_type_ : kNames[static_cast<int>(kind)];
  }

  // ---- Reading -----------------------------------------------------------------------------------------------------

  // Plain text and one directive; false at the end.
  bool directive() {
    good_index_ = true;
    const std::size_t percent = std::min(format_.find('%', at_), format_.size());
    out_ += format_.substr(at_, percent - at_);
    at_ = percent;
    if (at_ == format_.size()) return false;
    ++at_;
    flags_ = {};
    for (; at_ < format_.size(); ++at_) {
      const char c = format_[at_];
      if (c == '#') {
        flags_.sharp = true;
      } else if (c == '0') {
        flags_.zero = true;
      } else if (c == '+') {
        flags_.plus = true;
      } else if (c == '-') {
        flags_.minus = true;
      } else if (c == ' ') {
        flags_.space = true;
      } else {
        break;
      }
    }
    bool after_index = index();
    if (at_ < format_.size() && format_[at_] == '*') {
      ++at_;
      flags_.has_width = number_operand(flags_.width);
      if (!flags_.has_width) out_ += "%!(BADWIDTH)";
      if (flags_.width < 0) {
        flags_.width = -flags_.width;
        flags_.minus = true;
        flags_.zero = false;
      }
      after_index = false;
    } else {
      flags_.has_width = number(flags_.width);
      if (after_index && flags_.has_width) good_index_ = false;
    }
    if (at_ + 1 < format_.size() && format_[at_] == '.') {
      ++at_;
      if (after_index) good_index_ = false;
      after_index = index();
      if (at_ < format_.size() && format_[at_] == '*') {
        ++at_;
        flags_.has_precision = number_operand(flags_.precision);
        if (flags_.precision < 0) {
          flags_.precision = 0;
          flags_.has_precision = false;
        }
        if (!flags_.has_precision) out_ += "%!(BADPREC)";
        after_index = false;
      } else {
        number(flags_.precision);
        flags_.has_precision = true;
      }
    }
    if (!after_index) index();
    if (at_ >= format_.size()) {
      out_ += "%!(NOVERB)";
      return false;
    }
    const policy::Rune verb = policy::decode_rune(format_.substr(at_));
    at_ += verb.size;
    if (verb.code == '%') {
      out_ += '%';
    } else if (!good_index_) {
      fault(verb.code, "(BADINDEX)");
    } else if (next_ >= operands_.size()) {
      fault(verb.code, "(MISSING)");
    } else {
      if (verb.code == 'v' || verb.code == 'w') {
        flags_.sharp_v = flags_.sharp;
        flags_.plus_v = flags_.plus;
        flags_.sharp = flags_.plus = false;
      }
      operand(operands_[next_++], verb.code);
    }
    return true;
  }

  // Decimal digits at the current place; a number beyond fmt's bound eats the rest of the format.
  bool number(int& out) {
    const std::size_t begin = at_;
    std::int64_t n = 0;
    for (; at_ < format_.size() && format_[at_] >= '0' && format_[at_] <= '9'; ++at_) {
      if (n > kMaxNumber) {
        at_ = format_.size();
        out = 0;
        return false;
      }
      n = n * 10 + (format_[at_] - '0');
    }
    out = static_cast<int>(n);
    return at_ > begin;
  }

  // A `*`: the next operand, if it is an int.
  bool number_operand(int& out) {
    out = 0;
    if (next_ >= operands_.size()) return false;
    const GoOperand& o = operands_[next_++];
    if (o.kind != Kind::kInt || o.integer > kMaxNumber || o.integer < -kMaxNumber) return false;
    out = static_cast<int>(o.integer);
    return true;
  }

  // An explicit index such as `[3]`; whether there was one.
  bool index() {
    if (at_ >= format_.size() || format_[at_] != '[') return false;
    reordered_ = true;
    const std::string_view rest = format_.substr(at_);
    const std::size_t close = rest.size() < 3 ? std::string_view::npos : rest.find(']', 1);
    if (close == std::string_view::npos) {
      good_index_ = false;
      at_ += 1;
      return false;
    }
    at_ += close + 1;
    int n = 0;
    const std::string_view digits = rest.substr(1, close - 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), n);
    const bool read = !digits.empty() && digits[0] != '-' && error == std::errc() &&
                      end == digits.data() + digits.size() && n <= kMaxNumber * 10;
    if (read && n >= 1 && static_cast<std::size_t>(n) <= operands_.size()) {
      next_ = static_cast<std::size_t>(n - 1);
      return true;
    }
    good_index_ = false;
    return read;
  }

  // ---- Printing ----------------------------------------------------------------------------------------------------

  void fault(std::uint32_t verb, std::string_view what) {
    out_ += "%!";
    policy::append_rune(out_, verb);
    out_ += what;
  }

  void fill(int n, char c) {
    if (n <= 0) return;
    if (out_.size() + static_cast<std::size_t>(n) > policy::kMaxText) throw policy::MemoryLimitReached();
    out_.append(static_cast<std::size_t>(n), c);
  }

  char padding() const { return flags_.zero && !flags_.minus ? '0' : ' '; }

  void pad(std::string_view text) { pad_with(text, padding()); }

  void pad_with(std::string_view text, char c) {
    if (out_.size() + text.size() > policy::kMaxText) throw policy::MemoryLimitReached();
    const int n = flags_.has_width ? flags_.width - static_cast<int>(policy::rune_count(text)) : 0;
    if (!flags_.minus) fill(n, c);
    out_ += text;
    if (flags_.minus) fill(n, ' ');
  }

  void bad_verb(const GoOperand& o, std::uint32_t verb) {
    fault(verb, "(");
    out_ += type_name(o.kind);
    out_ += '=';
    if (o.kind == Kind::kBigInt) {
      out_ += o.text;  // Formatters are not asked while an error is being printed; their String() is
    } else {
      operand(o, 'v');
    }
    out_ += ')';
  }

  void operand(const GoOperand& o, std::uint32_t verb) {
    if (verb == 'T') return string(type_name(o.kind));
    if (verb == 'p' || verb == 'w') return bad_verb(o, verb);
    switch (o.kind) {
      case Kind::kString: return string_operand(o, verb);
      case Kind::kInt: return int_operand(o, verb);
      case Kind::kFloat: return float_operand(o, verb);
      case Kind::kBigInt: return big_operand(o, verb);
    }
  }

  std::string_view truncated(std::string_view text) const {
    if (!flags_.has_precision) return text;
    std::size_t at = 0;
    for (int n = 0; n < flags_.precision && at < text.size(); ++n) at += policy::decode_rune(text.substr(at)).size;
    return text.substr(0, at);
  }

  void string(std::string_view text) { pad(truncated(text)); }

  void quoted(std::string_view text) {
    text = truncated(text);
    if (flags_.sharp && can_backquote(text)) return pad("`" + std::string(text) + "`");
    std::string out;
    policy::append_quoted(out, text, '"', flags_.plus);
    pad(out);
  }

  void hex_string(std::string_view text, bool capitals) {
    const std::string_view digits = capitals ? "0123456789ABCDEFX" : "0123456789abcdefx";
    if (flags_.has_precision) text = text.substr(0, static_cast<std::size_t>(flags_.precision));
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (flags_.space && i > 0) out += ' ';
      if (flags_.sharp && (flags_.space || i == 0)) (out += '0') += digits[16];
      const auto c = static_cast<unsigned char>(text[i]);
      (out += digits[c >> 4]) += digits[c & 15];
    }
    if (text.empty()) return fill(flags_.has_width ? flags_.width : 0, padding());
    pad(out);
  }

  void string_operand(const GoOperand& o, std::uint32_t verb) {
    switch (verb) {
      case 'v': return flags_.sharp_v ? quoted(o.text) : string(o.text);
      case 's': return string(o.text);
      case 'q': return quoted(o.text);
      case 'x': return hex_string(o.text, false);
      case 'X': return hex_string(o.text, true);
      default: return bad_verb(o, verb);
    }
  }

  void integer(std::int64_t v, int base, std::uint32_t verb) {
    const bool negative = v < 0;
    const std::uint64_t u = negative ? 0 - static_cast<std::uint64_t>(v) : static_cast<std::uint64_t>(v);
    int precision = 0;
    if (flags_.has_precision) {
      precision = flags_.precision;
      if (precision == 0 && u == 0) return fill(flags_.has_width ? flags_.width : 0, ' ');
    } else if (flags_.zero && !flags_.minus && flags_.has_width) {
      precision = flags_.width - (negative || flags_.plus || flags_.space);
    }
    std::string digits = digits_of(u, base);
    if (verb == 'X') digits = upper(digits);
    if (precision > static_cast<int>(digits.size()))
      digits.insert(0, static_cast<std::size_t>(precision) - digits.size(), '0');
    std::string_view prefix;
    if (verb == 'O') {
      prefix = flags_.sharp && digits[0] != '0' ? "0o0" : "0o";
    } else if (flags_.sharp) {
      prefix = base == 2 ? "0b" : base == 8 && digits[0] != '0' ? "0" : base == 16 ? (verb == 'X' ? "0X" : "0x") : "";
    }
    const std::string_view sign = negative ? "-" : flags_.plus ? "+" : flags_.space ? " " : "";
    digits.insert(0, prefix);
    digits.insert(0, sign);
    pad_with(digits, ' ');
  }

  void unicode(std::uint64_t u) {
    std::string digits = upper(digits_of(u, 16));
    const int precision = std::max(flags_.has_precision ? flags_.precision : 0, 4);
    if (precision > static_cast<int>(digits.size()))
      digits.insert(0, static_cast<std::size_t>(precision) - digits.size(), '0');
    std::string out = "U+" + digits;
    if (flags_.sharp && u <= 0x10ffff && policy::is_printable(static_cast<std::uint32_t>(u))) {
      out += " '";
      policy::append_rune(out, static_cast<std::uint32_t>(u));
      out += '\'';
    }
    pad_with(out, ' ');
  }

  void int_operand(const GoOperand& o, std::uint32_t verb) {
    const auto u = static_cast<std::uint64_t>(o.integer);
    const std::uint32_t code = u > 0x10ffff ? 0xfffd : static_cast<std::uint32_t>(u);
    std::string character;
    switch (verb) {
      case 'v':
      case 'd': return integer(o.integer, 10, verb);
      case 'b': return integer(o.integer, 2, verb);
      case 'o':
      case 'O': return integer(o.integer, 8, verb);
      case 'x':
      case 'X': return integer(o.integer, 16, verb);
      case 'c': policy::append_rune(character, code); return pad(character);
      case 'q': {
        std::string out;
        policy::append_rune(character, code);
        policy::append_quoted(out, character, '\'', flags_.plus);
        return pad(out);
      }
      case 'U': return unicode(u);
      default: return bad_verb(o, verb);
    }
  }

  void floating(double v, char verb, int precision) {
    if (flags_.has_precision) precision = flags_.precision;
    std::string num = format_float(v, verb, precision);
    if (num[0] != '-') num.insert(0, "+");
    if (flags_.space && num[0] == '+' && !flags_.plus) num[0] = ' ';
    if (flags_.sharp && verb != 'b') keep_point(num, verb, precision);
    if (!flags_.plus && num[0] == '+') return pad(std::string_view(num).substr(1));
    if (flags_.zero && !flags_.minus && flags_.has_width && flags_.width > static_cast<int>(num.size())) {
      out_ += num[0];
      fill(flags_.width - static_cast<int>(num.size()), '0');
      out_ += std::string_view(num).substr(1);
      return;
    }
    pad(num);
  }

  // What `#` asks for: a point always, and for %g the zeros at the end. num[0] is the sign.
  static void keep_point(std::string& num, char verb, int precision) {
    int digits = verb == 'g' || verb == 'G' || verb == 'x' ? (precision == -1 ? 6 : precision) : 0;
    const bool hex = verb == 'x' || verb == 'X';
    const std::size_t e = std::min(num.find_first_of(hex ? "pP" : "eE"), num.size());
    const std::string tail = num.substr(e);
    num.resize(e);
    bool point = false, significant = false;
    for (std::size_t i = 1; i < num.size(); ++i) {
      if (num[i] == '.') {
        point = true;
        continue;
      }
      significant = significant || num[i] != '0';
      digits -= significant;
    }
    if (!point) {
      if (num.size() == 2 && num[1] == '0') --digits;
      num += '.';
    }
    if (digits > 0) num.append(static_cast<std::size_t>(digits), '0');
    num += tail;
  }

  void float_operand(const GoOperand& o, std::uint32_t verb) {
    switch (verb) {
      case 'v': return floating(o.real, 'g', -1);
      case 'b':
      case 'g':
      case 'G':
      case 'x':
      case 'X': return floating(o.real, static_cast<char>(verb), -1);
      case 'f':
      case 'e':
      case 'E': return floating(o.real, static_cast<char>(verb), 6);
      case 'F': return floating(o.real, 'f', 6);
      default: return bad_verb(o, verb);
    }
  }

  void big_operand(const GoOperand& o, std::uint32_t verb) {
    int base = 10;
    switch (verb) {
      case 'b': base = 2; break;
      case 'o':
      case 'O': base = 8; break;
      case 'd':
      case 's':
      case 'v': break;
      case 'x':
      case 'X': base = 16; break;
      default:
        fault(verb, "(big.Int=");
        out_ += o.text;
        out_ += ')';
        return;
    }
    std::string digits = policy::truncated_text(policy::Value::number(o.text), base);
    std::string prefix;
    if (digits[0] == '-') {
      digits.erase(0, 1);
      prefix = "-";
    } else if (flags_.plus || flags_.plus_v) {
      prefix = "+";
    } else if (flags_.space) {
      prefix = " ";
    }
    if (flags_.sharp) prefix += base == 2 ? "0b" : verb == 'o' ? "0" : verb == 'x' ? "0x" : verb == 'X' ? "0X" : "";
    if (verb == 'O') prefix += "0o";
    if (verb == 'X') digits = upper(digits);
    int zeros = flags_.has_precision ? std::max(0, flags_.precision - static_cast<int>(digits.size())) : 0;
    const int room = flags_.has_width ? flags_.width - static_cast<int>(prefix.size() + digits.size()) - zeros : 0;
    const bool fill_zeros = flags_.zero && !flags_.minus && !flags_.has_precision && room > 0;
    if (fill_zeros) zeros = room;
    if (!flags_.minus && !fill_zeros) fill(room, ' ');
    out_ += prefix;
    fill(zeros, '0');
    out_ += digits;
    if (flags_.minus) fill(room, ' ');
  }

  std::string_view format_;
  std::span<const GoOperand> operands_;
  std::string out_;
  std::size_t at_ = 0;      // in format_
  std::size_t next_ = 0;    // operand
  bool reordered_ = false;  // an explicit index was used: extra operands are not reported
  bool good_index_ = true;  // of the directive at hand
  Flags flags_;
  std::string_view integer_type_;
};

}  // namespace

std::string go_sprintf(std::string_view format, std::span<const GoOperand> operands, std::string_view integer_type) {
  return Printer(format, operands, integer_type).print();
}

}  // namespace kubegate::rego
