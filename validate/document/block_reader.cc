// The idea: rendered manifests use a small part of YAML. Each line has an indentation, a run of dashes, perhaps a key,
// and perhaps a scalar; a stack of indentations says which collections a line closes or opens, and nothing needs to be
// looked at twice. Where lines, texts, colons and quotes stand is known ahead (marks.h), the first byte of a scalar
// says what it may be, and nodes go straight into the document, which has room for those of a line before it is read.
// That part is read here near the machine's limit: the shape of line that is most common in one go, in
// read_common_lines(), all others step by step.
// Everything else is *declined*, never guessed: anchors, aliases, tags, merge and complex keys, flow collections that
// hold something, tabs, carriage returns, odd indentation, and all that is wrong. The document then goes to yaml-cpp,
// which finds the words for what is wrong with it. So this reader reports nothing itself but keys that stand twice,
// which the builder finds for all readers.
//
// Duplicate keys: each open mapping has a word with a bit for each key's hash. Only where two keys share a bit does the
// builder compare them, so most mappings pay a shift and a test a key.
//
// yaml-cpp loses a line break of what `>+` keeps; the cluster does not, and neither does this reader.
//
// Right when it agrees with read_yaml() wherever it does not decline: tests/validate/document/block_reader_test.cc
// holds it to that over the YAML test suite, recorded documents, random changes to them, and documents of a grammar.
#include "validate/document/block_reader.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "validate/base/hash.h"
#include "validate/document/plain_scalar.h"
#include "validate/document/text_writer.h"
#include "validate/document/yaml_scalar.h"

namespace kubegate::document {
namespace {

constexpr std::size_t kLongestKey = 1000;  // YAML bounds keys at 1024 characters; nobody comes near
#if defined(__x86_64__)
const bool kHasBmi = __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
#endif

constexpr NodeIndex kMostOfCommonLine = 5;  // an empty value, a list, a mapping, a key and a value

}  // namespace

// The reading of one document.
class BlockReader::Run {
 public:
  Run(std::string_view source, const Marks& marks, Builder& builder, BlockReader& memory)
      : source_(source), data_(source.data()), size_(source.size()), marks_(marks.sets()), odd_(marks.odd()),
        builder_(builder), nodes_(builder.nodes()), most_(builder.limits().nodes), text_(memory.text_) {
    const std::size_t depth = builder.limits().depth;
    if (memory.frames_.size() <= depth) memory.frames_.resize(depth + 1);
    outermost_ = top_ = memory.frames_.data();
    outermost_->indent = ~std::size_t{0};  // no line's
    deepest_ = outermost_ + depth;
  }

  bool read() {
#if defined(__x86_64__)
    if (kHasBmi) return read_with_bmi();
#endif
    return read_all();
  }

 private:
#if defined(__x86_64__)
  // The same where a shift needs no certain register: sets of marks are shifted many times a line.
  [[gnu::target("bmi,bmi2")]] bool read_with_bmi() { return read_all(); }
#endif

  [[gnu::always_inline]] bool read_all() {
    if ((odd_ && !owns_characters()) || !skip_marker()) return false;
    // A line opens no more collections than may be nested, and has a key and a value besides.
    const NodeIndex most_of_line = builder_.limits().depth + 3;
    while (read_common_lines() && next_line()) {
      nodes_.reserve(most_of_line);
      if (!enter_line() || !read_entries()) return false;
      if (nodes_.size() > most_) return false;
    }
    if (declined_ || top_ == outermost_ || nodes_.size() > most_) return false;
    if (pending_ && source_.back() != '\n') return false;  // an indicator as the very last byte
    if (pending_) {
      nodes_.reserve(1);
      add_empty();
    }
    while (top_ != outermost_) close();
    return !builder_.stopped();
  }

  // Line breaks other than LF, and byte order marks inside, mean different things to different parsers.
  [[gnu::noinline]] bool owns_characters() const {
    return source_.find('\r') == std::string_view::npos && source_.find("\xc2\x85") == std::string_view::npos &&
           source_.find("\xe2\x80\xa8") == std::string_view::npos &&
           source_.find("\xe2\x80\xa9") == std::string_view::npos &&
           source_.find("\xef\xbb\xbf") == std::string_view::npos;
  }

