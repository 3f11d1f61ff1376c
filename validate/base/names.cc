// Names by hand, not by pattern: they are checked on every object, a few times each, and each form is one pass over the
// bytes, sixteen at a time where the machine can. Lengths are in bytes, as the server counts them.
//
// Tested in tests/validate/base/names_test.cc, against definitions byte by byte too.

#include "validate/base/names.h"

#include <algorithm>
#include <array>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace kubegate {
namespace {

constexpr std::size_t kLongestLabel = 63;
constexpr std::size_t kLongestSubdomain = 253;

// What a byte can be in a name.
enum Class : std::uint8_t { kLower = 1, kDigit = 2, kUpper = 4, kDash = 8, kUnderscore = 16, kDot = 32 };
constexpr std::uint8_t kLowerOrDigit = kLower | kDigit, kAlphanumeric = kLower | kDigit | kUpper;

constexpr std::array<std::uint8_t, 256> kClasses = [] {
  std::array<std::uint8_t, 256> classes{};
  for (int c = 'a'; c <= 'z'; ++c) classes[static_cast<std::size_t>(c)] = kLower;
  for (int c = 'A'; c <= 'Z'; ++c) classes[static_cast<std::size_t>(c)] = kUpper;
  for (int c = '0'; c <= '9'; ++c) classes[static_cast<std::size_t>(c)] = kDigit;
  classes['-'] = kDash, classes['_'] = kUnderscore, classes['.'] = kDot;
  return classes;
}();

bool is(char c, std::uint8_t classes) { return (kClasses[static_cast<unsigned char>(c)] & classes) != 0; }

#if defined(__SSE2__)

// Which of 16 bytes lie between two, both included.
__m128i between(__m128i bytes, char first, char last) {
  const __m128i distance = _mm_sub_epi8(bytes, _mm_set1_epi8(first));
  return _mm_cmpeq_epi8(_mm_min_epu8(distance, _mm_set1_epi8(static_cast<char>(last - first))), distance);
}

// Whether all of 16 bytes are of these classes, of which lower-case letters, digits and '-' are some.
template <std::uint8_t kClass>
bool all_are(__m128i bytes) {
  static_assert((kClass & (kLower | kDigit | kDash)) == (kLower | kDigit | kDash));
  const auto is_one = [&](char c) { return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)); };
  const __m128i letters = (kClass & kUpper) != 0 ? _mm_or_si128(bytes, _mm_set1_epi8('a' - 'A')) : bytes;
  __m128i found = _mm_or_si128(between(letters, 'a', 'z'), _mm_or_si128(between(bytes, '0', '9'), is_one('-')));
  if constexpr ((kClass & kUnderscore) != 0) found = _mm_or_si128(found, is_one('_'));
  if constexpr ((kClass & kDot) != 0) found = _mm_or_si128(found, is_one('.'));
  return _mm_movemask_epi8(found) == 0xffff;
}

// Whether all bytes of a text are of these classes. Each is loaded, some twice, and none beside the text.
template <std::uint8_t kClass>
bool all_are(std::string_view text) {
  const char* const p = text.data();
  const std::size_t n = text.size();
  if (n >= 16) {
    const auto load = [&](std::size_t i) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + i)); };
    for (std::size_t i = 0; i + 16 < n; i += 16) {
      if (!all_are<kClass>(load(i))) return false;
    }
    return all_are<kClass>(load(n - 16));
  }
  if (n >= 8) {
    std::int64_t low = 0, high = 0;
    std::memcpy(&low, p, 8);
    std::memcpy(&high, p + n - 8, 8);
    return all_are<kClass>(_mm_set_epi64x(high, low));
  }
  if (n >= 4) {
    std::int32_t low = 0, high = 0;
    std::memcpy(&low, p, 4);
    std::memcpy(&high, p + n - 4, 4);
    return all_are<kClass>(_mm_set_epi32(high, low, high, low));
  }
  return n == 0 || (is(p[0], kClass) && is(p[n / 2], kClass) && is(p[n - 1], kClass));
}

#else

template <std::uint8_t kClass>
bool all_are(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return is(c, kClass); });
}

#endif

// Whether all bytes are of `kInside` and the first and last of `kEnds`.
template <std::uint8_t kInside, std::uint8_t kEnds>
bool is_made_of(std::string_view text) {
  return !text.empty() && is(text.front(), kEnds) && is(text.back(), kEnds) && all_are<kInside>(text);
}

// [a-z0-9]([-a-z0-9]*[a-z0-9])?
bool is_dns_label(std::string_view text) {
  return text.size() <= kLongestLabel && is_made_of<kLowerOrDigit | kDash, kLowerOrDigit>(text);
}

// Labels with dots between them; their own length does not count.
bool is_dns_subdomain(std::string_view text) {
  if (is_dns_label(text)) return true;
  if (text.size() > kLongestSubdomain || !is_made_of<kLowerOrDigit | kDash | kDot, kLowerOrDigit>(text)) return false;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '.' && !(is(text[i - 1], kLowerOrDigit) && is(text[i + 1], kLowerOrDigit))) return false;
  }
  return true;
}

