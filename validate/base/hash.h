// The hash of mapping keys.
//
// Readers hash every key once while its bytes are in cache; schema programs look the key up by that hash. Programs
// are compiled at build time and mapped by other machines, so the function is portable: it depends neither on the
// machine's byte order nor on its instructions. It need not resist an attacker: every hit is confirmed by comparing
// the bytes, and duplicate detection falls back to sorting in large mappings.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace kubegate {

namespace hash_detail {
inline constexpr std::uint64_t kMultiplier = 0x9e3779b97f4a7c15ull;  // 2^64 / golden ratio: odd, bits well spread

// Up to eight bytes as a little-endian number.
inline std::uint64_t load(const char* p, std::size_t n) {
  std::uint64_t word = 0;
  if (n > 0) std::memcpy(&word, p, n);  // an empty view may have no bytes to point at
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  word = __builtin_bswap64(word);
#endif
  return word;
}
}  // namespace hash_detail

// 32 bits from the bytes of a key; equal texts give equal hashes on every machine.
inline std::uint32_t hash_key(std::string_view text) {
  using hash_detail::kMultiplier;
  std::uint64_t h = text.size() * kMultiplier;
  const char* p = text.data();
  std::size_t n = text.size();
  for (; n > 8; p += 8, n -= 8) {
    h = (h ^ hash_detail::load(p, 8)) * kMultiplier;
    h ^= h >> 29;
  }
  h = (h ^ hash_detail::load(p, n)) * kMultiplier;
  h ^= h >> 32;
  return static_cast<std::uint32_t>(h * kMultiplier >> 32);
}

}  // namespace kubegate
