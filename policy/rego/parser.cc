// Statements: packages, imports and rules, and what makes a module of them.
//
// A statement is tried as a package, an import, a rule and at last as a body; a body alone is how old policies write
// rules without one (`p = 1`, `p[x]`, `f(x) = y`). Rule: OPA's parser.go and parser_ext.go.
#include "policy/rego/parser.h"

#include <algorithm>
#include <utility>

#include "policy/rego/parse_state.h"
#include "policy/rego/visit.h"

namespace kubegate::rego {

Parser::Parser(Ast& ast, std::uint32_t file, RegoVersion version, RegoErrors& errors)
    : ast_(ast), file_(file), version_(version), errors_(errors), first_error_(errors.size()),
      lexer_(ast.source(file).text, file) {
  state_.position = lexer_.position();
  state_.keywords = version == RegoVersion::kV0 ? kV0Keywords : kV0Keywords | kV1Keywords;
  state_.errors = first_error_;
  // Every token is read a few times when tries fail; a text that wants more is refused, so that none takes forever.
  max_scans_ = 10000 + 400 * ast.source(file).text.size();
  scan();
}

Parser::Depth::Depth(Parser& parser) : parser_(parser) {
  ok_ = ++parser_.depth_ <= kMaxParseDepth;
  if (!ok_) parser_.error(parser_.here(), "max parsing recursion depth exceeded");
}

// Operators nest to the left without the parser going deeper, and paths have any length: both would make trees that
// nobody can walk by recursion.
bool Parser::nests_well(const Term* term, const Location& place) {
  if (term == nullptr) return true;
  const Ref* path = term->is_ref() ? &term->terms : term->kind == TermKind::kCall ? &term->terms[0]->terms : nullptr;
  const bool ok = (path == nullptr || path->size() <= kMaxParseDepth) && !nested_deeper(term, kMaxParseDepth);
  if (!ok) error(place, "max parsing recursion depth exceeded");
  return ok;
}

void Parser::scan(bool skip_space, bool continue_template, bool raw) {
  if (kind() != TokenKind::kSpace) {
    state_.last_end = state_.token_end;
    state_.skipped_newline = false;
  }
  lexer_.set_position(state_.position);
  while (true) {
    const char* fault = nullptr;
    if (++scans_ > max_scans_) {
      state_.token.kind = TokenKind::kEnd;
      if (scans_ == max_scans_ + 1) error(here(), "expression too ambiguous to parse");
      return;
    }
    if (continue_template) {
      lexer_.next_template(raw, state_.token, fault);
    } else {
      lexer_.next(state_.keywords, state_.token, fault);
    }
    state_.position = lexer_.position();
    state_.token_end = state_.position.offset;
    if (fault != nullptr) error(here(), fault);
    if (kind() == TokenKind::kSpace) {
      if (state_.token.text == "\n") state_.skipped_newline = true;
      if (skip_space) continue;
    }
    if (kind() != TokenKind::kComment) return;
    comments_.emplace(here().begin, Comment{here(), state_.token.text});
  }
}

Parser::State Parser::save() const {
  State out = state_;
  out.errors = errors_.size();
  return out;
}

void Parser::restore(const State& state) {
  state_ = state;
  errors_.resize(std::min(errors_.size(), state.errors));
}

bool Parser::at(std::initializer_list<TokenKind> kinds) const {
  return std::find(kinds.begin(), kinds.end(), kind()) != kinds.end();
}

// A location with the row and column of `begin` and the bytes [from, end).
Location Parser::span(const Location& begin, std::uint32_t from, std::uint32_t end) const {
  Location out = begin;
  out.begin = std::min(from, end);
  out.length = end - out.begin;
  return out;
}

// The kind of the token right behind the current one, white space included.
TokenKind Parser::peek_adjacent() {
  const State before = save();
  scan(false);
  const TokenKind out = kind();
  restore(before);
  return out;
}

// Keywords may be steps of a reference, and its head where a step follows.
bool Parser::is_ref_keyword(TokenKind kind) const {
  return kind >= TokenKind::kPackage && kind <= TokenKind::kLogicalOr;
}

// Makes a keyword that heads a reference (`not.foo`) an identifier.
bool Parser::scan_ahead_ref() {
  if (!is_ref_keyword(kind())) return false;
  const TokenKind next = peek_adjacent();
  if (next != TokenKind::kDot && next != TokenKind::kLeftBracket) return false;
  state_.token.kind = TokenKind::kIdentifier;
  return true;
}

namespace {

// The line of a place without its leading tabs, and a mark below the place; of white space what stands before it.
// Rule: newParserErrorDetail and ParserErrorDetail.Lines of OPA's ast.
std::vector<std::string> shown_line(std::string_view text, std::size_t offset) {
  constexpr std::string_view kSpace = " \t\n\v\f\r";
  if (text.empty()) return {"", "^"};
  offset = std::min(offset, text.size() - 1);
  while (offset > 0 && kSpace.find(text[offset]) != std::string_view::npos) --offset;
  std::size_t begin = text.find_last_of("\r\n", offset);
  begin = begin == std::string_view::npos ? 0 : std::min(begin + 1, offset);
  const std::size_t end = std::min(text.find_first_of("\r\n", offset), text.size());
  std::string_view line = text.substr(begin, end - begin);
  const std::size_t tabs = std::min(line.find_first_not_of('\t'), line.size());
  line.remove_prefix(tabs);
  constexpr std::size_t kMaxLine = 1000;
  const std::size_t indent = offset - begin - std::min(tabs, offset - begin);
  if (line.size() > kMaxLine) return {};
  return {std::string(line), std::string(indent, ' ') + "^"};
}

}  // namespace

void Parser::error(const Location& location, std::string message) {
  if (!hint_.empty()) message += " (hint: " + std::exchange(hint_, {}) + ")";
  errors_.push_back({kParseError, std::move(message), location, ast_.source(file_).name, {}});
}

// Only now that no error is taken back any more: lines may be long.
void Parser::show_lines() {
  if (has_faults_) return;
  for (std::size_t i = first_error_; i < errors_.size(); ++i) {
    if (errors_[i].location.row == 0) continue;
    errors_[i].details = shown_line(ast_.source(file_).text, errors_[i].location.begin);
  }
}

void Parser::illegal(std::string_view note) {
  if (kind() == TokenKind::kIllegal) {
    error(here(), "illegal token");
    return;
  }
  const std::string name(token_name(kind()));
  const bool keyword = keyword_of(name) != TokenKind::kIdentifier;
  std::string message = "unexpected " + name + (keyword ? " keyword" : " token");
  if (!note.empty()) message.append(": ").append(note);
  error(here(), std::move(message));
}

Body Parser::true_body(const Location& location) { return {ast_.term_expr(ast_.boolean(true, location))}; }

bool Parser::parse_package(Module& module) {
  if (kind() != TokenKind::kPackage) return false;
  const Location place = here();
  const TokenKind next = peek_adjacent();
  if (next == TokenKind::kDot || next == TokenKind::kLeftBracket) return false;
  scan();
  if (kind() != TokenKind::kIdentifier && !is_ref_keyword(kind())) {
    illegal();
    return false;
  }
  state_.token.kind = TokenKind::kIdentifier;
  Term* path = parse_term();
  if (path == nullptr || !nests_well(path, place)) return false;
  Term* root = ast_.var("data", path->location);
  if (path->is_var()) {
    module.package = {root, ast_.string(path->text, path->location)};
  } else if (path->is_ref()) {
    Term* first = path->terms[0];
    if (!first->is_var()) {
      error(first->location, "unexpected " + std::string(kind_name(first->kind)) + " token: expecting var");
      return false;
    }
    Ref package = {root, ast_.string(first->text, first->location)};
    for (std::size_t i = 1; i < path->terms.size(); ++i) {
      Term* step = path->terms[i];
      if (!step->is_string()) {
        error(step->location, "unexpected " + std::string(kind_name(step->kind)) + " token: expecting string");
        return false;
      }
      package.push_back(step);
    }
    module.package = std::move(package);
  } else {
    illegal();
    return false;
  }
  module.package_location = place;
  return true;
}

Import* Parser::parse_import() {
  if (kind() != TokenKind::kImport) return nullptr;
  const Location place = here();
  const TokenKind next = peek_adjacent();
  if (next == TokenKind::kDot || next == TokenKind::kLeftBracket) return nullptr;
  scan();
  if (kind() != TokenKind::kIdentifier && !is_ref_keyword(kind())) {
    illegal();
    return nullptr;
  }
  state_.token.kind = TokenKind::kIdentifier;
  Term* path = parse_term();
  if (path == nullptr) return nullptr;
  Import* out = ast_.import(place);
  if (path->is_var()) {
    out->path = {path};
  } else if (path->is_ref()) {
    for (std::size_t i = 1; i < path->terms.size(); ++i) {
      Term* step = path->terms[i];
      if (!step->is_string()) {
        error(step->location, "unexpected " + std::string(kind_name(step->kind)) + " token: expecting string");
        return nullptr;
      }
    }
    out->path = path->terms;
  } else {
    error(here(), "expected path");
    return nullptr;
  }
  const std::string& root = out->path[0]->text;
  const bool rooted =
      out->path[0]->is_var() && (root == "data" || root == "input" || root == "future" || root == "rego");
  if (!rooted) {
    hint_ = "if this is unexpected, try updating OPA";
    error(path->location, "unexpected import path, must begin with one of: {data, future, input, rego}, got: " +
                              to_string(out->path[0]));
    return nullptr;
  }
  if (kind() == TokenKind::kAs) {
    scan();
    if (kind() != TokenKind::kIdentifier) {
      illegal("expected var");
      return nullptr;
    }
    Term* alias = parse_term();
    if (alias == nullptr || !alias->is_var()) {
      illegal("expected var");
      return nullptr;
    }
    out->alias = alias->text;
    return out;
  }
  // The last step becomes a name, which no keyword can be.
  if (root != "future") {
    const Term* last = out->path.back();
    const TokenKind word = keyword_of(last->text);
    const Keywords all = version_ == RegoVersion::kV0 ? kV0Keywords : kV0Keywords | kV1Keywords;
    if (word != TokenKind::kIdentifier && (all & keyword_bit(word)) != 0) {
      error(last->location, "unexpected import path, must not end with a keyword, got: " + last->text);
    }
  }
  return out;
}

// Imports from `future` and `rego` change the language of what follows.
void Parser::use_import(const Import& import) {
  const Location& place = import.path[0]->location;
  const std::string& root = import.path[0]->text;
  if (root == "rego") {
    const std::string version = import.path.size() == 2 ? import.path[1]->text : "";
    if (version != "v1" && version != "v2") {
      return error(place, "invalid import `" + to_string(import.path) + "`, must be `rego.v1`");
    }
    if (version == "v1" && version_ == RegoVersion::kV1) return;
    if (!import.alias.empty()) return error(place, "`rego` imports cannot be aliased");
    state_.keywords |= kV1Keywords;
    if (version == "v2") {
      state_.keywords |= kLogicalKeywords;
      state_.not_bodies = true;
    }
  } else {
    if (import.path.size() < 2 || import.path[1]->text != "keywords") {
      return error(place, "invalid import, must be `future.keywords`");
    }
    if (!import.alias.empty()) return error(place, "`future` imports cannot be aliased");
    if (import.path.size() == 2) {
      state_.keywords |= kV1Keywords | kLogicalKeywords;
      state_.not_bodies = true;
    } else if (import.path.size() == 3) {
      const std::string& name = import.path[2]->text;
      const TokenKind word = keyword_of(name);
      if (word == TokenKind::kNot) {
        state_.not_bodies = true;
      } else if (word != TokenKind::kIdentifier && ((kV1Keywords | kLogicalKeywords) & keyword_bit(word)) != 0) {
        state_.keywords |= keyword_bit(word);
        if (word == TokenKind::kEvery) state_.keywords |= keyword_bit(TokenKind::kIn);
      } else {
        return error(place, "unexpected keyword, must be one of [and contains every if in not or]");
      }
    }
  }
  // The token ahead, and what was read before, may be something else by now.
  known_terms_.clear();
  known_bodies_.clear();
  if (at({TokenKind::kIdentifier})) {
    const TokenKind word = keyword_of(state_.token.text);
    if (word != TokenKind::kIdentifier && (state_.keywords & keyword_bit(word)) != 0) state_.token.kind = word;
  }
}

std::vector<Rule*> Parser::parse_rules() {
  const Location place = here();
  scan_ahead_ref();
  bool is_default = false;
  if (kind() == TokenKind::kDefault) {
    scan();
    is_default = true;
    scan_ahead_ref();
  }
  if (kind() != TokenKind::kIdentifier) return {};
  Rule* rule = ast_.rule(place);
  rule->is_default = is_default;
  Head& head = rule->head;
  HeadForm form;
  if (!parse_head(head, form, is_default)) return {};
  if (is_default) {
    rule->location = span(place, place.begin, state_.last_end);
    if (!check_default_value(*rule) || !check_default_args(*rule)) return {};
    rule->body = true_body(rule->location);
    return {rule};
  }
  const bool has_if = kind() == TokenKind::kIf && !scan_ahead_ref();
  const bool two_steps = head.reference.size() == 2;
  if (has_if && !form.contains && two_steps && head.value == nullptr) {
    head.generated_value = true;
    head.value = ast_.boolean(true, head.location);
  }
  if (!has_if && !form.contains && !head.is_function && two_steps) {  // p[x] without `if`
    form.has_key = true;
    if (head.value == nullptr) {
      head.key = head.reference[1];
      head.reference.pop_back();
    }
  }
  bool body_read = false;
  if (has_if) {
    head.has_if = true;
    scan();
    const State before = save();
    Expr* expr = parse_literal();
    // A set is always true: `p if { true }` means the body.
    if (expr != nullptr && !(expr->kind == ExprKind::kTerm && expr->terms[0]->kind == TermKind::kSet)) {
      rule->body = {expr};
      body_read = true;
    } else {
      restore(before);
    }
  }
  if (!body_read) {
    if (has_if || kind() == TokenKind::kLeftBrace) {
      scan();
      rule->body = parse_body(TokenKind::kRightBrace);
      if (rule->body.empty()) return {};
      scan();
    } else if (form.contains) {
      rule->body = true_body(place);
      rule->generated_body = true;
      rule->location = head.location;
      return {rule};
    } else {
      return {};
    }
  }
  if (kind() == TokenKind::kElse && !scan_ahead_ref()) {
    if (head.reference.size() > 1 && !is_ground(head.reference)) {
      error(here(), "else keyword cannot be used on rules with variables in head");
      return {};
    }
    if (head.key != nullptr || form.has_key) {
      error(here(), "else keyword cannot be used on multi-value rules");
      return {};
    }
    rule->otherwise = parse_else(head);
    if (rule->otherwise == nullptr) return {};
  }
  rule->location = span(place, place.begin, state_.last_end);
  std::vector<Rule*> rules = {rule};
  while (kind() == TokenKind::kLeftBrace) {  // p { … } { … }
    if (rule->otherwise != nullptr) {
      error(here(), "expected else keyword");
      return {};
    }
    const Location begin = here();
    Rule* next = ast_.rule(begin);
    scan();
    next->body = parse_body(TokenKind::kRightBrace);
    if (next->body.empty()) return {};
    scan();
    next->location = span(begin, begin.begin, state_.last_end);
    next->head = ast_.copy(head);
    next->head.location = next->location;
    for (Term* arg : next->head.args) {
      if (arg->is_var() && is_wildcard(arg->text)) arg->text = next_wildcard();
    }
    rules.push_back(next);
  }
  return rules;
}

Rule* Parser::parse_else(const Head& head) {
  const Depth depth(*this);
  if (!depth) return nullptr;
  const Location place = here();
  Rule* rule = ast_.rule(place);
  rule->is_else = true;
  Head bare = head;  // its own value follows
  bare.value = nullptr;
  rule->head = ast_.copy(bare);
  rule->head.generated_value = false;
  rule->head.has_if = false;
  for (Term* arg : rule->head.args) {
    if (arg->is_var() && is_wildcard(arg->text)) arg->text = next_wildcard();
  }
  rule->head.location = place;
  scan();
  switch (kind()) {
    case TokenKind::kLeftBrace:
    case TokenKind::kIf:
      rule->head.generated_value = true;
      rule->head.value = ast_.boolean(true, place);
      break;
    case TokenKind::kAssign:
    case TokenKind::kUnify:
      rule->head.assign = kind() == TokenKind::kAssign;
      scan();
      rule->head.value = parse_infix(true);
      if (rule->head.value == nullptr || !nests_well(rule->head.value, place)) return nullptr;
      break;
    default: illegal("expected else value term or rule body"); return nullptr;
  }
  const bool has_if = kind() == TokenKind::kIf;
  if (!has_if && kind() != TokenKind::kLeftBrace) {
    rule->location = span(place, place.begin, state_.last_end);
    rule->body = true_body(rule->location);
    rule->generated_body = true;
    return rule;
  }
  if (has_if) {
    rule->head.has_if = true;
    scan();
  }
  if (kind() == TokenKind::kEnd) {
    illegal("rule body expected");
    return nullptr;
  }
  bool body_read = false;
  if (kind() == TokenKind::kLeftBrace) {
    // `else if { a } and { b }` is one expression.
    if (has_if && (state_.keywords & kLogicalKeywords) != 0) {
      const State before = save();
      Expr* expr = parse_literal();
      if (expr != nullptr && (expr->kind == ExprKind::kAnd || expr->kind == ExprKind::kOr)) {
        rule->body = {expr};
        body_read = true;
      } else {
        restore(before);
      }
    }
    if (!body_read) {
      scan();
      rule->body = parse_body(TokenKind::kRightBrace);
      if (rule->body.empty()) return nullptr;
      scan();
    }
  } else {
    Expr* expr = parse_literal();
    if (expr == nullptr) return nullptr;
    rule->body = {expr};
  }
  if (kind() == TokenKind::kElse && !scan_ahead_ref()) {
    rule->otherwise = parse_else(head);
    if (rule->otherwise == nullptr) return nullptr;
  }
  rule->location = span(place, place.begin, state_.last_end);
  return rule;
}

bool Parser::parse_head(Head& head, HeadForm& form, bool is_default) {
  const Location place = here();
  Term* name = parse_term_end(parse_var(), true);
  if (name != nullptr && !nests_well(name, place)) return false;
  if (name == nullptr) {
    illegal("expected rule head name");
    return false;
  }
  if (name->is_var()) {
    head.reference = {name};
  } else if (name->is_ref()) {
    head.reference = name->terms;
  } else if (name->kind == TermKind::kCall) {
    head.reference = name->terms[0]->terms;
    head.args.assign(name->terms.begin() + 1, name->terms.end());
    head.is_function = !head.args.empty();
    if (!head.reference[0]->is_var()) {
      illegal("rule head ref " + to_string(head.reference) + " invalid");
      return false;
    }
  } else {
    return false;
  }
  if (!head.reference[0]->is_var()) {
    illegal("rule head ref " + to_string(head.reference) + " invalid");
    return false;
  }
  const std::string text = to_string(head.reference);
  switch (kind()) {
    case TokenKind::kContains:
      if (head.is_function) {
        illegal("the contains keyword can only be used with multi-value rule definitions (e.g., " + text +
                " contains <VALUE> { ... })");
      }
      scan();
      head.key = parse_infix(true);
      if (head.key == nullptr) illegal("expected rule key term (e.g., " + text + " contains <VALUE> { ... })");
      form.contains = head.has_contains = true;
      head.location = span(place, place.begin, state_.last_end);
      return head.key != nullptr && nests_well(head.key, place);
    case TokenKind::kUnify:
      scan();
      head.value = parse_infix(true);
      if (head.value == nullptr)
        illegal("expected rule value term (e.g., " + text + "[%!s(*ast.Term=<nil>)] = <VALUE> { ... })");
      break;
    case TokenKind::kAssign:
      scan();
      head.assign = true;
      head.value = parse_infix(true);
      if (head.value == nullptr) {
        if (head.is_function) {
          illegal("expected function value term (e.g., " + text + "(...) := <VALUE> { ... })");
        } else if (is_default) {
          illegal("expected default rule value term (e.g., default " + text + " := <VALUE>)");
        } else {
          illegal("expected rule value term (e.g., " + text + " := <VALUE> { ... })");
        }
      }
      break;
    default: break;
  }
  if (failed() || !nests_well(head.value, place)) return false;
  head.location = span(place, place.begin, state_.last_end);
  if (head.value == nullptr && (head.reference.size() != 2 || head.is_function) && !is_default) {
    head.generated_value = true;
    head.value = ast_.boolean(true, head.location);
  }
  return true;
}

namespace {

// The first ref, var or call in a term, closures left out.
const Term* find_evaluated(const Term* term) {
  if (term->is_comprehension()) return nullptr;
  if (term->is_ref() || term->is_var() || term->kind == TermKind::kCall) return term;
  for (const Term* inner : term->terms) {
    if (const Term* found = find_evaluated(inner)) return found;
  }
  return nullptr;
}

}  // namespace

bool Parser::check_default_value(const Rule& rule) {
  if (rule.head.value == nullptr) {
    error(rule.location, "illegal default rule (must have a value)");
    return false;
  }
  if (const Term* found = find_evaluated(rule.head.value)) {
    error(rule.location, "illegal default rule (value cannot contain " + std::string(kind_name(found->kind)) + ")");
    return false;
  }
  return true;
}

bool Parser::check_default_args(const Rule& rule) {
  for (std::size_t i = 0; i < rule.head.args.size(); ++i) {
    const Term* arg = rule.head.args[i];
    if (!arg->is_var()) {
      error(rule.location, "illegal default rule (arguments cannot contain " + std::string(kind_name(arg->kind)) + ")");
      return false;
    }
    for (std::size_t j = 0; j < i; ++j) {
      if (rule.head.args[j]->text != arg->text) continue;
      error(rule.location, "illegal default rule (arguments cannot be repeated " + arg->text + ")");
      return false;
    }
  }
  return true;
}

// A body that stands where a rule could be: the rule that it writes without one. Rule: ParseRuleFromBody.
Rule* Parser::rule_from_body(const Body& body, RegoErrors& errors) {
  const Expr* expr = body[0];
  const auto refuse = [&](std::string message) {
    errors.push_back({kParseError, std::move(message), expr->location, ast_.source(file_).name, {}});
    return nullptr;
  };
  if (body.size() != 1) return refuse("multiple expressions cannot be used for rule head");
  if (!expr->with.empty()) return refuse("expressions using with keyword cannot be used for rule head");
  if (expr->negated) return refuse("negated expressions cannot be used for rule head");
  if (expr->kind == ExprKind::kSome) return refuse("'some' declarations cannot be used for rule head");
  if (expr->kind != ExprKind::kTerm && expr->kind != ExprKind::kCall) {
    return refuse("expression cannot be used for rule head");
  }
  Rule* rule = ast_.rule(expr->location);
  Head& head = rule->head;
  head.location = expr->location;
  rule->body = true_body(expr->location);
  rule->generated_body = true;
  if (expr->kind == ExprKind::kTerm) {
    const Term* term = expr->terms[0];
    if (!term->is_ref()) return refuse(std::string(kind_name(term->kind)) + " cannot be used for rule name");
    if (term->terms.size() == 1) return refuse("refs cannot be used for rule head");
    if (!term->terms[0]->is_var()) return refuse("invalid rule head: " + to_string(term));
    head.reference = term->terms;
    if (head.reference.size() == 2) {  // p[x]: a member of the set p
      head.key = head.reference[1];
      head.reference.pop_back();
    } else {
      head.value = ast_.boolean(true, expr->location);
      head.generated_value = true;
    }
    return rule;
  }
  if (expr->is_call_of("eq") || expr->is_call_of("assign")) {
    if (expr->terms.size() != 3) return refuse("assignment requires two operands");
    const Term* left = expr->terms[1];
    head.value = expr->terms[2];
    head.assign = expr->is_call_of("assign");
    if (left->kind == TermKind::kCall) {
      head.reference = left->terms[0]->terms;
      head.args.assign(left->terms.begin() + 1, left->terms.end());
      head.is_function = !head.args.empty();
    } else if (left->is_ref()) {
      head.reference = left->terms;
    } else if (left->is_var()) {
      head.reference = {expr->terms[1]};
    } else {
      return refuse(std::string(kind_name(left->kind)) + " cannot be used for rule name");
    }
    if (!head.reference[0]->is_var()) return refuse("invalid rule head: " + to_string(head.reference));
    return rule;
  }
  if (expr->terms.size() < 2) return refuse("rule argument list must take at least one argument");
  head.reference = expr->terms[0]->terms;
  if (!head.reference[0]->is_var()) return refuse("invalid rule head: " + to_string(head.reference));
  head.args.assign(expr->terms.begin() + 1, expr->terms.end());
  head.is_function = true;
  head.value = ast_.boolean(true, expr->location);
  return rule;
}

// What v1 asks of a rule beyond v0. Rule: checkRegoV1Rule.
void Parser::check_v1(const Rule& rule, RegoErrors& errors) {
  const Head& head = rule.head;
  const std::string what = head.is_function ? "function" : "rule";
  const auto refuse = [&](std::string message) {
    errors.push_back({kParseError, std::move(message), rule.location, ast_.source(file_).name, {}});
  };
  if (head.reference.size() == 1) {
    const TokenKind word = keyword_of(head.reference[0]->text);
    if (word != TokenKind::kIdentifier && ((kV0Keywords | kV1Keywords) & keyword_bit(word)) != 0) {
      refuse(head.reference[0]->text + " keyword cannot be used for rule name");
    }
  }
  if (rule.generated_body && head.generated_value) {
    refuse(what + " must have value assignment and/or body declaration");
  }
  if (!rule.generated_body && !head.has_if && !rule.is_default) {
    refuse("`if` keyword is required before " + what + " body");
  }
  if (rule.is_multi_value() && !head.has_contains) {
    refuse("`contains` keyword is required for partial set rules");
  }
}

Module* Parser::module() {
  Module* module = ast_.module();
  module->file = file_;
  module->version = version_;
  module->location = here();
  bool first = true;
  // Faults of statements that parse are collected; a syntax error ends the reading.
  RegoErrors faults;
  const auto fault = [&](const Location& location, std::string message) {
    faults.push_back({kParseError, std::move(message), location, ast_.source(file_).name, {}});
  };
  const auto lacks_package = [&](const Location& location) {
    if (std::exchange(first, false)) fault(location, "package expected");
  };
  while (kind() != TokenKind::kEnd && !failed()) {
    const State before = save();
    const Location place = here();
    if (kind() == TokenKind::kPackage) {
      Module other;
      if (parse_package(first ? *module : other)) {
        if (!std::exchange(first, false)) fault(place, "unexpected package");
        continue;
      }
      if (failed()) break;
      restore(before);
    }
    if (Import* import = parse_import()) {
      lacks_package(place);
      const std::string& root = import->path[0]->text;
      if (root == "future" || root == "rego") use_import(*import);
      module->imports.push_back(import);
      if (root == "rego" && module->version == RegoVersion::kV0) module->version = RegoVersion::kV0CompatV1;
      continue;
    }
    if (failed()) break;
    restore(before);
    if (const std::vector<Rule*> rules = parse_rules(); !rules.empty()) {
      lacks_package(place);
      module->rules.insert(module->rules.end(), rules.begin(), rules.end());
      continue;
    }
    if (failed()) break;
    restore(before);
    const Body body = parse_literals(true, TokenKind::kEnd);
    if (body.empty()) break;
    lacks_package(place);
    if (Rule* rule = rule_from_body(body, faults)) module->rules.push_back(rule);
  }
  if (failed()) return nullptr;
  if (first) {
    error({file_, 0, 0, 0, 0}, "empty module");
    return nullptr;
  }
  for (auto& [offset, comment] : comments_) module->comments.push_back(std::move(comment));
  for (Rule* rule : module->rules) {
    for (Rule* branch = rule; branch != nullptr; branch = branch->otherwise) {
      branch->module = module;
      if (module->version != RegoVersion::kV0) check_v1(*branch, faults);
    }
  }
  if (faults.empty()) attach_annotations(ast_, *module, faults);
  errors_.insert(errors_.end(), faults.begin(), faults.end());
  has_faults_ = !faults.empty();
  return failed() ? nullptr : module;
}

Body Parser::query() {
  Body out;
  while (kind() != TokenKind::kEnd && !failed()) {
    const Body body = parse_literals(true, TokenKind::kEnd);
    if (body.empty()) return {};
    for (Expr* expr : body) {
      expr->index = static_cast<std::uint32_t>(out.size());
      out.push_back(expr);
    }
  }
  if (!failed() && out.empty()) error(here(), "found empty body");
  return failed() ? Body() : out;
}

namespace {

// Runs a parser to its end, or to the limit of the tree.
template <class Result>
Result parse(Ast& ast, std::uint32_t file, RegoVersion version, RegoErrors& errors, Result (Parser::*what)()) {
  try {
    Parser parser(ast, file, version, errors);
    Result result = (parser.*what)();
    parser.show_lines();
    return result;
  } catch (const TooManyNodes& limit) {
    errors.push_back({kParseError, limit.what(), {file, 0, 0, 0, 0}, ast.source(file).name, {}});
    return Result();
  }
}

}  // namespace

Module* parse_module(Ast& ast, std::string name, std::string text, RegoVersion version, RegoErrors& errors) {
  const std::uint32_t file = ast.add_source(std::move(name), std::move(text));
  return parse(ast, file, version, errors, &Parser::module);
}

Body parse_query(Ast& ast, std::string text, RegoVersion version, RegoErrors& errors) {
  const std::uint32_t file = ast.add_source("", std::move(text));
  return parse(ast, file, version, errors, &Parser::query);
}

}  // namespace kubegate::rego
