// Bodies and their expressions.
//
// The logical operators (`and`, `or`, `not { … }`; future keywords in v0 and v1 alike) bind looser than everything
// else in an expression: `not a and b or c` is `((not a) and b) or c`, and a `with` behind it holds for all of it. An
// operand may be a body in braces, which looks like a set or object until what follows it is read: it is tried as a
// body first, and only where an operator or the end of the expression follows it is one.
#include "policy/rego/parse_state.h"
#include "policy/rego/parser.h"
#include "policy/rego/visit.h"

namespace kubegate::rego {

Body Parser::parse_body(TokenKind end) {
  const Depth depth(*this);
  return depth ? parse_literals(false, end) : Body();
}

// Expressions up to `end`, which stays the current token. With `one`, expressions joined by `;` only.
Body Parser::parse_literals(bool one, TokenKind end) {
  Body body;
  if (kind() == end) {
    error(here(), "found empty body");
    return {};
  }
  while (true) {
    Expr* expr = parse_literal();
    if (expr == nullptr) return {};
    if (nested_deeper(expr, kMaxParseDepth)) {
      error(expr->location, "max parsing recursion depth exceeded");
      return {};
    }
    expr->index = static_cast<std::uint32_t>(body.size());
    body.push_back(expr);
    if (kind() == TokenKind::kSemicolon) {
      scan();
      continue;
    }
    if (kind() == end || one) return body;
    if (!state_.skipped_newline) {
      if (failed()) return {};
      // What keywords that are off look like.
      if (kind() == TokenKind::kIdentifier && state_.token.text == "in") {
        hint_ = std::string("`import future.keywords.in` for `") + (expr->kind == ExprKind::kSome ? "some " : "") +
                "x in xs` expressions";
      } else if (expr->kind == ExprKind::kTerm && expr->terms[0]->is_var() && expr->terms[0]->text == "every") {
        hint_ = "`import future.keywords.every` for `every x in xs { ... }` expressions";
      }
      illegal("expected \\n or ; or " + std::string(token_name(end)));
      return {};
    }
  }
}

Expr* Parser::parse_literal() {
  const Depth depth(*this);
  if (!depth) return nullptr;
  const Location place = here();
  const auto placed = [&](Expr* expr) {
    if (expr != nullptr) expr->location = span(place, place.begin, state_.last_end);
    return expr;
  };
  const bool reference = scan_ahead_ref();
  if (!reference && kind() == TokenKind::kSome) return placed(parse_some());
  if (!reference && kind() == TokenKind::kEvery) return placed(parse_every());
  Expr* expr = parse_logical_or();
  if (expr == nullptr) return nullptr;
  if (at_with() && !parse_with(expr->with)) return nullptr;
  return placed(expr);
}

Expr* Parser::logical(ExprKind kind, Expr* left, Expr* right) {
  Expr* out = ast_.expr(kind, left->location);
  // A body in braces is the operand itself.
  for (Expr* operand : {left, right}) {
    if (operand->kind == ExprKind::kBody && !operand->negated) {
      out->operands.push_back(operand->body());
    } else {
      out->operands.push_back({operand});
    }
  }
  return out;
}

Expr* Parser::parse_logical_or() {
  Expr* left = parse_logical_and(false);
  while (left != nullptr && kind() == TokenKind::kLogicalOr) {
    scan();
    Expr* right = parse_logical_and(true);
    if (right == nullptr) return nullptr;
    left = logical(ExprKind::kOr, left, right);
  }
  return left;
}

Expr* Parser::parse_logical_and(bool right_of_or) {
  Expr* left = parse_operand(right_of_or);
  while (left != nullptr && kind() == TokenKind::kLogicalAnd) {
    scan();
    Expr* right = parse_operand(true);
    if (right == nullptr) return nullptr;
    left = logical(ExprKind::kAnd, left, right);
  }
  return left;
}

Expr* Parser::parse_operand(bool right) {
  const Location place = here();
  bool negated = false;
  if (kind() == TokenKind::kNot && peek_adjacent() != TokenKind::kDot && peek_adjacent() != TokenKind::kLeftBracket) {
    scan();
    negated = true;
    if (kind() == TokenKind::kSome || kind() == TokenKind::kEvery) {
      illegal("illegal negation of '" + std::string(token_name(kind())) + "'");
      return nullptr;
    }
  }
  Expr* expr = nullptr;
  const bool logical_on = (state_.keywords & kLogicalKeywords) != 0;
  if (at({TokenKind::kLeftBrace, TokenKind::kLeftParen}) && (negated ? state_.not_bodies : logical_on)) {
    expr = parse_operand_body(negated, right);
  }
  if (expr == nullptr) expr = parse_expr();
  if (expr == nullptr) return nullptr;
  if (negated && state_.not_bodies && expr->kind != ExprKind::kBody) {
    // What the expression needs is evaluated inside the negation: undefined parts make it true.
    Expr* body = ast_.expr(ExprKind::kBody, expr->location);
    body->operands.push_back({expr});
    expr = body;
  }
  expr->negated = negated;
  expr->location = span(place, place.begin, state_.last_end);
  return expr;
}

// Whether the current token can stand behind a whole expression.
bool Parser::ends_literal() const {
  return state_.skipped_newline ||
         at({TokenKind::kLogicalAnd, TokenKind::kLogicalOr, TokenKind::kSemicolon, TokenKind::kRightBrace,
             TokenKind::kRightBracket, TokenKind::kRightParen, TokenKind::kWith, TokenKind::kElse, TokenKind::kEnd});
}

// An operand in braces, or a logical expression in parentheses; null, without an error and back at the brace, when
// it is none.
Expr* Parser::parse_operand_body(bool negated, bool right) {
  const State before = save();
  const std::uint32_t offset = here().begin;
  const Location place = here();
  if (known_bodies_.find(offset) == known_bodies_.end()) {
    KnownBody& known = known_bodies_[offset];
    known.after = before;
    const bool parens = kind() == TokenKind::kLeftParen;
    scan();
    Body body;
    if (!parens) {
      body = parse_body(TokenKind::kRightBrace);
    } else if (Expr* expr = parse_literal(); expr != nullptr && kind() == TokenKind::kRightParen) {
      // Only what is no term stands between parentheses here.
      const bool term = expr->kind == ExprKind::kTerm || expr->kind == ExprKind::kCall;
      if (!term || expr->negated) body = {expr};
    }
    if (!body.empty() && errors_.size() == before.errors) {
      scan();
      // The map may have grown meanwhile.
      known_bodies_[offset] = {std::move(body), save()};
    }
    restore(before);
  }
  const KnownBody& known = known_bodies_[offset];
  if (known.body.empty()) return nullptr;
  State after = known.after;
  after.errors = errors_.size();
  restore(after);
  const bool operand = negated || right ? ends_literal() : at({TokenKind::kLogicalAnd, TokenKind::kLogicalOr});
  if (!operand) {
    restore(before);
    return nullptr;
  }
  Expr* out = ast_.expr(ExprKind::kBody, place);
  out->operands.push_back(known.body);
  return out;
}

Expr* Parser::parse_expr() {
  Term* left = parse_infix(true);
  if (left == nullptr) return nullptr;
  if (at({TokenKind::kAssign, TokenKind::kUnify})) {
    Term* op = ast_.builtin_ref(token_name(kind()), here());
    scan();
    Term* right = parse_infix(true);
    return right == nullptr ? nullptr : ast_.call_expr({op, left, right}, left->location);
  }
  if (left->kind == TermKind::kCall) return ast_.call_expr(left->terms, left->location);
  return ast_.term_expr(left);
}

// A `with` that modifies the expression before it, and does not begin a reference on the next line.
bool Parser::at_with() { return kind() == TokenKind::kWith && !scan_ahead_ref(); }

bool Parser::parse_with(std::vector<With>& out) {
  while (at_with()) {
    With with;
    with.location = here();
    scan();
    if (kind() != TokenKind::kIdentifier) {
      illegal("expected ident");
      return false;
    }
    with.target = parse_term();
    if (with.target == nullptr) return false;
    if (!with.target->is_ref() && !with.target->is_var()) illegal("expected with target path");
    if (kind() != TokenKind::kAs) {
      illegal("expected as keyword");
      return false;
    }
    scan();
    with.value = parse_infix(true);
    if (with.value == nullptr) return false;
    with.location = span(with.location, with.location.begin, state_.last_end);
    out.push_back(with);
  }
  return true;
}

Expr* Parser::parse_some() {
  const Location place = here();
  const State before = save();
  Expr* out = ast_.expr(ExprKind::kSome, place);
  scan();
  if (Term* term = parse_infix(true); term != nullptr && term->kind == TermKind::kCall) {
    const std::string name = to_string(term->terms[0]->terms);
    if (name != "internal.member_2" && name != "internal.member_3") {
      illegal("expected `x in xs` or `x, y in xs` expression");
      return nullptr;
    }
    if (term->terms.size() != (name == "internal.member_2" ? 3u : 4u)) {
      illegal("illegal domain");
      return nullptr;
    }
    out->terms = {term};
    if (at_with() && !parse_with(out->with)) return nullptr;
    return out;
  }
  restore(before);
  do {
    scan();
    if (kind() != TokenKind::kIdentifier) {
      illegal("expected var");
      return nullptr;
    }
    out->terms.push_back(parse_var());
    scan();
  } while (kind() == TokenKind::kComma);
  return out;
}

Expr* Parser::parse_every() {
  Expr* out = ast_.expr(ExprKind::kEvery, here());
  scan();
  Term* term = parse_infix(true);
  if (term == nullptr) return nullptr;
  const std::string name = term->kind == TermKind::kCall ? to_string(term->terms[0]->terms) : "";
  const bool keyed = name == "internal.member_3";
  if (!keyed && name != "internal.member_2") {
    illegal("expected `x[, y] in xs { ... }` expression");
    return nullptr;
  }
  if (term->terms.size() != (keyed ? 4u : 3u)) {
    illegal("illegal domain");
    return nullptr;
  }
  if (keyed) {
    out->key = term->terms[1];
    if (!out->key->is_var()) {
      illegal("expected key to be a variable");
      return nullptr;
    }
  }
  out->value = term->terms[keyed ? 2 : 1];
  out->domain = term->terms.back();
  if (!out->value->is_var()) {
    illegal("expected value to be a variable");
    return nullptr;
  }
  if (kind() != TokenKind::kLeftBrace) {
    illegal("missing body");
    return nullptr;
  }
  scan();
  Body body = parse_body(TokenKind::kRightBrace);
  if (body.empty()) return nullptr;
  scan();
  out->operands.push_back(std::move(body));
  if (at_with() && !parse_with(out->with)) return nullptr;
  return out;
}

}  // namespace kubegate::rego
