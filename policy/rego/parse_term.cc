// Terms but for what they are made of (parse_scalar.cc, parse_collection.cc). The grammar is OPA's hand-written parser's:
// infix operators nest by level: `in`, relations, `|`, `&`, sums, products.
#include <array>

#include <optional>

#include "policy/rego/parse_state.h"

namespace kubegate::rego {
namespace {

bool is_root_name(std::string_view name) { return name == "data" || name == "input"; }

// Operators by level, loosest first; those of one level associate to the left.
constexpr std::array<std::array<TokenKind, 6>, 5> kLevels = {{
    {TokenKind::kEqual, TokenKind::kNeq, TokenKind::kLt, TokenKind::kGt, TokenKind::kLte, TokenKind::kGte},
    {TokenKind::kOr, TokenKind::kOr, TokenKind::kOr, TokenKind::kOr, TokenKind::kOr, TokenKind::kOr},
    {TokenKind::kAnd, TokenKind::kAnd, TokenKind::kAnd, TokenKind::kAnd, TokenKind::kAnd, TokenKind::kAnd},
    {TokenKind::kAdd, TokenKind::kSub, TokenKind::kAdd, TokenKind::kAdd, TokenKind::kAdd, TokenKind::kAdd},
    {TokenKind::kMul, TokenKind::kQuo, TokenKind::kRem, TokenKind::kMul, TokenKind::kMul, TokenKind::kMul},
}};

bool is_operator(int level, TokenKind kind) {
  for (const TokenKind op : kLevels[level]) {
    if (op == kind) return true;
  }
  return false;
}

}  // namespace

std::string Parser::next_wildcard() { return std::string(kWildcardPrefix) + std::to_string(state_.wildcard++); }

Term* Parser::parse_infix(bool pairs) {
  const Depth depth(*this);
  return depth ? parse_in(pairs) : nullptr;
}

// lhs {in rhs}, and `key, lhs in rhs` where pairs are possible.
Term* Parser::parse_in(bool pairs) {
  const std::uint32_t offset = here().begin;
  Term* left = parse_binary(0);
  while (left != nullptr) {
    if (pairs && kind() == TokenKind::kComma) {
      const State before = save();
      scan();
      Term* middle = parse_binary(0);
      if (middle != nullptr && kind() == TokenKind::kIn) {
        Term* op = ast_.builtin_ref("internal.member_3", here());
        scan();
        if (Term* right = parse_binary(0)) {
          left = ast_.list(TermKind::kCall, {op, left, middle, right}, span(left->location, offset, state_.last_end));
          continue;
        }
      }
      restore(before);
    }
    if (kind() == TokenKind::kIn) scan_ahead_ref();
    if (kind() != TokenKind::kIn) return left;
    Term* op = ast_.builtin_ref("internal.member_2", here());
    scan();
    Term* right = parse_binary(0);
    if (right == nullptr) return left;  // the error is recorded
    left = ast_.list(TermKind::kCall, {op, left, right}, span(left->location, offset, state_.last_end));
    if (kind() != TokenKind::kIn) return left;
  }
  return left;
}

Term* Parser::parse_binary(int level) {
  if (level == static_cast<int>(kLevels.size())) return parse_term();
  const std::uint32_t offset = here().begin;
  Term* left = parse_binary(level + 1);
  while (left != nullptr && is_operator(level, kind())) {
    const Location place = here();
    Term* op = ast_.builtin_ref(token_name(kind()), place);
    scan();
    Term* right = parse_binary(level + 1);
    if (right == nullptr) return left;  // the error is recorded
    left = ast_.list(TermKind::kCall, {op, left, right}, span(left->location, offset, state_.last_end));
  }
  return left;
}

Term* Parser::parse_term() {
  const Depth depth(*this);
  if (!depth) return nullptr;
  const std::uint32_t offset = here().begin;
  if (const auto known = known_terms_.find(offset); known != known_terms_.end()) {
    const std::size_t errors = errors_.size();
    state_ = known->second.after;
    state_.errors = errors;
    lexer_.set_position(state_.position);
    return known->second.term;
  }
  const std::size_t errors = errors_.size();
  Term* term = nullptr;
  std::optional<Location> minus;  // in front of a reference: -x is minus(0, x)
  switch (kind()) {
    case TokenKind::kNull: term = ast_.null(here()); break;
    case TokenKind::kTrue: term = ast_.boolean(true, here()); break;
    case TokenKind::kFalse: term = ast_.boolean(false, here()); break;
    case TokenKind::kSub: {
      const State before = save();
      const Location place = here();
      scan();
      if (at({TokenKind::kIdentifier, TokenKind::kContains})) {
        minus = place;
        term = parse_var();
      } else {
        restore(before);
        term = parse_number();
      }
      break;
    }
    case TokenKind::kDot:
    case TokenKind::kNumber: term = parse_number(); break;
    case TokenKind::kString: term = parse_string(); break;
    case TokenKind::kTemplatePart:
    case TokenKind::kTemplateEnd: term = parse_template(false); break;
    case TokenKind::kRawTemplatePart:
    case TokenKind::kRawTemplateEnd: term = parse_template(true); break;
    case TokenKind::kIdentifier:
    case TokenKind::kContains: term = parse_var(); break;
    case TokenKind::kLeftBracket: term = parse_array(); break;
    case TokenKind::kLeftBrace: term = parse_braces(); break;
    case TokenKind::kLeftParen:
      scan();
      if (Term* inner = parse_infix(true)) {
        if (kind() == TokenKind::kRightParen) {
          term = inner;
          term->location = span(term->location, offset, state_.token_end);
        } else {
          error(here(), "non-terminated expression");
        }
      }
      break;
    default: illegal();
  }
  term = parse_term_end(term, false);
  if (minus && term != nullptr) {
    term = ast_.list(TermKind::kCall, {ast_.builtin_ref("minus", *minus), ast_.number("0", *minus), term},
                     span(*minus, offset, state_.last_end));
  }
  if (term != nullptr && errors_.size() == errors) known_terms_[offset] = {term, save()};
  return term;
}

// What may follow a term without space: a reference's steps or a call's arguments.
Term* Parser::parse_term_end(Term* head, bool in_rule_head) {
  if (head == nullptr) return nullptr;
  const std::uint32_t offset = head->location.begin;
  scan(false);
  if (in_rule_head) {
    switch (kind()) {
      case TokenKind::kAdd:
      case TokenKind::kSub:
      case TokenKind::kMul:
      case TokenKind::kQuo:
      case TokenKind::kRem:
      case TokenKind::kAnd:
      case TokenKind::kOr:
      case TokenKind::kEqual:
      case TokenKind::kNeq:
      case TokenKind::kGt:
      case TokenKind::kGte:
      case TokenKind::kLt:
      case TokenKind::kLte: illegal(); break;
      case TokenKind::kSpace: scan(); break;
      default: break;
    }
  }
  if (at({TokenKind::kLeftParen, TokenKind::kDot, TokenKind::kLeftBracket})) return parse_ref(head, offset);
  if (kind() == TokenKind::kSpace) scan();
  if (head->is_var() && is_root_name(head->text)) return ast_.ref({head}, head->location);
  return head;
}

Term* Parser::parse_var() {
  if (state_.token.text == "_") return ast_.var(next_wildcard(), here());
  return ast_.var(state_.token.text, here());
}

Term* Parser::parse_call(Term* op, std::uint32_t offset) {
  const Depth depth(*this);
  if (!depth) return nullptr;
  const Location place = op->location;
  scan();
  std::vector<Term*> terms = {op};
  if (kind() == TokenKind::kRightParen) {
    const Location all = span(place, offset, state_.token_end);
    scan(false);
    if (op->terms.size() == 1 && op->terms[0]->is_var() && op->terms[0]->text == "set") {
      return ast_.list(TermKind::kSet, {}, all);
    }
    return ast_.list(TermKind::kCall, std::move(terms), all);
  }
  if (!parse_list(TokenKind::kRightParen, terms)) return nullptr;
  const Location all = span(place, offset, state_.token_end);
  scan(false);
  return ast_.list(TermKind::kCall, std::move(terms), all);
}

Term* Parser::parse_ref(Term* head, std::uint32_t offset) {
  const Depth depth(*this);
  if (!depth) return nullptr;
  const Location place = head->location;
  if (head->is_scalar() || head->is_ref() || head->kind == TermKind::kTemplateString) {
    error(place, "illegal ref (head cannot be " + std::string(kind_name(head->kind)) + ")");
  }
  Ref ref = {head};
  while (true) {
    switch (kind()) {
      case TokenKind::kDot:
        scan(false);
        if (kind() != TokenKind::kIdentifier && !is_ref_keyword(kind())) {
          illegal("expected identifier");
          return nullptr;
        }
        ref.push_back(ast_.string(state_.token.text, here()));
        scan(false);
        break;
      case TokenKind::kLeftParen: {
        Term* call = parse_call(ast_.ref(ref, span(place, offset, here().begin)), offset);
        if (call == nullptr) return nullptr;
        if (kind() == TokenKind::kSpace) {
          scan();
        } else if (at({TokenKind::kDot, TokenKind::kLeftBracket})) {
          call = parse_ref(call, offset);
        }
        return call;
      }
      case TokenKind::kLeftBracket: {
        scan();
        Term* step = parse_infix(true);
        if (step == nullptr) return nullptr;
        if (kind() != TokenKind::kRightBracket) {
          illegal("expected [");
          return nullptr;
        }
        ref.push_back(step);
        scan(false);
        break;
      }
      default: {
        const Location all = span(place, offset, state_.last_end);
        if (kind() == TokenKind::kSpace) scan();
        return ast_.ref(std::move(ref), all);
      }
    }
  }
}

}  // namespace kubegate::rego
