// The comment stays below GitHub's bound, and nothing that manifests say is more than text in it.
#include <gtest/gtest.h>

#include <string>

#include "tests/validate/report/sample.h"

namespace kubegate::report {
namespace {

using namespace testing;

std::string comment_of(const std::vector<Resource>& resources, const Summary& summary) {
  OutputOptions options;
  options.targets = {"1.28", "1.29"};
  return written(Format::kMarkdown, options, resources, summary);
}

Resource faulty(std::string_view path, std::size_t findings, std::string message) {
  Resource told = resource(path, "v1", "Pod", "web", 1, Status::kInvalid);
  told.findings.assign(
      findings, finding("schema/type", Severity::kError, std::move(message), 1, 1, {"image: `a`", 7, 3, false, false}));
  return told;
}

TEST(Markdown, Verdicts) {
  Summary passed;
  passed.targets = {"1.29"};
  passed.objects = 3;
  EXPECT_EQ(comment_of({}, passed),
            "<!-- kubegate report -->\n### kubegate: passed\n\n0 files, 3 objects, 1.29: all valid\n");
  EXPECT_NE(comment_of({faulty("a", 1, "m")}, sample_summary()).find("### kubegate: refused\n"), std::string::npos);
  const Resource closed = resource("a", "", "", "", 0, Status::kError, {}, "Permission denied");
  EXPECT_NE(comment_of({closed}, passed).find("### kubegate: not everything could be read\n"), std::string::npos);
}

TEST(Markdown, IsBounded) {
  std::vector<std::string> paths, rules;
  for (int i = 0; i < 4000; ++i) {
    paths.push_back("overlays/" + std::string(300, '`') + std::to_string(i) + "/all.yaml");
    rules.push_back("policy/" + std::string(300, '|') + std::to_string(i));
  }
  std::vector<Resource> resources;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    Resource told = faulty(paths[i], 3, "m");
    for (LocatedFinding& found : told.findings) found.rule = rules[i];
    resources.push_back(told);
  }
  const std::string text = comment_of(resources, sample_summary());
  EXPECT_LT(text.size(), 65536u);
  EXPECT_GT(text.size(), 40000u);
  EXPECT_NE(text.find(" more findings not shown here.\n"), std::string::npos);
  EXPECT_NE(text.find(" more rules not listed here.\n"), std::string::npos);
  EXPECT_EQ(times(text, "<details>"), times(text, "</details>"));
}

// One file that would fill the comment leaves room for the next.
TEST(Markdown, AResourceThatDoesNotFitIsLeftOut) {
  const std::string text =
      comment_of({faulty("large.yaml", 5000, "m"), faulty("small.yaml", 1, "m")}, sample_summary());
  EXPECT_EQ(text.find("<details><summary><code>large"), std::string::npos);
  EXPECT_NE(text.find("<details><summary><code>small.yaml</code>: 1 error</summary>"), std::string::npos);
  EXPECT_NE(text.find("\n5000 more findings not shown here.\n"), std::string::npos);
}

TEST(Markdown, LinesAreText) {
  const std::string text = comment_of({faulty("a.yaml", 1, "</pre>\n# @somebody <b>")}, sample_summary());
  EXPECT_NE(text.find("<pre>\na.yaml:1:1: error: &lt;/pre&gt;\\n# @somebody &lt;b&gt; [schema/type]\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(times(text, "</pre>"), 1u);
}

TEST(Markdown, PathsAndRulesAreText) {
  Resource told = faulty("a|</code>@b/`c`.yaml", 1, "m");
  told.findings[0].rule = "policy/|@x\n<i>";
  const std::string text = comment_of({told}, sample_summary());
  EXPECT_NE(text.find("<code>a&#124;&#60;/code&#62;&#64;b/&#96;c&#96;.yaml</code>"), std::string::npos) << text;
  EXPECT_NE(text.find("<code>policy/&#124;&#64;x&#92;n&#60;i&#62;</code>"), std::string::npos) << text;
}

}  // namespace
}  // namespace kubegate::report
