#include "validate/document/yaml_error.h"

#include <algorithm>

namespace kubegate::document {

void report_yaml_error(std::string_view source, const std::string& message, std::size_t at, std::uint32_t cursor,
                       Builder& builder) {
  (void)cursor;
  at = std::min(at, source.size());
  builder.fault("document/syntax", message, {static_cast<std::uint32_t>(at), at < source.size() ? 1u : 0u}, true);
}

}  // namespace kubegate::document
