// The idea: yaml-cpp decides what the structure is, and its marks say where things begin. It tells neither where they
// end nor how they were written. Both are read off the source: a cursor (yaml_cursor.h) follows the events through
// the bytes, over the gaps between nodes and over the nodes themselves, each of which shows by its first byte how it
// is written and therefore where it ends. Every byte is passed a bounded number of times.
//
// On its way the cursor refuses what yaml-cpp lets pass and the cluster's parser does not. tests/validate/document
// holds the reader against the YAML test suite and against what a real server made of some hundred texts;
// span_test.cc derives every text again from its span.
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

#include "validate/document/yaml_cursor.h"
#include "validate/document/yaml_error.h"
#include "validate/document/yaml_scalar.h"

namespace kubegate::document {
namespace {

constexpr std::uint32_t kParserDepth = 500;  // yaml-cpp's own bound: it recurses

// A stream over bytes that stay where they are.
class ByteBuffer : public std::streambuf {
 public:
  explicit ByteBuffer(std::string_view bytes) {
    char* p = const_cast<char*>(bytes.data());  // never written to: there is no put area
    setg(p, p, p + bytes.size());
  }
};

class Handler : public YAML::EventHandler {
 public:
  Handler(std::string_view source, Builder& builder) : source_(source), builder_(builder), cursor_(source, builder) {}

  // Where the reading stands: collections that are open end at `behind`.
  Progress progress() const { return {cursor_.behind(), quote_, cursor_.open_bracket()}; }

  void begin() { cursor_.read_directives(); }
  void finish() { cursor_.read_rest(); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (started_) {
      const std::size_t at = clamp(mark);
      cursor_.refuse("a second value stands behind the end of the document: a line `---` is missing, or indentation",
                     at, at + 1);
    }
    started_ = true;
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    // At the end of the source yaml-cpp forgets the tag of an empty node.
    const Place place =
        cursor_.move_to_node(clamp(mark), anchor != YAML::NullAnchor, cursor_.only_properties_behind(clamp(mark)));
    if (!place.tag.empty()) {
      add_empty(place, full_tag(place.tag));
      return;
    }
    for (std::string_view word : {"~", "null", "Null", "NULL"}) {
      if (is_plain_word(place.begin, word)) {
        add_scalar(place, place.begin + word.size(), Style::kPlain, word, {});
        return;
      }
    }
    add_empty(place, {});
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    const Place place = cursor_.move_to_node(clamp(mark), false, false);
    const std::size_t end = cursor_.name_end(place.begin);
    cursor_.begin_node(place, false);
    builder_.alias(source_.substr(place.begin + 1, end - place.begin - 1), span_of(place.begin, end));
    end_node(end);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& resolved_tag, YAML::anchor_t anchor,
                const std::string& value) override {
    const Place place = cursor_.move_to_node(clamp(mark), anchor != YAML::NullAnchor, true);
    const std::string_view tag = place.tag.empty() ? std::string_view() : std::string_view(resolved_tag);
    const char first = at(place.begin);
    if (first == '"' || first == '\'') {
      // A tag alone is an empty text too, and what stands behind it may be the next key.
      if (!value.empty() || !is_next_key(scan_quoted(source_, place.begin).end)) {
        add_quoted(place, tag);
        return;
      }
    } else if ((first == '|' || first == '>') && !cursor_.in_flow()) {
      add_block(place, tag);
      return;
    } else if (!value.empty()) {
      const std::size_t end = plain_end(source_, place.begin, value);
      cursor_.check_plain(place.begin, end);
      add_scalar(place, end, Style::kPlain, value, tag);
      return;
    }
    add_empty(place, tag);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    start(mark, tag, anchor, '[');
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    start(mark, tag, anchor, '{');
  }
  void OnSequenceEnd() override { end(); }
  void OnMapEnd() override { end(); }

 private:
  static Span span_of(std::size_t begin, std::size_t end) {
    return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end - begin)};
  }
  std::size_t clamp(const YAML::Mark& mark) const {
    return std::min(static_cast<std::size_t>(std::max(mark.pos, 0)), source_.size());
  }
  char at(std::size_t i) const { return i < source_.size() ? source_[i] : '\0'; }

  void end_node(std::size_t end) {
    if (builder_.stopped()) throw Stop{};
    cursor_.end_node(end);
    quote_.reset();
  }

  void add_scalar(const Place& place, std::size_t end, Style style, std::string_view text, std::string_view tag) {
    cursor_.begin_node(place, false);
    builder_.scalar({span_of(place.begin, end), style, text, tag});
    end_node(end);
    if (style == Style::kPlain) cursor_.skip_behind_plain();
  }

  void add_quoted(const Place& place, std::string_view tag) {
    const std::size_t begin = place.begin;
    const char quote = source_[begin];
    const Quoted quoted = scan_quoted(source_, begin);
    if (!quoted.closed) cursor_.refuse("the quote that opens here is not closed", begin, begin + 1);
    if (quoted.bad_escape != std::string_view::npos) {
      cursor_.refuse(std::string(kEscapeMessage), quoted.bad_escape, quoted.bad_escape + 2);
    }
    const std::string_view inner = source_.substr(begin + 1, quoted.end - begin - 2);
    const Style style = quote == '"' ? Style::kDoubleQuoted : Style::kSingleQuoted;
    if (quoted.verbatim) {
      add_scalar(place, quoted.end, style, inner, tag);
    } else {
      add_scalar(place, quoted.end, style, decode_quoted(inner, quote), tag);
    }
    quote_ = begin;
  }

