// The passes that mark a text, against each other and against a definition by the letter, over texts of all lengths
// around the size of a block.
#include "validate/document/marks.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace kubegate::document {
namespace {

// What marks.h says, byte by byte.
std::vector<MarkWord> expected(const std::string& text) {
  std::vector<MarkWord> words((text.size() + 63) / 64 + 1);
  for (std::size_t i = 0; i < words.size() * 64; ++i) {
    MarkWord& word = words[i / 64];
    const bool behind = i >= text.size();
    const char c = behind ? '\0' : text[i];
    const bool blank_next = i + 1 >= text.size() || text[i + 1] == ' ' || text[i + 1] == '\n';
    const auto set = [&](std::uint64_t& bits, bool on) { bits |= std::uint64_t{behind || on} << (i % 64); };
    set(word.breaks, c == '\n');
    set(word.inked, c != ' ');
    set(word.colons, c == ':' && blank_next);
    set(word.hashes, c == '#' && i > 0 && text[i - 1] == ' ');
    set(word.quotes, c == '\'' || c == '"' || c == '\\');
  }
  return words;
}

bool is_odd(const std::string& text) {
  for (const char c : text) {
    if (c != '\n' && (c < ' ' || c > '~')) return true;
  }
  return false;
}

bool equal(const MarkWord& a, const MarkWord& b) {
  return a.breaks == b.breaks && a.inked == b.inked && a.colons == b.colons && a.hashes == b.hashes &&
         a.quotes == b.quotes;
}

TEST(Marks, PassesAgree) {
  std::mt19937 random(64);
  int odd = 0, compared = 0;
  for (std::size_t size = 0; size < 400; ++size) {
    for (int repeat = 0; repeat < 8; ++repeat) {
      std::string text;
      constexpr std::string_view kBytes = "\n ::##'\"\\aA0-~!";
      for (std::size_t i = 0; i < size; ++i) text += kBytes[random() % kBytes.size()];
      if (size > 0 && repeat >= 4) {
        constexpr std::string_view kOdd = "\t\r\x01\x1f\x7f\x80\xc3\xff";
        text[random() % size] = repeat == 7 ? '\0' : kOdd[random() % kOdd.size()];
      }
      odd += is_odd(text);
      const std::vector<MarkWord> want = expected(text);
      for (const auto pass : marks_detail::passes()) {
        std::vector<MarkWord> words(want.size());
        EXPECT_EQ(pass(text.data(), text.size(), words.data()), is_odd(text)) << size;
        for (std::size_t i = 0; i < want.size(); ++i) EXPECT_TRUE(equal(words[i], want[i])) << size << " word " << i;
        ++compared;
      }
    }
  }
  EXPECT_GT(odd, 1000);
  EXPECT_GE(compared, 3200);
}

TEST(Marks, FindsTheNext) {
  std::string text(1000, 'x');
  text[0] = text[63] = text[64] = text[700] = '\n';
  Marks marks;
  marks.mark(text);
  EXPECT_FALSE(marks.odd());
  const struct {
    std::size_t from, end, next, bounded;
  } rows[] = {{0, 10, 0, 0},       {1, 10, 63, 10},         {1, 64, 63, 63},
              {64, 65, 64, 64},    {65, 128, 700, 128},     {65, 700, 700, 700},
              {65, 701, 700, 700}, {701, 1000, 1000, 1000}, {701, 900, 1000, 900}};
  for (const auto& row : rows) {
    EXPECT_EQ(marks.next<&MarkWord::breaks>(row.from), row.next) << row.from;
    EXPECT_EQ((marks.next<&MarkWord::breaks>(row.from, row.end)), row.bounded) << row.from;
  }
  marks.mark(std::string_view(text).substr(0, 128));  // a text that ends with its block; memory of a longer one
  EXPECT_EQ(marks.next<&MarkWord::breaks>(65), 128u);
}

}  // namespace
}  // namespace kubegate::document
