// The idea: numbers stay texts, as in OPA, and become GMP integers or MPFR floats only while an operation runs; int64
// operands meet neither. Integers compute exactly at any size. All else is rounded to 64 bits as Go's big.Float does
// when it reads a text, and a result prints with the fewest digits that read back to the same 64 bits.
//
// Comparing never rounds: two decimal texts are compared digit by digit. That is OPA's order (it compares rationals),
// and what makes `1`, `1.0` and `1e0` one key of an object. Tested by the tables of built-ins against OPA's answers
// (tests/policy/rego/builtins/cases/numbers.txt).
#include "policy/value/number.h"

#include <gmp.h>
#include <mpfr.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace kubegate::policy {
namespace {

// Go's 'g' with the shortest digits: exponents from here on, and below 1e-4, are written as such.
constexpr int kPlainDigits = 6;
constexpr mpfr_prec_t kPrecision = 64;  // big.Float.SetString
// Decimal exponents beyond this make no integers: 1e1000000 has a megabyte of digits.
constexpr std::int64_t kMaxIntegerExponent = 20000;
constexpr std::int64_t kHugeExponent = std::int64_t{1} << 40;

// A number as sign * 0.d1d2d3… * 10^point, without leading or trailing zeros; zero has no digits.
struct Decimal {
  bool negative = false;
  std::int64_t point = 0;
  std::string digits;

  explicit Decimal(std::string_view text) {
    negative = !text.empty() && text[0] == '-';
    std::int64_t exponent = 0;
    std::string_view mantissa = text.substr(negative);
    if (const std::size_t e = mantissa.find_first_of("eE"); e != std::string_view::npos) {
      exponent = read_exponent(mantissa.substr(e + 1));
      mantissa = mantissa.substr(0, e);
    }
    const std::size_t dot = std::min(mantissa.find('.'), mantissa.size());
    digits = mantissa.substr(0, dot);
    if (dot < mantissa.size()) digits += mantissa.substr(dot + 1);
    point = static_cast<std::int64_t>(dot) + exponent;
    const std::size_t first = digits.find_first_not_of('0');
    if (first == std::string::npos) {
      digits.clear();
      negative = false;
      point = 0;
      return;
    }
    digits.erase(0, first);
    point -= static_cast<std::int64_t>(first);
    digits.erase(digits.find_last_not_of('0') + 1);
  }

  bool integral() const { return point >= static_cast<std::int64_t>(digits.size()) || digits.empty(); }

 private:
  static std::int64_t read_exponent(std::string_view text) {
    const bool minus = !text.empty() && text[0] == '-';
    if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
    std::int64_t e = 0;
    for (const char c : text) e = std::min<std::int64_t>(kHugeExponent, e * 10 + (c - '0'));
    return minus ? -e : e;
  }
};

int compare_decimals(const Decimal& a, const Decimal& b) {
  const int sign_a = a.digits.empty() ? 0 : a.negative ? -1 : 1;
  const int sign_b = b.digits.empty() ? 0 : b.negative ? -1 : 1;
  if (sign_a != sign_b) return sign_a < sign_b ? -1 : 1;
  if (sign_a == 0) return 0;
  int magnitude = a.point != b.point ? (a.point < b.point ? -1 : 1) : a.digits.compare(b.digits);
  magnitude = magnitude < 0 ? -1 : magnitude > 0;
  return sign_a * magnitude;
}

class Integer {
 public:
  Integer() { mpz_init(z_); }
  ~Integer() { mpz_clear(z_); }
  Integer(const Integer&) = delete;
  Integer& operator=(const Integer&) = delete;
  mpz_ptr get() { return z_; }

 private:
  mpz_t z_;
};

class Float {
 public:
  explicit Float(mpfr_prec_t precision = kPrecision) { mpfr_init2(f_, precision); }
  ~Float() { mpfr_clear(f_); }
  Float(const Float&) = delete;
  Float& operator=(const Float&) = delete;
  mpfr_ptr get() { return f_; }

