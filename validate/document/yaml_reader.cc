// The idea: yaml-cpp decides what the structure is, and its marks say where things begin. It tells neither where they
// end nor how they were written. Both are read off the source: a cursor follows the events through the bytes, over
// the gaps between nodes (white space, comments, indicators, tags, anchors) and over the nodes themselves, each of
// which shows by its first byte how it is written and therefore where it ends. Every byte is passed a bounded number
// of times.
//
// On its way the cursor checks what yaml-cpp lets pass and the cluster's parser does not: tabs where indentation is
// decided, unknown escapes, names of anchors. tests/validate/document holds the reader against the YAML test suite
// and against what a real server made of some hundred texts; span_test.cc derives every text again from its span.
#include "validate/document/yaml_reader.h"

#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <istream>
#include <optional>
#include <streambuf>
#include <string>
#include <vector>

#include "validate/document/yaml_error.h"

namespace kubegate::document {
namespace {

// Ends the parsing from within an event.
struct Stop {};

// A stream over bytes that stay where they are.
class ByteBuffer : public std::streambuf {
 public:
  explicit ByteBuffer(std::string_view bytes) {
    char* p = const_cast<char*>(bytes.data());  // never written to: there is no put area
    setg(p, p, p + bytes.size());
  }
};

bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_break(char c) { return c == '\n' || c == '\r'; }
bool is_space(char c) { return is_blank(c) || is_break(c); }
bool is_name(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
}

class Handler : public YAML::EventHandler {
 public:
  Handler(std::string_view source, Builder& builder) : source_(source), builder_(builder) {}

  // Behind the last byte that an event has accounted for.
  std::uint32_t cursor() const { return offset(cursor_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (started_) {
      fault("a second value stands behind the end of the document: is a line `---` missing, or an indentation off?",
            {offset(clamp(mark)), 1});
    }
    started_ = true;
  }
  void OnDocumentEnd() override {}

  void OnAnchor(const YAML::Mark&, const std::string&) override {}  // the cursor finds it

  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    const Content content = move_to_content(mark);
    for (std::string_view word : {"~", "null", "Null", "NULL"}) {
      if (is_plain_word(content.begin, word)) {
        add_scalar(content, content.begin, content.begin + word.size(), Style::kPlain, word);
        return;
      }
    }
    add_empty(content);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    const Content content = move_to_content(mark);
    std::size_t end = content.begin + 1;
    while (end < source_.size() && is_name(source_[end])) ++end;
    const Span span = span_of(content.begin, end);
    check_name_end(content.begin, end);
    builder_.alias(source_.substr(content.begin + 1, end - content.begin - 1), span);
    leave(end, false);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, const std::string& value) override {
    const Content content = move_to_content(mark, tag);
    const std::size_t begin = content.begin;
    const char first = begin < source_.size() ? source_[begin] : '\0';
    if (first == '"' || first == '\'') {
      const std::size_t end = first == '"' ? double_quoted_end(begin) : single_quoted_end(begin);
      const bool empty_node = value.empty() && (end != begin + 2 || is_next_key(end));
      if (!empty_node) {
        add_scalar(content, begin, end, first == '"' ? Style::kDoubleQuoted : Style::kSingleQuoted, value);
        return;
      }
    } else if ((first == '|' || first == '>') && flow_ == 0) {
      add_scalar(content, begin, block_scalar_end(begin, value), first == '|' ? Style::kLiteral : Style::kFolded,
                 value);
      return;
    } else if (!value.empty()) {
      add_scalar(content, begin, plain_end(begin, value), Style::kPlain, value);
      return;
    }
    add_empty(content);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    start(mark, '[');
  }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
    start(mark, '{');
  }
  void OnSequenceEnd() override { end(); }
  void OnMapEnd() override { end(); }

 private:
  // A node that is about to be added: where its own bytes start, and where it would stand if there are none.
  struct Content {
    std::size_t begin;
    std::size_t empty_at;
    std::string_view tag;
  };

