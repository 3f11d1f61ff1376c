#include <gtest/gtest.h>

#include <string>

#include "support.h"

namespace kubegate::document {
namespace {

using testing::faults_of;
using testing::read_one;

// What is refused byte by byte, wherever it stands.
TEST(Guard, Bytes) {
  using namespace std::string_view_literals;
  constexpr struct {
    std::string_view yaml, faults;
  } kCases[] = {
      {"a: \xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80 \xef\xbf\xbd # \xe4\xb8\xad\n", ""},
      {"a: \xff\n", "document/encoding@3 the byte 0xFF is no UTF-8\n"},
      {"a: b\n# \xc3(\n", "document/encoding@7 the byte 0xC3 is no UTF-8\n"},
      {"a: \xc0\x80\n", "document/encoding@3 the byte 0xC0 is no UTF-8\n"},          // overlong
      {"a: \xe0\x80\x80\n", "document/encoding@3 the byte 0xE0 is no UTF-8\n"},      // overlong
      {"a: \xed\xa0\x80\n", "document/encoding@3 the byte 0xED is no UTF-8\n"},      // surrogate
      {"a: \xf4\x90\x80\x80\n", "document/encoding@3 the byte 0xF4 is no UTF-8\n"},  // above U+10FFFF
      {"a: \xe2\x82", "document/encoding@3 the byte 0xE2 is no UTF-8\n"},            // cut off
      {"a: 12345678\x01\n", "document/encoding@11 the control character U+0001 is not allowed\n"},
      {"a: \0b\n"sv, "document/encoding@3 the control character U+0000 is not allowed\n"},
      {"a: \x04\nb: c\n", "document/encoding@3 the control character U+0004 is not allowed\n"},
      {"a: \x7f\n", "document/encoding@3 the control character U+007F is not allowed\n"},
      {"a: \xc2\x80\n", "document/encoding@3 the control character U+0080 is not allowed\n"},
      {"a: \"\xc2\x85\"\n", ""},
      {"a: \xef\xbf\xbe\n", "document/encoding@3 the control character U+FFFE is not allowed\n"},
      {"\xff\xfe"
       "a\0"sv,
       "document/encoding@0 the file is UTF-16: save it as UTF-8\n"},
      {"\xfe\xff\0a"sv, "document/encoding@0 the file is UTF-16: save it as UTF-8\n"},
      {"\xff\xfe\0\0a\0\0\0"sv, "document/encoding@0 the file is UTF-32: save it as UTF-8\n"},
  };
  for (const auto& c : kCases) {
    const Document document = read_one(c.yaml);
    EXPECT_EQ(faults_of(document), c.faults) << c.yaml;
    EXPECT_EQ(document.complete(), c.faults.empty()) << c.yaml;
    EXPECT_EQ(document.empty(), !c.faults.empty()) << c.yaml;
  }
}

TEST(Guard, EveryAsciiByteAtEveryPlaceOfAWord) {
  for (int byte = 0; byte < 0x80; ++byte) {
    for (std::size_t at = 3; at < 12; ++at) {
      std::string yaml = "a: 'bcdefghijklm'\n";
      yaml[at + 1] = static_cast<char>(byte);
      const bool control = (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7f;
      EXPECT_EQ(testing::has_fault(read_one(yaml), "document/encoding"), control) << byte << " at " << at;
    }
  }
}

// yaml-cpp recurses, and keeps tokens until it knows whether a bracket starts a key.
TEST(Guard, Brackets) {
  EXPECT_EQ(faults_of(read_one("a: " + std::string(200'000, '['))),
            "document/limit@100003 more than 100000 brackets are open\n");
  for (std::string_view unit : {"[", "{? ", "- ", "? ", "- - "}) {
    std::string yaml;
    for (int i = 0; i < 3000; ++i) yaml += unit;
    const Document document = read_one(yaml);
    ASSERT_FALSE(document.faults().empty()) << unit;
    EXPECT_FALSE(document.complete()) << unit;
    EXPECT_TRUE(testing::has_fault(document, "document/limit") || testing::has_fault(document, "document/invalid-key"))
        << unit << faults_of(document).substr(0, 300);
    EXPECT_EQ(testing::broken_promise(document), "") << unit;
  }
  const std::string deep = std::string(400, '[') + std::string(400, ']');
  EXPECT_EQ(faults_of(read_one("a: " + deep + "\n")), "");
  EXPECT_EQ(faults_of(read_one("a: [\"" + std::string(17 << 20, 'x') + "\"]\n")),
            "document/limit@3 a line with brackets is longer than 16 MiB: break it\n");
}

}  // namespace
}  // namespace kubegate::document