 private:
  mpfr_t f_;
};

// Whether the number is an integer that may be written out; then `out` is it.
bool to_integer(std::string_view text, Integer& out) {
  if (text.find_first_of(".eE") == std::string_view::npos) {
    return mpz_set_str(out.get(), std::string(text).c_str(), 10) == 0;
  }
  const Decimal d(text);
  if (!d.integral() || d.point > kMaxIntegerExponent) return false;
  std::string digits = d.negative ? "-" : "";
  digits += d.digits;
  digits.append(static_cast<std::size_t>(d.point) - d.digits.size(), '0');
  if (d.digits.empty()) digits = "0";
  return mpz_set_str(out.get(), digits.c_str(), 10) == 0;
}

void to_float(std::string_view text, Float& out) { mpfr_set_str(out.get(), std::string(text).c_str(), 10, MPFR_RNDN); }

Value from_integer(ValueArena& arena, Integer& z) {
  if (mpz_fits_slong_p(z.get())) return Value::integer(mpz_get_si(z.get()));
  std::string text(mpz_sizeinbase(z.get(), 10) + 2, '\0');
  mpz_get_str(text.data(), 10, z.get());
  text.resize(std::char_traits<char>::length(text.c_str()));
  return make_number(arena, text);
}

// The fewest digits that read back, with the place of the point: 0.DIGITS * 10^exponent.
std::string shortest_digits(mpfr_ptr f, mpfr_exp_t& exponent) {
  Float back(mpfr_get_prec(f));
  for (std::size_t n = 2;; ++n) {  // mpfr_get_str wants two digits at least; trailing zeros go
    char* digits = mpfr_get_str(nullptr, &exponent, 10, n, f, MPFR_RNDN);
    std::string text = digits;
    mpfr_free_str(digits);
    const std::size_t sign = text[0] == '-';
    mpfr_set_str(back.get(), (text.substr(0, sign) + "0." + text.substr(sign) + "e" + std::to_string(exponent)).c_str(),
                 10, MPFR_RNDN);
    if (mpfr_equal_p(back.get(), f) || n > 40) {
      text.erase(0, sign);
      text.erase(std::max<std::size_t>(text.find_last_not_of('0') + 1, 1));
      return text;
    }
  }
}

// builtins.FloatToNumber: integers in full, all else as big.Float's 'g' with the shortest digits.
Value from_float(ValueArena& arena, Float& f, NumberFault& fault) {
  if (!mpfr_number_p(f.get())) {
    fault = NumberFault::kTooLarge;
    return Value();
  }
  std::string out;
  if (mpfr_zero_p(f.get())) return mpfr_signbit(f.get()) ? Value::number("-0") : Value::integer(0);
  if (mpfr_integer_p(f.get()) && mpfr_fits_slong_p(f.get(), MPFR_RNDN)) {
    // 'f' with the shortest digits: 2^63 bits are at most 19 digits, of which all are needed.
    if (mpfr_get_exp(f.get()) <= std::min<mpfr_exp_t>(63, mpfr_get_prec(f.get())))
      return Value::integer(mpfr_get_si(f.get(), MPFR_RNDN));
  }
  mpfr_exp_t point;
  const std::string digits = shortest_digits(f.get(), point);
  const auto size = static_cast<mpfr_exp_t>(digits.size());
  if (mpfr_signbit(f.get())) out += '-';
  if (mpfr_integer_p(f.get())) {
    if (point > kMaxIntegerExponent) {
      fault = NumberFault::kTooLarge;
      return Value();
    }
    out += digits;
    out.append(static_cast<std::size_t>(std::max<mpfr_exp_t>(0, point - size)), '0');
    return make_number(arena, out);
  }
  const mpfr_exp_t exponent = point - 1;
  if (exponent < -4 || exponent >= kPlainDigits) {
    out += digits[0];
    if (size > 1) (out += '.') += digits.substr(1);
    out += exponent < 0 ? "e-" : "e+";
    const std::string e = std::to_string(std::abs(exponent));
    if (e.size() < 2) out += '0';
    out += e;
  } else if (point <= 0) {
    out += "0.";
    out.append(static_cast<std::size_t>(-point), '0');
    out += digits;
  } else {
    out += digits.substr(0, static_cast<std::size_t>(point));
    (out += '.') += digits.substr(static_cast<std::size_t>(point));
  }
  return make_number(arena, out);
}

Value calculate_int(Arithmetic op, std::int64_t x, std::int64_t y, NumberFault& fault, bool& done) {
  std::int64_t r = 0;
  done = true;
  switch (op) {
    case Arithmetic::kAdd: done = !__builtin_add_overflow(x, y, &r); break;
    case Arithmetic::kSubtract: done = !__builtin_sub_overflow(x, y, &r); break;
    case Arithmetic::kMultiply: done = !__builtin_mul_overflow(x, y, &r); break;
    case Arithmetic::kDivide:
      if (y == 0) {
        fault = NumberFault::kDivideByZero;
        return Value();
      }
      // A zero over a negative number is -0, as floats have it.
      if (y == -1) {
        done = x != 0 && x != INT64_MIN;
        r = done ? -x : 0;
      } else {
        done = x % y == 0 && (x != 0 || y > 0);
        r = x / y;
      }
      break;
    case Arithmetic::kRemainder:
      if (y == 0) {
        fault = NumberFault::kModuloByZero;
        return Value();
      }
      r = y == -1 ? 0 : x % y;
      break;
  }
  return Value::integer(r);
}

}  // namespace

