#include <gtest/gtest.h>

#include <string>

#include "tests/validate/schema/project.h"
#include "validate/schema/bundle.h"
#include "validate/schema/import.h"

namespace kubegate::schema {
namespace {

Bundle parse(const std::string& text) {
  auto bundle = parse_bundle(text, "text");
  EXPECT_TRUE(bundle.ok()) << bundle.error().text();
  return bundle.ok() ? std::move(*bundle) : Bundle{};
}

constexpr char kOlder[] = R"text(bundle b
version v0.9 2026-01-01
version v1.0 2026-01-02
kind g.io/v1alpha1 K ks cluster deprecated=v1.0.. @v1.0..
  . any
kind g.io/v1 K ks cluster
  . object required=spec
    %rule "a"
    gone string @..v0.9
    same string
    value any
      %anyOf any required=a
      %anyOf any required=b
type t
  . object
    x =t
)text";

constexpr char kNewer[] = R"text(bundle b
version v0.10 2026-01-03
kind g.io/v1 K ks cluster served=none
  . object required=spec
    %rule "b"
    added integer
    same string
    value any
      %anyOf any required=a
      %anyOf any required=c
      %anyOf any required=d
kind g.io/v2 K ks cluster
  . any
type t
  . object
    x string
type u
  . any
)text";

constexpr char kMerged[] = R"text(bundle b
version v0.9 2026-01-01
version v0.10 2026-01-03
version v1.0 2026-01-02
kind g.io/v1 K ks cluster served=..v0.9,v1.0..
  . object required=spec @..v0.9,v1.0..
    %rule "a"
  . object required=spec @v0.10
    %rule "b"
    added integer @v0.10
    gone string @..v0.9
    same string
    value any
      %anyOf any required=a
      %anyOf any required=b @..v0.9,v1.0..
      %anyOf+ any required=c @v0.10
      %anyOf any required=d @v0.10
kind g.io/v1alpha1 K ks cluster deprecated=v1.0.. @v1.0..
  . any
kind g.io/v2 K ks cluster @v0.10
  . any
type t
  . object
    x =t @..v0.9,v1.0..
    x string @v0.10
type u
  . any @v0.10
)text";

TEST(Merge, SharesWhatIsEqual) {
  const auto merged = merge(parse(kOlder), parse(kNewer));
  ASSERT_TRUE(merged.ok()) << merged.error().text();
  EXPECT_EQ(print_bundle(*merged), kMerged);
}

TEST(Merge, IsTheSameEitherWayRound) {
  const auto merged = merge(parse(kNewer), parse(kOlder));
  ASSERT_TRUE(merged.ok()) << merged.error().text();
  EXPECT_EQ(print_bundle(*merged), kMerged);
}

TEST(Merge, GivesBackItsParts) {
  const auto merged = merge(parse(kOlder), parse(kNewer));
  ASSERT_TRUE(merged.ok()) << merged.error().text();
  EXPECT_EQ(print_bundle(project(*merged, 0b101)), print_bundle(parse(kOlder)));
  EXPECT_EQ(print_bundle(project(*merged, 0b010)), print_bundle(parse(kNewer)));
}

TEST(Merge, Refuses) {
  const std::string head = "bundle b\nversion 2 d\n";
  const std::string kind = "kind v1 K ks cluster\n  . any\n";
  std::string many = "bundle b\n";
  for (int i = 10; i < 42; ++i) many += "version " + std::to_string(i) + " d\n";
  const struct {
    std::string a, b, error;
  } cases[] = {
      {head + kind, "bundle c\nversion 1 d\n" + kind, "c: is another project than b"},
      {head + kind, head + kind, "b: version 2 is in the bundle already"},
      {head + kind, "bundle b\nversion 1 d\nkind v1 K ks namespaced\n  . any\n",
       "b: the plural or the scope of v1 K differs between versions"},
      {head + kind, "bundle b\nversion 1 d\nkind v1 K kes cluster\n  . any\n",
       "b: the plural or the scope of v1 K differs between versions"},
      {head + kind, many + kind, "b: a bundle holds at most 32 versions"},
  };
  for (const auto& c : cases) {
    const auto merged = merge(parse(c.a), parse(c.b));
    ASSERT_FALSE(merged.ok()) << c.error;
    EXPECT_EQ(merged.error().text(), c.error);
  }
}

TEST(Merge, OrdersVersions) {
  const char* const ordered[] = {
      "0.9",         "1.2",    "1.9",     "1.28",    "1.029",     "v0.37.8",  "v1.0.0-alpha.2",
      "v1.0.0-rc.1", "v1.0.0", "v1.0.11", "v1.14.1", "x-v0.13.0", "x-v0.18.0"};
  for (const auto& a : ordered) {
    for (const auto& b : ordered) {
      const int order = compare_versions(a, b);
      EXPECT_EQ(&a < &b, order < 0) << a << ' ' << b;
      EXPECT_EQ(&a == &b, order == 0) << a << ' ' << b;
    }
  }
}

}  // namespace
}  // namespace kubegate::schema
