// The idea: rendered manifests use a small part of YAML. Each line has an indentation, a run of dashes, perhaps a key,
// and perhaps a scalar; a stack of indentations says which collections a line closes or opens, and nothing needs to be
// looked at twice. Where lines, texts, colons and quotes stand is known ahead (marks.h), the first byte of a scalar
// says what it may be, and nodes go straight into the document. That part is read here near the machine's limit.
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
#include <cstring>
#include <utility>

#include "validate/base/hash.h"
#include "validate/document/yaml_scalar.h"

namespace kubegate::document {
namespace {

constexpr std::size_t kLongestKey = 1000;  // YAML bounds keys at 1024 characters; nobody comes near

// What a plain scalar with this first byte may be.
enum class First : std::uint8_t {
  kText,       // a string, whatever follows
  kMaybe,      // perhaps a number, a boolean, null or the merge key
  kIndicator,  // `-`, `?` and `:`: text only where a character follows that makes it text
  kOther,      // not the start of a plain scalar
};

constexpr std::array<First, 256> kFirst = [] {
  std::array<First, 256> first{};
  for (unsigned char c : {'y', 'Y', 'n', 'N', 't', 'T', 'f', 'F', 'o', 'O', '~', '+', '.', '<'})
    first[c] = First::kMaybe;
  for (unsigned char c = '0'; c <= '9'; ++c) first[c] = First::kMaybe;
  for (unsigned char c : {'-', '?', ':'}) first[c] = First::kIndicator;
  for (unsigned char c :
       {',', '[', ']', '{', '}', '#', '&', '*', '!', '|', '>', '\'', '"', '%', '@', '`', '\t', ' ', '\n', '\0'}) {
    first[c] = First::kOther;
  }
  return first;
}();

First first_of(char c) { return kFirst[static_cast<unsigned char>(c)]; }

// A number as nearly all are written: at most 18 digits, without sign or leading zero.
bool is_simple_integer(std::string_view text, std::int64_t& value) {
  if (text.size() > 18 || (text[0] == '0' && text.size() > 1)) return false;
  std::int64_t n = 0;
  for (const char c : text) {
    const auto digit = static_cast<unsigned char>(c - '0');
    if (digit > 9) return false;
    n = n * 10 + digit;
  }
  value = n;
  return true;
}

}  // namespace

// The reading of one document.
class BlockReader::Run {
 public:
  Run(std::string_view source, const Marks& marks, Builder& builder, BlockReader& memory)
      : source_(source), data_(source.data()), marks_(marks), builder_(builder), nodes_(builder.nodes()),
        frames_(memory.frames_), text_(memory.text_) {
    frames_.clear();
  }

  bool read() {
    if ((marks_.odd() && !owns_characters()) || !skip_marker()) return false;
    const std::size_t most_nodes = builder_.limits().nodes;
    while (next_line()) {
      if (!enter_line() || !read_entries()) return false;
      if (nodes_.size() > most_nodes) return false;
    }
    if (declined_ || frames_.empty()) return false;
    if (pending_ && source_.back() != '\n') return false;  // an indicator as the very last byte
    if (pending_) add_empty();
    while (!frames_.empty()) close();
    return !builder_.stopped();
  }

 private:
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
    if (!only_comment(3, end)) return false;
    from_ = end + 1;
    return true;
  }

  std::size_t line_end(std::size_t from) const {
    return from < source_.size() ? marks_.next<&MarkWord::breaks>(from) : source_.size();
  }
  std::size_t skip_spaces(std::size_t i, std::size_t end) const {
    return std::min(marks_.next<&MarkWord::inked>(i), end);
  }
  bool has_tab(std::size_t begin, std::size_t end) const {
    return marks_.odd() && std::memchr(data_ + begin, '\t', end - begin) != nullptr;
  }
  bool has_colon(std::size_t begin, std::size_t end) const { return marks_.next<&MarkWord::colons>(begin, end) != end; }
  bool has_comment(std::size_t begin, std::size_t end) const {
    return marks_.next<&MarkWord::hashes>(begin, end) != end;
  }

