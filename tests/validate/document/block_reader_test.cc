// The block reader against yaml-cpp: whatever it does not decline it reads as read_yaml() does, the same nodes with the
// same spans and texts, and the same faults. Over all documents at hand, random changes to them, and documents that a
// small grammar makes. Each test counts what was read, so that a reader that declined everything would not pass.
#include "validate/document/block_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "support.h"
#include "validate/document/builder.h"
#include "validate/document/guard.h"
#include "validate/document/yaml_reader.h"

namespace kubegate::document {
namespace {

namespace fs = std::filesystem;
using testing::faults_of;
using testing::read_file;

// Node by node what a document holds.
std::string dump(const Document& document) {
  std::string out;
  for (NodeIndex i = 0; i < document.size(); ++i) {
    const Node& node = document[i];
    out += std::to_string(node.begin) + "+" + std::to_string(node.length) + " kind " +
           std::to_string(static_cast<int>(node.kind)) + " style " + std::to_string(static_cast<int>(node.style)) +
           " flags " + std::to_string(node.flags) + " hash " + std::to_string(node.hash);
    if (node.is_collection()) {
      out += " end " + std::to_string(node.children.end) + " count " + std::to_string(node.children.count);
    } else if (node.kind == Kind::kString) {
      out += " ";
      testing::append_quoted(out, document.text(i));
    } else if (node.kind != Kind::kNull) {
      out += " " + testing::to_json(document, i);
    }
    out += "\n";
  }
  return out + faults_of(document);
}

enum class Outcome { kDeclined, kAgrees, kDiffers };

Outcome compare(std::string_view source, std::string& difference, ScalarTable table) {
  Document fast, slow;
  {
    Builder builder(fast, source, 1, {}, table);
    if (!check_bytes(source, Syntax::kYaml, builder)) return Outcome::kDeclined;
    Marks marks;
    marks.mark(source);
    if (!BlockReader().read(source, marks, builder)) return Outcome::kDeclined;
    builder.finish(static_cast<std::uint32_t>(source.size()));
  }
  Builder builder(slow, source, 1, {}, table);
  read_yaml(source, builder);
  const std::string a = dump(fast), b = dump(slow);
  if (a == b) return Outcome::kAgrees;
  // yaml-cpp drops a line break from what `>+` keeps; the cluster's parser and this reader do not (KeepsBreaks below).
  if (source.find(">+") != std::string_view::npos) return Outcome::kDeclined;
  difference = "---- source\n" + std::string(source.substr(0, 2000)) + "\n---- block reader\n" + a.substr(0, 2000) +
               "---- yaml-cpp\n" + b.substr(0, 2000);
  return Outcome::kDiffers;
}

struct Count {
  int read = 0, declined = 0, differ = 0;

  void add(std::string_view source, ScalarTable table = ScalarTable::kCluster) {
    std::string difference;
    switch (compare(source, difference, table)) {
      case Outcome::kDeclined: ++declined; return;
      case Outcome::kAgrees: ++read; return;
      case Outcome::kDiffers:
        if (++differ <= 5) ADD_FAILURE() << difference;
    }
  }
};

std::vector<std::string> documents_below(const std::string& folder) {
  std::vector<std::string> documents;
  if (!fs::exists(folder)) return documents;
  std::set<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && entry.path().extension() == ".yaml") files.insert(entry.path());
  }
  for (const std::string& file : files) {
    const std::string text = read_file(file);
    for (const Slice& slice : split(text, Syntax::kYaml)) documents.emplace_back(slice.bytes);
  }
  return documents;
}

std::vector<std::string> own_documents() {
  std::vector<std::string> documents = documents_below(KUBEGATE_SOURCE_DIR "/testdata/overlays");
  for (std::string& document : documents_below(KUBEGATE_SOURCE_DIR "/testdata/broken")) {
    documents.push_back(std::move(document));
  }
  return documents;
}

struct Row {
  const char* source;
  bool read;
};

