// The idea: between two nodes there is nothing but white space, comments, indicators, tags and anchors. So the cursor
// can walk from node to node with no more state than the open collections and whether a key may start where it
// stands, which is what the cluster's parser keeps to decide where tabs are an error. Rule: goyaml.v2 scannerc.go,
// yaml_parser_scan_to_next_token() and what it calls.
#include "validate/document/yaml_cursor.h"

#include <algorithm>

#include "validate/document/yaml_error.h"
#include "validate/document/yaml_scalar.h"

namespace kubegate::document {
namespace {

bool is_name(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
}

bool is_uri(char c) { return is_name(c) || std::string_view(";/?:@&=+$,.!~*'()[]%").find(c) != std::string_view::npos; }

}  // namespace

void Cursor::refuse(std::string message, std::size_t begin, std::size_t end) {
  end = std::min(end, source_.size());
  begin = std::min(begin, end);
  builder_.fault("document/syntax", std::move(message),
                 {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end - begin)}, true);
  throw Stop{};
}

void Cursor::refuse_tab(std::size_t at) { refuse("a tab cannot indent: use spaces", at, at + 1); }

std::size_t Cursor::column_of(std::size_t offset) const {
  std::size_t start = offset;
  while (!at_line_start(start)) --start;
  return offset - start;
}

std::optional<std::size_t> Cursor::open_bracket() const {
  for (auto open = open_.rbegin(); open != open_.rend(); ++open) {
    if (open->bracket) return open->begin;
  }
  return std::nullopt;
}

// True when the cursor stands at a line that starts with `---` or `...`.
bool Cursor::is_marker(std::string_view marker) const {
  return at_line_start(at_) && source_.substr(at_, 3) == marker && (at_ + 3 == source_.size() || is_space(at(at_ + 3)));
}

void Cursor::skip_comment() {
  const std::size_t begin = at_;
  while (at_ < source_.size() && !is_break(source_[at_])) ++at_;
  check_breaks(begin, at_);
}

// Over white space and comments.
void Cursor::skip_space() {
  while (at_ < source_.size()) {
    const char c = source_[at_];
    if (is_break(c)) {
      key_allowed_ = fresh_line_ = true;
      ++at_;
    } else if (c == ' ') {
      ++at_;
    } else if (c == '\t') {
      if (flow_ == 0 && key_allowed_) refuse_tab(at_);
      ++at_;
    } else if (c == '#') {
      skip_comment();
    } else {
      return;
    }
  }
}

void Cursor::skip_behind_plain() {
  behind_plain_ = true;
  bool new_line = false;
  std::size_t column = 0;
  for (std::size_t i = at_; i < source_.size(); ++i) {
    const char c = source_[i];
    if (is_break(c)) {
      new_line = true;
      column = 0;
      at_ = i + 1;
      key_allowed_ = fresh_line_ = true;
    } else if (is_blank(c)) {
      if (c == '\t' && new_line && column < indent()) refuse_tab(i);
      ++column;
      if (new_line) at_ = i + 1;
    } else {
      return;
    }
  }
}

void Cursor::read_directive() {
  const std::size_t begin = at_;
  while (at_ < source_.size() && !is_break(source_[at_])) ++at_;
  std::string_view line = source_.substr(begin, at_ - begin);
  const auto next_word = [&] {
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    const std::string_view word = line.substr(0, line.find_first_of(" \t"));
    line.remove_prefix(word.size());
    return word.starts_with('#') ? std::string_view() : word;
  };
  const std::string_view name = next_word();
  if (name == "%TAG") {
    const std::string_view handle = next_word();
    for (char c : next_word()) {
      if (!is_uri(c)) refuse("the prefix of a tag is made of the characters of an address", begin, at_);
    }
    tag_handles_.push_back(handle);
  } else if (name != "%YAML") {
    refuse("the cluster knows no directives but %YAML and %TAG", begin, at_);
  } else if (next_word() != "1.1" || !next_word().empty()) {
    refuse("the cluster reads YAML 1.1 only", begin, at_);
  }
}

void Cursor::read_directives() {
  bool any = false;
  while (true) {
    skip_space();
    if (at(at_) != '%' || !at_line_start(at_)) break;
    any = true;
    read_directive();
  }
  if (any && !is_marker("---")) refuse("a line `---` must stand behind directives", at_, at_ + 1);
}

void Cursor::read_rest() {
  while (true) {
    skip_space();
    if (at_ == source_.size()) return;
    if (!is_marker("---") && !is_marker("...")) {
      refuse("the document ends before this: a line `---` is missing, or indentation", at_, at_ + 1);
    }
    at_ += 3;
    key_allowed_ = false;
  }
}

