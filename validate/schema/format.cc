// Formats, each parsed by the rule of the function that the server calls for it: Go's time, encoding/base64 and net
// for native types, the strfmt package of kube-openapi for custom resources. The formats of strfmt that no published
// CRD has been seen to use and whose check is more than syntax (isbn, creditcard, ssn) are taken as they are.
//
// Tested in tests/validate/schema/format_test.cc.

#include "validate/schema/format.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

namespace kubegate::schema {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// A reader of fixed-width numbers and separators.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool number(std::size_t width, int low, int high, int* out = nullptr) {
    if (rest_.size() < width) return ok_ = false;
    int value = 0;
    for (std::size_t i = 0; i < width; ++i) {
      if (!is_digit(rest_[i])) return ok_ = false;
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(width);
    if (out != nullptr) *out = value;
    return ok_ = ok_ && value >= low && value <= high;
  }
  bool literal(char c) {
    if (rest_.empty() || rest_.front() != c) return ok_ = false;
    rest_.remove_prefix(1);
    return ok_;
  }
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // One or more digits.
  bool digits() {
    const std::size_t before = rest_.size();
    while (!rest_.empty() && is_digit(rest_.front())) rest_.remove_prefix(1);
    return rest_.size() != before;
  }
  bool ok() const { return ok_; }
  bool at_end() const { return ok_ && rest_.empty(); }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

bool scan_date(Scanner& scan) {
  int year = 0, month = 0, day = 0;
  scan.number(4, 0, 9999, &year);
  scan.literal('-');
  scan.number(2, 1, 12, &month);
  scan.literal('-');
  scan.number(2, 1, 31, &day);
  if (!scan.ok()) return false;
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return day <= kDays[month - 1] + (month == 2 && leap ? 1 : 0);
}

// `fraction`: 0 any number of digits or none, else exactly so many. time.Parse takes a comma for the point.
bool is_time(std::string_view text, std::size_t fraction, bool lower_case) {
  Scanner scan(text);
  if (!scan_date(scan)) return false;
  if (!scan.take('T') && !(lower_case && scan.take('t'))) return false;
  scan.number(2, 0, 23);
  scan.literal(':');
  scan.number(2, 0, 59);
  scan.literal(':');
  scan.number(2, 0, 59);
  if (!scan.ok()) return false;
  const std::string_view before = scan.rest();
  if (scan.take('.') || scan.take(',')) {
    if (!scan.digits()) return false;
    if (fraction != 0 && before.size() - scan.rest().size() != fraction + 1) return false;
  } else if (fraction != 0) {
    return false;
  }
  if (scan.take('Z') || (lower_case && scan.take('z'))) return scan.at_end();
  if (!scan.take('+') && !scan.take('-')) return false;
  scan.number(2, 0, 23);
  scan.literal(':');
  scan.number(2, 0, 59);
  return scan.at_end();
}

// base64.StdEncoding: padded, line breaks ignored.
bool is_base64(std::string_view text) {
  std::size_t count = 0, padding = 0;
  for (char c : text) {
    if (c == '\n' || c == '\r') continue;
    if (c == '=') {
      ++padding;
    } else if (padding != 0 || !(is_digit(c) || is_alpha(c) || c == '+' || c == '/')) {
      return false;
    } else {
      ++count;
    }
  }
  return padding <= 2 && (count + padding) % 4 == 0 && (padding == 0 || count % 4 + padding == 4);
}

// time.ParseDuration: [+-]? and then numbers with units; "0" alone needs none.
bool is_go_duration(std::string_view text) {
  if (!text.empty() && (text.front() == '+' || text.front() == '-')) text.remove_prefix(1);
  if (text == "0") return true;
  if (text.empty()) return false;
  while (!text.empty()) {
    Scanner scan(text);
    const bool whole = scan.digits();
    const bool part = scan.take('.') && scan.digits();
    if (!whole && !part) return false;
    text = scan.rest();
    static constexpr std::string_view kUnits[] = {"ns", "us", "\xc2\xb5s", "\xce\xbcs", "ms", "s", "m", "h"};
    const auto unit = std::find_if(std::begin(kUnits), std::end(kUnits), [&](std::string_view u) {
      return text.starts_with(u) && (u != "m" || !text.starts_with("ms"));
    });
    if (unit == std::end(kUnits)) return false;
    text.remove_prefix(unit->size());
  }
  return true;
}

// strfmt.ParseDuration: a Go duration, or numbers with longer unit names ("3 days").
bool is_duration(std::string_view text) {
  if (is_go_duration(text)) return true;
  bool found = false;
  while (!text.empty()) {
    Scanner scan(text);
    if (!scan.digits()) return false;
    text = scan.rest();
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    std::size_t n = 0;
    while (n < text.size() && is_alpha(text[n])) ++n;
    static constexpr std::string_view kUnits[] = {
        "ns", "nano", "nanosecond", "us", "micro", "microsecond", "ms", "milli", "millisecond", "s",  "sec", "second",
        "m",  "min",  "minute",     "h",  "hr",    "hour",        "d",  "day",   "w",           "wk", "week"};
    std::string_view unit = text.substr(0, n);
    const auto known = [&](std::string_view u) {
      return std::find(std::begin(kUnits), std::end(kUnits), u) != std::end(kUnits);
    };
    if (!known(unit) && !(unit.ends_with('s') && known(unit.substr(0, n - 1)))) return false;
    text.remove_prefix(n);
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    found = true;
  }
  return found;
}

bool is_address(int family, std::string_view text) {
  char copy[64];
  if (text.size() >= sizeof copy || text.find('\0') != std::string_view::npos) return false;
  std::memcpy(copy, text.data(), text.size());
  copy[text.size()] = '\0';
  unsigned char address[16];
  return inet_pton(family, copy, address) == 1;
}

bool is_cidr(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return false;
  const std::string_view bits = text.substr(slash + 1);
  if (bits.empty() || bits.size() > 3 || !std::all_of(bits.begin(), bits.end(), is_digit)) return false;
  if (bits.size() > 1 && bits.front() == '0') return false;
  int value = 0;
  for (char c : bits) value = value * 10 + (c - '0');
  const std::string_view address = text.substr(0, slash);
  if (is_address(AF_INET, address)) return value <= 32;
  return value <= 128 && is_address(AF_INET6, address);
}

// 8-4-4-4-12 hexadecimal digits; strfmt takes them without the hyphens too.
bool is_uuid(std::string_view text) {
  static constexpr std::size_t kGroups[] = {8, 4, 4, 4, 12};
  std::size_t at = 0;
  for (std::size_t group = 0; group < 5; ++group) {
    if (group != 0 && at < text.size() && text[at] == '-') ++at;
    for (std::size_t i = 0; i < kGroups[group]; ++i, ++at) {
      if (at >= text.size() || !is_hex(text[at])) return false;
    }
  }
  return at == text.size();
}

bool is_hostname(std::string_view text) {
  if (text.empty() || text.size() > 255) return false;
  while (!text.empty()) {
    const std::string_view label = text.substr(0, text.find('.'));
    const bool sound =
        !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
        std::all_of(label.begin(), label.end(), [](char c) { return is_digit(c) || is_alpha(c) || c == '-' || c < 0; });
    if (!sound) return false;
    text.remove_prefix(std::min(text.size(), label.size() + 1));
  }
  return true;
}

// net.ParseMAC: groups of two digits with ':' or '-', or of four with '.'.
bool is_mac(std::string_view text) {
  const char separator = text.size() > 4 && text[4] == '.' ? '.' : text.size() > 2 ? text[2] : ' ';
  if (separator != '.' && separator != ':' && separator != '-') return false;
  const std::size_t width = separator == '.' ? 4 : 2;
  std::size_t bytes = 0;
  for (std::size_t at = 0; at < text.size(); at += width + 1) {
    if (at + width > text.size()) return false;
    for (std::size_t i = 0; i < width; ++i) {
      if (!is_hex(text[at + i])) return false;
    }
    if (at + width < text.size() && (text[at + width] != separator || at + width + 1 == text.size())) return false;
    bytes += width / 2;
  }
  return bytes == 6 || bytes == 8 || bytes == 20;
}

// url.ParseRequestURI: an absolute path or something with a scheme, without control characters and spaces.
bool is_uri(std::string_view text) {
  if (text.empty()) return false;
  for (char c : text) {
    if ((c >= 0 && c <= ' ') || c == 0x7f) return false;
  }
  if (text.front() == '/') return true;
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || !is_alpha(text.front())) return false;
  return std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon),
                     [](char c) { return is_alpha(c) || is_digit(c) || c == '+' || c == '-' || c == '.'; });
}

