#include "validate/base/base64.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace kubegate {
namespace {

constexpr std::string_view kStandard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrl = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::array<std::int8_t, 256> values_of(std::string_view alphabet) {
  std::array<std::int8_t, 256> values{};
  for (auto& v : values) v = -1;
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
  }
  return values;
}

bool is_break(char c) { return c == '\n' || c == '\r'; }

}  // namespace

std::string encode_base64(std::string_view bytes, bool url, bool padded) {
  const std::string_view alphabet = url ? kUrl : kStandard;
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    const std::size_t n = std::min<std::size_t>(3, bytes.size() - i);
    for (std::size_t j = 0; j < 3; ++j) group = group << 8 | (j < n ? static_cast<unsigned char>(bytes[i + j]) : 0u);
    for (std::size_t j = 0; j < 4; ++j) {
      if (j <= n) {
        out += alphabet[group >> (18 - 6 * j) & 63];
      } else if (padded) {
        out += '=';
      }
    }
  }
  return out;
}

bool decode_base64(std::string_view text, bool url, bool padded, std::string& out, std::size_t& bad) {
  static constexpr auto kStandardValues = values_of(kStandard);
  static constexpr auto kUrlValues = values_of(kUrl);
  const auto& values = url ? kUrlValues : kStandardValues;
  out.clear();
  std::size_t i = 0;
  const auto fail = [&](std::size_t at) {
    bad = at;
    return false;
  };
  const auto skip_breaks = [&] {
    while (i < text.size() && is_break(text[i])) ++i;
  };
  for (;;) {
    std::uint32_t group = 0;
    int n = 0;
    bool last = false;
    while (n < 4) {
      if (i == text.size()) {
        if (n == 0) return true;
        if (n == 1 || padded) return fail(i - static_cast<std::size_t>(n));
        last = true;
        break;
      }
      const char c = text[i++];
      const int value = values[static_cast<unsigned char>(c)];
      if (value >= 0) {
        group = group << 6 | static_cast<std::uint32_t>(value);
        ++n;
        continue;
      }
      if (is_break(c)) continue;
      if (!padded || c != '=' || n < 2) return fail(i - 1);
      if (n == 2) {
        skip_breaks();
        if (i == text.size()) return fail(i);
        if (text[i] != '=') return fail(i - 1);
        ++i;
      }
      skip_breaks();
      if (i < text.size()) return fail(i);
      last = true;
      break;
    }
    group <<= 6 * (4 - n);
    for (int j = 0; j < n - 1; ++j) out += static_cast<char>(group >> (16 - 8 * j) & 0xff);
    if (last) return true;
  }
}

std::string base64_error(std::size_t bad) { return "illegal base64 data at input byte " + std::to_string(bad); }

bool decode_base64url(std::string_view text, std::string& out, std::string& error) {
  std::string padded(text);
  if (!padded.ends_with('=')) {
    if (padded.size() % 4 == 1) {
      error = "illegal base64url string: " + padded;
      return false;
    }
    while (padded.size() % 4 != 0) padded += '=';
  }
  std::size_t bad;
  if (decode_base64(padded, true, true, out, bad)) return true;
  error = base64_error(bad);
  return false;
}

std::string encode_hex(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto b = static_cast<unsigned char>(c);
    out += "0123456789abcdef"[b >> 4];
    out += "0123456789abcdef"[b & 15];
  }
  return out;
}

}  // namespace kubegate
