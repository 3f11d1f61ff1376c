// The inside of a Machine.
#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "policy/rego/builtin.h"
#include "policy/rego/machine.h"
#include "policy/rego/program.h"
#include "policy/rego/tracer.h"
#include "policy/value/value.h"

namespace kubegate::rego {

// Thrown where an evaluation ends without an answer; caught in Evaluation::guarded.
struct EvalFailure {
  std::string_view code;
  std::string message;
  std::uint32_t place = 0;
};

class Evaluation {
 public:
  explicit Evaluation(std::shared_ptr<const Program> program);

  EvalAnswer eval(std::size_t entrypoint, Value input);
  QueryAnswer eval_query(Value input);

  void set_data(Value data);
  void set_limits(const Limits& limits);
  void set_strict(bool strict) { strict_ = strict; }
  void fix_clock(std::int64_t now_ns, std::uint64_t seed);
  BuiltinContext& builtins() { return context_; }
  std::vector<std::uint64_t>& coverage() { return coverage_; }
  void start_profile() { times_.assign(coverage_.size(), 0); }
  const std::vector<std::int64_t>& profile() const { return times_; }
  std::uint64_t steps() const { return steps_; }
  const Program& program() const { return *program_; }
  void trace(const policy::DocumentRoot& root, document::NodeIndex object) {
    tracer_ = std::make_unique<Tracer>(*program_, root, object);
  }
  const Tracer* tracer() const { return tracer_.get(); }

 private:
  static constexpr std::uint32_t kUntimed = UINT32_MAX;

  // Results of a function's calls, by arguments that are cheap to compare: scalars by value, collections by where they
  // lie.
  struct Call {
    std::uint64_t hash;
    const Value* args;
    Value result;
  };
  struct Calls {
    Call* slots;
    std::uint32_t capacity, count;  // capacity: a power of two
  };
  // What is known of a document in the present world; of a function its calls.
  struct Memo {
    std::uint64_t epoch = 0;  // known where it is the evaluation's
    Value value;
    Calls* calls = nullptr;
  };
  // The value of a constant path in one version of input or data.
  struct PathSlot {
    std::uint64_t version = 0;
    Value value;
  };
  struct MockState {
    const Modifier* modifier;  // null: not replaced
    Value value;               // kMockValue
  };
  // All that `with` replaces, as it is on the other side of a kEnter or kLeave.
  struct World {
    std::span<const std::uint32_t> affected;  // whose memos change
    Memo* memos;
    Value input, data;
    std::uint64_t input_version, data_version;
    const std::uint8_t* hidden;
    MockState* mocks;
  };
  // Registers of one block; given back when it ends.
  class Frame {
   public:
    Frame(Evaluation& evaluation, std::uint32_t registers);
    ~Frame();
    Frame(const Frame&) = delete;
    Frame& operator=(const Frame&) = delete;
    Value* registers() const { return registers_; }

   private:
    Evaluation& evaluation_;
    std::size_t segment_;
    Value *top_, *registers_;
  };
  struct Segment {
    std::unique_ptr<Value[]> values;
    std::size_t size;
  };

  // The items of a collection by the value of one part, for a kScanWhere.
  struct Join {
    struct Item {
      std::uint64_t hash;
      std::uint32_t at;        // position, or node
      std::uint32_t position;  // among all items
    };
    Value collection;
    std::uint64_t epoch = 0;  // the evaluation it was last asked in
    std::uint32_t seen = 0;
    bool built = false;
    std::span<const Item> items;            // sorted by hash, then position
    const std::uint32_t* places = nullptr;  // `at` of each item, then `position` of each
    std::vector<Item> kept_items;           // what `items` and `places` are of when they outlive the evaluation
    std::vector<std::uint32_t> kept_places;
  };

  // eval.cc
  Value run(const Block& block, Value* registers) {
    return tracer_ == nullptr ? run_block<false>(block, registers) : run_block<true>(block, registers);
  }
  template <bool kTraced>
  Value run_block(const Block& block, Value* registers);
  [[noreturn]] void fail(std::string_view code, std::string message, std::uint32_t place);
  [[noreturn]] void conflict(const Instruction& at);
  void tick() {
    if (++steps_ >= next_check_) check_limits();
  }
  void check_limits();
  bool is_late();

  void visit(std::uint32_t place) {
    ++coverage_[place];
    if (!times_.empty()) pass_time(place);
  }

  // machine.cc
  void pass_time(std::uint32_t place);
  void begin(Value input);
  template <class Body>
  void guarded(Body body);
  void push(Value value);
  void push(Value key, Value value);
  void grow(std::size_t size, std::size_t item);

