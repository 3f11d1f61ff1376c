// Where a byte stands: lines and columns, and the text of a line, for reports.
#pragma once

#include <cstdint>
#include <string_view>

#include "validate/document/document.h"

namespace kubegate::document {

// 1-based. Columns count characters (code points), as editors and compilers do, not bytes.
struct Position {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};

// The position of the byte `offset` of the document's source, in its file.
Position position_of(const Document& document, std::uint32_t offset);

// The line of the source that holds `offset`, without its line break.
std::string_view line_at(const Document& document, std::uint32_t offset);

}  // namespace kubegate::document
