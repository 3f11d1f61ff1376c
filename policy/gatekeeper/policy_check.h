// Policies as a check of the pipeline, and how `--policy` brings it there.
#pragma once

#include <memory>

#include "validate/run/policies.h"

namespace kubegate::gatekeeper {

// Implements run::PolicyLoader by Gatekeeper's policies. Lives as long as the program.
const run::PolicyLoader& policy_loader();

}  // namespace kubegate::gatekeeper
