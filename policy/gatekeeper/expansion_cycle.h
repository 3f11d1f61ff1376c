// Cycles among ExpansionTemplates.
#pragma once

#include <vector>

#include "policy/gatekeeper/expansion.h"

namespace kubegate::gatekeeper {

// For each template whether what it generates leads, through others, back to it.
// Rule: updateCycles of pkg/expansion/db.go.
std::vector<bool> find_cycles(const std::vector<ExpansionTemplate>& templates);

}  // namespace kubegate::gatekeeper
