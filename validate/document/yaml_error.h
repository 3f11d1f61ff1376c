// Words for what yaml-cpp throws. Private to this room.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "validate/document/builder.h"

namespace kubegate::document {

inline constexpr std::string_view kEscapeMessage =
    "YAML knows no such escape: write `\\\\` for a backslash, or use single quotes";
inline constexpr std::string_view kColonMessage =
    "a colon is missing: this is neither a key nor part of the value before it";

// How far the reading had come when yaml-cpp threw.
struct Progress {
  std::size_t behind = 0;              // the last node
  std::optional<std::size_t> quote;    // where the last node starts, if it was quoted
  std::optional<std::size_t> bracket;  // the innermost open bracket
};

// Reports the error `message` that yaml-cpp threw at the offset `at`, as one fault that ends the reading: in words
// that say what to do, and at the place where it is to be done.
void report_yaml_error(std::string_view source, const std::string& message, std::size_t at, const Progress& progress,
                       Builder& builder);

}  // namespace kubegate::document
