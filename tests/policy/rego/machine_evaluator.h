// The compiled evaluator, as the tests take one.
#pragma once

#include "policy/rego/program.h"
#include "tests/policy/rego/evaluator.h"

namespace kubegate::rego {

// Plans the query and runs it twice on one Machine, whose second answer must be the first again.
Answer evaluate_by_machine(const CompiledModules& modules, const CompiledQuery& query, BuiltinContext& context,
                           Value data, Value input, bool strict);
// The same by programs with these optimisations.
Evaluate machine_with(const Optimisations& optimisations);

}  // namespace kubegate::rego
