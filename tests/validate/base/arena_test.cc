#include "validate/base/arena.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "validate/base/hash.h"

namespace kubegate {
namespace {

TEST(Arena, CopiesStayUntilReset) {
  Arena arena;
  std::vector<std::pair<std::string, std::string_view>> copies;
  for (int i = 0; i < 2000; ++i) {
    const std::string text(static_cast<std::size_t>(i), static_cast<char>('a' + i % 26));
    copies.emplace_back(text, arena.copy(text));
  }
  for (const auto& [text, copy] : copies) EXPECT_EQ(text, copy);
}

TEST(Arena, ResetReusesTheLargestBlock) {
  Arena arena;
  arena.allocate(100000);
  arena.reset();
  char* first = arena.allocate(10);
  arena.reset();
  EXPECT_EQ(arena.allocate(10), first);
}

// Compiled tables carry these hashes from the machine that built them to the one that runs: they must never change
// with the machine.
TEST(Hash, IsTheSameEverywhere) {
  EXPECT_EQ(hash_key(""), hash_key(std::string_view()));
  EXPECT_NE(hash_key("a"), hash_key("b"));
  EXPECT_NE(hash_key(std::string_view("\0", 1)), hash_key(""));
  EXPECT_NE(hash_key("aaaaaaaa"), hash_key("aaaaaaaaa"));
  EXPECT_EQ(hash_key("metadata"), 0x24845703u);
  EXPECT_EQ(hash_key("terminationGracePeriodSeconds"), 0x0dd7f608u);
}

// Keys at the end of a text and keys in the middle of one are the same keys.
TEST(Hash, PaddingDoesNotCount) {
  const std::string text = "abcdefghijklmnopqrstuvwxyz0123456789";
  std::string other = text;
  for (std::size_t length = 0; length <= 20; ++length) {
    const std::string_view key(text.data(), length);
    EXPECT_EQ(hash_key(key, true), hash_key(std::string(key))) << length;
    for (std::size_t i = 0; i < 20; ++i) {
      other[i] = '!';
      const std::string_view changed(other.data(), length);
      EXPECT_EQ(equal_keys(key, changed, true), i >= length) << length << " " << i;
      EXPECT_EQ(equal_keys(key, changed), i >= length) << length << " " << i;
      other[i] = text[i];
    }
    EXPECT_FALSE(equal_keys(key, std::string_view(other.data(), length + 1), true));
  }
}

}  // namespace
}  // namespace kubegate