  // The first line may be `---` and a comment.
  bool skip_marker() {
    if (!source_.starts_with("---")) return true;
    const std::size_t end = line_end(0);
    if (!only_comment(3, end)) return false;
    from_ = end + 1;
    return true;
  }

  std::size_t line_end(std::size_t from) const { return from < size_ ? marks_.next<Mark::kBreak>(from) : size_; }
  std::size_t skip_spaces(std::size_t i, std::size_t end) const { return std::min(marks_.next<Mark::kInk>(i), end); }
  bool has_tab(std::size_t begin, std::size_t end) const {
    return odd_ && std::memchr(data_ + begin, '\t', end - begin) != nullptr;
  }
  bool has_colon(std::size_t begin, std::size_t end) const { return marks_.next<Mark::kColon>(begin, end) != end; }
  bool has_comment(std::size_t begin, std::size_t end) const { return marks_.next<Mark::kHash>(begin, end) != end; }

  // Nothing from `from` to `end` but spaces and a comment that a space sets off.
  bool only_comment(std::size_t from, std::size_t end) const {
    if (from >= end) return true;
    const std::size_t i = skip_spaces(from, end);
    return i == end || (data_[i] == '#' && i > from);
  }

  // Reads lines for as long as they are of the one shape that nearly all have: a dash or none, a plain key, a plain or
  // simple quoted scalar or none, all within one window of marks, without comment, and not going on behind it. Whether
  // a line is of it shows before anything is done; the first that is not is left to next_line(). What the loop needs
  // stands in its own variables, which no store to a node can change. False: the document is declined.
  [[gnu::always_inline]] bool read_common_lines() {
    const MarkSets marks = marks_;
    const char* const data = data_;
    const std::size_t size = size_;
    std::size_t line = from_;
    if (line >= size) return true;
    std::size_t text = text_of_line(line);
    while (text < size) {
      const std::uint64_t breaks = marks.window<Mark::kBreak>(text);
      const std::uint64_t before = (breaks - 1) & ~breaks;
      const std::uint64_t colons = marks.window<Mark::kColon>(text) & before;
      if (breaks == 0 || colons == 0 || (colons & (colons - 1)) != 0) break;
      const std::size_t end = text + static_cast<std::size_t>(std::countr_zero(breaks));
      const std::size_t colon = text + static_cast<std::size_t>(std::countr_zero(colons));
      if (odd_ && has_tab(text, end)) break;

      std::size_t at = text;
      First first = first_of(data[at]);
      const bool dash = first > First::kWord;
      if (dash) {  // if it is one: the colon stands behind it
        if (data[at] != '-' || data[at + 1] != ' ') break;
        at += 2;
        first = first_of(data[at]);
      }
      if (first > First::kWord || data[colon - 1] == ' ') break;
      if (first == First::kWord && colon - at <= kLongestWord && may_mean_more({data + at, colon - at})) break;

      const std::size_t value = colon + 2, next = end + 1;
      const std::size_t next_text = next < size ? marks.next<Mark::kInk>(next) : next;
      const std::uint64_t hashes = marks.window<Mark::kHash>(text) & before;
      const std::uint64_t quotes = marks.window<Mark::kQuote>(text) & before;
      if (hashes != 0) break;
      First kind = First::kOther;
      if (value < end) {
        kind = first_of(data[value]);
        if (kind <= First::kMaybe) {
          if (quotes != 0 || data[end - 1] == ' ' || next_text - next > at - line) break;
          if (next_text < size && data[next_text] == '\n') break;
        } else {
          // One quote where the value begins and the same where the line ends.
          const std::uint64_t ends = std::uint64_t{1} << (value - text) | std::uint64_t{1} << (end - 1 - text);
          if (quotes != ends || value == end - 1 || data[value] != data[end - 1] || data[value] == '\\') break;
        }
      } else if (value != end + 1) {
        break;
      }

      if (nodes_.size() > most_) return decline();
      nodes_.reserve(kMostOfCommonLine);
      if (!enter(text - line, text, dash) || (dash && !open(at - line, at, true))) return decline();
      Node* const pair = nodes_.end();
      set(pair[0], at, colon, Kind::kString, Style::kPlain);
      note_key(pair[0], {data + at, colon - at}, size - at >= kKeyPadding);
      if (value > end) {
        nodes_.extend(1);
        wait_for_value(end);
      } else {
        nodes_.extend(2);
        behind_ = end;
        if (kind == First::kOther) {
          set(pair[1], value, end, Kind::kString, data[value] == '"' ? Style::kDoubleQuoted : Style::kSingleQuoted);
        } else {
          set(pair[1], value, end, Kind::kString, Style::kPlain);
          if (kind == First::kMaybe || (kind == First::kWord && end - value <= kLongestWord)) resolve_plain(pair[1]);
        }
      }
      line = next;
      text = next_text;
    }
    from_ = asked_line_ = line;
    asked_text_ = text;
    return true;
  }

