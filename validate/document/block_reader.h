// The block reader: YAML as `kustomize build` and `helm template` emit it, read line by line. Private to this room.
#pragma once

#include <string_view>

#include "validate/document/builder.h"

namespace kubegate::document {

// Reads `source`, whose bytes have passed the guard, into `builder`. False when it declines: the document holds
// something that this reader does not own, the builder has seen a part of it, and another reader must read it whole,
// into a builder of its own. What it does read, it reads as read_yaml() would, node by node and span by span.
bool read_block(std::string_view source, Builder& builder);

}  // namespace kubegate::document
