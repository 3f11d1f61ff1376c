// Queries: a body alone, through the stages that concern bodies. `==` stays a call here, whose value is true or false.
#include "policy/rego/compile_state.h"

namespace kubegate::rego {

bool Compiler::compile_query(Body& body, CompiledQuery& query, const Module* context) {
  VarsOf{}(body, locals_.taken);

  const auto run = [&](auto&& stage) {
    if (!failed()) stage();
    return !failed();
  };
  Walk walk;
  run([&] {
    if (out_.options.strict) check_keyword_overrides(body);
  });
  run([&] {
    Globals globals;
    if (context != nullptr) {
      VarSet rules;
      if (const RuleNode* node = out_.find(context->package)) {
        for (const auto& child : node->children) {
          if (child->has_rules() && child->key->is_string()) rules.insert(child->key->text);
        }
      }
      globals = globals_of(*context, rules);
    }
    Ignored ignored = {declared_vars(body)};
    resolve(globals, ignored, body);
  });
  run([&] { rewrite_locals(body); });
  // The variables of the query as it was written are the result's; what closures keep to themselves is not.
  VarSet vars;
  VarsOf::safety()(body, vars);
  for (const std::string& name : vars) {
    const std::string shown = written(name);
    if (name == "data" || name == "input" || is_wildcard(shown) || is_generated(shown)) continue;
    query.variables.emplace_back(name, shown);
  }
  run([&] {
    VarSet safe = reserved_vars();
    Added bound(safe);
    rewrite_template_strings(body, safe, bound);
  });
  run([&] { check_void_calls([&](Walk& calls) { calls(body); }); });
  run([&] {
    if (out_.options.enable_print) {
      VarSet safe = reserved_vars();
      rewrite_print_calls(body, safe);
    } else {
      erase_print_calls(body);
    }
  });
  run([&] { expand(body); });
  run([&] {
    rewrite_comprehension_terms(walk);
    walk(body);
  });
  run([&] {
    Walk bodies;
    bodies.body = [&](Body& inner) {
      rewrite_with_values(inner);
      return false;
    };
    bodies(body);
  });
  run([&] { check_undefined_functions(body); });
  run([&] { check_safety(reserved_vars(), body); });
  run([&] { dynamics(body); });
  run([&] { check_types(body); });
  run([&] { check_unsafe_builtins(body); });
  run([&] {
    if (!out_.options.strict) return;
    Walk calls;
    check_deprecated_builtins(calls);
    calls(body);
  });
  limit_errors();
  if (failed()) return false;
  query.body = std::move(body);
  query.written_names = query_names_;
  return true;
}

}  // namespace kubegate::rego
