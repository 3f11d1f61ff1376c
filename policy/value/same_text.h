// Equality of short texts without a call: keys and labels mostly have up to 16 bytes.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace kubegate::policy {

inline bool same_text(std::string_view a, std::string_view b) {
  const std::size_t n = a.size();
  if (n != b.size()) return false;
  const char *p = a.data(), *q = b.data();
  const auto load = [](const char* from, auto word) {
    std::memcpy(&word, from, sizeof word);
    return word;
  };
  if (n > 16) return std::memcmp(p, q, n) == 0;
  // Two words that overlap cover every length.
  if (n >= 8) {
    return ((load(p, std::uint64_t{}) ^ load(q, std::uint64_t{})) |
            (load(p + n - 8, std::uint64_t{}) ^ load(q + n - 8, std::uint64_t{}))) == 0;
  }
  if (n >= 4) {
    return ((load(p, std::uint32_t{}) ^ load(q, std::uint32_t{})) |
            (load(p + n - 4, std::uint32_t{}) ^ load(q + n - 4, std::uint32_t{}))) == 0;
  }
  for (std::size_t i = 0; i < n; ++i) {
    if (p[i] != q[i]) return false;
  }
  return true;
}

}  // namespace kubegate::policy
