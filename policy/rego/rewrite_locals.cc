// Locals: every variable that a body assigns or declares gets a name of its own.
//
// `x := 1` in a rule and `x := 2` in a comprehension of it are two variables; after this stage their names say so, and
// `:=`, `some` and the key and value of `every` are unifications and plain variables. Names are looked up in a stack of
// scopes: arguments, the body, and one for each closure on the way. Rule: rewriteLocalVars of OPA's compiler.
#include <algorithm>
#include <map>

#include "policy/rego/compile_state.h"

namespace kubegate::rego {
namespace {

enum class Occurrence : std::uint8_t { kNew, kArgument, kSeen, kAssigned, kDeclared };

struct Scope {
  struct Name {
    std::string local;
    Occurrence occurrence = Occurrence::kNew;
    int count = 0;
  };
  std::map<std::string, Name> names;
};

}  // namespace

class LocalRewriter {
 public:
  LocalRewriter(Compiler& compiler, std::map<std::string, std::string>& written)
      : compiler_(compiler), written_(written), strict_(compiler.out_.options.strict) {
    scopes_.emplace_back();
  }

  // Arguments are one scope for all branches of a rule.
  void argument(Term* term) {
    switch (term->kind) {
      case TermKind::kVar:
        if (const std::string* local = find(term->text)) {
          ++counted(term->text)->count;
          term->text = *local;
        } else {
          term->text = insert(term->text, Occurrence::kArgument);
        }
        return;
      case TermKind::kObject:
        for (std::size_t i = 1; i < term->terms.size(); i += 2) argument(term->terms[i]);
        return;
      case TermKind::kRef:
      case TermKind::kArray:
        for (Term* element : term->terms) argument(element);
        return;
      case TermKind::kCall: return error(term->location, "rule arguments cannot contain calls");
      default: return;
    }
  }

  void rule(Rule& rule, VarSet& unused_args) {
    Head& head = rule.head;
    // Assignments in the head stand in comprehensions, whose scopes see nothing of the body's.
    const std::vector<Scope> outer = scopes_;
    scopes_ = {Scope()};
    for (Term* arg : head.args) nested(arg);
    nested(head.key);
    nested(head.value);
    scopes_ = outer;

    VarSet used;
    const VarsOf all;
    for (std::size_t i = 1; i < head.reference.size(); ++i) all(head.reference[i], used);
    all(head.key, used);
    if (head.value != nullptr) {
      VarSet values;
      all(head.value, values);
      for (const std::string& name : values) unused_args.erase(name);
      used.merge(values);
    }
    body(rule.body, used);
    // What the body declared is meant in the head too.
    for (Term* arg : head.args) rename(arg);
    for (std::size_t i = 1; i < head.reference.size(); ++i) rename(head.reference[i]);
    rename(head.key);
    rename(head.value);
    for (auto& [name, entry] : scopes_.front().names) {
      if (entry.occurrence == Occurrence::kArgument && entry.count > 1) unused_args.erase(name);
    }
  }

  void body(Body& body, const VarSet& used) {
    const Body before = body;
    Body out;
    for (Expr* expr : body) {
      if (expr->is_call_of("assign")) {
        assignment(expr);
        out.push_back(expr);
      } else if (expr->kind == ExprKind::kSome) {
        if (some(expr)) out.push_back(expr);
      } else {
        if (expr->kind == ExprKind::kEvery) {
          every(expr);
        } else {
          expression(expr);
        }
        out.push_back(expr);
      }
    }
    if (out.empty()) {
      out.push_back(
          compiler_.ast_.term_expr(compiler_.ast_.boolean(true, before.empty() ? Location() : before[0]->location)));
    }
    body = std::move(out);
    check_unused(before, body, used);
  }

 private:
  void error(const Location& location, std::string message) {
    ++errors_;
    compiler_.error(kCompileError, location, std::move(message));
  }

  const std::string* find(const std::string& name) const {
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
      const auto found = scope->names.find(name);
      if (found != scope->names.end()) return &found->second.local;
    }
    return nullptr;
  }

