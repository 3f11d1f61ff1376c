// Where YAML scalars end in the source, and what quoted ones say. Private to this room.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace kubegate::document {

inline bool is_blank(char c) { return c == ' ' || c == '\t'; }
inline bool is_break(char c) { return c == '\n' || c == '\r'; }
inline bool is_space(char c) { return is_blank(c) || is_break(c); }

// A quoted scalar as it stands in the source.
struct Quoted {
  std::size_t end = 0;                              // behind the closing quote
  bool closed = false;                              // false: the source ends first
  bool verbatim = true;                             // what is between the quotes is the text
  std::size_t bad_escape = std::string_view::npos;  // offset of the backslash of the first escape YAML does not know
};

// The quoted scalar whose opening quote stands at `begin`.
Quoted scan_quoted(std::string_view source, std::size_t begin);

// The text between the quotes of a closed quoted scalar without bad escapes.
std::string decode_quoted(std::string_view inner, char quote);

// Where the plain scalar at `begin` ends whose text is `text`, known from the parser.
std::size_t plain_end(std::string_view source, std::size_t begin, std::string_view text);

// A block scalar as it stands in the source.
struct Block {
  std::string text;
  std::size_t end = 0;        // behind its last line that is not blank, without the line break; or behind its header
  std::size_t next_line = 0;  // where the first line starts that is not its own
  std::size_t bad_tab = std::string_view::npos;  // offset of a tab that indents: the cluster refuses it
};

// The block scalar whose indicator stands at `begin`, in a block collection whose content is indented by at least
// `indent` columns.
Block scan_block(std::string_view source, std::size_t begin, std::size_t indent);

// The length of the line break at the start of `text`: LF, CR, CRLF, or one of those that YAML 1.1 has besides: NEL,
// LS, PS. 0 when there is none.
std::size_t break_length(std::string_view text);

}  // namespace kubegate::document
