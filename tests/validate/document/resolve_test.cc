#include "validate/document/resolve.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace kubegate::document {
namespace {

std::string tag_of(std::string_view tag) {
  return tag.starts_with("!!") ? std::string(kTagPrefix) + std::string(tag.substr(2)) : std::string(tag);
}

// What JSON makes of it: "int 1", "float 0.5", "string", "refused", …
std::string value_of(const Resolution& resolution) {
  if (resolution.type == ScalarType::kString) return "string";
  if (resolution.type == ScalarType::kBinary) return "binary";
  if (resolution.type == ScalarType::kMismatch) return "mismatch";
  Node node;
  if (!to_value(resolution, node)) return "refused";
  switch (node.kind) {
    case Kind::kNull: return "null";
    case Kind::kBool: return node.boolean ? "true" : "false";
    case Kind::kInt: return "int " + std::to_string(node.integer);
    case Kind::kFloat: {
      char text[64];
      std::snprintf(text, sizeof text, "float %.17g", node.number);
      return text;
    }
    default: return "?";
  }
}

struct Case {
  std::string_view text;
  std::string_view value;
};

TEST(Resolve, PlainScalars) {
  constexpr Case kCases[] = {
      {"", "null"}, {"~", "null"}, {"null", "null"}, {"Null", "null"}, {"NULL", "null"}, {"nULL", "string"},
      {"nul", "string"}, {"nulls", "string"}, {"~~", "string"},
      {"y", "true"}, {"Y", "true"}, {"yes", "true"}, {"Yes", "true"}, {"YES", "true"}, {"yEs", "string"},
      {"YeS", "string"}, {"true", "true"}, {"True", "true"}, {"TRUE", "true"}, {"tRUE", "string"}, {"t", "string"},
      {"on", "true"}, {"On", "true"}, {"ON", "true"}, {"oN", "string"}, {"o", "string"},
      {"n", "false"}, {"N", "false"}, {"no", "false"}, {"No", "false"}, {"NO", "false"}, {"nO", "string"},
      {"false", "false"}, {"False", "false"}, {"FALSE", "false"}, {"fALSE", "string"}, {"off", "false"},
      {"Off", "false"}, {"OFF", "false"}, {"oFF", "string"}, {"offs", "string"},
      {"0", "int 0"}, {"-0", "int 0"}, {"+0", "int 0"}, {"007", "int 7"}, {"0777", "int 511"}, {"-0777", "int -511"},
      {"0o17", "int 15"}, {"0O17", "int 15"}, {"0o8", "string"}, {"0x1F", "int 31"}, {"0X1f", "int 31"},
      {"-0x1", "int -1"}, {"0x", "string"}, {"0xg", "string"}, {"0b11", "int 3"}, {"0B11", "int 3"},
      {"-0b1", "int -1"}, {"0b", "string"}, {"0b2", "string"}, {"1_000", "int 1000"}, {"1_", "int 1"},
      {"_1", "string"}, {"+_1", "int 1"}, {"0_7", "int 7"}, {"0x_f", "int 15"}, {"08", "int 8"}, {"09", "int 9"},
      {"08.5", "float 8.5"}, {"+-1", "string"}, {"1-", "string"}, {"1,000", "string"}, {"-", "string"}, {"+", "string"},
      {"9223372036854775807", "int 9223372036854775807"}, {"-9223372036854775808", "int -9223372036854775808"},
      {"9223372036854775808", "float 9.2233720368547758e+18"},
      {"18446744073709551615", "float 1.8446744073709552e+19"},
      {"18446744073709551616", "float 1.8446744073709552e+19"},
      {"+12345678901234567890", "float 1.2345678901234567e+19"},
      {"-9223372036854775809", "float -9.2233720368547758e+18"},
      {"0777777777777777777777777", "float 7.7777777777777781e+23"},
      {"0xffffffffffffffffff", "string"},
      {"1e3", "int 1000"}, {"1E3", "int 1000"}, {"1e+3", "int 1000"}, {"1e-3", "float 0.001"}, {"1.5e3", "int 1500"},
      {"-1e3", "int -1000"}, {"12e4", "int 120000"}, {"1234567e8", "int 123456700000000"}, {"1e", "string"},
      {"e3", "string"}, {"1e3_0", "float 1.0000000000000000e+30"}, {"1_0.5", "float 10.5"}, {"1.0", "int 1"},
      {"5.", "int 5"}, {"-0.0", "int 0"}, {"1.2.3", "string"}, {"1.10", "float 1.1000000000000001"},
      {"0.30000000000000004", "float 0.30000000000000004"}, {"4.9e-324", "float 4.9406564584124654e-324"},
      {"1e-400", "int 0"}, {"-1e-400", "int 0"}, {"0e999", "int 0"}, {"1e308", "float 1e+308"}, {"1e309", "string"},
      {"-1e400", "string"}, {"0.0001e400", "string"}, {"1e99999999999999999999", "string"},
      {"1e-99999999999999999999", "int 0"},
      {"1e18", "int 1000000000000000000"}, {"1e19", "float 1e+19"},
      {"1.2345678901234567e18", "int 1234567890123456800"}, {"9007199254740993.0", "int 9007199254740992"},
      {".5", "float 0.5"}, {"-.5", "float -0.5"}, {"+.5", "float 0.5"}, {".5e1", "int 5"}, {".", "string"},
      {"..", "string"}, {".e1", "string"}, {"-.", "string"}, {".5_5", "float 0.55000000000000004"},
      {".5__5", "string"}, {"._5", "string"}, {".5_", "string"}, {".1e400", "string"},
      {".inf", "refused"}, {".Inf", "refused"}, {".INF", "refused"}, {".iNF", "string"}, {"+.inf", "refused"},
      {"-.INF", "refused"}, {".nan", "refused"}, {".NaN", "refused"}, {".NAN", "refused"}, {".Nan", "string"},
      {"-.nan", "string"}, {"inf", "string"}, {"nan", "string"}, {"Infinity", "string"}, {"-inf", "string"},
      {"0x1p4", "string"}, {"1:30", "string"}, {"12:30:45", "string"}, {"22:22", "string"}, {"0:0", "string"},
      {"2024-01-01", "string"}, {"2024-01-01T00:00:00Z", "string"}, {"=", "string"}, {"<<", "string"},
      {"\xef\xbc\x91", "string"}, {"1 ", "string"}, {" 1", "string"}, {"100m", "string"}, {"1Gi", "string"},
  };
  for (const Case& c : kCases) {
    std::string want(c.value);
    if (want.starts_with("float ")) {
      char text[64];
      std::snprintf(text, sizeof text, "float %.17g", std::strtod(want.c_str() + 6, nullptr));
      want = text;
    }
    EXPECT_EQ(value_of(resolve(Style::kPlain, {}, c.text)), want) << c.text;
  }
}

TEST(Resolve, QuotedAndBlockScalarsAreStrings) {
  for (Style style : {Style::kSingleQuoted, Style::kDoubleQuoted, Style::kLiteral, Style::kFolded}) {
    for (std::string_view text : {"", "1", "true", "~", ".inf", "<<"}) {
      EXPECT_EQ(value_of(resolve(style, {}, text)), "string") << text;
    }
  }
}

TEST(Resolve, Tags) {
  constexpr struct {
    std::string_view tag, text, value;
    Style style = Style::kPlain;
  } kCases[] = {
      {"!", "12", "string"}, {"!foo", "12", "string"}, {"!!omap", "12", "string"}, {"!!merge", "12", "string"},
      {"!!str", "true", "string"}, {"!!str", "", "string"},
      {"!!int", "1", "int 1", Style::kDoubleQuoted}, {"!!int", "0777", "int 511"}, {"!!int", "abc", "mismatch"},
      {"!!int", "1.0", "mismatch"}, {"!!int", "", "mismatch"}, {"!!int", "18446744073709551615",
      "float 1.8446744073709552e+19"},
      {"!!float", "1", "int 1"}, {"!!float", "1.5", "float 1.5", Style::kDoubleQuoted}, {"!!float", "x", "mismatch"},
      {"!!float", "12345678901234567890", "mismatch"}, {"!!float", ".inf", "refused"},
      {"!!bool", "on", "true"}, {"!!bool", "maybe", "mismatch"}, {"!!bool", "1", "mismatch"},
      {"!!null", "", "null", Style::kDoubleQuoted}, {"!!null", "~", "null"}, {"!!null", "x", "mismatch"},
      {"!!binary", "aGk=", "binary"},
      {"!!timestamp", "2024-01-01", "string"}, {"!!timestamp", "2024-1-1", "string"},
      {"!!timestamp", "2024-01-01T00:00:00Z", "string"}, {"!!timestamp", "2024-01-01t1:2:3.5+01:00", "string"},
      {"!!timestamp", "2024-01-01 00:00:00", "string"}, {"!!timestamp", "2024-01-01 00:00:00Z", "mismatch"},
      {"!!timestamp", "2024-02-30", "mismatch"}, {"!!timestamp", "2023-02-29", "mismatch"},
      {"!!timestamp", "2024-02-29", "string"}, {"!!timestamp", "2024-13-01", "mismatch"},
      {"!!timestamp", "2024-01-00", "mismatch"}, {"!!timestamp", "2024-01-01T24:00:00Z", "mismatch"},
      {"!!timestamp", "x", "mismatch"}, {"!!timestamp", "1", "mismatch"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(value_of(resolve(c.style, tag_of(c.tag), c.text)), c.value) << c.tag << " " << c.text;
  }
}

TEST(Resolve, Keys) {
  constexpr Case kCases[] = {
      {"on", "true"}, {"n", "false"}, {"0777", "511"}, {"0x1F", "31"}, {"-1", "-1"}, {"1e3", "1000"}, {"1.0", "1"},
      {"0.1", "0.1"}, {"-0.0", "-0"}, {"1e5", "100000"}, {"1e6", "1e+06"}, {"1000000", "1000000"},
      {"1234567.0", "1.234567e+06"}, {"123456.5", "123456.5"}, {"0.0001", "0.0001"}, {"0.00001", "1e-05"},
      {"0.00012345", "0.00012345"}, {"100000000000000000000", "1e+20"}, {"1e21", "1e+21"},
      {"123456789.123", "1.2345679e+08"}, {"1.5e-7", "1.5e-07"}, {"1e300", ".inf"}, {"-1e300", "-.inf"},
      {"3.14159265358979", "3.1415927"}, {".inf", ".inf"}, {"-.inf", "-.inf"}, {".nan", ".nan"},
      {"~", ""}, {"", ""}, {"18446744073709551615", ""},
  };
  for (const Case& c : kCases) {
    char buffer[kKeyBuffer];
    EXPECT_EQ(key_text(resolve(Style::kPlain, {}, c.text), buffer), c.value) << c.text;
  }
}

TEST(Resolve, MergeKey) {
  EXPECT_TRUE(is_merge_key(Style::kPlain, {}, "<<"));
  EXPECT_TRUE(is_merge_key(Style::kDoubleQuoted, "!", "<<"));
  EXPECT_TRUE(is_merge_key(Style::kPlain, tag_of("!!merge"), "<<"));
  EXPECT_FALSE(is_merge_key(Style::kPlain, tag_of("!!str"), "<<"));
  EXPECT_FALSE(is_merge_key(Style::kDoubleQuoted, {}, "<<"));
  EXPECT_FALSE(is_merge_key(Style::kPlain, {}, "<"));
}

TEST(Resolve, Base64) {
  constexpr struct {
    std::string_view text, bytes;
    bool ok = true;
  } kCases[] = {{"", ""}, {"aGk=", "hi"}, {"aGlo", "hih"}, {"aA==", "h"}, {"aG\nlo\r\n", "hih"}, {"aGk", "", false},
                {"aGk==", "", false}, {"a===", "", false}, {"aG*=", "", false}, {"aGk=aGk=", "", false},
                {"=aGk", "", false}, {"aGloaGk=", "hihhi"}, {"a", "", false}};
  for (const auto& c : kCases) {
    char out[64];
    const std::size_t size = decode_base64(c.text, out);
    ASSERT_EQ(size != std::string_view::npos, c.ok) << c.text;
    EXPECT_EQ(std::string_view(out, c.ok ? size : 0), c.bytes) << c.text;
  }
}

// What go.yaml.in/yaml/v3 and encoding/json make of them.
TEST(Resolve, Yaml12) {
  constexpr Case kCases[] = {
      {"yes", "string"}, {"Yes", "string"}, {"no", "string"}, {"NO", "string"}, {"on", "string"}, {"off", "string"},
      {"y", "string"}, {"n", "string"}, {"true", "true"}, {"True", "true"}, {"FALSE", "false"}, {"~", "null"},
      {"null", "null"}, {"", "null"}, {"0o17", "int 15"}, {"0777", "int 511"}, {"0x1F", "int 31"}, {"1_000", "int 1000"},
      {".5", "float 0.5"}, {"08", "int 8"}, {"2001-02-30", "string"}, {"2001-1", "string"},
      {"2001-12-14", "time 2001-12-14T00:00:00Z"}, {"2001-1-4", "time 2001-01-04T00:00:00Z"},
      {"2001-12-14t21:59:43.10-05:00", "time 2001-12-14T21:59:43.1-05:00"},
      {"2001-12-14 21:59:43.1", "time 2001-12-14T21:59:43.1Z"}, {"2001-12-15T2:59:43Z", "time 2001-12-15T02:59:43Z"},
      {"2001-12-14T21:59:43+00:00", "time 2001-12-14T21:59:43Z"},
      {"2001-12-14T21:59:43.123456789123Z", "time 2001-12-14T21:59:43.123456789Z"},
  };
  for (const Case& c : kCases) {
    const Resolution resolution = resolve(Style::kPlain, {}, c.text, ScalarTable::kYaml12);
    const bool time = resolution.type == ScalarType::kTimestamp;
    EXPECT_EQ(time ? "time " + timestamp_text(c.text) : value_of(resolution), c.value) << c.text;
    EXPECT_NE(resolve(Style::kPlain, {}, c.text).type, ScalarType::kTimestamp) << c.text;
  }
  EXPECT_EQ(value_of(resolve(Style::kSingleQuoted, {}, "2001-12-14", ScalarTable::kYaml12)), "string");
}

}  // namespace
}  // namespace kubegate::document
