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
#include <type_traits>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace kubegate {

namespace hash_detail {
inline constexpr std::uint64_t kMultiplier = 0x9e3779b97f4a7c15ull;  // 2^64 / golden ratio: odd, bits well spread

template <class Word>
constexpr std::uint64_t load_word(const char* p) {
  if (std::is_constant_evaluated()) {
    std::uint64_t bytes = 0;
    for (std::size_t i = 0; i < sizeof(Word); ++i) {
      bytes |= std::uint64_t{static_cast<unsigned char>(p[i])} << (8 * i);
    }
    return bytes;
  }
  Word word{};
  std::memcpy(&word, p, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  word = sizeof word == 8 ? __builtin_bswap64(word) : __builtin_bswap32(word);
#endif
  return word;
}

// Up to eight bytes as a little-endian number: of loads that overlap, since a copy of unknown size would be a call.
constexpr std::uint64_t load(const char* p, std::size_t n) {
  if (n == 8) return load_word<std::uint64_t>(p);
  if (n >= 4) return load_word<std::uint32_t>(p) | load_word<std::uint32_t>(p + n - 4) << (8 * (n - 4));
  const auto byte = [&](std::size_t i) { return std::uint64_t{static_cast<unsigned char>(p[i])} << (8 * i); };
  return n == 0 ? 0 : byte(0) | byte(n / 2) | byte(n - 1);
}
}  // namespace hash_detail

// Keys are short and of all lengths, so a branch on the length is often guessed wrong, which costs more than the key.
// Where sixteen bytes can be read from its start, a key of up to sixteen is taken whole, and what is not its own is
// masked away. That is what `padded` promises below.
inline constexpr std::size_t kKeyPadding = 16;

namespace hash_detail {
alignas(16) inline constexpr char kOwnBytes[2 * kKeyPadding] = {
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};  // 16 - n of them: n bytes to keep, then others

// The first and the second eight of a padded key's bytes, at most sixteen.
inline std::uint64_t first_word(const char* p, std::size_t n) {
  return load_word<std::uint64_t>(p) & load_word<std::uint64_t>(kOwnBytes + kKeyPadding - n);
}
inline std::uint64_t second_word(const char* p, std::size_t n) {
  return load_word<std::uint64_t>(p + 8) & load_word<std::uint64_t>(kOwnBytes + kKeyPadding + 8 - n);
}

constexpr std::uint64_t mix(std::uint64_t h, std::uint64_t first, std::uint64_t second) {
  h = (h ^ first) * kMultiplier;
  h ^= h >> 29;
  h = (h ^ second) * kMultiplier;
  return h ^ h >> 32;
}
}  // namespace hash_detail

// Whether two keys are equal; inline, since keys are short and a call costs more than the comparison. `padded`: both
// are.
inline bool equal_keys(std::string_view a, std::string_view b, bool padded = false) {
  if (a.size() != b.size()) return false;
  const char *p = a.data(), *q = b.data();
  std::size_t n = a.size();
  if (padded && n <= kKeyPadding) {
#if defined(__SSE2__)
    const __m128i same = _mm_cmpeq_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)),
                                        _mm_loadu_si128(reinterpret_cast<const __m128i*>(q)));
    const auto differ = ~static_cast<unsigned>(_mm_movemask_epi8(same));
    return (differ & ((1u << n) - 1)) == 0;
#else
    using namespace hash_detail;
    return ((first_word(p, n) ^ first_word(q, n)) | (second_word(p, n) ^ second_word(q, n))) == 0;
#endif
  }
  for (; n > 8; p += 8, q += 8, n -= 8) {
    if (hash_detail::load(p, 8) != hash_detail::load(q, 8)) return false;
  }
  return hash_detail::load(p, n) == hash_detail::load(q, n);
}

// 32 bits from the bytes of a key; equal texts give equal hashes on every machine.
constexpr std::uint32_t hash_key(std::string_view text, bool padded = false) {
  using namespace hash_detail;
  std::uint64_t h = text.size() * kMultiplier;
  const char* p = text.data();
  std::size_t n = text.size();
  if (padded && n <= kKeyPadding) {
    h = mix(h, first_word(p, n), second_word(p, n));
  } else {
    for (; n > 16; p += 16, n -= 16) h = mix(h, load(p, 8), load(p + 8, 8));
    h = n > 8 ? mix(h, load(p, 8), load(p + 8, n - 8)) : mix(h, load(p, n), 0);
  }
  return static_cast<std::uint32_t>(h * kMultiplier >> 32);
}

}  // namespace kubegate