void Cursor::skip_tag() {
  const std::size_t begin = at_;
  const bool verbatim = at(at_ + 1) == '<';
  const std::string_view ends = verbatim ? "" : ",[]{}";
  while (at_ < source_.size() && !is_space(source_[at_]) && ends.find(source_[at_]) == std::string_view::npos) {
    if (source_[at_++] == '>' && verbatim) break;
  }
  if (at_ < source_.size() && !is_space(source_[at_])) refuse("white space must stand behind a tag", begin, at_);
  std::string_view tag = source_.substr(begin, at_ - begin);
  if (verbatim) tag = tag.substr(2, tag.size() - 2 - tag.ends_with('>'));
  if (!std::all_of(tag.begin(), tag.end(), is_uri)) {
    refuse("a tag is made of the characters of an address, and white space must stand behind it", begin, at_);
  }
  const std::size_t handle_end = verbatim ? std::string_view::npos : tag.find('!', 1);
  if (handle_end == std::string_view::npos || handle_end == 1) return;
  const std::string_view handle = tag.substr(0, handle_end + 1);
  if (std::find(tag_handles_.begin(), tag_handles_.end(), handle) == tag_handles_.end()) {
    refuse("no %TAG directive declares this handle", begin, begin + handle.size());
  }
}

std::size_t Cursor::name_end(std::size_t begin) {
  std::size_t end = begin + 1;
  while (is_name(at(end))) ++end;
  const char c = at(end);
  if (end == begin + 1 || (end < source_.size() && !is_space(c) && c != ',' && c != ']' && c != '}')) {
    refuse(std::string("the name of an ") + (source_[begin] == '&' ? "anchor" : "alias") +
               " is made of letters, digits, `-` and `_`, and white space must stand behind it",
           begin, end + 1);
  }
  return end;
}

// In a block, what starts a line where a key of the collection around it would stand can only be a key.
void Cursor::check_indent(std::size_t begin) {
  if (flow_ > 0 || !fresh_line_ || open_.empty() || (open_.back().expects == Expects::kKey && !question_)) return;
  const char c = at(begin);
  const bool indicator = c == '|' || c == '>' || ((c == '-' || c == '?' || c == ':') && is_space(at(begin + 1)));
  if (begin == source_.size() || indicator || column_of(begin) >= indent()) return;
  refuse("this must be indented more than what it belongs to", begin, begin + 1);
}

Place Cursor::move_to_node(std::size_t to, bool anchored, bool tagged) {
  Place place;
  place.empty_at = behind_;
  place.key_allowed = key_allowed_;
  while (true) {
    skip_space();
    if (at_ >= to) break;
    const char c = source_[at_];
    if (open_.empty() && is_marker("---")) {
      at_ += 3;
      key_allowed_ = false;
    } else {
      ++at_;
      if (c == ':' && flow_ > 0 && behind_plain_ && !is_space(at(at_))) {
        refuse("white space must stand behind this colon", at_ - 1, at_);
      }
      if (c == '?') question_ = true;
      if (c == ':') colon_ = true;
      key_allowed_ = c == '-' || c == '?' || (c == ':' && !open_.empty() && open_.back().explicit_key);
    }
    fresh_line_ = false;
    place.empty_at = at_;
    place.key_allowed = key_allowed_;
  }
  while (true) {
    const char c = at(at_);
    const std::size_t begin = at_;
    if (c == '&' && anchored) {
      check_indent(begin);
      at_ = name_end(at_);
      builder_.anchor(source_.substr(begin + 1, at_ - begin - 1));
      anchored = false;
    } else if (c == '!' && tagged) {
      check_indent(begin);
      skip_tag();
      place.tag = source_.substr(begin, at_ - begin);
      tagged = false;
    } else {
      break;
    }
    key_allowed_ = fresh_line_ = false;
    place.empty_at = at_;
    place.key_allowed = false;
    place.has_properties = true;
    skip_space();
  }
  place.begin = at_;
  return place;
}

bool Cursor::only_properties_behind(std::size_t from) const {
  std::size_t i = from;
  for (bool word = false; i < source_.size(); ++i) {
    const char c = source_[i];
    if (is_space(c)) {
      word = false;
    } else if (c == '#' && !word) {
      while (i + 1 < source_.size() && !is_break(source_[i + 1])) ++i;
    } else if (!word) {
      if (c != '&' && c != '!') return false;
      word = true;
    }
  }
  return true;
}

