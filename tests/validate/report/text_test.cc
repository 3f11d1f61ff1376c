#include "validate/report/text.h"

#include <gtest/gtest.h>

namespace kubegate::report {
namespace {

using namespace std::literals;

std::string safe(std::string_view text) {
  std::string out;
  append_safe(out, text);
  return out;
}

TEST(Text, SafeForATerminal) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"plain, ä, 日本, 🚀", "plain, ä, 日本, 🚀"},
      {"a\nb\tc\rd", "a\\nb\\tc\\rd"},
      {"\x1b[31mred", "\\x1b[31mred"},
      {"\0\x7f"sv, "\\x00\\x7f"},
      {"\u009b2J", "\\x9b2J"},          // a control sequence of one character
      {"\u202eevil", "\\u{202e}evil"},  // right-to-left override
      {"\u2066x\ufeff", "\\u{2066}x\\u{feff}"},
      {"\xff\xc3(", "\ufffd\ufffd("},          // not UTF-8
      {"\xed\xa0\x80", "\ufffd\ufffd\ufffd"},  // a surrogate
      {"\xe6\x97", "\ufffd\ufffd"},            // cut short
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(safe(text), expected);
}

TEST(Text, ValidUtf8KeepsControls) { EXPECT_EQ(valid_utf8("a\n\x1b\xc0\x80z\u202e"), "a\n\x1b\ufffd\ufffdz\u202e"); }

TEST(Text, DecodesWhatItEncodes) {
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    std::string text;
    append_utf8(text, c);
    const CodePoint decoded = decode(text);
    ASSERT_EQ(std::uint32_t{decoded.value}, std::uint32_t{c});
    ASSERT_EQ(decoded.length, text.size());
    if (text.size() > 1) {
      ASSERT_TRUE(decode(std::string_view(text).substr(0, text.size() - 1)).value == 0xFFFD) << std::uint32_t{c};
    }
  }
}

TEST(Text, CutsAtCharacters) {
  EXPECT_EQ(head("größe", 2), "gr");
  EXPECT_EQ(head("größe", 3), "gr");
  EXPECT_EQ(head("größe", 4), "grö");
  EXPECT_EQ(head("größe", 7), "größe");
  EXPECT_EQ(head("größe", 0), "");
  EXPECT_EQ(tail("größe", 1), "e");
  EXPECT_EQ(tail("größe", 2), "e");
  EXPECT_EQ(tail("größe", 3), "ße");
  EXPECT_EQ(tail("größe", 9), "größe");
}

TEST(Text, Widths) {
  const std::pair<char32_t, int> cases[] = {{'a', 1},     {U'é', 1},  {0x0301, 0},  {U'日', 2}, {U'ｱ', 1},
                                            {U'Ａ', 2},   {U'🚀', 2},  {0xFE0F, 0},  {U'—', 1},  {U'…', 1},
                                            {0x1F468, 2}, {U'한', 2}, {0x10FFFF, 1}};
  for (const auto& [c, width] : cases) EXPECT_EQ(width_of(c), width) << std::hex << static_cast<unsigned>(c);
}

}  // namespace
}  // namespace kubegate::report
