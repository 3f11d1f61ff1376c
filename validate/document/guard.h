// The guard in front of the parsers: bytes that no document may have. Private to this room.
#pragma once

#include <string_view>

#include "validate/document/builder.h"

namespace kubegate::document {

// Reports the first byte of `source` that is no UTF-8, or a control character which YAML does not allow, and stops
// the builder. True when there is none.
bool check_bytes(std::string_view source, Builder& builder);

// Reports a source that starts as UTF-16 or UTF-32 does, and stops the builder. True when it does not.
bool check_encoding(std::string_view source, Builder& builder);

// The name of the encoding that the bytes start with: "UTF-16", "UTF-32", or nothing for UTF-8.
std::string_view foreign_encoding(std::string_view bytes);

}  // namespace kubegate::document
