// Spans: each case names the source bytes of every node in order; then the same promise, that a text can be derived
// again from its span, is held over all sources at hand and over random changes to them.
#include <gtest/gtest.h>

#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "support.h"
#include "validate/document/yaml_scalar.h"

namespace kubegate::document {
namespace {

using testing::broken_promise;
using testing::faults_of;
using testing::read_one;

struct Case {
  std::string_view yaml;
  std::vector<std::string_view> nodes;
};

// The source of each node, and its style: p(lain) s(ingle) d(ouble) l(iteral) f(olded) B(lock) F(low).
TEST(Span, Nodes) {
  const Case kCases[] = {
      {"a: b\n", {"B a: b", "p a", "p b"}},
      {"--- # c\nkey : 'it''s' # c\n", {"B key : 'it''s'", "p key", "s 'it''s'"}},
      {"%TAG !e! tag:e:\n---\na: !e!x \"b\\n\"\n", {"B a: !e!x \"b\\n\"", "p a", "d \"b\\n\""}},
      {"- x\n-  - y\n   - z # c\n", {"B - x\n-  - y\n   - z", "p x", "B - y\n   - z", "p y", "p z"}},
      {"a:\n- 1\n- 2\nb: 3\n", {"B a:\n- 1\n- 2\nb: 3", "p a", "B - 1\n- 2", "p 1", "p 2", "p b", "p 3"}},
      {"a: &x !!map\n  b: c\n", {"B a: &x !!map\n  b: c", "p a", "B b: c", "p b", "p c"}},
      {"&a a: &b b\n", {"B &a a: &b b", "p a", "p b"}},
      {"a: [1, {b: 2}, c: 3 ]\n",
       {"B a: [1, {b: 2}, c: 3 ]", "p a", "F [1, {b: 2}, c: 3 ]", "p 1", "F {b: 2}", "p b", "p 2", "F c: 3", "p c",
        "p 3"}},
      {"a: [ # ] in a comment\n  1 , # }\n ]\n",
       {"B a: [ # ] in a comment\n  1 , # }\n ]", "p a", "F [ # ] in a comment\n  1 , # }\n ]", "p 1"}},
      {"a: |\n  x\n   y\n\n# c\nb: >-  # c\n  z\n\n\n  z\n",
       {"B a: |\n  x\n   y\n\n# c\nb: >-  # c\n  z\n\n\n  z", "p a", "l |\n  x\n   y", "p b",
        "f >-  # c\n  z\n\n\n  z"}},
      {"a: |2\n    x\n", {"B a: |2\n    x", "p a", "l |2\n    x"}},
      {"a: |\nb: >+\n\n\n", {"B a: |\nb: >+", "p a", "l |", "p b", "f >+"}},
      {"a: |\r\n  x\r\n  y\r\nb: 1\r\n", {"B a: |\r\n  x\r\n  y\r\nb: 1", "p a", "l |\r\n  x\r\n  y", "p b", "p 1"}},
      {"a: x\n   y\n\n   z # c\n", {"B a: x\n   y\n\n   z", "p a", "p x\n   y\n\n   z"}},
      {"a: \"x\n   y\\\n  z\"\n", {"B a: \"x\n   y\\\n  z\"", "p a", "d \"x\n   y\\\n  z\""}},
      {"a:\n\n# c\nb:  \nc: ~\n", {"B a:\n\n# c\nb:  \nc: ~", "p a", "p ", "p b", "p ", "p c", "p ~"}},
      {"- \n-\n- null\n", {"B - \n-\n- null", "p ", "p ", "p null"}},
      {"a: &x\nb: !!str\nnull: c\n\"\": d\n",
       {"B a: &x\nb: !!str\nnull: c\n\"\": d", "p a", "p ", "p b", "p ", "d \"\"", "p d"}},
      {"{a, b: , \"c\":d, e: }\n",
       {"F {a, b: , \"c\":d, e: }", "p a", "p ", "p b", "p ", "d \"c\"", "p d", "p e", "p "}},
      {"? a\n: b\n? c\n", {"B ? a\n: b\n? c", "p a", "p b", "p c", "p "}},
      {"? a: 1\n: - b\nc: d\n", {"B ? a: 1\n: - b\nc: d", "p c", "p d"}},
      {"[{a: b}: c, d]\n", {"F [{a: b}: c, d]", "F {a: b}: c", "p d"}},
      {"a: &x [1]\nb: *x\n", {"B a: &x [1]\nb: *x", "p a", "F [1]", "p 1", "p b", "F [1]", "p 1"}},
      {"k\xc3\xa9y: \"\xe2\x82\xac\"\nb: c\n",
       {"B k\xc3\xa9y: \"\xe2\x82\xac\"\nb: c", "p k\xc3\xa9y", "d \"\xe2\x82\xac\"", "p b", "p c"}},
      {"a: 1\rb:\r  - 2\r", {"B a: 1\rb:\r  - 2", "p a", "p 1", "p b", "B - 2", "p 2"}},
      {"{\"a\": [1, \"\\u0041\"],\n \"b\": {} }\n",
       {"F {\"a\": [1, \"\\u0041\"],\n \"b\": {} }", "d \"a\"", "F [1, \"\\u0041\"]", "p 1", "d \"\\u0041\"", "d \"b\"",
        "F {}"}},
      {"text", {"p text"}},
  };
  constexpr std::string_view kStyles = "psdlfBF";
  for (const Case& c : kCases) {
    const Document document = read_one(c.yaml);
    std::vector<std::string> nodes;
    for (NodeIndex i = 0; i < document.size(); ++i) {
      const Node& node = document[i];
      nodes.push_back(std::string(1, kStyles[static_cast<int>(node.style)]) + " " +
                      std::string(document.source().substr(node.begin, node.length)));
    }
    ASSERT_EQ(nodes.size(), c.nodes.size()) << c.yaml << faults_of(document);
    for (std::size_t i = 0; i < nodes.size(); ++i) EXPECT_EQ(nodes[i], c.nodes[i]) << c.yaml;
  }
}

// A plain scalar of several lines: each line trimmed, one break a space, of more all but the first stay.
std::string fold(std::string_view text) {
  std::string out;
  std::size_t breaks = 0;
  std::string blanks;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' || text[i] == '\n') {
      if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') ++i;
      ++breaks;
    } else if (is_blank(text[i])) {
      if (breaks == 0) blanks += text[i];
    } else {
      if (breaks > 0) {
        out += breaks == 1 ? std::string(" ") : std::string(breaks - 1, '\n');
      } else {
        out += blanks;
      }
      blanks.clear();
      breaks = 0;
      out += text[i];
    }
  }
  return out;
}

