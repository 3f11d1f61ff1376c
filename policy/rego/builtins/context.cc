#include "policy/rego/builtin.h"
#include "policy/rego/builtins/caches.h"

namespace kubegate::rego {

BuiltinContext::BuiltinContext(ValueArena& arena) : arena_(&arena), caches_(std::make_unique<BuiltinCaches>()) {}
BuiltinContext::~BuiltinContext() = default;

void BuiltinContext::begin_query(std::int64_t now_ns, std::uint64_t seed) {
  now_ns_ = now_ns;
  random_ = seed;
  error_ = {};
  caches_->answers.clear();
  caches_->sent.clear();
}

std::string_view BuiltinContext::name() const { return current_ == nullptr ? std::string_view() : current_->name; }

std::uint64_t BuiltinContext::random() {
  // splitmix64: every seed is good, and the state is one word.
  std::uint64_t z = random_ += 0x9e3779b97f4a7c15ull;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ z >> 27) * 0x94d049bb133111ebull;
  return z ^ z >> 31;
}

namespace {
std::string named(const BuiltinDeclaration* builtin, std::string_view message) {
  std::string text(builtin == nullptr ? "" : builtin->name);
  if (!text.empty()) text += ": ";
  return text += message;
}
}  // namespace

Value BuiltinContext::fail(std::string_view message) {
  error_ = {kEvalBuiltinError, named(current_, message), false};
  return Value();
}

Value BuiltinContext::fail_operand(std::string_view message) {
  error_ = {kEvalTypeError, named(current_, message), false};
  return Value();
}

Value BuiltinContext::halt(std::string_view code, std::string_view message) {
  error_ = {code, std::string(message), true};
  return Value();
}

Value call_builtin(const BuiltinDeclaration& builtin, BuiltinContext& context, std::span<const Value> args) {
  context.current_ = &builtin;
  if (!context.error_.code.empty()) context.error_ = {};
  if (builtin.function == nullptr) {
    return context.halt(kEvalInternalError, "unsupported built-in: " + std::string(builtin.name));
  }
  return builtin.function(context, args);
}

}  // namespace kubegate::rego
