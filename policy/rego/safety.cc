// Safety: every variable is bound before it is used, where need be by another order of the body.
//
// An expression can stand as soon as all its variables are bound, by itself or by what stands before it; expressions
// keep their order otherwise. Closures see the variables of their body and must find those that the outer body also
// uses bound already. Rules: reorderBodyForSafety and outputVarsFor… of OPA's compiler.
#include <algorithm>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "policy/rego/builtin.h"
#include "policy/rego/compile_state.h"

namespace kubegate::rego {
namespace {

// Sets of a body may be large, those of an expression are small: only the latter are walked.
bool subset(const VarSet& inner, const VarSet& outer) {
  return std::all_of(inner.begin(), inner.end(), [&](const std::string& name) { return contains(outer, name); });
}

VarSet minus(VarSet a, const VarSet& b) {
  std::erase_if(a, [&](const std::string& name) { return contains(b, name); });
  return a;
}

void merge(VarSet& into, const VarSet& from) { into.insert(from.begin(), from.end()); }

bool is_safe(const Term* term, const VarSet& safe, const VarSet& more = {}) {
  VarSet vars;
  VarsOf::safety()(term, vars);
  return std::all_of(vars.begin(), vars.end(),
                     [&](const std::string& name) { return contains(safe, name) || contains(more, name); });
}

// The variables that the steps of references bind. Rule: outputVarsForTerms.
void outputs_of_refs(const Term* term, const VarSet& safe, VarSet& out) {
  if (term == nullptr || term->is_comprehension() || term->kind == TermKind::kTemplateString) return;
  if (term->is_ref()) {
    if (!is_safe(term->terms[0], safe)) return;
    VarsOf params;
    params.ref_heads = false;
    params(term, out);
  }
  for (const Term* child : term->terms) outputs_of_refs(child, safe, out);
}

// What is bound on one side of a unification binds the other. Rule: the unifier of ast.Unify.
class Unifier {
 public:
  // `unified`: bound too; what the unification binds is added.
  Unifier(const VarSet& safe, VarSet& unified) : safe_(safe), unified_(unified), outputs_(unified) {}

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

  bool known(const std::string& name) const { return contains(safe_, name) || contains(unified_, name); }

  // Whether a term that is neither variable nor collection gives a value by what is bound.
  bool binds(const Term* term) const {
    if (term->is_ref()) return is_safe(term->terms[0], safe_, outputs_);
    if (term->kind == TermKind::kCall) return is_safe(term, safe_, outputs_);
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
    unified_.insert(name);
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
  VarSet& unified_;
  const VarSet outputs_;  // what references alone bind
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
  Unifier(safe, out).unify(expr->terms[1], expr->terms[2]);
  return minus(std::move(out), safe);
}

class SafetyChecker {
 public:
  explicit SafetyChecker(const CompiledModules& modules) : modules_(modules) {}

  std::map<Expr*, VarSet> unsafe;

