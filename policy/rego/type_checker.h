// The type checker's parts: check_types.cc checks bodies, expressions and what unifies, check_types_refs.cc finds the types
// of terms and checks references, check_types_rules.cc gives rules their types.
#pragma once

#include <functional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "policy/rego/compile_state.h"
#include "policy/rego/type_check.h"

namespace kubegate::rego {

class TypeChecker {
 public:
  using Type = const RegoType*;

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

}  // namespace kubegate::rego
