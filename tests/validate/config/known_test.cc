// Lists of known findings: what is written is read again, and what is no list is refused with its place.
#include "validate/config/known.h"

#include <gtest/gtest.h>

#include <string>

namespace kubegate::config {
namespace {

TEST(Known, WrittenAndRead) {
  const std::vector<KnownFinding> entries = {
      {"5f3a:0", "schema/type", "a/b.yaml", "v1/Secret/x", "say \"no\": \\ # \x01 ü", "since"},
      {"5f3a:1", "schema/type", "null", "", "true", ""},
  };
  for (const char* file : {"known.yaml", "known.json"}) {
    const auto read = parse_known(print_known(entries, file), file);
    ASSERT_TRUE(read.ok()) << read.error().text();
    ASSERT_EQ(read->size(), 2u);
    for (std::size_t i = 0; i < 2; ++i) {
      EXPECT_EQ((*read)[i].fingerprint, entries[i].fingerprint);
      EXPECT_EQ((*read)[i].path, entries[i].path);
      EXPECT_EQ((*read)[i].message, entries[i].message) << file;
      EXPECT_EQ((*read)[i].reason, entries[i].reason);
    }
    EXPECT_EQ(parse_known(print_known({}, file), file)->size(), 0u);
  }
}

TEST(Known, Refused) {
  const struct {
    const char *text, *error;
  } cases[] = {
      {"a: 1\n", "k.yaml:1:1: a list of known findings must be a list"},
      {"- rule: x\n", "k.yaml:1:3: a known finding needs its fingerprint"},
      {"- fingerprint: 'x'\n  rule: 7\n", "k.yaml:2:9: rule must be a text"},
      {"[]\n---\n[]\n", "k.yaml: a list of known findings is one document"},
  };
  for (const auto& c : cases) {
    const auto read = parse_known(c.text, "k.yaml");
    ASSERT_FALSE(read.ok()) << c.text;
    EXPECT_EQ(read.error().text(), c.error);
  }
  EXPECT_FALSE(parse_known("- [", "k.yaml").ok());
}

}  // namespace
}  // namespace kubegate::config