const Row kRows[] = {
    {"a: b\n", true},
    {"a: b", true},
    {"--- # c\na: b\n", true},
    {"--- a\n", false},
    {"a:\n- b\n-   c\n- - d\n  - e: f\n    g: h\ni: j\n", true},
    {"a:\n  b:\n    c: d\ne:\n", true},
    {"a:\n  b:\nc:\n- \n-\n", true},
    {"a: {}\nb: []\nc: {}  # c\n", true},
    {"a: {b: c}\n", false},
    {"a: [b]\n", false},
    {"a: &x b\n", false},
    {"a: *x\n", false},
    {"a: !!str b\n", false},
    {"? a\n: b\n", false},
    {"a: b\n  c\n\n\n   d  \ne: f\n", true},
    {"- a\n  b\n- 'c'\n", true},
    {"a: b # c\n  d\n", false},
    {"a: b\n  c: d\n", false},
    {"a: b\n  c # d\n", false},
    {"a: b\n  - c\n", false},
    {"a: b\n  # c\n  d\n", false},
    {"a: :b\n", true},
    {"a: ?b\n", true},
    {"a: : b\n", false},
    {"a: b # c\n# c\n  # c\nd: e\n", true},
    {"a: b#c\n", true},
    {"a: http://x:80/y\n", true},
    {"a: b: c\n", false},
    {"a: b:\n", false},
    {"a : b\n", true},
    {"a:b\n", false},
    {"\ta: b\n", false},
    {"a:\tb\n", false},
    {"a: b\t\n", false},
    {"a: -1\nb: --x\nc: -\n", false},
    {"a: -1\nb: --x\n", true},
    {"a: - b\n", false},
    {"'a': 'it''s'\n\"b\": \"\\u0041\\n\"\n", true},
    {"a: \"\\/\"\n", false},
    {"a: \"b\n  c\n\n  d\\\n  e\"\n", true},
    {"a: 'b\n\n  c'\nd: e\n", true},
    {"a: 'b\nc'\n", false},
    {"a: 'b' c\n", false},
    {"a: 'b'#c\n", false},
    {"a: 'b\n", false},
    {"a: |\n  b\n   c\n\n  d\n", true},
    {"a: |-\n  b\n\n\nc: >\n  d\n  e\n\n  f\n   g\n  h\n\n", true},
    {"a: |2-\n   b\n  c\n", true},
    {"a: |\n\n  b\n", true},
    {"a: |\n    \n  b\n", false},
    {"a: |\n    b\n  c\n", false},
    {"a: |\n  b\n# c\nd: e\n", true},
    {"a: |\n  b\n \tc\n", false},
    {"a: |\n  b\n  \t\nc: d\n", false},
    {"a: >\n  b\n  \tc\n", true},
    {"a: |\nb: c\n", false},
    {"a: |\n  b\n    \nc: d\n", false},
    {"a: |+\n  b\n\n ", true},
    {"- |\n a\n- >-\n b\n\n b\n", true},
    {"- a: |\n    x\n  b: c\n", true},
    {"a: 1\n b: 2\n", false},
    {"  a: 1\n  b: 2\n", true},
    {"  a: 1\n b: 2\n", false},
    {"a:\n  - b\n - c\n", false},
    {"a: 1\n- b\n", false},
    {"- a\nb: 1\n", false},
    {"a: 1\na: 2\n", true},
    {"~: 1\n", false},
    {"on: 1\n0777: 2\n", true},
    {"a: .inf\n", false},
    {"a: 1\r\nb: 2\r\n", false},
    {"a: 1\n...\n", false},
    {"a\n", false},
    {"", false},
    {"# c\n", false},
    {"- - - a\n    - b\n  - c\n- d\n", true},
    {"-\n  - a\n-\n  b: c\n", true},
    {"a:\n\n\n  # c\n  b: c\n", true},
    {"k\xc3\xa9y: \xe2\x82\xac\n", true},
    {"a: b\xe2\x80\xa8"
     "c\n",
     false},
    {"<<: {}\na: b\n", false},
    {"a: \"b\"\n\n\n# end", true},
};

TEST(BlockReader, OwnsOrDeclines) {
  for (const Row& row : kRows) {
    std::string difference;
    const Outcome outcome = compare(row.source, difference, ScalarTable::kCluster);
    EXPECT_NE(outcome, Outcome::kDiffers) << difference;
    EXPECT_EQ(outcome != Outcome::kDeclined, row.read) << row.source;
  }
}