bool is_email(std::string_view text) {
  const std::size_t at = text.rfind('@');
  return at != std::string_view::npos && at > 0 && at + 1 < text.size();
}

bool is_hex_color(std::string_view text) {
  if (!text.empty() && text.front() == '#') text.remove_prefix(1);
  return (text.size() == 3 || text.size() == 6) && std::all_of(text.begin(), text.end(), is_hex);
}

}  // namespace

bool check_format(Format format, std::string_view text) {
  switch (format) {
    case Format::kByte: return is_base64(text);
    case Format::kDateTime: return is_time(text, 0, false);
    case Format::kMicroTime: return is_time(text, 6, false);
    case Format::kGoDuration: return is_go_duration(text);
    case Format::kDate: {
      Scanner scan(text);
      return scan_date(scan) && scan.at_end();
    }
    case Format::kDuration: return is_duration(text);
    case Format::kIpv4: return is_address(AF_INET, text);
    case Format::kIpv6: return is_address(AF_INET6, text);
    case Format::kCidr: return is_cidr(text);
    case Format::kUri: return is_uri(text);
    case Format::kEmail: return is_email(text);
    case Format::kHostname: return is_hostname(text);
    case Format::kUuid: return is_uuid(text);
    case Format::kMac: return is_mac(text);
    case Format::kHexColor: return is_hex_color(text);
    case Format::kObjectId: return text.size() == 24 && std::all_of(text.begin(), text.end(), is_hex);
    default: return true;
  }
}

