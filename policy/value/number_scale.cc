// Quantities with units: exact products of rationals, and OPA's products of 64-bit floats.
#include <gmp.h>
#include <mpfr.h>

#include "policy/value/number.h"

namespace kubegate::policy {
namespace {

constexpr long kMaxExponent = 100000;

std::string digits_of(mpz_srcptr z) {
  std::string out(mpz_sizeinbase(z, 10) + 2, '\0');
  mpz_get_str(out.data(), 10, z);
  out.resize(std::char_traits<char>::length(out.c_str()));
  return out;
}

// A decimal text as digits * 10^exponent; false when it is none.
bool split(std::string_view text, std::string& digits, long& exponent) {
  digits.clear();
  exponent = 0;
  std::size_t i = 0;
  bool any = false, point = false;
  if (i < text.size() && (text[i] == '+' || text[i] == '-')) {
    if (text[i] == '-') digits += '-';
    ++i;
  }
  for (; i < text.size() && ((text[i] >= '0' && text[i] <= '9') || (text[i] == '.' && !point)); ++i) {
    if (text[i] == '.') {
      point = true;
      continue;
    }
    digits += text[i];
    exponent -= point;
    any = true;
  }
  if (!any) return false;
  if (i == text.size()) return true;
  if (text[i] != 'e' && text[i] != 'E') return false;
  const std::string_view rest = text.substr(i + 1);
  std::size_t j = !rest.empty() && (rest[0] == '+' || rest[0] == '-');
  if (j == rest.size()) return false;
  long e = 0;
  for (; j < rest.size(); ++j) {
    if (rest[j] < '0' || rest[j] > '9') return false;
    e = std::min(e * 10 + (rest[j] - '0'), 10 * kMaxExponent);
  }
  exponent += rest[0] == '-' ? -e : e;
  return true;
}

}  // namespace

std::string scaled_text(std::string_view text, std::uint64_t factor, bool milli) {
  std::string digits;
  long exponent;
  if (!split(text, digits, exponent) || exponent > kMaxExponent || exponent < -kMaxExponent) return "";
  mpq_t product, scale;
  mpz_t power;
  mpq_inits(product, scale, nullptr);
  mpz_init(power);
  mpz_set_str(mpq_numref(product), digits.c_str(), 10);
  mpz_ui_pow_ui(power, 10, static_cast<unsigned long>(exponent < 0 ? -exponent : exponent));
  if (exponent >= 0) {
    mpz_mul(mpq_numref(product), mpq_numref(product), power);
  } else {
    mpz_set(mpq_denref(product), power);
    mpq_canonicalize(product);
  }
  if (milli) {
    mpq_set_d(scale, 0.001);
  } else {
    mpq_set_ui(scale, factor, 1);
  }
  mpq_mul(product, product, scale);
  std::string out;
  if (mpz_cmp_ui(mpq_denref(product), 1) == 0) {
    out = digits_of(mpq_numref(product));
  } else {
    // Ten decimals, halves away from zero: (|numerator| * 10^10 * 2 + denominator) / (2 * denominator).
    const bool negative = mpq_sgn(product) < 0;
    mpz_t scaled, half;
    mpz_inits(scaled, half, nullptr);
    mpz_abs(scaled, mpq_numref(product));
    mpz_ui_pow_ui(power, 10, 10);
    mpz_mul(scaled, scaled, power);
    mpz_mul_2exp(scaled, scaled, 1);
    mpz_add(scaled, scaled, mpq_denref(product));
    mpz_mul_2exp(half, mpq_denref(product), 1);
    mpz_tdiv_q(scaled, scaled, half);
    out = digits_of(scaled);
    mpz_clears(scaled, half, nullptr);
    if (out.size() < 11) out.insert(0, 11 - out.size(), '0');
    out.insert(out.size() - 10, ".");
    if (negative) out.insert(0, "-");
  }
  mpq_clears(product, scale, nullptr);
  mpz_clear(power);
  return out;
}

std::string truncated_product(std::string_view text, std::uint64_t factor) {
  std::string digits;
  long exponent;
  if (!split(text, digits, exponent) || exponent > kMaxExponent || exponent < -kMaxExponent) return "";
  mpfr_t f;
  mpz_t z;
  mpfr_init2(f, 64);
  mpz_init(z);
  mpfr_set_str(f, (digits + "e" + std::to_string(exponent)).c_str(), 10, MPFR_RNDN);
  mpfr_mul_ui(f, f, factor, MPFR_RNDN);
  mpfr_get_z(z, f, MPFR_RNDZ);
  std::string out = digits_of(z);
  mpfr_clear(f);
  mpz_clear(z);
  return out;
}

}  // namespace kubegate::policy
