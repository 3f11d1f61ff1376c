// The idea: rendered manifests use a small part of YAML. Each line has an indentation, a run of dashes, perhaps a key,
// and perhaps a scalar; a stack of indentations says which collections a line closes or opens, and nothing needs to be
// looked at twice. That part is read here at many times the speed of a general parser. Everything else is *declined*,
// never guessed: anchors, aliases, tags, complex keys, flow collections that hold something, tabs, carriage returns,
// odd indentation, and all that is wrong. The document then goes to yaml-cpp, which finds the words for what is wrong
// with it. So this reader reports nothing itself; the builder's faults (duplicate keys, keys that cannot be) are the same
// whoever builds.
//
// yaml-cpp loses a line break of what `>+` keeps; the cluster does not, and neither does this reader.
//
// Right when it agrees with read_yaml() wherever it does not decline: tests/validate/document/block_reader_test.cc
// holds it to that over the YAML test suite, recorded documents, random changes to them, and documents of a grammar.
#include "validate/document/block_reader.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "validate/document/yaml_scalar.h"

namespace kubegate::document {
namespace {

constexpr std::size_t kLongestKey = 1000;  // YAML bounds keys at 1024 characters; nobody comes near

// Characters that a plain scalar may not start with, or only before certain others, which are left to yaml-cpp.
bool may_start_plain(char c) { return std::memchr("-?:,[]{}#&*!|>'\"%@`\t", c, 20) == nullptr; }

class BlockReader {
 public:
  BlockReader(std::string_view source, Builder& builder) : source_(source), builder_(builder) {}

  bool read() {
    if (!owns_characters() || !skip_marker()) return false;
    while (next_line()) {
      if (!enter_line() || !read_entries()) return false;
      if (builder_.stopped()) return false;
    }
    if (declined_ || frames_.empty()) return false;
    if (pending_ && source_.back() != '\n') return false;  // an indicator as the very last byte
    if (pending_) add_empty();
    while (!frames_.empty()) close();
    return !builder_.stopped();
  }

 private:
  struct Frame {
    std::size_t indent;
    bool is_map;
  };

  // Line breaks other than LF, and byte order marks inside, mean different things to different parsers.
  bool owns_characters() const {
    return source_.find('\r') == std::string_view::npos && source_.find("\xc2\x85") == std::string_view::npos &&
           source_.find("\xe2\x80\xa8") == std::string_view::npos &&
           source_.find("\xe2\x80\xa9") == std::string_view::npos &&
           source_.find("\xef\xbb\xbf") == std::string_view::npos;
  }

  // The first line may be `---` and a comment.
  bool skip_marker() {
    if (!source_.starts_with("---")) return true;
    const std::size_t end = line_end(0);
    at_ = 3;
    if (!only_comment(at_, end)) return false;
    at_ = end;
    return true;
  }

  char at(std::size_t i) const { return i < source_.size() ? source_[i] : '\0'; }
  std::size_t line_end(std::size_t from) const { return std::min(source_.find('\n', from), source_.size()); }
  std::size_t skip_spaces(std::size_t i, std::size_t end) const {
    while (i < end && source_[i] == ' ') ++i;
    return i;
  }

  // Nothing from `from` to `end` but spaces and a comment that a space sets off.
  bool only_comment(std::size_t from, std::size_t end) const {
    const std::size_t i = skip_spaces(from, end);
    return i == end || (source_[i] == '#' && i > from);
  }

  // To the next line that holds more than white space and a comment. False at the end.
  bool next_line() {
    while (at_ < source_.size()) {
      line_ = source_[at_] == '\n' ? at_ + 1 : at_;
      end_ = line_end(line_);
      at_ = skip_spaces(line_, end_);
      if (at_ < end_ && source_[at_] != '#') return true;
      at_ = end_;
    }
    return false;
  }

  bool is_dash(std::size_t i) const { return source_[i] == '-' && (i + 1 == end_ || source_[i + 1] == ' '); }

