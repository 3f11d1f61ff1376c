// The syntax tree of Rego, from the parser through the compiler to the evaluators.
//
// One tree serves all stages: the parser makes it and the compiler's stages (compile.h) rewrite it in place until what
// is left is what an evaluator runs. Comments below say which forms are gone after compiling ("checked").
//
// Nodes are plain structs that an Ast owns in lists with stable addresses. Pointers between nodes own nothing, so a
// rewrite may share or drop subtrees, a tree of any depth is given back without recursion, and all of it goes at once.
#pragma once

#include <cstdint>
#include <deque>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "policy/rego/error.h"

namespace kubegate::rego {

struct BuiltinDeclaration;
struct Expr;
struct Module;
struct Rule;
struct Term;

using Body = std::vector<Expr*>;  // conjunction; never empty once parsed
using Ref = std::vector<Term*>;   // head (a var, or any term before the compiler's rewriting), then one term a step

enum class TermKind : std::uint8_t {
  kNull,
  kBool,
  kNumber,
  kString,
  kVar,
  kRef,
  kArray,
  kObject,
  kSet,
  kArrayComprehension,
  kSetComprehension,
  kObjectComprehension,
  kCall,            // gone when checked, except as the value of a rule's head before RewriteRefsInHead
  kTemplateString,  // gone when checked: a call of internal.template_string
};

// A term: a constant, a variable, or something that is evaluated to a value.
//
//   kind                     fields
//   kBool                    boolean
//   kNumber                  text: as written (".5", "-1e3", "0.10")
//   kString                  text: decoded
//   kVar                     text: name; "$0", "$1", … are wildcards; "__local0__", … are the compiler's
//   kRef                     terms: head, then one term for each step; a step `.x` is the string "x"
//   kArray, kSet             terms: elements as written
//   kObject                  terms: key, value, key, value, …; a constant key stands once
//   kArray…, kSet…           terms: {element}; body
//   kObjectComprehension     terms: {key, value}; body
//   kCall                    terms: operator (a kRef), then arguments
//   kTemplateString          parts; raw
struct Term {
  TermKind kind = TermKind::kNull;
  bool boolean = false;
  bool raw = false;     // kTemplateString: written with backticks
  bool called = false;  // kRef: of a rule without arguments, written as a call
  Location location;
  std::string text;
  std::vector<Term*> terms;
  Body body;
  struct Part {
    Term* text = nullptr;  // a constant; or
    Expr* expr = nullptr;  // the expression between braces
  };
  std::vector<Part> parts;

  bool is_var() const { return kind == TermKind::kVar; }
  bool is_string() const { return kind == TermKind::kString; }
  bool is_ref() const { return kind == TermKind::kRef; }
  bool is_scalar() const { return kind <= TermKind::kString; }
  bool is_comprehension() const {
    return kind >= TermKind::kArrayComprehension && kind <= TermKind::kObjectComprehension;
  }
};

// `with target as value`. Checked: the target is a ref to input, to data, or to a built-in function; the value is a
// constant or a variable bound before, or (mocking a function) the ref of a function.
struct With {
  Location location;
  Term* target = nullptr;
  Term* value = nullptr;
};

enum class ExprKind : std::uint8_t {
  kTerm,   // terms: {term}; holds when the term is defined and not false
  kCall,   // terms: operator (a kRef), arguments, and when checked often one more: the variable that takes the result
  kSome,   // terms: variables, or one kCall of internal.member_2 / internal.member_3; gone when checked
  kEvery,  // every key, value in domain { body }
  kAnd,    // operands: two bodies; holds, once, when each has a solution; the second is tried only then
  kOr,     // operands: two bodies; holds, once, when either has a solution
  kBody,   // operands: one body in braces; holds, once, when it has a solution; only ever negated
};

// One conjunct of a body. Checked: every call that yields a value is a kCall of its own whose last term takes the
// result; the operator of a unification is the built-in `eq` (the parser writes `=` so, `:=` is "assign" and `==` is
// "equal" until rewritten).
struct Expr {
  ExprKind kind = ExprKind::kTerm;
  bool negated = false;
  bool generated = false;  // made by the compiler, not written
  Location location;
  std::vector<Term*> terms;
  std::vector<With> with;
  std::vector<Body> operands;  // kAnd, kOr, kBody; kEvery: {body}
  Term* key = nullptr;         // kEvery: a var or null
  Term* value = nullptr;       // kEvery: a var
  Term* domain = nullptr;      // kEvery
  std::uint32_t index = 0;     // position in its body as written

