// Names by hand, not by pattern: they are checked on every object, a few times each, and each form is one pass over the
// bytes. Lengths are in bytes, as the server counts them.
//
// Tested in tests/validate/base/names_test.cc.

#include "validate/base/names.h"

#include <algorithm>

namespace kubegate {
namespace {

constexpr std::size_t kLongestLabel = 63;
constexpr std::size_t kLongestSubdomain = 253;

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower_or_digit(char c) { return is_lower(c) || is_digit(c); }
bool is_alphanumeric(char c) { return is_lower_or_digit(c) || is_upper(c); }

// [a-z0-9]([-a-z0-9]*[a-z0-9])?
bool is_dns_label(std::string_view text) {
  if (text.empty() || !is_lower_or_digit(text.front()) || !is_lower_or_digit(text.back())) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return is_lower_or_digit(c) || c == '-'; });
}

// Labels with dots between them; their own length does not count.
bool is_dns_subdomain(std::string_view text) {
  if (text.size() > kLongestSubdomain) return false;
  char before = '.';
  for (char c : text) {
    if (c == '.') {
      if (before == '.' || before == '-') return false;
    } else if (c == '-') {
      if (before == '.') return false;
    } else if (!is_lower_or_digit(c)) {
      return false;
    }
    before = c;
  }
  return before != '.' && before != '-';
}

// ([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]
bool is_plain_name(std::string_view text) {
  if (text.empty() || text.size() > kLongestLabel) return false;
  if (!is_alphanumeric(text.front()) || !is_alphanumeric(text.back())) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

bool is_qualified_name(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return is_plain_name(text);
  return is_dns_subdomain(text.substr(0, slash)) && is_plain_name(text.substr(slash + 1));
}

bool has_no_separator(std::string_view text) { return text.find_first_of("/%") == std::string_view::npos; }

std::size_t longest(NameForm form) {
  return form == NameForm::kSubdomain ? kLongestSubdomain : form == NameForm::kPathSegment ? ~std::size_t{0} : kLongestLabel;
}

std::string_view describe_form(NameForm form) {
  switch (form) {
    case NameForm::kLabel:
      return "a DNS label (lower-case letters, digits and '-', with a letter or digit at both ends)";
    case NameForm::kLabel1035:
      return "a DNS label that starts with a letter (lower-case letters, digits and '-', with a letter or digit at the end)";
    case NameForm::kSubdomain:
      return "a DNS name (lower-case letters, digits, '-' and '.', with a letter or digit at both ends of each part)";
    case NameForm::kPathSegment:
      return "usable in a URL path (not \".\" or \"..\", without '/' and '%')";
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
    if (is_upper(c)) c = static_cast<char>(c - 'A' + 'a');
    if (is_lower_or_digit(c) || (c == '.' && form == NameForm::kSubdomain)) {
      out += c;
    } else if (c == '-' || c == '_' || c == ' ' || c == '.') {
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
    case NameForm::kLabel: return text.size() <= kLongestLabel && is_dns_label(text);
    case NameForm::kLabel1035: return text.size() <= kLongestLabel && is_dns_label(text) && is_lower(text.front());
    case NameForm::kSubdomain: return is_dns_subdomain(text);
    case NameForm::kPathSegment: return text != "." && text != ".." && has_no_separator(text);
    case NameForm::kQualifiedName: return is_qualified_name(text);
    case NameForm::kLabelValue: return text.empty() || is_plain_name(text);
  }
  return false;
}

bool check_name_prefix(NameForm form, std::string_view prefix) {
  if (form == NameForm::kPathSegment) return has_no_separator(prefix);
  if (prefix.size() < 2 || prefix.back() != '-' || prefix.size() > kLongestSubdomain + 1) return check_name(form, prefix);
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
    return std::string(what) + " at most " + std::to_string(most) + " characters, not " + std::to_string(counted.size());
  }
  std::string fault = "must be ";
  fault += describe_form(form);
  if (const std::string sound = mend(form, text); !sound.empty()) fault += ": did you mean \"" + sound + "\"?";
  return fault;
}

}  // namespace kubegate
