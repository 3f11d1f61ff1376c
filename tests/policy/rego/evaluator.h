// What the tests take an evaluator for: the naive one and the compiled one are run by the same drivers.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "policy/rego/builtin.h"
#include "policy/rego/compile.h"

namespace kubegate::rego {

// The result of a query: its solutions, or the error that ended it.
struct Answer {
  using Bindings = std::map<std::string, Value>;
  bool failed = false;
  std::string code;               // "eval_conflict_error"
  std::string error;              // as OPA prints it: "file:row: code: message"
  std::vector<Bindings> results;  // by the written names of the query's variables; in any order, with repetitions
};

// Evaluates a query. Values of the answer live in the context's arena, in `data`, `input` and the modules' tree. `data`
// and `input` may be undefined. `strict`: errors of built-ins end the evaluation.
using Evaluate = std::function<Answer(const CompiledModules& modules, const CompiledQuery& query,
                                      BuiltinContext& context, Value data, Value input, bool strict)>;

}  // namespace kubegate::rego
