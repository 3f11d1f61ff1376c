// The bound of nesting: a collection knows how deep it is, one that would be too deep is not made, and every function
// over values bears the deepest there is.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "policy/value/document_root.h"
#include "policy/value/value.h"
#include "validate/document/read.h"

namespace kubegate::policy {
namespace {

struct Wrap {
  const char* name;
  std::function<Value(ValueArena&, Value)> around;
};

Value object_of(ValueArena& arena, Value key, Value value) {
  Member member{key, value};
  return make_object(arena, {&member, 1}, EqualKeys::kLast);
}

Value set_of(ValueArena& arena, Value item) { return make_set(arena, {&item, 1}); }

const Wrap kWraps[] = {
    {"array",
     [](ValueArena& arena, Value v) {
       return make_array(arena, {&v, 1});
     }},
    {"array with neighbours",
     [](ValueArena& arena, Value v) {
       const Value items[] = {Value::null(), v, Value::integer(1)};
       return make_array(arena, items);
     }},
    {"set", set_of},
    {"object", [](ValueArena& arena, Value v) { return object_of(arena, Value::string("a"), v); }},
    {"key", [](ValueArena& arena, Value v) { return object_of(arena, v, Value::null()); }},
};

// `inner` in as many collections as make it `depth` deep.
Value nested(ValueArena& arena, const Wrap& wrap, std::uint32_t depth, Value inner = Value::integer(1)) {
  while (inner.depth() < depth) inner = wrap.around(arena, inner);
  return inner;
}

TEST(Depth, IsThatOfTheDeepestItem) {
  ValueArena arena;
  EXPECT_EQ(Value::string("a").depth(), 0u);
  for (const Wrap& wrap : kWraps) {
    Value v = Value::integer(1);
    for (std::uint32_t depth = 1; depth < 5; ++depth) {
      v = wrap.around(arena, v);
      EXPECT_EQ(v.depth(), depth) << wrap.name;
    }
    EXPECT_EQ(copy_value(arena, v).depth(), 4u) << wrap.name;
  }
}

TEST(Depth, IsBounded) {
  ValueArena arena;
  for (const Wrap& wrap : kWraps) {
    const Value deepest = nested(arena, wrap, kMaxValueDepth);
    EXPECT_THROW(wrap.around(arena, deepest), DepthLimitReached) << wrap.name;
    const Value shallow = Value::integer(1);
    EXPECT_NO_THROW(wrap.around(arena, shallow)) << wrap.name;
  }
}

TEST(Depth, EveryWalkBearsTheDeepest) {
  for (const Wrap& wrap : kWraps) {
    ValueArena arena;
    const Value a = nested(arena, wrap, kMaxValueDepth), b = copy_value(arena, a);
    const Value less = nested(arena, wrap, kMaxValueDepth, Value::integer(0));
    EXPECT_EQ(compare(a, b), 0) << wrap.name;
    EXPECT_GT(compare(a, less), 0) << wrap.name;
    EXPECT_TRUE(equal(a, b)) << wrap.name;
    EXPECT_EQ(hash(a), hash(b)) << wrap.name;
    EXPECT_GE(to_term(a).size(), 2u * kMaxValueDepth) << wrap.name;
    // A key that is no text is a text in JSON, with all its quotes quoted once more at each level: of keys in keys
    // that is twice as much each time.
    if (std::string_view(wrap.name) == "key") {
      EXPECT_THROW(to_json(a), MemoryLimitReached);
    } else {
      EXPECT_GE(to_json(a).size(), 2u * kMaxValueDepth) << wrap.name;
      EXPECT_GE(to_json(a, {.pretty = true}).size(), 2u * kMaxValueDepth) << wrap.name;
    }
  }
}

TEST(Depth, JsonIsReadAsDeepAsAValueMayBe) {
  ValueArena arena;
  Value v;
  std::string error;
  const std::string open(kMaxValueDepth, '['), close(kMaxValueDepth, ']');
  ASSERT_TRUE(parse_json(arena, open + close, v, error)) << error;
  EXPECT_EQ(to_json(v), open + close);
  EXPECT_FALSE(parse_json(arena, "[" + open + close + "]", v, error));
  EXPECT_EQ(error, "exceeded max depth");
}

// A document's collections count as deep as a document may be, so what holds them needs not look into them.
TEST(Depth, ADocumentCountsAsTheDeepest) {
  const std::uint32_t most = document::Limits().depth;
  const std::string text = std::string(most, '[') + std::string(most, ']');
  document::Document doc;
  document::read({text, 1}, document::Syntax::kJson, document::Limits(), doc);
  ASSERT_TRUE(doc.faults().empty());
  const DocumentRoot root(doc, NumberMode::kJsonText);
  EXPECT_EQ(root.value().depth(), most);
  ValueArena arena;
  const Value deepest = nested(arena, kWraps[0], kMaxValueDepth, root.value());
  EXPECT_THROW(kWraps[0].around(arena, deepest), DepthLimitReached);
  const std::string all = std::string(kMaxValueDepth, '[') + std::string(kMaxValueDepth, ']');
  EXPECT_EQ(to_json(deepest), all);
  const Value copy = copy_value(arena, deepest);
  EXPECT_EQ(to_json(copy), all);
  EXPECT_TRUE(equal(copy, deepest));
  EXPECT_EQ(hash(copy), hash(deepest));
}

}  // namespace
}  // namespace kubegate::policy