  // To the next line that holds more than white space and a comment. False at the end.
  [[gnu::always_inline]] bool next_line() {
    while (from_ < size_) {
      line_ = from_;
      at_ = text_of_line(line_);
      if (at_ >= size_) return false;
      const char c = data_[at_];
      if (c == '\n') {
        from_ = at_ + 1;
        continue;
      }
      end_ = marks_.next<Mark::kBreak>(at_);
      from_ = end_ + 1;
      if (c != '#') return true;
    }
    return false;
  }

  // Where the text of the line that starts at `line` begins. The value of a line asks it of the next line, to know
  // whether it goes on there, and that line then asks it again.
  std::size_t text_of_line(std::size_t line) {
    if (line != asked_line_) {
      asked_line_ = line;
      asked_text_ = marks_.next<Mark::kInk>(line);
    }
    return asked_text_;
  }

  bool is_dash(std::size_t i) const { return data_[i] == '-' && (i + 1 == end_ || data_[i + 1] == ' '); }

  // Closes and opens what the line's indentation says. At the first character of the line's first entry then.
  bool enter_line() {
    const std::size_t indent = at_ - line_;
    if (indent == 0 && (source_.compare(line_, 3, "---") == 0 || source_.compare(line_, 3, "...") == 0)) return false;
    return close_and_open(indent, at_, is_dash(at_));
  }

  // The same of a line that is no marker and whose first entry stands at `begin`.
  [[gnu::always_inline]] bool enter(std::size_t indent, std::size_t begin, bool dash) {
    if (indent == top_->indent && top_->is_map != dash && !pending_) return true;
    if (pending_ && indent > top_->indent) {
      pending_ = false;
      return open(indent, begin, !dash);
    }
    return close_and_open(indent, begin, dash);
  }

  [[gnu::noinline]] bool close_and_open(std::size_t indent, std::size_t begin, bool dash) {
    if (top_ == outermost_) return !std::exchange(started_, true) && open(indent, begin, !dash);
    if (pending_) {
      if (indent > top_->indent || (dash && top_->is_map && indent == top_->indent)) {
        pending_ = false;
        return open(indent, begin, !dash);
      }
      add_empty();
    }
    while (top_->indent > indent) {
      close();
      if (top_ == outermost_) return false;
    }
    if (top_->indent != indent) return false;
    if (top_->is_map) return !dash;
    if (dash) return true;
    // A list at the indentation of its key ends where the next key stands.
    if (top_ - outermost_ < 2 || top_[-1].indent != indent) return false;
    close();
    return true;
  }

  // The entries of a line: dashes, then a key, then a value.
  [[gnu::always_inline]] bool read_entries() {
    comment_ = marks_.next<Mark::kHash>(at_, end_);
    if (!top_->is_map) {
      std::size_t colon = 0;
      if (!read_dashes(colon)) return false;
      if (colon == 0) return true;
      return read_pair(colon);
    }
    const std::size_t colon = find_key();
    return colon != 0 && read_pair(colon);
  }

  // The dashes of a line, and the item unless it starts with a key, whose colon is told then.
  [[gnu::noinline]] bool read_dashes(std::size_t& colon) {
    while (true) {
      const std::size_t dash = at_;
      at_ = skip_spaces(dash + 1, end_);
      if (at_ == end_ || data_[at_] == '#') {
        wait_for_value(dash + 1);
        return true;
      }
      if (is_dash(at_)) {
        if (!open(at_ - line_, at_, false)) return false;
      } else if (colon = find_key(); colon != 0) {
        return open(at_ - line_, at_, true);
      } else {
        return !declined_ && read_value();
      }
    }
  }

