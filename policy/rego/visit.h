// Walks over the tree, and the variables in it.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "policy/rego/ast.h"

namespace kubegate::rego {

// Calls back before it goes down; a callback that returns true keeps the walk out of what is below. A null callback is
// as one that returns false. Comprehensions, operand bodies and `every` are walked too. Heads are walked with key, value
// and args, not the reference; rules without their else branches. Rule: OPA's GenericVisitor.
struct Walk {
  std::function<bool(Term*)> term = nullptr;
  std::function<bool(Expr*)> expr = nullptr;
  std::function<bool(Body&)> body = nullptr;

  void operator()(Term* node);
  void operator()(Expr* node);
  void operator()(Body& node);
  void operator()(Head& node);
  void operator()(With& node);
};

// Whether a node lies more than `limit` levels below. Walks without recursion.
bool nested_deeper(const Term* term, std::size_t limit);
bool nested_deeper(const Expr* expr, std::size_t limit);

// The closures right below an expression: bodies that see its variables and keep their own. A comprehension is given
// as its term, `every` and the logical operators as their expression.
void walk_closures(Expr* expr, const std::function<void(Term*)>& comprehension,
                   const std::function<void(Expr*)>& bodies);

using VarSet = std::set<std::string>;

// What a collection of variables leaves out. Rule: ast.VarVisitorParams.
struct VarsOf {
  bool ref_heads = true;   // the head of a reference: data, input, a local
  bool call_heads = true;  // the head of an operator and of a with target
  bool object_keys = true;
  bool closures = true;  // comprehensions, bodies
  bool sets = true;

  static constexpr VarsOf safety() { return {.call_heads = false, .closures = false}; }

  void operator()(const Term* term, VarSet& out) const;
  void operator()(const Expr* expr, VarSet& out) const;
  void operator()(const Body& body, VarSet& out) const;
  void operator()(const With& with, VarSet& out) const;
};

// The variables that the assignments and declarations of a body make, closures left out. Rule: declaredVars.
VarSet declared_vars(const Body& body);

inline bool contains(const VarSet& set, const std::string& name) { return set.find(name) != set.end(); }

// Adds names to a set for a while.
class Added {
 public:
  explicit Added(VarSet& set) : set_(set) {}
  ~Added() {
    for (const std::string& name : names_) set_.erase(name);
  }
  Added(const Added&) = delete;
  Added& operator=(const Added&) = delete;
  void add(const std::string& name) {
    if (set_.insert(name).second) names_.push_back(name);
  }
  void add(const VarSet& names) {
    for (const std::string& name : names) add(name);
  }

 private:
  VarSet& set_;
  std::vector<std::string> names_;
};

}  // namespace kubegate::rego
