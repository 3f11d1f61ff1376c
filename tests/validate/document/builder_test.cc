#include "validate/document/builder.h"

#include <gtest/gtest.h>

#include <string>

#include "support.h"

namespace kubegate::document {
namespace {

using testing::broken_promise;
using testing::faults_of;
using testing::has_fault;
using testing::read_one;
using testing::to_json;

struct Case {
  std::string_view name;
  std::string_view yaml;
  std::string_view json;
  std::string_view faults = "";  // "rule@offset message", a line each
};

// Duplicate keys, aliases, merge keys: what the tree holds and what is said.
constexpr Case kCases[] = {
    {"last of two counts", "a: 1\nb: 2\na: 3\n", R"({"a":3,"b":2})",
     "document/duplicate-key@10 duplicate key \"a\": line 1 sets it already\n"},
    {"last of three counts", "a: 1\na: [x, {y: z}]\na: 3\n", R"({"a":3})",
     "document/duplicate-key@5 duplicate key \"a\": line 1 sets it already\n"
     "document/duplicate-key@20 duplicate key \"a\": line 1 sets it already\n"},
    {"keys are compared as the cluster resolves them", "on: 1\n\"true\": 2\n1: a\n0x1: b\n1.0: c\n",
     R"({"1":"c","true":2})",
     "document/duplicate-key@6 duplicate key \"true\": line 1 sets it already\n"
     "document/duplicate-key@21 duplicate key \"1\": line 3 sets it already\n"
     "document/duplicate-key@28 duplicate key \"1\": line 3 sets it already\n"},
    {"duplicates in what a duplicate drops", "a: {b: 1, b: 2}\na: {c: 1, c: 2}\n", R"({"a":{"c":2}})",
     "document/duplicate-key@10 duplicate key \"b\": line 1 sets it already\n"
     "document/duplicate-key@16 duplicate key \"a\": line 1 sets it already\n"
     "document/duplicate-key@26 duplicate key \"c\": line 2 sets it already\n"},
    {"same keys in different mappings", "a: {k: 1}\nb: {k: 2}\n", R"({"a":{"k":1},"b":{"k":2}})"},

    {"aliases", "a: &x {p: [1, two]}\nb: *x\nc: &y on\nd: *y\n",
     R"({"a":{"p":[1,"two"]},"b":{"p":[1,"two"]},"c":true,"d":true})"},
    {"an anchor redefined", "a: &x 1\nb: *x\nc: &x 2\nd: *x\n", R"({"a":1,"b":1,"c":2,"d":2})"},
    {"an anchored key as value, and back", "&k 0777: &v 1e3\na: *k\n*v : b\n", R"({"1000":"b","511":1000,"a":511})"},
    {"an alias to a decoded text", "a: &x \"b\\tc\"\nd: *x\n*x : e\n",
     R"({"a":"b\u0009c","b\u0009c":"e","d":"b\u0009c"})"},
    {"an alias to a value that duplicates drop", "a: &x {p: 1}\na: 2\nb: *x\n", R"({"a":2,"b":{"p":1}})",
     "document/duplicate-key@13 duplicate key \"a\": line 1 sets it already\n"},
    {"unknown anchor", "a: 1\nb: *x\nc: 2\n", R"({"a":1})", "document/alias@8 no anchor &x stands before this alias\n"},
    {"anchor behind its alias", "a: *x\nb: &x 1\n", R"({})",
     "document/alias@3 no anchor &x stands before this alias\n"},
    {"anchor that contains itself", "a: &x [1, *x]\n", R"({"a":[1]})",
     "document/alias@10 the value of the anchor &x contains itself\n"},
    {"inner anchor of the same name", "a: &x [&x 1, *x]\nb: *x\n", R"({"a":[1,1],"b":1})"},

    {"merge", "a: &x {p: 1, q: 2}\nb:\n  <<: *x\n  r: 3\n", R"({"a":{"p":1,"q":2},"b":{"p":1,"q":2,"r":3}})"},
    {"explicit key behind", "a: &x {p: 1}\nb:\n  <<: *x\n  p: 2\n", R"({"a":{"p":1},"b":{"p":2}})"},
    {"explicit key before", "a: &x {p: 1}\nb:\n  p: 2\n  <<: *x\n", R"({"a":{"p":1},"b":{"p":2}})"},
    {"earlier in a list wins", "a: &x {p: 1}\nc: &y {p: 3, r: 4}\nb: {<<: [*x, *y, {s: 5, p: 9}]}\n",
     R"({"a":{"p":1},"b":{"p":1,"r":4,"s":5},"c":{"p":3,"r":4}})"},
    {"later of two merge keys wins", "b: {<<: {p: 1, q: 1}, <<: {p: 2}}\n", R"({"b":{"p":2,"q":1}})"},
    {"merge of a merge", "a: &x {p: 1}\nb: &y {<<: *x, q: 2}\nc: {<<: *y, p: 3}\n",
     R"({"a":{"p":1},"b":{"p":1,"q":2},"c":{"p":3,"q":2}})"},
    {"what a merge overrides stays under its anchor", "a: {<<: &x {p: 1, q: 2}, p: 3}\nb: *x\n",
     R"({"a":{"p":3,"q":2},"b":{"p":1,"q":2}})"},
    {"anchor within what is merged", "a: {<<: {p: &x {q: 1}}, p: 3}\nb: *x\n", R"({"a":{"p":3},"b":{"q":1}})"},
    {"empty merges", "a: {<<: {}, <<: [], b: 1}\n", R"({"a":{"b":1}})"},
    {"merge of a scalar", "a: {<<: 1, b: 2}\n", R"({"a":{"b":2}})",
     "document/alias@8 a merge key takes a mapping or a sequence of mappings\n"},
    {"merge of nothing", "a: {<<: , b: 2}\n", R"({"a":{"b":2}})",
     "document/alias@7 a merge key takes a mapping or a sequence of mappings\n"},
    {"merge of a list with a scalar", "a: {<<: [{c: 1}, 2], b: 2}\n", R"({"a":{"b":2}})",
     "document/alias@8 a merge key takes a mapping or a sequence of mappings\n"},
    {"merge of an alias to a list", "x: &x [{c: 1}]\na: {<<: *x, b: 2}\n", R"({"a":{"b":2},"x":[{"c":1}]})",
     "document/alias@6 a merge key takes a mapping or a sequence of mappings\n"},
    {"a quoted << is a key, an item << a string", "a: {\"<<\": 1}\nb: [<<]\nc: {&k \"<<\": 2}\n",
     R"({"a":{"<<":1},"b":["<<"],"c":{"<<":2}})"},

    {"null key", "a: 1\n~: 2\nb: 3\n", R"({"a":1,"b":3})",
     "document/invalid-key@5 null cannot be a key: quote it if a text is meant\n"},
    {"key above int64", "18446744073709551615: 1\na: 2\n", R"({"a":2})",
     "document/invalid-key@0 an integer above 9223372036854775807 cannot be a key: quote it\n"},
    {"mapping as key", "? {a: 1}\n: 2\nb: 3\n", R"({"b":3})",
     "document/invalid-key@2 a mapping cannot be a key: keys are strings\n"},
    {"list as key, anchored inside", "? [&x 1, 2]\n: 2\nb: *x\n", R"({"b":1})",
     "document/invalid-key@2 a sequence cannot be a key: keys are strings\n"},
    {"alias to a mapping as key", "a: &x {p: 1}\n*x : 2\n", R"({"a":{"p":1}})",
     "document/invalid-key@13 a mapping or sequence cannot be a key: keys are strings\n"},
    {"value that JSON cannot hold", "a: .inf\nb: 1\n", R"({"a":null,"b":1})",
     "document/invalid-value@3 \".inf\" is no value that JSON can hold: quote it if a text is meant\n"},
    {"infinite key", ".inf: 1\n", R"({".inf":1})"},
    {"tag and text disagree", "a: !!int abc\nb: 1\n", R"({"a":"abc","b":1})",
     "document/invalid-value@9 \"abc\" is a string, not what its tag !!int says\n"},
    {"binary", "a: !!binary aGk=\nb: !!binary /w==\n!!binary aGk= : 1\n",
     "{\"a\":\"hi\",\"b\":\"\xef\xbf\xbd\",\"hi\":1}"},
    {"no base64", "a: !!binary a*\n", R"({"a":"a*"})",
     "document/invalid-value@12 the value of a !!binary tag is no base64\n"},
    {"tags of collections mean nothing", "a: !!set {b, c}\nd: !!seq {}\ne: !x []\n",
     R"({"a":{"b":null,"c":null},"d":{},"e":[]})"},
};

TEST(Builder, Trees) {
  for (const Case& c : kCases) {
    const Document document = read_one(c.yaml);
    EXPECT_EQ(to_json(document), c.json) << c.name;
    EXPECT_EQ(faults_of(document), c.faults) << c.name;
    EXPECT_EQ(broken_promise(document), "") << c.name;
  }
}

TEST(Builder, ExpandedNodesKeepTheSpanOfTheAnchor) {
  const Document document = read_one("a: &x {p: \"q\"}\nb: *x\nc: {<<: *x}\n");
  const NodeIndex b = document.find(0, "b");
  ASSERT_NE(b, kNoNode);
  EXPECT_EQ(document[b].begin, 6u);
  EXPECT_EQ(document[b].length, 8u);
  EXPECT_TRUE(document[b].flags & Node::kExpanded);
  EXPECT_TRUE(document[b + 1].flags & Node::kExpanded);
  EXPECT_FALSE(document[b - 1].flags & Node::kExpanded);
  const NodeIndex p = document.find(document.find(0, "c"), "p");
  ASSERT_NE(p, kNoNode);
  EXPECT_TRUE(document[p].flags & Node::kExpanded);
  EXPECT_EQ(document[p].begin, 10u);
}

// Many keys take another way than few: both must say the same.
TEST(Builder, DuplicatesInLargeMappings) {
  for (int count : {10, 16, 17, 18, 300}) {
    std::string yaml;
    for (int i = 0; i < count; ++i) yaml.append("k").append(std::to_string(i)).append(": v\n");
    yaml += "k3: x\nk7: y\nk3: z\n";
    const Document document = read_one(yaml);
    ASSERT_EQ(document.faults().size(), 3u);
    for (const auto& fault : document.faults()) {
      EXPECT_EQ(fault.rule, "document/duplicate-key");
      EXPECT_NE(fault.message.find(fault.message.find("k3") != std::string::npos ? "line 4" : "line 8"),
                std::string::npos);
    }
    EXPECT_EQ(document[0].children.count, static_cast<std::uint32_t>(count));
    EXPECT_EQ(document.text(document.find(0, "k3")), "z");
    EXPECT_EQ(document.text(document.find(0, "k7")), "y");
    EXPECT_EQ(broken_promise(document), "");
  }
}

TEST(Builder, ReadingEndsAfterAThousandFaults) {
  std::string yaml;
  for (int i = 0; i < 3000; ++i) yaml += "- {a: 1, a: 2}\n";
  const Document document = read_one(yaml);
  EXPECT_FALSE(document.complete());
  EXPECT_EQ(document.faults().size(), 1001u);
  EXPECT_EQ(document.faults().back().rule, "document/limit");
  EXPECT_EQ(broken_promise(document), "");
}

TEST(Builder, AliasBombs) {
  std::string yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    const std::string now = std::to_string(i), last = std::to_string(i - 1);
    yaml.append("a").append(now).append(": &a").append(now).append(" [");
    for (int k = 0; k < 10; ++k) yaml.append("*a").append(last).append(k < 9 ? ", " : "]\n");
  }
  const Document document = read_one(yaml);
  EXPECT_FALSE(document.complete());
  EXPECT_TRUE(has_fault(document, "document/alias"));
  EXPECT_LT(document.size(), 2'000'000u);
  EXPECT_EQ(broken_promise(document), "");
  // What is far from a bomb is read: 50 aliases to 20 nodes.
  std::string fair = "a: &a [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]\nb:\n";
  for (int i = 0; i < 50; ++i) fair += "- *a\n";
  EXPECT_EQ(faults_of(read_one(fair)), "");
}

TEST(Builder, Limits) {
  constexpr struct {
    std::string_view name, yaml, message;
    Limits limits;
  } kLimits[] = {
      {"bytes", "a: 12345\n", "the document is larger than 8 bytes", {1 << 30, 8, 1000, 1000}},
      {"depth", "a: [[1]]\n", "collections are nested more than 2 deep", {1 << 30, 1000, 2, 1000}},
      {"depth by alias",
       "a: &x [[1]]\nb: [*x]\n",
       "collections are nested more than 3 deep once aliases are expanded",
       {1 << 30, 1000, 3, 1000}},
      {"nodes", "[1, 2, 3, 4]\n", "more than 4 nodes in one document", {1 << 30, 1000, 10, 4}},
      {"nodes by alias",
       "[&x [1, 2], *x, *x]\n",
       "more than 8 nodes in one document, expanded aliases included",
       {1 << 30, 1000, 10, 8}},
  };
  for (const auto& c : kLimits) {
    const Document document = read_one(c.yaml, Syntax::kYaml, c.limits);
    EXPECT_FALSE(document.complete()) << c.name;
    ASSERT_EQ(document.faults().size(), 1u) << c.name;
    EXPECT_EQ(document.faults()[0].rule, "document/limit") << c.name;
    EXPECT_EQ(document.faults()[0].message, c.message) << c.name;
    EXPECT_EQ(broken_promise(document), "") << c.name;
  }
  EXPECT_EQ(faults_of(read_one("[1, 2, 3]\n", Syntax::kYaml, {1 << 30, 10, 1, 4})), "");
}

TEST(Builder, DocumentsAreReused) {
  Document document;
  for (std::string_view yaml : {"a: \"\\t\"\na: 2\n", "[1]", "", "b: {c: d}\n"}) {
    read({yaml, 7}, Syntax::kYaml, {}, document);
    EXPECT_EQ(to_json(document), to_json(read_one(yaml)));
    EXPECT_EQ(document.first_line(), 7u);
    EXPECT_EQ(document.source(), yaml);
  }
  EXPECT_TRUE(document.faults().empty());
}

}  // namespace
}  // namespace kubegate::document