  Scope::Name* counted(const std::string& name) {
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
      const auto found = scope->names.find(name);
      if (found != scope->names.end()) return &found->second;
    }
    return nullptr;
  }

  std::string insert(const std::string& name, Occurrence occurrence) {
    const std::string local = occurrence == Occurrence::kSeen ? name : compiler_.locals_.next();
    scopes_.back().names[name] = {local, occurrence, 1};
    if (local != name) written_[local] = name;
    return local;
  }

  // A new variable of the innermost scope; an error, and "", when the name is taken there.
  std::string declare(const std::string& name, Occurrence occurrence, const Location& location) {
    const auto found = scopes_.back().names.find(name);
    if (found != scopes_.back().names.end()) {
      switch (found->second.occurrence) {
        case Occurrence::kSeen: error(location, "var " + name + " referenced above"); return "";
        case Occurrence::kAssigned: error(location, "var " + name + " assigned above"); return "";
        case Occurrence::kDeclared: error(location, "var " + name + " declared above"); return "";
        case Occurrence::kArgument: error(location, "arg " + name + " redeclared"); return "";
        case Occurrence::kNew: break;
      }
    }
    return insert(name, occurrence);
  }

  void nested(Term* term) {
    if (term == nullptr) return;
    if (term->is_comprehension() || term->kind == TermKind::kTemplateString) return this->term(term);
    if (term->is_ref() || term->kind == TermKind::kCall || !term->is_scalar()) {
      for (Term* child : term->terms) nested(child);
    }
  }

  void rename(Term* term) {
    if (term == nullptr) return;
    Walk walk;
    walk.term = [&](Term* inner) {
      if (!inner->is_var()) return false;
      const auto found = scopes_.back().names.find(inner->text);
      if (found != scopes_.back().names.end()) inner->text = found->second.local;
      return false;
    };
    walk(term);
  }

  void expression(Expr* expr) {
    for (std::size_t i = 0; i < expr->terms.size(); ++i) {
      if (expr->kind == ExprKind::kCall && i == 0) {
        call_head(expr->terms[0], expr->location);
      } else {
        term(expr->terms[i]);
      }
    }
    for (Body& operand : expr->operands) {
      scopes_.emplace_back();
      body(operand, {});
      scopes_.pop_back();
    }
    withs(expr);
  }

  // No variable can be called.
  void call_head(Term* op, const Location& location) {
    const Term* head = op->terms[0];
    if (head->is_var()) {
      const std::string* local = find(head->text);
      if (local != nullptr && *local != head->text) {
        error(location, "called function " + to_string(op) + " shadowed");
      }
    } else {
      term(op->terms[0]);
    }
    for (std::size_t i = 1; i < op->terms.size(); ++i) term(op->terms[i]);
  }

  void withs(Expr* expr) {
    for (With& with : expr->with) {
      // `with input as` means the document even where a local is named input.
      Term* target = with.target;
      if (target->is_ref()) {
        for (std::size_t i = 1; i < target->terms.size(); ++i) term(target->terms[i]);
      }
      term(with.value);
    }
  }

  void term(Term* term) {
    switch (term->kind) {
      case TermKind::kVar:
        if (Scope::Name* name = counted(term->text)) {
          ++name->count;
          term->text = name->local;
        } else {
          insert(term->text, Occurrence::kSeen);
        }
        return;
      case TermKind::kRef:
        if (const Term* head = term->terms[0]; head->is_var() && (head->text == "data" || head->text == "input")) {
          // A root document, unless a local has its name.
          const Scope::Name* name = counted(head->text);
          if (name != nullptr && name->occurrence != Occurrence::kSeen) {
            if (term->terms.size() == 1) {
              const std::string local = name->local;
              term->kind = TermKind::kVar;
              term->text = local;
              term->terms.clear();
              return;
            }
          } else {
            for (std::size_t i = 1; i < term->terms.size(); ++i) this->term(term->terms[i]);
            return;
          }
        }
        break;
      case TermKind::kCall: {
        call_head(term->terms[0], term->location);
        for (std::size_t i = 1; i < term->terms.size(); ++i) this->term(term->terms[i]);
        return;
      }
      case TermKind::kArrayComprehension:
      case TermKind::kSetComprehension:
      case TermKind::kObjectComprehension: {
        VarSet used;
        for (const Term* head : term->terms) VarsOf{}(head, used);
        scopes_.emplace_back();
        body(term->body, used);
        for (Term* head : term->terms) this->term(head);
        scopes_.pop_back();
        return;
      }
      case TermKind::kTemplateString:
        for (Term::Part& part : term->parts) {
          if (part.expr == nullptr) continue;
          scopes_.emplace_back();
          expression(part.expr);
          scopes_.pop_back();
        }
        return;
      default: break;
    }
    for (Term* child : term->terms) this->term(child);
  }

  void assignment(Expr* expr) {
    if (expr->negated) return error(expr->location, "cannot assign vars inside negated expression");
    const int before = errors_;
    if (expr->terms.size() != 3) return;
    // The right side first: it means the variables of before.
    term(expr->terms[2]);
    for (With& with : expr->with) term(with.value);
    assign(expr->terms[1]);
    if (errors_ == before) expr->terms[0] = compiler_.ast_.builtin_ref("eq", expr->terms[0]->location);
  }

  void assign(Term* term) {
    switch (term->kind) {
      case TermKind::kVar: {
        const std::string local = declare(term->text, Occurrence::kAssigned, term->location);
        if (!local.empty()) term->text = local;
        return;
      }
      case TermKind::kArray:
        for (Term* element : term->terms) assign(element);
        return;
      case TermKind::kObject:
        for (std::size_t i = 1; i < term->terms.size(); i += 2) assign(term->terms[i]);
        return;
      case TermKind::kRef:
        if (is_root_ref(term)) {
          const std::string local = declare(term->terms[0]->text, Occurrence::kAssigned, term->location);
          if (local.empty()) return;
          term->kind = TermKind::kVar;
          term->text = local;
          term->terms.clear();
          return;
        }
        [[fallthrough]];
      default: error(term->location, "cannot assign to " + std::string(kind_name(term->kind)));
    }
  }

  // `some x, y` declares and is gone; `some k, v in xs` is `v = xs[k]`, which declares what it binds.
  bool some(Expr* expr) {
    if (expr->terms[0]->kind != TermKind::kCall) {
      for (const Term* symbol : expr->terms) {
        if (declare(symbol->text, Occurrence::kDeclared, expr->location).empty()) return false;
      }
      return false;
    }
    Ast& ast = compiler_.ast_;
    const std::vector<Term*> call = expr->terms[0]->terms;
    const bool keyed = call.size() == 4;
    Term* container = call.back();
    Term* value = call[keyed ? 2 : 1];
    Term* key = keyed ? call[1] : ast.var(compiler_.locals_.next(), value->location);
    Ref steps;
    if (container->is_ref()) {
      steps = container->terms;
    } else {
      steps = {container};
    }
    steps.push_back(key);
    Term* right = ast.ref(std::move(steps), container->location);
    expr->kind = ExprKind::kCall;
    expr->terms = {ast.builtin_ref("eq", expr->location), value, right};
    VarSet safe;
    VarsOf{}(container, safe);
    for (const std::string& name : output_vars(compiler_.out_, expr, safe)) {
      if (declare(name, Occurrence::kDeclared, expr->location).empty()) return false;
    }
    expression(expr);
    return true;
  }

  void every(Expr* expr) {
    term(expr->domain);
    scopes_.emplace_back();
    if (expr->key == nullptr) {
      expr->key = compiler_.ast_.var(compiler_.locals_.next(), expr->location);
    } else if (!is_wildcard(expr->key->text)) {
      const std::string local = declare(expr->key->text, Occurrence::kDeclared, expr->location);
      if (!local.empty()) expr->key->text = local;
    }
    if (!is_wildcard(expr->value->text)) {
      const std::string local = declare(expr->value->text, Occurrence::kDeclared, expr->location);
      if (!local.empty()) expr->value->text = local;
    }
    body(expr->body(), {});
    scopes_.pop_back();
    withs(expr);
  }

  void check_unused(const Body& before, const Body& after, const VarSet& used) {
    if (errors_ > 0) return;
    const Scope& scope = scopes_.back();
    std::map<std::string, std::string> assigned, declared;  // local → written
    for (const auto& [name, entry] : scope.names) {
      if (entry.occurrence == Occurrence::kAssigned && entry.count <= 1 && !is_wildcard(name)) {
        assigned[entry.local] = name;
      }
      if (entry.occurrence == Occurrence::kDeclared) declared[entry.local] = name;
    }
    for (const std::string& name : used) {
      const std::string* local = find(name);
      assigned.erase(local == nullptr ? name : *local);
      declared.erase(local == nullptr ? name : *local);
    }
    if (strict_) {
      for (const auto& [local, name] : assigned) {
        error(place_of(before, local), "assigned var " + name + " unused");
      }
    }
    if (errors_ > 0 || declared.empty()) return;
    VarSet in_body;
    VarsOf{}(after, in_body);
    for (const auto& [local, name] : declared) {
      if (contains(in_body, local) || is_generated(name)) continue;
      Location place = before[0]->location;
      for (const Expr* expr : before) {
        const bool here = expr->kind == ExprKind::kSome &&
                          std::any_of(expr->terms.begin(), expr->terms.end(), [&name = name](const Term* term) {
                            return term->is_var() && term->text == name;
                          });
        if (!here) continue;
        place = expr->location;
        break;
      }
      error(place, "declared var " + name + " unused");
    }
  }

  static Location place_of(const Body& body, const std::string& local) {
    for (const Expr* expr : body) {
      VarSet vars;
      VarsOf{}(expr, vars);
      if (contains(vars, local)) return expr->location;
    }
    return body.empty() ? Location() : body[0]->location;
  }

  Compiler& compiler_;
  std::map<std::string, std::string>& written_;
  bool strict_;
  int errors_ = 0;
  std::vector<Scope> scopes_;

  friend class Compiler;
};

void Compiler::rewrite_locals() {
  for (Module* module : out_.modules) {
    for (Rule* rule : module->rules) {
      LocalRewriter rewriter(*this, out_.written_names);
      VarSet unused;
      if (out_.options.strict) {
        for (const Term* arg : rule->head.args) VarsOf{}(arg, unused);
      }
      for (Term* arg : rule->head.args) rewriter.argument(arg);
      const std::vector<Scope> arguments = rewriter.scopes_;
      for (Rule* branch = rule; branch != nullptr; branch = branch->otherwise) {
        rewriter.scopes_ = arguments;
        rewriter.errors_ = 0;
        rewriter.rule(*branch, unused);
      }
      for (const std::string& name : unused) {
        if (is_wildcard(name)) continue;
        error(kCompileError, rule->head.location,
              "unused argument " + name + ". (hint: use _ (wildcard variable) instead)");
      }
    }
  }
}

void Compiler::rewrite_locals(Body& query) {
  LocalRewriter rewriter(*this, query_names_);
  rewriter.body(query, {});
}

}  // namespace kubegate::rego