  // A quoted scalar at `begin` that ends on its line and says what stands between its quotes: the end. 0 for others.
  std::size_t simple_quoted_end(std::size_t begin) const {
    const char quote = data_[begin];
    for (std::size_t i = marks_.next<Mark::kQuote>(begin + 1); i < end_; i = marks_.next<Mark::kQuote>(i + 1)) {
      const char c = data_[i];
      if (c == quote) return quote == '\'' && i + 1 < end_ && data_[i + 1] == '\'' ? 0 : i + 1;
      if (c == '\\' && quote == '"') return 0;
    }
    return 0;
  }

  // The end of the quoted scalar at `at_`; 0 where there is none that this reader owns. Says whether it is simple.
  std::size_t quoted_end() {
    const std::size_t simple = simple_quoted_end(at_);
    simple_ = simple != 0;
    if (simple_) return simple;
    const Quoted quoted = scan_quoted(source_, at_);
    return quoted.closed && quoted.bad_escape == std::string_view::npos ? quoted.end : 0;
  }

  // The same of a key in quotes.
  [[gnu::noinline]] std::size_t find_quoted_key() {
    key_end_ = quoted_end();
    if (key_end_ == 0) return decline();
    if (key_end_ > end_) return 0;
    const std::size_t colon = skip_spaces(key_end_, end_);
    if (colon == end_ || data_[colon] != ':') return 0;
    // `"a":b` is a key to some and an error to others.
    if (colon + 1 < end_ && data_[colon + 1] != ' ') return decline();
    comment_ = marks_.next<Mark::kHash>(colon, end_);
    return key_end_ - at_ > kLongestKey ? decline() : colon;
  }

  // Where the colon behind the key at `at_` stands; 0 when there is no key.
  [[gnu::always_inline]] std::size_t find_key() {
    const char first = data_[at_];
    if (first == '"' || first == '\'') return find_quoted_key();
    if (!starts_plain(at_)) return 0;
    const std::size_t colon = marks_.next<Mark::kColon>(at_, end_);
    if (colon == end_) return 0;
    key_end_ = colon;
    while (data_[key_end_ - 1] == ' ') --key_end_;
    if (key_end_ - at_ > kLongestKey || comment_ < colon || has_tab(at_, key_end_)) return decline();
    return colon;
  }

  [[gnu::always_inline]] bool read_pair(std::size_t colon) {
    const char first = data_[at_];
    if (first == '"' || first == '\'') {
      add_quoted(at_, key_end_, true);
    } else if (!add_plain_key(at_, key_end_)) {
      return false;
    }
    // Nearly always one space and the value.
    at_ = colon + 2 < end_ && data_[colon + 2] != ' ' ? colon + 2 : skip_spaces(colon + 1, end_);
    if (at_ == end_ || data_[at_] == '#') {
      wait_for_value(colon + 1);
      return true;
    }
    return read_value();
  }

  // The scalar or empty collection at `at_`; it may go on over the following lines.
  [[gnu::always_inline]] bool read_value() {
    const First first = first_of(data_[at_]);
    return first == First::kOther ? read_marked_value() : read_plain();
  }

  // What an indicator starts.
  [[gnu::noinline]] bool read_marked_value() {
    const std::size_t begin = at_;
    switch (data_[begin]) {
      case '"':
      case '\'': {
        const std::size_t end = quoted_end();
        if (end == 0 || (end > end_ && !is_indented(end_, end))) return false;
        add_quoted(begin, end, false);
        if (end > end_) {
          end_ = line_end(end);
          from_ = end_ + 1;
        }
        return only_comment(end, end_);
      }
      case '|':
      case '>': return read_block_scalar(data_[begin]);
      case '[':
      case '{': return read_empty_collection();
      default: return false;
    }
  }

  // Whether a plain scalar may start at `i`.
  bool starts_plain(std::size_t i) const {
    const First first = first_of(data_[i]);
    if (first <= First::kMaybe) return true;
    return first == First::kIndicator && i + 1 < end_ && data_[i + 1] != ' ';
  }

  [[gnu::always_inline]] bool read_plain() {
    const std::size_t begin = at_;
    if (!starts_plain(begin)) return false;
    std::size_t end = comment_;
    while (data_[end - 1] == ' ') --end;
    if (has_colon(begin, end) || has_tab(begin, end)) return false;
    if (comment_ == end_ && goes_on()) return read_plain_lines(begin, end);
    add_plain(begin, end);
    return true;
  }

