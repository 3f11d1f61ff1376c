// Splitter: the documents of a text one after the other, so that nobody needs them all at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "validate/document/read.h"

namespace kubegate::document {

// Yields what split() (read.h) collects. The text outlives the splitter and its slices.
//
// Of a file that is read a window at a time, the text is the whole lines that are there so far, and `first_line` the
// 1-based line of the file on which they begin: 1 is the start of the file, where alone a BOM or a foreign encoding
// counts. The slice that the end of a window closes may go on behind it: rest() is where the next window begins.
class Splitter {
 public:
  Splitter(std::string_view text, Syntax syntax, std::uint32_t first_line = 1);

  // Nothing: there are no more.
  std::optional<Slice> next();

  // Of YAML, once next() has no more: what the end of the text, not a marker, has closed, with its comments and white
  // space. Split anew with anything behind it, it yields what the whole would have yielded there.
  Slice rest() const { return {text_.substr(rest_), rest_line_}; }

 private:
  std::optional<Slice> next_yaml();
  std::optional<Slice> next_json();
  std::uint32_t line_at(std::size_t offset);

  std::string_view text_;
  Syntax syntax_;
  bool foreign_ = false;     // one slice, whatever it holds
  bool ended_ = false;       // of YAML: the end of the text has closed its slice
  std::size_t begin_ = 0;    // behind the last slice
  std::size_t counted_ = 0;  // of JSON: lines are counted up to here
  std::uint32_t line_;       // of counted_; of YAML, of begin_
  std::size_t rest_ = 0;
  std::uint32_t rest_line_;
};

// How many line feeds there are.
std::size_t count_lines(std::string_view text);

}  // namespace kubegate::document
