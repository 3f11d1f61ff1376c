// Rewriting: from what people write to what evaluators run.
//
// After these stages an expression holds at most one call, whose operands are plain: template strings are calls,
// nested calls, references and comprehensions inside operands are unifications of their own before the expression,
// heads and the heads of comprehensions hold constants and variables. Each stage is the one of OPA's compiler with the
// same name, in the same order, since errors and the order of evaluation depend on both.
#include <algorithm>

#include "policy/rego/builtin.h"
#include "policy/rego/compile_state.h"

namespace kubegate::rego {

bool requires_evaluation(const Term* term) {
  if (term == nullptr) return false;
  if (term->is_ref() || term->is_comprehension()) return true;
  return std::any_of(term->terms.begin(), term->terms.end(), requires_evaluation);
}

Expr* Compiler::generate(Term* term) {
  Expr* out = ast_.builtin_expr("eq", {ast_.var(locals_.next(), term->location), term}, term->location);
  out->generated = true;
  return out;
}

// ---- RewriteTemplateStrings ----------------------------------------------------------------------------------------

void Compiler::rewrite_template_strings() {
  for_each_rule([&](Rule* rule) {
    bool found = false;
    Walk find;
    find.term = [&](Term* term) { return found = found || term->kind == TermKind::kTemplateString; };
    find(rule->head);
    find(rule->body);
    if (!found) return;
    VarSet safe = reserved_vars();
    for (const Term* arg : rule->head.args) VarsOf{}(arg, safe);
    Added bound(safe);
    rewrite_template_strings(rule->body, safe, bound);
    for (Term* arg : rule->head.args) rewrite_template_strings(arg, safe);
    if (rule->head.key != nullptr) rewrite_template_strings(rule->head.key, safe);
    if (rule->head.value != nullptr) rewrite_template_strings(rule->head.value, safe);
  });
}

// Adds to `safe`, by `bound`, what the body binds. One set serves all closures, however many there are: each adds its
// own variables for as long as it is looked at.
void Compiler::rewrite_template_strings(Body& body, VarSet& safe, Added& bound) {
  for (const Expr* expr : body) bound.add(output_vars(out_, expr, safe));
  for (Expr* expr : body) {
    for (Term* term : expr->terms) rewrite_template_strings(term, safe);
    if (expr->domain != nullptr) rewrite_template_strings(expr->domain, safe);
    for (With& with : expr->with) rewrite_template_strings(with.value, safe);
    if (expr->operands.empty()) continue;
    Added declared(safe);
    if (expr->key != nullptr) declared.add(expr->key->text);
    if (expr->value != nullptr) declared.add(expr->value->text);
    for (Body& operand : expr->operands) {
      Added inside(safe);
      rewrite_template_strings(operand, safe, inside);
    }
  }
}

void Compiler::rewrite_template_strings(Term* root, VarSet& safe) {
  Walk walk;
  walk.term = [&](Term* term) {
    if (term->kind == TermKind::kTemplateString) rewrite_template_string(term, safe);
    if (!term->is_comprehension()) return false;
    Added inside(safe);
    rewrite_template_strings(term->body, safe, inside);
    for (Term* head : term->terms) rewrite_template_strings(head, safe);
    return true;
  };
  walk(root);
}

void Compiler::rewrite_template_string(Term* term, const VarSet& safe) {
  std::vector<Term*> parts;
  for (const Term::Part& part : term->parts) {
    if (part.expr == nullptr) {
      parts.push_back(part.text);
      continue;
    }
    const Expr* expr = part.expr;
    Term* value = expr->terms[0];
    if (expr->kind == ExprKind::kCall) {
      const BuiltinDeclaration* builtin = find_builtin(to_string(expr->terms[0]));
      if (builtin != nullptr && (builtin->flags & BuiltinDeclaration::kRelation) != 0) {
        error(kCompileError, expr->location,
              "illegal call to relation built-in '" + std::string(builtin->name) + "' that may cause multiple outputs");
        continue;
      }
      value = ast_.list(TermKind::kCall, expr->terms, expr->location);
    }
    VarSet vars;
    VarsOf::safety()(value, vars);
    for (const std::string& name : vars) {
      if (contains(safe, name)) continue;
      error(kCompileError, value->location, "var " + written(name) + " is undeclared");
    }
    // A set of at most one member: the value, or nothing where it is undefined.
    Expr* capture = generate(value);
    capture->generated = false;
    capture->with = expr->with;
    Term* element = ast_.var(capture->terms[1]->text, value->location);
    parts.push_back(ast_.comprehension(TermKind::kSetComprehension, {element}, {capture}, value->location));
  }
  if (term->parts.empty()) parts.push_back(ast_.string("", term->location));
  term->kind = TermKind::kCall;
  term->parts.clear();
  term->terms = {ast_.builtin_ref("internal.template_string", term->location),
                 ast_.list(TermKind::kArray, std::move(parts), term->location)};
}

// ---- CheckVoidCalls ------------------------------------------------------------------------------------------------

void Compiler::check_void_calls() {
  for_each_rule([&](Rule* rule) {
    check_void_calls([&](Walk& walk) {
      walk(rule->head);
      walk(rule->body);
    });
  });
}

void Compiler::check_void_calls(const std::function<void(Walk&)>& run) {
  Walk walk;
  walk.term = [&](Term* term) {
    if (term->kind != TermKind::kCall) return false;
    const BuiltinDeclaration* builtin = find_builtin(to_string(term->terms[0]));
    if (builtin != nullptr && builtin->result.empty()) {
      error(kTypeError, term->location, to_string(term) + " used as value");
    }
    return false;
  };
  run(walk);
}

// ---- RewritePrintCalls ---------------------------------------------------------------------------------------------

void Compiler::rewrite_print_calls() {
  for_each_rule([&](Rule* rule) {
    if (!out_.options.enable_print) {
      Walk walk;
      erase_nested_print_calls(walk);
      walk(rule->head);
      erase_print_calls(rule->body);
      return;
    }
    VarSet globals = reserved_vars();
    for (const Term* arg : rule->head.args) VarsOf{}(arg, globals);
    Walk walk;
    walk.body = [&](Body& body) {
      rewrite_print_calls(body, globals);
      return true;
    };
    walk(rule->head);
    rewrite_print_calls(rule->body, globals);
  });
}

void Compiler::erase_nested_print_calls(Walk& walk) {
  walk.body = [&](Body& body) {
    erase_print_calls(body);
    return true;
  };
}

void Compiler::erase_print_calls(Body& body) {
  if (body.empty()) return;
  const Location place = body[0]->location;
  Walk walk;
  erase_nested_print_calls(walk);
  for (Expr* expr : body) walk(expr);
  body.erase(std::remove_if(body.begin(), body.end(), [](const Expr* expr) { return expr->is_call_of("print"); }),
             body.end());
  if (body.empty()) body.push_back(ast_.term_expr(ast_.boolean(true, place)));
}

// Operands of print are sets of at most one member, so that an undefined one does not end the body.
void Compiler::rewrite_print_calls(Body& body, VarSet& safe) {
  Added bound(safe);
  for (Expr* expr : body) {
    walk_closures(
        expr, [&](Term* term) { rewrite_print_calls(term->body, safe); },
        [&](Expr* closure) {
          Added inside(safe);
          if (closure->key != nullptr) inside.add(closure->key->text);
          if (closure->value != nullptr) inside.add(closure->value->text);
          for (Body& operand : closure->operands) rewrite_print_calls(operand, safe);
        });
    if (expr->is_call_of("print")) {
      std::vector<Term*> captures;
      for (std::size_t i = 1; i < expr->terms.size(); ++i) {
        Term* arg = expr->terms[i];
        VarSet vars;
        VarsOf::safety()(arg, vars);
        for (const std::string& name : vars) {
          if (contains(safe, name) || is_generated(name)) continue;
          error(kCompileError, arg->location, "var " + name + " is undeclared");
        }
        Expr* capture = generate(arg);
        capture->generated = false;
        Term* element = ast_.var(capture->terms[1]->text, arg->location);
        captures.push_back(ast_.comprehension(TermKind::kSetComprehension, {element}, {capture}, arg->location));
      }
      expr->terms = {ast_.builtin_ref("internal.print", expr->location),
                     ast_.list(TermKind::kArray, std::move(captures), expr->location)};
      continue;
    }
    bound.add(output_vars(out_, expr, safe));
    VarSet vars;
    VarsOf{}(expr, vars);
    for (const std::string& name : vars) {
      if (is_generated(name)) bound.add(name);
    }
  }
}

// ---- RewriteExprTerms ----------------------------------------------------------------------------------------------

void Compiler::rewrite_expr_terms() {
  for_each_rule([&](Rule* rule) {
    for (Term*& arg : rule->head.args) arg = expand(arg, rule->body);
    if (rule->head.key != nullptr) rule->head.key = expand(rule->head.key, rule->body);
    if (rule->head.value != nullptr) rule->head.value = expand(rule->head.value, rule->body);
    expand(rule->body);
  });
}

void Compiler::expand(Body& body) {
  Body out;
  out.reserve(body.size());
  for (Expr* expr : body) expand(expr, out);
  body = std::move(out);
}

// A call without arguments of what is no function to OPA, since it has none: `f() = 1` is the rule `f = 1`.
bool Compiler::is_plain_call(const std::vector<Term*>& call) const {
  if (call.size() != 1 || out_.arity(call[0]->terms) >= 0) return false;
  const RuleNode* node = out_.find(call[0]->terms);
  return node != nullptr && !node->rules.empty() && !node->rules[0]->is_multi_value();
}

void Compiler::expand(Expr* expr, Body& out) {
  for (With& with : expr->with) with.value = expand(with.value, out);
  Body support;
  if (expr->kind == ExprKind::kCall && is_plain_call(expr->terms)) {
    expr->kind = ExprKind::kTerm;
    expr->terms[0]->called = true;
  }
  switch (expr->kind) {
    case ExprKind::kTerm: expr->terms[0] = expand(expr->terms[0], support); break;
    case ExprKind::kCall:
      for (std::size_t i = 1; i < expr->terms.size(); ++i) expr->terms[i] = expand(expr->terms[i], support);
      break;
    case ExprKind::kEvery: {
      Expr* domain = generate(expr->domain);
      domain->with = expr->with;
      expr->domain = ast_.var(domain->terms[1]->text, expr->domain->location);
      expand(domain, out);
      expand(expr->body());
      out.push_back(expr);
      return;
    }
    default:
      for (Body& operand : expr->operands) expand(operand);
  }
  for (Expr* extra : support) {
    if (!expr->with.empty()) extra->with = expr->with;
    out.push_back(extra);
  }
  out.push_back(expr);
}

// The plain term for a term; what it needs is appended to `support`.
Term* Compiler::expand(Term* term, Body& support) {
  switch (term->kind) {
    case TermKind::kCall: {
      if (is_plain_call(term->terms)) {
        term->terms[0]->called = true;
        return term->terms[0];
      }
      for (std::size_t i = 1; i < term->terms.size(); ++i) term->terms[i] = expand(term->terms[i], support);
      Term* output = ast_.var(locals_.next(), term->location);
      std::vector<Term*> terms = term->terms;
      terms.push_back(output);
      Expr* call = ast_.call_expr(std::move(terms), term->location);
      call->generated = true;
      support.push_back(call);
      return ast_.var(output->text, term->location);
    }
    case TermKind::kRef: {
      for (Term*& step : term->terms) step = expand(step, support);
      Term*& head = term->terms[0];
      if (!head->is_var()) {  // [1, 2, 3][i]
        Expr* bind = generate(head);
        support.push_back(bind);
        head = ast_.var(bind->terms[1]->text, head->location);
      }
      return term;
    }
    case TermKind::kArray:
    case TermKind::kObject:
    case TermKind::kSet:
      for (Term*& element : term->terms) element = expand(element, support);
      return term;
    case TermKind::kArrayComprehension:
    case TermKind::kSetComprehension:
    case TermKind::kObjectComprehension:
      for (Term*& head : term->terms) head = expand(head, term->body);
      expand(term->body);
      return term;
    default: return term;
  }
}

// ---- RewriteComprehensionTerms, RewriteRefsInHead ------------------------------------------------------------------

void Compiler::rewrite_comprehension_terms() {
  for_each_rule([&](Rule* rule) {
    Walk walk;
    rewrite_comprehension_terms(walk);
    walk(rule->head);
    walk(rule->body);
  });
}

void Compiler::rewrite_comprehension_terms(Walk& walk) {
  walk.term = [&](Term* term) {
    if (!term->is_comprehension()) return false;
    for (Term*& head : term->terms) {
      if (!requires_evaluation(head)) continue;
      Expr* bind = generate(head);
      head = ast_.var(bind->terms[1]->text, head->location);
      term->body.push_back(bind);
    }
    return false;
  };
}

void Compiler::rewrite_refs_in_head() {
  for_each_rule([&](Rule* rule) {
    const auto rewrite = [&](Term*& term) {
      if (!requires_evaluation(term)) return;
      Expr* bind = generate(term);
      term = ast_.var(bind->terms[1]->text, term->location);
      rule->body.push_back(bind);
    };
    rewrite(rule->head.key);
    rewrite(rule->head.value);
    for (Term*& arg : rule->head.args) rewrite(arg);
  });
}

// ---- RewriteEquals, RewriteDynamicTerms ----------------------------------------------------------------------------

void Compiler::rewrite_equals() {
  Walk walk;
  walk.expr = [&](Expr* expr) {
    if (expr->is_call_of("equal") && expr->terms.size() == 3) {
      expr->terms[0] = ast_.builtin_ref("eq", expr->terms[0]->location);
      expr->builtin = find_builtin("eq");
    }
    return false;
  };
  for_each_rule([&](Rule* rule) {
    walk(rule->head);
    walk(rule->body);
  });
}

void Compiler::rewrite_dynamic_terms() {
  for_each_rule([&](Rule* rule) { dynamics(rule->body); });
}

void Compiler::dynamics(Body& body) {
  Body out;
  out.reserve(body.size());
  for (Expr* expr : body) {
    switch (expr->kind) {
      case ExprKind::kTerm: expr->terms[0] = dynamic_top(expr, expr->terms[0], out); break;
      case ExprKind::kCall: {
        const bool unification = expr->is_call_of("eq") && expr->terms.size() == 3;
        for (std::size_t i = 1; i < expr->terms.size(); ++i) {
          expr->terms[i] = unification ? dynamic_top(expr, expr->terms[i], out) : dynamic(expr, expr->terms[i], out);
        }
        break;
      }
      case ExprKind::kEvery: expr->domain = dynamic(expr, expr->domain, out); [[fallthrough]];
      default:
        for (Body& operand : expr->operands) dynamics(operand);
    }
    out.push_back(expr);
  }
  body = std::move(out);
}

// A side of a unification, or an expression's only term: may itself be a reference or comprehension.
Term* Compiler::dynamic_top(Expr* from, Term* term, Body& out) {
  if (term->is_ref()) {
    for (std::size_t i = 1; i < term->terms.size(); ++i) term->terms[i] = dynamic(from, term->terms[i], out);
    return term;
  }
  if (term->is_comprehension()) {
    dynamics(term->body);
    return term;
  }
  return dynamic(from, term, out);
}

Term* Compiler::dynamic(Expr* from, Term* term, Body& out) {
  switch (term->kind) {
    case TermKind::kRef:
      for (std::size_t i = 1; i < term->terms.size(); ++i) term->terms[i] = dynamic(from, term->terms[i], out);
      break;
    case TermKind::kArrayComprehension:
    case TermKind::kSetComprehension:
    case TermKind::kObjectComprehension: dynamics(term->body); break;
    case TermKind::kArray:
    case TermKind::kObject:
    case TermKind::kSet:
      for (Term*& element : term->terms) element = dynamic(from, element, out);
      return term;
    default: return term;
  }
  Expr* bind = generate(term);
  bind->builtin = find_builtin("eq");
  bind->with = from->with;
  out.push_back(bind);
  return ast_.var(bind->terms[1]->text, term->location);
}

}  // namespace kubegate::rego