  // Whether the next line that is not blank belongs to the plain scalar of this line. Passes over blank lines.
  bool goes_on() {
    while (from_ < size_) {
      const std::size_t text = text_of_line(from_);
      if (text >= size_) return false;
      if (data_[text] != '\n') return text - from_ > top_->indent && data_[text] != '#';
      from_ = text + 1;
    }
    return false;
  }

  // A plain scalar over several lines: trimmed, a single break is a space, of more all but the first stay.
  [[gnu::noinline]] bool read_plain_lines(std::size_t begin, std::size_t end) {
    text_.assign(source_, begin, end - begin);
    std::size_t behind = end_ + 1;  // the line that the text ends in so far
    do {
      const std::size_t breaks = static_cast<std::size_t>(std::count(data_ + behind, data_ + from_, '\n'));
      const std::size_t text = marks_.next<Mark::kInk>(from_);
      end_ = line_end(text);
      from_ = behind = end_ + 1;
      end = end_;
      while (data_[end - 1] == ' ') --end;
      const std::string_view content = source_.substr(text, end - text);
      if (is_dash(text) || has_colon(text, end) || has_tab(text, end) || has_comment(text, end)) return false;
      if ((content[0] == '?' || content[0] == ':') && (content.size() == 1 || content[1] == ' ')) return false;
      text_.append(std::max<std::size_t>(breaks, 1), breaks == 0 ? ' ' : '\n');
      text_ += content;
    } while (goes_on());
    // A break or a space stands in it, so it is no number or word.
    add_decoded(begin, end, Style::kPlain, text_);
    return true;
  }

  [[gnu::noinline]] bool read_empty_collection() {
    const std::size_t begin = at_;
    const bool is_map = data_[begin] == '{';
    if (begin + 1 == end_ || data_[begin + 1] != (is_map ? '}' : ']') || !only_comment(begin + 2, end_)) return false;
    Node& node = add(begin, begin + 2, is_map ? Kind::kMap : Kind::kSequence, Style::kFlow);
    node.children = {nodes_.size(), 0};
    return true;
  }

  // The lines of a quoted scalar behind its first, from `from` to `to`: indented more than what it stands in, without
  // tabs, as every parser takes them.
  bool is_indented(std::size_t from, std::size_t to) const {
    const std::size_t least = top_->indent + 1;
    while (from < to) {
      const std::size_t line = from + 1;
      const std::size_t end = std::min(line_end(line), to);
      const std::size_t text = skip_spaces(line, end);
      if (text < end && text - line < least) return false;
      from = end;
    }
    return !has_tab(at_, to);
  }

  [[gnu::noinline]] bool read_block_scalar(char kind) {
    const std::size_t begin = at_;
    char chomp = 0;
    std::size_t indent = 0;
    std::size_t i = begin + 1;
    for (; i < end_ && data_[i] != ' '; ++i) {
      const char c = data_[i];
      if ((c == '-' || c == '+') && chomp == 0) {
        chomp = c;
      } else if (c >= '1' && c <= '9' && indent == 0) {
        indent = top_->indent + static_cast<std::size_t>(c - '0');
      } else {
        return false;
      }
    }
    if (!only_comment(i, end_)) return false;
    return read_block_lines(begin, kind, chomp, indent);
  }

