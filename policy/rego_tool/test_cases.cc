// Finding tests. A table of cases (`test_x[case] if { … }`) tells of each case that it begins by a call of
// internal.test_case, so that one whose body does not hold is known to have failed; the call is put behind the first
// expression of the body with which all variables of the case's path are there. (OPA puts it by the same rule into the
// tree that its compiler has half rewritten.)
#include "policy/rego_tool/test_cases.h"

#include <algorithm>

#include "policy/rego/visit.h"

namespace kubegate::rego_tool {
namespace {

using rego::Ast;
using rego::Body;
using rego::Expr;
using rego::ExprKind;
using rego::Module;
using rego::Ref;
using rego::Rule;
using rego::Term;
using rego::VarSet;

constexpr std::string_view kTestPrefix = "test_";
constexpr std::string_view kSkipPrefix = "todo_test_";

bool is_test_name(std::string_view name) { return name.starts_with(kTestPrefix) || name.starts_with(kSkipPrefix); }

// How many steps of the head's reference name the test: those up to the first whose name is a test's; 0 for none.
std::size_t name_length(const Ref& reference) {
  for (std::size_t i = 0; i < reference.size(); ++i) {
    if (i > 0 && !reference[i]->is_string()) return 0;
    if (is_test_name(reference[i]->text)) return i + 1;
  }
  return 0;
}

// The variables that an expression brings in or reads; declarations (`some x`) bring nothing in.
VarSet vars_of(const Expr* expr) {
  VarSet vars;
  if (expr->kind == ExprKind::kSome && expr->terms[0]->kind != rego::TermKind::kCall) return vars;
  rego::VarsOf{}(expr, vars);
  return vars;
}

void tell_of_cases(Ast& ast, Rule& rule, std::size_t name) {
  bool by_hand = false;
  rego::Walk walk;
  walk.expr = [&](Expr* expr) { return by_hand = by_hand || expr->is_call_of("internal.test_case"); };
  walk(rule.body);
  if (by_hand || rule.generated_body) return;
  const Ref& reference = rule.head.reference;
  std::vector<Term*> steps;
  VarSet needed;
  for (std::size_t i = name; i < reference.size(); ++i) {
    steps.push_back(ast.copy(reference[i]));
    rego::VarsOf{.call_heads = false}(reference[i], needed);
  }
  std::size_t at = 0;
  VarSet there;
  for (std::size_t i = 0; i < rule.body.size(); ++i) {
    for (const std::string& var : vars_of(rule.body[i])) {
      if (needed.count(var) != 0 && there.insert(var).second) at = i + 1;
    }
  }
  // Nobody wrote it: without a place it counts for no line.
  Term* path = ast.list(rego::TermKind::kArray, std::move(steps), {});
  Expr* call = ast.builtin_expr("internal.test_case", {path}, {});
  rule.body.insert(rule.body.begin() + static_cast<std::ptrdiff_t>(at), call);
  for (std::size_t i = 0; i < rule.body.size(); ++i) rule.body[i]->index = static_cast<std::uint32_t>(i);
}

}  // namespace

std::vector<TestCase> find_tests(Ast& ast, const std::vector<Module*>& modules) {
  std::vector<TestCase> tests;
  std::map<std::string, std::size_t> seen;
  for (Module* module : modules) {
    for (Rule* rule : module->rules) {
      Ref& reference = rule->head.reference;
      const std::size_t length = name_length(reference);
      if (length == 0 || rule->is_default || rule->head.is_function) continue;
      TestCase test;
      test.rule = rule;
      test.package = rego::to_string(module->package);
      test.file = ast.source(module->file).name;
      test.location = rule->location;
      test.skip = reference[length - 1]->text.starts_with(kSkipPrefix);
      test.table = reference.size() > length && rule->head.value != nullptr;
      Ref name(reference.begin(), reference.begin() + static_cast<std::ptrdiff_t>(length));
      const std::string key = test.package + "." + rego::to_string(name);
      const std::size_t before = test.skip ? 0 : seen[key]++;
      if (before > 0) {
        const std::string number = std::to_string(before);
        Term* last = ast.copy(name.back());
        last->text += "#" + std::string(number.size() < 2 ? "0" : "") + number;
        reference[length - 1] = name.back() = last;
      }
      for (std::size_t i = 0; i < name.size(); ++i) test.name += (i == 0 ? "" : ".") + name[i]->text;
      Ref path = module->package;
      for (const Term* step : name) path.push_back(ast.string(step->text, {}));
      test.path = rego::to_string(path);
      if (test.table && !test.skip) tell_of_cases(ast, *rule, length);
      tests.push_back(std::move(test));
    }
  }
  return tests;
}

std::string case_name(policy::Value step) {
  return step.is_string() ? std::string(step.text()) : policy::to_json(step);
}

namespace {

bool judge_value(policy::Value value, std::map<std::string, SubResult>& out) {
  bool failed = false;
  for (policy::Cursor at(value); at.next();) {
    SubResult& result = out[case_name(at.key())];
    result.fail = at.value().is_object() ? judge_value(at.value(), result.cases) : !at.value().is_true();
    failed = failed || result.fail;
  }
  return failed;
}

}  // namespace

bool judge_cases(policy::Value value, const std::vector<std::vector<std::string>>& reached,
                 std::map<std::string, SubResult>& out) {
  bool failed = value.is_object() ? judge_value(value, out) : true;
  for (const std::vector<std::string>& path : reached) {
    std::vector<SubResult*> above;
    std::map<std::string, SubResult>* level = &out;
    bool missing = false;
    for (const std::string& step : path) {
      const auto [entry, fresh] = level->try_emplace(step);
      missing = missing || fresh;
      above.push_back(&entry->second);
      level = &entry->second.cases;
    }
    if (!missing) continue;
    failed = true;
    for (SubResult* result : above) result->fail = true;
  }
  return failed;
}

}  // namespace kubegate::rego_tool
