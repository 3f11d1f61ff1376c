// Code points as Go sees them in a string.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace kubegate::policy {

struct Rune {
  std::uint32_t code;
  std::uint32_t size;  // bytes
  bool valid;
};

// The code point at the start of `text` (not empty), as utf8.DecodeRuneInString: a byte that is no UTF-8 is U+FFFD.
Rune decode_rune(std::string_view text);

// Whether all bytes are below 0x80.
bool is_ascii(std::string_view text);

// utf8.RuneCountInString.
std::size_t rune_count(std::string_view text);

// The text of one code point; U+FFFD for what is none.
void append_rune(std::string& out, std::uint32_t code);

// strconv.IsPrint (Unicode's L, M, N, P, S and the ASCII space).
bool is_printable(std::uint32_t code);
// unicode.IsSpace.
bool is_space(std::uint32_t code);
// unicode.ToUpper, unicode.ToLower: one code point to one.
std::uint32_t to_upper(std::uint32_t code);
std::uint32_t to_lower(std::uint32_t code);

// strconv.Quote with the given quote, and QuoteToASCII and its kin with `ascii`.
void append_quoted(std::string& out, std::string_view text, char quote, bool ascii);

namespace unicode {
struct Range {
  std::uint32_t first, last;
};
// Code points first, first + step … last map by adding.
struct CaseRange {
  std::uint32_t first, last;
  std::uint32_t step;
  std::int32_t upper, lower;
};
// Sorted by first, from U+0080 on. Case ranges may interleave, two at most.
extern const Range kHidden[];
extern const int kHiddenCount;
extern const CaseRange kCases[];
extern const int kCaseCount;
}  // namespace unicode

}  // namespace kubegate::policy