  // Closes and opens what the line's indentation says. At the first character of the line's first entry then.
  bool enter_line() {
    const std::size_t indent = at_ - line_;
    const bool dash = is_dash(at_);
    if (indent == 0 && (source_.compare(line_, 3, "---") == 0 || source_.compare(line_, 3, "...") == 0)) return false;
    if (frames_.empty()) {
      if (started_) return false;
      started_ = true;
      open(indent, !dash);
      return true;
    }
    if (pending_) {
      const Frame top = frames_.back();
      if (indent > top.indent || (dash && top.is_map && indent == top.indent)) {
        pending_ = false;
        open(indent, !dash);
        return true;
      }
      add_empty();
    }
    while (frames_.back().indent > indent) {
      close();
      if (frames_.empty()) return false;
    }
    if (frames_.back().indent != indent) return false;
    if (frames_.back().is_map) return !dash;
    if (dash) return true;
    // A list at the indentation of its key ends where the next key stands.
    if (frames_.size() < 2 || frames_[frames_.size() - 2].indent != indent) return false;
    close();
    return true;
  }

  // The entries of a line: dashes, then a key, then a value.
  bool read_entries() {
    while (!frames_.back().is_map) {
      const std::size_t dash = at_;
      at_ = skip_spaces(dash + 1, end_);
      if (at_ == end_ || source_[at_] == '#') {
        wait_for_value(dash + 1);
        at_ = end_;
        return true;
      }
      if (is_dash(at_)) {
        open(at_ - line_, false);
      } else if (const std::size_t colon = find_key(); colon != 0) {
        open(at_ - line_, true);
        return read_pair(colon);
      } else {
        return !declined_ && read_value();
      }
    }
    const std::size_t colon = find_key();
    return colon != 0 && read_pair(colon);
  }

  // Where the colon behind the key at `at_` stands; 0 when there is no key.
  std::size_t find_key() {
    const char first = source_[at_];
    if (first == '"' || first == '\'') {
      const Quoted quoted = scan_quoted(source_, at_);
      if (!quoted.closed || quoted.bad_escape != std::string_view::npos) return decline();
      key_end_ = quoted.end;
      if (quoted.end > end_) return 0;
      const std::size_t colon = skip_spaces(quoted.end, end_);
      if (colon == end_ || source_[colon] != ':') return 0;
      // `"a":b` is a key to some and an error to others.
      if (colon + 1 < end_ && source_[colon + 1] != ' ') return decline();
      return key_end_ - at_ > kLongestKey ? decline() : colon;
    }
    if (!starts_plain(at_)) return 0;
    const char* const data = source_.data();
    for (std::size_t i = at_; i < end_;) {
      const void* found = std::memchr(data + i, ':', end_ - i);
      if (found == nullptr) return 0;
      i = static_cast<std::size_t>(static_cast<const char*>(found) - data);
      if (i + 1 == end_ || source_[i + 1] == ' ') {
        key_end_ = i;
        while (source_[key_end_ - 1] == ' ') --key_end_;
        const std::string_view key = source_.substr(at_, key_end_ - at_);
        if (key.size() > kLongestKey || key.find(" #") != key.npos || key.find('\t') != key.npos) return decline();
        return i;
      }
      ++i;
    }
    return 0;
  }

  bool read_pair(std::size_t colon) {
    const char first = source_[at_];
    if (first == '"' || first == '\'') {
      add_quoted(at_, key_end_);
    } else {
      add(at_, key_end_, Style::kPlain, source_.substr(at_, key_end_ - at_));
    }
    at_ = skip_spaces(colon + 1, end_);
    if (at_ == end_ || source_[at_] == '#') {
      wait_for_value(colon + 1);
      at_ = end_;
      return true;
    }
    return read_value();
  }

  // The scalar or empty collection at `at_`; it may go on over the following lines.
  bool read_value() {
    const std::size_t begin = at_;
    switch (source_[begin]) {
      case '"':
      case '\'': {
        const Quoted quoted = scan_quoted(source_, begin);
        if (!quoted.closed || quoted.bad_escape != std::string_view::npos) return false;
        if (quoted.end > end_ && !is_indented(end_, quoted.end)) return false;
        add_quoted(begin, quoted.end);
        end_ = line_end(quoted.end);
        at_ = end_;
        return only_comment(quoted.end, end_);
      }
      case '|':
      case '>': return read_block_scalar(source_[begin]);
      case '[':
      case '{': return read_empty_collection();
      default: return read_plain();
    }
  }

  // Whether a plain scalar may start at `i`. An indicator may, where a character follows that makes it text.
  bool starts_plain(std::size_t i) const {
    const char c = source_[i];
    if (may_start_plain(c)) return true;
    return (c == '-' || c == ':' || c == '?') && i + 1 < end_ && source_[i + 1] != ' ';
  }

