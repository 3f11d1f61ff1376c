// Program: checked rules as instructions for a Machine.
//
// A block is a straight run of instructions over the registers of one frame: a rule's document, a function, the query.
// An instruction that cannot hold jumps to its `fail`, which the compiler knows: the next turn of the innermost loop
// whose choice may make a difference, or what follows when there is none. So backtracking is a jump, and a closure
// (comprehension, `every`, `not`) is a part of its block that sees all registers of it.
//
// A Program is immutable and serves any number of threads.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/rego/builtin.h"
#include "policy/rego/compile.h"
#include "policy/rego/error.h"
#include "policy/value/arena.h"
#include "policy/value/value.h"

namespace kubegate::rego {

// An operand: a register where not negative, otherwise the constant ~operand.
using Operand = std::int32_t;
// The operand of what is not there.
inline constexpr Operand kNoOperand = INT32_MAX;
// The dst of a call whose result is only asked whether it is not false, or not true: undefined is neither.
inline constexpr Operand kWantTrue = INT32_MAX - 1, kWantFalse = INT32_MAX - 2;

// What each instruction does with its fields. R[x] is the operand x, L the n operands of the list that begins at
// operands[a]. "fails": goes on at `fail`. Registers that it writes are `dst` and, where said, the one behind it.
enum class Op : std::uint8_t {
  kNop,
  kJump,           // goes on at `fail`
  kJumpIfDefined,  // where R[a] is defined, goes on at `fail`
  kReturn,         // ends the block with R[a]
  kVisit,          // counts place imm (coverage)
  kUndefine,       // dst = undefined
  kMove,           // dst = R[a]

  // References.
  kPath,       // dst = path imm of input or data; fails where undefined, but with n = 1
  kStepText,   // dst = R[a][key imm], a text known ahead; fails where undefined. n = 1: of a base document
  kStep,       // dst = R[a][R[b]]; fails where undefined. n = 1: of a base document
  kElement,    // dst = item imm of the array R[a], which is that long
  kScan,       // opens scan dst over R[a]; fails where it is no collection or empty
  kScanWhere,  // kScan that leaves out items whose part of join imm is not R[b], as far as it knows
  kNext,       // the next item of scan a: dst = value, b = key, where not kNoOperand; fails behind the last
  kDocument,   // dst = document imm; fails where undefined
  kMember,     // dst = document imm[R[a]], which is computed alone where that is less; fails where undefined
  kDataKeys,   // dst = the keys at the place of data R[a] (a node), R[a + 1] (its base): what kScan can walk
  kDataStep,   // dst, dst + 1 = the place below R[a], R[a + 1] at key R[b]; fails where nothing can be there, n = 0
  kDataValue,  // dst = the whole document at the place R[a], R[a + 1]; fails where undefined

  // Checks: each fails where it does not hold.
  kTruthy,  // R[a] is not false
  kFalsy,   // R[a] is false
  kIsCollection,
  kEqual,  // R[a] == R[b]
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kIsArray,   // R[a] is an array of imm items
  kIsObject,  // R[a] is an object of imm members

  // Values.
  kArray,   // dst = [L]
  kSet,     // dst = {L}
  kObject,  // dst = {key, value, key, value, … of L}
  kShape,   // dst = object with the constant keys of shape imm and the values L
  kFormat,  // dst = the text of format imm with the values L; place b; fails where undefined

  // Calls with the arguments L; they fail where undefined and, with kWantTrue or kWantFalse for dst, where the result is
  // not that. Those behind the first are kCallBuiltin, too, which first try what is quickly done.
  kCallBuiltin,  // dst = builtin imm (L); place b
  kPlus,
  kMinus,
  kTimes,
  kCount,
  kStartsWith,
  kEndsWith,
  kCallFunction,  // dst = function document imm (L)
  kCallMocked,    // dst = what `with` has put for mock imm, or what stands in it (L); place b
  kIsType,        // dst = whether R[a] is of Type imm; as calls do

  // Collections under construction, one inside the other; kEnd… gives what came since the kBegin that wrote R[a].
  kBegin,      // dst = how much there is now
  kAdd,        // R[a]; goes on at `fail`, as do the next three
  kAddMember,  // R[a]: R[b]
  kAddPath,    // L: keys, then the value; imm: a PathLeaf
  kSetResult,  // dst = R[a]; an eval_conflict_error at place imm, of document b, where dst is defined and differs;
               // n = 1: of keys of an object
  kEndArray,   // dst = …
  kEndSet,
  kEndObject,  // an eval_conflict_error at place imm where keys are not unique
  kEndPaths,   // an object of objects; an eval_conflict_error likewise

