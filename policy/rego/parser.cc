// Statements: packages and imports, and what makes a module of them and of rules (parse_rule.cc).
//
// A statement is tried as a package, an import, a rule and at last as a body; a body alone is how old policies write
// rules without one (`p = 1`, `p[x]`, `f(x) = y`). Rule: OPA's parser.go and parser_ext.go.
#include "policy/rego/parser.h"

#include <algorithm>
#include <utility>

#include "policy/rego/parse_state.h"
#include "policy/rego/visit.h"

namespace kubegate::rego {

Parser::Parser(Ast& ast, std::uint32_t file, RegoVersion version, Annotations annotations, RegoErrors& errors)
    : ast_(ast), file_(file), version_(version), annotations_(annotations), errors_(errors),
      first_error_(errors.size()), lexer_(ast.source(file).text, file) {
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

// Operators nest to the left without the parser going deeper, which makes trees that nobody can walk by recursion.
bool Parser::nests_well(const Term* term, const Location& place) {
  if (term == nullptr || !nested_deeper(term, kMaxParseDepth)) return true;
  error(place, "max parsing recursion depth exceeded");
  return false;
}

// So do the names of packages and rules: each step is a level of the tree of documents. Other references have any
// length.
bool Parser::names_well(const Term* name, const Location& place) {
  const Ref* path = name->is_ref() ? &name->terms : name->kind == TermKind::kCall ? &name->terms[0]->terms : nullptr;
  if (path == nullptr || path->size() <= kMaxParseDepth) return nests_well(name, place);
  error(place, "a name of more than " + std::to_string(kMaxParseDepth) + " steps");
  return false;
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
  const bool keyword = keyword_of(name) == kind() && kind() != TokenKind::kIdentifier;
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
  if (path == nullptr || !names_well(path, place)) return false;
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
  if (path == nullptr) {
    error(here(), "expected path");
    return nullptr;
  }
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
    if (root == "future" || root == "rego") {
      error(here(), "`" + root + "` imports cannot be aliased");
      return nullptr;
    }
    if (state_.token.text == "data" || state_.token.text == "input") {
      error(here(), "unexpected import alias, must not be a reserved name, got: " + state_.token.text);
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
      return error(place, "invalid import `" + to_string(import.path) + "`, must be one of: `rego.v1`, `rego.v2`");
    }
    if (version == "v1" && version_ == RegoVersion::kV1) return;
    state_.keywords |= kV1Keywords;
    if (version == "v2") {
      state_.keywords |= kLogicalKeywords;
      state_.not_bodies = true;
    }
  } else {
    if (import.path.size() < 2 || import.path[1]->text != "keywords") {
      return error(place, "invalid import, must be `future.keywords`");
    }
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
    if (keyword_for_name(false)) break;
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
    if (Rule* rule = rule_from_body(body, module->version == RegoVersion::kV0, faults)) module->rules.push_back(rule);
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
  if (faults.empty() && annotations_ == Annotations::kRead) attach_annotations(ast_, *module, faults);
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
Result parse(Ast& ast, std::uint32_t file, RegoVersion version, Annotations annotations, RegoErrors& errors,
             Result (Parser::*what)()) {
  try {
    Parser parser(ast, file, version, annotations, errors);
    Result result = (parser.*what)();
    parser.show_lines();
    return result;
  } catch (const TooManyNodes& limit) {
    errors.push_back({kParseError, limit.what(), {file, 0, 0, 0, 0}, ast.source(file).name, {}});
    return Result();
  }
}

}  // namespace

Module* parse_module(Ast& ast, std::string name, std::string text, RegoVersion version, RegoErrors& errors,
                     Annotations annotations) {
  const std::uint32_t file = ast.add_source(std::move(name), std::move(text));
  return parse(ast, file, version, annotations, errors, &Parser::module);
}

Body parse_query(Ast& ast, std::string text, RegoVersion version, RegoErrors& errors) {
  const std::uint32_t file = ast.add_source("", std::move(text));
  return parse(ast, file, version, Annotations::kIgnored, errors, &Parser::query);
}

}  // namespace kubegate::rego