// Rule: yaml_parser_scan_block_scalar() of the cluster's parser, "chomp the tail".
TEST(BlockReader, KeepsBreaks) {
  const Document document = testing::read_one("a: >+\n  d\n  e\n\n  f\n\n\nb: |+\n  x\n\nc: >-\n  y\n\n");
  EXPECT_EQ(testing::to_json(document), R"({"a":"d e\nf\n\n\n","b":"x\n\n","c":"y"})");
}

TEST(BlockReader, AgreesOnTheSampleOverlays) {
  Count count;
  for (const std::string& document : own_documents()) count.add(document);
  EXPECT_EQ(count.differ, 0);
  EXPECT_GE(count.read, 350);
  std::printf("%d read, %d declined\n", count.read, count.declined);
}

TEST(BlockReader, AgreesOnTheCorpus) {
  Count count;
  for (const std::string& document : documents_below(KUBEGATE_SHARED_DIR "/corpus")) count.add(document);
  if (count.read + count.declined == 0) GTEST_SKIP() << "the corpus is not here";
  EXPECT_EQ(count.differ, 0);
  std::printf("%d read, %d declined\n", count.read, count.declined);
  EXPECT_LE(count.declined * 100, count.read + count.declined);
  for (const std::string& document : documents_below(KUBEGATE_SHARED_DIR "/crds")) count.add(document);
  EXPECT_EQ(count.differ, 0);
  std::printf("%d read, %d declined, definitions included\n", count.read, count.declined);
}

TEST(BlockReader, AgreesOnTheTestSuite) {
  if (!fs::exists(KUBEGATE_SHARED_DIR "/conformance/yaml-test-suite")) GTEST_SKIP() << "the test suite is not here";
  // The suite's files are YAML themselves; as sources of their own they exercise much that manifests do not hold.
  Count count;
  for (const auto& entry : fs::directory_iterator(KUBEGATE_SHARED_DIR "/conformance/yaml-test-suite")) {
    const std::string text = read_file(entry.path());
    for (const Slice& slice : split(text, Syntax::kYaml)) count.add(slice.bytes);
    const Document file = testing::read_one(text);
    for (NodeIndex i = 0; i < file.size(); ++i) {
      if (file[i].kind != Kind::kString || file[i].style != Style::kLiteral) continue;
      for (const Slice& slice : split(file.text(i), Syntax::kYaml)) count.add(slice.bytes);
    }
  }
  EXPECT_EQ(count.differ, 0);
  EXPECT_GE(count.read, 200);
  std::printf("%d read, %d declined\n", count.read, count.declined);
}

// One to three changes to a document: bytes that matter to YAML put in, taken out, lines shifted.
std::string change(std::string text, std::mt19937& random) {
  constexpr std::string_view kBytes = " \n:-#'\"|>{}[]&*!?,\ta0~\\";
  const auto pick = [&](std::size_t n) {
    return n == 0 ? 0 : std::uniform_int_distribution<std::size_t>(0, n - 1)(random);
  };
  for (std::size_t changes = 1 + pick(3); changes > 0 && !text.empty(); --changes) {
    const std::size_t at = pick(text.size());
    switch (pick(5)) {
      case 0: text.insert(at, 1, kBytes[pick(kBytes.size())]); break;
      case 1: text.erase(at, 1 + pick(3)); break;
      case 2: text[at] = kBytes[pick(kBytes.size())]; break;
      case 3:
        text.insert(text.find('\n', at) == text.npos ? text.size() : text.find('\n', at) + 1, pick(4), ' ');
        break;
      default: {
        const std::size_t line = text.find('\n', at);
        if (line != text.npos && text.compare(line + 1, 1, " ") == 0) text.erase(line + 1, 1 + pick(2));
      }
    }
  }
  return text;
}

TEST(BlockReader, AgreesOnChangedDocuments) {
  std::mt19937 random(20261121);
  Count count;
  for (const std::string& document : own_documents()) {
    if (document.size() > 3000) continue;
    for (int i = 0; i < 12; ++i) count.add(change(document, random));
  }
  EXPECT_EQ(count.differ, 0);
  EXPECT_GE(count.read, 500);
  std::printf("%d read, %d declined\n", count.read, count.declined);
}

