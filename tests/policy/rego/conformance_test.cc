// OPA's conformance cases, run by the naive evaluator.
#include <gtest/gtest.h>

#include "tests/policy/rego/conformance_driver.h"
#include "tests/policy/rego/naive_eval.h"

namespace kubegate::rego {
namespace {

TEST(Conformance, NaiveEvaluator) { testing::run_conformance(evaluate_naively); }

}  // namespace
}  // namespace kubegate::rego
