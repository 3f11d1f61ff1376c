// Source lines and their carets: what is at fault is marked by « and » in the input.
#include "validate/report/excerpt.h"

#include <gtest/gtest.h>

#include "validate/report/text.h"

namespace kubegate::report {
namespace {

using namespace std::literals;

Excerpt excerpt_of(std::string_view marked) {
  Excerpt excerpt;
  const auto open = marked.find("«"), close = marked.find("»");
  excerpt.text = std::string(marked.substr(0, open));
  excerpt.begin = static_cast<std::uint32_t>(open);
  excerpt.text += marked.substr(open + 2, close - open - 2);
  excerpt.length = static_cast<std::uint32_t>(close - open - 2);
  excerpt.text += marked.substr(close + 2);
  return excerpt;
}

struct Case {
  std::string_view marked;
  unsigned width;
  std::string_view source, caret;
};

const Case kCases[] = {
    {"  «replica»: 3", 80, "  replica: 3", "  ^~~~~~~"},
    {"a: «»b", 80, "a: b", "   ^"},
    {"a:«»", 80, "a:", "  ^"},
    {"«»", 80, "", "^"},
    {"\t«a»:\tb", 80, "        a:      b", "        ^"},
    {"ab\t«\tx»", 80, "ab              x", "        ^~~~~~~~~"},
    {"größe: «über»", 80, "größe: über", "       ^~~~"},
    {"日本: «東京»", 80, "日本: 東京", "      ^~~~"},
    {"e\u0301e\u0301 «x»", 80, "e\u0301e\u0301 x", "   ^"},
    {"🚀 «go»", 80, "🚀 go", "   ^~"},
    {"a\x1b[31m «b»", 80, "a␛[31m b", "       ^"},
    {"\xff«\xfe»", 80, "\ufffd\ufffd", " ^"},
    {"\u202e«x»", 80, "\ufffdx", " ^"},
    // Too wide for the room.
    {"0123456789012345678901234567890123456789«X»0123456789012345678901234567890123456789", 30,
     "…0123456789X01234567890123456…", "           ^"},
    {"«X»0123456789012345678901234567890123456789", 30, "X012345678901234567890123456…", "^"},
    {"0123456789012345678901234567890123456789«X»", 30, "…345678901234567890123456789X",
     "                            ^"},
    {"«0123456789012345678901234567890123456789»", 20, "012345678901234567…", "^~~~~~~~~~~~~~~~~~"},
    {"日本日本日本日本日本日本«X»", 20, "…日本日本日本日本X", "                 ^"},
};

TEST(Excerpt, Drawn) {
  for (const Case& c : kCases) {
    const Drawn drawn = draw(excerpt_of(c.marked), c.width);
    EXPECT_EQ(drawn.source, c.source) << c.marked;
    EXPECT_EQ(drawn.caret, c.caret) << c.marked;
  }
}

TEST(Excerpt, AWindowSaysThatTheLineGoesOn) {
  Excerpt excerpt = excerpt_of("abc «def» ghi");
  excerpt.cut_before = excerpt.cut_after = true;
  const Drawn drawn = draw(excerpt, 80);
  EXPECT_EQ(drawn.source, "…abc def ghi…");
  EXPECT_EQ(drawn.caret, "     ^~~");
}

// Whatever the line and the width: the source never passes the room, and the caret stands below what is at fault.
TEST(Excerpt, StaysInsideTheRoom) {
  const std::string piece = "ab日\t🚀é";
  for (std::size_t length = 0; length < 200; length += 7) {
    for (unsigned width : {20u, 21u, 40u, 113u}) {
      std::string line;
      while (line.size() < length) line += piece;
      const std::string marked = line + "«X»" + line;
      const Drawn drawn = draw(excerpt_of(marked), width);
      const auto columns = [](std::string_view text) {
        unsigned n = 0;
        for (; !text.empty(); text.remove_prefix(decode(text).length)) n += width_of(decode(text).value);
        return n;
      };
      EXPECT_LE(columns(drawn.source), width) << marked;
      ASSERT_FALSE(drawn.caret.empty());
      EXPECT_EQ(drawn.caret.find_first_not_of(' '), drawn.caret.size() - 1);
      EXPECT_EQ(columns(drawn.source.substr(0, drawn.source.find('X'))), drawn.caret.size() - 1) << marked;
    }
  }
}

}  // namespace
}  // namespace kubegate::report
