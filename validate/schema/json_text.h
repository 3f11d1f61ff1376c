// Values as compact JSON texts, which is how the model keeps defaults and enumerations.
#pragma once

#include <string>
#include <string_view>

#include "validate/document/document.h"

namespace kubegate::schema {

// Appends `text` (UTF-8) as a JSON string, without a byte that would end a line.
void append_json_string(std::string& out, std::string_view text);

// The node and what is below it, without spaces; keys in the order of the document. Recurses as deep as the node.
std::string json_text(const document::Document& document, document::NodeIndex node);

}  // namespace kubegate::schema