// The lines of a block scalar without the indentation that the text does not have either; trailing breaks aside.
std::string unindent(std::string_view bytes, std::string_view text) {
  std::size_t i = bytes.find_first_of("\r\n");
  if (i == std::string_view::npos) return "";
  const std::size_t solid = text.find_first_not_of(" \t\n");
  const std::size_t before = solid == std::string_view::npos ? solid : text.rfind('\n', solid);
  const std::size_t kept = before == std::string_view::npos ? solid : solid - before - 1;
  std::string out;
  std::size_t indent = std::string_view::npos;
  while (i < bytes.size()) {
    i += bytes[i] == '\r' && i + 1 < bytes.size() && bytes[i + 1] == '\n' ? 2 : 1;
    const std::size_t end = std::min(bytes.find_first_of("\r\n", i), bytes.size());
    const std::string_view line = bytes.substr(i, end - i);
    const std::size_t first = line.find_first_not_of(" \t");
    if (indent == std::string_view::npos && first != std::string_view::npos) indent = first - kept;
    out += line.substr(std::min(line.size(), indent == std::string_view::npos ? line.find_first_not_of(' ') : indent));
    out += '\n';
    i = end;
  }
  while (out.ends_with('\n')) out.pop_back();
  return out;
}

// Derives every text that is written in `document` again from its span; folded block scalars are only compared
// without white space.
void check_texts(const Document& document, const std::string& context) {
  for (NodeIndex i = 0; i < document.size(); ++i) {
    const Node& node = document[i];
    if (node.kind != Kind::kString || node.hash != 0 || (node.flags & Node::kExpanded)) continue;
    const std::string_view bytes = document.source().substr(node.begin, node.length);
    std::string text(document.text(i));
    std::string derived;
    switch (node.style) {
      case Style::kPlain: derived = fold(bytes); break;
      case Style::kSingleQuoted:
      case Style::kDoubleQuoted:
        ASSERT_GE(bytes.size(), 2u) << context;
        ASSERT_EQ(bytes.front(), bytes.back()) << context;
        if (context == "json") continue;
        derived = decode_quoted(bytes.substr(1, bytes.size() - 2), bytes.front());
        break;
      case Style::kLiteral:
        derived = unindent(bytes, text);
        while (text.ends_with('\n')) text.pop_back();
        break;
      case Style::kFolded: {
        ASSERT_EQ(bytes.front(), '>') << context;
        const std::size_t header = std::min(bytes.find_first_of("\r\n"), bytes.size());
        derived = bytes.substr(header);
        std::erase_if(derived, is_space);
        std::erase_if(text, is_space);
        break;
      }
      default: FAIL() << context;
    }
    ASSERT_EQ(derived, text) << context << "\n" << bytes;
  }
}

