// What a plain scalar may be, told from its first bytes: nearly all are text, and that must be seen without looking at
// the rest (resolve.h has the rules). Private to this room; tests/validate/document/block_reader_test.cc holds the block
// reader, which asks here, to what resolve() says.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace kubegate::document {

// What a plain scalar with this first byte may be.
enum class First : std::uint8_t {
  kText,       // a string, whatever follows
  kWord,       // perhaps a boolean or null
  kMaybe,      // perhaps a number, null or the merge key
  kIndicator,  // `-`, `?` and `:`: text only where a character follows that makes it text
  kOther,      // not the start of a plain scalar
};

inline constexpr std::array<First, 256> kFirst = [] {
  std::array<First, 256> first{};
  for (unsigned char c : {'y', 'Y', 'n', 'N', 't', 'T', 'f', 'F', 'o', 'O'}) first[c] = First::kWord;
  for (unsigned char c : {'~', '+', '.', '<'}) first[c] = First::kMaybe;
  for (unsigned char c = '0'; c <= '9'; ++c) first[c] = First::kMaybe;
  for (unsigned char c : {'-', '?', ':'}) first[c] = First::kIndicator;
  for (unsigned char c :
       {',', '[', ']', '{', '}', '#', '&', '*', '!', '|', '>', '\'', '"', '%', '@', '`', '\t', ' ', '\n', '\0'}) {
    first[c] = First::kOther;
  }
  return first;
}();

inline First first_of(char c) { return kFirst[static_cast<unsigned char>(c)]; }

inline constexpr std::size_t kLongestWord = 5;

// Whether a plain scalar may be anything but its own text: a number, a word such as `yes`, null, the merge key.
inline bool may_mean_more(std::string_view text) {
  const First first = first_of(text[0]);
  if (first != First::kWord) return first != First::kText;
  // y, no, on, yes, off, true, null, false: their second letters tell them from nearly all names.
  const auto letter = [](char c) { return std::uint32_t{1} << (c & 31); };
  const std::uint32_t second[kLongestWord + 1] = {
      0,          ~std::uint32_t{0}, letter('o') | letter('n'), letter('e') | letter('f'), letter('r') | letter('u'),
      letter('a')};
  return text.size() <= kLongestWord && (second[text.size()] & letter(text[text.size() > 1])) != 0;
}

// What a scalar is by the digits that it starts with.
enum class Digits : std::uint8_t { kInteger, kText, kUnknown };

// Integers as nearly all are written, of at most 18 digits, without sign or leading zero; and what is no number, since
// behind such digits something follows with which neither number nor date goes on (10Gi, 250m).
inline Digits read_digits(std::string_view text, std::int64_t& value) {
  constexpr std::size_t kMost = 18;
  std::int64_t n = 0;
  std::size_t i = 0;
  for (; i < text.size() && i < kMost; ++i) {
    const auto digit = static_cast<unsigned char>(text[i] - '0');
    if (digit > 9) break;
    n = n * 10 + digit;
  }
  value = n;
  if (i == 0 || (text[0] == '0' && text.size() > 1)) return Digits::kUnknown;
  if (i == text.size()) return Digits::kInteger;
  const char c = text[i];
  const bool may_go_on = (c >= '0' && c <= '9') || c == '.' || c == '_' || c == 'e' || c == 'E' || c == '-';
  return may_go_on ? Digits::kUnknown : Digits::kText;
}

}  // namespace kubegate::document
