// A source line under which a caret stands.
#pragma once

#include <string>

#include "validate/report/report.h"

namespace kubegate::report {

// Two lines without gutter: the source, at most `width` columns wide with … where it was cut, and blanks with `^~~~`
// under what is at fault. Tabs become blanks; characters that a terminal must not get are replaced.
struct Drawn {
  std::string source;
  std::string caret;
};
Drawn draw(const Excerpt& excerpt, unsigned width);

}  // namespace kubegate::report