  // `with`: the world is what input, data, and functions are.
  kEnter,    // dst = a new world by modifiers imm, whose operands are L; goes into it
  kLeave,    // out of world R[a]
  kReenter,  // into world R[a] again

  // Rules of which most cannot hold for one value.
  kSwitch,    // dst = where the list of rules for R[a] in index imm begins; goes on at the first
  kNextRule,  // goes on at the next rule of the list R[a]
};

inline constexpr std::size_t kMaxBuiltinArguments = 8;

// Registers that a scan takes.
inline constexpr std::uint32_t kScanRegisters = 3;

struct Instruction {
  Op op = Op::kNop;
  std::uint16_t n = 0;
  Operand dst = kNoOperand;
  Operand a = kNoOperand;
  Operand b = kNoOperand;
  std::uint32_t imm = 0;
  std::uint32_t fail = 0;
};

// What a leaf that kAddPath adds is: the value itself, a member of the set at that place, or a set of them.
enum class PathLeaf : std::uint32_t { kValue, kMember, kMembers };

struct Block {
  std::uint32_t entry = 0;
  std::uint32_t registers = 0;
};

// A text key with its hash.
struct TextKey {
  std::string_view text;
  std::uint32_t hash;
};

// A constant path of input or data: the parent's value at a key. Path 0 is input, path 1 the base documents.
struct ConstantPath {
  std::uint32_t parent = 0;
  TextKey key;
  bool data = false;
};

// The constant keys of objects that are made, sorted.
struct Shape {
  std::vector<Value> keys;
};

// A constant format of sprintf, taken apart: verb i, one of v, s, d, q, stands behind text i; behind the last stands one
// more text.
struct Format {
  Value whole;
  std::vector<std::string_view> texts;
  std::string verbs;
  std::uint32_t builtin = 0;  // what formats all other values
};

// A virtual document or a function.
struct VirtualDocument {
  enum class Kind : std::uint8_t { kComplete, kSet, kObject, kPaths, kFunction };
  Kind kind = Kind::kComplete;
  bool grouped = false;  // kPaths of one variable step, then a set
  bool memoize = true;   // whether what it gives is worth remembering
  bool keep = false;     // of a function: it looks at its arguments alone, so that a call is good for any evaluation
  std::uint16_t arity = 0;
  std::uint32_t member = 0;  // kSet, kObject, grouped: the function of one key alone, + 1; 0: that is no less
  Block block;
  std::uint32_t place = 0;
  std::uint32_t node = 0;  // where it stands
  std::string path;        // "data.pkg.name", as errors show it
};

// A package or a rule's place among the virtual documents.
struct DataNode {
  Value key;
  std::uint32_t document = 0;  // + 1; 0: no rule stands here
  std::vector<std::uint32_t> children;
};

// One modifier of a `with`.
struct Modifier {
  enum class Kind : std::uint8_t { kInput, kData, kMockValue, kMockBuiltin, kMockFunction };
  Kind kind = Kind::kInput;
  std::uint32_t steps = 0;   // operands: this many steps of the path, then, but for functions, the value
  std::uint32_t target = 0;  // of mocks: the mock
  std::uint32_t replacement = 0;
};

// The modifiers of an expression, and which documents see another world through them.
struct Modifiers {
  std::vector<Modifier> list;
  std::vector<std::uint32_t> affected;
  bool changes_input = false, changes_data = false, mocks = false;
};

// What a call that `with` may replace is without it.
struct Mock {
  bool is_builtin = false;
  std::uint32_t id = 0;  // document or builtin
};

// Rules by the value of one thing that most of them compare with a constant. A list of rules is their places in the
// code, then that behind the last rule.
struct RuleIndex {
  struct Entry {
    Value value;
    std::uint32_t list;
  };
  std::vector<Entry> entries;  // sorted by value
  std::uint32_t others = 0;    // the list for all other values
};

// A part of input that is the same in every evaluation of a program, such as the parameters of a constraint: what
// depends on nothing else is computed when the program is made. Inputs must have it there all the same.
struct ConstantInput {
  std::vector<std::string> path;  // below input: {"parameters"}
  Value value;                    // read while the program is made
};

// The part of an item that a kScanWhere asks for: what is at constant steps from it, none for the item itself.
struct JoinKey {
  std::vector<Value> steps;
  bool stored = false;  // the items are those of a base document or a constant
};

// What makes programs fast. None of it changes an answer, so there is no reason to switch any off but to see that
// (tests/policy/rego/optimisations_test.cc).
struct Optimisations {
  bool folding = true;   // what depends on constants alone is computed when the program is made
  bool aliases = true;   // rules that merely name a constant or a path of input stand for it
  bool formats = true;   // kFormat: constant formats of sprintf are taken apart when the program is made
  bool indexes = true;   // kSwitch: of rules that compare one thing with constants only those that can hold are tried
  bool members = true;   // kMember: one key of a partial document is computed alone
  bool memo = true;      // documents and calls of functions are computed once in an evaluation
  bool keeping = true;   // calls for parts of base documents are computed once for all evaluations
  bool hoisting = true;  // what does not depend on a loop is computed once for all its turns
  bool joins = true;     // kScanWhere
  bool reuse = true;     // a step that is in a register already is not made again
  bool backjumping = true;  // a failure goes back to the last choice that can make a difference

