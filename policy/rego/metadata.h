// What rego.metadata.chain() and rego.metadata.rule() answer, as constants.
#pragma once

#include <vector>

#include "policy/rego/compile.h"

namespace kubegate::rego {

// Adds an error for each annotation of a scope and path that has one already. Rule: BuildAnnotationSet.
void check_annotations(const Ast& ast, const std::vector<Module*>& modules, RegoErrors& errors);

// The rule and what encloses it, innermost first: an array of {"path", "annotations"}. Rule: AnnotationSet.Chain.
Term* metadata_chain(Ast& ast, const std::vector<Module*>& modules, const Rule& rule, const Location& location);
// The annotations with scope rule that stand nearest to the rule; an empty object when there are none.
Term* metadata_of_rule(Ast& ast, const Rule& rule, const Location& location);

}  // namespace kubegate::rego
