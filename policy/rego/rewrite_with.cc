// `with`, calls of what is not there, and calls of rego.metadata.
#include <algorithm>

#include "policy/rego/builtin.h"
#include "policy/rego/compile_state.h"
#include "policy/rego/metadata.h"
#include "policy/rego/type_check.h"

namespace kubegate::rego {
namespace {

bool rooted(const Term* term, std::string_view root) {
  return term->is_ref() && term->terms[0]->is_var() && term->terms[0]->text == root;
}

const BuiltinDeclaration* builtin_of(const Term* term) {
  return term->is_ref() || term->is_var() ? find_builtin(to_string(term)) : nullptr;
}

void make_ref(Ast& ast, Term*& term) {
  if (term->is_var()) term = ast.ref({term}, term->location);
}

}  // namespace

void Compiler::rewrite_with_values() {
  Walk walk;
  walk.body = [&](Body& body) {
    rewrite_with_values(body);
    return false;
  };
  for_each_rule([&](Rule* rule) {
    walk(rule->head);
    walk(rule->body);
  });
}

void Compiler::rewrite_with_values(Body& body) {
  Body out;
  out.reserve(body.size());
  for (Expr* expr : body) {
    for (With& with : expr->with) {
      bool evaluate = false;
      if (!check_with(*expr, with, evaluate)) return;
      if (!evaluate) continue;
      Expr* bind = generate(with.value);
      out.push_back(bind);
      with.value = ast_.var(bind->terms[1]->text, with.value->location);
    }
    out.push_back(expr);
  }
  body = std::move(out);
}

// Whether a modifier is allowed, and whether its value must be evaluated first. Rule: validateWith.
bool Compiler::check_with(Expr&, With& with, bool& evaluate) {
  const auto refuse = [&](std::string_view code, std::string message) {
    error(code, with.target->location, std::move(message));
    return false;
  };
  const auto is_unsafe = [&](const Term* term) {
    if (!term->is_ref() && !term->is_var()) return false;
    const auto& names = out_.options.unsafe_builtins;
    return std::find(names.begin(), names.end(), to_string(term)) != names.end();
  };
  const std::string unsafe_message = "with keyword replacing built-in function: target must not be unsafe: ";
  if (with.value->is_var() && builtin_of(with.value) != nullptr) make_ref(ast_, with.value);
  const auto is_function = [&](const Term* value) {
    return (value->is_ref() && out_.find(value->terms) != nullptr) || builtin_of(value) != nullptr;
  };
  evaluate = requires_evaluation(with.value);
  if (rooted(with.target, "data")) {
    const Ref& path = with.target->terms;
    const RuleNode* node = &out_.rules;
    for (std::size_t i = 1; i + 1 < path.size() && node != nullptr; ++i) {
      node = node->child(path[i]);
      if (node != nullptr && !node->rules.empty()) {
        return refuse(kCompileError, "with keyword cannot partially replace virtual document(s)");
      }
    }
    if (const RuleNode* target = out_.find(path)) {
      const bool function = std::any_of(target->rules.begin(), target->rules.end(),
                                        [](const Rule* rule) { return rule->head.is_function; });
      if (function && is_unsafe(with.value)) {
        return refuse(kCompileError, unsafe_message + quote(to_string(with.value)));
      }
      if (function && is_function(with.value)) evaluate = false;
    }
    if (with.value->is_ref()) {
      if (const RuleNode* value = out_.find(with.value->terms)) {
        for (const Rule* rule : value->rules) {
          if (rule->head.is_function) evaluate = false;
        }
      }
    }
    return true;
  }
  if (rooted(with.target, "input")) return true;
  if (is_unsafe(with.target)) return refuse(kCompileError, unsafe_message + quote(to_string(with.target)));
  const BuiltinDeclaration* builtin = builtin_of(with.target);
  if (builtin == nullptr) {
    return refuse(kTypeError, "with keyword target must reference existing input, data, or a function");
  }
  make_ref(ast_, with.target);
  const std::string head = "with keyword replacing built-in function: ";
  const std::string name(builtin->name);
  if (name == "eq" || name == "rego.metadata.chain" || name == "rego.metadata.rule") {
    return refuse(kCompileError, head + "replacement of " + quote(name) + " invalid");
  }
  if (name.starts_with("internal.")) {
    return refuse(kCompileError, head + "replacement of internal function " + quote(name) + " invalid");
  }
  if ((builtin->flags & BuiltinDeclaration::kRelation) != 0) {
    return refuse(kCompileError, head + "target must not be a relation");
  }
  if (builtin->result.empty()) return refuse(kCompileError, head + "target must not be a void function");
  if (is_unsafe(with.value)) return refuse(kCompileError, unsafe_message + quote(to_string(with.value)));
  if (is_function(with.value)) evaluate = false;
  return true;
}

namespace {

// What is known of a term before the types of rules and variables are.
const RegoType* type_before_checking(TypeTable& types, const Term* term) {
  if (is_constant(term)) return types.of_constant(term);
  if (term->kind == TermKind::kArray) {
    std::vector<const RegoType*> items;
    for (const Term* item : term->terms) items.push_back(type_before_checking(types, item));
    return types.array(std::move(items), nullptr);
  }
  const bool document =
      term->is_ref() && term->terms[0]->is_var() && (term->terms[0]->text == "data" || term->terms[0]->text == "input");
  return document ? types.any() : nullptr;
}

}  // namespace

void Compiler::check_undefined_functions() {
  for_each_rule([&](Rule* rule) {
    Walk walk;
    walk.body = [&](Body& body) {
      check_undefined_functions(body);
      return true;
    };
    walk(rule->head);
    check_undefined_functions(rule->body);
  });
}

void Compiler::check_undefined_functions(Body& body) {
  Walk walk;
  walk.expr = [&](Expr* expr) {
    if (expr->kind != ExprKind::kCall) return false;
    const Ref& path = expr->terms[0]->terms;
    const std::string name = to_string(written(path));
    const int arity = out_.arity(path);
    const auto wrong_arity = [&](int wanted, int given) {
      error(kTypeError, expr->location,
            "function " + name + " has arity " + std::to_string(wanted) + ", got " + std::to_string(given) +
                (given == 1 ? " argument" : " arguments"));
    };
    if (arity < 0) {
      // A rule is a function without arguments, as long as none is given.
      const RuleNode* rule = out_.find(path);
      const int given = static_cast<int>(expr->terms.size()) - (expr->generated ? 2 : 1);
      if (rule != nullptr && !rule->rules.empty() && given > 0) {
        wrong_arity(0, given);
      } else {
        error(kTypeError, expr->location, "undefined function " + name);
      }
      return true;
    }
    if (path[0]->text != "data") expr->builtin = find_builtin(to_string(path));
    const auto& on = out_.options.switched_on;
    if (expr->builtin != nullptr && (expr->builtin->flags & BuiltinDeclaration::kSwitchedOff) != 0 &&
        std::find(on.begin(), on.end(), name) == on.end()) {
      error(kTypeError, expr->location, "built-in function " + name + " is switched off");
      return true;
    }
    if (expr->builtin != nullptr && (expr->builtin->flags & BuiltinDeclaration::kMissing) != 0) {
      error(kTypeError, expr->location, "built-in function " + name + " of OPA is left out of kubegate");
      return true;
    }
    const int operands = static_cast<int>(expr->terms.size()) - 1;
    const bool unification = expr->is_call_of("eq");
    const bool fits =
        expr->generated ? unification || operands == arity + 1 : operands == arity || operands == arity + 1;
    if (fits) return false;
    const int given = expr->generated ? operands - 1 : operands;
    if (expr->builtin != nullptr) {
      error(kTypeError, expr->location, name + ": arity mismatch");
      TypeTable types;
      std::vector<const RegoType*> have;
      for (int i = 1; i <= operands; ++i) have.push_back(type_before_checking(types, expr->terms[i]));
      errors_.back().details = argument_lines(have, types.of_builtin(*expr->builtin)->parts, expr->builtin);
    } else {
      wrong_arity(arity, given);
    }
    return true;
  };
  walk(body);
}

// rego.metadata.chain() and rego.metadata.rule() are constants of the rule that calls them.
void Compiler::rewrite_metadata_calls() {
  check_annotations(ast_, out_.modules, errors_);
  if (failed()) return;
  for_each_rule([&](Rule* rule) {
    const Expr* chain_call = nullptr;
    const Expr* rule_call = nullptr;
    Walk find;
    find.expr = [&](Expr* expr) {
      if (chain_call == nullptr && expr->is_call_of("rego.metadata.chain")) chain_call = expr;
      if (rule_call == nullptr && expr->is_call_of("rego.metadata.rule")) rule_call = expr;
      return false;
    };
    find(rule->head);
    find(rule->body);
    if (chain_call == nullptr && rule_call == nullptr) return;
    Body body;
    const Term* chain = nullptr;
    const Term* own = nullptr;
    if (chain_call != nullptr) {
      body.push_back(generate(metadata_chain(ast_, out_.modules, *rule, chain_call->location)));
      chain = body.back()->terms[1];
    }
    if (rule_call != nullptr) {
      body.push_back(generate(metadata_of_rule(ast_, *rule, rule_call->location)));
      own = body.back()->terms[1];
    }
    Walk walk;
    walk.body = [&](Body& inner) {
      rewrite_metadata_calls(inner, chain, own);
      return false;
    };
    walk(rule->head);
    walk(rule->body);
    body.insert(body.end(), rule->body.begin(), rule->body.end());
    rule->body = std::move(body);
  });
}

void Compiler::rewrite_metadata_calls(Body& body, const Term* chain, const Term* rule) {
  for (Expr*& expr : body) {
    const bool is_chain = expr->is_call_of("rego.metadata.chain");
    if (!is_chain && !expr->is_call_of("rego.metadata.rule")) continue;
    const Term* local = is_chain ? chain : rule;
    Term* value = ast_.var(local->text, expr->location);
    Expr* out = expr->terms.size() > 1 ? ast_.builtin_expr("eq", {expr->terms[1], value}, expr->location)
                                       : ast_.term_expr(value);
    out->location = expr->location;
    out->generated = true;
    out->negated = expr->negated;
    out->with = expr->with;
    expr = out;
  }
}

}  // namespace kubegate::rego