  // The content of a block scalar: lines of at least `indent` (0: the first line's) and blank ones.
  bool read_block_lines(std::size_t begin, char kind, char chomp, std::size_t indent) {
    const MarkSets marks = marks_;
    const char* const data = data_;
    const std::size_t size = size_, outside = top_->indent;
    const bool folded = kind == '>';
    TextWriter out(text_);
    std::size_t behind = 0;         // the last line that is not blank
    std::size_t breaks = 0;         // blank lines since then
    std::size_t longest_blank = 0;  // of the blank lines before the first line
    bool first = true, last_more = false;
    std::size_t line = end_ + 1;
    while (line < size) {
      const std::size_t end = marks.next<Mark::kBreak>(line);
      const std::size_t text = marks.next<Mark::kInk>(line);
      const std::size_t depth = text - line;
      if (text == end) {
        // Spaces beyond the indentation are text.
        if (!first && depth > indent) return false;
        longest_blank = std::max(longest_blank, depth);
        breaks += end < size;  // spaces at the very end have no break
        line = end + 1;
        continue;
      }
      const bool tab = data[text] == '\t';
      if (first) {
        if (indent == 0) {
          indent = depth;
          if (indent <= outside || tab) return false;
        }
        if (longest_blank > indent) return false;
      }
      if (depth < indent) {
        // A line that is neither inside nor outside; a tab that may be meant as indentation.
        if (tab || (data[text] != '#' && depth > outside)) return false;
        break;
      }
      const std::size_t from = line + indent;
      // A line of tabs alone: parsers differ about whether it is text.
      if (tab && source_.substr(from, end - from).find_first_not_of(" \t") == std::string_view::npos) return false;
      const bool more = depth > indent || tab;
      // The breaks before the line: kept as they are in a literal one; folded to a space between two lines of text in a
      // folded one, where lines that start with white space keep theirs.
      if (first) {
        out.add('\n', breaks);
      } else if (!folded || last_more || more) {
        out.add('\n', breaks + 1);
      } else {
        out.add(breaks == 0 ? ' ' : '\n', std::max<std::size_t>(breaks, 1));
      }
      out.add(data + from, end - from, size - from);
      first = false;
      last_more = more;
      breaks = 0;
      behind = end;
      line = end + 1;
    }
    if (first) return false;           // no content: rare, and parsers differ about its breaks
    const bool ended = behind < size;  // by a line break
    if (chomp != '-' && ended) out.add('\n', 1);
    if (chomp == '+') out.add('\n', breaks);
    add_decoded(begin, behind, folded ? Style::kFolded : Style::kLiteral, out.text());
    from_ = line;
    return true;
  }

  void wait_for_value(std::size_t empty_at) {
    pending_ = true;
    behind_ = empty_at;
  }

  void add_empty() {
    pending_ = false;
    add(behind_, behind_, Kind::kNull, Style::kPlain);
  }

  // Appends a value; what it holds is the caller's to set.
  Node& add(std::size_t begin, std::size_t end, Kind kind, Style style) {
    if (!top_->is_map) ++top_->count;
    behind_ = end;
    return append(begin, end, kind, style);
  }

  [[gnu::always_inline]] Node& append(std::size_t begin, std::size_t end, Kind kind, Style style) {
    Node& node = nodes_.append();
    set(node, begin, end, kind, style);
    return node;
  }

  static void set(Node& node, std::size_t begin, std::size_t end, Kind kind, Style style) {
    node.begin = static_cast<std::uint32_t>(begin);
    node.length = static_cast<std::uint32_t>(end - begin);
    node.integer = 0;
    node.hash = 0;
    node.kind = kind;
    node.style = style;
    node.flags = 0;
  }

  void add_decoded(std::size_t begin, std::size_t end, Style style, std::string_view text) {
    Node& node = add(begin, end, Kind::kString, style);
    node.flags = Node::kDecoded;
    node.text = builder_.keep(text);
  }

  void add_plain(std::size_t begin, std::size_t end) {
    Node& node = add(begin, end, Kind::kString, Style::kPlain);
    if (first_of(data_[begin]) != First::kText) resolve_plain(node);
  }

  // Gives the node of a plain scalar its meaning.
  [[gnu::noinline]] void resolve_plain(Node& node) {
    const std::string_view text(data_ + node.begin, node.length);
    if (!may_mean_more(text)) return;
    if (text == "true" || text == "false") {
      node.kind = Kind::kBool;
      node.boolean = text.size() == 4;
      return;
    }
    std::int64_t integer = 0;
    switch (read_digits(text, integer)) {
      case Digits::kInteger:
        node.kind = Kind::kInt;
        node.integer = integer;
        return;
      case Digits::kText: return;
      case Digits::kUnknown: break;
    }
    const Resolution resolution = resolve(Style::kPlain, {}, text, builder_.table());
    // What JSON cannot hold is a fault, for which the other reader finds the words. It knows times, too.
    if (resolution.type != ScalarType::kString && !to_value(resolution, node)) decline();
  }

  // False for a key that is merged or that the cluster does not take.
  [[gnu::always_inline]] bool add_plain_key(std::size_t begin, std::size_t end) {
    const std::string_view text(data_ + begin, end - begin);
    if (may_mean_more(text)) return add_resolved_key(begin, end, text);
    add_key(begin, end);
    return true;
  }