// Documents of a small grammar: all that the reader owns, now and then with a slip.
class Grammar {
 public:
  explicit Grammar(unsigned seed) : random_(seed) {}

  std::string document() {
    out_.clear();
    if (chance(4)) out_ += "---\n";
    collection(chance(5) ? 2 : 0, 0, true);
    return out_;
  }

 private:
  std::size_t pick(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_); }
  bool chance(std::size_t n) { return pick(n) == 0; }
  void indent(std::size_t n) { out_.append(chance(60) ? n + 1 : n, ' '); }

  void end_line() {
    if (chance(12)) out_ += " # c: 'd";
    if (chance(15)) out_ += "  ";
    out_ += '\n';
    if (chance(12)) out_ += '\n';
    if (chance(15)) out_ += "  # comment\n";
  }

  void collection(std::size_t at, int depth, bool fresh) {
    const bool list = chance(3);
    const std::size_t count = 1 + pick(4);
    for (std::size_t i = 0; i < count; ++i) {
      if (i > 0 || fresh) indent(at);
      if (list) {
        out_ += "-";
        value(at, depth, true);
      } else {
        static const char* kKeys[] = {"a", "b", "key", "'q'", "\"d\"", "on", "x.y/z", "a b", "1", "-x", "<<"};
        out_ += kKeys[pick(11)];
        if (chance(20)) out_ += ' ';
        out_ += ':';
        value(at, depth, false);
      }
    }
  }

  void value(std::size_t at, int depth, bool item) {
    if (depth < 5 && chance(3)) {
      if (item && chance(2)) {
        const std::size_t spaces = 1 + pick(3);
        out_.append(spaces, ' ');
        collection(at + 1 + spaces, depth + 1, false);
      } else {
        end_line();
        collection(!item && chance(3) ? at : at + 1 + pick(3), depth + 1, true);
      }
      return;
    }
    static const char* kScalars[] = {"",         " x",    " 'a b'",    " \"a\\n\"", " 12",     " yes",  " ~",
                                     " {}",      " []",   " a: b",     " a#b",      " a:b",    " -1",   " http://x/",
                                     " 'it''s'", " \"\"", " \xc3\xa9", " *x",       " [a, b]", " !t x", " 0777",
                                     " 1e3",     " .5",   " '",        " :x",       " ?x"};
    const std::size_t which = pick(32);
    if (which < 26) {
      out_ += kScalars[which];
      if (chance(8)) {
        static const char* kMore[] = {"more", "-x", "\"q\" r", "[a]", "a:b", "x #", "&y", "- z", "b: c", ":x", "#c"};
        for (std::size_t i = 1 + pick(2); i > 0; --i) {
          out_ += '\n';
          if (chance(4)) out_ += '\n';
          out_.append(at + pick(4), ' ') += kMore[pick(11)];
        }
      }
      end_line();
    } else if (which < 29) {
      out_ += chance(2) ? " |" : " >";
      if (chance(2)) out_ += "-+"[pick(2)];
      if (chance(6)) out_ += static_cast<char>('1' + pick(3));
      out_ += '\n';
      const std::size_t inner = at + 1 + pick(3);
      for (std::size_t i = 1 + pick(4); i > 0; --i) {
        if (chance(4)) out_.append(pick(inner + 2), ' ') += '\n';
        out_.append(inner, ' ');
        static const char* kLines[] = {"text", "more text ", " deeper", "# no comment", "a: b", "- x", "'q", "\tx"};
        out_ += kLines[pick(8)];
        out_ += '\n';
      }
      for (std::size_t i = pick(3); i > 0; --i) out_ += '\n';
    } else {
      const char quote = "'\""[pick(2)];
      out_ += ' ';
      out_ += quote;
      for (std::size_t i = 1 + pick(3); i > 0; --i) {
        out_ += "word";
        if (chance(4)) out_ += "  ";
        out_ += '\n';
        if (chance(4)) out_ += '\n';
        out_.append(at + pick(4), ' ');
      }
      out_ += "end";
      out_ += quote;
      end_line();
    }
  }

  std::mt19937 random_;
  std::string out_;
};