// ([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]
bool is_plain_name(std::string_view text) {
  return text.size() <= kLongestLabel && is_made_of<kAlphanumeric | kDash | kUnderscore | kDot, kAlphanumeric>(text);
}

bool is_qualified_name(std::string_view text) {
  if (is_plain_name(text)) return true;
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return false;
  return is_dns_subdomain(text.substr(0, slash)) && is_plain_name(text.substr(slash + 1));
}

bool has_no_separator(std::string_view text) { return text.find_first_of("/%") == std::string_view::npos; }

std::size_t longest(NameForm form) {
  return form == NameForm::kSubdomain     ? kLongestSubdomain
         : form == NameForm::kPathSegment ? ~std::size_t{0}
                                          : kLongestLabel;
}

std::string_view describe_form(NameForm form) {
  switch (form) {
    case NameForm::kLabel:
      return "a DNS label (lower-case letters, digits and '-', with a letter or digit at both ends)";
    case NameForm::kLabel1035:
      return "a DNS label that starts with a letter (lower-case letters, digits and '-', with a letter or digit at the "
             "end)";
    case NameForm::kSubdomain:
      return "a DNS name (lower-case letters, digits, '-' and '.', with a letter or digit at both ends of each part)";
    case NameForm::kPathSegment: return "usable in a URL path (not \".\" or \"..\", without '/' and '%')";
    case NameForm::kQualifiedName:
      return "a name with an optional DNS name and '/' in front, such as app or example.com/app (letters, digits, '-', "
             "'_' and '.', with a letter or digit at both ends)";
    case NameForm::kLabelValue:
      return "either empty or of letters, digits, '-', '_' and '.', with a letter or digit at both ends";
  }
  return {};
}

// `text` with what its form forbids replaced or dropped; "" where that does not make it sound.
std::string mend(NameForm form, std::string_view text) {
  if (form != NameForm::kLabel && form != NameForm::kLabel1035 && form != NameForm::kSubdomain) return {};
  std::string out;
  for (char c : text) {
    if (is(c, kUpper)) c = static_cast<char>(c - 'A' + 'a');
    if (is(c, kLowerOrDigit) || (c == '.' && form == NameForm::kSubdomain)) {
      out += c;
    } else if (c == ' ' || is(c, kDash | kUnderscore | kDot)) {
      out += '-';
    } else {
      return {};
    }
  }
  const std::size_t first = out.find_first_not_of('-'), last = out.find_last_not_of('-');
  if (first == std::string::npos) return {};
  out = out.substr(first, last - first + 1);
  return check_name(form, out) ? out : std::string();
}

}  // namespace

bool check_name(NameForm form, std::string_view text) {
  switch (form) {
    case NameForm::kLabel: return is_dns_label(text);
    case NameForm::kLabel1035: return is_dns_label(text) && is(text.front(), kLower);
    case NameForm::kSubdomain: return is_dns_subdomain(text);
    case NameForm::kPathSegment: return text != "." && text != ".." && has_no_separator(text);
    case NameForm::kQualifiedName: return is_qualified_name(text);
    case NameForm::kLabelValue: return text.empty() || is_plain_name(text);
  }
  return false;
}

bool check_name_prefix(NameForm form, std::string_view prefix) {
  if (form == NameForm::kPathSegment) return has_no_separator(prefix);
  if (prefix.size() < 2 || prefix.back() != '-' || prefix.size() > kLongestSubdomain + 1) {
    return check_name(form, prefix);
  }
  // maskTrailingDash of k8s.io/apimachinery/pkg/api/validation: the last two bytes count as one letter.
  char masked[kLongestSubdomain + 1];
  const std::size_t size = prefix.size() - 1;
  std::copy_n(prefix.data(), size - 1, masked);
  masked[size - 1] = 'a';
  return check_name(form, {masked, size});
}

std::string describe_name_fault(NameForm form, std::string_view text) {
  if (text.empty()) return "must not be empty";
  std::string_view counted = text;
  if (form == NameForm::kQualifiedName) {
    const std::size_t slash = text.find('/');
    if (slash != std::string_view::npos && is_dns_subdomain(text.substr(0, slash))) counted.remove_prefix(slash + 1);
    if (counted.empty()) return "must have a name behind the '/'";
  }
  const std::size_t most = longest(form);
  if (counted.size() > most) {
    const char* what = counted.size() == text.size() ? "must have" : "must have, behind the '/',";
    return std::string(what) + " at most " + std::to_string(most) + " characters, not " +
           std::to_string(counted.size());
  }
  std::string fault = "must be ";
  fault += describe_form(form);
  if (const std::string sound = mend(form, text); !sound.empty()) fault += ": did you mean \"" + sound + "\"?";
  return fault;
}

}  // namespace kubegate