  // A plain key that means its own text.
  [[gnu::always_inline]] void add_key(std::size_t begin, std::size_t end) {
    note_key(append(begin, end, Kind::kString, Style::kPlain), {data_ + begin, end - begin},
             size_ - begin >= kKeyPadding);
  }

  [[gnu::noinline]] bool add_resolved_key(std::size_t begin, std::size_t end, std::string_view text) {
    if (is_merge_key(Style::kPlain, {}, text)) return false;
    std::string_view key = text;
    char buffer[kKeyBuffer];
    const Resolution resolution = resolve(Style::kPlain, {}, text, builder_.table());
    if (resolution.type != ScalarType::kString) key = key_text(resolution, buffer);
    if (key.empty()) return false;
    Node& node = append(begin, end, Kind::kString, Style::kPlain);
    if (key.data() != text.data() && key != text) {
      node.flags = Node::kDecoded;
      node.text = builder_.keep(key);
    }
    note_key(node, key);
    return true;
  }

  [[gnu::noinline]] void add_quoted(std::size_t begin, std::size_t end, bool is_key) {
    const char quote = data_[begin];
    const Style style = quote == '"' ? Style::kDoubleQuoted : Style::kSingleQuoted;
    const std::string_view inner(data_ + begin + 1, end - begin - 2);
    Node& node = is_key ? append(begin, end, Kind::kString, style) : add(begin, end, Kind::kString, style);
    if (simple_) {
      if (is_key) note_key(node, inner);
      return;
    }
    const std::string text = decode_quoted(inner, quote);
    if (is_key) note_key(node, text);
    if (text == inner) return;
    node.flags = Node::kDecoded;
    node.text = builder_.keep(text);
  }

  void note_key(Node& node, std::string_view key, bool padded = false) {
    const std::uint32_t hash = hash_key(key, padded);
    node.hash = hash;
    const std::uint64_t bit = std::uint64_t{1} << (hash & 63);
    Frame& top = *top_;
    top.twice |= top.keys & bit;
    top.keys |= bit;
    ++top.count;
  }

  // Opens a collection that begins at `begin`. False where it would be nested too deep.
  [[gnu::always_inline]] bool open(std::size_t indent, std::size_t begin, bool is_map) {
    if (top_ == deepest_) return false;
    if (top_ != outermost_ && !top_->is_map) ++top_->count;
    *++top_ = {indent, 0, 0, nodes_.size(), 0, is_map};
    append(begin, begin, is_map ? Kind::kMap : Kind::kSequence, Style::kBlock);
    return true;
  }

  void close() {
    const Frame& frame = *top_--;
    Node& node = nodes_[frame.node];
    node.length = static_cast<std::uint32_t>(behind_ - node.begin);
    node.children = {nodes_.size(), frame.count};
    if (frame.twice != 0) builder_.drop_duplicates(frame.node);
  }

  std::size_t decline() {
    declined_ = true;
    return 0;
  }

  const std::string_view source_;
  const char* const data_;
  const std::size_t size_;
  const MarkSets marks_;
  const bool odd_;  // some bytes are not printable ASCII
  Builder& builder_;
  NodeArray& nodes_;
  const NodeIndex most_;  // nodes
  std::string& text_;
  // The open collections: the innermost, a place before the outermost, and the place of the deepest that may be.
  Frame *top_, *outermost_, *deepest_;
  std::size_t from_ = 0;     // where the next line starts
  std::size_t line_ = 0;     // where the line at hand starts
  std::size_t at_ = 0;       // the next character of it to look at
  std::size_t end_ = 0;      // where it ends, at the break
  std::size_t comment_ = 0;  // where its comment starts, behind `at_`; `end_` where there is none
  std::size_t asked_line_ = ~std::size_t{0}, asked_text_ = 0;  // what text_of_line() told last
  std::size_t key_end_ = 0;                                    // of the key that find_key() found
  std::size_t behind_ = 0;  // the last node; the indicator of a value that is awaited
  bool pending_ = false;    // a key or dash awaits its value on a later line
  bool simple_ = false;     // the quoted scalar that quoted_end() found ends on its line and needs no decoding
  bool started_ = false;
  bool declined_ = false;
};

bool BlockReader::read(std::string_view source, const Marks& marks, Builder& builder) {
  return Run(source, marks, builder, *this).read();
}

}  // namespace kubegate::document
