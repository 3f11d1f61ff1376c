#include "validate/document/split.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "support.h"

namespace kubegate::document {
namespace {

struct Expected {
  std::uint32_t line;
  std::string_view bytes;
};
struct Case {
  std::string_view name;
  std::string_view file;
  std::vector<Expected> slices;
};

void check(const Case& c, Syntax syntax) {
  const std::vector<Slice> slices = split(c.file, syntax);
  ASSERT_EQ(slices.size(), c.slices.size()) << c.name;
  for (std::size_t i = 0; i < slices.size(); ++i) {
    EXPECT_EQ(slices[i].bytes, c.slices[i].bytes) << c.name;
    EXPECT_EQ(slices[i].first_line, c.slices[i].line) << c.name;
  }
}

TEST(Split, Yaml) {
  using namespace std::string_view_literals;
  const Case kCases[] = {
      {"nothing", "", {}},
      {"one", "a: 1\n", {{1, "a: 1\n"}}},
      {"no line break at the end", "a: 1", {{1, "a: 1"}}},
      {"two", "a: 1\n---\nb: 2\n", {{1, "a: 1\n"}, {2, "---\nb: 2\n"}}},
      {"content behind the marker",
       "--- a: 1\n--- |\n  x\n---\t[1]\n",
       {{1, "--- a: 1\n"}, {2, "--- |\n  x\n"}, {4, "---\t[1]\n"}}},
      {"no marker", "---a: 1\n----\n --- x\n", {{1, "---a: 1\n----\n --- x\n"}}},
      {"comments only are left out", "# x\n---\n\n  # y\n---\na: 1\n--- # z\n---\n", {{5, "---\na: 1\n"}}},
      {"comments before the first key stay", "# x\n\na: 1\n", {{1, "# x\n\na: 1\n"}}},
      {"comments behind stay with the document before",
       "a: 1\n# x\n---\nb: 2\n",
       {{1, "a: 1\n# x\n"}, {3, "---\nb: 2\n"}}},
      {"end markers", "a: 1\n...\n# x\n...\nb: 2\n... # y\n", {{1, "a: 1\n"}, {5, "b: 2\n"}}},
      {"text behind an end marker is content", "a: 1\n... b\n", {{1, "a: 1\n... b\n"}}},
      {"directives",
       "%YAML 1.1\n# x\n---\na: 1\n...\n%TAG ! x\n---\nb: 2\n",
       {{1, "%YAML 1.1\n# x\n---\na: 1\n"}, {6, "%TAG ! x\n---\nb: 2\n"}}},
      {"no directive in the middle", "a: 1\n%YAML 1.1\n---\nb: 2\n", {{1, "a: 1\n%YAML 1.1\n"}, {3, "---\nb: 2\n"}}},
      {"CRLF", "a: 1\r\n---\r\nb: 2\r\n...\r\n", {{1, "a: 1\r\n"}, {2, "---\r\nb: 2\r\n"}}},
      {"BOM", "\xef\xbb\xbf---\na: 1\n", {{1, "---\na: 1\n"}}},
      {"UTF-16",
       "\xff\xfe"
       "a\0"sv,
       {{1,
         "\xff\xfe"
         "a\0"sv}}},
      {"UTF-32", "\0\0\xfe\xff\0\0\0a"sv, {{1, "\0\0\xfe\xff\0\0\0a"sv}}},
      {"markers end what a quote leaves open", "a: \"x\n---\nb: 2\n", {{1, "a: \"x\n"}, {2, "---\nb: 2\n"}}},
  };
  for (const Case& c : kCases) check(c, Syntax::kYaml);
}

TEST(Split, Json) {
  const Case kCases[] = {
      {"nothing", " \n", {}},
      {"one", "{\"a\": 1}\n", {{1, "{\"a\": 1}"}}},
      {"lines",
       "\n{\n \"a\": \"}\\\"\"\n}\n  [1]\n\"x\"\n12\n",
       {{2, "{\n \"a\": \"}\\\"\"\n}"}, {5, "  [1]"}, {6, "\"x\""}, {7, "12"}}},
      {"on one line", "{} {}[]1\"a\"", {{1, "{}"}, {1, " {}"}, {1, "[]"}, {1, "1"}, {1, "\"a\""}}},
      {"not closed", "{\"a\": [1}\n{}", {{1, "{\"a\": [1}\n{}"}}},
      {"quote not closed", "{}\n\"a", {{1, "{}"}, {2, "\"a"}}},
      {"no JSON", "a: 1\nb: 2\n", {{1, "a: 1\nb: 2\n"}}},
      {"BOM", "\xef\xbb\xbf{}", {{1, "{}"}}},
  };
  for (const Case& c : kCases) check(c, Syntax::kJson);
}

TEST(Split, SyntaxOfAPath) {
  EXPECT_EQ(syntax_of("a/b.json"), Syntax::kJson);
  EXPECT_EQ(syntax_of("B.JSON"), Syntax::kJson);
  EXPECT_EQ(syntax_of("a.yaml"), Syntax::kYaml);
  EXPECT_EQ(syntax_of("json"), Syntax::kYaml);
  EXPECT_EQ(syntax_of("-"), Syntax::kYaml);
  EXPECT_EQ(syntax_of(""), Syntax::kYaml);
}

// Texts of what matters to the splitter, and of stretches long enough for whole vectors.
std::string random_text(std::mt19937& random) {
  constexpr std::string_view kPieces[] = {"---",
                                          "...",
                                          "-",
                                          ".",
                                          "\n",
                                          "\n",
                                          "\n",
                                          "\r\n",
                                          " ",
                                          "#",
                                          "%",
                                          "a",
                                          "b: 1\n",
                                          "\t",
                                          "--- ",
                                          "\n---\n",
                                          "\n...\n",
                                          "%TAG ! x\n",
                                          "# x\n",
                                          "-- ",
                                          "....",
                                          "--- a\n",
                                          "some: longer line of a document\n"};
  std::string text;
  const std::size_t pieces = random() % 40;
  for (std::size_t i = 0; i < pieces; ++i) text += kPieces[random() % std::size(kPieces)];
  return text;
}

std::string told(const std::vector<Slice>& slices) {
  std::string out;
  for (const Slice& slice : slices) out += std::to_string(slice.first_line) + "|" + std::string(slice.bytes) + "|";
  return out;
}

// Read window by window, as the run does, with windows of any size.
TEST(Split, WindowsYieldWhatTheWholeYields) {
  std::mt19937 random(2);
  for (int i = 0; i < 50000; ++i) {
    const std::string text = random_text(random);
    const std::size_t window = 1 + random() % 60;
    std::vector<Slice> slices;
    std::uint32_t line = 1;
    for (std::size_t begin = 0, size = window;;) {
      const bool last = begin + size >= text.size();
      const std::string_view bytes = std::string_view(text).substr(begin, size);
      const std::size_t lines = last ? bytes.size() : bytes.rfind('\n') + 1;
      Splitter splitter(bytes.substr(0, lines), Syntax::kYaml, line);
      std::vector<Slice> found;
      while (const auto slice = splitter.next()) found.push_back(*slice);
      const Slice rest = splitter.rest();
      const std::size_t whole = lines - rest.bytes.size();
      if (!last && whole == 0) {
        size += window;  // not one document
        continue;
      }
      for (const Slice& slice : found) {
        if (last || slice.bytes.data() < bytes.data() + whole) slices.push_back(slice);
      }
      if (last) break;
      begin += whole;
      line = rest.first_line;
      size = window;
    }
    ASSERT_EQ(told(slices), told(split(text, Syntax::kYaml))) << text;
  }
}

TEST(Split, LinesAreCounted) {
  std::mt19937 random(3);
  for (int i = 0; i < 300; ++i) {
    std::string text(random() % 10000, 'x');
    for (char& c : text) c = random() % 3 == 0 ? '\n' : 'x';
    EXPECT_EQ(count_lines(text), static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')));
  }
}

// A fault in one document leaves the others whole.
TEST(Split, FaultsStayInTheirDocument) {
  const std::string file = "a: 1\n---\nb: \"x\n---\nc: [1\n---\n\xff\n---\nd: 4\n";
  std::string trees;
  Document document;
  for (const Slice& slice : split(file, Syntax::kYaml)) {
    read(slice, Syntax::kYaml, {}, document);
    trees += document.complete() ? testing::to_json(document) : std::string(document.faults().at(0).rule);
    trees += '\n';
  }
  EXPECT_EQ(trees, "{\"a\":1}\ndocument/syntax\ndocument/syntax\ndocument/encoding\n{\"d\":4}\n");
}

// The definition of read.h, line by line: the slow twin of split().
std::vector<Slice> split_by_lines(std::string_view file) {
  std::vector<Slice> slices;
  std::size_t begin = 0;
  std::uint32_t begin_line = 1, number = 1;
  bool content = false, directive = false, bare = true;
  const auto idle = [](std::string_view line) {
    const std::size_t first = line.find_first_not_of(" \t\r\n");
    return first == line.npos || line[first] == '#';
  };
  const auto marker = [](std::string_view line, std::string_view dashes) {
    return line.starts_with(dashes) && (line.size() == 3 || std::string_view(" \t\r\n").find(line[3]) != line.npos);
  };
  const auto close = [&](std::size_t end, std::size_t next, std::uint32_t next_line) {
    if (content || directive) slices.push_back({file.substr(begin, end - begin), begin_line});
    begin = next;
    begin_line = next_line;
    content = directive = false;
    bare = true;
  };
  for (std::size_t i = 0, next = 0; i < file.size(); i = next, ++number) {
    next = std::min(file.find('\n', i), file.size() - 1) + 1;
    const std::string_view line = file.substr(i, next - i);
    if (marker(line, "---")) {
      if (!(bare && directive)) close(i, i, number);
      bare = false;
      content = !idle(line.substr(3));
    } else if (marker(line, "...") && idle(line.substr(3))) {
      close(i, next, number + 1);
    } else if (bare && line.starts_with('%')) {
      directive = true;
    } else if (!idle(line)) {
      content = true;
      bare = false;
    }
  }
  close(file.size(), file.size(), number);
  return slices;
}

TEST(Split, AgreesWithItsDefinition) {
  constexpr std::string_view kPieces[] = {
      "---",   "...", "\n", "\n", "\n---\n", "\n...\n", "\n--- ", "\n...\t",
      "\n-- ", "-",   ".",  " ",  "#",       "%",       "a: b",   "a long line of text, for a block",
      "\r\n"};
  std::mt19937 random(3);
  std::size_t slices = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string file;
    for (std::size_t pieces = random() % 24; pieces > 0; --pieces) file += kPieces[random() % std::size(kPieces)];
    const std::vector<Slice> fast = split(file, Syntax::kYaml), slow = split_by_lines(file);
    ASSERT_EQ(fast.size(), slow.size()) << file;
    for (std::size_t k = 0; k < fast.size(); ++k) {
      ASSERT_EQ(fast[k].bytes, slow[k].bytes) << file;
      ASSERT_EQ(fast[k].bytes.data(), slow[k].bytes.data()) << file;
      ASSERT_EQ(fast[k].first_line, slow[k].first_line) << file;
    }
    slices += fast.size();
  }
  EXPECT_GT(slices, 20000u);
}

}  // namespace
}  // namespace kubegate::document
