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

Position position_of(const Document& document, std::uint32_t offset) {
  const std::string_view source = document.source();
  const std::size_t at = std::min<std::size_t>(offset, source.size());
  const std::size_t start = line_start(source, at);
  const auto lines = std::count(source.begin(), source.begin() + static_cast<std::ptrdiff_t>(start), '\n');
  const auto characters = std::count_if(source.begin() + static_cast<std::ptrdiff_t>(start),
                                        source.begin() + static_cast<std::ptrdiff_t>(at),
                                        [](char c) { return (c & 0xc0) != 0x80; });
  return {document.first_line() + static_cast<std::uint32_t>(lines), static_cast<std::uint32_t>(characters) + 1};
}

std::string_view line_at(const Document& document, std::uint32_t offset) {
  const std::string_view source = document.source();
  const std::size_t start = line_start(source, std::min<std::size_t>(offset, source.size()));
  std::string_view line = source.substr(start, source.find('\n', start) - start);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace kubegate::document
