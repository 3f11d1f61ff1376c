// Terms. The grammar is OPA's hand-written parser's: a `{` or `[` is first tried as a comprehension, whose head is a
// plain term, then as a collection of infix expressions; infix operators nest by level: `in`, relations, `|`, `&`,
// sums, products.
#include <array>
#include <cstdlib>
#include <span>

#include "policy/rego/parse_state.h"

namespace kubegate::rego {
namespace {

bool is_root_name(std::string_view name) { return name == "data" || name == "input"; }

void append_utf8(std::string& out, std::uint32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xc0 | c >> 6);
    out += static_cast<char>(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xe0 | c >> 12);
    out += static_cast<char>(0x80 | (c >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (c & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | c >> 18);
    out += static_cast<char>(0x80 | (c >> 12 & 0x3f));
    out += static_cast<char>(0x80 | (c >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (c & 0x3f));
  }
}

bool read_hex(std::string_view text, std::uint32_t& out) {
  if (text.size() < 4) return false;
  out = 0;
  for (const char c : text.substr(0, 4)) {
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return false;
    out = out << 4 | static_cast<std::uint32_t>(digit);
  }
  return true;
}

// The inside of a JSON string. Halves of surrogate pairs that stand alone become U+FFFD, as Go has it.
bool unescape(std::string_view text, std::string& out) {
  out.clear();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (static_cast<unsigned char>(text[i]) < 0x20) return false;
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    if (++i == text.size()) return false;
    switch (text[i]) {
      case '"':
      case '\\':
      case '/': out += text[i]; break;
      case 'b': out += '\b'; break;
      case 'f': out += '\f'; break;
      case 'n': out += '\n'; break;
      case 'r': out += '\r'; break;
      case 't': out += '\t'; break;
      case 'u': {
        std::uint32_t c;
        if (!read_hex(text.substr(i + 1), c)) return false;
        i += 4;
        if (c >= 0xd800 && c < 0xdc00 && text.substr(i + 1).starts_with("\\u")) {
          std::uint32_t low;
          if (read_hex(text.substr(i + 3), low) && low >= 0xdc00 && low < 0xe000) {
            c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
            i += 6;
          }
        }
        append_utf8(out, c >= 0xd800 && c < 0xe000 ? 0xfffd : c);
        break;
      }
      default: return false;
    }
  }
  return true;
}

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
  switch (kind()) {
    case TokenKind::kNull: term = ast_.null(here()); break;
    case TokenKind::kTrue: term = ast_.boolean(true, here()); break;
    case TokenKind::kFalse: term = ast_.boolean(false, here()); break;
    case TokenKind::kSub:
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

Term* Parser::parse_number() {
  const Location place = here();
  std::string text;
  if (kind() == TokenKind::kSub) {
    text = "-";
    scan();
    if (!at({TokenKind::kNumber, TokenKind::kDot})) {
      illegal("expected number");
      return nullptr;
    }
  }
  bool fraction = false;
  if (kind() == TokenKind::kDot) {
    text += ".";
    fraction = true;
    scan();
    if (kind() != TokenKind::kNumber) {
      illegal("expected number");
      return nullptr;
    }
  }
  const std::string& digits = state_.token.text;
  if (!fraction && digits.size() > 1 && digits[0] == '0' && digits[1] != '.' && digits[1] != 'e' && digits[1] != 'E') {
    illegal("expected number without leading zero");
    return nullptr;
  }
  if (fraction && digits.find('.') != std::string::npos) {
    illegal("invalid float");
    return nullptr;
  }
  text += digits;
  // OPA bounds the binary exponent by 1e5; here its decimal counterpart.
  const std::size_t e = text.find_first_of("eE");
  const std::size_t mantissa = std::min(e, text.size());
  if (text.find_first_of("123456789") < mantissa) {
    const long exponent = e == std::string::npos ? 0 : std::strtol(text.c_str() + e + 1, nullptr, 10);
    const std::size_t whole = std::min(text.find('.'), mantissa);
    if (exponent > 200000 || exponent < -200000 || exponent + static_cast<long>(whole) > 30103 || exponent < -30103) {
      error(here(), "number too big");
      return nullptr;
    }
  }
  return ast_.number(std::move(text), span(place, place.begin, state_.token_end));
}

Term* Parser::parse_string() {
  const std::string& text = state_.token.text;
  if (text.size() < 2) return nullptr;
  const std::string inner = text.substr(1, text.size() - 2);
  if (text[0] == '`') return ast_.string(inner, here());
  std::string decoded;
  if (!unescape(inner, decoded)) {
    error(here(), "illegal string literal: " + text);
    return nullptr;
  }
  return ast_.string(std::move(decoded), here());
}

Term* Parser::parse_template(bool raw) {
  const Location place = here();
  Term* out = ast_.term(TermKind::kTemplateString, place);
  out->raw = raw;
  while (true) {
    std::string text;
    if (raw) {
      text = state_.token.text;
    } else if (!unescape(state_.token.text, text)) {
      error(here(), "illegal template-string part: " + std::string(ast_.text(here())));
      return nullptr;
    }
    if (!text.empty()) out->parts.push_back({ast_.string(std::move(text), here()), nullptr});
    if (at({TokenKind::kTemplateEnd, TokenKind::kRawTemplateEnd})) break;
    if (!at({TokenKind::kTemplatePart, TokenKind::kRawTemplatePart})) {
      illegal("expected template-string part");
      return nullptr;
    }
    const std::size_t comments = comments_.size();
    scan();
    const bool commented = comments_.size() != comments;
    Expr* expr = parse_literal();
    if (expr == nullptr) {
      error(here(), "invalid template-string expression");
      return nullptr;
    }
    const auto refuse = [&](std::string message) {
      error(expr->location, std::move(message) + " in template-string expression");
      return nullptr;
    };
    if (expr->negated) return refuse("unexpected negation ('not')");
    if (expr->is_call_of("eq")) return refuse("unexpected unification ('=')");
    if (expr->is_call_of("assign")) return refuse("unexpected assignment (':=')");
    if (expr->kind == ExprKind::kEvery) return refuse("unexpected 'every'");
    if (expr->kind == ExprKind::kSome) return refuse("unexpected 'some'");
    if (expr->kind == ExprKind::kAnd) return refuse("unexpected 'and'");
    if (expr->kind == ExprKind::kOr) return refuse("unexpected 'or'");
    if (expr->kind == ExprKind::kTerm && expr->with.empty() && expr->terms[0]->is_scalar() && !commented) {
      out->parts.push_back({expr->terms[0], nullptr});
    } else {
      out->parts.push_back({nullptr, expr});
    }
    if (kind() != TokenKind::kRightBrace) {
      error(here(), "expected } to end template string expression");
      return nullptr;
    }
    scan(false, true, raw);
  }
  out->location = span(place, place.begin, state_.token_end);
  return out;
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
  bool relation = true;
  if (comprehension && at({TokenKind::kRightBrace, TokenKind::kComma, TokenKind::kOr})) {
    relation = kind() == TokenKind::kOr;
    if (Term* term = parse_object_end(key, value, true)) return term;
  }
  restore(start);
  if (relation) {
    value = parse_infix(false);
    if (value == nullptr) return nullptr;
    if (at({TokenKind::kRightBrace, TokenKind::kComma})) return parse_object_end(key, value, false);
  }
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