bool check_quantity(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t' || text.front() == '\n')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\n')) text.remove_suffix(1);
  if (!text.empty() && (text.front() == '+' || text.front() == '-')) text.remove_prefix(1);
  std::size_t digits = 0, at = 0;
  while (at < text.size() && is_digit(text[at])) ++at, ++digits;
  if (at < text.size() && text[at] == '.') {
    ++at;
    while (at < text.size() && is_digit(text[at])) ++at, ++digits;
  }
  if (digits == 0) return false;
  const std::string_view suffix = text.substr(at);
  static constexpr std::string_view kSuffixes[] = {"",  "n", "u",  "m",  "k",  "M",  "G",  "T",
                                                   "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
  if (std::find(std::begin(kSuffixes), std::end(kSuffixes), suffix) != std::end(kSuffixes)) return true;
  if (suffix.front() != 'e' && suffix.front() != 'E') return false;
  std::string_view exponent = suffix.substr(1);
  if (exponent.front() == '+' || exponent.front() == '-') exponent.remove_prefix(1);
  return !exponent.empty() && exponent.size() <= 18 && std::all_of(exponent.begin(), exponent.end(), is_digit);
}

std::string_view describe_format(Format format) {
  switch (format) {
    case Format::kInt32: return "a whole number of 32 bits";
    case Format::kInt64: return "a whole number of 64 bits";
    case Format::kByte: return "base64 (with padding)";
    case Format::kDateTime: return "an RFC 3339 time such as 2024-01-31T08:00:00Z";
    case Format::kMicroTime: return "an RFC 3339 time with six decimals such as 2024-01-31T08:00:00.000000Z";
    case Format::kGoDuration: return "a duration such as 1h30m";
    case Format::kDate: return "a date such as 2024-01-31";
    case Format::kDuration: return "a duration such as 1h30m";
    case Format::kIpv4: return "an IPv4 address";
    case Format::kIpv6: return "an IPv6 address";
    case Format::kCidr: return "an address range such as 10.0.0.0/16";
    case Format::kUri: return "a URI";
    case Format::kEmail: return "an e-mail address";
    case Format::kHostname: return "a host name";
    case Format::kUuid: return "a UUID";
    case Format::kMac: return "a MAC address";
    case Format::kHexColor: return "a colour such as #ff0000";
    case Format::kObjectId: return "24 hexadecimal digits";
    default: return "";
  }
}

}  // namespace kubegate::schema
