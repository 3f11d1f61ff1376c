// `kubegate rego bench`: a query run many times over.
#pragma once

#include <cstddef>

#include "policy/rego_tool/eval.h"
#include "policy/rego_tool/present.h"

namespace kubegate::rego_tool {

struct BenchOptions {
  EvalOptions eval;  // whose `fail` makes an undefined result an error; `count`: measurements of one program
  std::chrono::nanoseconds time = std::chrono::seconds(1);  // of each run, about
  bool json = false;
};

// Exit codes, as of `opa bench`: 0; 1 errors.
Report bench(const BenchOptions& options);

}  // namespace kubegate::rego_tool