void Cursor::begin_node(const Place& place, bool empty) {
  empty ? check_empty(place) : check_indent(place.begin);
  if (!open_.empty() && open_.back().expects == Expects::kKey) {
    open_.back().explicit_key = question_;
    open_.back().key = place.begin;
  }
  question_ = false;
}

void Cursor::end_node(std::size_t end) {
  at_ = behind_ = end;
  key_allowed_ = fresh_line_ = behind_plain_ = false;
  advance();
}

void Cursor::end_block_scalar(std::size_t next_line) {
  at_ = next_line;
  key_allowed_ = fresh_line_ = true;
}

// A node of the innermost collection is complete.
void Cursor::advance() {
  if (open_.empty()) return;
  Open& open = open_.back();
  if (open.expects == Expects::kKey) {
    open.expects = Expects::kValue;
    colon_ = false;
  } else if (open.expects == Expects::kValue) {
    open.expects = Expects::kKey;
  }
}

void Cursor::end_empty_node(const Place& place) {
  // Where no indicator was passed the cursor can stay behind the white space it has seen.
  const bool stay = place.empty_at == behind_;
  const std::size_t at = at_;
  const bool key_allowed = key_allowed_, fresh_line = fresh_line_;
  end_node(place.empty_at);
  key_allowed_ = stay ? key_allowed : place.key_allowed;
  if (!stay) return;
  at_ = at;
  fresh_line_ = fresh_line;
}

void Cursor::take_back_bracket(std::size_t begin) {
  if (open_.empty() || !open_.back().bracket || open_.back().begin != begin) return;
  open_.back().bracket = false;
  --flow_;
  at_ = behind_ = begin;
}

bool Cursor::begin_collection(std::size_t begin, bool is_map, bool bracket) {
  Open open;
  open.begin = begin;
  open.indent = bracket || flow_ > 0 ? indent() : column_of(begin) + 1;
  open.expects = is_map ? Expects::kKey : Expects::kItem;
  open.bracket = bracket;
  open_.push_back(open);
  at_ = begin;
  if (bracket) {
    ++flow_;
    ++at_;
  }
  behind_ = at_;
  return flow_ > 0;
}

std::size_t Cursor::end_collection() {
  if (open_.back().bracket) {
    while (true) {
      skip_space();
      if (at_ >= source_.size()) break;
      const char c = source_[at_++];
      if (c == ']' || c == '}') break;
    }
    --flow_;
    behind_ = at_;
    key_allowed_ = fresh_line_ = behind_plain_ = false;
  }
  open_.pop_back();
  advance();
  return behind_;
}

// NEL, LS and PS break lines for the cluster's parser.
void Cursor::check_breaks(std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < end; ++i) {
    if (source_[i] != '\xc2' && source_[i] != '\xe2') continue;
    const std::size_t n = break_length(source_.substr(i));
    if (n > 0) {
      refuse("the cluster's parser takes this invisible character for a line break: remove it, or quote the text", i,
             i + n);
    }
  }
}

void Cursor::check_plain(std::size_t begin, std::size_t end) {
  check_breaks(begin, end);
  if (at_line_start(begin) && source_.substr(begin).starts_with("\xef\xbb\xbf")) {
    refuse("a byte order mark stands in the middle of the file: remove it", begin, begin + 3);
  }
  if (flow_ == 0) return;
  std::size_t column = indent();
  for (std::size_t i = begin; i < end; ++i) {
    if (is_break(source_[i])) {
      column = 0;
    } else if (source_[i] == ' ') {
      ++column;
    } else if (source_[i] == '\t' && column < indent()) {
      refuse_tab(i);
    } else {
      column = indent();
    }
  }
  if (source_[begin] == ':') {
    refuse("a text in brackets cannot start with a colon: quote it", begin, begin + 1);
  }
}

void Cursor::check_empty(const Place& place) {
  if (open_.empty() || place.has_properties) return;
  const Open& open = open_.back();
  if (open.bracket && open.expects == Expects::kItem) {
    refuse("an item is missing before this comma", place.begin, place.begin + 1);
  }
  if (open.bracket && open.expects == Expects::kKey && at(place.begin) != ':' && !question_) {
    refuse(at(place.begin) == ',' ? "a key is missing before this comma"
                                  : "a key in braces must stand on one line, and its colon behind it",
           place.begin, place.begin + 1);
  }
  if (flow_ == 0 && open.expects == Expects::kValue && !open.explicit_key && !colon_) {
    std::size_t end = open.key;
    while (end < source_.size() && !is_break(source_[end])) ++end;
    refuse(std::string(kColonMessage), open.key, end);
  }
}

}  // namespace kubegate::document
