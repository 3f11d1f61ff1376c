// PlainGlob against the translation for RE2, over every text of a few characters and globs made at random.
#include "policy/rego/builtins/plain_glob.h"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include <random>
#include <string>
#include <vector>

#include "policy/rego/builtins/patterns.h"

namespace kubegate::rego {
namespace {

// All texts over `letters` of up to `size` characters.
std::vector<std::string> texts(std::string_view letters, std::size_t size) {
  std::vector<std::string> all{""};
  for (std::size_t begin = 0, length = 0; length < size; ++length) {
    const std::size_t end = all.size();
    for (std::size_t i = begin; i < end; ++i) {
      for (const char c : letters) all.push_back(all[i] + c);
    }
    begin = end;
  }
  return all;
}

TEST(PlainGlob, AgreesWithTheTranslation) {
  const std::vector<std::string> inputs = texts("ab./", 6);
  std::mt19937 random(1);
  for (int n = 0; n < 300; ++n) {
    std::string glob;
    for (auto parts = random() % 8; parts > 0; --parts) glob += "ab./?***,"[random() % 9];
    const std::string separators = std::vector<std::string>{"", ".", "./"}[random() % 3];
    const auto plain = PlainGlob::compile(glob, separators);
    std::string pattern;
    ASSERT_NE(plain, nullptr) << glob;
    ASSERT_TRUE(translate_glob(glob, separators, pattern)) << glob;
    const re2::RE2 re(pattern);
    for (const std::string& text : inputs) {
      ASSERT_EQ(plain->matches(text), re2::RE2::FullMatch(text, re))
          << glob << " separated by " << separators << ": " << text;
    }
  }
}

TEST(PlainGlob, LeavesTheRestToTheTranslation) {
  for (const char* glob : {"[ab]", "{a,b}", "a\\*", "a}", "é", "a]"}) {
    EXPECT_EQ(PlainGlob::compile(glob, "."), nullptr) << glob;
  }
  EXPECT_EQ(PlainGlob::compile("a", "é"), nullptr);
  EXPECT_NE(PlainGlob::compile(std::string(63, 'a'), "."), nullptr);
  EXPECT_EQ(PlainGlob::compile(std::string(64, 'a'), "."), nullptr);
  EXPECT_TRUE(PlainGlob::compile(std::string(63, 'a'), ".")->matches(std::string(63, 'a')));
  EXPECT_FALSE(PlainGlob::compile(std::string(63, 'a'), ".")->matches(std::string(62, 'a')));
}

}  // namespace
}  // namespace kubegate::rego
