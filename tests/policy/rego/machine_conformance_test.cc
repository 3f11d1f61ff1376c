// OPA's conformance cases and random programs, run by the compiled evaluator.
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/policy/rego/conformance_driver.h"
#include "tests/policy/rego/generate.h"
#include "tests/policy/rego/machine_evaluator.h"
#include "tests/policy/rego/naive_eval.h"

namespace kubegate::rego {
namespace {

TEST(Conformance, Machine) { testing::run_conformance(evaluate_by_machine); }

TEST(Differential, MachineAgreesWithTheNaiveEvaluator) {
  const char* wanted = std::getenv("KUBEGATE_GENERATED_CASES");
  const std::uint64_t cases = wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : 2000;
  int different = 0;
  for (std::uint64_t seed = 0; seed < cases && different < 5; ++seed) {
    const std::string fault = testing::difference(testing::generate_case(seed), evaluate_naively, evaluate_by_machine);
    EXPECT_EQ(fault, "") << "seed " << seed;
    different += !fault.empty();
  }
}

}  // namespace
}  // namespace kubegate::rego