  // Checked kCall: the built-in that it calls, null for a function of the policy (whose path is terms[0]).
  const BuiltinDeclaration* builtin = nullptr;

  bool is_call_of(std::string_view name) const;  // kCall whose operator is the built-in `name` ("eq", "io.jwt.decode")
  Body& body() { return operands[0]; }
  const Body& body() const { return operands[0]; }
};

// The head of a rule.
//
//   p = v, p := v         reference {p}; value
//   p contains k, p[k]    reference {p}; key, no value: a partial set
//   p[k] = v, p.a[k].b    reference {p, k, …}; value; checked, a step that is a var is bound by the body
//   f(x, y) = v           reference {f}; args; value
struct Head {
  Location location;
  Ref reference;            // as written; checked, steps are constants or variables
  std::vector<Term*> args;  // of a function; `f()` without any is a plain rule, as in OPA
  Term* key = nullptr;
  Term* value = nullptr;
  bool is_function = false;
  bool assign = false;           // written with :=
  bool has_if = false;           // written with `if`
  bool has_contains = false;     // written with `contains`
  bool generated_value = false;  // `true` that nobody wrote
};

// A METADATA block.
struct Annotation {
  Location location;  // of the comment's first line
  std::string scope;  // "rule", "document", "package", "subpackages"; decided by the place where not written
  // The fields that are there, scope included, as rego.metadata shows them: authors are objects, references arrays.
  Term* object = nullptr;
  bool entrypoint = false;
  Ref target;                 // path of what it annotates: a package or a rule; from `data` on
  Rule* rule = nullptr;       // scope rule and document
  std::uint32_t end_row = 0;  // of the comment's last line
};

struct Rule {
  Location location;
  bool is_default = false;
  bool generated_body = false;  // `true` that nobody wrote
  bool is_else = false;         // hangs on the `otherwise` of another rule
  Head head;
  Body body;
  Rule* otherwise = nullptr;  // the `else` that follows
  Module* module = nullptr;
  Ref path;  // checked: the package and the head's reference in one, from `data` on
  std::vector<Annotation*> annotations;

  // A partial set (`contains`); all else yields one value for each path.
  bool is_multi_value() const { return head.value == nullptr; }
};

struct Import {
  Location location;
  Ref path;           // from data, input, future or rego
  std::string alias;  // "" when not written
  // The name that it brings into the module: the alias, or the last step of the path.
  std::string_view name() const;
};

struct Comment {
  Location location;
  std::string text;  // behind the '#'
};

enum class RegoVersion : std::uint8_t {
  kV0,
  kV0CompatV1,  // v0 that imports rego.v1: the keywords and the stricter rules of v1
  kV1,
};

struct Module {
  Location location;
  std::uint32_t file = 0;
  RegoVersion version = RegoVersion::kV1;
  Location package_location;
  Ref package;  // from `data` on
  std::vector<Import*> imports;
  std::vector<Rule*> rules;  // else branches hang on their rules
  std::vector<Annotation*> annotations;
  std::vector<Comment> comments;
};

// A source text that locations point into.
struct Source {
  std::string name;  // file name; empty for a query
  std::string text;
};

// Thrown by Ast when its limit would be passed; parser and compiler make an error of it.
class TooManyNodes : public std::exception {
 public:
  const char* what() const noexcept override { return "policy too large"; }
};

// Owner of nodes and of the sources they came from. Addresses are stable while it lives.
class Ast {
 public:
  // Bytes of nodes and of copied texts, about: a rewrite may make many of few.
  static constexpr std::size_t kMaxBytes = std::size_t{1} << 30;

