// What rules give: the type of each goes into a tree by path, merged with what other rules of the path give. Rules: OPA's
// check.go (checkRule), env.go (typeTreeNode).
#include <algorithm>

#include "policy/rego/type_checker.h"

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

void TypeChecker::check_rule(const Rule& rule) {
  TypeScope scope;
  scope.next = &env_.rules;
  Body body = rule.body;
  if (!check_body(body, scope)) {
    // What refers to a faulty rule has no errors for that.
    TypeNode* node = &env_.rules.tree;
    for (const Term* step : rule.path) {
      node->extent = nullptr;
      node = &node->add(step);
    }
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

TypeChecker::Type TypeChecker::nested_object(TypeScope& scope, const Ref& path, std::size_t i, Type type) {
  if (i == path.size()) return type;
  const Type value = nested_object(scope, path, i + 1, type);
  const Type key = type_of(scope, path[i]);
  return value == nullptr || key == nullptr ? nullptr : types().object({}, key, value);
}

TypeChecker::Type TypeChecker::merge(Type a, Type b) {
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

TypeChecker::Type TypeChecker::insert_into_object(Type object, const Ref& path, std::size_t i, Type type,
                                                  TypeScope& scope) {
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
    node->extent = nullptr;
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

}  // namespace kubegate::rego
