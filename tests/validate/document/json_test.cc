#include <gtest/gtest.h>

#include <string>

#include "support.h"

namespace kubegate::document {
namespace {

using testing::faults_of;
using testing::read_one;
using testing::to_json;

struct Case {
  std::string_view json;
  std::string_view tree;
  std::string_view faults = "";
};

TEST(Json, Documents) {
  const Case kCases[] = {
      {"{}", "{}"},
      {" [1, -2, 1.0, 1e3, 0.5, 12345678901234567890, -0, true, false, null] ",
       "[1,-2,1,1000,0.5,1.2345678901234567e+19,0,true,false,null]"},
      {R"({"a": "\u0041\n\/\"\\\ud83d\ude00", "b\t": [{}]})",
       "{\"a\":\"A\\n/\\\"\\\\\xf0\x9f\x98\x80\",\"b\\u0009\":[{}]}"},
      {R"({"yes": "on", "1": "0777"})", R"({"1":"0777","yes":"on"})"},
      {R"("\udc00x")", "\"\xef\xbf\xbdx\""},
      {R"({"a": 1, "b": 2, "a": 3})", R"({"a":3,"b":2})",
       "document/duplicate-key@17 duplicate key \"a\": line 1 sets it already\n"},
      {R"({"<<": {"a": 1}})", R"({"<<":{"a":1}})"},
      {"{\"a\": \"\x7f\"}", "{\"a\":\"\x7f\"}"},

      {R"({"a": 1e400})", "{}", "document/syntax@6 this is not JSON: this number is too large for a 64-bit float\n"},
      {R"({"a": 1, b: 2})", R"({"a":1})", "document/syntax@9 this is not JSON: a key in double quotes is missing\n"},
      {R"({"a" 1})", "{}", "document/syntax@5 this is not JSON: a colon is missing behind the key\n"},
      {R"({"a": 1 "b": 2})", R"({"a":1})", "document/syntax@8 this is not JSON: a comma or `}` is missing\n"},
      {"[1, 2", "[1,2]", "document/syntax@5 this is not JSON: a comma or `]` is missing\n"},
      {"[1, \"ab]", "[1]", "document/syntax@4 this is not JSON: the quote that opens here is not closed\n"},
      {"[1, tru]", "[1]", "document/syntax@7 this is not JSON: this is no JSON value\n"},
      {"{\"a\": \"x\ny\"}", "{}",
       "document/syntax@8 this is not JSON: a text cannot hold a line break or another control character: escape it\n"},
      {R"(["\q"])", "[]", "document/syntax@2 this is not JSON: JSON knows no such escape\n"},
      {R"(["\ud83d"])", "[]", "document/syntax@2 this is not JSON: this escape is half of a surrogate pair\n"},
      {R"(["\u12"])", "[]", "document/syntax@2 this is not JSON: behind `\\u` stand four hexadecimal digits\n"},
      {"[1.]", "[]", "document/syntax@3 this is not JSON: digits are missing behind the point\n"},
      {"[1e]", "[]", "document/syntax@3 this is not JSON: digits are missing in the exponent\n"},
      {"a: 1\nb: 2\n", "", "document/syntax@0 this is not JSON: this is no JSON value\n"},
      {"[\"\xff\"]", "", "document/encoding@2 the byte 0xFF is no UTF-8\n"},
      {std::string_view("[1]\0", 4), "", "document/encoding@3 the control character U+0000 is not allowed\n"},
  };
  for (const Case& c : kCases) {
    const Document document = read_one(c.json, Syntax::kJson);
    EXPECT_EQ(to_json(document), c.tree) << c.json;
    EXPECT_EQ(faults_of(document), c.faults) << c.json;
    EXPECT_EQ(testing::broken_promise(document), "") << c.json;
    EXPECT_EQ(document.complete(), c.faults.empty() || c.tree == R"({"a":3,"b":2})") << c.json;
  }
}

// A YAML document in braces is read as JSON if it is JSON, and as YAML if it is not: the tree is the same.
TEST(Json, InYaml) {
  for (std::string_view json :
       {R"({"a": [1, 1e3, "x", null], "b": {"c": true}})", "{\n \"a\": 1.0,\n \"b\": \"\\u0041\"\n}\n"}) {
    const std::string yaml = std::string(json) + " # a comment makes it YAML\n";
    EXPECT_EQ(to_json(read_one(json)), to_json(read_one(yaml)));
    EXPECT_EQ(faults_of(read_one(yaml)), "");
  }
  EXPECT_EQ(to_json(read_one("{a: 1, b: [on]}")), R"({"a":1,"b":[true]})");
  EXPECT_EQ(to_json(read_one("{\"a\": 1e400}")), R"({"a":"1e400"})");
  EXPECT_EQ(to_json(read_one("{\"a\": \"x\\/y\"}")), R"({"a":"x/y"})");  // YAML 1.1 has no such escape
}

TEST(Json, NestingIsBounded) {
  const std::string open(200'000, '[');
  for (Syntax syntax : {Syntax::kJson, Syntax::kYaml}) {
    const Document document = read_one(open, syntax);
    ASSERT_FALSE(document.faults().empty());
    EXPECT_EQ(document.faults()[0].rule, "document/limit");
    EXPECT_EQ(testing::broken_promise(document), "");
  }
  const std::string deep = std::string(1000, '[') + std::string(1000, ']');
  EXPECT_EQ(faults_of(read_one(deep, Syntax::kJson)), "");
  EXPECT_EQ(faults_of(read_one("[" + deep + "]", Syntax::kJson)),
            "document/limit@1000 collections are nested more than 1000 deep\n");
}

}  // namespace
}  // namespace kubegate::document