std::string_view fault_text(NumberFault fault) {
  switch (fault) {
    case NumberFault::kDivideByZero: return "divide by zero";
    case NumberFault::kModuloByZero: return "modulo by zero";
    case NumberFault::kModuloOnFloat: return "modulo on floating-point number";
    case NumberFault::kTooLarge: return "number is too large";
    case NumberFault::kNone: break;
  }
  return "";
}

void append_go_double(std::string& out, double d) {
  char buffer[40];
  const double magnitude = std::fabs(d);
  const bool plain = magnitude == 0 || (magnitude >= 1e-4 && magnitude < 1e6);
  const auto form = plain ? std::chars_format::fixed : std::chars_format::scientific;
  out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, d, form).ptr);
}

void append_json_double(std::string& out, double d) {
  char buffer[400];
  const double magnitude = std::fabs(d);
  if (magnitude != 0 && (magnitude < 1e-6 || magnitude >= 1e21)) {
    char* end = std::to_chars(buffer, buffer + sizeof buffer, d, std::chars_format::scientific).ptr;
    std::string_view text(buffer, static_cast<std::size_t>(end - buffer));
    const std::size_t n = text.size();
    // e-09 is e-9 in JSON.
    if (n >= 4 && text[n - 4] == 'e' && text[n - 3] == '-' && text[n - 2] == '0') {
      out += text.substr(0, n - 2);
      out += text[n - 1];
    } else {
      out += text;
    }
    return;
  }
  out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, d, std::chars_format::fixed).ptr);
}

std::string_view number_text(Value v, NumberBuffer& buffer) {
  switch (v.rep()) {
    case Value::Rep::kNumberText: return v.text();
    case Value::Rep::kInt: {
      const char* end = std::to_chars(buffer.bytes, buffer.bytes + sizeof buffer.bytes, v.int_value()).ptr;
      return {buffer.bytes, static_cast<std::size_t>(end - buffer.bytes)};
    }
    default: {
      std::string text;
      if (v.real_form() == RealForm::kGo) {
        append_go_double(text, v.real_value());
      } else {
        append_json_double(text, v.real_value());
      }
      text.copy(buffer.bytes, sizeof buffer.bytes);
      return {buffer.bytes, std::min(text.size(), sizeof buffer.bytes)};
    }
  }
}

bool is_json_number(std::string_view t) {
  std::size_t i = !t.empty() && t[0] == '-';
  const auto digits = [&] {
    const std::size_t from = i;
    while (i < t.size() && t[i] >= '0' && t[i] <= '9') ++i;
    return i - from;
  };
  const std::size_t first = i;
  const std::size_t whole = digits();
  if (whole == 0 || (whole > 1 && t[first] == '0')) return false;
  if (i < t.size() && t[i] == '.') {
    ++i;
    if (digits() == 0) return false;
  }
  if (i < t.size() && (t[i] == 'e' || t[i] == 'E')) {
    ++i;
    if (i < t.size() && (t[i] == '+' || t[i] == '-')) ++i;
    if (digits() == 0) return false;
  }
  return i == t.size();
}

