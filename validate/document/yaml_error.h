// Words for what yaml-cpp throws. Private to this room.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "validate/document/builder.h"

namespace kubegate::document {

// Reports the error `message` that yaml-cpp threw at the offset `at`, as one fault that ends the reading. `cursor` is
// behind the last node that was read.
void report_yaml_error(std::string_view source, const std::string& message, std::size_t at, std::uint32_t cursor,
                       Builder& builder);

}  // namespace kubegate::document
