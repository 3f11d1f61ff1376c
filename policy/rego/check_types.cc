// The type checker: finds calls, unifications and references that cannot succeed.
//
// Rules are checked in the order of their dependencies, so that the type of a rule is known where it is read. `input`
// and base documents may be anything. A variable gets its type where it is first bound. Rules: OPA's check.go, env.go.
#include <algorithm>
#include <tuple>

#include "policy/rego/builtin.h"
#include "policy/rego/compile_state.h"
#include "policy/rego/type_check.h"

namespace kubegate::rego {

TypeNode* TypeNode::child(const Term* key) const {
  const auto found = children.find(key);
  return found == children.end() ? nullptr : found->second.get();
}

TypeNode& TypeNode::add(const Term* key) {
  auto& node = children[key];
  if (node == nullptr) node = std::make_unique<TypeNode>();
  return *node;
}

namespace {

using Type = const RegoType*;

bool is_root(const Term* head) { return head->is_var() && (head->text == "data" || head->text == "input"); }

class TypeChecker {
 public:
  TypeChecker(TypeEnvironment& env, const Ast& ast, std::function<Ref(const Ref&)> written)
      : env_(env), ast_(ast), written_(std::move(written)) {}

  RegoErrors errors;

  void check_rule(const Rule& rule);
  // Checks a body; `scope` takes the types of its variables.
  bool check_body(Body& body, TypeScope& scope);

 private:
  TypeTable& types() { return env_.table; }
  void error(const Location& location, std::string message, std::vector<std::string> details = {}) {
    errors.push_back({kTypeError, std::move(message), location, ast_.source(location.file).name, std::move(details)});
  }

  Type type_of(TypeScope& scope, const Term* term);
  Type var_type(const TypeScope& scope, const Term* var);
  Type ref_type(const TypeScope& scope, const Ref& ref);
  Type node_type(const TypeScope& scope, const TypeNode& node, const Ref& ref, std::size_t i);
  Type extent(const TypeNode& node);
  Type select(Type type, const Ref& ref, std::size_t i);
  Type function_type(TypeScope& scope, const Term* term);

  void check_closures(TypeScope& scope, Expr* expr);
  void check_refs(TypeScope& scope, Expr* expr);
  void check_refs(TypeScope& scope, Term* term);
  bool check_ref(TypeScope& scope, const TypeScope& current, const TypeNode& node, const Ref& ref, std::size_t i);
  bool check_leaf(TypeScope& scope, Type type, const Ref& ref, std::size_t i);
  bool invalid_ref(const Ref& ref, std::size_t i, Type have, Type want, std::vector<const Term*> one_of);
  bool unsupported_ref(const Ref& ref, std::size_t i, Type have);
  std::vector<const Term*> keys_of(Type type);

  void check_expr(TypeScope& scope, const Expr* expr, bool quiet);
  void check_call(TypeScope& scope, const Expr* expr, bool quiet);
  void arg_error(const Expr* expr, std::string_view what, const std::vector<Type>& have, Type function, bool quiet);

  bool unify1(TypeScope& scope, const Term* term, Type type, bool join);
  bool unify2(TypeScope& scope, const Term* a, Type type_a, const Term* b, Type type_b);
  bool bind_both(TypeScope& scope, const Term* a, const Term* b);

  Type merge(Type a, Type b);
  void insert(const Ref& path, Type type, TypeScope& scope);
  Type insert_into_object(Type object, const Ref& path, std::size_t i, Type type, TypeScope& scope);
  Type nested_object(TypeScope& scope, const Ref& path, std::size_t i, Type type);
  void leaves(const TypeNode& node, Ref& path, std::vector<std::pair<Ref, Type>>& out);