  Ast() = default;
  Ast(const Ast&) = delete;
  Ast& operator=(const Ast&) = delete;

  std::uint32_t add_source(std::string name, std::string text);
  const Source& source(std::uint32_t file) const { return sources_[file]; }
  std::size_t source_count() const { return sources_.size(); }
  // The bytes of a node; empty where it has no place.
  std::string_view text(const Location& location) const;

  Term* term(TermKind kind, const Location& location);
  Term* null(const Location& location) { return term(TermKind::kNull, location); }
  Term* boolean(bool value, const Location& location);
  Term* number(std::string text, const Location& location);
  Term* string(std::string text, const Location& location);
  Term* var(std::string name, const Location& location);
  Term* ref(Ref terms, const Location& location);
  Term* list(TermKind kind, std::vector<Term*> terms, const Location& location);  // arrays, sets, objects, calls
  Term* comprehension(TermKind kind, std::vector<Term*> head, Body body, const Location& location);
  // The operator of a built-in's call: the ref of its dotted name.
  Term* builtin_ref(std::string_view name, const Location& location);

  Expr* expr(ExprKind kind, const Location& location);
  Expr* term_expr(Term* term);
  Expr* call_expr(std::vector<Term*> terms, const Location& location);
  // name(args…) as an expression.
  Expr* builtin_expr(std::string_view name, std::vector<Term*> args, const Location& location);

  Rule* rule(const Location& location);
  Import* import(const Location& location);
  Module* module();
  Annotation* annotation();

  // Deep copies: nothing is shared with the original.
  Term* copy(const Term* term);
  Expr* copy(const Expr* expr);
  Body copy(const Body& body);
  Ref copy(const Ref& ref);
  Head copy(const Head& head);

 private:
  void charge(std::size_t bytes) {
    if ((used_ += bytes) > kMaxBytes) throw TooManyNodes();
  }

  std::size_t used_ = 0;
  std::deque<Source> sources_;
  std::deque<Term> terms_;
  std::deque<Expr> exprs_;
  std::deque<Rule> rules_;
  std::deque<Import> imports_;
  std::deque<Module> modules_;
  std::deque<Annotation> annotations_;
};

inline constexpr std::string_view kWildcardPrefix = "$";
inline bool is_wildcard(std::string_view name) { return name.starts_with(kWildcardPrefix); }
inline bool is_generated(std::string_view name) { return name.starts_with("__local"); }

// No variable, and nothing that must be evaluated, inside: refs and comprehensions are not constant. Rule: IsConstant.
bool is_constant(const Term* term);
// No variable inside, closures left out. Rule: Term.IsGround.
bool is_ground(const Term* term);
bool is_ground(const Ref& ref);
// The steps up to the first that is not ground. Rule: Ref.GroundPrefix.
std::size_t ground_prefix(const Ref& ref);

// Total order of terms as OPA's (ast.Compare): by type, then by content. Locations do not count; numbers by value.
int compare(const Term* a, const Term* b);
int compare(const Ref& a, const Ref& b);
int compare(const Expr* a, const Expr* b);
int compare(const Body& a, const Body& b);
inline bool equal(const Term* a, const Term* b) { return compare(a, b) == 0; }
bool has_prefix(const Ref& ref, const Ref& prefix);

// What stands in messages: `data.a["b c"][x]`, `plus(1, 2, x)`, `x = 1`; sets and objects in order of their elements.
// Rule: the String methods of OPA's ast.
std::string to_string(const Term* term);
std::string to_string(const Ref& ref);
std::string to_string(const Expr* expr);
std::string to_string(const Body& body);
std::string to_string(const Head& head);
std::string to_string(const Rule* rule);
std::string to_string(const Module* module);
// A string between quotes, escaped as Go's strconv.Quote does.
std::string quote(std::string_view text);

// Names that messages give a term's kind: "var", "ref", "arraycomprehension", … Rule: ast.ValueName.
std::string_view kind_name(TermKind kind);

}  // namespace kubegate::rego
