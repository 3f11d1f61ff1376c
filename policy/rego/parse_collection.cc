// Arrays, sets, objects and their comprehensions. As in OPA's parser a `{` or `[` is first tried as a comprehension, whose
// head is a plain term, then as a collection of infix expressions.
#include <map>

#include "policy/rego/parse_state.h"

namespace kubegate::rego {

Term* Parser::parse_array() {
  const Depth depth(*this);
  if (!depth) return nullptr;
  const Location place = here();
  const auto all = [&] { return span(place, place.begin, state_.token_end); };
  scan();
  if (kind() == TokenKind::kRightBracket) return ast_.list(TermKind::kArray, {}, all());
  bool comprehension = true;
  if (kind() == TokenKind::kComma) {  // `[, x]` is allowed for old policies' sake
    comprehension = false;
    scan();
  }
  const State start = save();
  Term* head = parse_term();
  if (head == nullptr) return nullptr;
  std::vector<Term*> terms;
  switch (kind()) {
    case TokenKind::kRightBracket: return ast_.list(TermKind::kArray, {head}, all());
    case TokenKind::kComma:
      scan();
      terms = {head};
      if (!parse_list(TokenKind::kRightBracket, terms)) return nullptr;
      return ast_.list(TermKind::kArray, std::move(terms), all());
    case TokenKind::kOr:
      if (comprehension) {
        scan();
        if (Body body = parse_body(TokenKind::kRightBracket); !body.empty()) {
          return ast_.comprehension(TermKind::kArrayComprehension, {head}, std::move(body), all());
        }
        if (kind() != TokenKind::kComma) return nullptr;
      }
      break;
    default: break;
  }
  restore(start);
  if (!parse_list(TokenKind::kRightBracket, terms)) return nullptr;
  return ast_.list(TermKind::kArray, std::move(terms), all());
}

Term* Parser::parse_braces() {
  const Depth depth(*this);
  if (!depth) return nullptr;
  const Location place = here();
  const auto placed = [&](Term* term) {
    if (term != nullptr) term->location = span(place, place.begin, state_.token_end);
    return term;
  };
  scan();
  if (kind() == TokenKind::kRightBrace) return placed(ast_.list(TermKind::kObject, {}, place));
  bool comprehension = true;
  if (kind() == TokenKind::kComma) {
    comprehension = false;
    scan();
  }
  const State start = save();
  Term* head = parse_term();
  if (head == nullptr) return nullptr;
  switch (kind()) {
    case TokenKind::kOr:
      if (comprehension) return placed(parse_set(start, head, true));
      break;
    case TokenKind::kRightBrace:
    case TokenKind::kComma: return placed(parse_set(start, head, comprehension));
    case TokenKind::kColon: return placed(parse_object(head, comprehension));
    default: break;
  }
  restore(start);
  head = parse_infix(false);
  if (head == nullptr) return nullptr;
  switch (kind()) {
    case TokenKind::kRightBrace:
    case TokenKind::kComma: return placed(parse_set(start, head, false));
    case TokenKind::kColon: return placed(parse_object(head, comprehension));
    default: illegal("non-terminated set"); return nullptr;
  }
}

Term* Parser::parse_set(const State& start, Term* head, bool comprehension) {
  std::vector<Term*> terms = {head};
  switch (kind()) {
    case TokenKind::kRightBrace: return ast_.list(TermKind::kSet, std::move(terms), here());
    case TokenKind::kComma:
      scan();
      if (!parse_list(TokenKind::kRightBrace, terms)) return nullptr;
      return ast_.list(TermKind::kSet, std::move(terms), here());
    case TokenKind::kOr:
      if (comprehension) {
        scan();
        if (Body body = parse_body(TokenKind::kRightBrace); !body.empty()) {
          return ast_.comprehension(TermKind::kSetComprehension, {head}, std::move(body), here());
        }
        if (kind() != TokenKind::kComma) return nullptr;
      }
      restore(start);
      terms.clear();
      if (!parse_list(TokenKind::kRightBrace, terms)) return nullptr;
      return ast_.list(TermKind::kSet, std::move(terms), here());
    default: return nullptr;
  }
}

Term* Parser::parse_object(Term* key, bool comprehension) {
  scan();  // the colon
  const State start = save();
  Term* value = parse_term();
  if (value == nullptr) return nullptr;
  if (comprehension) {
    // There is no other way to read it, so its errors stand.
    if (at({TokenKind::kRightBrace, TokenKind::kComma})) return parse_object_end(key, value, true);
    if (kind() == TokenKind::kOr) {
      if (Term* term = parse_object_end(key, value, true)) return term;
    }
  }
  restore(start);
  value = parse_infix(false);
  if (value == nullptr) return nullptr;
  if (at({TokenKind::kRightBrace, TokenKind::kComma})) return parse_object_end(key, value, false);
  illegal("non-terminated object");
  return nullptr;
}

Term* Parser::parse_object_end(Term* key, Term* value, bool comprehension) {
  std::vector<Term*> pairs = {key, value};
  switch (kind()) {
    case TokenKind::kRightBrace: return object_of(pairs);
    case TokenKind::kOr:
      if (!comprehension) {
        illegal("non-terminated object");
        return nullptr;
      }
      scan();
      if (Body body = parse_body(TokenKind::kRightBrace); !body.empty()) {
        return ast_.comprehension(TermKind::kObjectComprehension, pairs, std::move(body), here());
      }
      return nullptr;
    case TokenKind::kComma: scan(); return parse_pairs(pairs) ? object_of(pairs) : nullptr;
    default: return nullptr;
  }
}

// Of equal keys the last value counts.
Term* Parser::object_of(const std::vector<Term*>& pairs) {
  Term* out = ast_.list(TermKind::kObject, {}, here());
  std::map<std::string, std::size_t> seen;  // text of a constant key → where its value stands
  for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
    if (pairs[i]->is_string()) {
      const auto [entry, fresh] = seen.emplace(pairs[i]->text, out->terms.size() + 1);
      if (!fresh) {
        out->terms[entry->second] = pairs[i + 1];
        continue;
      }
    }
    out->terms.push_back(pairs[i]);
    out->terms.push_back(pairs[i + 1]);
  }
  return out;
}

bool Parser::parse_list(TokenKind end, std::vector<Term*>& out) {
  while (kind() != end) {
    Term* term = parse_infix(false);
    if (term == nullptr) return false;
    out.push_back(term);
    if (kind() == end) return true;
    if (kind() != TokenKind::kComma) {
      illegal("expected \",\" or \"" + std::string(token_name(end)) + "\"");
      return false;
    }
    scan();
  }
  return true;
}

bool Parser::parse_pairs(std::vector<Term*>& out) {
  while (kind() != TokenKind::kRightBrace) {
    Term* key = parse_infix(false);
    if (key == nullptr) return false;
    if (kind() != TokenKind::kColon) {
      illegal("expected \":\"");
      return false;
    }
    scan();
    Term* value = parse_infix(false);
    if (value == nullptr) return false;
    out.push_back(key);
    out.push_back(value);
    if (kind() == TokenKind::kRightBrace) return true;
    if (kind() != TokenKind::kComma) {
      illegal("expected \",\" or \"}\"");
      return false;
    }
    scan();
  }
  return true;
}

}  // namespace kubegate::rego
