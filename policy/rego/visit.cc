#include "policy/rego/visit.h"

namespace kubegate::rego {

void Walk::operator()(Term* node) {
  if (node == nullptr || (term && term(node))) return;
  for (Term* child : node->terms) (*this)(child);
  if (!node->body.empty()) (*this)(node->body);
  for (Term::Part& part : node->parts) {
    if (part.text != nullptr) (*this)(part.text);
    if (part.expr != nullptr) (*this)(part.expr);
  }
}

void Walk::operator()(With& node) {
  (*this)(node.target);
  (*this)(node.value);
}

void Walk::operator()(Expr* node) {
  if (expr && expr(node)) return;
  for (Term* child : node->terms) (*this)(child);
  (*this)(node->key);
  (*this)(node->value);
  (*this)(node->domain);
  for (Body& operand : node->operands) (*this)(operand);
  for (With& with : node->with) (*this)(with);
}

void Walk::operator()(Body& node) {
  if (body && body(node)) return;
  for (std::size_t i = 0; i < node.size(); ++i) (*this)(node[i]);
}

void Walk::operator()(Head& node) {
  for (Term* arg : node.args) (*this)(arg);
  (*this)(node.key);
  (*this)(node.value);
}

namespace {

struct Place {
  const Term* term;
  const Expr* expr;
  std::size_t depth;
};

bool nested_deeper(Place root, std::size_t limit) {
  std::vector<Place> open = {root};
  while (!open.empty()) {
    const Place at = open.back();
    open.pop_back();
    if (at.depth > limit) return true;
    const auto term = [&](const Term* node) {
      if (node != nullptr) open.push_back({node, nullptr, at.depth + 1});
    };
    const auto expr = [&](const Expr* node) {
      if (node != nullptr) open.push_back({nullptr, node, at.depth + 1});
    };
    if (at.term != nullptr) {
      for (const Term* child : at.term->terms) term(child);
      for (const Expr* child : at.term->body) expr(child);
      for (const Term::Part& part : at.term->parts) expr(part.expr);
      continue;
    }
    for (const Term* child : at.expr->terms) term(child);
    for (const Body& operand : at.expr->operands) {
      for (const Expr* child : operand) expr(child);
    }
    for (const With& with : at.expr->with) {
      term(with.target);
      term(with.value);
    }
    term(at.expr->domain);
  }
  return false;
}

}  // namespace

bool nested_deeper(const Term* term, std::size_t limit) { return nested_deeper({term, nullptr, 0}, limit); }
bool nested_deeper(const Expr* expr, std::size_t limit) { return nested_deeper({nullptr, expr, 0}, limit); }

void walk_closures(Expr* root, const std::function<void(Term*)>& comprehension,
                   const std::function<void(Expr*)>& bodies) {
  Walk walk;
  walk.term = [&](Term* term) {
    if (!term->is_comprehension()) return false;
    comprehension(term);
    return true;
  };
  walk.expr = [&](Expr* expr) {
    if (expr->operands.empty()) return false;
    walk(expr->domain);
    for (With& with : expr->with) walk(with);
    bodies(expr);
    return true;
  };
  walk(root);
}

void VarsOf::operator()(const Term* term, VarSet& out) const {
  if (term == nullptr) return;
  switch (term->kind) {
    case TermKind::kVar: out.insert(term->text); return;
    case TermKind::kRef:
      for (std::size_t i = ref_heads ? 0 : 1; i < term->terms.size(); ++i) (*this)(term->terms[i], out);
      return;
    case TermKind::kObject:
      for (std::size_t i = object_keys ? 0 : 1; i < term->terms.size(); i += object_keys ? 1 : 2) {
        (*this)(term->terms[i], out);
      }
      return;
    case TermKind::kSet:
      if (!sets) return;
      break;
    case TermKind::kArrayComprehension:
    case TermKind::kSetComprehension:
    case TermKind::kObjectComprehension:
      if (!closures) return;
      break;
    case TermKind::kCall:
      if (call_heads) break;
      for (std::size_t i = 1; i < term->terms[0]->terms.size(); ++i) (*this)(term->terms[0]->terms[i], out);
      for (std::size_t i = 1; i < term->terms.size(); ++i) (*this)(term->terms[i], out);
      return;
    default: break;
  }
  for (const Term* child : term->terms) (*this)(child, out);
  (*this)(term->body, out);
  for (const Term::Part& part : term->parts) {
    if (part.expr != nullptr) (*this)(part.expr, out);
  }
}

void VarsOf::operator()(const With& with, VarSet& out) const {
  // Both may name functions.
  for (const Term* term : {with.target, with.value}) {
    if (term->is_ref() && !call_heads) {
      for (std::size_t i = 1; i < term->terms.size(); ++i) (*this)(term->terms[i], out);
    } else {
      (*this)(term, out);
    }
  }
}

void VarsOf::operator()(const Expr* expr, VarSet& out) const {
  std::size_t first = 0;
  if (expr->kind == ExprKind::kCall && !call_heads) {
    for (std::size_t i = 1; i < expr->terms[0]->terms.size(); ++i) (*this)(expr->terms[0]->terms[i], out);
    first = 1;
  }
  for (std::size_t i = first; i < expr->terms.size(); ++i) (*this)(expr->terms[i], out);
  (*this)(expr->domain, out);
  if (closures) {
    (*this)(expr->key, out);
    (*this)(expr->value, out);
    for (const Body& operand : expr->operands) (*this)(operand, out);
  }
  for (const With& with : expr->with) (*this)(with, out);
}

void VarsOf::operator()(const Body& body, VarSet& out) const {
  for (const Expr* expr : body) (*this)(expr, out);
}

VarSet declared_vars(const Body& body) {
  VarSet out;
  const VarsOf all;
  for (const Expr* expr : body) {
    if (expr->is_call_of("assign") && expr->terms.size() == 3) {
      all(expr->terms[1], out);
    } else if (expr->kind == ExprKind::kSome) {
      for (const Term* symbol : expr->terms) {
        if (symbol->is_var()) {
          out.insert(symbol->text);
        } else if (symbol->kind == TermKind::kCall) {
          for (std::size_t i = 1; i + 1 < symbol->terms.size(); ++i) all(symbol->terms[i], out);
        }
      }
    } else if (expr->kind == ExprKind::kEvery) {
      out.merge(declared_vars(expr->body()));
    }
  }
  return out;
}

}  // namespace kubegate::rego
