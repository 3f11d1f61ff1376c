// The idea: yaml-cpp says what it missed and where it noticed. What a person did wrong often stands before that place:
// a quote or bracket that was opened and not closed. So the place is looked for in the source, from the last node that
// was read. Tested in tests/validate/document/yaml_error_test.cc, a table of mistakes with words and places.
#include "validate/document/yaml_error.h"

#include <yaml-cpp/exceptions.h>

#include <algorithm>

#include "validate/document/yaml_scalar.h"

namespace kubegate::document {
namespace {

struct Words {
  const char* parser;  // yaml-cpp's message
  std::string_view ours;
};

const Words kWords[] = {
    {YAML::ErrorMsg::MAP_KEY, "a key cannot stand here: put it on a line of its own"},
    {YAML::ErrorMsg::BLOCK_ENTRY, "a list item cannot start here: put it on a line of its own"},
    {YAML::ErrorMsg::TAB_IN_INDENTATION, "a tab cannot indent: use spaces"},
    {YAML::ErrorMsg::CHAR_IN_BLOCK,
     "behind `|` or `>` may stand `+`, `-`, a digit and a comment: start the text on the "
     "next line"},
    {YAML::ErrorMsg::ZERO_INDENT_IN_BLOCK, "a block text cannot be indented by 0 columns"},
    {YAML::ErrorMsg::ANCHOR_NOT_FOUND, "the name of the anchor is missing: quote the text if `&` belongs to it"},
    {YAML::ErrorMsg::ALIAS_NOT_FOUND, "the name of the alias is missing: quote the text if `*` belongs to it"},
    {YAML::ErrorMsg::CHAR_IN_ANCHOR, "the name of an anchor is made of letters, digits, `-` and `_`"},
    {YAML::ErrorMsg::CHAR_IN_ALIAS, "the name of an alias is made of letters, digits, `-` and `_`"},
    {YAML::ErrorMsg::MULTIPLE_TAGS, "a value takes one tag"},
    {YAML::ErrorMsg::MULTIPLE_ANCHORS, "a value takes one anchor"},
    {YAML::ErrorMsg::TAG_WITH_NO_SUFFIX, "the tag has a handle and no name: quote the text if `!` belongs to it"},
    {YAML::ErrorMsg::CHAR_IN_TAG_HANDLE,
     "the tag has a character that tags cannot have: quote the text if `!` belongs "
     "to it"},
    {YAML::ErrorMsg::END_OF_VERBATIM_TAG, "the tag that opens with `!<` is not closed by `>`"},
    {YAML::ErrorMsg::DOC_IN_SCALAR, "a document marker stands within quotes: a quote before it is not closed"},
};

// The first quoted text behind `from` that is not closed, or has an escape that YAML does not know: where its quote,
// or its escape, stands.
std::optional<std::size_t> broken_quote(std::string_view source, std::size_t from) {
  for (std::size_t i = from; i < source.size();) {
    const char before = i == 0 ? '\n' : source[i - 1];
    const bool starts_token = is_space(before) || std::string_view("[{,:").find(before) != std::string_view::npos;
    if (source[i] == '#' && is_space(before)) {
      while (i < source.size() && !is_break(source[i])) ++i;
    } else if ((source[i] == '"' || source[i] == '\'') && starts_token) {
      const Quoted quoted = scan_quoted(source, i);
      if (quoted.bad_escape != std::string_view::npos) return quoted.bad_escape;
      if (!quoted.closed) return i;
      i = quoted.end;
    } else {
      ++i;
    }
  }
  return std::nullopt;
}

// The first byte that is not blank of the line that ends at or holds `at`.
std::size_t line_text(std::string_view source, std::size_t at) {
  std::size_t start = at;
  while (start > 0 && !is_break(source[start - 1])) --start;
  while (start < at && is_blank(source[start])) ++start;
  return start;
}

std::size_t column(std::string_view source, std::size_t at) {
  std::size_t n = 0;
  while (n < at && !is_break(source[at - n - 1])) ++n;
  return n;
}

bool has_break(std::string_view text) { return text.find_first_of("\r\n") != std::string_view::npos; }

}  // namespace

void report_yaml_error(std::string_view source, const std::string& message, std::size_t at, const Progress& progress,
                       Builder& builder) {
  at = std::min(at, source.size());
  const auto refuse = [&](std::string words, std::size_t begin, std::string_view rule = "document/syntax") {
    builder.fault(rule, std::move(words), {static_cast<std::uint32_t>(begin), begin < source.size() ? 1u : 0u}, true);
  };
  const auto is = [&](const char* text) { return message == text; };
  const auto starts = [&](const char* text) { return message.starts_with(text); };

  if (is(YAML::ErrorMsg::EOF_IN_SCALAR)) {
    return refuse("the quote that opens here is not closed", broken_quote(source, progress.behind).value_or(at));
  }
  if (starts(YAML::ErrorMsg::UNKNOWN_ANCHOR)) {
    std::size_t end = at + 1;
    while (end < source.size() && !is_space(source[end])) ++end;
    return refuse("no anchor &" + std::string(source.substr(at + 1, end - at - 1)) + " stands before this alias", at,
                  "document/alias");
  }
  const bool bad_digits = is(YAML::ErrorMsg::INVALID_HEX) || starts(YAML::ErrorMsg::INVALID_UNICODE);
  if (bad_digits || starts(YAML::ErrorMsg::INVALID_ESCAPE)) {
    return refuse(bad_digits ? "the digits of this escape name no character of Unicode" : std::string(kEscapeMessage),
                  broken_quote(source, progress.behind).value_or(at));
  }
  if (is(YAML::ErrorMsg::END_OF_MAP_FLOW) || is(YAML::ErrorMsg::END_OF_SEQ_FLOW)) {
    if (at < source.size()) {
      return refuse(
          std::string("a comma or `") + (is(YAML::ErrorMsg::END_OF_MAP_FLOW) ? '}' : ']') + "` is missing before this",
          at);
    }
    return refuse("the bracket that opens here is not closed", progress.bracket.value_or(at));
  }
  if (is(YAML::ErrorMsg::FLOW_END)) {
    return refuse("this bracket closes none that is open: quote the text if it belongs to it", at);
  }
  if (is(YAML::ErrorMsg::UNKNOWN_TOKEN)) {
    return refuse(std::string("a text cannot start with ") + (at < source.size() ? source[at] : ' ') + ": quote it",
                  at);
  }

  // Something stands where nothing fits. A quote that closed too late, in the middle of what was meant to be outside
  // of it, is the likeliest reason.
  if (progress.quote && progress.behind <= at &&
      has_break(source.substr(*progress.quote, progress.behind - *progress.quote)) &&
      !has_break(source.substr(progress.behind, at - progress.behind))) {
    return refuse(
        "the quote that opens here is not closed on its line, and the next one closes it in the middle of "
        "another text",
        *progress.quote);
  }
  if (is(YAML::ErrorMsg::MAP_VALUE)) {
    const std::size_t line = line_text(source, at);
    const std::size_t above = line == 0 ? line : source.find_last_not_of(" \t\r\n", line - 1);
    if (above < line && source.substr(line, at - line).find(": ") == std::string_view::npos) {
      const std::size_t text = line_text(source, above);
      const std::string_view words = source.substr(text, above + 1 - text);
      if (column(source, text) == column(source, line) && words.find(':') == std::string_view::npos) {
        return refuse(std::string(kColonMessage), text);
      }
      return refuse(
          "this line is read as part of the text above it: check its indentation, or whether a colon is "
          "missing above",
          line);
    }
    return refuse("a mapping cannot start here: quote a text that has `: ` in it, or check the indentation", at);
  }
  if (is(YAML::ErrorMsg::END_OF_MAP) || is(YAML::ErrorMsg::END_OF_SEQ)) {
    if (line_text(source, at) != at) return refuse("text stands behind the end of a value: quote all of it", at);
    return refuse(is(YAML::ErrorMsg::END_OF_MAP) ? "the indentation of this line fits no mapping above it"
                                                 : "the indentation of this line fits no list above it",
                  at);
  }
  for (const Words& words : kWords) {
    if (is(words.parser)) return refuse(std::string(words.ours), at);
  }
  refuse(message, at);
}

}  // namespace kubegate::document
