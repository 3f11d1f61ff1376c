// Durations such as "1h15m30.5s". Rules: ParseDuration of Go's time/format.go. Tested by cases/time.txt.
#include <cstdio>

#include "policy/rego/builtins/go_layout.h"
#include "policy/rego/builtins/go_time.h"

namespace kubegate::rego {

std::string quoted_time(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto b = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      (out += '\\') += c;
    } else if (b < ' ' || b >= 0x80) {
      char hex[8];
      std::snprintf(hex, sizeof hex, "\\x%02x", b);
      out += hex;
    } else {
      out += c;
    }
  }
  return out + "\"";
}

bool parse_duration(std::string_view text, std::int64_t& out, std::string& error) {
  struct Unit {
    std::string_view name;
    std::uint64_t nanoseconds;
  };
  static constexpr Unit kUnits[] = {{"ns", 1},       {"us", 1000},      {"\xc2\xb5s", 1000}, {"\xce\xbcs", 1000},
                                    {"ms", 1000000}, {"s", 1000000000}, {"m", 60000000000},  {"h", 3600000000000}};
  constexpr std::uint64_t kMax = std::uint64_t{1} << 63;
  const auto fail = [&](std::string_view what) {
    error = "time: " + std::string(what) + " duration " + quoted_time(text);
    return false;
  };
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  out = 0;
  if (rest == "0") return true;
  if (rest.empty()) return fail("invalid");
  std::uint64_t total = 0;
  while (!rest.empty()) {
    if (rest[0] != '.' && !is_digit(rest, 0)) return fail("invalid");
    std::uint64_t whole = 0, part = 0;
    std::size_t i = 0;
    for (; is_digit(rest, i); ++i) {
      if (whole > kMax / 10) return fail("invalid");
      whole = whole * 10 + static_cast<std::uint64_t>(rest[i] - '0');
      if (whole > kMax) return fail("invalid");
    }
    bool digits = i > 0;
    double scale = 1;
    if (i < rest.size() && rest[i] == '.') {
      ++i;
      bool full = false;
      for (; is_digit(rest, i); ++i) {
        digits = true;
        // Digits beyond what fits are cut off.
        const std::uint64_t next = part * 10 + static_cast<std::uint64_t>(rest[i] - '0');
        full = full || part > (kMax - 1) / 10 || next > kMax;
        if (full) continue;
        part = next;
        scale *= 10;
      }
    }
    if (!digits) return fail("invalid");
    rest.remove_prefix(i);
    std::size_t n = 0;
    while (n < rest.size() && rest[n] != '.' && !is_digit(rest, n)) ++n;
    if (n == 0) return fail("missing unit in");
    const std::string_view name = rest.substr(0, n);
    rest.remove_prefix(n);
    const Unit* unit = nullptr;
    for (const Unit& u : kUnits) {
      if (u.name == name) unit = &u;
    }
    if (unit == nullptr) return fail("unknown unit " + quoted_time(name) + " in");
    if (whole > kMax / unit->nanoseconds) return fail("invalid");
    whole *= unit->nanoseconds;
    if (part > 0) {
      whole += static_cast<std::uint64_t>(static_cast<double>(part) * (static_cast<double>(unit->nanoseconds) / scale));
      if (whole > kMax) return fail("invalid");
    }
    total += whole;
    if (total > kMax) return fail("invalid");
  }
  if (!negative && total == kMax) return fail("invalid");
  out = static_cast<std::int64_t>(negative ? 0 - total : total);
  return true;
}

}  // namespace kubegate::rego
