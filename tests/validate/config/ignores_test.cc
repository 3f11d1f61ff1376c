// What a comment or an annotation covers. In each document every scalar has a finding of the rule a/b; a line of the
// expectation is the lines of those that stay, and then the warnings.
#include "validate/config/ignores.h"

#include <gtest/gtest.h>

#include <string>

#include "validate/document/position.h"
#include "validate/document/read.h"

namespace kubegate::config {
namespace {

std::string judged(std::string_view text) {
  document::Document document;
  document::read({text, 1}, document::Syntax::kYaml, {}, document);
  EXPECT_TRUE(document.complete()) << text;
  EXPECT_TRUE(document.may_have_comments() || text.find('#') == text.npos);
  Ignores ignores;
  if (document.may_have_comments() && Ignores::may_have_comments(document)) ignores.read_comments(document);
  ignores.read_annotation(document, 0);
  std::string out;
  std::uint32_t last = 0;
  for (document::NodeIndex i = 0; i < document.size(); ++i) {
    if (document[i].is_collection()) continue;
    Finding finding;
    finding.rule = "a/b";
    finding.span = document[i].span();
    std::string reason;
    const std::uint32_t line = document::position_of(document, finding.span.begin).line;
    if (!ignores.covers(finding, 0, reason) && line != last) out += std::to_string(last = line) + " ";
  }
  std::vector<Finding> told;
  ignores.tell(true, true, told);
  for (const Finding& finding : told) {
    out += std::string(finding.rule) + "@" + std::to_string(document::position_of(document, finding.span.begin).line) +
           " ";
  }
  return out;
}

TEST(Ignores, What) {
  const struct {
    const char *text, *expected;
  } cases[] = {
      {"a: 1\nb: 2\n", "1 2 "},
      // The whole document.
      {"# kubegate:ignore a/b why\na: 1\nb: {c: 2}\n", ""},
      {"--- # kubegate:ignore a/b why\na: 1\nb: 2\n", ""},
      {"---\n# one\n#kubegate:ignore a/b why\n# two\na: 1\n", ""},
      // A line.
      {"a: 1 # kubegate:ignore a/b why\nb: 2\n", "2 "},
      {"a: 1\nb: {c: 2} # kubegate:ignore a/b why\n", "1 "},
      // A field with all that it holds.
      {"a: 1\n# kubegate:ignore a/b why\nb:\n  c: 2\n  d: 3\ne: 4\n", "1 6 "},
      {"a:\n  # kubegate:ignore a/b why\n  b: 1\n  c: 2\n", "1 4 "},
      // An item.
      {"a:\n# kubegate:ignore a/b why\n- b: 1\n  c: 2\n- d: 3\n", "1 5 "},
      {"a:\n- b: 1\n  # kubegate:ignore a/b why\n  c: 2\n", "1 2 "},
      {"a:\n- b: 1\n\n  # kubegate:ignore a/b why\n  # more\n\n  c: 2\n", "1 2 "},
      // Rules.
      {"a: 1 # kubegate:ignore a/* why\n", ""},
      {"a: 1 # kubegate:ignore x/y,a/b why\n", "ignore/unused@1 "},
      {"a: 1 # kubegate:ignore x/y, a/b why\n", "ignore/unused@1 "},
      {"a: 1 # kubegate:ignore a/bc why\n", "1 ignore/unused@1 "},
      {"a: 1 # kubegate:ignore a/b\n", "ignore/no-reason@1 "},
      {"a: 1 # kubegate:ignore legacy\n", "1 ignore/no-rule@1 "},
      {"a: 1 # kubegate:ignore\n", "1 ignore/no-rule@1 "},
      {"a: 1\n# kubegate:ignore a/b nothing below\n", "1 ignore/unused@2 "},
      // What is no comment, or another.
      {"a: '# kubegate:ignore a/b why'\n", "1 "},
      {"a: |\n  # kubegate:ignore a/b why\nb: 1\n", "1 3 "},
      {"a: x# kubegate:ignore a/b why\n", "1 "},
      {"a: 1 # kubegate:ignored a/b why\n", "1 "},
      {"a: 1 # see kubegate:ignore a/b why\n", "1 "},
      // The annotation.
      {"metadata:\n  annotations:\n    kubegate.dev/ignore: a/b why\na: 1\n", ""},
      {"metadata:\n  annotations:\n    kubegate.dev/ignore: \"x/y other; a/* why;\"\n", "ignore/unused@3 "},
      {"metadata:\n  annotations:\n    kubegate.dev/ignore: a/b\n", "ignore/no-reason@3 "},
  };
  for (const auto& c : cases) EXPECT_EQ(judged(c.text), c.expected) << c.text;
}

TEST(Ignores, Reasons) {
  document::Document document;
  document::read({"a: 1 # kubegate:ignore a/b  moves  with 2.0 \n", 1}, document::Syntax::kYaml, {}, document);
  Ignores ignores;
  ignores.read_comments(document);
  Finding finding;
  finding.rule = "a/b";
  std::string reason;
  EXPECT_TRUE(ignores.covers(finding, 0, reason));
  EXPECT_EQ(reason, "moves  with 2.0");
}

// Without policies nothing can be said of what is ignored of them.
TEST(Ignores, PoliciesThatWereNotAsked) {
  document::Document document;
  document::read({"a: 1 # kubegate:ignore policy/X/* why\n", 1}, document::Syntax::kYaml, {}, document);
  Ignores ignores;
  ignores.read_comments(document);
  std::vector<Finding> told;
  ignores.tell(true, false, told);
  EXPECT_TRUE(told.empty());
  ignores.tell(true, true, told);
  EXPECT_EQ(told.size(), 1u);
}

}  // namespace
}  // namespace kubegate::config
