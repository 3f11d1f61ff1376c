// The naive evaluator: the reference that the compiled one is held to.
//
// It walks the checked tree, slow and obvious. An expression is a loop over its solutions, a body the nesting of its
// expressions' loops, a variable an entry of one map that is taken back after the loop. A virtual document is computed
// whole when something in it is read, and remembered until a `with` changes what it may depend on.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/policy/rego/evaluator.h"

namespace kubegate::rego {

// An evaluation that ended: conflicts, and errors of built-ins where they count.
struct NaiveError {
  std::string_view code;
  std::string message;
  Location location;
};

class NaiveEvaluator {
 public:
  using Bindings = Answer::Bindings;

  // `data` and `input` may be undefined. `strict`: errors of built-ins end the evaluation.
  NaiveEvaluator(const CompiledModules& modules, BuiltinContext& context, Value data, Value input, bool strict);

  Answer eval(const CompiledQuery& query);

 private:
  // Called with a solution or a value; true asks to stop.
  using Then = std::function<bool()>;
  using Yield = std::function<bool(Value)>;
  using Pairs = std::vector<std::pair<const Term*, const Term*>>;

  // What `with` can replace.
  struct World {
    Value data, input;
    std::vector<std::vector<Value>> hidden;  // paths below data whose rules are replaced
    std::map<std::string, const Term*> mocks;
    std::map<std::string, Value> mock_values;
    std::map<const RuleNode*, Value> known;  // virtual documents
  };

  bool body(const Body& body, std::size_t i, const Then& then);
  bool holds(const Body& body);
  bool expression(const Expr* expr, const Then& then);
  bool with_modifiers(const Expr* expr, const Then& then);
  bool without_modifiers(const Expr* expr, const Then& then);
  bool every(const Expr* expr);
  bool call(const Expr* expr, const Then& then);
  bool call_value(const Ref& op, const std::vector<Value>& args, const Location& place, const Yield& yield);
  Value function(const RuleNode& node, const std::vector<Value>& args);

  bool term(const Term* term, const Yield& yield);
  bool elements(const Term* term, std::size_t i, std::vector<Value>& values, const Yield& yield);
  bool ref(const Term* term, const Yield& yield);
  bool steps(const Term* ref, std::size_t i, Value value, const Yield& yield);
  bool documents(const Term* ref, std::size_t i, const RuleNode* node, Value base, std::vector<Value>& path,
                 const Yield& yield);
  bool stored(const Term* ref, std::size_t i, Value base, const Yield& yield);
  Value merge(Value a, Value b);
  Value comprehension(const Term* term);

  bool unify(Pairs pairs, const Then& then);
  bool match(const Term* pattern, Value value, const Then& then);
  bool match_elements(const Term* pattern, std::size_t i, Value value, const Then& then);
  bool ground(const Term* term) const;

  Value extent(const RuleNode* node, Value base, std::vector<Value>& path);
  Value rules_extent(const RuleNode& node, std::vector<Value>& path);
  Value complete(const RuleNode& node);
  bool rule_values(const Rule* rule, const Yield& yield);
  bool is_hidden(const std::vector<Value>& path) const;
  Value put(Value object, const std::vector<Value>& path, std::size_t i, Value value);
  Value constant(const Term* term);
  [[noreturn]] void fail(std::string_view code, std::string message, const Location& location);

  const CompiledModules& modules_;
  BuiltinContext& context_;
  ValueArena& arena_;
  bool strict_;
  World world_;
  Bindings bindings_;
};

// The same as a function.
Answer evaluate_naively(const CompiledModules& modules, const CompiledQuery& query, BuiltinContext& context, Value data,
                        Value input, bool strict);

}  // namespace kubegate::rego
