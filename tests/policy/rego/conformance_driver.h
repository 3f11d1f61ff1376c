// Holds an evaluator to OPA's conformance cases.
#pragma once

#include <string>

#include "tests/policy/rego/conformance_cases.h"
#include "tests/policy/rego/evaluator.h"

namespace kubegate::testing {

// Runs one case. "" when it passes, otherwise why it does not.
std::string run_case(const ConformanceCase& test, const rego::Evaluate& evaluate);

// Runs every case that is not left out, each as an expectation of the calling test, and prints the figures by folder
// and the cases left out by reason. Skips where the material is not there.
void run_conformance(const rego::Evaluate& evaluate);

}  // namespace kubegate::testing
