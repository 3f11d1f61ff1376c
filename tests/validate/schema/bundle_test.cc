#include "validate/schema/bundle.h"

#include <gtest/gtest.h>

#include <string>

namespace kubegate::schema {
namespace {

// A text with every construct of the grammar, as print_bundle writes it.
constexpr char kEverything[] =
    R"text(bundle sample
version v1.0 2026-11-21
version v1.1+b 2026-11-21
version x-v1.2-rc.1 2026-11-22
kind v1 Core cores cluster
  . =api.Core
kind acme.io/v1 Widget widgets namespaced served=v1.1+b.. deprecated=..v1.0
  . object required=metadata,spec
    %rule "self.a == \"b\"" message="a must\n\"b\"" messageExpression="'x'" reason=FieldValueInvalid fieldPath=".a" optionalOldSelf
    "" any
    "%not" string
    "=x y" string
    metadata object
    spec object nullable @..v1.0
      %rule "true"
      %rule "has(self.é)"
    spec object preserveUnknown embedded @v1.1+b..
      "1 2" integer format=int32 min=-1 max=1.5e+300 exclusiveMin exclusiveMax multipleOf=0.1
      closed object minProperties=1 maxProperties=2 closed
      list array list=map keys=a,b minItems=0 maxItems=9223372036854775807 uniqueItems default=[{"a":"x y"}]
        [] object required=a,b
          a string enum="x","y z",null,1.50,{"k":[]} pattern="^\\d+$" minLength=1 maxLength=2
      port int-or-string
      tags object
        {} string @x-v1.2-rc.1..
      value any
        %allOf any required=a
          a any enum="x"
        %anyOf any @v1.1+b
        %anyOf+ any required=b @x-v1.2-rc.1..
          %not any required=c
        %anyOf any format="odd word"
        %oneOf boolean
        %oneOf number default=""
        %not quantity
kind acme.io/v2 Widget widgets namespaced served=none @x-v1.2-rc.1..
  . any
type api.Core
  . object
    self =api.Core default={} @..v1.0,x-v1.2-rc.1..
)text";

TEST(Bundle, PrintsWhatItParsed) {
  const auto bundle = parse_bundle(kEverything, "sample.bundle");
  ASSERT_TRUE(bundle.ok()) << bundle.error().text();
  EXPECT_EQ(print_bundle(*bundle), kEverything);
}

TEST(Bundle, ParsesIntoTheModel) {
  const auto parsed = parse_bundle(kEverything, "sample.bundle");
  ASSERT_TRUE(parsed.ok()) << parsed.error().text();
  const Bundle& bundle = *parsed;
  EXPECT_EQ(bundle.project, "sample");
  EXPECT_EQ(bundle.versions, (std::vector<std::string>{"v1.0", "v1.1+b", "x-v1.2-rc.1"}));
  EXPECT_EQ(bundle.dates.back(), "2026-11-22");
  ASSERT_EQ(bundle.kinds.size(), 3u);
  EXPECT_EQ(bundle.kinds[0].group, "");
  EXPECT_EQ(bundle.kinds[0].scope, Scope::kCluster);
  EXPECT_EQ(bundle.kinds[0].root.variants[0].facts.reference, "api.Core");

  const KindEntry& widget = bundle.kinds[1];
  EXPECT_EQ(widget.api_version(), "acme.io/v1");
  EXPECT_EQ(widget.known, 7u);
  EXPECT_EQ(widget.served, 6u);
  EXPECT_EQ(widget.deprecated, 1u);
  ASSERT_EQ(widget.root.variants.size(), 1u);
  const Facts& root = widget.root.variants[0].facts;
  EXPECT_EQ(root.required, (std::vector<std::string>{"metadata", "spec"}));
  ASSERT_EQ(root.rules.size(), 1u);
  EXPECT_EQ(root.rules[0].expression, "self.a == \"b\"");
  EXPECT_EQ(root.rules[0].message, "a must\n\"b\"");
  EXPECT_TRUE(root.rules[0].optional_old_self);
  EXPECT_TRUE(widget.root.properties.count(""));
  EXPECT_TRUE(widget.root.properties.count("%not"));

  const SchemaNode& spec = widget.root.properties.at("spec");
  ASSERT_EQ(spec.variants.size(), 2u);
  EXPECT_EQ(spec.variants[0].versions, 1u);
  EXPECT_TRUE(spec.variants[0].facts.nullable);
  EXPECT_EQ(spec.variants[0].facts.rules[1].expression, "has(self.é)");
  EXPECT_EQ(spec.variants[1].versions, 6u);
  EXPECT_TRUE(spec.variants[1].facts.embedded_resource);
  EXPECT_EQ(spec.versions(), 7u);
  // A child holds where its parent does, not where its parent's last variant does.
  const Facts& integer = spec.properties.at("1 2").variants[0].facts;
  EXPECT_EQ(spec.properties.at("1 2").versions(), 7u);
  EXPECT_EQ(integer.minimum, -1.0);
  EXPECT_EQ(integer.maximum, 1.5e300);
  EXPECT_EQ(integer.multiple_of, 0.1);
  EXPECT_TRUE(integer.exclusive_maximum);

  const SchemaNode& list = spec.properties.at("list");
  EXPECT_EQ(list.variants[0].facts.list_type, ListType::kMap);
  EXPECT_EQ(list.variants[0].facts.default_value, R"([{"a":"x y"}])");
  EXPECT_EQ(list.variants[0].facts.max_items, INT64_MAX);
  ASSERT_EQ(list.items.size(), 1u);
  EXPECT_EQ(list.items[0].properties.at("a").variants[0].facts.enumeration,
            (std::vector<std::string>{R"("x")", R"("y z")", "null", "1.50", R"({"k":[]})"}));
  EXPECT_EQ(list.items[0].properties.at("a").variants[0].facts.pattern, "^\\d+$");

  const SchemaNode& value = spec.properties.at("value");
  ASSERT_EQ(value.any_of.size(), 2u);
  ASSERT_EQ(value.any_of[0].variants.size(), 2u);
  EXPECT_EQ(value.any_of[0].variants[1].versions, 4u);
  EXPECT_EQ(value.any_of[0].negated.size(), 1u);
  EXPECT_EQ(value.any_of[1].variants[0].facts.format, "odd word");
  EXPECT_EQ(value.one_of.size(), 2u);
  EXPECT_EQ(bundle.types.at("api.Core").properties.at("self").versions(), 5u);
}

TEST(Bundle, ReadsAttributesInAnyOrder) {
  const auto parsed =
      parse_bundle("bundle b\nversion 1 d\nkind v1 K ks cluster\n  . object closed required=\"b\",a format=x\n", "b");
  ASSERT_TRUE(parsed.ok()) << parsed.error().text();
  EXPECT_EQ(print_bundle(*parsed),
            "bundle b\nversion 1 d\nkind v1 K ks cluster\n  . object format=x required=b,a closed\n");
}

TEST(Bundle, TellsVersionsFromNone) {
  const std::string text = "bundle b\nversion nonesuch d\nversion 2 d\nversion 3 d\ntype t\n  . any @nonesuch,3\n";
  const auto parsed = parse_bundle(text, "b");
  ASSERT_TRUE(parsed.ok()) << parsed.error().text();
  EXPECT_EQ(parsed->types.at("t").versions(), 5u);
  const auto again = parse_bundle(print_bundle(*parsed), "printed");
  ASSERT_TRUE(again.ok()) << again.error().text();
  EXPECT_EQ(*again, *parsed);
}

// Each text replaces what stands behind a sound head of four lines; the error stands on the line given.
TEST(Bundle, RefusesWithLine) {
  const std::string head = "bundle b\nversion 1 d\nversion 2 d\nversion 3 d\n";
  const struct {
    std::string text;
    std::string error;
  } cases[] = {
      {"", "t:1: not a bundle"},
      {"bundle b\n", "t:2: a bundle without versions"},
      {"bundle b\nversion 1 d\nversion 1 d\n", "t:3: version given twice"},
      {"bundle b\nversion none d\n", "t:2: no name of a version"},
      {"bundle b\nversion 1..2 d\n", "t:2: no name of a version"},
      {"bundle b\nversion 1. d\n", "t:2: no name of a version"},
      {"bundle b\nversion .1 d\n", "t:2: no name of a version"},
      {"bundle \"\\udc00\"\nversion 1 d\n", "t:1: a JSON string with half of a surrogate pair"},
      {"bundle b\nversion 1 d", "t:2: the last line does not end"},
      {"bundle b\n\nversion 1 d\n", "t:2: empty line"},
      {head + "kin v1 K ks cluster\n", "t:5: expected kind or type"},
      {head + "kind v1 K ks global\n  . any\n", "t:5: expected namespaced or cluster"},
      {head + "kind a/b/c K ks cluster\n  . any\n", "t:5: no group and version"},
      {head + "kind v1 K ks cluster served=2 @1\n  . any\n", "t:5: served or deprecated where not known"},
      {head + "kind v1 K ks cluster\n", "t:6: expected the node"},
      {head + "kind v1 K ks cluster\ntype t\n", "t:6: expected the node"},
      {head + "kind v1 K ks cluster\n  x any\n", "t:6: expected the node"},
      {head + "type t\n  . any\ntype t\n  . any\n", "t:7: type \"t\" given twice"},
      {head + "kind v1 K ks cluster\n  . any\nkind v1 K k cluster\n  . any\n", "t:7: kind \"K\" given twice"},
      {head + "type t\n . any\n", "t:6: indentation is not"},
      {head + "type t\n  . any\n      a any\n", "t:7: indented too far"},
      {head + "type t\n  . any\n  b any\n", "t:7: indented too far"},
      {head + "type t\n  . object\n    a any\n    b any\n    a any\n", "t:9: property \"a\" given twice"},
      {head + "type t\n  . object\n    [] any\n    b any\n    [] any\n", "t:9: \"[]\" given twice"},
      {head + "type t\n  . object\n    a any @1\n    a any @1..2\n", "t:8: two variants hold for one version"},
      {head + "type t\n  . object @1\n    a any @2\n", "t:7: versions outside"},
      {head + "type t\n  . object @none\n", "t:6: a line that holds for no version"},
      {head + "type t\n  . object @4\n", "t:6: unknown version \"4\""},
      {head + "type t\n  . object @2..1\n", "t:6: no range of versions"},
      {head + "type t\n  . object @..\n", "t:6: no range of versions"},
      {head + "type t\n  . object @1 nullable\n", "t:6: unexpected \" nullable\""},
      {head + "type t\n  . objekt\n", "t:6: unknown type \"objekt\""},
      {head + "type t\n  . =\n", "t:6: expected a name"},
      {head + "type t\n  . any nullabel\n", "t:6: unknown attribute \"nullabel\""},
      {head + "type t\n  . any nullable=1\n", "t:6: unknown attribute \"nullable\""},
      {head + "type t\n  . any nullable nullable\n", "t:6: attribute \"nullable\" given twice"},
      {head + "type t\n  . any min=x\n", "t:6: expected a number"},
      {head + "type t\n  . any min=inf\n", "t:6: expected a number"},
      {head + "type t\n  . any maxLength=1.5\n", "t:6: expected a space before \".5\""},
      {head + "type t\n  . any list=bag\n", "t:6: unknown list type"},
      {head + "type t\n  . any pattern=x\n", "t:6: expected a JSON string"},
      {head + "type t\n  . any pattern=\"\"\n", "t:6: empty value"},
      {head + "type t\n  . any pattern=\"x\n", "t:6: not JSON"},
      {head + "type t\n  . any default={\"a\":}\n", "t:6: not JSON"},
      {head + "type t\n  . any default=\"\xff\"\n", "t:6: not JSON"},
      {head + "type t\n  . any enum=1,\n", "t:6: not JSON"},
      {head + "type t\n  . any\n    a any\n    %rule \"x\"\n", "t:8: unexpected \"%rule\""},
      {head + "type t\n  . any\n    %not any\n    %not any\n", "t:8: \"%not\" given twice"},
      {head + "type t\n  . any\n    %anyOf+ any\n", "t:7: unexpected \"%anyOf+\""},
  };
  for (const auto& c : cases) {
    const auto parsed = parse_bundle(c.text, "t");
    ASSERT_FALSE(parsed.ok()) << c.text;
    EXPECT_EQ(parsed.error().code, ErrorCode::kData);
    EXPECT_EQ(parsed.error().text().substr(0, c.error.size()), c.error) << c.text;
  }
}

TEST(Bundle, BoundsDepth) {
  const auto nested = [](int levels) {
    std::string text = "bundle b\nversion 1 d\ntype t\n";
    for (int i = 1; i <= levels; ++i) text += std::string(2 * i, ' ') + (i == 1 ? "." : "a") + " object\n";
    return text;
  };
  EXPECT_TRUE(parse_bundle(nested(256), "t").ok());
  const auto parsed = parse_bundle(nested(257), "t");
  ASSERT_FALSE(parsed.ok());
  EXPECT_EQ(parsed.error().text(), "t:260: nested deeper than 256 levels");
}

// Every prefix and every text with one byte changed is either refused or printed and read back alike.
TEST(Bundle, SurvivesDamage) {
  const std::string whole = kEverything;
  const auto check = [](const std::string& text) {
    const auto parsed = parse_bundle(text, "t");
    if (!parsed.ok()) return;
    const std::string printed = print_bundle(*parsed);
    const auto again = parse_bundle(printed, "printed");
    ASSERT_TRUE(again.ok()) << again.error().text() << "\n" << text;
    EXPECT_TRUE(*again == *parsed) << text;
    EXPECT_EQ(print_bundle(*again), printed);
  };
  for (std::size_t i = 0; i < whole.size(); ++i) {
    check(whole.substr(0, i));
    for (const char c : {' ', '"', '\n', '@', '=', ',', '\xff', '\0', '{', 'e'}) {
      std::string damaged = whole;
      damaged[i] = c;
      check(damaged);
    }
  }
}

}  // namespace
}  // namespace kubegate::schema
