// Safety: every variable is bound before it is used, where need be by another order of the body.
//
// An expression can stand as soon as all its variables are bound, by itself or by what stands before it; expressions
// keep their order otherwise. Closures see the variables of their body and must find those that the outer body also
// uses bound already. Rules: reorderBodyForSafety and outputVarsFor… of OPA's compiler.
#include <algorithm>
#include <iterator>
#include <tuple>

#include "policy/rego/builtin.h"
#include "policy/rego/compile_state.h"

namespace kubegate::rego {
namespace {

bool subset(const VarSet& inner, const VarSet& outer) {
  return std::includes(outer.begin(), outer.end(), inner.begin(), inner.end());
}

VarSet minus(const VarSet& a, const VarSet& b) {
  VarSet out;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::inserter(out, out.end()));
  return out;
}

void merge(VarSet& into, const VarSet& from) { into.insert(from.begin(), from.end()); }

bool head_is_safe(const Term* ref, const VarSet& safe) {
  VarSet vars;
  VarsOf::safety()(ref->terms[0], vars);
  return subset(vars, safe);
}

// The variables that the steps of references bind. Rule: outputVarsForTerms.
void outputs_of_refs(const Term* term, const VarSet& safe, VarSet& out) {
  if (term == nullptr || term->is_comprehension() || term->kind == TermKind::kTemplateString) return;
  if (term->is_ref()) {
    if (!head_is_safe(term, safe)) return;
    VarsOf params;
    params.ref_heads = false;
    params(term, out);
  }
  for (const Term* child : term->terms) outputs_of_refs(child, safe, out);
}

bool is_safe(const Term* term, const VarSet& safe) {
  VarSet vars;
  VarsOf::safety()(term, vars);
  return subset(vars, safe);
}

// What is bound on one side of a unification binds the other. Rule: the unifier of ast.Unify.
class Unifier {
 public:
  explicit Unifier(const VarSet& safe) : safe_(safe) {}

  VarSet unified;

  void unify(const Term* a, const Term* b) {
    if (a->is_var() || b->is_var()) {
      return a->is_var() ? unify_var(a, b) : unify_var(b, a);
    }
    const bool a_collection = a->kind == TermKind::kArray || a->kind == TermKind::kObject;
    const bool b_collection = b->kind == TermKind::kArray || b->kind == TermKind::kObject;
    if (b_collection && binds(a)) return mark_all(b);
    if (a_collection && binds(b)) return mark_all(a);
    if (a->kind != b->kind || a->terms.size() != b->terms.size()) return;
    if (a->kind == TermKind::kArray) {
      for (std::size_t i = 0; i < a->terms.size(); ++i) unify(a->terms[i], b->terms[i]);
    } else if (a->kind == TermKind::kObject) {
      for (std::size_t i = 0; i + 1 < a->terms.size(); i += 2) {
        for (std::size_t j = 0; j + 1 < b->terms.size(); j += 2) {
          if (equal(a->terms[i], b->terms[j])) unify(a->terms[i + 1], b->terms[j + 1]);
        }
      }
    }
  }

 private:
  static VarsOf inside() {
    VarsOf params;
    params.ref_heads = params.object_keys = params.closures = false;
    return params;
  }

  bool known(const std::string& name) const { return contains(safe_, name) || contains(unified, name); }

  // Whether a term that is neither variable nor collection gives a value by what is bound.
  bool binds(const Term* term) const {
    if (term->is_ref()) return head_is_safe(term, safe_);
    if (term->kind == TermKind::kCall) return is_safe(term, safe_);
    return term->is_comprehension();
  }

  void unify_var(const Term* var, const Term* other) {
    switch (other->kind) {
      case TermKind::kVar:
        if (known(other->text)) {
          mark(var->text);
        } else if (known(var->text)) {
          mark(other->text);
        } else {
          unknown_[var->text].insert(other->text);
          unknown_[other->text].insert(var->text);
        }
        return;
      case TermKind::kArray:
      case TermKind::kObject: return unify_all(var->text, other);
      case TermKind::kRef:
      case TermKind::kCall:
        if (binds(other)) mark(var->text);
        return;
      default: mark(var->text);
    }
  }

  // A collection is bound when all in it is; a bound variable binds all in the collection.
  void unify_all(const std::string& name, const Term* collection) {
    if (known(name)) return mark_all(collection);
    VarSet vars;
    inside()(collection, vars);
    bool complete = true;
    for (const std::string& member : vars) {
      if (known(member)) continue;
      unknown_[name].insert(member);
      complete = false;
    }
    if (complete) mark(name);
  }

  void mark_all(const Term* term) {
    VarSet vars;
    inside()(term, vars);
    for (const std::string& name : vars) mark(name);
  }

