// The line is laid out in cells, one for each character with its width; the caret's row is then the same widths filled
// with blanks, `^` and `~`. Where the line is wider than the room, a window around the first cell at fault is shown:
// as much as possible of what is at fault, a third of the room before it.
//
// Tested in tests/validate/report/excerpt_test.cc.
#include "validate/report/excerpt.h"

#include <algorithm>
#include <vector>

#include "validate/report/text.h"

namespace kubegate::report {

namespace {

constexpr unsigned kTab = 8;

struct Cell {
  char32_t character;
  unsigned width;
  bool at_fault;
};

// What is shown in place of a character that a terminal must not get: its picture where there is one.
char32_t picture_of(char32_t c) {
  if (c < 0x20) return 0x2400 + c;
  if (c == 0x7F) return 0x2421;
  return 0xFFFD;
}

}  // namespace

Drawn draw(const Excerpt& excerpt, unsigned width) {
  std::vector<Cell> cells;
  unsigned column = 0;
  bool marked = false;
  const std::size_t end = std::size_t{excerpt.begin} + std::max<std::uint32_t>(excerpt.length, 1);
  for (std::size_t at = 0; at < excerpt.text.size();) {
    const CodePoint c = decode(std::string_view(excerpt.text).substr(at));
    Cell cell{c.value, static_cast<unsigned>(width_of(c.value)), at < end && at + c.length > excerpt.begin};
    if (c.value == '\t') {
      cell.width = kTab - column % kTab;
      cell.character = ' ';
    } else if (is_unsafe(c.value)) {
      cell.character = picture_of(c.value);
      cell.width = 1;
    }
    column += cell.width;
    marked |= cell.at_fault && cell.width > 0;
    cells.push_back(cell);
    at += c.length;
  }
  // A place behind the last character of the line has a cell too.
  if (!marked) cells.push_back({' ', 1, true}), ++column;

  std::size_t first = 0, last = cells.size();
  bool cut_before = excerpt.cut_before, cut_after = excerpt.cut_after;
  const unsigned room = std::max(width, 20u);
  const unsigned marks = 2;  // one … on each side
  if (column + cut_before + cut_after > room) {
    const auto fault = static_cast<std::size_t>(
        std::find_if(cells.begin(), cells.end(), [](const Cell& cell) { return cell.at_fault; }) - cells.begin());
    unsigned used = 0;
    for (first = fault; first > 0 && used + cells[first - 1].width <= room / 3; --first) used += cells[first - 1].width;
    for (last = fault; last < cells.size() && used + cells[last].width + marks <= room; ++last)
      used += cells[last].width;
    for (; first > 0 && used + cells[first - 1].width + marks <= room; --first) used += cells[first - 1].width;
    cut_before |= first > 0;
    cut_after |= last < cells.size();
  }

  Drawn drawn;
  if (cut_before) {
    drawn.source += "…";
    drawn.caret += ' ';
  }
  bool started = false;
  for (std::size_t i = first; i < last; ++i) {
    const Cell& cell = cells[i];
    if (cell.character == ' ') {
      drawn.source.append(cell.width, ' ');
    } else {
      append_utf8(drawn.source, cell.character);
    }
    for (unsigned n = 0; n < cell.width; ++n) {
      drawn.caret += !cell.at_fault ? ' ' : started ? '~' : '^';
      started |= cell.at_fault;
    }
  }
  if (cut_after) drawn.source += "…";
  drawn.source.erase(drawn.source.find_last_not_of(' ') + 1);
  drawn.caret.erase(drawn.caret.find_last_not_of(' ') + 1);
  return drawn;
}

}  // namespace kubegate::report
