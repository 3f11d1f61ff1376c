// Built-in functions: the table of them, their declared types, and what they are called with.
//
// The table is the one place that knows a built-in: its name and infix form, its types for the type checker, whether
// it may be called here, and its function. Compiler and evaluators find an entry once, by name, and keep the pointer.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/value/value.h"

namespace kubegate::rego {

using policy::Value;
using policy::ValueArena;

// OPA's codes of evaluation errors (topdown/errors.go).
inline constexpr std::string_view kEvalBuiltinError = "eval_builtin_error";
inline constexpr std::string_view kEvalTypeError = "eval_type_error";
inline constexpr std::string_view kEvalConflictError = "eval_conflict_error";
inline constexpr std::string_view kEvalInternalError = "eval_internal_error";
inline constexpr std::string_view kEvalCancelError = "eval_cancel_error";

struct BuiltinDeclaration;
struct BuiltinCaches;

// What went wrong in a built-in.
struct BuiltinError {
  std::string_view code;  // static storage; empty: nothing went wrong
  std::string message;    // whole, as OPA prints it behind the code: "div: divide by zero"
  bool halts = false;     // ends the evaluation even where errors of built-ins are undefined
};

// What built-ins need of the evaluation that calls them. One for each evaluating thread; not copied.
//
// The fields of a query are set by begin_query(); within one query the clock stands still, and rand.intn and
// uuid.rfc4122 answer the same for the same key.
class BuiltinContext {
 public:
  explicit BuiltinContext(ValueArena& arena);
  ~BuiltinContext();
  BuiltinContext(const BuiltinContext&) = delete;
  BuiltinContext& operator=(const BuiltinContext&) = delete;

  // Forgets what the last query left (not compiled patterns). `now_ns`: nanoseconds since 1970 for time.now_ns;
  // `seed`: of rand.intn and uuid.rfc4122.
  void begin_query(std::int64_t now_ns, std::uint64_t seed);

  ValueArena& arena() { return *arena_; }
  std::int64_t now_ns() const { return now_ns_; }
  // The next number of the query's random sequence.
  std::uint64_t random();
  BuiltinCaches& caches() { return *caches_; }

  // Whether the evaluation should end (time, cancellation); long loops ask now and then. Empty: never.
  std::function<bool()> interrupted;
  // What print() and trace() tell; empty: nothing is listening.
  std::function<void(std::string_view)> print_hook;
  std::function<void(std::string_view)> trace_hook;
  // What internal.test_case tells: the path of a case, an array.
  std::function<void(Value)> test_case_hook;
  // The Go type of an integer in sprintf's words for wrong verbs, `%!s(int64=1)`; static storage. Up to OPA 1.17, which
  // Gatekeeper 3.23 has, it is "int". Rule: builtinSprintf.
  std::string_view integer_type = "int64";
  // opa.runtime(): undefined is an empty object.
  Value runtime;

  // The error of the last call, if it had one.
  const BuiltinError& error() const { return error_; }
  bool failed() const { return !error_.code.empty(); }

  // The name of the built-in that runs.
  std::string_view name() const;

  // For built-ins; each returns undefined. fail: eval_builtin_error "name: message". fail_operand: eval_type_error
  // "name: message". halt: ends the evaluation with code and message as they are.
  Value fail(std::string_view message);
  Value fail_operand(std::string_view message);
  Value halt(std::string_view code, std::string_view message);

 private:
  friend Value call_builtin(const BuiltinDeclaration&, BuiltinContext&, std::span<const Value>);

  ValueArena* arena_;
  const BuiltinDeclaration* current_ = nullptr;
  BuiltinError error_;
  std::int64_t now_ns_ = 0;
  std::uint64_t random_ = 0;
  std::unique_ptr<BuiltinCaches> caches_;
};

// The arguments are as many as declared. An undefined result with context.failed() is an error of the built-in,
// without it plain undefined. A relation returns the array of its outputs. Arguments may be of any type: with `data`
// and `input` the checker cannot know them.
using BuiltinFunction = Value (*)(BuiltinContext& context, std::span<const Value> args);

struct BuiltinDeclaration {
  static constexpr std::uint8_t kRelation = 1;          // several outputs for one input: walk
  static constexpr std::uint8_t kNondeterministic = 2;  // not folded, not computed ahead of the query
  static constexpr std::uint8_t kDeprecated = 4;        // refused in strict mode and in Rego v1
  static constexpr std::uint8_t kSwitchedOff = 8;       // needs the network or the environment: off unless switched on
  static constexpr std::uint8_t kMissing = 16;          // of OPA, but not of kubegate
  static constexpr std::uint8_t kLanguage = 32;  // done by compiler or evaluator themselves: =, :=, rego.metadata

  std::string_view name;
  std::string_view infix;   // "" for most
  std::string_view args;    // types as OPA prints them, "; " between them
  std::string_view result;  // type; "" for what yields nothing (print)
  std::uint8_t arity;
  std::uint8_t flags;
  BuiltinFunction function;  // nullptr with kLanguage and kMissing
};

// All built-ins, in OPA's order. `print` is the only one with any number of arguments (its arity is 0).
std::span<const BuiltinDeclaration> builtins();
// By name, or by infix form; nullptr when there is none.
const BuiltinDeclaration* find_builtin(std::string_view name);
const BuiltinDeclaration* find_infix(std::string_view infix);

// Whether what it answers may hang on more than its operands: the clock, random numbers, the network, the environment,
// files of the machine (the time zones, which those of time.* read that do not parse).
inline bool has_outer_inputs(const BuiltinDeclaration& builtin) {
  return (builtin.flags & (BuiltinDeclaration::kNondeterministic | BuiltinDeclaration::kSwitchedOff)) != 0 ||
         (builtin.name.starts_with("time.") && !builtin.name.starts_with("time.parse_"));
}

// Runs the built-in: clears the last error first. An entry without a function fails with eval_internal_error
// "unsupported built-in: name".
Value call_builtin(const BuiltinDeclaration& builtin, BuiltinContext& context, std::span<const Value> args);

// ---- Declared types ------------------------------------------------------------------------------------------------

// A type as a declaration names it. kUnion: `parts` are the alternatives; "any" is a kUnion without parts.
struct DeclaredType {
  enum class Kind : std::uint8_t { kNull, kBoolean, kNumber, kString, kArray, kObject, kSet, kUnion };
  Kind kind = Kind::kUnion;
  std::vector<DeclaredType> parts;  // kUnion; the fixed items of an array; the values under `keys`
  std::vector<std::string> keys;    // the fixed keys of an object
  // Of what else a collection holds: {item} of arrays and sets, {key, value} of objects; empty: nothing else.
  std::vector<DeclaredType> dynamic;

  bool is_any() const { return kind == Kind::kUnion && parts.empty(); }
};

// Reads a type as OPA prints it: "any", "number", "array<number, string>", "array<a, b>[string]", "set[any]",
// "object<op: string>[any: any]", "any<string, set[string]>". The text must be sound (it comes from the table).
DeclaredType parse_type(std::string_view text);
// The types of the arguments, and of the result (of nothing: kNull).
std::vector<DeclaredType> argument_types(const BuiltinDeclaration& builtin);
DeclaredType result_type(const BuiltinDeclaration& builtin);

}  // namespace kubegate::rego