  void mark(std::string name) {
    unified.insert(name);
    if (const auto found = unknown_.find(name); found != unknown_.end()) {
      const VarSet depends = std::move(found->second);
      unknown_.erase(found);
      for (const std::string& other : depends) mark(other);
    }
    std::vector<std::string> complete;
    for (auto& [other, depends] : unknown_) {
      if (depends.erase(name) > 0 && depends.empty()) complete.push_back(other);
    }
    for (const std::string& other : complete) {
      unknown_.erase(other);
      mark(other);
    }
  }

  const VarSet& safe_;
  std::map<std::string, VarSet> unknown_;
};

VarSet outputs_of_call(const CompiledModules& modules, const Expr* expr, const VarSet& safe) {
  const int arity = modules.arity(expr->terms[0]->terms);
  if (arity < 0) return {};
  VarSet out;
  for (std::size_t i = 0; i < expr->terms.size(); ++i) outputs_of_refs(expr->terms[i], safe, out);
  const std::size_t inputs = static_cast<std::size_t>(arity) + 1;
  if (inputs >= expr->terms.size()) return out;
  VarsOf params;
  params.ref_heads = false;
  params.object_keys = false;
  params.closures = false;
  params.sets = false;
  VarSet vars;
  for (std::size_t i = 0; i < inputs; ++i) params(expr->terms[i], vars);
  if (!subset(minus(vars, out), safe)) return {};
  for (std::size_t i = inputs; i < expr->terms.size(); ++i) params(expr->terms[i], out);
  return out;
}

}  // namespace

VarSet unify_vars(VarSet safe, const Term* a, const Term* b) {
  Unifier unifier(safe);
  unifier.unify(a, b);
  merge(safe, unifier.unified);
  return safe;
}

VarSet output_vars(const CompiledModules& modules, const Expr* expr, const VarSet& safe) {
  if (expr->negated) return {};
  for (const With& with : expr->with) {
    VarSet vars;
    VarsOf::safety()(with, vars);
    if (!subset(vars, safe)) return {};
  }
  VarSet out;
  switch (expr->kind) {
    case ExprKind::kTerm: outputs_of_refs(expr->terms[0], safe, out); return out;
    case ExprKind::kEvery: outputs_of_refs(expr->domain, safe, out); return out;
    case ExprKind::kCall: break;
    default: return {};
  }
  if (!expr->is_call_of("eq")) return outputs_of_call(modules, expr, safe);
  if (expr->terms.size() != 3) return safe;
  outputs_of_refs(expr->terms[1], safe, out);
  outputs_of_refs(expr->terms[2], safe, out);
  merge(out, safe);
  return minus(unify_vars(std::move(out), expr->terms[1], expr->terms[2]), safe);
}

VarSet output_vars(const CompiledModules& modules, const Body& body, const VarSet& safe) {
  VarSet all = safe;
  for (const Expr* expr : body) merge(all, output_vars(modules, expr, all));
  return minus(all, safe);
}

class SafetyChecker {
 public:
  explicit SafetyChecker(const CompiledModules& modules) : modules_(modules) {}

  std::map<Expr*, VarSet> unsafe;

  Body reorder(const VarSet& globals, const Body& body) {
    VarSet body_vars;
    VarsOf::safety()(body, body_vars);
    VarSet safe;
    std::set_intersection(body_vars.begin(), body_vars.end(), globals.begin(), globals.end(),
                          std::inserter(safe, safe.end()));
    std::map<Expr*, VarSet> missing;
    for (Expr* expr : body) {
      VarSet vars;
      VarsOf::safety()(expr, vars);
      VarSet unbound = minus(vars, safe);
      if (!unbound.empty()) missing[expr] = std::move(unbound);
    }
    Body out;
    std::vector<bool> placed(body.size());
    VarSet bound;  // by what is placed
    while (out.size() < body.size()) {
      const std::size_t before = out.size();
      for (std::size_t i = 0; i < body.size(); ++i) {
        if (placed[i]) continue;
        Expr* expr = body[i];
        const VarSet outputs = output_vars(modules_, expr, safe);
        // What closures of this expression take from the body must be bound already.
        VarSet wanted = closed_over(expr, body_vars, globals);
        wanted = minus(wanted, bound);
        if (!wanted.empty()) {
          if (wanted == outputs) continue;  // x = [x | …]
          missing[expr] = wanted;
        }
        if (const auto found = missing.find(expr); found != missing.end()) {
          for (auto name = found->second.begin(); name != found->second.end();) {
            const bool known = contains(outputs, *name) || contains(safe, *name);
            name = known ? found->second.erase(name) : std::next(name);
          }
          if (!found->second.empty()) continue;
          missing.erase(found);
        }
        out.push_back(expr);
        placed[i] = true;
        merge(safe, outputs);
        merge(bound, outputs);
      }
      if (out.size() == before) break;
    }
    for (auto& [expr, vars] : missing) merge(unsafe[expr], vars);

    // Closures, with what stands before them bound.
    VarSet known = globals;
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (i > 0) VarsOf::safety()(out[i - 1], known);
      closures(out[i], known);
    }
    if (out.size() < body.size()) return body;
    return out;
  }

 private:
  // The variables of the body that stand in the closures of an expression.
  VarSet closed_over(Expr* expr, const VarSet& body_vars, const VarSet& globals) {
    VarSet inside;
    walk_closures(
        expr, [&](Term* term) { VarsOf{}(term, inside); },
        [&](Expr* closure) {
          for (const Body& operand : closure->operands) VarsOf{}(operand, inside);
        });
    VarSet out;
    for (const std::string& name : inside) {
      if (contains(body_vars, name) && !contains(globals, name)) out.insert(name);
    }
    return out;
  }

  void closures(Expr* expr, const VarSet& known) {
    walk_closures(
        expr,
        [&](Term* term) {
          VarSet heads;
          for (const Term* head : term->terms) VarsOf{}(head, heads);
          VarSet bound;
          VarsOf::safety()(term->body, bound);
          merge(bound, known);
          VarSet lost = minus(heads, bound);
          if (!lost.empty()) merge(unsafe[expr], lost);
          closure_body(expr, term->body, known);
        },
        [&](Expr* closure) {
          VarSet inside = known;
          VarsOf::safety()(closure->domain, inside);
          if (closure->key != nullptr) inside.insert(closure->key->text);
          if (closure->value != nullptr) inside.insert(closure->value->text);
          for (Body& operand : closure->operands) closure_body(expr, operand, inside);
        });
  }

  void closure_body(Expr*, Body& body, const VarSet& known) {
    SafetyChecker inner(modules_);
    Body ordered = inner.reorder(known, body);
    if (inner.unsafe.empty()) {
      body = std::move(ordered);
      return;
    }
    for (auto& [expr, vars] : inner.unsafe) merge(unsafe[expr], vars);
  }

  const CompiledModules& modules_;
};

