// How policies are used: sources are compiled once to a Program, which any number of threads share; each thread runs it
// with a Machine of its own.
//
//   RegoErrors errors;
//   const auto program = compile_policy({{"policy.rego", text}}, {.entrypoints = {"data.labels.violation"}}, errors);
//   if (program == nullptr) … errors …
//   Machine machine(program);
//   machine.set_data(data);                             // stays from one evaluation to the next
//   const EvalAnswer answer = machine.eval(0, input);       // entrypoint 0
//   if (answer.error != nullptr) … else answer.value …  // undefined where the rule has no value
//
// `input` and `data` are Values and may wrap documents in place (policy/value/document_root.h); nothing of them is
// copied, so they, and what they refer to, must live as long as the answer is read. What an answer holds is valid until
// the machine's next evaluation.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "policy/rego/ast.h"
#include "policy/rego/compile.h"
#include "policy/rego/machine.h"
#include "policy/rego/parser.h"
#include "policy/rego/program.h"

namespace kubegate::rego {

struct PolicySource {
  std::string name;  // file name, as errors show it
  std::string text;
};

struct PolicyOptions {
  RegoVersion version = RegoVersion::kV1;
  Annotations annotations = Annotations::kIgnored;
  CompileOptions compile;
  // Paths of documents to evaluate, such as "data.labels.violation": a rule, a package, or `data`. Their places in this
  // list are the numbers that Machine::eval takes. A path without any rule is no error: it reads the base documents.
  std::vector<std::string> entrypoints;
  // A query such as `data.p.q = x; x > 1`, for Machine::eval_query; "" for none.
  std::string query;
  ProgramOptions program;
};

// Parses, compiles and plans. Null, with at least one error added, when something is wrong.
std::shared_ptr<const Program> compile_policy(const std::vector<PolicySource>& sources, const PolicyOptions& options,
                                              RegoErrors& errors);

}  // namespace kubegate::rego
