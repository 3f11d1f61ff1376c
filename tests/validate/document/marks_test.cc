// The passes that mark a text, against each other and against a definition by the letter, over texts of all lengths
// around the size of a block.
#include "validate/document/marks.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace kubegate::document {
namespace {

// What marks.h says, byte by byte: a set behind the other, each of so many words.
std::vector<std::uint64_t> expected(const std::string& text, std::size_t stride) {
  std::vector<std::uint64_t> words(kMarkKinds * stride);
  for (std::size_t i = 0; i < (text.size() / 64 + (text.size() % 64 != 0) + 1) * 64; ++i) {
    const bool behind = i >= text.size();
    const char c = behind ? '\0' : text[i];
    const bool blank_next = i + 1 >= text.size() || text[i + 1] == ' ' || text[i + 1] == '\n';
    const auto set = [&](Mark mark, bool on) {
      const std::size_t byte = static_cast<std::size_t>(mark) * stride * 8 + i / 8;
      if (behind || on) reinterpret_cast<unsigned char*>(words.data())[byte] |= static_cast<unsigned char>(1 << i % 8);
    };
    set(Mark::kBreak, c == '\n');
    set(Mark::kInk, c != ' ');
    set(Mark::kColon, c == ':' && blank_next);
    set(Mark::kHash, c == '#' && i > 0 && text[i - 1] == ' ');
    set(Mark::kQuote, c == '\'' || c == '"' || c == '\\');
  }
  return words;
}

bool is_odd(const std::string& text) {
  for (const char c : text) {
    if (c != '\n' && (c < ' ' || c > '~')) return true;
  }
  return false;
}

TEST(Marks, PassesAgree) {
  std::mt19937 random(64);
  int odd = 0, compared = 0;
  for (std::size_t size = 0; size < 400; ++size) {
    for (int repeat = 0; repeat < 8; ++repeat) {
      std::string text;
      constexpr std::string_view kBytes = "\n ::##'\"\\aA0-~!,<GRLb2";
      for (std::size_t i = 0; i < size; ++i) text += kBytes[random() % kBytes.size()];
      if (size > 0 && repeat >= 4) {
        constexpr std::string_view kOdd = "\t\r\x01\x1f\x7f\x80\xc3\xff";
        text[random() % size] = repeat == 7 ? '\0' : kOdd[random() % kOdd.size()];
      }
      odd += is_odd(text);
      const std::size_t stride = size / 64 + 3;
      const std::vector<std::uint64_t> want = expected(text, stride);
      for (const auto pass : marks_detail::passes()) {
        std::vector<std::uint64_t> words(want.size());
        const Marks::Seen seen = pass(text.data(), text.size(), words.data(), stride);
        EXPECT_EQ(seen.odd, is_odd(text)) << size;
        EXPECT_EQ(seen.hash, text.find('#') != text.npos) << size;
        for (std::size_t i = 0; i < want.size(); ++i) EXPECT_EQ(words[i], want[i]) << size << " word " << i;
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
    EXPECT_EQ(marks.sets().next<Mark::kBreak>(row.from), row.next) << row.from;
    EXPECT_EQ((marks.sets().next<Mark::kBreak>(row.from, row.end)), row.bounded) << row.from;
  }
  marks.mark(std::string_view(text).substr(0, 128));  // a text that ends with its block; memory of a longer one
  EXPECT_EQ(marks.sets().next<Mark::kBreak>(65), 128u);
}

}  // namespace
}  // namespace kubegate::document
