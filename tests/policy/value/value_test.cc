// Values: their order, equality whatever holds them, JSON there and back, and documents read in place against copies.
#include "policy/value/value.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "policy/value/document_root.h"
#include "policy/value/number.h"
#include "validate/base/hash.h"
#include "validate/document/read.h"

namespace kubegate::policy {
namespace {

Value json(ValueArena& arena, std::string_view text) {
  Value out;
  std::string error;
  EXPECT_TRUE(parse_json(arena, text, out, error)) << text << ": " << error;
  return out;
}

Value set(ValueArena& arena, std::string_view items) {
  std::vector<Value> list;
  for (Cursor c(json(arena, items)); c.next();) list.push_back(c.value());
  return make_set(arena, list);
}

// ---- Order ---------------------------------------------------------------------------------------------------------

TEST(Value, Order) {
  ValueArena arena;
  std::vector<Value> sorted = {Value()};
  for (const char* text : {"null",
                           "false",
                           "true",
                           "-1e400",
                           "-9223372036854775808",
                           "-1.5",
                           "-1",
                           "0",
                           "1e-400",
                           "0.5",
                           "1",
                           "1.5",
                           "2",
                           "10",
                           "9223372036854775807",
                           "9223372036854775808",
                           "1e400",
                           "\"\"",
                           "\"A\"",
                           "\"a\"",
                           "\"a\\u0000\"",
                           "\"aa\"",
                           "\"b\"",
                           "\"\u00e9\"",
                           "\"\U0001f600\"",
                           "[]",
                           "[null]",
                           "[1]",
                           "[1,1]",
                           "[1,2]",
                           "[2]",
                           "[[]]",
                           "{}",
                           "{\"a\":1}",
                           "{\"a\":1,\"b\":1}",
                           "{\"a\":2}",
                           "{\"b\":0}"}) {
    sorted.push_back(json(arena, text));
  }
  for (const char* items : {"[]", "[1]", "[1,2]", "[2]", "[[]]"}) sorted.push_back(set(arena, items));
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    for (std::size_t j = 0; j < sorted.size(); ++j) {
      const int c = compare(sorted[i], sorted[j]);
      EXPECT_EQ(i < j ? -1 : i > j, c < 0 ? -1 : c > 0) << to_term(sorted[i]) << " and " << to_term(sorted[j]);
      EXPECT_EQ(equal(sorted[i], sorted[j]), i == j) << to_term(sorted[i]) << " and " << to_term(sorted[j]);
    }
  }
}

// ---- Equality ------------------------------------------------------------------------------------------------------

// Of each row all are equal, print as they are written, and are one key.
TEST(Value, NumbersAreEqualHoweverTheyAreWritten) {
  const std::vector<std::vector<const char*>> rows = {
      {"1", "1.0", "1e0", "10e-1", "0.1e1"},
      {"0", "-0", "0.0", "0e5"},
      {"1000000", "1e6", "1.0e6"},
      {"-2.5", "-25e-1", "-2.50"},
      {"9223372036854775808", "9223372036854775808.0", "9.223372036854775808e18"},
  };
  ValueArena arena;
  for (const auto& row : rows) {
    std::vector<Value> all;
    for (const char* text : row) all.push_back(make_number(arena, text));
    for (std::size_t i = 0; i < all.size(); ++i) {
      EXPECT_EQ(to_term(all[i]), row[i]);
      EXPECT_TRUE(equal(all[0], all[i])) << row[i];
      EXPECT_EQ(compare(all[0], all[i]), 0) << row[i];
      EXPECT_EQ(hash(all[0]), hash(all[i])) << row[i];
    }
    const Value kept = make_set(arena, all);
    ASSERT_EQ(count(kept), 1u);
    EXPECT_TRUE(contains(kept, all.back()));
  }
}

TEST(Value, TheFirstOfEqualsStaysInASet) {
  ValueArena arena;
  Value items[] = {make_number(arena, "2"), make_number(arena, "1.0"), make_number(arena, "1")};
  EXPECT_EQ(to_term(make_set(arena, items)), "{1.0, 2}");
}

TEST(Value, EqualKeysOfAnObject) {
  ValueArena arena;
  const auto members = [&](std::int64_t second) {
    return std::vector<Member>{{make_number(arena, "1"), Value::integer(5)},
                               {make_number(arena, "1.0"), Value::integer(second)}};
  };
  std::vector<Member> same = members(5), other = members(6);
  EXPECT_EQ(to_term(make_object(arena, same, EqualKeys::kConflict)), "{1: 5}");
  EXPECT_FALSE(make_object(arena, other, EqualKeys::kConflict).defined());
  other = members(6);
  EXPECT_EQ(to_term(make_object(arena, other, EqualKeys::kLast)), "{1: 6}");
}

// ---- Text ----------------------------------------------------------------------------------------------------------

TEST(Value, JsonThereAndBack) {
  ValueArena arena;
  for (const char* text : {"null", "true", "false", "0", "-1", "1.50", "1e3", "-0", "123456789012345678901234567890",
                           "\"\"", "\"a\\\"\\\\\\b\\f\\n\\r\\t\\u0001\"", "\"\u00e9\U0001f600\"", "\"\\u2028\\u003c\"",
                           "[]", "{}", "[1,[2,{\"a\":[]}],\"x\"]", "{\"a\":{\"b\":null},\"c\":[true,false]}"}) {
    EXPECT_EQ(to_json(json(arena, text)), text);
  }
  EXPECT_EQ(to_json(json(arena, " { \"b\" : 1 , \"a\" : [ 2 ] , \"b\" : 3 } ")), R"({"a":[2],"b":3})");
}

TEST(Value, SetsAndKeysThatAreNoTextsInJson) {
  ValueArena arena;
  EXPECT_EQ(to_json(set(arena, "[3, 1, 2, 1]")), "[1,2,3]");
  Member members[] = {{Value::integer(10), Value::integer(1)},
                      {Value::string("9"), Value::integer(2)},
                      {json(arena, "[\"k\"]"), Value::integer(3)}};
  EXPECT_EQ(to_json(make_object(arena, members, EqualKeys::kLast)), R"({"10":1,"9":2,"[\"k\"]":3})");
}

TEST(Value, Terms) {
  ValueArena arena;
  EXPECT_EQ(to_term(set(arena, "[]")), "set()");
  EXPECT_EQ(to_term(set(arena, "[2, 1]")), "{1, 2}");
  EXPECT_EQ(to_term(json(arena, R"({"b": [1, "<"], "a": null})")), R"({"a": null, "b": [1, "<"]})");
}

// ---- Documents -----------------------------------------------------------------------------------------------------

// Keys out of order, few and many; nested; items beyond what is scanned.
std::string document_text() {
  std::string many = "{", items = "[";
  for (int i = 0; i < 40; ++i) {
    const std::string name = "k" + std::to_string((i * 17) % 40);
    many += (i == 0 ? "\"" : ", \"") + name + "\": " + std::to_string(i);
    items += (i == 0 ? "[" : ", [") + std::to_string(i) + "]";
  }
  return R"({"z": 1, "a": [true, null, "text", 1.50], "m": {"y": {}, "x": []}, "sorted": {"a": 1, "b": 2}, "many": )" +
         many + R"(}, "items": )" + items + R"(], "escaped \u00e9": "\n"})";
}

// Everything that may be asked of the two.
void expect_same(Value view, Value copy) {
  EXPECT_EQ(view.type(), copy.type());
  EXPECT_EQ(to_json(view), to_json(copy));
  EXPECT_EQ(to_term(view), to_term(copy));
  EXPECT_TRUE(equal(view, copy) && equal(copy, view));
  EXPECT_EQ(compare(view, copy), 0);
  EXPECT_EQ(hash(view), hash(copy));
  ASSERT_EQ(count(view), count(copy));
  Cursor a(view), b(copy);
  for (std::uint32_t i = 0; b.next(); ++i) {
    ASSERT_TRUE(a.next());
    EXPECT_EQ(a.index(), i);
    EXPECT_TRUE(equal(a.key(), b.key()));
    if (view.is_object()) {
      EXPECT_TRUE(equal(key_at(view, i), b.key()));
      EXPECT_TRUE(equal(lookup(view, b.key().text(), hash_key(b.key().text())), b.value()));
      EXPECT_TRUE(equal(find_member(view, b.key().text(), hash_key(b.key().text())), b.value()));
    }
    EXPECT_TRUE(contains(view, b.key()));
    expect_same(lookup(view, b.key()), b.value());
    expect_same(element(view, i), b.value());
    expect_same(a.value(), b.value());
  }
  EXPECT_FALSE(a.next());
  EXPECT_FALSE(lookup(view, Value::string("absent")).defined());
  EXPECT_FALSE(lookup(view, Value::integer(count(view))).defined());
  EXPECT_FALSE(lookup(view, Value::integer(-1)).defined());
}

TEST(Value, ADocumentIsReadAsItsCopy) {
  const std::string text = document_text();
  document::Document doc;
  document::read({text, 1}, document::Syntax::kJson, document::Limits(), doc);
  ASSERT_TRUE(doc.faults().empty());
  ValueArena arena;
  const Value parsed = json(arena, text);
  const DocumentRoot root(doc, NumberMode::kJsonText);
  ASSERT_TRUE(root.value().is_node());
  const Value copy = copy_value(arena, root.value());
  EXPECT_FALSE(copy.is_node());
  expect_same(root.value(), copy);
  expect_same(root.value(), parsed);

  DocumentRoot frozen(doc, NumberMode::kJsonText);
  frozen.freeze();
  expect_same(frozen.value(), parsed);
  EXPECT_TRUE(equal(frozen.value(), root.value()));
}

TEST(Value, DocumentsStandInOwnCollections) {
  const std::string text = R"({"b": [1], "a": 2})";
  document::Document doc;
  document::read({text, 1}, document::Syntax::kJson, document::Limits(), doc);
  const DocumentRoot root(doc, NumberMode::kJsonText);
  ValueArena arena;
  Value items[] = {root.value(), json(arena, text), root.value()};
  EXPECT_EQ(to_term(make_array(arena, items)), R"([{"a": 2, "b": [1]}, {"a": 2, "b": [1]}, {"a": 2, "b": [1]}])");
  const Value one = make_set(arena, items);
  EXPECT_EQ(count(one), 1u);
  EXPECT_TRUE(contains(one, json(arena, text)));
}

TEST(Value, AnEmptyDocumentIsUndefined) {
  document::Document doc;
  EXPECT_FALSE(DocumentRoot(doc, NumberMode::kYaml).value().defined());
}

}  // namespace
}  // namespace kubegate::policy