  void add_block(const Place& place, std::string_view tag) {
    const Block block = scan_block(source_, place.begin, cursor_.indent());
    if (block.bad_tab != std::string_view::npos) cursor_.refuse_tab(block.bad_tab);
    cursor_.check_breaks(place.begin, block.end);
    const Style style = source_[place.begin] == '|' ? Style::kLiteral : Style::kFolded;
    add_scalar(place, block.end, style, block.text, tag);
    cursor_.end_block_scalar(block.next_line);
  }

  // A node without bytes of its own.
  void add_empty(const Place& place, std::string_view tag) {
    cursor_.begin_node(place, true);
    builder_.scalar({span_of(place.empty_at, place.empty_at), Style::kPlain, {}, tag});
    if (builder_.stopped()) throw Stop{};
    cursor_.end_empty_node(place);
    quote_.reset();
  }

  void start(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, char bracket) {
    cursor_.take_back_bracket(clamp(mark));
    const Place place = cursor_.move_to_node(clamp(mark), anchor != YAML::NullAnchor, tag != "?");
    if (bracket == '{' && at(place.begin) == '{' && cursor_.expects_flow_key()) {
      cursor_.refuse("`{{` looks like a template: render it first, or quote it", place.begin - 1, place.begin + 1);
    }
    cursor_.begin_node(place, false);
    const bool is_map = bracket == '{';
    const bool flow = cursor_.begin_collection(place.begin, is_map, at(place.begin) == bracket);
    const auto begin = static_cast<std::uint32_t>(place.begin);
    const Style style = flow ? Style::kFlow : Style::kBlock;
    is_map ? builder_.begin_map(begin, style) : builder_.begin_sequence(begin, style);
    if (builder_.stopped()) throw Stop{};
  }

  void end() {
    builder_.end_collection(static_cast<std::uint32_t>(cursor_.end_collection()));
    if (builder_.stopped()) throw Stop{};
    quote_.reset();
  }

  // What a tag stands for, handles declared by %TAG left aside.
  static std::string full_tag(std::string_view tag) {
    if (tag.starts_with("!<")) return std::string(tag.substr(2, tag.size() - 3));
    if (tag.starts_with("!!")) return std::string(kTagPrefix) + std::string(tag.substr(2));
    return std::string(tag);
  }

  // True when `word` stands at `begin` as a scalar of its own, and not as the next key behind an empty value.
  bool is_plain_word(std::size_t begin, std::string_view word) const {
    if (source_.substr(begin, word.size()) != word) return false;
    const std::size_t end = begin + word.size();
    std::size_t behind = end;
    while (is_blank(at(behind))) ++behind;
    const char c = at(behind);
    const bool ends = behind == source_.size() || is_break(c) || c == ':' || (c == '#' && behind > end) ||
                      (cursor_.in_flow() && std::string_view(",[]{}?").find(c) != std::string_view::npos);
    return ends && !is_next_key(end);
  }

  // True when a value is due in a block mapping but what ends at `end` is followed by a colon: it is the next key, and
  // the value is empty.
  bool is_next_key(std::size_t end) const {
    if (!cursor_.expects_block_value()) return false;
    while (is_blank(at(end))) ++end;
    return at(end) == ':';
  }

  std::string_view source_;
  Builder& builder_;
  Cursor cursor_;
  std::optional<std::size_t> quote_;  // where the last node starts, if it was quoted
  bool started_ = false;
};

// A line break that is a carriage return alone is one to the cluster, and none to yaml-cpp.
std::string with_line_feeds(std::string_view source) {
  std::string text(source);
  for (std::size_t i = text.find('\r'); i != std::string::npos; i = text.find('\r', i + 1)) {
    if (i + 1 == text.size() || text[i + 1] != '\n') text[i] = '\n';
  }
  return text;
}

bool has_lone_return(std::string_view source) {
  for (std::size_t i = source.find('\r'); i != std::string_view::npos; i = source.find('\r', i + 1)) {
    if (i + 1 == source.size() || source[i + 1] != '\n') return true;
  }
  return false;
}

std::uint32_t behind(const Handler& handler) { return static_cast<std::uint32_t>(handler.progress().behind); }

}  // namespace

void read_yaml(std::string_view source, Builder& builder) {
  const std::string translated = has_lone_return(source) ? with_line_feeds(source) : std::string();
  ByteBuffer buffer(translated.empty() ? source : std::string_view(translated));
  std::istream stream(&buffer);
  Handler handler(source, builder);
  try {
    handler.begin();
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(handler)) {}
    handler.finish();
  } catch (const Stop&) {
  } catch (const YAML::DeepRecursion&) {
    builder.fault("document/limit", "collections are nested more than " + std::to_string(kParserDepth) + " deep",
                  {behind(handler), 0}, true);
  } catch (const YAML::Exception& error) {
    report_yaml_error(source, error.msg, static_cast<std::size_t>(std::max(error.mark.pos, 0)), handler.progress(),
                      builder);
  }
  builder.finish(behind(handler));
}

}  // namespace kubegate::document