  // Whether `text`, a line of a plain scalar, is all text: no key, no tab.
  static bool is_plain_text(std::string_view text) {
    return text.find('\t') == text.npos && text.back() != ':' && text.find(": ") == text.npos;
  }

  bool read_plain() {
    const std::size_t begin = at_;
    if (!starts_plain(begin)) return false;
    std::size_t end = end_;
    const std::string_view rest = source_.substr(begin, end - begin);
    const std::size_t comment = rest.find(" #");
    if (comment != rest.npos) end = begin + comment;
    while (source_[end - 1] == ' ') --end;
    const std::string_view text = source_.substr(begin, end - begin);
    if (!is_plain_text(text)) return false;
    if (comment == rest.npos && goes_on()) return read_plain_lines(begin, end);
    add(begin, end, Style::kPlain, text);
    at_ = end_;
    return true;
  }

  // Whether the next line that is not blank belongs to the plain scalar of this line.
  bool goes_on() const {
    for (std::size_t line = end_ + 1; line < source_.size();) {
      const std::size_t end = line_end(line);
      const std::size_t text = skip_spaces(line, end);
      if (text < end) return text - line > frames_.back().indent && source_[text] != '#';
      line = end + 1;
    }
    return false;
  }

  // A plain scalar over several lines: trimmed, a single break is a space, of more all but the first stay.
  bool read_plain_lines(std::size_t begin, std::size_t end) {
    text_.assign(source_, begin, end - begin);
    while (goes_on()) {
      std::size_t breaks = 0;
      std::size_t text = 0;
      for (;; ++breaks) {
        const std::size_t line = end_ + 1;
        end_ = line_end(line);
        text = skip_spaces(line, end_);
        if (text < end_) break;
      }
      end = end_;
      while (source_[end - 1] == ' ') --end;
      const std::string_view content = source_.substr(text, end - text);
      if (is_dash(text) || !is_plain_text(content) || content.find(" #") != content.npos) return false;
      if ((content[0] == '?' || content[0] == ':') && (content.size() == 1 || content[1] == ' ')) return false;
      text_.append(std::max<std::size_t>(breaks, 1), breaks == 0 ? ' ' : '\n');
      text_ += content;
    }
    add(begin, end, Style::kPlain, text_);
    at_ = end_;
    return true;
  }

  bool read_empty_collection() {
    const std::size_t begin = at_;
    const bool is_map = source_[begin] == '{';
    if (at(begin + 1) != (is_map ? '}' : ']') || !only_comment(begin + 2, end_)) return false;
    const auto from = static_cast<std::uint32_t>(begin);
    is_map ? builder_.begin_map(from, Style::kFlow) : builder_.begin_sequence(from, Style::kFlow);
    builder_.end_collection(from + 2);
    behind_ = begin + 2;
    at_ = end_;
    return true;
  }

  // The lines of a quoted scalar behind its first, from `from` to `to`: indented more than what it stands in, without
  // tabs, as every parser takes them.
  bool is_indented(std::size_t from, std::size_t to) const {
    const std::size_t least = frames_.back().indent + 1;
    while (from < to) {
      const std::size_t line = from + 1;
      const std::size_t end = std::min(line_end(line), to);
      const std::size_t text = skip_spaces(line, end);
      if (text < end && text - line < least) return false;
      from = end;
    }
    return source_.substr(at_, to - at_).find('\t') == std::string_view::npos;
  }

  bool read_block_scalar(char kind) {
    const std::size_t begin = at_;
    char chomp = 0;
    std::size_t indent = 0;
    std::size_t i = begin + 1;
    for (; i < end_ && source_[i] != ' '; ++i) {
      const char c = source_[i];
      if ((c == '-' || c == '+') && chomp == 0) {
        chomp = c;
      } else if (c >= '1' && c <= '9' && indent == 0) {
        indent = frames_.back().indent + static_cast<std::size_t>(c - '0');
      } else {
        return false;
      }
    }
    if (!only_comment(i, end_)) return false;
    return read_block_lines(begin, kind, chomp, indent);
  }

