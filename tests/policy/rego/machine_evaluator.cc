#include "tests/policy/rego/machine_evaluator.h"

#include "policy/rego/machine.h"
#include "policy/rego/program.h"

namespace kubegate::rego {
namespace {

Answer read(const QueryAnswer& from, ValueArena& arena) {
  Answer out;
  if (from.error != nullptr) {
    out.failed = true;
    out.code = from.error->code;
    out.error = from.error->text();
    return out;
  }
  for (const QueryRow& row : from.rows) {
    Answer::Bindings& bindings = out.results.emplace_back();
    for (policy::Cursor at(row.bindings); at.next();) {
      bindings[std::string(at.key().text())] = policy::copy_value(arena, at.value());
    }
  }
  return out;
}

bool alike(const Answer& a, const Answer& b) {
  if (a.failed != b.failed || a.error != b.error || a.results.size() != b.results.size()) return false;
  for (std::size_t i = 0; i < a.results.size(); ++i) {
    if (a.results[i].size() != b.results[i].size()) return false;
    for (const auto& [name, value] : a.results[i]) {
      const auto found = b.results[i].find(name);
      if (found == b.results[i].end() || policy::compare(value, found->second) != 0) return false;
    }
  }
  return true;
}

Answer evaluate(const Optimisations& optimisations, const CompiledModules& modules, const CompiledQuery& query,
                BuiltinContext& context, Value data, Value input, bool strict) {
  ProgramOptions options;
  options.optimisations = optimisations;
  RegoErrors errors;
  const auto program = compile_program(modules, &query, {}, options, errors);
  if (program == nullptr) return {true, std::string(errors[0].code), errors[0].text(), {}};
  Machine machine(program);
  machine.set_data(data);
  machine.set_strict_builtin_errors(strict);
  machine.fix_clock(context.now_ns(), 1);
  Answer first = read(machine.eval_query(input), context.arena());
  const Answer second = read(machine.eval_query(input), context.arena());
  if (!alike(first, second)) return {true, "", "the second evaluation differs from the first", {}};
  return first;
}

}  // namespace

Evaluate machine_with(const Optimisations& optimisations) {
  return [optimisations](const CompiledModules& modules, const CompiledQuery& query, BuiltinContext& context,
                         Value data, Value input,
                         bool strict) { return evaluate(optimisations, modules, query, context, data, input, strict); };
}

Answer evaluate_by_machine(const CompiledModules& modules, const CompiledQuery& query, BuiltinContext& context,
                           Value data, Value input, bool strict) {
  return evaluate({}, modules, query, context, data, input, strict);
}

}  // namespace kubegate::rego
