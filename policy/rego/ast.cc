#include "policy/rego/ast.h"

#include <utility>

namespace kubegate::rego {

std::string RegoError::text() const {
  std::string out;
  if (location.row > 0) {
    if (!file.empty()) {
      out = file + ":" + std::to_string(location.row) + ": ";
    } else {
      out = std::to_string(location.row) + ":" + std::to_string(location.column) + ": ";
    }
  }
  out.append(code).append(": ").append(message);
  for (const std::string& line : details) out.append("\n\t").append(line);
  return out;
}

bool Expr::is_call_of(std::string_view name) const {
  if (kind != ExprKind::kCall || !terms[0]->is_ref()) return false;
  for (const Term* step : terms[0]->terms) {
    if (step->text.empty() || !name.starts_with(step->text)) return false;
    name.remove_prefix(step->text.size());
    if (name.empty()) return step == terms[0]->terms.back();
    if (name[0] != '.') return false;
    name.remove_prefix(1);
  }
  return false;
}

std::string_view Import::name() const {
  if (!alias.empty()) return alias;
  return path.back()->text;
}

std::uint32_t Ast::add_source(std::string name, std::string text) {
  sources_.push_back({std::move(name), std::move(text)});
  return static_cast<std::uint32_t>(sources_.size() - 1);
}

std::string_view Ast::text(const Location& location) const {
  if (location.row == 0 || location.file >= sources_.size()) return {};
  return std::string_view(sources_[location.file].text).substr(location.begin, location.length);
}

Term* Ast::term(TermKind kind, const Location& location) {
  charge(sizeof(Term));
  Term& term = terms_.emplace_back();
  term.kind = kind;
  term.location = location;
  return &term;
}

Term* Ast::boolean(bool value, const Location& location) {
  Term* out = term(TermKind::kBool, location);
  out->boolean = value;
  return out;
}

Term* Ast::number(std::string text, const Location& location) {
  Term* out = term(TermKind::kNumber, location);
  out->text = std::move(text);
  return out;
}

Term* Ast::string(std::string text, const Location& location) {
  Term* out = term(TermKind::kString, location);
  out->text = std::move(text);
  return out;
}

Term* Ast::var(std::string name, const Location& location) {
  Term* out = term(TermKind::kVar, location);
  out->text = std::move(name);
  return out;
}

Term* Ast::ref(Ref terms, const Location& location) { return list(TermKind::kRef, std::move(terms), location); }

Term* Ast::list(TermKind kind, std::vector<Term*> terms, const Location& location) {
  Term* out = term(kind, location);
  out->terms = std::move(terms);
  return out;
}

Term* Ast::comprehension(TermKind kind, std::vector<Term*> head, Body body, const Location& location) {
  Term* out = list(kind, std::move(head), location);
  out->body = std::move(body);
  return out;
}

Term* Ast::builtin_ref(std::string_view name, const Location& location) {
  Ref steps;
  while (true) {
    const std::size_t dot = name.find('.');
    std::string step(name.substr(0, dot));
    steps.push_back(steps.empty() ? var(std::move(step), location) : string(std::move(step), location));
    if (dot == std::string_view::npos) return ref(std::move(steps), location);
    name.remove_prefix(dot + 1);
  }
}

Expr* Ast::expr(ExprKind kind, const Location& location) {
  charge(sizeof(Expr));
  Expr& expr = exprs_.emplace_back();
  expr.kind = kind;
  expr.location = location;
  return &expr;
}

Expr* Ast::term_expr(Term* term) {
  Expr* out = expr(ExprKind::kTerm, term->location);
  out->terms = {term};
  return out;
}

Expr* Ast::call_expr(std::vector<Term*> terms, const Location& location) {
  Expr* out = expr(ExprKind::kCall, location);
  out->terms = std::move(terms);
  return out;
}

Expr* Ast::builtin_expr(std::string_view name, std::vector<Term*> args, const Location& location) {
  args.insert(args.begin(), builtin_ref(name, location));
  return call_expr(std::move(args), location);
}

Rule* Ast::rule(const Location& location) {
  Rule& rule = rules_.emplace_back();
  rule.location = location;
  return &rule;
}

Import* Ast::import(const Location& location) {
  Import& import = imports_.emplace_back();
  import.location = location;
  return &import;
}

Module* Ast::module() { return &modules_.emplace_back(); }
Annotation* Ast::annotation() { return &annotations_.emplace_back(); }

Term* Ast::copy(const Term* original) {
  if (original == nullptr) return nullptr;
  charge(original->text.size());
  Term* out = term(original->kind, original->location);
  out->boolean = original->boolean;
  out->raw = original->raw;
  out->called = original->called;
  out->text = original->text;
  out->terms = copy(original->terms);
  out->body = copy(original->body);
  for (const Term::Part& part : original->parts) out->parts.push_back({copy(part.text), copy(part.expr)});
  return out;
}

Expr* Ast::copy(const Expr* original) {
  if (original == nullptr) return nullptr;
  Expr* out = expr(original->kind, original->location);
  out->negated = original->negated;
  out->generated = original->generated;
  out->index = original->index;
  out->builtin = original->builtin;
  out->terms = copy(original->terms);
  for (const With& with : original->with) out->with.push_back({with.location, copy(with.target), copy(with.value)});
  for (const Body& operand : original->operands) out->operands.push_back(copy(operand));
  out->key = copy(original->key);
  out->value = copy(original->value);
  out->domain = copy(original->domain);
  return out;
}

Body Ast::copy(const Body& body) {
  Body out;
  out.reserve(body.size());
  for (const Expr* expr : body) out.push_back(copy(expr));
  return out;
}

Ref Ast::copy(const Ref& ref) {
  Ref out;
  out.reserve(ref.size());
  for (const Term* term : ref) out.push_back(copy(term));
  return out;
}

Head Ast::copy(const Head& head) {
  Head out = head;
  out.reference = copy(head.reference);
  out.args = copy(head.args);
  out.key = copy(head.key);
  out.value = copy(head.value);
  return out;
}

bool is_constant(const Term* term) {
  switch (term->kind) {
    case TermKind::kNull:
    case TermKind::kBool:
    case TermKind::kNumber:
    case TermKind::kString: return true;
    case TermKind::kArray:
    case TermKind::kObject:
    case TermKind::kSet:
      for (const Term* element : term->terms) {
        if (!is_constant(element)) return false;
      }
      return true;
    default: return false;
  }
}

bool is_ground(const Term* term) {
  if (term->is_var()) return false;
  if (term->is_comprehension()) return true;
  if (term->kind == TermKind::kTemplateString) return false;
  // The head of a ref is a name.
  for (std::size_t i = term->is_ref() ? 1 : 0; i < term->terms.size(); ++i) {
    if (!is_ground(term->terms[i])) return false;
  }
  return true;
}

bool is_ground(const Ref& ref) { return ground_prefix(ref) == ref.size(); }

std::size_t ground_prefix(const Ref& ref) {
  for (std::size_t i = 1; i < ref.size(); ++i) {
    if (!is_ground(ref[i])) return i;
  }
  return ref.size();
}

bool has_prefix(const Ref& ref, const Ref& prefix) {
  if (prefix.size() > ref.size()) return false;
  for (std::size_t i = 0; i < prefix.size(); ++i) {
    if (!equal(ref[i], prefix[i])) return false;
  }
  return true;
}

std::string_view kind_name(TermKind kind) {
  switch (kind) {
    case TermKind::kNull: return "null";
    case TermKind::kBool: return "boolean";
    case TermKind::kNumber: return "number";
    case TermKind::kString: return "string";
    case TermKind::kVar: return "var";
    case TermKind::kRef: return "ref";
    case TermKind::kArray: return "array";
    case TermKind::kObject: return "object";
    case TermKind::kSet: return "set";
    case TermKind::kArrayComprehension: return "arraycomprehension";
    case TermKind::kSetComprehension: return "setcomprehension";
    case TermKind::kObjectComprehension: return "objectcomprehension";
    case TermKind::kCall: return "call";
    case TermKind::kTemplateString: return "templatestring";
  }
  return "";
}

}  // namespace kubegate::rego
