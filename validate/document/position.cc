#include "validate/document/position.h"

#include <algorithm>

namespace kubegate::document {
namespace {

// Where the line that holds `offset` starts.
std::size_t line_start(std::string_view source, std::size_t offset) {
  if (offset == 0) return 0;
  const std::size_t newline = source.rfind('\n', offset - 1);
  return newline == std::string_view::npos ? 0 : newline + 1;
}

}  // namespace

Position PositionScan::at(std::uint32_t offset) {
  const std::size_t end = std::min<std::size_t>(offset, source_.size());
  if (end < offset_) {
    offset_ = 0;
    position_ = {first_line_, 1};
  }
  for (; offset_ < end; ++offset_) {
    const char c = source_[offset_];
    if (c == '\n') {
      ++position_.line;
      position_.column = 1;
    } else if ((c & 0xc0) != 0x80) {
      ++position_.column;
    }
  }
  return position_;
}

Position position_of(const Document& document, std::uint32_t offset) { return PositionScan(document).at(offset); }

std::string_view line_at(const Document& document, std::uint32_t offset) {
  const std::string_view source = document.source();
  const std::size_t start = line_start(source, std::min<std::size_t>(offset, source.size()));
  std::string_view line = source.substr(start, source.find('\n', start) - start);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace kubegate::document