bool exponent_fits(std::string_view text) {
  constexpr std::int64_t kMaxExponent = 100000;
  const Decimal d(text);
  // A decimal digit is 3 bits at least and 4 at most, so that most numbers need no closer look.
  if (d.digits.empty() || std::abs(d.point) < kMaxExponent / 4) return true;
  if (std::abs(d.point) > kMaxExponent / 3 + 1) return false;
  Float f;
  to_float(text, f);
  return mpfr_number_p(f.get()) && std::abs(mpfr_get_exp(f.get())) <= kMaxExponent;
}

bool number_to_int64(Value v, std::int64_t& out) {
  if (v.is_int()) {
    out = v.int_value();
    return true;
  }
  NumberBuffer buffer;
  std::string_view text = number_text(v, buffer);
  // util.Atoi64: 19 characters behind the sign at most, of which a point and zeros may be the last.
  if (text.size() - text.starts_with('-') > 19) return false;
  if (const std::size_t point = text.find('.'); point != std::string_view::npos) {
    if (text.find_first_not_of('0', point + 1) != std::string_view::npos) return false;
    text = text.substr(0, point);
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

bool number_integral(Value v, std::int64_t& out) {
  if (v.is_int()) {
    out = v.int_value();
    return true;
  }
  NumberBuffer buffer;
  const Decimal d(number_text(v, buffer));
  if (!d.integral() || d.point > 19) return false;
  std::string digits = d.digits.empty() ? "0" : d.negative ? "-" + d.digits : d.digits;
  digits.append(static_cast<std::size_t>(d.point) - d.digits.size(), '0');
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  return error == std::errc() && end == digits.data() + digits.size();
}

bool number_to_double(Value v, double& out) {
  if (v.is_int()) {
    out = static_cast<double>(v.int_value());
    return true;
  }
  if (v.rep() == Value::Rep::kReal) {
    out = v.real_value();
    return true;
  }
  const std::string_view text = v.text();
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error == std::errc::result_out_of_range) {
    // Overflow and underflow look the same; the decimal point tells them apart.
    const Decimal d(text);
    if (d.point > 0) return false;
    out = d.negative ? -0.0 : 0.0;
    return true;
  }
  return error == std::errc() && end == text.data() + text.size();
}

int compare_numbers(Value a, Value b) {
  if (a.is_int() && b.is_int()) return a.int_value() < b.int_value() ? -1 : a.int_value() > b.int_value();
  constexpr double kExact = 0x1p53;
  if (a.rep() != Value::Rep::kNumberText && b.rep() != Value::Rep::kNumberText) {
    // A double stands for its shortest decimal text; below 2^53 that is ordered against integers as the double is.
    double x, y;
    number_to_double(a, x);
    number_to_double(b, y);
    if (std::fabs(x) < kExact && std::fabs(y) < kExact) return x < y ? -1 : x > y;
  }
  NumberBuffer x, y;
  const std::string_view s = number_text(a, x), t = number_text(b, y);
  return s == t ? 0 : compare_decimals(Decimal(s), Decimal(t));
}

std::uint64_t hash_number(Value v) {
  double d;
  if (!number_to_double(v, d)) d = HUGE_VAL;
  if (d == 0) d = 0;  // -0 too
  return std::bit_cast<std::uint64_t>(d);
}

Value calculate(ValueArena& arena, Arithmetic op, Value a, Value b, NumberFault& fault) {
  fault = NumberFault::kNone;
  if (a.is_int() && b.is_int()) {
    bool done;
    const Value r = calculate_int(op, a.int_value(), b.int_value(), fault, done);
    if (done) return r;
  }
  NumberBuffer buffer_a, buffer_b;
  const std::string_view x = number_text(a, buffer_a), y = number_text(b, buffer_b);
  if (op != Arithmetic::kDivide) {
    Integer i, j;
    if (to_integer(x, i) && to_integer(y, j)) {
      switch (op) {
        case Arithmetic::kAdd: mpz_add(i.get(), i.get(), j.get()); break;
        case Arithmetic::kSubtract: mpz_sub(i.get(), i.get(), j.get()); break;
        case Arithmetic::kMultiply: mpz_mul(i.get(), i.get(), j.get()); break;
        default:
          if (mpz_sgn(j.get()) == 0) {
            fault = NumberFault::kModuloByZero;
            return Value();
          }
          mpz_tdiv_r(i.get(), i.get(), j.get());
      }
      return from_integer(arena, i);
    }
    if (op == Arithmetic::kRemainder) {
      fault = NumberFault::kModuloOnFloat;
      return Value();
    }
  }
  Float f, g;
  to_float(x, f);
  to_float(y, g);
  switch (op) {
    case Arithmetic::kAdd: mpfr_add(f.get(), f.get(), g.get(), MPFR_RNDN); break;
    case Arithmetic::kSubtract: mpfr_sub(f.get(), f.get(), g.get(), MPFR_RNDN); break;
    case Arithmetic::kMultiply: mpfr_mul(f.get(), f.get(), g.get(), MPFR_RNDN); break;
    default:
      if (mpfr_zero_p(g.get())) {
        fault = NumberFault::kDivideByZero;
        return Value();
      }
      mpfr_div(f.get(), f.get(), g.get(), MPFR_RNDN);
  }
  return from_float(arena, f, fault);
}

namespace {
// The product of integers, halves first, so that both factors of the large multiplications are large.
bool multiply_integers(std::span<const Value> factors, Integer& out) {
  constexpr std::size_t kMaxBits = std::size_t{1} << 23;
  if (factors.size() <= 1) {
    NumberBuffer buffer;
    if (factors.empty()) return mpz_set_ui(out.get(), 1), true;
    return to_integer(number_text(factors[0], buffer), out);
  }
  Integer right;
  const std::size_t half = factors.size() / 2;
  if (!multiply_integers(factors.first(half), out) || !multiply_integers(factors.subspan(half), right)) return false;
  if (mpz_sizeinbase(out.get(), 2) + mpz_sizeinbase(right.get(), 2) > kMaxBits) return false;
  mpz_mul(out.get(), out.get(), right.get());
  return true;
}
}  // namespace

Value add_all(ValueArena& arena, std::span<const Value> summands, NumberFault& fault) {
  fault = NumberFault::kNone;
  if (std::all_of(summands.begin(), summands.end(), [](Value v) { return integral(v); })) {
    Value total = Value::integer(0);
    for (const Value v : summands) {
      total = calculate(arena, Arithmetic::kAdd, total, v, fault);
      if (fault != NumberFault::kNone) break;
    }
    return total;
  }
  Float total, summand;
  mpfr_set_zero(total.get(), 1);
  for (const Value v : summands) {
    NumberBuffer buffer;
    to_float(number_text(v, buffer), summand);
    mpfr_add(total.get(), total.get(), summand.get(), MPFR_RNDN);
  }
  return from_float(arena, total, fault);
}

Value multiply_all(ValueArena& arena, std::span<const Value> factors, NumberFault& fault) {
  fault = NumberFault::kNone;
  if (std::all_of(factors.begin(), factors.end(), [](Value v) { return integral(v); })) {
    Integer z;
    if (multiply_integers(factors, z)) return from_integer(arena, z);
    fault = NumberFault::kTooLarge;
    return Value();
  }
  Float product(53), factor;
  mpfr_set_ui(product.get(), 1, MPFR_RNDN);
  for (const Value v : factors) {
    NumberBuffer buffer;
    to_float(number_text(v, buffer), factor);
    mpfr_mul(product.get(), product.get(), factor.get(), MPFR_RNDN);
  }
  return from_float(arena, product, fault);
}

Value round_number(ValueArena& arena, Rounding op, Value a, NumberFault& fault) {
  fault = NumberFault::kNone;
  if (a.is_int() && (op != Rounding::kAbs || a.int_value() != INT64_MIN)) {
    return op == Rounding::kAbs ? Value::integer(std::abs(a.int_value())) : a;
  }
  NumberBuffer buffer;
  Float f;
  to_float(number_text(a, buffer), f);
  switch (op) {
    case Rounding::kAbs: mpfr_abs(f.get(), f.get(), MPFR_RNDN); break;
    case Rounding::kRound:
      // Half a unit away from zero is added in the precision of the number, as OPA does it.
      mpfr_add_d(f.get(), f.get(), mpfr_signbit(f.get()) ? -0.5 : 0.5, MPFR_RNDN);
      mpfr_trunc(f.get(), f.get());
      break;
    case Rounding::kCeil:
    case Rounding::kFloor: {
      // As OPA has it, through big.Int, which loses the sign of a 0: ceil(-0.5) is 1, and floor(-0.5) is 0.
      const bool whole = mpfr_integer_p(f.get()) != 0;
      mpfr_trunc(f.get(), f.get());
      const bool positive = mpfr_sgn(f.get()) >= 0;
      if (!whole && op == Rounding::kCeil && positive) mpfr_add_ui(f.get(), f.get(), 1, MPFR_RNDN);
      if (!whole && op == Rounding::kFloor && !positive) mpfr_sub_ui(f.get(), f.get(), 1, MPFR_RNDN);
      break;
    }
  }
  // Through big.Int, which knows no -0.
  if (op != Rounding::kAbs && mpfr_number_p(f.get())) {
    if (!mpfr_zero_p(f.get()) && mpfr_get_exp(f.get()) > 4 * kMaxIntegerExponent) {
      fault = NumberFault::kTooLarge;
      return Value();
    }
    Integer z;
    mpfr_get_z(z.get(), f.get(), MPFR_RNDN);
    return from_integer(arena, z);
  }
  return from_float(arena, f, fault);
}

bool integral(Value v) {
  if (v.is_int()) return true;
  NumberBuffer buffer;
  const Decimal d(number_text(v, buffer));
  return d.integral() && d.point <= kMaxIntegerExponent;
}

bool negative(Value v) { return compare_numbers(v, Value::integer(0)) < 0; }

Value calculate_bits(ValueArena& arena, Bits op, Value a, Value b, NumberFault& fault) {
  constexpr std::int64_t kMaxShift = std::int64_t{1} << 20;
  fault = NumberFault::kNone;
  NumberBuffer buffer;
  Integer x;
  to_integer(number_text(a, buffer), x);
  if (op == Bits::kNegate) {
    mpz_com(x.get(), x.get());
    return from_integer(arena, x);
  }
  if (op == Bits::kShiftLeft || op == Bits::kShiftRight) {
    std::int64_t shift;
    const bool fits = number_integral(b, shift) && shift <= kMaxShift;
    if (op == Bits::kShiftRight) {
      mpz_fdiv_q_2exp(x.get(), x.get(), static_cast<mp_bitcnt_t>(fits ? shift : INT64_MAX));
    } else if (!fits && mpz_sgn(x.get()) != 0) {
      fault = NumberFault::kTooLarge;
      return Value();
    } else if (fits) {
      mpz_mul_2exp(x.get(), x.get(), static_cast<mp_bitcnt_t>(shift));
    }
    return from_integer(arena, x);
  }
  Integer y;
  to_integer(number_text(b, buffer), y);
  switch (op) {
    case Bits::kAnd: mpz_and(x.get(), x.get(), y.get()); break;
    case Bits::kOr: mpz_ior(x.get(), x.get(), y.get()); break;
    default: mpz_xor(x.get(), x.get(), y.get());
  }
  return from_integer(arena, x);
}

std::string truncated_text(Value v, int base) {
  NumberBuffer buffer;
  const std::string_view text = number_text(v, buffer);
  Integer z;
  if (text.find_first_of(".eE") == std::string_view::npos) {
    mpz_set_str(z.get(), std::string(text).c_str(), 10);
  } else {
    // By way of a float, as OPA does it: 1e30 loses its last bits.
    if (Decimal(text).point > kMaxIntegerExponent) return "";
    Float f;
    to_float(text, f);
    mpfr_get_z(z.get(), f.get(), MPFR_RNDZ);
  }
  std::string out(mpz_sizeinbase(z.get(), base) + 2, '\0');
  mpz_get_str(out.data(), base, z.get());
  out.resize(std::char_traits<char>::length(out.c_str()));
  return out;
}

}  // namespace kubegate::policy
