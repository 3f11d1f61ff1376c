// The generator is worth its name only while most of what it makes compiles and much of that has an answer.
#include "tests/policy/rego/generate.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <map>

#include "tests/policy/rego/naive_eval.h"

namespace kubegate::testing {
namespace {

TEST(Generate, TheSameSeedMakesTheSameCase) {
  EXPECT_EQ(generate_case(7).text(), generate_case(7).text());
  EXPECT_NE(generate_case(7).text(), generate_case(8).text());
}

TEST(Generate, MostCasesCompileAndAreDefined) {
  const char* wanted = std::getenv("KUBEGATE_GENERATED_CASES");
  const std::uint64_t cases = wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : 2000;
  std::uint64_t compiled = 0, failed = 0, defined = 0;
  std::map<std::string, int> refusals;
  for (std::uint64_t seed = 0; seed < cases; ++seed) {
    const CaseResult result = run_generated(generate_case(seed), rego::evaluate_naively);
    for (const auto& error : result.refused)
      ++refusals[std::string(error.code)];
    if (!result.refused.empty()) continue;
    ++compiled;
    failed += result.answer.failed;
    defined += !result.answer.failed && !result.results.empty();
  }
  std::cout << "of " << cases << " cases " << compiled << " compiled; " << defined << " are defined, " << failed
            << " end with an error\n";
  for (const auto& [code, count] : refusals) std::cout << "  " << code << ": " << count << "\n";
  EXPECT_GT(compiled * 10, cases * 6);
  EXPECT_GT(defined * 10, compiled * 5);
}

}  // namespace
}  // namespace kubegate::testing
