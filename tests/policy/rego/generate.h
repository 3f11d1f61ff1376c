// Random programs: modules, query, data and input by a grammar, for tests that hold one evaluator to another.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/policy/rego/evaluator.h"

namespace kubegate::testing {

struct GeneratedCase {
  rego::RegoVersion version = rego::RegoVersion::kV1;
  std::vector<std::string> modules;
  std::string query;
  std::string data, input;   // JSON
  std::string text() const;  // all of it, to be shown
};

// The same case for the same seed. Most compile; what does not is refused by the compiler, never worse.
// What is evaluated ends soon: no rule reads one written below it, and collections are small.
GeneratedCase generate_case(std::uint64_t seed);

struct CaseResult {
  rego::RegoErrors refused;  // not empty: it did not compile
  rego::Answer answer;
  std::string results;  // the solutions as JSON, sorted, each once
};
CaseResult run_generated(const GeneratedCase& test, const rego::Evaluate& evaluate);

// "" when both evaluators give the same, otherwise the case and the two answers. An error that only one of them gives is
// no difference where it is a conflict: how much of a document is computed that nobody reads is free.
std::string difference(const GeneratedCase& test, const rego::Evaluate& a, const rego::Evaluate& b);

}  // namespace kubegate::testing
