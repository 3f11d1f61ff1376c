// The JSON reader: RapidJSON's events with their places. Private to this room.
#pragma once

#include <string_view>

#include "validate/document/builder.h"

namespace kubegate::document {

struct JsonResult {
  bool ok = true;
  std::uint32_t at = 0;    // behind the value; or where it goes wrong
  std::string_view error;  // why the source is no JSON; static storage
};

// Reads `source`, one JSON value in UTF-8 without NUL, into `builder`, which the caller finishes. What makes the
// source no JSON is in the result and not recorded.
JsonResult read_json(std::string_view source, Builder& builder);

}  // namespace kubegate::document
