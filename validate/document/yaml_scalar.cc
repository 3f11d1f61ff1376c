// The idea: a scalar ends where its own form says. A quote closes it; a block scalar lasts while lines are indented; a
// plain scalar is matched against the text that the parser found, since only the parser knows what could end it.
//
// Quoted and block texts are decoded here, not by yaml-cpp: it knows escapes that the cluster refuses, turns two of
// them into bytes that are no UTF-8, and loses a line break at the end of a folded text. Rules: goyaml.v2
// yaml_parser_scan_flow_scalar() and yaml_parser_scan_block_scalar().
#include "validate/document/yaml_scalar.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "validate/document/utf8.h"

namespace kubegate::document {
namespace {

char at(std::string_view text, std::size_t i) { return i < text.size() ? text[i] : '\0'; }

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// How many hexadecimal digits the escape `\x`, `\u` or `\U` takes.
int hex_digits(char escape) { return escape == 'x' ? 2 : escape == 'u' ? 4 : escape == 'U' ? 8 : 0; }

// The code point that the hexadecimal digits at the start of `text` name, or nothing.
std::optional<std::uint32_t> hex_value(std::string_view text, int digits) {
  std::uint64_t value = 0;
  for (int i = 0; i < digits; ++i) {
    const int digit = hex_digit(at(text, static_cast<std::size_t>(i)));
    if (digit < 0) return std::nullopt;
    value = value << 4 | static_cast<std::uint64_t>(digit);
  }
  if ((value >= 0xd800 && value <= 0xdfff) || value > 0x10ffff) return std::nullopt;
  return static_cast<std::uint32_t>(value);
}

// The code point of an escape without digits; nothing for those that YAML does not know.
std::optional<std::uint32_t> simple_escape(char c) {
  switch (c) {
    case '0': return 0x00;
    case 'a': return 0x07;
    case 'b': return 0x08;
    case 't':
    case '\t': return 0x09;
    case 'n': return 0x0a;
    case 'v': return 0x0b;
    case 'f': return 0x0c;
    case 'r': return 0x0d;
    case 'e': return 0x1b;
    case ' ':
    case '"':
    case '\'':
    case '\\': return static_cast<unsigned char>(c);
    case 'N': return 0x85;
    case '_': return 0xa0;
    case 'L': return 0x2028;
    case 'P': return 0x2029;
    default: return std::nullopt;
  }
}

// Appends the line break at the start of `text` as a text holds it: LS and PS stay, all others become LF.
std::size_t take_break(std::string_view text, std::string& out) {
  const std::size_t n = break_length(text);
  if (n == 3) {
    out += text.substr(0, 3);
  } else {
    out += '\n';
  }
  return n;
}

}  // namespace

std::size_t break_length(std::string_view text) {
  if (text.empty()) return 0;
  if (text[0] == '\n') return 1;
  if (text[0] == '\r') return at(text, 1) == '\n' ? 2 : 1;
  if (text.starts_with("\xc2\x85")) return 2;
  return text.starts_with("\xe2\x80\xa8") || text.starts_with("\xe2\x80\xa9") ? 3 : 0;
}

Quoted scan_quoted(std::string_view source, std::size_t begin) {
  Quoted quoted;
  const char quote = source[begin];
  for (std::size_t i = begin + 1; i < source.size(); ++i) {
    const char c = source[i];
    if (c == quote) {
      if (quote == '\'' && at(source, i + 1) == '\'') {
        quoted.verbatim = false;
        ++i;
        continue;
      }
      quoted.end = i + 1;
      quoted.closed = true;
      return quoted;
    }
    if (is_break(c) || c == '\xc2' || c == '\xe2') {
      if (break_length(source.substr(i)) > 0) quoted.verbatim = false;
    } else if (c == '\\' && quote == '"') {
      quoted.verbatim = false;
      ++i;
      const char escape = at(source, i);
      const int digits = hex_digits(escape);
      const bool known = digits > 0 ? hex_value(source.substr(i + 1), digits).has_value()
                                    : simple_escape(escape) || break_length(source.substr(i)) > 0;
      if (!known && quoted.bad_escape == std::string_view::npos) quoted.bad_escape = i - 1;
    }
  }
  quoted.end = source.size();
  return quoted;
}

std::string decode_quoted(std::string_view inner, char quote) {
  std::string out, blanks, first_break, more_breaks;
  for (std::size_t i = 0; i < inner.size();) {
    bool new_line = false;
    while (i < inner.size() && !is_blank(inner[i]) && break_length(inner.substr(i)) == 0) {
      if (inner[i] == quote) {  // the first of two
        out += quote;
        i += 2;
      } else if (inner[i] == '\\' && quote == '"') {
        ++i;
        if (const std::size_t n = break_length(inner.substr(i))) {
          i += n;
          new_line = true;
          break;
        }
        const int digits = hex_digits(inner[i]);
        append_utf8(out, digits > 0 ? *hex_value(inner.substr(i + 1), digits) : *simple_escape(inner[i]));
        i += 1 + static_cast<std::size_t>(digits);
      } else {
        out += inner[i++];
      }
    }
    // Blanks around line breaks go; one line break becomes a space, of several all but the first stay.
    blanks.clear();
    first_break.clear();
    more_breaks.clear();
    while (i < inner.size()) {
      if (is_blank(inner[i])) {
        if (!new_line) blanks += inner[i];
        ++i;
      } else if (break_length(inner.substr(i)) > 0) {
        i += take_break(inner.substr(i), new_line ? more_breaks : first_break);
        new_line = true;
      } else {
        break;
      }
    }
    if (!new_line) {
      out += blanks;
    } else if (first_break == "\n") {
      out += more_breaks.empty() ? std::string_view(" ") : std::string_view(more_breaks);
    } else {
      out += first_break;
      out += more_breaks;
    }
  }
  return out;
}

std::size_t plain_end(std::string_view source, std::size_t begin, std::string_view text) {
  std::size_t i = begin;
  for (std::size_t t = 0; t < text.size() && i < source.size();) {
    std::size_t line_end = i;
    while (is_blank(at(source, line_end))) ++line_end;
    if (!is_break(at(source, line_end))) {
      // Blanks inside a line are text like the rest of it.
      const std::size_t n = std::min({line_end - i + 1, text.size() - t, source.size() - i});
      i += n;
      t += n;
      continue;
    }
    i = line_end;
    while (i < source.size() && is_space(source[i])) ++i;
    if (text[t] == ' ') {
      ++t;
    } else {
      while (t < text.size() && text[t] == '\n') ++t;
    }
  }
  return i;
}

Block scan_block(std::string_view source, std::size_t begin, std::size_t indent) {
  Block block;
  const bool literal = source[begin] == '|';
  char chomping = '\0';
  std::size_t i = begin + 1;
  std::size_t indentation = 0;  // of the content; 0 until it is known
  for (; i < source.size() && std::string_view("+-123456789").find(source[i]) != std::string_view::npos; ++i) {
    if (source[i] == '+' || source[i] == '-') {
      chomping = source[i];
    } else {
      indentation = static_cast<std::size_t>(source[i] - '0') + std::max<std::size_t>(indent, 1) - 1;
    }
  }
  block.end = i;
  while (i < source.size() && !is_break(source[i])) ++i;
  if (i < source.size()) i += break_length(source.substr(i));

  // Over the indentation of the next line that is not blank. Breaks of blank lines go to `breaks`.
  std::size_t breaks = 0;
  std::size_t column = 0;
  const auto skip_blank_lines = [&] {
    std::size_t deepest = 0;
    while (true) {
      block.next_line = i;
      for (column = 0; at(source, i) == ' ' && (indentation == 0 || column < indentation); ++column) ++i;
      if (at(source, i) == '\t' && (indentation == 0 || column < indentation)) {
        block.bad_tab = std::min(block.bad_tab, i);
      }
      deepest = std::max(deepest, column);
      if (!is_break(at(source, i))) break;
      i += break_length(source.substr(i));
      ++breaks;
    }
    if (indentation == 0) indentation = std::max({deepest, indent, std::size_t{1}});
  };

  skip_blank_lines();
  bool line_ended = false;  // a break stands behind the last line
  bool was_blank = false;   // the last line starts with a blank
  while (column == indentation && i < source.size()) {
    const bool blank = is_blank(source[i]);
    if (!line_ended || literal || was_blank || blank) {
      if (line_ended) block.text += '\n';
    } else if (breaks == 0) {
      block.text += ' ';
    }
    block.text.append(breaks, '\n');
    breaks = 0;
    was_blank = blank;
    const std::size_t line = i;
    while (i < source.size() && !is_break(source[i])) ++i;
    block.text += source.substr(line, i - line);
    if (source.substr(line, i - line).find_first_not_of(" \t") != std::string_view::npos) block.end = i;
    line_ended = i < source.size();
    if (line_ended) i += break_length(source.substr(i));
    skip_blank_lines();
  }
  if (chomping != '-' && line_ended) block.text += '\n';
  if (chomping == '+') block.text.append(breaks, '\n');
  return block;
}

}  // namespace kubegate::document
