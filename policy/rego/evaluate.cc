#include "policy/rego/evaluate.h"

#include <utility>

namespace kubegate::rego {

std::shared_ptr<const Program> compile_policy(const std::vector<PolicySource>& sources, const PolicyOptions& options,
                                              RegoErrors& errors) {
  Ast ast;
  std::vector<Module*> modules;
  bool failed = false;
  for (const PolicySource& source : sources) {
    Module* module = parse_module(ast, source.name, source.text, options.version, errors, options.annotations);
    failed = failed || module == nullptr;
    modules.push_back(module);
  }
  Body body;
  if (!options.query.empty()) {
    body = parse_query(ast, options.query, options.version, errors);
    failed = failed || body.empty();
  }
  if (failed) return nullptr;
  const auto compiled = compile_modules(ast, std::move(modules), options.compile, errors);
  if (compiled == nullptr) return nullptr;
  CompiledQuery query;
  if (!body.empty() && !compile_query(*compiled, std::move(body), errors, query)) return nullptr;
  return compile_program(*compiled, options.query.empty() ? nullptr : &query, options.entrypoints, options.program,
                         errors);
}

}  // namespace kubegate::rego
