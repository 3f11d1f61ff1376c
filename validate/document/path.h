// Paths to nodes, in the two spellings that findings carry. Cold: walks the document from its root.
#pragma once

#include <string>
#include <string_view>

#include "validate/document/document.h"

namespace kubegate::document {

// RFC 6901 from the root of the document to `target`: "/spec/ports/1/name"; "" for the root. For a key node: the
// path of its value.
std::string pointer_to(const Document& document, NodeIndex target);

// The node that an RFC 6901 pointer from `from` leads to; kNoNode where it leads nowhere.
NodeIndex find_pointer(const Document& document, NodeIndex from, std::string_view pointer);

// One more step of a pointer: '~' and '/' escaped.
void append_pointer(std::string& pointer, std::string_view key);

}  // namespace kubegate::document
