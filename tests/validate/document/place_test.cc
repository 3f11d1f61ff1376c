// Positions, lines, paths and find(): how places are told to people.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support.h"
#include "validate/document/path.h"
#include "validate/document/position.h"

namespace kubegate::document {
namespace {

TEST(Place, Positions) {
  const std::string yaml = "a: 1\r\n\xc3\xa9\xe2\x82\xac: \xf0\x9f\x98\x80x\n\nb: 2";
  Document document;
  read({yaml, 10}, Syntax::kYaml, {}, document);
  constexpr struct {
    std::uint32_t offset, line, column;
    std::string_view text;
  } kCases[] = {
      {0, 10, 1, "a: 1"},
      {3, 10, 4, "a: 1"},
      {5, 10, 6, "a: 1"},
      {6, 11, 1, "\xc3\xa9\xe2\x82\xac: \xf0\x9f\x98\x80x"},
      {13, 11, 5, "\xc3\xa9\xe2\x82\xac: \xf0\x9f\x98\x80x"},
      {17, 11, 6, "\xc3\xa9\xe2\x82\xac: \xf0\x9f\x98\x80x"},
      {19, 12, 1, ""},
      {20, 13, 1, "b: 2"},
      {24, 13, 5, "b: 2"},
      {99, 13, 5, "b: 2"},
  };
  for (const auto& c : kCases) {
    const Position position = position_of(document, c.offset);
    EXPECT_EQ(position.line, c.line) << c.offset;
    EXPECT_EQ(position.column, c.column) << c.offset;
    EXPECT_EQ(line_at(document, c.offset), c.text) << c.offset;
  }
}

// The pointer of each node of a document, in order.
TEST(Place, Pointers) {
  const Document document =
      testing::read_one("a:\n  b/c: [1, {d~: 2}]\n  '': x\ne: &x {f: 1}\ng: [[], *x]\nh: {<<: *x}\n");
  const std::vector<std::string> wanted = {
      "",       "/a", "/a", "/a/b~1c", "/a/b~1c", "/a/b~1c/0", "/a/b~1c/1", "/a/b~1c/1/d~0", "/a/b~1c/1/d~0", "/a/",
      "/a/",    "/e", "/e", "/e/f",    "/e/f",    "/g",        "/g",        "/g/0",          "/g/1",          "/g/1/f",
      "/g/1/f", "/h", "/h", "/h/f",    "/h/f"};
  ASSERT_EQ(document.size(), wanted.size());
  for (NodeIndex i = 0; i < document.size(); ++i) EXPECT_EQ(pointer_to(document, i), wanted[i]) << i;
}

TEST(Place, Find) {
  const Document document = testing::read_one("a: 1\nb: {c: [2]}\non: 3\n");
  EXPECT_EQ(document[document.find(0, "a")].integer, 1);
  EXPECT_EQ(document[document.find(0, "true")].integer, 3);
  EXPECT_EQ(document[document.find(document.find(0, "b"), "c")].kind, Kind::kSequence);
  EXPECT_EQ(document.find(0, "c"), kNoNode);
  EXPECT_EQ(document.find(1, "a"), kNoNode);        // a key is no mapping
  EXPECT_EQ(document.find(kNoNode, "a"), kNoNode);  // what another find() did not find
  EXPECT_EQ(Document().find(0, "a"), kNoNode);
}

// The text of scalars that are no strings: as written.
TEST(Place, TextOfOtherScalars) {
  const Document document = testing::read_one("[0x1F, 1e3, Yes, ~, !!int \"07\", 1.50]");
  std::vector<std::string> texts;
  for (NodeIndex i = 1; i < document.size(); ++i) texts.emplace_back(document.text(i));
  EXPECT_EQ(texts, (std::vector<std::string>{"0x1F", "1e3", "Yes", "~", "07", "1.50"}));
}

}  // namespace
}  // namespace kubegate::document
