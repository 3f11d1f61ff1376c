// The type checker's memory: what rules and variables are known to be.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "policy/rego/types.h"

namespace kubegate::rego {

struct TermLess {
  bool operator()(const Term* a, const Term* b) const { return compare(a, b) < 0; }
};

// Types by path: the head of a reference (data, input, a variable), then its steps. Rule: typeTreeNode.
struct TypeNode {
  const RegoType* type = nullptr;            // null: no leaf
  mutable const RegoType* extent = nullptr;  // of the whole, where it is no leaf; null: not asked for since it changed
  std::map<const Term*, std::unique_ptr<TypeNode>, TermLess> children;

  TypeNode* child(const Term* key) const;
  TypeNode& add(const Term* key);
};

// A scope of types; what it lacks is looked for in the next. Rule: TypeEnv.
struct TypeScope {
  TypeNode tree;
  const TypeScope* next = nullptr;
};

class TypeEnvironment {
 public:
  TypeTable table;
  TypeScope rules;  // of data
  std::unordered_map<const BuiltinDeclaration*, const RegoType*> builtins;
};

// The details of an error about the arguments of a call: what is there, and what is wanted, with the names of the
// built-in's arguments where it has them. Rule: ArgErrDetail.
std::vector<std::string> argument_lines(const std::vector<const RegoType*>& have,
                                        const std::vector<const RegoType*>& want, const BuiltinDeclaration* builtin);

}  // namespace kubegate::rego