// Lines of all lengths around what one window of marks holds, at all places in a word, of all shapes that are read in
// one go and some that just are not.
TEST(BlockReader, AgreesOnLinesAroundAWindow) {
  const char* const lines[] = {
      "%k: %v",    "%k:",      "%k: \"%v\"", "%k: '%v'",     "%k: '%v",        "%k: %v'",    "%k: \"%v'",
      "%k : %v",   "%k:  %v",  "%k: %v ",    "%k: %v #c",    "%k: %v#c",       "%k: a: %v",  "%k: %v\n\n",
      "'%k': %v",  "- %k: %v", "- %k:",      "- %k: \"%v\"", "- '%v'",         "- %v",       "-  %k: %v",
      "%k: '%v''", "%k: -%v",  "%k: 1%v",    "%k: \\%v\\",   "%k: \"%v\\\"\"", "%k: ' %v '", "%k: %v\n    %v"};
  Count count;
  std::mt19937 random(64);
  for (std::size_t length = 1; length < 140; ++length) {
    for (const char* const shape : lines) {
      std::string text = random() % 4 == 0 ? "---\n" : "";
      const bool deep = random() % 2 == 0;
      if (deep) text += std::string(random() % 60 + 1, 'x') + ":\n";
      const std::string indent(deep ? 1 + random() % 40 : 0, ' ');
      for (int line = 0; line < 2; ++line) {
        text += indent;
        for (const char* c = shape; *c != '\0'; ++c) {
          const std::size_t half = std::max<std::size_t>(length / 2, 1);
          if (*c != '%') {
            text += *c;
          } else if (*++c == 'k') {
            text += std::string(half, static_cast<char>('a' + line)) + (random() % 16 == 0 ? "\xc3\xa9" : "");
          } else {
            text += std::string(half, "nve2"[random() % 4]);
          }
        }
        if (line == 0 || random() % 4 != 0) text += '\n';
      }
      count.add(text);
    }
  }
  std::printf("%d read, %d declined\n", count.read, count.declined);
  EXPECT_GT(count.read, 2000);
}

// Numbers, words, and what only begins as one, by both tables.
TEST(BlockReader, AgreesOnNumbers) {
  Count count;
  for (const char* const scalar : {"0",
                                   "00",
                                   "07",
                                   "08",
                                   "0x1f",
                                   "0b1",
                                   "0o7",
                                   "1",
                                   "12",
                                   "999999999999999999",
                                   "1000000000000000000",
                                   "9223372036854775807",
                                   "9223372036854775808",
                                   "18446744073709551615",
                                   "18446744073709551616",
                                   "-1",
                                   "+1",
                                   "1.5",
                                   "1.",
                                   "1.2.3",
                                   "1e3",
                                   "1E3",
                                   "1e",
                                   "1ex",
                                   "1_000",
                                   "1_",
                                   "1__0",
                                   "10Gi",
                                   "250m",
                                   "1h30m",
                                   "1:30",
                                   "22:22",
                                   "2024-01-01",
                                   "2024-01-01T10:00:00Z",
                                   "1a_",
                                   "1.x",
                                   "0.5",
                                   "0m",
                                   "0Gi",
                                   ".5",
                                   ".",
                                   "..5",
                                   "true",
                                   "false",
                                   "True",
                                   "TRUE",
                                   "tRue",
                                   "yes",
                                   "no",
                                   "on",
                                   "off",
                                   "y",
                                   "n",
                                   "null",
                                   "Null",
                                   "~",
                                   "nul",
                                   "truee",
                                   "123456789012345678Gi",
                                   "1234567890123456789Gi",
                                   "1,000",
                                   "1+1",
                                   "1-1"}) {
    for (const ScalarTable table : {ScalarTable::kCluster, ScalarTable::kYaml12}) {
      count.add("a: " + std::string(scalar) + "\nb:\n- " + scalar + "\n", table);
      count.add(std::string(scalar) + ": x\n", table);
    }
  }
  EXPECT_GT(count.read, 200);
}

TEST(BlockReader, AgreesOnMadeDocuments) {
  Count count;
  Grammar grammar(7);
  for (int i = 0; i < 20000; ++i) count.add(grammar.document());
  EXPECT_EQ(count.differ, 0);
  EXPECT_GE(count.read, 3000);
  std::printf("%d read, %d declined\n", count.read, count.declined);
}

}  // namespace
}  // namespace kubegate::document
