// The stages in their order. Rule: ast.NewCompiler, queryCompiler.Compile.
#include "policy/rego/compile.h"

#include <algorithm>

#include "policy/rego/builtin.h"
#include "policy/rego/compile_state.h"
#include "policy/rego/type_check.h"

namespace kubegate::rego {

std::string LocalNames::next() {
  while (true) {
    std::string name = "__local" + prefix_ + std::to_string(count_++) + "__";
    if (!contains(taken, name)) return name;
  }
}

void Compiler::error(std::string_view code, const Location& location, std::string message) {
  errors_.push_back({code,
                     std::move(message),
                     location,
                     location.file < ast_.source_count() ? ast_.source(location.file).name : "",
                     {}});
}

void Compiler::for_each_rule(const std::function<void(Rule*)>& visit) {
  for (Module* module : out_.modules) {
    for (Rule* rule : module->rules) {
      for (Rule* branch = rule; branch != nullptr; branch = branch->otherwise) visit(branch);
    }
  }
}

std::string Compiler::written(const std::string& name) const {
  if (const auto found = query_names_.find(name); found != query_names_.end()) return found->second;
  const auto found = out_.written_names.find(name);
  return found == out_.written_names.end() ? name : found->second;
}

Ref Compiler::written(const Ref& ref) {
  Ref out = ast_.copy(ref);
  Walk walk;
  walk.term = [&](Term* term) {
    if (term->is_var()) term->text = written(term->text);
    return false;
  };
  for (Term* term : out) walk(term);
  return out;
}

void Compiler::check_unsafe_builtins(Body& body) {
  Walk walk;
  walk.expr = [&](Expr* expr) {
    if (expr->builtin == nullptr) return false;
    const auto& names = out_.options.unsafe_builtins;
    if (std::find(names.begin(), names.end(), expr->builtin->name) != names.end()) {
      error(kTypeError, expr->location,
            "unsafe built-in function calls in expression: " + std::string(expr->builtin->name));
    }
    return false;
  };
  walk(body);
}

void Compiler::check_deprecated_builtins(Walk& walk) {
  walk.expr = [&](Expr* expr) {
    if (expr->builtin != nullptr && (expr->builtin->flags & BuiltinDeclaration::kDeprecated) != 0) {
      error(kTypeError, expr->location,
            "deprecated built-in function calls in expression: " + std::string(expr->builtin->name));
    }
    return false;
  };
}

void Compiler::check_builtins() {
  for_each_rule([&](Rule* rule) { check_unsafe_builtins(rule->body); });
  if (failed()) return;
  for_each_rule([&](Rule* rule) {
    if (!v1(*rule->module)) return;
    Walk walk;
    check_deprecated_builtins(walk);
    walk(rule->head);
    walk(rule->body);
  });
}

bool Compiler::compile() {
  std::stable_sort(out_.modules.begin(), out_.modules.end(), [&](const Module* a, const Module* b) {
    return ast_.source(a->file).name < ast_.source(b->file).name;
  });
  static constexpr void (Compiler::*kStages[])() = {
      &Compiler::resolve_refs,
      &Compiler::init_locals,
      &Compiler::rewrite_head_refs,
      &Compiler::check_keyword_overrides,
      &Compiler::check_imports,
      &Compiler::set_rule_tree,
      &Compiler::rewrite_locals,
      &Compiler::rewrite_template_strings,
      &Compiler::check_void_calls,
      &Compiler::rewrite_print_calls,
      &Compiler::rewrite_expr_terms,
      &Compiler::rewrite_metadata_calls,
      &Compiler::set_graph,
      &Compiler::rewrite_comprehension_terms,
      &Compiler::rewrite_refs_in_head,
      &Compiler::rewrite_with_values,
      &Compiler::check_rule_conflicts,
      &Compiler::check_undefined_functions,
      &Compiler::check_safety_of_heads,
      &Compiler::check_safety_of_bodies,
      &Compiler::rewrite_equals,
      &Compiler::rewrite_dynamic_terms,
      &Compiler::check_recursion,
      &Compiler::set_paths,
      &Compiler::check_types,
      &Compiler::check_builtins,
  };
  for (const auto stage : kStages) {
    (this->*stage)();
    if (failed()) break;
  }
  limit_errors();
  return !failed();
}

void Compiler::limit_errors() {
  if (out_.options.max_errors == 0 || errors_.size() - first_error_ < out_.options.max_errors) return;
  errors_.resize(first_error_ + out_.options.max_errors);
  errors_.push_back({kCompileError, "error limit reached", {}, "", {}});
}

void Compiler::set_paths() {
  for_each_rule([&](Rule* rule) { rule->path = path_of(ast_, *rule); });
}

std::unique_ptr<CompiledModules> compile_modules(Ast& ast, std::vector<Module*> modules, const CompileOptions& options,
                                                 RegoErrors& errors) {
  auto out = std::make_unique<CompiledModules>(ast);
  out->options = options;
  out->modules = std::move(modules);
  Compiler compiler(*out, errors, "");
  try {
    if (!compiler.compile()) return nullptr;
  } catch (const TooManyNodes& limit) {
    errors.push_back({kCompileError, limit.what(), {}, "", {}});
    return nullptr;
  }
  return out;
}

bool compile_query(CompiledModules& modules, Body query, RegoErrors& errors, CompiledQuery& out,
                   const Module* context) {
  Compiler compiler(modules, errors, "q");
  try {
    return compiler.compile_query(query, out, context);
  } catch (const TooManyNodes& limit) {
    errors.push_back({kCompileError, limit.what(), {}, "", {}});
    return false;
  }
}

}  // namespace kubegate::rego
