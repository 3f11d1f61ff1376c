// The guard in front of the parsers: bytes that no document may have. Private to this room.
#pragma once

#include <string_view>

#include "validate/document/builder.h"
#include "validate/document/read.h"

namespace kubegate::document {

// Reports the first byte of `source` that is no UTF-8, or a control character that the syntax does not allow, and
// stops the builder. True when there is none.
bool check_bytes(std::string_view source, Syntax syntax, Builder& builder);

// Reports what would make yaml-cpp's memory grow out of proportion: brackets nested without end, and a line of
// brackets without end, of which it keeps every token until the line ends. True when there is nothing of that kind.
bool check_brackets(std::string_view source, Builder& builder);

// The name of the encoding that the bytes start with: "UTF-16", "UTF-32", or nothing for UTF-8.
std::string_view foreign_encoding(std::string_view bytes);

}  // namespace kubegate::document
