// Words for values and types, as findings use them.
#pragma once

#include <string>
#include <string_view>

#include "validate/document/document.h"
#include "validate/schema/table.h"

namespace kubegate::schema {

// `text` in double quotes, control characters escaped, cut with "…" where it is long.
std::string quote(std::string_view text);

// A value as a noun: the string "x", the number 5, true, null, a mapping, a list.
std::string describe_value(const document::Document& document, document::NodeIndex node);

// What a shape asks for: "a string", "a whole number", "a list", "a quantity such as 100m or 1.5Gi".
std::string describe_type(const Shape& shape);

// What to do about a scalar of the wrong type: quotes to add or to remove, and how YAML read what is written; "" where
// there is nothing to add.
std::string hint_for_type(const document::Document& document, document::NodeIndex node, const Shape& shape);

}  // namespace kubegate::schema
