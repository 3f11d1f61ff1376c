// Patterns against RE2: those of the built-in schemas, those that must be left to RE2, and patterns at random.
#include "validate/schema/pattern.h"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "validate/schema/builtin.h"
#include "validate/schema/table.h"

namespace kubegate::schema {
namespace {

std::unique_ptr<RE2> re2_of(const std::string& pattern) {
  RE2::Options options;
  options.set_log_errors(false);
  return std::make_unique<RE2>(pattern, options);
}

// Texts that are near a match: characters of the pattern and others, pieces of both.
std::string text_for(std::string_view alphabet, std::mt19937& random) {
  std::string text;
  for (std::size_t size = random() % 12; size > 0; --size) {
    const std::string piece(random() % 8 == 0 ? 1 + random() % 4 : 1, alphabet[random() % alphabet.size()]);
    text += piece;
  }
  return text;
}

// How many of the texts match.
int compare(const std::string& pattern, std::string_view alphabet, int texts, std::mt19937& random) {
  const Pattern own(pattern);
  const auto re2 = re2_of(pattern);
  if (!own.usable()) return 0;
  EXPECT_TRUE(re2->ok()) << pattern;
  int matched = 0;
  for (int i = 0; i < texts; ++i) {
    const std::string text = text_for(alphabet, random);
    const auto found = own.matches(text);
    const bool ascii = std::all_of(text.begin(), text.end(), [](char c) { return static_cast<signed char>(c) >= 0; });
    if (ascii) {
      EXPECT_TRUE(found.has_value()) << pattern << " on " << text;
    }
    if (!found) continue;
    const bool expected = RE2::PartialMatch(text, *re2);
    EXPECT_EQ(*found, expected) << pattern << " on \"" << text << '"';
    matched += *found;
  }
  return matched;
}

TEST(Pattern, AgreesOnBuiltInPatterns) {
  std::mt19937 random(1);
  const Table& table = builtin_table();
  int usable = 0, matched = 0;
  for (std::size_t i = 1; i < table.patterns().size(); ++i) {
    const std::string pattern(table.text(table.patterns()[i]));
    usable += Pattern(pattern).usable();
    matched += compare(pattern, pattern + "0159azAZ-._/: \n%m\xc3\xa9", 300, random);
  }
  std::printf("%d of %zu built-in patterns without RE2\n", usable, table.patterns().size() - 1);
  EXPECT_GE(usable, 40);  // the others have anchors inside, flags, or escapes by number
  EXPECT_GT(matched, 500);
}

TEST(Pattern, Cases) {
  struct Case {
    const char *pattern, *text;
    bool matches;
  };
  const Case cases[] = {
      {"", "", true},
      {"", "x", true},
      {"^$", "", true},
      {"^$", "x", false},
      {"a", "xay", true},
      {"^a", "xa", false},
      {"a$", "xa", true},
      {"a$", "ax", false},
      {"^a|b", "xb", true},
      {"(a|b)$", "xb", true},
      {"^(a|)$", "", true},
      {"^a{2,3}$", "a", false},
      {"^a{2,3}$", "aa", true},
      {"^a{2,3}$", "aaaa", false},
      {"^a{0}$", "", true},
      {"^a{2,}$", "aaaaa", true},
      {"^(ab){2}$", "abab", true},
      {"^(ab){2}$", "ab", false},
      {"^(a?){3}$", "aa", true},
      {"^a*?b+?c??$", "abb", true},
      {"^[^/]*$", "a\nb", true},
      {"^.*$", "a\nb", false},
      {"^[a-]$", "-", true},
      {"^[+--]$", ",", true},
      {"^[\\-\\]]$", "]", true},
      {"^\\w\\d\\s\\S$", "_7 x", true},
      {"^\\D$", "7", false},
      {"^(?:x|y)z$", "yz", true},
      {"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", "a-b", true},
      {"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", "a-", false},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(RE2::PartialMatch(one.text, *re2_of(one.pattern)), one.matches) << one.pattern << " on " << one.text;
    const Pattern own(one.pattern);
    if (one.pattern == std::string_view("^a|b")) {
      EXPECT_FALSE(own.usable());
      continue;
    }
    ASSERT_TRUE(own.usable()) << one.pattern;
    EXPECT_EQ(own.matches(one.text), one.matches) << one.pattern << " on " << one.text;
  }
}

// What RE2 reads in a way of its own, refuses, or what takes more places than there are.
TEST(Pattern, LeavesToRe2) {
  std::string deep = "a";
  for (int i = 0; i < 1000; ++i) deep = "(" + deep + ")";
  const std::string left[] = {"^a|b$",
                              "a^b",
                              "a$b",
                              "\\bx",
                              "(?i)x",
                              "[[:alpha:]]",
                              "[]a]",
                              "a{,2}",
                              "a{x}",
                              "a{3,2}",
                              "a**",
                              "a{2}{3}",
                              "(",
                              ")",
                              "[",
                              "[a",
                              "a\\",
                              "\\p{L}",
                              "\\x41",
                              "é",
                              "[é]",
                              "a{64}",
                              "(((a{9}){9}){9}){9}",
                              "(((()){1000}){1000}){1000}",
                              "*a",
                              "x]",
                              "{1}",
                              "[z-a]",
                              "a\\$",
                              deep};
  for (const std::string& pattern : left) EXPECT_FALSE(Pattern(pattern).usable()) << pattern.substr(0, 40);
  EXPECT_EQ(Pattern("^x*$").matches("xx\xc3\xa9"), std::nullopt);
  EXPECT_EQ(Pattern("^x*$").matches("y\xc3\xa9"), false);
}

std::string random_pattern(std::mt19937& random, int depth) {
  const char* const atoms[] = {"a", "b", "c", ".", "[ab]", "[^a]", "[b-d]", "\\d", "\\.", "-", "[a-c1-]"};
  const char* const repeats[] = {"*", "+", "?", "{2}", "{1,3}", "{0,2}", "{2,}", "*?", "{0}", "{0,}"};
  std::string pattern;
  for (std::size_t pieces = random() % 4; pieces > 0; --pieces) {
    if (depth > 0 && random() % 3 == 0) {
      pattern += (random() % 2 ? "(" : "(?:") + random_pattern(random, depth - 1) + ")";
    } else {
      pattern += atoms[random() % std::size(atoms)];
    }
    if (random() % 3 == 0) pattern += repeats[random() % std::size(repeats)];
    if (random() % 6 == 0) pattern += '|';
  }
  return pattern;
}

TEST(Pattern, AgreesAtRandom) {
  std::mt19937 random(7);
  int usable = 0, matched = 0;
  for (int i = 0; i < 4000; ++i) {
    std::string pattern = random_pattern(random, 3);
    if (random() % 2) pattern = '^' + pattern;
    if (random() % 2) pattern += '$';
    usable += Pattern(pattern).usable();
    matched += compare(pattern, "aabbcd1.-\n", 30, random);
  }
  EXPECT_GT(usable, 2500);
  EXPECT_GT(matched, 10000);
}

}  // namespace
}  // namespace kubegate::schema
