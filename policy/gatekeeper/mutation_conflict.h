// Conflicts: two mutators of one kind of object whose locations imply different shapes of it, such as
// spec.containers.image and spec.containers[name: a].image.
//
// Rule: pkg/mutation/schema of Gatekeeper.
#pragma once

#include <cstddef>
#include <optional>

#include "policy/gatekeeper/mutator.h"

namespace kubegate::gatekeeper {

// The number of steps of both locations at whose end the shapes differ; nothing where they agree, or where the two
// never meet on a kind of object and an operation.
std::optional<std::size_t> find_conflict(const Mutator& a, const Mutator& b);

}  // namespace kubegate::gatekeeper
