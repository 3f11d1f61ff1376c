// Machine: one thread's evaluation of a Program.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/rego/builtin.h"
#include "policy/rego/error.h"
#include "policy/value/value.h"

namespace kubegate::rego {

class Evaluation;
class Program;

// What an evaluation may take. 0: without limit, but for depth.
struct Limits {
  std::uint64_t steps = 0;                    // turns of loops and calls
  std::chrono::nanoseconds time{0};           // looked at every few thousand steps
  std::uint64_t memory = 0;                   // bytes of the arena; 0: ValueArena::kDefaultLimit
  std::uint32_t depth = 1000;                 // rules and functions that wait for one another
  const std::atomic<bool>* cancel = nullptr;  // set by another thread to end the evaluation
};

// An evaluation that ended without an answer: conflicts ("eval_conflict_error"), errors of built-ins where they count,
// limits ("eval_cancel_error").
struct EvalError {
  std::string_view code;
  std::string message;
  Location location;  // row 0: none
  std::string file;
  // As OPA prints it: "file:row: code: message". Rule: topdown.Error.Error().
  std::string text() const;
};

// The value of an entrypoint; undefined where it has none, or where there is an error.
struct EvalAnswer {
  Value value;
  const EvalError* error = nullptr;
};

// One solution of a query.
struct QueryRow {
  Value bindings;                      // an object: the query's variables by their written names
  std::span<const Value> expressions;  // the values of its expressions, with ProgramOptions::expression_values
};

struct QueryAnswer {
  std::span<const QueryRow> rows;  // in the order of evaluation; none where the query is undefined
  const EvalError* error = nullptr;
};

// Runs a program. Not for two threads at once; cheap to reuse: it keeps its memory from one evaluation to the next.
class Machine {
 public:
  explicit Machine(std::shared_ptr<const Program> program);
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  // The base documents; undefined (as at first) is an empty object. Kept until set again.
  void set_data(Value data);
  void set_limits(const Limits& limits);
  // Errors of built-ins end the evaluation, rather than being undefined.
  void set_strict_builtin_errors(bool strict);
  // What time.now_ns tells and what random numbers start from, for every evaluation from now on; without it the clock
  // is read and the seed changes from one evaluation to the next.
  void fix_clock(std::int64_t now_ns, std::uint64_t seed);
  // Hooks of print and trace, and the runtime document, are set here.
  BuiltinContext& builtins();

  // The document of an entrypoint (its number: Program::entrypoint). `input` may be undefined.
  EvalAnswer eval(std::size_t entrypoint, Value input);
  // All solutions of the program's query.
  QueryAnswer eval_query(Value input);

  // With ProgramOptions::coverage: for each of Program::places() how often evaluations reached it, summed until
  // cleared.
  std::span<const std::uint64_t> coverage() const;
  void clear_coverage();
  // From now on, with ProgramOptions::coverage: for each place the nanoseconds from each time that it was reached to the
  // next time that any was, summed. Empty before.
  void start_profile();
  std::span<const std::int64_t> profile() const;

  // From now on evaluations, far slower then, take note of what they read of the subtree at `object`, which is part of
  // the input. Both outlive the machine, or the next call.
  void trace(const policy::DocumentRoot& root, document::NodeIndex object);
  // The node of the traced object that a member of a set or object which the last evaluation gave is put down to
  // (tracer.h); kNoNode where there is none.
  document::NodeIndex cause_of(const Value& made) const;

  // Steps of the last evaluation.
  std::uint64_t steps() const;

  const Program& program() const;

 private:
  std::unique_ptr<Evaluation> evaluation_;
};

}  // namespace kubegate::rego