  // Nothing from `from` to `end` but spaces and a comment that a space sets off.
  bool only_comment(std::size_t from, std::size_t end) const {
    if (from >= end) return true;
    const std::size_t i = skip_spaces(from, end);
    return i == end || (data_[i] == '#' && i > from);
  }

  // To the next line that holds more than white space and a comment. False at the end.
  bool next_line() {
    while (from_ < source_.size()) {
      line_ = from_;
      at_ = marks_.next<&MarkWord::inked>(line_);
      if (at_ >= source_.size()) return false;
      const char c = data_[at_];
      if (c == '\n') {
        from_ = at_ + 1;
        continue;
      }
      end_ = marks_.next<&MarkWord::breaks>(at_);
      from_ = end_ + 1;
      if (c != '#') return true;
    }
    return false;
  }

  bool is_dash(std::size_t i) const { return data_[i] == '-' && (i + 1 == end_ || data_[i + 1] == ' '); }

  // Closes and opens what the line's indentation says. At the first character of the line's first entry then.
  bool enter_line() {
    const std::size_t indent = at_ - line_;
    const bool dash = is_dash(at_);
    if (indent == 0 && (source_.compare(line_, 3, "---") == 0 || source_.compare(line_, 3, "...") == 0)) return false;
    if (frames_.empty()) return !std::exchange(started_, true) && open(indent, !dash);
    if (pending_) {
      const Frame& top = frames_.back();
      if (indent > top.indent || (dash && top.is_map && indent == top.indent)) {
        pending_ = false;
        return open(indent, !dash);
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
      if (at_ == end_ || data_[at_] == '#') {
        wait_for_value(dash + 1);
        return true;
      }
      if (is_dash(at_)) {
        if (!open(at_ - line_, false)) return false;
      } else if (const std::size_t colon = find_key(); colon != 0) {
        return open(at_ - line_, true) && read_pair(colon);
      } else {
        return !declined_ && read_value();
      }
    }
    const std::size_t colon = find_key();
    return colon != 0 && read_pair(colon);
  }

  // A quoted scalar at `begin` that ends on its line and says what stands between its quotes: the end. 0 for others.
  std::size_t simple_quoted_end(std::size_t begin) const {
    const char quote = data_[begin];
    for (std::size_t i = marks_.next<&MarkWord::quotes>(begin + 1); i < end_;
         i = marks_.next<&MarkWord::quotes>(i + 1)) {
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

  // Where the colon behind the key at `at_` stands; 0 when there is no key.
  std::size_t find_key() {
    const char first = data_[at_];
    if (first == '"' || first == '\'') {
      key_end_ = quoted_end();
      if (key_end_ == 0) return decline();
      if (key_end_ > end_) return 0;
      const std::size_t colon = skip_spaces(key_end_, end_);
      if (colon == end_ || data_[colon] != ':') return 0;
      // `"a":b` is a key to some and an error to others.
      if (colon + 1 < end_ && data_[colon + 1] != ' ') return decline();
      return key_end_ - at_ > kLongestKey ? decline() : colon;
    }
    if (!starts_plain(at_)) return 0;
    const std::size_t colon = marks_.next<&MarkWord::colons>(at_, end_);
    if (colon == end_) return 0;
    key_end_ = colon;
    while (data_[key_end_ - 1] == ' ') --key_end_;
    if (key_end_ - at_ > kLongestKey || has_comment(at_, colon) || has_tab(at_, key_end_)) return decline();
    return colon;
  }

  bool read_pair(std::size_t colon) {
    const char first = data_[at_];
    if (first == '"' || first == '\'') {
      add_quoted(at_, key_end_, true);
    } else if (!add_plain_key(at_, key_end_)) {
      return false;
    }
    at_ = skip_spaces(colon + 1, end_);
    if (at_ == end_ || data_[at_] == '#') {
      wait_for_value(colon + 1);
      return true;
    }
    return read_value();
  }

  // The scalar or empty collection at `at_`; it may go on over the following lines.
  bool read_value() {
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
      default: return read_plain();
    }
  }

  // Whether a plain scalar may start at `i`.
  bool starts_plain(std::size_t i) const {
    const First first = first_of(data_[i]);
    if (first <= First::kMaybe) return true;
    return first == First::kIndicator && i + 1 < end_ && data_[i + 1] != ' ';
  }

  bool read_plain() {
    const std::size_t begin = at_;
    if (!starts_plain(begin)) return false;
    const std::size_t comment = marks_.next<&MarkWord::hashes>(begin, end_);
    std::size_t end = comment;
    while (data_[end - 1] == ' ') --end;
    if (has_colon(begin, end) || has_tab(begin, end)) return false;
    if (comment == end_ && goes_on()) return read_plain_lines(begin, end);
    add_plain(begin, end);
    return true;
  }

  // Whether the next line that is not blank belongs to the plain scalar of this line. Passes over blank lines.
  bool goes_on() {
    while (from_ < source_.size()) {
      const std::size_t text = marks_.next<&MarkWord::inked>(from_);
      if (text >= source_.size()) return false;
      if (data_[text] != '\n') return text - from_ > frames_.back().indent && data_[text] != '#';
      from_ = text + 1;
    }
    return false;
  }

  // A plain scalar over several lines: trimmed, a single break is a space, of more all but the first stay.
  bool read_plain_lines(std::size_t begin, std::size_t end) {
    text_.assign(source_, begin, end - begin);
    std::size_t behind = end_ + 1;  // the line that the text ends in so far
    do {
      const std::size_t breaks = static_cast<std::size_t>(std::count(data_ + behind, data_ + from_, '\n'));
      const std::size_t text = marks_.next<&MarkWord::inked>(from_);
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

  bool read_empty_collection() {
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
    const std::size_t least = frames_.back().indent + 1;
    while (from < to) {
      const std::size_t line = from + 1;
      const std::size_t end = std::min(line_end(line), to);
      const std::size_t text = skip_spaces(line, end);
      if (text < end && text - line < least) return false;
      from = end;
    }
    return !has_tab(at_, to);
  }

  bool read_block_scalar(char kind) {
    const std::size_t begin = at_;
    char chomp = 0;
    std::size_t indent = 0;
    std::size_t i = begin + 1;
    for (; i < end_ && data_[i] != ' '; ++i) {
      const char c = data_[i];
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
        if (indent <= outside || data_[text] == '\t') return false;
      }
      if (first && longest_blank > indent) return false;
      if (text - line < indent) {
        // A line that is neither inside nor outside; a tab that may be meant as indentation.
        if (data_[text] == '\t' || (data_[text] != '#' && text - line > outside)) return false;
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
    add_decoded(begin, behind, kind == '|' ? Style::kLiteral : Style::kFolded, text_);
    from_ = line;
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
    add(behind_, behind_, Kind::kNull, Style::kPlain);
  }

  // Appends a value; what it holds is the caller's to set.
  Node& add(std::size_t begin, std::size_t end, Kind kind, Style style) {
    if (!frames_.back().is_map) ++frames_.back().count;
    behind_ = end;
    return append(begin, end, kind, style);
  }

  Node& append(std::size_t begin, std::size_t end, Kind kind, Style style) {
    Node node;
    node.begin = static_cast<std::uint32_t>(begin);
    node.length = static_cast<std::uint32_t>(end - begin);
    node.kind = kind;
    node.style = style;
    return nodes_.push_back(node);
  }

  void add_decoded(std::size_t begin, std::size_t end, Style style, std::string_view text) {
    Node& node = add(begin, end, Kind::kString, style);
    node.flags = Node::kDecoded;
    node.text = builder_.keep(text);
  }

  void add_plain(std::size_t begin, std::size_t end) {
    Node& node = add(begin, end, Kind::kString, Style::kPlain);
    if (first_of(data_[begin]) == First::kText) return;
    const std::string_view text = source_.substr(begin, end - begin);
    std::int64_t integer = 0;
    if (is_simple_integer(text, integer)) {
      node.kind = Kind::kInt;
      node.integer = integer;
      return;
    }
    const Resolution resolution = resolve(Style::kPlain, {}, text);
    // What JSON cannot hold is a fault, for which the other reader finds the words.
    if (resolution.type != ScalarType::kString && !to_value(resolution, node)) decline();
  }

  // False for a key that is merged or that the cluster does not take.
  bool add_plain_key(std::size_t begin, std::size_t end) {
    const std::string_view text = source_.substr(begin, end - begin);
    std::string_view key = text;
    char buffer[kKeyBuffer];
    if (first_of(text[0]) != First::kText) {
      if (is_merge_key(Style::kPlain, {}, text)) return false;
      const Resolution resolution = resolve(Style::kPlain, {}, text);
      if (resolution.type != ScalarType::kString) key = key_text(resolution, buffer);
      if (key.empty()) return false;
    }
    Node& node = append(begin, end, Kind::kString, Style::kPlain);
    if (key.data() != text.data() && key != text) {
      node.flags = Node::kDecoded;
      node.text = builder_.keep(key);
    }
    note_key(node, key);
    return true;
  }

  void add_quoted(std::size_t begin, std::size_t end, bool is_key) {
    const char quote = data_[begin];
    const Style style = quote == '"' ? Style::kDoubleQuoted : Style::kSingleQuoted;
    const std::string_view inner = source_.substr(begin + 1, end - begin - 2);
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

  void note_key(Node& node, std::string_view key) {
    node.hash = hash_key(key);
    Frame& map = frames_.back();
    const std::uint64_t bit = std::uint64_t{1} << (node.hash & 63);
    map.twice |= (map.keys & bit) != 0;
    map.keys |= bit;
    ++map.count;
  }

  // Opens a collection at `at_`. False where it would be nested too deep.
  bool open(std::size_t indent, bool is_map) {
    if (frames_.size() >= builder_.limits().depth) return false;
    if (!frames_.empty() && !frames_.back().is_map) ++frames_.back().count;
    Frame& frame = frames_.emplace_back();
    frame.indent = indent;
    frame.node = nodes_.size();
    frame.is_map = is_map;
    append(at_, at_, is_map ? Kind::kMap : Kind::kSequence, Style::kBlock);
    return true;
  }

  void close() {
    const Frame frame = frames_.back();
    frames_.pop_back();
    Node& node = nodes_[frame.node];
    node.length = static_cast<std::uint32_t>(behind_ - node.begin);
    node.children = {nodes_.size(), frame.count};
    if (frame.twice) builder_.drop_duplicates(frame.node);
  }

  std::size_t decline() {
    declined_ = true;
    return 0;
  }

  const std::string_view source_;
  const char* const data_;
  const Marks& marks_;
  Builder& builder_;
  NodeArray& nodes_;
  std::vector<Frame>& frames_;
  std::string& text_;
  std::size_t from_ = 0;     // where the next line starts
  std::size_t line_ = 0;     // where the line at hand starts
  std::size_t at_ = 0;       // the next character of it to look at
  std::size_t end_ = 0;      // where it ends, at the break
  std::size_t key_end_ = 0;  // of the key that find_key() found
  std::size_t behind_ = 0;   // the last node; the indicator of a value that is awaited
  bool pending_ = false;     // a key or dash awaits its value on a later line
  bool simple_ = false;      // the quoted scalar that quoted_end() found ends on its line and needs no decoding
  bool started_ = false;
  bool declined_ = false;
};

bool BlockReader::read(std::string_view source, const Marks& marks, Builder& builder) {
  return Run(source, marks, builder, *this).read();
}

}  // namespace kubegate::document
