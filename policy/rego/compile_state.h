// The compiler's inside: what its stages share.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "policy/rego/compile.h"
#include "policy/rego/visit.h"

namespace kubegate::rego {

// Names for the compiler's variables that no variable of the policy has: __local0__, __localq0__ (queries), …
class LocalNames {
 public:
  explicit LocalNames(std::string prefix) : prefix_(std::move(prefix)) {}
  VarSet taken;
  std::string next();

 private:
  std::string prefix_;
  std::size_t count_ = 0;
};

class Compiler {
 public:
  Compiler(CompiledModules& out, RegoErrors& errors, std::string local_prefix)
      : out_(out), ast_(out.ast), errors_(errors), first_error_(errors.size()), locals_(std::move(local_prefix)) {}

  bool compile();
  bool compile_query(Body& body, CompiledQuery& query, const Module* context);

 private:
  friend class LocalRewriter;
  friend class SafetyChecker;

  struct Global {
    Ref ref;
    bool used = false;
  };
  using Globals = std::map<std::string, Global>;
  using Ignored = std::vector<VarSet>;

  bool failed() const { return errors_.size() > first_error_; }
  void error(std::string_view code, const Location& location, std::string message);
  void for_each_rule(const std::function<void(Rule*)>& visit);  // else branches too
  bool v1(const Module& module) const { return out_.options.strict || module.version != RegoVersion::kV0; }

  // resolve.cc
  void resolve_refs();
  Globals globals_of(const Module& module, const VarSet& rules);
  void resolve_rule(Globals& globals, Rule& rule);
  void resolve(Globals& globals, Ignored& ignored, Body& body);
  void resolve(Globals& globals, Ignored& ignored, Expr* expr);
  void resolve(Globals& globals, Ignored& ignored, Term* term);
  void init_locals();
  void rewrite_head_refs();
  void check_keyword_overrides();
  void check_keyword_overrides(Body& body);
  void check_imports();

  // rules.cc
  void set_rule_tree();
  void set_graph();
  void check_rule_conflicts();
  void check_recursion();

  // rewrite.cc
  void rewrite_template_strings();
  void rewrite_template_strings(Body& body, VarSet& safe, Added& bound);
  void rewrite_template_strings(Term* term, VarSet& safe);
  void rewrite_template_string(Term* term, const VarSet& safe);
  void check_void_calls();
  void check_void_calls(const std::function<void(Walk&)>& walk);
  void rewrite_print_calls();
  void erase_print_calls(Body& body);
  void erase_nested_print_calls(Walk& walk);
  // `safe` is as before when this returns.
  void rewrite_print_calls(Body& body, VarSet& safe);
  void rewrite_expr_terms();
  bool is_plain_call(const std::vector<Term*>& call) const;
  void expand(Body& body);
  void expand(Expr* expr, Body& out);
  Term* expand(Term* term, Body& support);
  void rewrite_metadata_calls();
  void rewrite_metadata_calls(Body& body, const Term* chain, const Term* rule);
  void rewrite_comprehension_terms();
  void rewrite_comprehension_terms(Walk& walk);
  void rewrite_refs_in_head();
  void rewrite_with_values();
  void rewrite_with_values(Body& body);
  bool check_with(Expr& expr, With& with, bool& evaluate);
  void check_undefined_functions();
  void check_undefined_functions(Body& body);
  void rewrite_equals();
  void rewrite_dynamic_terms();
  void dynamics(Body& body);
  Term* dynamic_top(Expr* from, Term* term, Body& out);
  Term* dynamic(Expr* from, Term* term, Body& out);
  Expr* generate(Term* term);  // local = term

  // rewrite_locals.cc
  void rewrite_locals();
  void rewrite_locals(Body& query);
  // safety.cc
  void check_safety_of_heads();
  void check_safety_of_bodies();
  bool check_safety(VarSet safe, Body& body);
  void report_unsafe(const std::map<Expr*, VarSet>& unsafe);
  // check_types.cc
  void check_types();
  void check_types(Body& body);
  // compile.cc
  void check_unsafe_builtins(Body& body);
  void check_deprecated_builtins(Walk& walk);
  void check_builtins();
  void set_paths();
  void limit_errors();
  std::string written(const std::string& name) const;
  Ref written(const Ref& ref);

  CompiledModules& out_;
  Ast& ast_;
  RegoErrors& errors_;
  std::size_t first_error_;
  LocalNames locals_;
  // Written names of the query's own locals and of the modules'.
  std::map<std::string, std::string> query_names_;
};

// Variables that are bound without a body: the root documents.
VarSet reserved_vars();
bool is_root_ref(const Term* term);  // the ref `data` or `input` alone
// What a term needs that is no constant nor variable: refs and comprehensions. Rule: requiresEval.
bool requires_evaluation(const Term* term);

// The variables that an expression, or a body, binds when those in `safe` are bound. Rules: outputVarsForExpr,
// outputVarsForBody.
VarSet output_vars(const CompiledModules& modules, const Expr* expr, const VarSet& safe);

}  // namespace kubegate::rego
