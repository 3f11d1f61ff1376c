// The compiler: from parsed modules to checked ones.
//
// The stages, their order and their messages are OPA's (ast.Compiler); like OPA's they stop at the first stage that
// finds errors. What comes out is the tree of ast.h in its checked form together with the tables below.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "policy/rego/ast.h"

namespace kubegate::rego {

class TypeEnvironment;

struct CompileOptions {
  bool strict = false;        // unused variables and imports, shadowed names, deprecated built-ins are errors
  bool enable_print = false;  // calls of print stay; otherwise they are erased
  std::vector<std::string> unsafe_builtins;  // names whose calls are errors
  std::vector<std::string> switched_on;      // built-ins of BuiltinDeclaration::kSwitchedOff that may be called
  std::size_t max_errors = 10;               // then "error limit reached"
  // Whether the base document at a path (below `data`) exists: rules must not overlap it. May be null.
  std::function<bool(const std::vector<std::string>&)> path_exists = nullptr;
};

// A place in the virtual documents: packages and rules by their constant steps. A rule stands where the first variable
// of its path is, or at its end.
struct RuleNode {
  const Term* key = nullptr;                        // the step that leads here; null at the root, which is `data`
  std::vector<Rule*> rules;                         // in the order of modules and of their rules; without else branches
  std::vector<std::unique_ptr<RuleNode>> children;  // by the order of their keys
  std::uint32_t number = 0;                         // in the order of a walk from the root; set with the whole tree
  bool flat = true;                                 // no child has children; set with the whole tree

  RuleNode* child(const Term* step) const;  // null when there is none
  RuleNode& add(const Term* step);
  // Whether some rule stands here or below.
  bool has_rules() const;
};

// What a rule depends on: a rule (else branches are rules, too), or every rule below a node.
struct Dependency {
  Rule* rule;
  const RuleNode* below;

  const void* id() const { return rule != nullptr ? static_cast<const void*>(rule) : below; }
};

// Modules that passed every check.
struct CompiledModules {
  explicit CompiledModules(Ast& nodes);
  ~CompiledModules();

  Ast& ast;
  CompileOptions options;
  std::vector<Module*> modules;  // by their source's name
  RuleNode rules;                // the node of `data`
  // What a rule reads or calls, by place; a rule that is not in it reads nothing.
  std::unordered_map<const Rule*, std::vector<Dependency>> dependencies;
  std::vector<Rule*> sorted;  // every rule behind those it depends on, else branches too
  // The written names behind the compiler's: "__local0__" → "x".
  std::map<std::string, std::string> written_names;
  std::unique_ptr<TypeEnvironment> types;
  std::size_t next_local = 0;

  // The node at a path of constants from `data` on; null when no rule or package is there.
  const RuleNode* find(const Ref& path) const;
  // The arity of the function at a path; -1 when there is none. Rule: Compiler.GetArity.
  int arity(const Ref& ref) const;
};

// Compiles modules, whose trees are rewritten in place. Null, with errors added, when something is wrong. The result
// refers to `ast`.
std::unique_ptr<CompiledModules> compile_modules(Ast& ast, std::vector<Module*> modules, const CompileOptions& options,
                                                 RegoErrors& errors);

struct CompiledQuery {
  Body body;
  std::map<std::string, std::string> written_names;
  // The variables whose values are the result, wildcards left out: {name in the body, name as written}.
  std::vector<std::pair<std::string, std::string>> variables;
};

// A query, compiled in the world of `modules`. With `context` (a module that was parsed, not compiled) names are
// resolved as in that module's package and with its imports. False, with errors added, when something is wrong.
bool compile_query(CompiledModules& modules, Body query, RegoErrors& errors, CompiledQuery& out,
                   const Module* context = nullptr);

// A path as one Ref: the package and the head's reference.
Ref path_of(Ast& ast, const Rule& rule);

}  // namespace kubegate::rego
