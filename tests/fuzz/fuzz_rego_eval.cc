// The compiled evaluator against the naive one, on programs of the generator (tests/policy/rego/generate.h): the input
// is the seed. Coverage leads the fuzzer to seeds whose programs reach further.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "tests/policy/rego/generate.h"
#include "tests/policy/rego/machine_evaluator.h"
#include "tests/policy/rego/naive_eval.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::uint64_t seed = 0;
  if (size > sizeof seed) return 0;
  std::memcpy(&seed, data, size);
  using namespace kubegate;
  const std::string fault =
      testing::difference(testing::generate_case(seed), rego::evaluate_naively, rego::evaluate_by_machine);
  if (fault.empty()) return 0;
  std::fputs(fault.c_str(), stderr);
  std::abort();
}