void Compiler::check_safety_of_heads() {
  for_each_rule([&](Rule* rule) {
    VarSet bound;
    VarsOf::safety()(rule->body, bound);
    for (const Term* arg : rule->head.args) VarsOf{}(arg, bound);
    VarSet vars;
    for (std::size_t i = 1; i < rule->head.reference.size(); ++i) VarsOf{}(rule->head.reference[i], vars);
    VarsOf{}(rule->head.key, vars);
    VarsOf{}(rule->head.value, vars);
    for (const std::string& name : vars) {
      if (contains(bound, name)) continue;
      const std::string shown = written(name);
      if (!is_generated(shown)) {
        error(kUnsafeVarError, rule->location, "var " + (is_wildcard(shown) ? "_" : shown) + " is unsafe");
      }
    }
  });
}

void Compiler::check_safety_of_bodies() {
  for_each_rule([&](Rule* rule) {
    VarSet safe = reserved_vars();
    for (const Term* arg : rule->head.args) VarsOf{}(arg, safe);
    check_safety(safe, rule->body);
  });
}

bool Compiler::check_safety(const VarSet& safe, Body& body) {
  SafetyChecker checker(out_);
  Body ordered = checker.reorder(safe, body);
  std::erase_if(checker.unsafe, [](const auto& entry) { return entry.second.empty(); });
  if (!checker.unsafe.empty()) {
    report_unsafe(checker.unsafe);
    return false;
  }
  body = std::move(ordered);
  return true;
}

// One error for each variable, at the first expression that has it unbound. Rule: safetyErrorSlice.
void Compiler::report_unsafe(const std::map<Expr*, VarSet>& unsafe) {
  std::vector<std::pair<Location, std::string>> found;
  const auto before = [](const Location& a, const Location& b) {
    return std::tie(a.file, a.row, a.column) < std::tie(b.file, b.row, b.column);
  };
  std::map<std::string, Location> first;
  for (const auto& [expr, vars] : unsafe) {
    for (const std::string& name : vars) {
      const auto [entry, fresh] = first.emplace(name, expr->location);
      if (!fresh && before(expr->location, entry->second)) entry->second = expr->location;
    }
  }
  for (const auto& [name, location] : first) found.emplace_back(location, name);
  std::stable_sort(found.begin(), found.end(), [&](auto& a, auto& b) { return before(a.first, b.first); });
  bool reported = false;
  for (const auto& [location, name] : found) {
    const std::string shown = written(name);
    if (is_generated(shown)) continue;
    const bool keyword = shown == "in" || shown == "if" || shown == "every" || shown == "contains";
    std::string message = "var " + (is_wildcard(shown) ? "_" : shown) + " is unsafe";
    if (keyword) message += " (hint: `import future.keywords." + shown + "` to import a future keyword)";
    error(kUnsafeVarError, location, std::move(message));
    reported = true;
  }
  if (reported) return;
  VarSet seen;
  for (const auto& [location, name] : found) {
    if (seen.insert(name).second) error(kUnsafeVarError, location, "expression is unsafe");
  }
}

}  // namespace kubegate::rego
