// The table that the build compiled from schemas/ (schemas/bundles.cmake).
#pragma once

#include "validate/schema/table.h"

extern "C" {
extern const char kubegate_builtin_begin[];
extern const char kubegate_builtin_end[];
}

namespace kubegate::schema {

// Part of the binary; units()[0] is Kubernetes itself.
const Table& builtin_table();

}  // namespace kubegate::schema