  // The content of a block scalar: lines of at least `indent` (0: the first line's) and blank ones.
  bool read_block_lines(std::size_t begin, char kind, char chomp, std::size_t indent) {
    const std::size_t outside = frames_.back().indent;
    text_.clear();
    std::size_t behind = 0;         // the last line that is not blank
    std::size_t breaks = 0;         // blank lines since then
    std::size_t longest_blank = 0;  // of the blank lines before the first line
    bool first = true, last_more = false;
    std::size_t line = end_ + 1;
    while (line < source_.size()) {
      const std::size_t end = line_end(line);
      const std::size_t text = skip_spaces(line, end);
      if (text == end) {
        // Spaces beyond the indentation are text.
        if (!first && text - line > indent) return false;
        longest_blank = std::max(longest_blank, text - line);
        ++breaks;
        line = end + 1;
        continue;
      }
      if (indent == 0) {
        indent = text - line;
        if (indent <= outside || source_[text] == '\t') return false;
      }
      if (first && longest_blank > indent) return false;
      if (text - line < indent) {
        // A line that is neither inside nor outside; a tab that may be meant as indentation.
        if (source_[text] == '\t' || (source_[text] != '#' && text - line > outside)) return false;
        break;
      }
      const std::string_view content = source_.substr(line + indent, end - line - indent);
      const bool more = content.front() == ' ' || content.front() == '\t';
      write_break(kind == '>', first, breaks, last_more, more);
      text_ += content;
      first = false;
      last_more = more;
      breaks = 0;
      behind = end;
      line = end + 1;
    }
    if (first) return false;                     // no content: rare, and parsers differ about its breaks
    const bool ended = behind < source_.size();  // by a line break
    if (chomp != '-' && ended) text_ += '\n';
    if (chomp == '+') text_.append(breaks, '\n');
    add(begin, behind, kind == '|' ? Style::kLiteral : Style::kFolded, text_);
    end_ = std::min(line - 1, source_.size());
    at_ = end_;
    return true;
  }

  // The breaks before a line of a block scalar: kept as they are in a literal one; folded to a space between two lines
  // of text in a folded one, where lines that start with white space keep theirs.
  void write_break(bool folded, bool first, std::size_t breaks, bool last_more, bool more) {
    if (first) {
      text_.append(breaks, '\n');
    } else if (!folded || last_more || more) {
      text_.append(breaks + 1, '\n');
    } else if (breaks == 0) {
      text_ += ' ';
    } else {
      text_.append(breaks, '\n');
    }
  }

  void wait_for_value(std::size_t empty_at) {
    pending_ = true;
    behind_ = empty_at;
  }

  void add_empty() {
    pending_ = false;
    builder_.scalar({{static_cast<std::uint32_t>(behind_), 0}, Style::kPlain, {}, {}});
  }

  void add_quoted(std::size_t begin, std::size_t end) {
    const Quoted quoted = scan_quoted(source_, begin);
    const char quote = source_[begin];
    const std::string_view inner = source_.substr(begin + 1, end - begin - 2);
    const Style style = quote == '"' ? Style::kDoubleQuoted : Style::kSingleQuoted;
    if (quoted.verbatim) {
      add(begin, end, style, inner);
    } else {
      add(begin, end, style, decode_quoted(inner, quote));
    }
  }

  void add(std::size_t begin, std::size_t end, Style style, std::string_view text) {
    builder_.scalar({{static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end - begin)}, style, text, {}});
    behind_ = end;
  }

  void open(std::size_t indent, bool is_map) {
    frames_.push_back({indent, is_map});
    const auto begin = static_cast<std::uint32_t>(at_);
    is_map ? builder_.begin_map(begin, Style::kBlock) : builder_.begin_sequence(begin, Style::kBlock);
  }

  void close() {
    frames_.pop_back();
    builder_.end_collection(static_cast<std::uint32_t>(behind_));
  }

  std::size_t decline() {
    declined_ = true;
    return 0;
  }

  const std::string_view source_;
  Builder& builder_;
  std::vector<Frame> frames_;  // open collections
  std::size_t at_ = 0;         // the next character to look at
  std::size_t line_ = 0;       // where its line starts
  std::size_t end_ = 0;        // where its line ends, at the break
  std::size_t key_end_ = 0;    // of the key that find_key() found
  std::size_t behind_ = 0;     // the last node; the indicator of a value that is awaited
  bool pending_ = false;       // a key or dash awaits its value on a later line
  bool started_ = false;
  bool declined_ = false;
  std::string text_;  // of a block scalar
};

}  // namespace

bool read_block(std::string_view source, Builder& builder) { return BlockReader(source, builder).read(); }

}  // namespace kubegate::document