  // eval_documents.cc
  Value document(std::uint32_t number) {
    const Memo& memo = memos_[number];
    return memo.epoch == epoch_ ? memo.value : compute(number);
  }
  const VirtualDocument& descend(std::uint32_t number);
  Value compute(std::uint32_t number);
  Value member(std::uint32_t number, const Value& key);
  Value call(std::uint32_t number, const Value* args, std::uint32_t count);
  Value apply(std::uint32_t number, const Value* args, std::uint32_t count);
  bool keeps(std::uint32_t number, const Value* args, std::uint32_t count);
  bool is_base(const policy::DocumentRoot& root);
  void forget_kept();
  static void remember(Calls*& calls, policy::ValueArena& arena, const Call& call);
  Value builtin(std::uint32_t number, const Value* args, std::uint32_t count, std::uint32_t place);
  Value path(std::uint32_t number) {
    const PathSlot& slot = paths_[number];
    return slot.version == (program_->paths_[number].data ? data_version_ : input_version_) ? slot.value
                                                                                            : find_path(number);
  }
  Value find_path(std::uint32_t number);
  Value stored_member(Value base, Value key);
  Value merge(Value a, Value b);
  Value data_keys(Value node, Value base);
  bool data_step(Value node, Value base, Value key, Value* out);
  Value data_value(Value node, Value base);
  Value extent(std::uint32_t node, Value base);
  bool hidden(std::uint32_t node) const { return hidden_ != nullptr && hidden_[node] != 0; }
  bool narrow(const Instruction& at, Value collection, Value wanted, Value* scan);
  void build_join(Join& join, const JoinKey& key);
  Value end_paths(std::size_t begin, const Instruction& at);
  // eval_format.cc
  Value format(const Instruction& in, const Value* values);

  bool hidden_document(std::uint32_t number) const { return hidden(program_->documents_[number].node); }

  // eval_with.cc
  World* enter(const Modifiers& modifiers, const Value* operands);
  World* plain_world();
  void swap_world(World& world);
  Value put(Value object, const Value& key, Value value);
  Value put(Value object, const Value* path, std::uint32_t steps, Value value);
  void hide(const Value* path, std::uint32_t steps, Value value, std::uint8_t* marks, World& world);
  void hide_below(std::uint32_t node, Value value, std::uint8_t* marks, World& world);
  Value call_mocked(const Instruction& at, const Value* args);

  const std::shared_ptr<const Program> program_;
  policy::ValueArena arena_;
  BuiltinContext context_;
  Limits limits_;
  bool strict_ = false;
  bool fixed_clock_ = false;
  std::int64_t now_ns_ = 0;
  std::uint64_t seed_ = 0;
  Value base_data_ = Value::empty_object();

  // The present world.
  Value input_, data_;
  std::uint64_t input_version_ = 0, data_version_ = 0, last_version_ = 0;
  const std::uint8_t* hidden_ = nullptr;  // by node: replaced by a `with`
  MockState* mocks_ = nullptr;            // null: none is replaced
  std::uint64_t epoch_ = 0;
  std::vector<Memo> memos_;
  std::vector<PathSlot> paths_;
  std::vector<std::uint32_t> unknown_paths_;  // on the way to one that is asked for
  std::vector<Join> joins_;

  // Of calls that outlive an evaluation: what they point to, they themselves by number of the function, and the base
  // documents, once they were asked for.
  policy::ValueArena kept_arena_;
  std::vector<Calls*> kept_calls_;
  std::unordered_set<const policy::DocumentRoot*> base_roots_;
  bool base_known_ = false, last_is_base_ = false;
  const policy::DocumentRoot* last_root_ = nullptr;  // that was last asked for, and what was said of it
  std::uint64_t base_version_ = 0;                   // of data, where no `with` has replaced any
  std::vector<std::uint32_t> all_documents_;

  std::vector<Segment> segments_;
  std::size_t segment_ = 0;
  Value *top_ = nullptr, *end_ = nullptr;
  std::uint32_t depth_ = 0;
  std::vector<Value> items_;             // of collections under construction
  std::vector<policy::Member> members_;  // of objects under construction
  std::string text_;                     // of a format

  std::uint64_t steps_ = 0, next_check_ = 0;
  std::chrono::steady_clock::time_point deadline_;  // the clock's beginning: not known yet
  std::vector<std::uint64_t> coverage_;
  std::vector<std::int64_t> times_;  // nanoseconds by place; empty: nobody asks
  std::uint32_t timed_ = kUntimed;   // the place whose time runs, since:
  std::chrono::steady_clock::time_point timed_since_;
  std::vector<QueryRow> rows_;
  EvalError error_;
  std::unique_ptr<Tracer> tracer_;  // null: nobody asks
};

}  // namespace kubegate::rego