  std::uint32_t joined_items = 8;  // joins: collections of fewer items are walked
};

struct ProgramOptions {
  std::vector<ConstantInput> constants = {};  // ignored where some `with` replaces parts of input
  bool coverage = false;                      // count what evaluations reach (Machine::coverage)
  bool expression_values = false;             // rows of the query carry the values of its expressions
  Optimisations optimisations = {};
};

// An expression of the query as it was written.
struct QueryExpression {
  std::string text;
  Location location;
};

class Program {
 public:
  Program();
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  std::size_t entrypoint_count() const { return entrypoints_.size(); }
  // The number of an entrypoint by its path; -1 when it is not one.
  int entrypoint(std::string_view path) const;
  std::string_view entrypoint_path(std::size_t i) const { return entrypoints_[i].path; }
  bool has_query() const { return query_.registers != 0; }
  // With ProgramOptions::expression_values: what QueryRow::expressions are the values of.
  std::span<const QueryExpression> query_expressions() const { return query_expressions_; }
  // Places of rules and expressions, for coverage and errors.
  std::span<const Location> places() const { return places_; }
  std::string_view file_name(std::uint32_t file) const { return files_[file]; }
  // Whether its answers hang on input, data and the program alone: no built-in of it has_outer_inputs().
  bool is_closed() const { return closed_; }
  // One instruction a line, for tests and for people.
  std::string disassemble() const;

 private:
  friend class ProgramBuilder;
  friend class BlockBuilder;
  friend class Evaluation;
  friend class Tracer;

  struct Entrypoint {
    std::string path;
    Block block;
  };

  policy::ValueArena arena_;  // of constants
  std::vector<Instruction> code_;
  std::vector<Value> constants_;
  std::vector<Operand> operands_;  // lists
  std::vector<TextKey> keys_;
  std::vector<ConstantPath> paths_;
  std::vector<Shape> shapes_;
  std::vector<Format> formats_;
  std::vector<VirtualDocument> documents_;
  std::vector<DataNode> nodes_;  // 0 is `data`
  std::vector<const BuiltinDeclaration*> builtins_;
  std::vector<Modifiers> modifiers_;
  std::vector<Mock> mocks_;
  std::vector<RuleIndex> indexes_;
  std::vector<std::uint32_t> rule_lists_;
  std::vector<Location> places_;
  std::vector<std::string> files_;
  std::vector<Entrypoint> entrypoints_;
  Block query_;
  std::vector<std::string> query_variables_;
  std::vector<QueryExpression> query_expressions_;
  std::vector<JoinKey> joins_;
  std::uint32_t joined_items_ = 0;  // Optimisations::joined_items
  bool needs_clock_ = false;        // some built-in asks for time or random numbers
  bool closed_ = true;
};

// Plans the rules that the entrypoints and the query (null: none) can reach. Entrypoints are paths such as
// "data.a.b". Null, with errors added, when a path is none. The result refers to nothing of `modules`.
std::shared_ptr<const Program> compile_program(const CompiledModules& modules, const CompiledQuery* query,
                                               const std::vector<std::string>& entrypoints,
                                               const ProgramOptions& options, RegoErrors& errors);

}  // namespace kubegate::rego