  enum class Expects : std::uint8_t { kItem, kKey, kValue };
  struct Open {
    std::size_t begin;
    bool brackets;    // closed by a bracket
    Expects expects;
  };

  static std::uint32_t offset(std::size_t at) { return static_cast<std::uint32_t>(at); }
  static Span span_of(std::size_t begin, std::size_t end) { return {offset(begin), offset(end - begin)}; }

  std::size_t clamp(const YAML::Mark& mark) const {
    return std::min(static_cast<std::size_t>(std::max(mark.pos, 0)), source_.size());
  }
  char at(std::size_t i) const { return i < source_.size() ? source_[i] : '\0'; }
  bool at_line_start(std::size_t i) const { return i == 0 || is_break(source_[i - 1]); }

  void fault(std::string message, Span span) {
    builder_.fault("document/syntax", std::move(message), span, true);
    throw Stop{};
  }

  // --- gaps ---

  // Moves the cursor over white space and comments. Tabs may not stand where the parser decides on indentation.
  void skip_space() {
    while (cursor_ < source_.size()) {
      const char c = source_[cursor_];
      if (is_break(c)) {
        key_allowed_ = true;
        ++cursor_;
      } else if (c == ' ') {
        ++cursor_;
      } else if (c == '\t') {
        if (flow_ == 0 && key_allowed_) {
          fault("a tab cannot indent: use spaces", span_of(cursor_, cursor_ + 1));
        }
        ++cursor_;
      } else if (c == '#') {
        while (cursor_ < source_.size() && !is_break(source_[cursor_])) ++cursor_;
      } else {
        return;
      }
    }
  }

  // Moves the cursor over everything before `to`, where a node or its properties stand. Returns the offset behind the
  // last indicator.
  std::size_t skip_gap(std::size_t to) {
    std::size_t behind = cursor_;
    while (true) {
      skip_space();
      if (cursor_ >= to) return behind;
      const char c = source_[cursor_];
      if (cursor_ + 2 < source_.size() && at_line_start(cursor_) && flow_ == 0 &&
          (source_.substr(cursor_, 3) == "---" || c == '%')) {
        if (c == '%') {
          while (cursor_ < source_.size() && !is_break(source_[cursor_])) ++cursor_;
          continue;
        }
        cursor_ += 3;
        key_allowed_ = false;
      } else {
        ++cursor_;
        if (c == '?') explicit_key_ = true;
        key_allowed_ = c == '-' || c == '?' || (c == ':' && explicit_key_);
        if (c == ':') explicit_key_ = false;
      }
      behind = cursor_;
    }
  }

  // Moves the cursor to the first byte of the node at `mark`, over its anchor and tag, and hands the anchor on.
  Content move_to_content(const YAML::Mark& mark, std::string_view tag = {}) {
    Content content;
    content.tag = tag;
    content.empty_at = skip_gap(clamp(mark));
    while (true) {
      const char c = at(cursor_);
      if (c == '&') {
        std::size_t end = cursor_ + 1;
        while (end < source_.size() && is_name(source_[end])) ++end;
        check_name_end(cursor_, end);
        builder_.anchor(source_.substr(cursor_ + 1, end - cursor_ - 1));
        cursor_ = end;
      } else if (c == '!') {
        explicit_tag_ = true;
        if (at(cursor_ + 1) == '<') {
          while (cursor_ < source_.size() && source_[cursor_] != '>') ++cursor_;
          cursor_ = std::min(cursor_ + 1, source_.size());
        } else {
          while (cursor_ < source_.size() && !is_space(source_[cursor_]) &&
                 !(flow_ > 0 && std::string_view(",[]{}").find(source_[cursor_]) != std::string_view::npos)) {
            ++cursor_;
          }
        }
      } else {
        break;
      }
      key_allowed_ = false;
      content.empty_at = cursor_;
      skip_space();
    }
    content.begin = cursor_;
    if (!explicit_tag_) content.tag = {};
    explicit_tag_ = false;
    return content;
  }

