// Formats of strings, as the API server parses them. Hot: no allocation, no locale.
#pragma once

#include <cstdint>
#include <string_view>

#include "validate/schema/table.h"

namespace kubegate::schema {

// Whether `text` is in the format. kNone and formats of numbers hold for every text.
bool check_format(Format format, std::string_view text);

// Whether `text` is a quantity ("100m", "1.5Gi", "1e3"): resource.ParseQuantity of k8s.io/apimachinery.
bool check_quantity(std::string_view text);

// What a text of the format looks like, for messages: "an RFC 3339 time such as 2024-01-31T08:00:00Z".
std::string_view describe_format(Format format);

}  // namespace kubegate::schema
