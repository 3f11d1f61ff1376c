// The edge of an evaluation: what an exception is inside, is an error value outside.
#include "policy/rego/machine.h"

#include <algorithm>
#include <new>

#include "policy/rego/eval.h"

namespace kubegate::rego {

std::string EvalError::text() const { return RegoError{code, message, location, file, {}}.text(); }

Evaluation::Evaluation(std::shared_ptr<const Program> program)
    : program_(std::move(program)), context_(arena_), memos_(program_->documents_.size()),
      paths_(program_->paths_.size()), joins_(program_->joins_.size()), kept_calls_(program_->documents_.size()),
      coverage_(program_->places_.size()) {
  all_documents_.resize(memos_.size());
  for (std::uint32_t i = 0; i < all_documents_.size(); ++i) all_documents_[i] = i;
}

void Evaluation::set_data(Value data) {
  base_data_ = data.defined() ? data : Value::empty_object();
  for (Join& join : joins_) join = {};
  forget_kept();
}

// Most evaluations end before anyone asks, so the clock is read when that is done first.
bool Evaluation::is_late() {
  if (limits_.time.count() == 0) return false;
  const auto now = std::chrono::steady_clock::now();
  if (deadline_ == std::chrono::steady_clock::time_point()) deadline_ = now + limits_.time;
  return now > deadline_;
}

void Evaluation::set_limits(const Limits& limits) {
  limits_ = limits;
  arena_.set_limit(limits.memory == 0 ? policy::ValueArena::kDefaultLimit : limits.memory);
  context_.interrupted = nullptr;
  if (limits.time.count() != 0 || limits.cancel != nullptr) {
    context_.interrupted = [this] {
      return (limits_.cancel != nullptr && limits_.cancel->load(std::memory_order_relaxed)) || is_late();
    };
  }
}

void Evaluation::fix_clock(std::int64_t now_ns, std::uint64_t seed) {
  fixed_clock_ = true;
  now_ns_ = now_ns;
  seed_ = seed;
}

void Evaluation::begin(Value input) {
  arena_.reset();
  if (tracer_ != nullptr) tracer_->begin(input);
  items_.clear();
  members_.clear();
  segment_ = 0;
  if (!segments_.empty()) {
    top_ = segments_[0].values.get();
    end_ = top_ + segments_[0].size;
  }
  depth_ = 0;
  ++epoch_;
  input_ = input;
  data_ = base_data_;
  input_version_ = ++last_version_;
  data_version_ = base_version_ = ++last_version_;
  hidden_ = nullptr;
  mocks_ = nullptr;
  steps_ = 0;
  next_check_ = limits_.steps != 0 ? std::min<std::uint64_t>(limits_.steps + 1, 4096) : 4096;
  deadline_ = {};
  if (program_->needs_clock_) {
    if (!fixed_clock_) {
      now_ns_ =
          std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
              .count();
      seed_ = seed_ * 6364136223846793005u + static_cast<std::uint64_t>(now_ns_);
    }
    context_.begin_query(now_ns_, seed_);
  }
}

// The time until now is that of the place reached before. kUntimed: there is none to come.
void Evaluation::pass_time(std::uint32_t place) {
  const auto now = std::chrono::steady_clock::now();
  if (timed_ != kUntimed) {
    times_[timed_] += std::chrono::duration_cast<std::chrono::nanoseconds>(now - timed_since_).count();
  }
  timed_ = place;
  timed_since_ = now;
}

// Room for one more thing under construction: what grows here counts as the arena's memory does.
void Evaluation::grow(std::size_t size, std::size_t item) {
  const std::uint64_t limit = limits_.memory == 0 ? policy::ValueArena::kDefaultLimit : limits_.memory;
  if (arena_.reserved() + 2 * size * item > limit) throw policy::MemoryLimitReached();
}

void Evaluation::push(Value value) {
  if (items_.size() == items_.capacity()) grow(items_.size(), sizeof(Value));
  items_.push_back(value);
}

void Evaluation::push(Value key, Value value) {
  if (members_.size() == members_.capacity()) grow(members_.size(), sizeof(policy::Member));
  members_.push_back({key, value});
}

template <class Body>
void Evaluation::guarded(Body body) {
  if (!error_.code.empty()) error_ = {};
  try {
    body();
  } catch (const EvalFailure& failure) {
    error_ = {failure.code, failure.message, program_->places_[failure.place], {}};
    if (error_.location.row != 0) error_.file = program_->files_[error_.location.file];
  } catch (const policy::LimitReached& limit) {
    error_ = {kEvalCancelError, limit.what(), {}, {}};
  } catch (const std::bad_alloc&) {
    error_ = {kEvalCancelError, "out of memory", {}, {}};
  }
  if (!times_.empty()) pass_time(kUntimed);
}

EvalAnswer Evaluation::eval(std::size_t entrypoint, Value input) {
  Value value;
  guarded([&] {
    if (entrypoint >= program_->entrypoints_.size()) fail(kEvalInternalError, "there is no such entrypoint", 0);
    begin(input);
    const Block& block = program_->entrypoints_[entrypoint].block;
    const Frame frame(*this, block.registers);
    value = run(block, frame.registers());
  });
  if (!error_.code.empty()) return {Value(), &error_};
  return {value, nullptr};
}

QueryAnswer Evaluation::eval_query(Value input) {
  rows_.clear();
  if (!program_->has_query()) return {};
  guarded([&] {
    begin(input);
    const Frame frame(*this, program_->query_.registers);
    const Value all = run(program_->query_, frame.registers());
    const std::size_t variables = program_->query_variables_.size(), expressions = program_->query_expressions_.size();
    const std::span<const Value> items = all.items();
    for (std::size_t i = 0; i < items.size(); i += variables + expressions + 1) {
      std::vector<policy::Member> bindings;
      for (std::size_t v = 0; v < variables; ++v) {
        bindings.push_back({Value::string(program_->query_variables_[v]), items[i + v]});
      }
      rows_.push_back(
          {policy::make_object(arena_, bindings, policy::EqualKeys::kLast), items.subspan(i + variables, expressions)});
    }
  });
  if (!error_.code.empty()) return {{}, &error_};
  return {rows_, nullptr};
}

Machine::Machine(std::shared_ptr<const Program> program)
    : evaluation_(std::make_unique<Evaluation>(std::move(program))) {}
Machine::~Machine() = default;

void Machine::set_data(Value data) { evaluation_->set_data(data); }
void Machine::set_limits(const Limits& limits) { evaluation_->set_limits(limits); }
void Machine::set_strict_builtin_errors(bool strict) { evaluation_->set_strict(strict); }
void Machine::fix_clock(std::int64_t now_ns, std::uint64_t seed) { evaluation_->fix_clock(now_ns, seed); }
BuiltinContext& Machine::builtins() { return evaluation_->builtins(); }
EvalAnswer Machine::eval(std::size_t entrypoint, Value input) { return evaluation_->eval(entrypoint, input); }
QueryAnswer Machine::eval_query(Value input) { return evaluation_->eval_query(input); }
void Machine::trace(const policy::DocumentRoot& root, document::NodeIndex object) { evaluation_->trace(root, object); }
document::NodeIndex Machine::cause_of(const Value& made) const {
  return evaluation_->tracer() == nullptr ? document::kNoNode : evaluation_->tracer()->cause_of(made);
}
void Machine::start_profile() { evaluation_->start_profile(); }
std::span<const std::int64_t> Machine::profile() const { return evaluation_->profile(); }
std::span<const std::uint64_t> Machine::coverage() const { return evaluation_->coverage(); }
void Machine::clear_coverage() {
  std::vector<std::uint64_t>& counts = evaluation_->coverage();
  std::fill(counts.begin(), counts.end(), 0);
}
std::uint64_t Machine::steps() const { return evaluation_->steps(); }
const Program& Machine::program() const { return evaluation_->program(); }

}  // namespace kubegate::rego
