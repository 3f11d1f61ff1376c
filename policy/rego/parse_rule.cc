// Rules: heads, bodies and else branches, and the rules that bodies alone stand for in old policies (`p = 1`, `p[x]`).
// Rule: parseRules, parseElse, parseHead of OPA's parser.go and ParseRuleFromBody of parser_ext.go.
#include <initializer_list>

#include "policy/rego/builtin.h"
#include "policy/rego/parse_state.h"
#include "policy/rego/visit.h"

namespace kubegate::rego {

std::vector<Rule*> Parser::parse_rules() {
  const Location place = here();
  scan_ahead_ref();
  bool is_default = false;
  if (kind() == TokenKind::kDefault) {
    scan();
    is_default = true;
    scan_ahead_ref();
  }
  if (kind() != TokenKind::kIdentifier) {
    if (is_default) keyword_for_name(true);
    return {};
  }
  Rule* rule = ast_.rule(place);
  rule->is_default = is_default;
  Head& head = rule->head;
  HeadForm form;
  if (!parse_head(head, form, is_default)) return {};
  if (is_default) {
    rule->location = span(place, place.begin, state_.last_end);
    if (!check_default_value(*rule) || !check_default_args(*rule)) return {};
    rule->body = true_body(place);
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
    const bool brace = kind() == TokenKind::kLeftBrace;
    Expr* expr = parse_literal();
    // A set is always true: `p if { true }` means the body.
    const bool set = expr != nullptr && expr->kind == ExprKind::kTerm && expr->terms[0]->kind == TermKind::kSet;
    if (expr != nullptr && !(brace && set)) {
      rule->body = {expr};
      body_read = true;
    } else if (!brace) {
      return {};
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

// All that follow, one behind the other: a chain may be longer than the stack is deep.
Rule* Parser::parse_else(const Head& head) {
  Rule* const first = parse_branch(head);
  // Behind a branch without a body there can be none.
  const auto goes_on = [&](const Rule* last) {
    return last != nullptr && !last->generated_body && kind() == TokenKind::kElse && !scan_ahead_ref();
  };
  for (Rule* last = first; goes_on(last);) {
    last = last->otherwise = parse_branch(head);
    if (last == nullptr) return nullptr;
  }
  for (Rule* rule = first; rule != nullptr; rule = rule->otherwise) {
    rule->location = span(rule->location, rule->location.begin, state_.last_end);
  }
  return first;
}

Rule* Parser::parse_branch(const Head& head) {
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
      rule->head.location = span(place, place.begin, state_.last_end);
      break;
    default: illegal("expected else value term or rule body"); return nullptr;
  }
  const bool has_if = kind() == TokenKind::kIf;
  if (!has_if && kind() != TokenKind::kLeftBrace) {
    rule->body = true_body(span(place, place.begin, state_.last_end));
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
  return rule;
}

// Tells of a keyword where the name of a rule should be: what follows leaves no doubt that it is a rule, and behind
// `default` there can be none. Rule: errKeywordRuleName.
bool Parser::keyword_for_name(bool is_default) {
  using enum TokenKind;
  static constexpr std::initializer_list<TokenKind> kRules = {kAssign, kUnify, kIf, kContains, kLeftParen},
                                                    kOperators = {kAssign, kUnify, kIf, kContains},
                                                    kPaths = {kAssign, kUnify, kLeftParen}, kHeads = {kIf, kContains};
  std::initializer_list<TokenKind> followers;
  switch (kind()) {
    case kEvery:
    case kIf:
    case kIn:
    case kSome:
    case kAs: followers = kRules; break;
    case kPackage:
    case kImport: followers = kPaths; break;
    case kNot:
    case kLogicalAnd:
    case kLogicalOr: followers = kOperators; break;
    case kContains: followers = kHeads; break;
    default: return false;
  }
  const TokenKind keyword = kind();
  const Location place = here();
  if (!is_default) {
    const State before = save();
    scan();
    const bool names = at(followers);
    restore(before);
    if (!names) return false;
  }
  error(place, std::string(token_name(keyword)) + " keyword cannot be used for rule name");
  return true;
}

bool Parser::parse_head(Head& head, HeadForm& form, bool is_default) {
  const Location place = here();
  Term* name = parse_term_end(parse_var(), true);
  if (name != nullptr && !names_well(name, place)) return false;
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
  if (head.reference[0]->kind == TermKind::kCall) {
    error(name->location, "invalid rule head: " + to_string(head.reference));
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
      if (head.value == nullptr) illegal("expected rule value term (e.g., " + text + "[<nil>] = <VALUE> { ... })");
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
  // Without a value what follows is read all the same, for the errors that are there.
  if (!nests_well(head.value, place)) return false;
  head.location = span(place, place.begin, state_.last_end);
  if (head.value == nullptr && (head.reference.size() != 2 || head.is_function)) {
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
Rule* Parser::rule_from_body(const Body& body, bool hints, RegoErrors& errors) {
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
    if (!term->is_ref()) {
      std::string message = std::string(kind_name(term->kind)) + " cannot be used for rule name";
      if (hints && term->is_var()) {
        // A keyword that is off is a variable, as is the name in front of it.
        const std::string& word = term->text == "if" || term->text == "contains" ? term->text : state_.token.text;
        if (word == "if") message += " (hint: `import future.keywords.if` for `p if { ... }` rules)";
        if (word == "contains") message += " (hint: `import future.keywords.contains` for `p contains x` rules)";
      }
      return refuse(std::move(message));
    }
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
    rule->body = true_body(head.value->location);
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
  if (find_builtin(to_string(expr->terms[0]->terms)) != nullptr) {
    return refuse("rule name conflicts with built-in function");
  }
  if (expr->terms.size() < 2) return refuse("rule argument list must take at least one argument");
  head.reference = expr->terms[0]->terms;
  if (!head.reference[0]->is_var()) return refuse("invalid rule head: " + to_string(head.reference));
  head.location = expr->terms[0]->location;
  rule->body = true_body(head.location);
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

}  // namespace kubegate::rego