  // `globals` is as before when this returns.
  Body reorder(VarSet& globals, const Body& body) {
    VarSet body_vars;
    VarsOf::safety()(body, body_vars);
    VarSet safe;
    for (const std::string& name : body_vars) {
      if (contains(globals, name)) safe.insert(name);
    }
    struct Pending {
      VarSet missing;      // variables that nothing has bound yet
      VarSet closed_over;  // variables that its closures take from the body
      bool placed = false;
    };
    std::vector<Pending> pending(body.size());
    std::unordered_map<std::string_view, std::vector<std::size_t>> mentions;
    std::vector<VarSet> mentioned(body.size());
    for (std::size_t i = 0; i < body.size(); ++i) {
      VarSet vars;
      VarsOf::safety()(body[i], vars);
      pending[i].missing = minus(std::move(vars), safe);
      pending[i].closed_over = closed_over(body[i], body_vars, globals);
      VarsOf{}(body[i], mentioned[i]);
      for (const std::string& name : mentioned[i]) mentions[name].push_back(i);
    }
    Body out;
    VarSet bound;  // by what is placed
    // The body is gone through in order, again and again, until nothing more can be placed; of each round only what
    // mentions something that was bound since it was last looked at is worth looking at.
    std::set<std::size_t> round, next_round;
    for (std::size_t i = 0; i < body.size(); ++i) round.insert(round.end(), i);
    for (; !round.empty(); round.swap(next_round)) {
      while (!round.empty()) {
        const std::size_t i = *round.begin();
        round.erase(round.begin());
        Pending& expr = pending[i];
        const VarSet outputs = output_vars(modules_, body[i], safe);
        // What closures of this expression take from the body must be bound already.
        VarSet wanted = minus(expr.closed_over, bound);
        if (!wanted.empty()) {
          if (wanted == outputs) continue;  // x = [x | …]
          expr.missing = std::move(wanted);
        }
        std::erase_if(expr.missing,
                      [&](const std::string& name) { return contains(outputs, name) || contains(safe, name); });
        if (!expr.missing.empty()) continue;
        out.push_back(body[i]);
        expr.placed = true;
        for (const std::string& name : outputs) {
          const bool fresh = safe.insert(name).second;
          if (!bound.insert(name).second && !fresh) continue;
          for (const std::size_t other : mentions[name]) {
            if (!pending[other].placed) (other > i ? round : next_round).insert(other);
          }
        }
      }
    }
    for (std::size_t i = 0; i < body.size(); ++i) {
      if (!pending[i].missing.empty()) merge(unsafe[body[i]], pending[i].missing);
    }

    // Closures, with what stands before them bound.
    Added known(globals);
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (i > 0) {
        VarSet vars;
        VarsOf::safety()(out[i - 1], vars);
        known.add(vars);
      }
      closures(out[i], globals);
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

  void closures(Expr* expr, VarSet& known) {
    walk_closures(
        expr,
        [&](Term* term) {
          VarSet heads;
          for (const Term* head : term->terms) VarsOf{}(head, heads);
          VarSet bound;
          VarsOf::safety()(term->body, bound);
          const VarSet lost = minus(minus(std::move(heads), bound), known);
          if (!lost.empty()) merge(unsafe[expr], lost);
          closure_body(term->body, known);
        },
        [&](Expr* closure) {
          VarSet domain;
          VarsOf::safety()(closure->domain, domain);
          Added inside(known);
          inside.add(domain);
          if (closure->key != nullptr) inside.add(closure->key->text);
          if (closure->value != nullptr) inside.add(closure->value->text);
          for (Body& operand : closure->operands) closure_body(operand, known);
        });
  }

  void closure_body(Body& body, VarSet& known) {
    SafetyChecker inner(modules_);
    Body ordered = inner.reorder(known, body);
    if (inner.unsafe.empty()) {
      body = std::move(ordered);
      return;
    }
    for (const auto& [expr, vars] : inner.unsafe) merge(unsafe[expr], vars);
  }

  const CompiledModules& modules_;
};

namespace {

// Where a variable stands first in a head.
Location place_in_head(const Rule& rule, const std::string& name) {
  Location place = rule.location;
  bool found = false;
  Walk walk;
  walk.term = [&](Term* term) {
    if (found || !term->is_var() || term->text != name) return found;
    place = term->location;
    return found = true;
  };
  for (std::size_t i = 1; i < rule.head.reference.size(); ++i) walk(rule.head.reference[i]);
  if (rule.head.key != nullptr) walk(rule.head.key);
  if (rule.head.value != nullptr) walk(rule.head.value);
  return place;
}

}  // namespace

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
        error(kUnsafeVarError, place_in_head(*rule, name), "var " + (is_wildcard(shown) ? "_" : shown) + " is unsafe");
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

bool Compiler::check_safety(VarSet safe, Body& body) {
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
