// Text that others wrote, made fit for a terminal, a line-oriented report, or JSON.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace kubegate::report {

// One code point of UTF-8 at the start of `text` (not empty), and its length in bytes. What is not UTF-8 is U+FFFD, a
// byte long.
struct CodePoint {
  char32_t value;
  std::size_t length;
};
CodePoint decode(std::string_view text);

// Columns of a terminal that the code point takes: 0 (combining), 1, or 2 (wide East Asian, emoji).
int width_of(char32_t code_point);

// Appends `text` as one line without effect on a terminal: line breaks, tabs and other control characters as \n, \t,
// \x1b; characters that reorder or hide text as \u{202e}; what is not UTF-8 as U+FFFD.
void append_safe(std::string& out, std::string_view text);

// `text` with U+FFFD for what is not UTF-8.
std::string valid_utf8(std::string_view text);

// At most `most` bytes from the start, or the end, of `text`, cut at a character.
std::string_view head(std::string_view text, std::size_t most);
std::string_view tail(std::string_view text, std::size_t most);

// Appends a code point as UTF-8.
void append_utf8(std::string& out, char32_t code_point);

// Whether a terminal may not get this code point as it is: it controls, reorders or hides.
bool is_unsafe(char32_t code_point);

}  // namespace kubegate::report