  TypeEnvironment& env_;
  const Ast& ast_;
  std::function<Ref(const Ref&)> written_;
  // What a comprehension gives, found when its expression is first checked; null when it has errors.
  std::unordered_map<const Term*, Type> comprehensions_;
};

// ---- Types of terms ------------------------------------------------------------------------------------------------

Type TypeChecker::type_of(TypeScope& scope, const Term* term) {
  switch (term->kind) {
    case TermKind::kNull: return types().null();
    case TermKind::kBool: return types().boolean();
    case TermKind::kNumber: return types().number();
    case TermKind::kString: return types().string();
    case TermKind::kVar: return var_type(scope, term);
    case TermKind::kRef: return ref_type(scope, term->terms);
    case TermKind::kArray: {
      std::vector<Type> items;
      for (const Term* element : term->terms) items.push_back(type_of(scope, element));
      const Type rest = items.empty() ? types().any() : nullptr;
      return types().array(std::move(items), rest);
    }
    case TermKind::kSet: {
      Type element = nullptr;
      for (const Term* member : term->terms) element = types().either(element, type_of(scope, member));
      return types().set(element == nullptr ? types().any() : element);
    }
    case TermKind::kObject: {
      std::vector<std::pair<const Term*, Type>> fixed;
      Type key = nullptr, value = nullptr;
      for (std::size_t i = 0; i + 1 < term->terms.size(); i += 2) {
        if (is_constant(term->terms[i])) {
          fixed.emplace_back(term->terms[i], type_of(scope, term->terms[i + 1]));
        } else {
          key = type_of(scope, term->terms[i]);
          value = type_of(scope, term->terms[i + 1]);
        }
      }
      if (term->terms.empty()) key = value = types().any();
      return types().object(std::move(fixed), key, value);
    }
    case TermKind::kArrayComprehension:
    case TermKind::kSetComprehension:
    case TermKind::kObjectComprehension: {
      const auto found = comprehensions_.find(term);
      return found == comprehensions_.end() ? types().any() : found->second;
    }
    default: return nullptr;
  }
}

Type TypeChecker::var_type(const TypeScope& scope, const Term* var) {
  for (const TypeScope* at = &scope; at != nullptr; at = at->next) {
    if (const TypeNode* node = at->tree.child(var)) return node->type;
  }
  return nullptr;
}

Type TypeChecker::ref_type(const TypeScope& scope, const Ref& ref) {
  if (const TypeNode* node = scope.tree.child(ref[0])) return node_type(scope, *node, ref, 1);
  if (scope.next != nullptr) return ref_type(*scope.next, ref);
  return is_root(ref[0]) ? types().any() : nullptr;
}

Type TypeChecker::node_type(const TypeScope& scope, const TypeNode& node, const Ref& ref, std::size_t i) {
  if (i == ref.size()) return extent(node);
  const TypeNode* child = is_constant(ref[i]) ? node.child(ref[i]) : nullptr;
  if (node.type != nullptr) return child != nullptr ? node_type(scope, *child, ref, i + 1) : select(node.type, ref, i);
  if (!is_constant(ref[i])) return select(extent(node), ref, i);
  if (child != nullptr) return node_type(scope, *child, ref, i + 1);
  if (scope.next != nullptr) return ref_type(*scope.next, ref);
  return is_root(ref[0]) ? types().any() : nullptr;
}

Type TypeChecker::extent(const TypeNode& node) {
  if (node.type != nullptr) return node.type;
  std::vector<std::pair<const Term*, Type>> fixed;
  for (const auto& [key, child] : node.children) {
    const bool plain = key->is_string() || key->kind == TermKind::kNumber || key->kind == TermKind::kBool;
    if (plain) fixed.emplace_back(key, extent(*child));
  }
  return types().object(std::move(fixed), types().string(), types().any());
}

Type TypeChecker::select(Type type, const Ref& ref, std::size_t i) {
  for (; type != nullptr && i < ref.size(); ++i) {
    type = ref[i]->is_scalar() ? types().select(type, ref[i]) : types().values(type);
  }
  return type;
}

// The type of a function that a term names; null when it is none.
Type TypeChecker::function_type(TypeScope& scope, const Term* term) {
  if (!term->is_ref()) return nullptr;
  if (term->terms[0]->text != "data") {
    const BuiltinDeclaration* builtin = find_builtin(to_string(term));
    if (builtin == nullptr) return nullptr;
    Type& known = env_.builtins[builtin];
    if (known == nullptr) known = types().of_builtin(*builtin);
    return known;
  }
  const Type type = ref_type(scope, term->terms);
  return type != nullptr && type->kind == TypeKind::kFunction ? type : nullptr;
}

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

void TypeChecker::check_refs(TypeScope& scope, Expr* expr) {
  for (std::size_t i = expr->kind == ExprKind::kCall ? 1 : 0; i < expr->terms.size(); ++i) {
    check_refs(scope, expr->terms[i]);
  }
  if (expr->kind != ExprKind::kEvery) return;
  check_refs(scope, expr->domain);
  for (Expr* inner : expr->body()) check_refs(scope, inner);
}

void TypeChecker::check_refs(TypeScope& scope, Term* root) {
  Walk walk;
  walk.term = [&](Term* term) {
    if (term->is_comprehension()) return true;
    if (!term->is_ref()) return false;
    const Type type = ref_type(scope, term->terms);
    if (type != nullptr && type->kind == TypeKind::kFunction) {
      unsupported_ref(term->terms, term->terms.size() - 1, type);
      return true;
    }
    check_ref(scope, scope, scope.tree, term->terms, 0);
    return false;
  };
  walk(root);
}

bool TypeChecker::check_ref(TypeScope& scope, const TypeScope& current, const TypeNode& node, const Ref& ref,
                            std::size_t i) {
  if (i == ref.size()) return true;
  const Term* head = ref[i];
  const auto one_of = [&] {
    std::vector<const Term*> out;
    for (const auto& [key, child] : node.children) out.push_back(key);
    return out;
  };
  // Packages and the names of rules are strings.
  if ((i == 1 || i == 2) && !head->is_var() && !head->is_string()) {
    return invalid_ref(ref, i, type_of(scope, head), types().string(), one_of());
  }
  if (head->is_var() && i != 0) {
    const Type keys = types().keys(extent(node));
    if (const Type known = var_type(scope, head)) {
      if (!unifies(keys, known)) return invalid_ref(ref, i, known, keys, one_of());
    } else {
      scope.tree.add(head).type = keys;
    }
  }
  const TypeNode* child = node.child(head);
  if (child == nullptr) {
    if (current.next != nullptr) return check_ref(scope, *current.next, current.next->tree, ref, 0);
    // Nothing is known of base documents.
    return check_leaf(scope, types().any(), ref, is_root(ref[0]) ? 1 : 0);
  }
  if (child->type != nullptr) return check_leaf(scope, child->type, ref, i + 1);
  return check_ref(scope, current, *child, ref, i + 1);
}

bool TypeChecker::check_leaf(TypeScope& scope, Type type, const Ref& ref, std::size_t i) {
  for (; i < ref.size(); ++i) {
    const Term* head = ref[i];
    const Type keys = types().keys(type);
    if (keys == nullptr) return unsupported_ref(ref, i - 1, type);
    switch (head->kind) {
      case TermKind::kVar:
        if (const Type known = var_type(scope, head)) {
          if (!unifies(known, keys)) return invalid_ref(ref, i, known, keys, keys_of(type));
        } else {
          scope.tree.add(head).type = keys;
        }
        break;
      case TermKind::kRef:
        if (const Type known = ref_type(scope, head->terms); known != nullptr && !unifies(known, keys)) {
          return invalid_ref(ref, i, known, keys, keys_of(type));
        }
        break;
      case TermKind::kArray:
      case TermKind::kObject:
      case TermKind::kSet:
        if (!unify1(scope, head, keys, false)) return invalid_ref(ref, i, type_of(scope, head), keys, {});
        break;
      default: {
        const Type value = head->is_scalar() ? types().select(type, head) : nullptr;
        if (value == nullptr) return invalid_ref(ref, i, nullptr, keys, keys_of(type));
        type = value;
        continue;
      }
    }
    type = types().values(type);
  }
  return true;
}

std::vector<const Term*> TypeChecker::keys_of(Type type) {
  std::vector<const Term*> out;
  if (type->kind == TypeKind::kObject) out = type->keys;
  if (type->kind == TypeKind::kUnion) {
    for (const Type part : type->parts) {
      const std::vector<const Term*> inner = keys_of(part);
      out.insert(out.end(), inner.begin(), inner.end());
    }
  }
  std::sort(out.begin(), out.end(), [](const Term* a, const Term* b) { return compare(a, b) < 0; });
  out.erase(std::unique(out.begin(), out.end(), [](const Term* a, const Term* b) { return equal(a, b); }), out.end());
  return out;
}

bool TypeChecker::invalid_ref(const Ref& ref, std::size_t i, Type have, Type want, std::vector<const Term*> one_of) {
  const Ref shown = written_(ref);
  const std::string pad(to_string(Ref(shown.begin(), shown.begin() + i)).size() + 1, ' ');
  std::vector<std::string> details = {to_string(shown), pad + "^"};
  details.push_back(have != nullptr ? pad + "have (type): " + to_string(have) : pad + "have: " + to_string(shown[i]));
  if (one_of.empty()) {
    details.push_back(pad + "want (type): " + to_string(want));
  } else {
    std::string list;
    for (const Term* key : one_of) list += (list.empty() ? "" : " ") + to_string(key);
    details.push_back(pad + "want (one of): [" + list + "]");
  }
  error(ref[0]->location, "undefined ref: " + to_string(shown), std::move(details));
  return false;
}

bool TypeChecker::unsupported_ref(const Ref& ref, std::size_t i, Type have) {
  const Ref shown = written_(ref);
  const std::size_t width = to_string(Ref(shown.begin(), shown.begin() + i + 1)).size();
  error(ref[0]->location, "undefined ref: " + to_string(shown),
        {to_string(shown), std::string(width, '^'), "have: " + to_string(have)});
  return false;
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
  if (named != nullptr && named->is_any()) return;  // a function with errors of its own
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

// ---- Rules ---------------------------------------------------------------------------------------------------------

void TypeChecker::check_rule(const Rule& rule) {
  TypeScope scope;
  scope.next = &env_.rules;
  Body body = rule.body;
  if (!check_body(body, scope)) {
    // What refers to a faulty rule has no errors for that.
    TypeNode* node = &env_.rules.tree;
    for (const Term* step : rule.path) node = &node->add(step);
    node->type = types().any();
    return;
  }
  const Head& head = rule.head;
  if (head.is_function) {
    std::vector<Type> args;
    for (const Term* arg : head.args) {
      VarSet names;
      VarsOf{}(arg, names);
      Walk walk;
      walk.term = [&](Term* term) {
        if (term->is_var() && var_type(scope, term) == nullptr) scope.tree.add(term).type = types().any();
        return false;
      };
      walk(const_cast<Term*>(arg));
      args.push_back(type_of(scope, arg));
    }
    insert(rule.path, types().function(std::move(args), type_of(scope, head.value)), scope);
    return;
  }
  if (rule.is_multi_value()) {
    const Type key = type_of(scope, head.key);
    if (key == nullptr) return;
    const std::size_t end = ground_prefix(rule.path);
    const Ref suffix(rule.path.begin() + end, rule.path.end());
    const Type type = nested_object(scope, suffix, 0, types().set(key));
    if (type != nullptr) insert(Ref(rule.path.begin(), rule.path.begin() + end), type, scope);
    return;
  }
  const Type value = type_of(scope, head.value);
  const std::size_t end = ground_prefix(rule.path);
  const Ref suffix(rule.path.begin() + end, rule.path.end());
  const Type type = nested_object(scope, suffix, 0, value);
  if (type != nullptr) insert(Ref(rule.path.begin(), rule.path.begin() + end), type, scope);
}

Type TypeChecker::nested_object(TypeScope& scope, const Ref& path, std::size_t i, Type type) {
  if (i == path.size()) return type;
  const Type value = nested_object(scope, path, i + 1, type);
  const Type key = type_of(scope, path[i]);
  return value == nullptr || key == nullptr ? nullptr : types().object({}, key, value);
}

Type TypeChecker::merge(Type a, Type b) {
  if (a == nullptr) return b;
  if (b == nullptr) return a;
  if (a->kind == TypeKind::kFunction && b->kind == TypeKind::kFunction && a->parts.size() == b->parts.size()) {
    std::vector<Type> args;
    for (std::size_t i = 0; i < a->parts.size(); ++i) args.push_back(types().either(a->parts[i], b->parts[i]));
    return types().function(std::move(args), types().either(a->element, b->element));
  }
  if (a->kind == TypeKind::kObject && b->kind == TypeKind::kObject && a->keys.empty() && b->keys.empty() &&
      a->key != nullptr && b->key != nullptr) {
    return types().object({}, types().either(a->key, b->key), merge(a->element, b->element));
  }
  if (a->kind == TypeKind::kSet && b->kind == TypeKind::kSet) {
    return types().set(types().either(a->element, b->element));
  }
  return types().either(a, b);
}

Type TypeChecker::insert_into_object(Type object, const Ref& path, std::size_t i, Type type, TypeScope& scope) {
  if (i == path.size()) return object;
  const Type key = type_of(scope, path[i]);
  const Type value =
      i + 1 == path.size() ? type : insert_into_object(types().object({}, nullptr, nullptr), path, i + 1, type, scope);
  std::vector<std::pair<const Term*, Type>> fixed;
  for (std::size_t k = 0; k < object->keys.size(); ++k) fixed.emplace_back(object->keys[k], object->parts[k]);
  return types().object(std::move(fixed), types().either(object->key, key), types().either(object->element, value));
}

void TypeChecker::leaves(const TypeNode& node, Ref& path, std::vector<std::pair<Ref, Type>>& out) {
  for (const auto& [key, child] : node.children) {
    path.push_back(const_cast<Term*>(key));
    if (child->type != nullptr) {
      out.emplace_back(path, child->type);
    } else {
      leaves(*child, path, out);
    }
    path.pop_back();
  }
}

// Puts a rule's type at its path, and into the objects on the way and below. Rule: typeTreeNode.Insert.
void TypeChecker::insert(const Ref& path, Type type, TypeScope& scope) {
  TypeNode* node = &env_.rules.tree;
  for (std::size_t i = 0; i < path.size(); ++i) {
    node = &node->add(path[i]);
    if (node->type != nullptr && node->type->kind == TypeKind::kObject && i + 1 < path.size()) {
      node->type = insert_into_object(node->type, path, i + 1, type, scope);
    }
  }
  node->type = merge(node->type, type);
  if (type->kind != TypeKind::kObject || node->children.empty() || node->type->kind != TypeKind::kObject) return;
  std::vector<std::pair<Ref, Type>> below;
  Ref prefix;
  leaves(*node, prefix, below);
  for (const auto& [way, leaf] : below) node->type = insert_into_object(node->type, way, 0, leaf, scope);
}

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
