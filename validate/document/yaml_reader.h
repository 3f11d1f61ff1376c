// The YAML reader: yaml-cpp's events, made exact. Private to this room.
#pragma once

#include <string_view>

#include "validate/document/builder.h"

namespace kubegate::document {

// Reads `source`, one document of UTF-8 without control characters (guard.h), into `builder` and finishes it.
void read_yaml(std::string_view source, Builder& builder);

}  // namespace kubegate::document
