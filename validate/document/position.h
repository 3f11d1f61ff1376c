// Where a byte stands: lines and columns, and the text of a line, for reports.
#pragma once

#include <cstdint>
#include <string_view>

#include "validate/base/lifetime.h"
#include "validate/document/document.h"

namespace kubegate::document {

// 1-based. Columns count characters (code points), as editors and compilers do, not bytes.
struct Position {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};

// Positions of many bytes of one document: a pass over the source in all when the offsets come in ascending order.
class PositionScan {
 public:
  explicit PositionScan(const Document& document)
      : source_(document.source()), first_line_(document.first_line()), position_{first_line_, 1} {}

  // The position of the byte `offset` of the document's source, in its file.
  Position at(std::uint32_t offset);

 private:
  std::string_view source_;
  std::uint32_t first_line_;
  std::size_t offset_ = 0;  // what position_ is the position of
  Position position_;
};

// One of them.
Position position_of(const Document& document, std::uint32_t offset);

// The line of the source that holds `offset`, without its line break.
std::string_view line_at(const Document& document KUBEGATE_LIFETIME_BOUND, std::uint32_t offset);

}  // namespace kubegate::document