  void check_name_end(std::size_t begin, std::size_t end) {
    const char c = at(end);
    if (end == begin + 1 || !(end == source_.size() || is_space(c) ||
                              std::string_view("?:,]}%@`").find(c) != std::string_view::npos)) {
      fault(std::string("the name of an ") + (source_[begin] == '&' ? "anchor" : "alias") +
                " is made of letters, digits, `-` and `_`",
            span_of(begin, std::min(end + 1, source_.size())));
    }
  }

  // --- nodes ---

  void add_scalar(const Content& content, std::size_t begin, std::size_t end, Style style, std::string_view text) {
    builder_.scalar({span_of(begin, end), style, text, content.tag});
    leave(end, style >= Style::kLiteral);
  }

  // A node without bytes of its own.
  void add_empty(const Content& content) {
    cursor_ = content.empty_at;
    builder_.scalar({span_of(cursor_, cursor_), Style::kPlain, {}, content.tag});
    leave(cursor_, false);
  }

  // The cursor stands behind a complete node.
  void leave(std::size_t end, bool key_allowed) {
    if (builder_.stopped()) throw Stop{};
    cursor_ = end;
    key_allowed_ = key_allowed;
    if (open_.empty()) return;
    Open& open = open_.back();
    if (open.expects == Expects::kKey) {
      open.expects = Expects::kValue;
    } else if (open.expects == Expects::kValue) {
      open.expects = Expects::kKey;
    }
  }

  void start(const YAML::Mark& mark, char bracket) {
    const Content content = move_to_content(mark);
    const bool is_map = bracket == '{';
    // `[{a: b}: c]`: a pair that starts with a mapping is announced twice at the same place.
    if (!open_.empty() && open_.back().brackets && open_.back().begin == content.begin) open_.back().brackets = false;
    const bool brackets = at(content.begin) == bracket;
    open_.push_back({content.begin, brackets, is_map ? Expects::kKey : Expects::kItem});
    const Style style = brackets || flow_ > 0 ? Style::kFlow : Style::kBlock;
    is_map ? builder_.begin_map(offset(content.begin), style) : builder_.begin_sequence(offset(content.begin), style);
    if (builder_.stopped()) throw Stop{};
    if (brackets) {
      ++flow_;
      ++cursor_;
    }
  }

  void end() {
    if (open_.back().brackets) {
      while (true) {
        skip_space();
        if (cursor_ >= source_.size()) break;
        const char c = source_[cursor_++];
        if (c == ']' || c == '}') break;
      }
      --flow_;
    }
    open_.pop_back();
    builder_.end_collection(offset(cursor_));
    leave(cursor_, key_allowed_);
  }

  // --- where scalars end ---

  bool is_plain_word(std::size_t begin, std::string_view word) const {
    if (source_.substr(begin, word.size()) != word) return false;
    const std::size_t end = begin + word.size();
    const char c = at(end);
    const bool ends = end == source_.size() || is_space(c) || c == ':' ||
                      (flow_ > 0 && std::string_view(",]}[{?").find(c) != std::string_view::npos);
    return ends && !is_next_key(end);
  }

  // True when a value is due in a block mapping but what ends at `end` is followed by a colon: it is the next key, and
  // the value is empty.
  bool is_next_key(std::size_t end) const {
    if (flow_ > 0 || open_.empty() || open_.back().expects != Expects::kValue) return false;
    while (is_blank(at(end))) ++end;
    return at(end) == ':';
  }

  std::size_t single_quoted_end(std::size_t begin) {
    for (std::size_t i = begin + 1; i < source_.size(); ++i) {
      if (source_[i] != '\'') continue;
      if (at(i + 1) != '\'') return i + 1;
      ++i;
    }
    fault("a single-quoted text is not closed", span_of(begin, begin + 1));
    return source_.size();
  }

