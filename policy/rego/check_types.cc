// The type checker: finds calls, unifications and references that cannot succeed.
//
// Rules are checked in the order of their dependencies, so that the type of a rule is known where it is read. `input`
// and base documents may be anything. A variable gets its type where it is first bound. Rules: OPA's check.go, env.go.
#include <algorithm>
#include <tuple>

#include "policy/rego/builtin.h"
#include "policy/rego/type_checker.h"

namespace kubegate::rego {

// ---- Bodies --------------------------------------------------------------------------------------------------------

bool TypeChecker::check_body(Body& body, TypeScope& scope) {
  const std::size_t before = errors.size();
  for (Expr* expr : body) {
    const std::size_t first = errors.size();
    check_closures(scope, expr);
    check_refs(scope, expr);
    check_expr(scope, expr, errors.size() > first);
  }
  return errors.size() == before;
}

void TypeChecker::check_closures(TypeScope& scope, Expr* root) {
  Walk walk;
  walk.term = [&](Term* term) {
    if (!term->is_comprehension()) return false;
    TypeScope inside;
    inside.next = &scope;
    Type type = nullptr;
    if (check_body(term->body, inside)) {
      const Type element = type_of(inside, term->terms[0]);
      switch (term->kind) {
        case TermKind::kArrayComprehension: type = types().array({}, element); break;
        case TermKind::kSetComprehension: type = types().set(element); break;
        default: type = types().object({}, element, type_of(inside, term->terms[1]));
      }
    }
    comprehensions_[term] = type;
    return true;
  };
  walk.expr = [&](Expr* expr) {
    if (expr->kind != ExprKind::kAnd && expr->kind != ExprKind::kOr && expr->kind != ExprKind::kBody) return false;
    for (Body& operand : expr->operands) {
      TypeScope inside;
      inside.next = &scope;
      check_body(operand, inside);
    }
    return true;
  };
  walk(root);
}

// ---- Expressions ---------------------------------------------------------------------------------------------------

// `quiet`: parts of the expression have errors already, which explain what is not known here.
void TypeChecker::check_expr(TypeScope& scope, const Expr* expr, bool quiet) {
  for (const With& with : expr->with) {
    const Type target = function_type(scope, with.target);
    const Type value = function_type(scope, with.value);
    if (target == nullptr || value == nullptr || unifies(target, value)) continue;
    error(with.location, to_string(with.target) + ": arity mismatch",
          argument_lines(value->parts, target->parts, find_builtin(to_string(with.target))));
    return;
  }
  if (expr->kind == ExprKind::kCall) check_call(scope, expr, quiet);
}

void TypeChecker::check_call(TypeScope& scope, const Expr* expr, bool quiet) {
  if (expr->is_call_of("eq")) {
    if (expr->terms.size() != 3) {
      return arg_error(expr, expr->terms.size() < 3 ? "too few arguments" : "too many arguments", {}, nullptr, quiet);
    }
    const Type a = type_of(scope, expr->terms[1]), b = type_of(scope, expr->terms[2]);
    if (unify2(scope, expr->terms[1], a, expr->terms[2], b)) return;
    if (quiet && (has_unknown(a) || has_unknown(b))) return;
    error(expr->location, "match error", {"left  : " + to_string(a), "right : " + to_string(b)});
    return;
  }
  const Type named = expr->builtin == nullptr ? ref_type(scope, expr->terms[0]->terms) : nullptr;
  if (named != nullptr && named->kind == TypeKind::kUnion) return;  // a function with errors of its own
  const Type function = function_type(scope, expr->terms[0]);
  if (function == nullptr) {
    return error(expr->location, "undefined function " + to_string(written_(expr->terms[0]->terms)));
  }
  std::vector<Type> have;
  for (std::size_t i = 1; i < expr->terms.size(); ++i) have.push_back(type_of(scope, expr->terms[i]));
  std::vector<Type> wanted = function->parts;
  if (function->element != nullptr) wanted.push_back(function->element);
  if (have.size() > wanted.size()) return arg_error(expr, "too many arguments", have, function, quiet);
  if (have.size() < function->parts.size()) return arg_error(expr, "too few arguments", have, function, quiet);
  for (std::size_t i = 0; i < have.size(); ++i) {
    if (unify1(scope, expr->terms[i + 1], wanted[i], false)) continue;
    for (std::size_t j = 0; j < have.size(); ++j) have[j] = type_of(scope, expr->terms[j + 1]);
    return arg_error(expr, "invalid argument(s)", have, function, quiet);
  }
}

void TypeChecker::arg_error(const Expr* expr, std::string_view what, const std::vector<Type>& have, Type function,
                            bool quiet) {
  if (quiet && std::any_of(have.begin(), have.end(), has_unknown)) return;
  std::vector<Type> want = function == nullptr ? std::vector<Type>() : function->parts;
  if (function != nullptr && function->element != nullptr) want.push_back(function->element);
  error(expr->location, to_string(written_(expr->terms[0]->terms)) + ": " + std::string(what),
        argument_lines(have, want, expr->builtin));
}

// ---- Unification ---------------------------------------------------------------------------------------------------

bool TypeChecker::bind_both(TypeScope& scope, const Term* a, const Term* b) {
  return unify1(scope, a, types().any(), false) && unify1(scope, b, type_of(scope, a), false);
}

bool TypeChecker::unify2(TypeScope& scope, const Term* a, Type type_a, const Term* b, Type type_b) {
  const bool unknown_a = has_unknown(type_a), unknown_b = has_unknown(type_b);
  if (unknown_a && !unknown_b) return unify1(scope, a, type_b, false);
  if (unknown_b && !unknown_a) return unify1(scope, b, type_a, false);
  if (!unknown_a) return unifies(type_a, type_b);
  const auto both = [&](const Term* x, const Term* y) {
    return unify2(scope, x, type_of(scope, x), y, type_of(scope, y));
  };
  if (a->is_var() && (b->kind == TermKind::kArray || b->kind == TermKind::kObject)) std::swap(a, b);
  switch (a->kind) {
    case TermKind::kArray:
      if (b->is_var()) return bind_both(scope, a, b);
      if (b->kind != TermKind::kArray || a->terms.size() != b->terms.size()) return false;
      for (std::size_t i = 0; i < a->terms.size(); ++i) {
        if (!both(a->terms[i], b->terms[i])) return false;
      }
      return true;
    case TermKind::kObject:
      if (b->is_var()) return bind_both(scope, a, b);
      if (b->kind != TermKind::kObject || a->terms.size() != b->terms.size()) return false;
      for (std::size_t i = 0; i + 1 < a->terms.size(); i += 2) {
        bool found = false;
        for (std::size_t j = 0; j + 1 < b->terms.size() && !found; j += 2) {
          if (!equal(a->terms[i], b->terms[j])) continue;
          found = true;
          if (!both(a->terms[i + 1], b->terms[j + 1])) return false;
        }
        if (!found) return false;
      }
      return true;
    case TermKind::kVar: return b->is_var() && bind_both(scope, a, b);
    default: return false;
  }
}

bool TypeChecker::unify1(TypeScope& scope, const Term* term, Type type, bool join) {
  if (type == nullptr) return false;
  switch (term->kind) {
    case TermKind::kArray:
    case TermKind::kObject:
    case TermKind::kSet: break;
    case TermKind::kVar: {
      const Type known = var_type(scope, term);
      if (!join && known != nullptr) return unifies(known, type);
      scope.tree.add(term).type = join ? types().either(known, type) : type;
      return true;
    }
    default: return unifies(type_of(scope, term), type);
  }
  if (type->is_any()) {
    for (const Term* element : term->terms) unify1(scope, element, type, true);
    return true;
  }
  if (type->kind == TypeKind::kUnion) {
    bool found = false;
    for (const Type part : type->parts) found = unify1(scope, term, part, true) || found;
    return found;
  }
  if (term->kind == TermKind::kArray) {
    if (type->kind != TypeKind::kArray) return false;
    if (term->terms.size() != type->parts.size() && type->element == nullptr) return false;
    for (std::size_t i = 0; i < term->terms.size(); ++i) {
      const Type item = i < type->parts.size() ? type->parts[i] : type->element;
      if (!unify1(scope, term->terms[i], item, join)) return false;
    }
    return true;
  }
  if (term->kind == TermKind::kSet) {
    if (type->kind != TypeKind::kSet) return false;
    return std::all_of(term->terms.begin(), term->terms.end(),
                       [&](const Term* member) { return unify1(scope, member, type->element, join); });
  }
  if (type->kind != TypeKind::kObject) return false;
  if (term->terms.size() / 2 != type->keys.size() && type->key == nullptr) return false;
  for (std::size_t i = 0; i + 1 < term->terms.size(); i += 2) {
    if (!is_constant(term->terms[i])) {
      unify1(scope, term->terms[i + 1], types().any(), join);
    } else if (!unify1(scope, term->terms[i + 1], types().select(type, term->terms[i]), join)) {
      return false;
    }
  }
  return true;
}

namespace {

void sort_by_place(RegoErrors& errors) {
  std::stable_sort(errors.begin(), errors.end(), [](const RegoError& a, const RegoError& b) {
    return std::tie(a.file, a.location.row, a.location.column) < std::tie(b.file, b.location.row, b.location.column);
  });
}

}  // namespace

void Compiler::check_types() {
  out_.types = std::make_unique<TypeEnvironment>();
  TypeChecker checker(*out_.types, ast_, [this](const Ref& ref) { return written(ref); });
  for (const Rule* rule : out_.sorted) checker.check_rule(*rule);
  sort_by_place(checker.errors);
  errors_.insert(errors_.end(), checker.errors.begin(), checker.errors.end());
}

void Compiler::check_types(Body& body) {
  TypeChecker checker(*out_.types, ast_, [this](const Ref& ref) { return written(ref); });
  TypeScope scope;
  scope.next = &out_.types->rules;
  checker.check_body(body, scope);
  errors_.insert(errors_.end(), checker.errors.begin(), checker.errors.end());
}

}  // namespace kubegate::rego
