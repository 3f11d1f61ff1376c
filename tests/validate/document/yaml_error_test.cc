// Mistakes that people make in YAML: what is said, and where. The place is marked in the text by «.
#include <gtest/gtest.h>

#include <string>

#include "support.h"

namespace kubegate::document {
namespace {

constexpr struct {
  std::string_view yaml, message;
} kMistakes[] = {
    // Quotes.
    {"a: «\"foo\nb: 1\n", "the quote that opens here is not closed"},
    {"a: 1\nb: 'x' # don't\nc: «'foo\nb: 1\n", "the quote that opens here is not closed"},
    {"a: [«'foo, b]\n", "the quote that opens here is not closed"},
    {"a: «\"foo\nb: \"bar\"\n", "the quote that opens here is not closed on its line, and the next one closes it in the "
                                "middle of another text"},
    {"a: 'it'«s'\n", "text stands behind the end of a value: quote all of it"},
    {"a: \"b\" «c\n", "text stands behind the end of a value: quote all of it"},
    {"a: \"«\\q\"\n", "YAML knows no such escape: write `\\\\` for a backslash, or use single quotes"},
    {"a: \"C:«\\Windows\"\n", "YAML knows no such escape: write `\\\\` for a backslash, or use single quotes"},
    {"a: \"«\\/\"\n", "YAML knows no such escape: write `\\\\` for a backslash, or use single quotes"},
    {"a: \"b«\\ud83d\"\n", "the digits of this escape name no character of Unicode"},
    {"a: \"«\\x1\"\n", "the digits of this escape name no character of Unicode"},

    // Colons and indentation.
    {"a: b«: c\n", "a mapping cannot start here: quote a text that has `: ` in it, or check the indentation"},
    {"a: 1\n  «b: 2\n", "this line is read as part of the text above it: check its indentation, or whether a colon is "
                       "missing above"},
    {"a: 1\n«foo\nb: 2\n", "a colon is missing: this is neither a key nor part of the value before it"},
    {"«foo\nbar: 1\n", "a colon is missing: this is neither a key nor part of the value before it"},
    {"a:\n    b: 1\n   «c: 2\n", "the indentation of this line fits no mapping above it"},
    {"a:\n  - x\n «y: 1\n", "the indentation of this line fits no mapping above it"},
    {"a: 1\n«- b\n", "the indentation of this line fits no mapping above it"},
    {"- a\n«b: 1\n", "a second value stands behind the end of the document: a line `---` is missing, or indentation"},
    {"a: «- b\n", "a list item cannot start here: put it on a line of its own"},
    {"a: {b: 1}\n«c\n", "a colon is missing: this is neither a key nor part of the value before it"},
    {"a:\n«[1]\n", "this must be indented more than what it belongs to"},
    {"a:\n«&x\n  b: 1\n", "this must be indented more than what it belongs to"},

    // Tabs.
    {"a:\n«\tb: 1\n", "a tab cannot indent: use spaces"},
    {"a:\n  b: 1\n«\tc: 2\n", "a tab cannot indent: use spaces"},
    {"a:\n  b: 1\n  «\tc: 2\n", "a tab cannot indent: use spaces"},
    {"-«\ta: 1\n", "a tab cannot indent: use spaces"},
    {"a: |\n«\tb\n", "a tab cannot indent: use spaces"},
    {"a: |\n  b\n «\tc\n", "a tab cannot indent: use spaces"},
    {"a: \"x\"\n«\t\n", "a tab cannot indent: use spaces"},

    // Brackets.
    {"a: «[1, 2", "the bracket that opens here is not closed"},
    {"a: {b: «[1, 2\n", "the bracket that opens here is not closed"},
    {"a: [1, 2\nb«: 3\n", "a comma or `]` is missing before this"},
    {"a: {x: 1\nb«: 3\n", "a comma or `}` is missing before this"},
    {"a: «]\n", "this bracket closes none that is open: quote the text if it belongs to it"},
    {"a: {b: 1}«}\n", "this bracket closes none that is open: quote the text if it belongs to it"},
    {"a: [1,«,2]\n", "an item is missing before this comma"},
    {"a: {«,}\n", "a key is missing before this comma"},
    {"a: {b: «:c}\n", "a text in brackets cannot start with a colon: quote it"},
    {"a: {b«:}\n", "white space must stand behind this colon"},
    {"a: {b:  {«c\nd: 1}}\n", "a key in braces must stand on one line, and its colon behind it"},
    {"a: «{{ .Values.x }}\n", "`{{` looks like a template: render it first, or quote it"},

    // Characters that start no text.
    {"a: «@x\n", "a text cannot start with @: quote it"},
    {"a: «%x\n", "a text cannot start with %: quote it"},
    {"a: «`x`\n", "a text cannot start with `: quote it"},
    {"a: &«\n", "the name of the anchor is missing: quote the text if `&` belongs to it"},
    {"a: *«\n", "the name of the alias is missing: quote the text if `*` belongs to it"},
    {"a: «*.example.com\n", "no anchor &.example.com stands before this alias"},
    {"a: «&b.c d\n", "the name of an anchor is made of letters, digits, `-` and `_`, and white space must stand behind "
                     "it"},
    {"a: «!foo!bar x\n", "no %TAG directive declares this handle"},
    {"a: «!foo{x} y\n", "white space must stand behind a tag"},
    {"a: !b «!c d\n", "a value takes one tag"},
    {"a: | «x\n", "behind `|` or `>` may stand `+`, `-`, a digit and a comment: start the text on the next line"},
    {"a: x«\xe2\x80\xa8y\n", "the cluster's parser takes this invisible character for a line break: remove it, or quote "
                            "the text"},
    {"a: 1\n«\xef\xbb\xbf" "b: 2\n", "a byte order mark stands in the middle of the file: remove it"},

    // Documents.
    {"«%YAML 1.2\n---\na: 1\n", "the cluster reads YAML 1.1 only"},
    {"«%FOO\n---\na: 1\n", "the cluster knows no directives but %YAML and %TAG"},
    {"%YAML 1.1\n«a: 1\n", "a line `---` must stand behind directives"},
    {"a: 1\n«%YAML 1.1\n", "the document ends before this: a line `---` is missing, or indentation"},
};

TEST(YamlError, WordsAndPlaces) {
  constexpr std::string_view kMark = "«";
  for (const auto& c : kMistakes) {
    std::string yaml(c.yaml);
    const std::size_t at = yaml.find(kMark);
    ASSERT_NE(at, std::string::npos) << c.yaml;
    yaml.erase(at, kMark.size());
    const Document document = testing::read_one(yaml);
    EXPECT_EQ(testing::broken_promise(document), "") << c.yaml;
    ASSERT_EQ(document.faults().size(), 1u) << c.yaml << testing::faults_of(document);
    const Finding& fault = document.faults()[0];
    EXPECT_EQ(fault.message, c.message) << c.yaml;
    EXPECT_EQ(fault.span.begin, at) << c.yaml;
    EXPECT_FALSE(document.complete()) << c.yaml;
    EXPECT_TRUE(fault.rule == "document/syntax" || fault.rule == "document/alias") << c.yaml;
  }
}

// What looks like one of those mistakes and is none.
TEST(YamlError, NoMistakes) {
  for (std::string_view yaml : {
           "a: it's\n", "a: b:c\n", "a:\tb\n", "a: b\t# c\n", "a: |\n  b\n  \tc\n", "a: |\n  x\n  \t\nb: 1\n",
           "a: {b: [1,\n\t2]}\n", "a: \"b\n\tc\"\n", "a:\n- b\nc:\n- d\n", "a: >\n\n  b\n\n", "a: ! b\n",
           "a: x@y\n", "? a\n: b\n", "? |\n  a\n: - b\n", "a: [b, ]\n", "a: {b, c: }\n",
           "a: \"{{ .Values.x }}\"\n", "a: x{{ .y }}\n", "# only\n--- # c\na: 1\n", "%YAML 1.1 # c\n---\na: 1\n",
           "%TAG !e! tag:e,2000:\n---\na: !e!x [1]\n", "a: !<tag:yaml.org,2002:str> 1\n", "a: [!<tag:e,1> x]\n",
           "a: \"b\xe2\x80\xa8" "c\"\n", "a: *x_-1\n", "a: 1\r\nb:\r\n  - 2\r\n", "a: 1\rb: 2\r",
           "a: 'x\n\n  y'\nb: 2\n", "a:\n  b\n  c\nd: e\n", "a: |+\n\n\nb: 1\n", "a: |2-\n   b\nc: d\n",
       }) {
    std::string source(yaml);
    if (source.find("*x_-1") != std::string::npos) source.insert(0, "z: &x_-1 1\n");
    EXPECT_EQ(testing::faults_of(testing::read_one(source)), "") << yaml;
  }
}

}  // namespace
}  // namespace kubegate::document
