// The types of terms, and references: whether each of their steps may be taken. Rules: OPA's check.go (refChecker), env.go.
#include <algorithm>

#include "policy/rego/builtin.h"
#include "policy/rego/type_checker.h"

namespace kubegate::rego {
namespace {

bool is_root(const Term* head) { return head->is_var() && (head->text == "data" || head->text == "input"); }

}  // namespace

// ---- Types of terms ------------------------------------------------------------------------------------------------

TypeChecker::Type TypeChecker::type_of(TypeScope& scope, const Term* term) {
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

TypeChecker::Type TypeChecker::var_type(const TypeScope& scope, const Term* var) {
  for (const TypeScope* at = &scope; at != nullptr; at = at->next) {
    if (const TypeNode* node = at->tree.child(var)) return node->type;
  }
  return nullptr;
}

TypeChecker::Type TypeChecker::ref_type(const TypeScope& scope, const Ref& ref) {
  if (const TypeNode* node = scope.tree.child(ref[0])) return node_type(scope, *node, ref, 1);
  if (scope.next != nullptr) return ref_type(*scope.next, ref);
  return is_root(ref[0]) ? types().any() : nullptr;
}

TypeChecker::Type TypeChecker::node_type(const TypeScope& scope, const TypeNode& node, const Ref& ref, std::size_t i) {
  if (i == ref.size()) return extent(node);
  const TypeNode* child = is_constant(ref[i]) ? node.child(ref[i]) : nullptr;
  if (node.type != nullptr) return child != nullptr ? node_type(scope, *child, ref, i + 1) : select(node.type, ref, i);
  if (!is_constant(ref[i])) return select(extent(node), ref, i);
  if (child != nullptr) return node_type(scope, *child, ref, i + 1);
  if (scope.next != nullptr) return ref_type(*scope.next, ref);
  return is_root(ref[0]) ? types().any() : nullptr;
}

TypeChecker::Type TypeChecker::extent(const TypeNode& node) {
  if (node.type != nullptr) return node.type;
  if (node.extent != nullptr) return node.extent;
  std::vector<std::pair<const Term*, Type>> fixed;
  for (const auto& [key, child] : node.children) {
    const bool plain = key->is_string() || key->kind == TermKind::kNumber || key->kind == TermKind::kBool;
    if (plain) fixed.emplace_back(key, extent(*child));
  }
  return node.extent = types().object(std::move(fixed), types().string(), types().any());
}

TypeChecker::Type TypeChecker::select(Type type, const Ref& ref, std::size_t i) {
  for (; type != nullptr && i < ref.size(); ++i) {
    type = ref[i]->is_scalar() ? types().select(type, ref[i]) : types().values(type);
  }
  return type;
}

// The type of a function that a term names; null when it is none.
TypeChecker::Type TypeChecker::function_type(TypeScope& scope, const Term* term) {
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

// ---- References ----------------------------------------------------------------------------------------------------

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
    // OPA takes what may be anything for a function with errors of its own.
    if (term->called && type != nullptr && type->kind != TypeKind::kUnion) {
      error(term->location, "undefined function " + to_string(written_(term->terms)));
      return true;
    }
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
  std::string message = have->kind == TypeKind::kFunction
                            ? "function " + to_string(shown) + " used as reference, not called"
                            : "undefined ref: " + to_string(shown);
  error(ref[0]->location, std::move(message), {to_string(shown), std::string(width, '^'), "have: " + to_string(have)});
  return false;
}

}  // namespace kubegate::rego
