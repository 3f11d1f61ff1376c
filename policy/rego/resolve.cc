// Names: what a module's rules and imports mean in its bodies.
//
// A variable that is the name of an import or of a rule of the package, and that the body does not declare itself,
// becomes the reference it stands for. Rules: resolveAllRefs, rewriteRuleHeadRefs, checkKeywordOverrides and
// checkImports of OPA's compiler.
#include <algorithm>

#include "policy/rego/compile_state.h"

namespace kubegate::rego {
namespace {

bool ignored_name(const std::vector<VarSet>& ignored, const std::string& name) {
  return std::any_of(ignored.begin(), ignored.end(), [&](const VarSet& set) { return contains(set, name); });
}

void place(Term* term, const Location& location) {
  term->location = location;
  for (Term* step : term->terms) step->location = location;
}

// The variables of arguments, which hide the names of the package; `shadowed` is the first that is named as a root
// document.
void argument_vars(const Term* term, VarSet& out, const Term*& shadowed) {
  switch (term->kind) {
    case TermKind::kVar: out.insert(term->text); return;
    case TermKind::kObject:
      for (std::size_t i = 1; i < term->terms.size(); i += 2) argument_vars(term->terms[i], out, shadowed);
      return;
    case TermKind::kRef:
      if (is_root_ref(term) && shadowed == nullptr) shadowed = term;
      [[fallthrough]];
    case TermKind::kArray:
      for (const Term* element : term->terms) argument_vars(element, out, shadowed);
      return;
    case TermKind::kTemplateString:
      for (const Term::Part& part : term->parts) {
        if (part.expr != nullptr) VarsOf{}(part.expr, out);
      }
      out.erase("data");
      out.erase("input");
      return;
    default: return;
  }
}

}  // namespace

bool is_root_ref(const Term* term) {
  return term->is_ref() && term->terms.size() == 1 && term->terms[0]->is_var() &&
         (term->terms[0]->text == "data" || term->terms[0]->text == "input");
}

VarSet reserved_vars() { return {"data", "input"}; }

Compiler::Globals Compiler::globals_of(const Module& module, const VarSet& rules) {
  Globals globals;
  for (const std::string& name : rules) {
    Ref ref = module.package;
    ref.push_back(ast_.string(name, {}));
    globals[name].ref = std::move(ref);
  }
  for (const Import* import : module.imports) {
    const std::string& root = import->path[0]->text;
    if (root == "future" || root == "rego") continue;
    globals[std::string(import->name())].ref = import->path;
  }
  return globals;
}

void Compiler::resolve_refs() {
  std::map<std::string, VarSet> exports;  // package → names of its rules
  for (const Module* module : out_.modules) {
    VarSet& names = exports[to_string(module->package)];
    for (const Rule* rule : module->rules) names.insert(rule->head.reference[0]->text);
  }
  for (Module* module : out_.modules) {
    Globals globals = globals_of(*module, exports[to_string(module->package)]);
    for (Rule* rule : module->rules) {
      for (Rule* branch = rule; branch != nullptr; branch = branch->otherwise) resolve_rule(globals, *branch);
    }
    if (!out_.options.strict) continue;
    for (const Import* import : module->imports) {
      const std::string& root = import->path[0]->text;
      if (root == "future" || root == "rego" || globals[std::string(import->name())].used) continue;
      const std::string alias = import->alias.empty() ? "" : " as " + import->alias;
      error(kCompileError, import->location, "import " + to_string(import->path) + alias + " unused");
    }
  }
}

void Compiler::resolve_rule(Globals& globals, Rule& rule) {
  VarSet args;
  const Term* shadowed = nullptr;
  for (const Term* arg : rule.head.args) argument_vars(arg, args, shadowed);
  if (shadowed != nullptr) {
    return error(kCompileError, rule.location,
                 "args must not shadow " + to_string(shadowed) + " (use a different variable name)");
  }
  Ignored ignored = {std::move(args), declared_vars(rule.body)};
  for (std::size_t i = 1; i < rule.head.reference.size(); ++i) resolve(globals, ignored, rule.head.reference[i]);
  if (rule.head.key != nullptr) resolve(globals, ignored, rule.head.key);
  if (rule.head.value != nullptr) resolve(globals, ignored, rule.head.value);
  for (Term* arg : rule.head.args) {
    if (arg->kind == TermKind::kTemplateString) resolve(globals, ignored, arg);
  }
  resolve(globals, ignored, rule.body);
}

void Compiler::resolve(Globals& globals, Ignored& ignored, Body& body) {
  for (Expr* expr : body) resolve(globals, ignored, expr);
}

void Compiler::resolve(Globals& globals, Ignored& ignored, Expr* expr) {
  switch (expr->kind) {
    case ExprKind::kSome:
      if (expr->terms[0]->kind == TermKind::kCall) resolve(globals, ignored, expr->terms[0]);
      break;
    case ExprKind::kEvery: {
      VarSet names = {expr->value->text};
      if (expr->key != nullptr) names.insert(expr->key->text);
      ignored.push_back(std::move(names));
      resolve(globals, ignored, expr->domain);
      resolve(globals, ignored, expr->body());
      ignored.pop_back();
      break;
    }
    default:
      for (Term* term : expr->terms) resolve(globals, ignored, term);
      for (Body& operand : expr->operands) {
        ignored.push_back(declared_vars(operand));
        resolve(globals, ignored, operand);
        ignored.pop_back();
      }
  }
  for (With& with : expr->with) {
    resolve(globals, ignored, with.target);
    resolve(globals, ignored, with.value);
  }
}

void Compiler::resolve(Globals& globals, Ignored& ignored, Term* term) {
  const auto global = [&](const Term* var) -> Global* {
    const auto found = globals.find(var->text);
    if (found == globals.end() || ignored_name(ignored, var->text)) return nullptr;
    found->second.used = true;
    return &found->second;
  };
  switch (term->kind) {
    case TermKind::kVar:
      if (const Global* meant = global(term)) {
        term->kind = TermKind::kRef;
        term->text.clear();
        term->terms = ast_.copy(meant->ref);
        place(term, term->location);
      }
      return;
    case TermKind::kRef: {
      for (std::size_t i = 1; i < term->terms.size(); ++i) resolve(globals, ignored, term->terms[i]);
      Term* head = term->terms[0];
      if (!head->is_var()) return resolve(globals, ignored, head);
      if (const Global* meant = global(head)) {
        Ref path = ast_.copy(meant->ref);
        for (Term* step : path) step->location = head->location;
        path.insert(path.end(), term->terms.begin() + 1, term->terms.end());
        term->terms = std::move(path);
      }
      return;
    }
    case TermKind::kArrayComprehension:
    case TermKind::kSetComprehension:
    case TermKind::kObjectComprehension:
      ignored.push_back(declared_vars(term->body));
      for (Term* head : term->terms) resolve(globals, ignored, head);
      resolve(globals, ignored, term->body);
      ignored.pop_back();
      return;
    case TermKind::kTemplateString:
      for (Term::Part& part : term->parts) {
        if (part.expr != nullptr) resolve(globals, ignored, part.expr);
      }
      return;
    default:
      for (Term* child : term->terms) resolve(globals, ignored, child);
  }
}

void Compiler::init_locals() {
  const VarsOf all;
  for_each_rule([&](Rule* rule) {
    all(rule->body, locals_.taken);
    for (const Term* arg : rule->head.args) all(arg, locals_.taken);
    for (const Term* step : rule->head.reference) all(step, locals_.taken);
    all(rule->head.key, locals_.taken);
    all(rule->head.value, locals_.taken);
  });
}

// Steps of a head's reference that must be evaluated become variables that the body binds.
void Compiler::rewrite_head_refs() {
  for_each_rule([&](Rule* rule) {
    Ref& reference = rule->head.reference;
    for (std::size_t i = 1; i < reference.size(); ++i) {
      if (reference[i]->is_var() || reference[i]->is_scalar()) continue;
      Expr* expr = generate(reference[i]);
      reference[i] = expr->terms[1];
      rule->body.push_back(expr);
    }
  });
}

void Compiler::check_keyword_overrides() {
  for (Module* module : out_.modules) {
    if (!v1(*module)) continue;
    for (Rule* rule : module->rules) {
      const std::string& name = rule->head.reference[0]->text;
      if (name == "data" || name == "input") {
        error(kCompileError, rule->location, "rules must not shadow " + name + " (use a different rule name)");
      }
      for (const Term* arg : rule->head.args) {
        if (!is_root_ref(arg)) continue;
        error(kCompileError, arg->location,
              "args must not shadow " + to_string(arg) + " (use a different variable name)");
      }
      for (Rule* branch = rule; branch != nullptr; branch = branch->otherwise) check_keyword_overrides(branch->body);
    }
  }
}

void Compiler::check_keyword_overrides(Body& body) {
  Walk walk;
  walk.expr = [&](Expr* expr) {
    if (expr->is_call_of("assign") && expr->terms.size() > 1 && is_root_ref(expr->terms[1])) {
      error(kCompileError, expr->location,
            "variables must not shadow " + to_string(expr->terms[1]) + " (use a different variable name)");
    }
    return false;
  };
  walk(body);
}

void Compiler::check_imports() {
  for (const Module* module : out_.modules) {
    if (!v1(*module)) continue;
    std::map<std::string_view, const Import*> seen;
    for (const Import* import : module->imports) {
      const auto [first, fresh] = seen.emplace(import->name(), import);
      if (fresh) continue;
      const Import* other = first->second;
      const std::string alias = other->alias.empty() ? "" : " as " + other->alias;
      error(kCompileError, import->location, "import must not shadow import " + to_string(other->path) + alias);
    }
  }
}

}  // namespace kubegate::rego
