// The parser's inside: shared by parser.cc (statements), parse_expr.cc (bodies), parse_term.cc, parse_scalar.cc and
// parse_collection.cc (terms).
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "policy/rego/ast.h"
#include "policy/rego/lexer.h"
#include "policy/rego/parser.h"

namespace kubegate::rego {

class Parser {
 public:
  Parser(Ast& ast, std::uint32_t file, RegoVersion version, Annotations annotations, RegoErrors& errors);

  Module* module();
  Body query();
  // Gives the errors of the last of these the lines that they are in.
  void show_lines();

 private:
  // What going back restores.
  struct State {
    Lexer::Position position;
    Token token;
    std::uint32_t last_end = 0;   // behind the last token that is no white space
    std::uint32_t token_end = 0;  // behind the current one
    std::uint32_t wildcard = 0;   // the next number of a `_`
    std::size_t errors = 0;
    Keywords keywords = 0;
    bool skipped_newline = false;
    bool not_bodies = false;  // future.keywords.not: `not { … }`
  };
  struct Known {
    Term* term;
    State after;
  };
  struct KnownBody {
    Body body;  // empty: none here
    State after;
  };
  // Counts one level of nesting; false, with an error, when there are too many.
  class Depth {
   public:
    explicit Depth(Parser& parser);
    ~Depth() { --parser_.depth_; }
    explicit operator bool() const { return ok_; }

   private:
    Parser& parser_;
    bool ok_;
  };
  struct HeadForm {
    bool contains = false;
    bool has_key = false;  // p[k]: the key is part of the reference
  };

  // Scanning.
  void scan(bool skip_space = true, bool continue_template = false, bool raw = false);
  State save() const;
  void restore(const State& state);
  TokenKind kind() const { return state_.token.kind; }
  bool at(std::initializer_list<TokenKind> kinds) const;
  const Location& here() const { return state_.token.location; }
  Location span(const Location& begin, std::uint32_t from, std::uint32_t end) const;
  TokenKind peek_adjacent();
  bool is_ref_keyword(TokenKind kind) const;
  bool scan_ahead_ref();

  // Errors.
  void error(const Location& location, std::string message);
  void illegal(std::string_view note = {});
  // Whether the tree below is one that a recursion may walk; an error where not.
  bool nests_well(const Term* term, const Location& place);
  bool names_well(const Term* name, const Location& place);
  bool failed() const { return errors_.size() > first_error_; }

  // Statements (parser.cc).
  bool parse_package(Module& module);
  Import* parse_import();
  void use_import(const Import& import);
  std::vector<Rule*> parse_rules();
  bool parse_head(Head& head, HeadForm& form, bool is_default);
  Rule* parse_else(const Head& head);
  Rule* parse_branch(const Head& head);
  bool check_default_value(const Rule& rule);
  bool check_default_args(const Rule& rule);
  Rule* rule_from_body(const Body& body, bool hints, RegoErrors& errors);
  bool keyword_for_name(bool is_default);
  void check_v1(const Rule& rule, RegoErrors& errors);
  Body true_body(const Location& location);

  // Bodies (parse_expr.cc).
  Body parse_body(TokenKind end);
  Body parse_literals(bool one, TokenKind end);
  Expr* parse_literal();
  Expr* parse_some();
  Expr* parse_every();
  Expr* parse_expr();
  bool at_with();
  bool parse_with(std::vector<With>& out);
  Expr* parse_logical_or();
  Expr* parse_logical_and(bool right_of_or);
  Expr* parse_operand(bool right);
  Expr* parse_operand_body(bool negated, bool right);
  Expr* logical(ExprKind kind, Expr* left, Expr* right);
  bool ends_literal() const;

  // Terms (parse_term.cc).
  Term* parse_term();
  Term* parse_infix(bool pairs);  // `pairs`: `k, v in xs` is possible here
  Term* parse_in(bool pairs);
  Term* parse_binary(int level);
  Term* parse_term_end(Term* head, bool in_rule_head);
  Term* parse_ref(Term* head, std::uint32_t offset);
  Term* parse_call(Term* op, std::uint32_t offset);
  Term* parse_var();
  std::string next_wildcard();

  // Numbers, strings, template strings (parse_scalar.cc).
  Term* parse_number();
  Term* parse_string();
  Term* parse_template(bool raw);

  // Collections (parse_collection.cc).
  Term* parse_array();
  Term* parse_braces();
  Term* parse_set(const State& start, Term* head, bool comprehension);
  Term* parse_object(Term* key, bool comprehension);
  Term* parse_object_end(Term* key, Term* value, bool comprehension);
  bool parse_list(TokenKind end, std::vector<Term*>& out);
  bool parse_pairs(std::vector<Term*>& out);
  Term* object_of(const std::vector<Term*>& pairs);

  Ast& ast_;
  std::uint32_t file_;
  RegoVersion version_;
  Annotations annotations_;
  RegoErrors& errors_;
  std::size_t first_error_;
  bool has_faults_ = false;  // errors of whole statements, which show no line
  std::string hint_;
  Lexer lexer_;
  State state_;
  int depth_ = 0;
  std::size_t scans_ = 0;
  std::size_t max_scans_;
  // Terms and operand bodies are tried again from where others failed; what was read is kept by its offset, so that
  // trying again costs nothing and nested tries do not multiply.
  std::unordered_map<std::uint32_t, Known> known_terms_;
  std::unordered_map<std::uint32_t, KnownBody> known_bodies_;
  std::map<std::uint32_t, Comment> comments_;
};

}  // namespace kubegate::rego
