// The place in the source to which yaml-cpp's events have come. Private to this room.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "validate/document/builder.h"

namespace kubegate::document {

// Thrown to end the parsing from within an event; the fault is recorded.
struct Stop {};

// A node that is about to be added.
struct Place {
  std::size_t begin = 0;     // its own bytes, behind tag and anchor
  std::size_t empty_at = 0;  // where it stands if it has none: behind the last indicator, tag or anchor
  bool key_allowed = false;  // at empty_at
  bool has_properties = false;
  std::string_view tag;  // as written: "!!str"; empty when there is none
};

class Cursor {
 public:
  Cursor(std::string_view source, Builder& builder) : source_(source), builder_(builder) {}

  // Over the directives before `---`.
  void read_directives();

  // The least column of what belongs to the innermost block collection.
  std::size_t indent() const { return open_.empty() ? 0 : open_.back().indent; }
  // Behind the last node that is complete.
  std::size_t behind() const { return behind_; }
  bool in_flow() const { return flow_ > 0; }
  // A key is due in braces, and stands right behind the opening one.
  bool expects_flow_key() const {
    return !open_.empty() && open_.back().bracket && open_.back().expects == Expects::kKey &&
           open_.back().begin + 1 == at_;
  }
  // Where the innermost bracket that is open stands.
  std::optional<std::size_t> open_bracket() const;
  // A value is due in a block mapping.
  bool expects_block_value() const { return flow_ == 0 && !open_.empty() && open_.back().expects == Expects::kValue; }

  // Over the gap to the node whose properties or bytes start at `to`, and over its properties: an anchor, which goes
  // to the builder, and a tag, if it may have them.
  Place move_to_node(std::size_t to, bool anchored, bool tagged);

  // True when nothing but one anchor and one tag stands between `from` and the end of the source.
  bool only_properties_behind(std::size_t from) const;

  // Over the rest of the source, where no node may stand any more.
  void read_rest();

  // A node starts; end_node() when it is complete. `empty`: it has no bytes of its own.
  void begin_node(const Place& place, bool empty);
  void end_node(std::size_t end);
  // The node was a block scalar: `next_line` is the first line that is not its own.
  void end_block_scalar(std::size_t next_line);
  void end_empty_node(const Place& place);

  // A pair in a sequence that starts with a mapping, `[{a: b}: c]`, is announced twice at the same place: if a
  // collection was taken to be opened by the bracket at `begin`, it is not.
  void take_back_bracket(std::size_t begin);
  // A collection starts at `begin`; `bracket` when a bracket opens it. True when it is flow style.
  bool begin_collection(std::size_t begin, bool is_map, bool bracket);
  // Over what closes the innermost collection, which is complete; returns the offset behind it.
  std::size_t end_collection();

  // The end of the name of the anchor or alias whose indicator stands at `begin`.
  std::size_t name_end(std::size_t begin);

  // Over the white space that a plain scalar takes with it.
  void skip_behind_plain();

  // What the cluster's parser refuses and yaml-cpp does not.
  void check_plain(std::size_t begin, std::size_t end);
  void check_breaks(std::size_t begin, std::size_t end);

  // Records a syntax error at [begin, end) and throws Stop.
  [[noreturn]] void refuse(std::string message, std::size_t begin, std::size_t end);
  [[noreturn]] void refuse_tab(std::size_t at);

 private:
  enum class Expects : std::uint8_t { kItem, kKey, kValue };
  struct Open {
    std::size_t begin;
    std::size_t indent;  // the least column of what is inside: that of the block collection plus one
    Expects expects;
    bool bracket;               // a bracket closes it
    bool explicit_key = false;  // the key was announced with `?`
    std::size_t key = 0;        // where the key starts
  };

  char at(std::size_t i) const { return i < source_.size() ? source_[i] : '\0'; }
  bool at_line_start(std::size_t i) const { return i == 0 || source_[i - 1] == '\n' || source_[i - 1] == '\r'; }
  std::size_t column_of(std::size_t offset) const;
  void advance();
  bool is_marker(std::string_view marker) const;
  void skip_space();
  void skip_comment();
  void read_directive();
  void skip_tag();
  void check_indent(std::size_t begin);
  void check_empty(const Place& place);

  std::string_view source_;
  Builder& builder_;
  std::size_t at_ = 0;
  std::size_t behind_ = 0;  // the last node
  std::vector<Open> open_;
  std::uint32_t flow_ = 0;                     // open brackets
  std::vector<std::string_view> tag_handles_;  // declared by %TAG
  bool key_allowed_ = true;                    // a key may start here, so indentation counts
  bool fresh_line_ = true;                     // nothing but white space was passed on this line
  bool question_ = false;                      // `?` was passed
  bool colon_ = false;                         // `:` was passed since the last key
  bool behind_plain_ = false;                  // the last node was a plain scalar
};

}  // namespace kubegate::document