std::vector<std::string> sources() {
  std::vector<std::string> files;
  for (const char* folder : {KUBEGATE_SHARED_DIR "/corpus/rendered", KUBEGATE_SHARED_DIR "/conformance/yaml-test-suite",
                             KUBEGATE_SHARED_DIR "/crds/gateway-api"}) {
    if (!std::filesystem::exists(folder)) continue;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (entry.path().extension() == ".yaml" && entry.file_size() < 200'000) files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

TEST(Span, TextsComeBackFromTheirSpans) {
  const std::vector<std::string> files = sources();
  if (files.empty()) GTEST_SKIP() << "no material under " KUBEGATE_SHARED_DIR;
  Document document;
  for (const std::string& file : files) {
    const std::string bytes = testing::read_file(file);
    for (const Slice& slice : split(bytes, Syntax::kYaml)) {
      read(slice, Syntax::kYaml, {}, document);
      ASSERT_EQ(faults_of(document), "") << file;
      ASSERT_EQ(broken_promise(document), "") << file;
      check_texts(document, document.source().front() == '{' ? "json" : file);
    }
  }
}

// Whatever is done to a document, the promises hold.
TEST(Span, RandomChangesBreakNoPromise) {
  const std::vector<std::string> kSeeds = {
      "apiVersion: v1\nkind: List\nitems:\n- a: &x {b: [1, 'two', \"th\\tree\"]}\n  c: *x\n- <<: *x\n  d: |\n    text\n"
      "    more\n  e: >-\n    folded\n\n    text\n",
      "# c\n---\n? a\n: - b\n  - c: d # e\n    f:\n      - g\n!!str h: !!int \"1\"\ni: 'j\n  k'\nl: \"m\\\n  n\"\n",
      "{\"a\": [1, 2.5, null, true, {\"b\": \"\\u00e9\"}], \"c\": {}}",
      "a:\r\n  - b\r\n  - c: |+\r\n      x\r\n\r\nd: {e: [f, g: h], ? i : j}\r\n",
  };
  constexpr std::string_view kParts[] = {
      "\n",       "  ",           "\t",    "- ",    ": ", "? ",     "{",    "}",      "[",    "]", ",",  "\"",
      "'",        "|\n",          ">\n",   "&a ",   "*a", "!!str ", "! ",   "#c\n",   "<<: ", "~", "\r", "\\",
      "\xc3\xa9", "\xe2\x80\xa8", "---\n", "...\n", "%",  "@",      "null", "a: b\n", "    ", ":", "-"};
  std::mt19937 random(20260101);
  const auto below = [&](std::size_t n) { return random() % n; };
  Document document;
  for (int round = 0; round < 6000; ++round) {
    std::string text = kSeeds[below(std::size(kSeeds))];
    for (std::size_t changes = 1 + below(6); changes > 0; --changes) {
      const std::size_t at = below(text.size() + 1);
      switch (below(4)) {
        case 0: text.insert(at, kParts[below(std::size(kParts))]); break;
        case 1: text.erase(at, 1 + below(6)); break;
        case 2: text.insert(at, text.substr(below(text.size() + 1), below(30))); break;
        default:
          if (at < text.size()) text[at] = static_cast<char>(below(256));
      }
    }
    for (Syntax syntax : {Syntax::kYaml, Syntax::kJson}) {
      for (const Slice& slice : split(text, syntax)) {
        read(slice, syntax, {}, document);
        ASSERT_EQ(broken_promise(document), "") << text;
        if (document.faults().empty() && text.find_first_of("{") != 0) check_texts(document, text);
      }
    }
  }
}

}  // namespace
}  // namespace kubegate::document
