// Go's templates, held to what Go itself printed.
#include "validate/gitops/go_template.h"

#include <gtest/gtest.h>

#include "tests/support/folder.h"

namespace kubegate::gitops {
namespace {

Value parsed(std::string_view text) {
  std::string error;
  Value value = parse_yaml(text, error);
  EXPECT_EQ(error, "") << text;
  return value;
}

TEST(GoTemplate, SaysWhatGoSays) {
  const Value cases =
      parsed(read_text(std::string(KUBEGATE_SOURCE_DIR) + "/tests/validate/gitops/go_template_cases.yaml"));
  ASSERT_NE(cases.as_list(), nullptr);
  EXPECT_GE(cases.as_list()->size(), 65u);
  for (const Value& one : *cases.as_list()) {
    const std::string text = one.text_at("template");
    const TemplateResult made = render_go_template(text, parsed(one.text_at("parameters")), false);
    EXPECT_FALSE(made.unknown) << text << ": " << made.error;
    if (one.find("error") != nullptr) {
      EXPECT_NE(made.error, "") << text << " made " << made.text;
    } else {
      EXPECT_EQ(made.error, "") << text;
      EXPECT_EQ(made.text, one.text_at("text")) << text << " of " << one.text_at("parameters");
    }
  }
}

TEST(GoTemplate, WhatIsNotKnownIsNotGuessed) {
  for (const char* text : {"{{ now }}", "{{ .a | sha256sum }}", "{{ template \"x\" }}", "{{ define \"x\" }}{{ end }}",
                           "{{ slugify \"A b\" }}", "{{ randAlpha 3 }}"}) {
    const TemplateResult made = render_go_template(text, parsed("{a: x}"), false);
    EXPECT_TRUE(made.unknown) << text;
    EXPECT_NE(made.error, "") << text;
  }
}

TEST(GoTemplate, MissingKeys) {
  const Value parameters = parsed("{a: {b: x}}");
  EXPECT_EQ(render_go_template("{{ .c }}", parameters, false).missing, "c");
  EXPECT_EQ(render_go_template("{{ .a.b }}", parameters, false).missing, "");
  EXPECT_NE(render_go_template("{{ .c }}", parameters, true).error, "");
  EXPECT_NE(render_go_template("{{ .a.c }}", parameters, true).error, "");
}

// Each of these would run, or write, without end.
TEST(GoTemplate, IsBounded) {
  const std::string nested = std::string(400, '(') + "1" + std::string(400, ')');
  std::string loops;
  for (int i = 0; i < 8; ++i) loops += "{{ range until 100 }}";
  loops += "x";
  for (int i = 0; i < 8; ++i) loops += "{{ end }}";
  std::string doubled = "{{ $x := list 1 2 }}";
  for (int i = 0; i < 40; ++i) doubled += "{{ $x = list $x $x }}";
  for (const std::string& text : {"{{ " + nested + " }}", loops, std::string("{{ repeat 100000000 \"abc\" }}"),
                                  std::string("{{ until 100000000 }}"), doubled + "{{ $x }}{{ $x }}",
                                  std::string("{{ $d := dict }}{{ $_ := set $d \"d\" (list $d) }}{{ $d }}")}) {
    EXPECT_NE(render_go_template(text, Value::map(), false).error, "") << text.substr(0, 60);
  }
}

TEST(FastTemplate, ReplacesWhatItKnows) {
  const Value parameters = parsed("{name: web, path.basename: prod, 'path[0]': apps}");
  const struct {
    const char *text, *expected, *missing;
  } cases[] = {
      {"{{name}}", "web", ""},
      {"{{ name }}-{{path.basename}}", "web-prod", ""},
      {"{{path[0]}}/x", "apps/x", ""},
      {"{{ other }}", "{{ other }}", "other"},
      {"{{name", "{{name", ""},
      {"a}}b", "a}}b", ""},
      {"{{}}", "{{}}", ""},
  };
  for (const auto& c : cases) {
    const TemplateResult made = render_fast_template(c.text, parameters);
    EXPECT_EQ(made.text, c.expected) << c.text;
    EXPECT_EQ(made.missing, c.missing) << c.text;
  }
}

TEST(NormalizedName, IsOneOfKubernetes) {
  EXPECT_EQ(normalized_name("Team_A/web.1"), "team-a-web.1");
  EXPECT_EQ(normalized_name("--a.."), "a");
  EXPECT_EQ(normalized_name("caf\xc3\xa9!x"), "caf--x");
}

}  // namespace
}  // namespace kubegate::gitops