  std::size_t double_quoted_end(std::size_t begin) {
    for (std::size_t i = begin + 1; i < source_.size(); ++i) {
      if (source_[i] == '"') return i + 1;
      if (source_[i] != '\\') continue;
      ++i;
      constexpr std::string_view kEscapes = "0abt\tnvfre \"'\\N_LPxuU\r\n";
      if (kEscapes.find(at(i)) == std::string_view::npos) {
        fault("`\\" + std::string(1, at(i)) + "` is no escape that YAML knows: write `\\\\` for a backslash",
              span_of(i - 1, i + 1));
      }
    }
    fault("a double-quoted text is not closed", span_of(begin, begin + 1));
    return source_.size();
  }

  // Where the plain scalar whose text is `text` ends: its lines were trimmed and joined, everything else is as written.
  std::size_t plain_end(std::size_t begin, std::string_view text) const {
    std::size_t i = begin;
    for (std::size_t t = 0; t < text.size() && i < source_.size();) {
      std::size_t line_end = i;
      while (is_blank(at(line_end))) ++line_end;
      if (!is_break(at(line_end))) {
        ++i;
        ++t;
        continue;
      }
      i = line_end;
      while (i < source_.size() && is_space(source_[i])) ++i;
      if (text[t] == ' ') {
        ++t;
      } else {
        while (t < text.size() && text[t] == '\n') ++t;
      }
    }
    return i;
  }

  // Where the block scalar whose text is `text` ends: behind its last line that is not blank, or behind its header.
  std::size_t block_scalar_end(std::size_t begin, std::string_view text) const {
    std::size_t i = begin;
    while (i < source_.size() && !is_break(source_[i]) && source_[i] != ' ' && source_[i] != '\t') ++i;
    const std::size_t header_end = i;
    while (i < source_.size() && !is_break(source_[i])) ++i;
    const std::size_t first = text.find_first_not_of(" \t\n\r");
    if (first == std::string_view::npos) return header_end;
    // The indentation of the content: that of its first line, less what the text has of it.
    const std::size_t text_line = text.find_last_of('\n', first);
    const std::size_t kept = text_line == std::string_view::npos ? first : first - text_line - 1;
    std::optional<std::size_t> indent;
    std::size_t end = header_end;
    while (i < source_.size()) {
      const std::size_t line = i + (source_[i] == '\r' && at(i + 1) == '\n' ? 2 : 1);
      std::size_t content = line;
      while (at(content) == ' ') ++content;
      std::size_t line_end = source_.find_first_of("\r\n", line);
      if (line_end == std::string_view::npos) line_end = source_.size();
      std::size_t solid = content;
      while (solid < line_end && is_blank(source_[solid])) ++solid;
      if (solid < line_end) {
        if (!indent) indent = solid - line >= kept ? solid - line - kept : 0;
        if (content - line < *indent) break;
        end = line_end;
      }
      i = line_end;
    }
    return end;
  }

  std::string_view source_;
  Builder& builder_;
  std::size_t cursor_ = 0;
  std::vector<Open> open_;
  std::uint32_t flow_ = 0;       // open brackets
  bool started_ = false;
  bool key_allowed_ = true;      // a key may start here, so indentation counts
  bool explicit_key_ = false;    // behind `?`, before its `:`
  bool explicit_tag_ = false;
};

}  // namespace

void read_yaml(std::string_view source, Builder& builder) {
  ByteBuffer buffer(source);
  std::istream stream(&buffer);
  Handler handler(source, builder);
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(handler)) {
    }
  } catch (const Stop&) {
  } catch (const YAML::DeepRecursion&) {
    builder.fault("document/limit", "collections are nested more than 500 deep", {handler.cursor(), 0}, true);
  } catch (const YAML::Exception& error) {
    report_yaml_error(source, error.msg, error.mark.pos < 0 ? 0 : static_cast<std::size_t>(error.mark.pos),
                      handler.cursor(), builder);
  }
  builder.finish(handler.cursor());
}

}  // namespace kubegate::document
