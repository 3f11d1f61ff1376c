// One object before its constraints. An object meets the constraints that cover its kind; for those that match, the
// input document is put together from values that exist already (the object itself, read in place, and the parameters),
// and the constraint's own machine runs its program.
//
// Rules: Client.Review and drivers/rego/driver.go of open-policy-agent/frameworks; pkg/target/target.go of Gatekeeper,
// which makes a request of a bare object.
//
// Tested in tests/policy/gatekeeper/reviewer_test.cc, and against gator's recorded output in recorded_test.cc.
#include "policy/gatekeeper/reviewer.h"

#include <algorithm>
#include <chrono>

#include "policy/value/value.h"

namespace kubegate::gatekeeper {

using policy::Cursor;
using policy::Member;
using policy::Value;

namespace {

Value text(std::string_view chars) { return Value::string(chars); }

Value object_of(policy::ValueArena& arena, std::initializer_list<Member> members) {
  std::vector<Member> list(members);
  return policy::make_object(arena, list, policy::EqualKeys::kLast);
}

// Only so many kinds are remembered: a run over endless made-up kinds must not gather memory.
constexpr std::size_t kMaxKinds = 4096;

// A step that is traced costs far more than another; where so many are not enough, the object is all there is to show.
constexpr std::uint64_t kTracedSteps = 200'000;

}  // namespace

rego::Limits default_limits() {
  rego::Limits limits;
  limits.steps = 50'000'000;
  limits.time = std::chrono::seconds(5);
  limits.memory = std::uint64_t{256} << 20;
  return limits;
}

Reviewer::Reviewer(std::shared_ptr<const Policies> policies, const rego::Limits& limits)
    : policies_(std::move(policies)), limits_(limits) {
  machines_.resize(policies_->constraints().size());
  tracing_.resize(machines_.size());
  set_inventory({});
}

Reviewer::~Reviewer() = default;

void Reviewer::set_inventory(Value inventory) {
  data_arena_.reset();
  if (!inventory.defined()) inventory = Value::empty_object();
  data_ = object_of(data_arena_, {{text("inventory"), inventory}});
  for (const auto* machines : {&machines_, &tracing_}) {
    for (const auto& machine : *machines) {
      if (machine != nullptr) machine->set_data(data_);
    }
  }
}

void Reviewer::set_print(std::function<void(std::string_view)> print) {
  print_ = std::move(print);
  for (const auto& machine : machines_) {
    if (machine != nullptr) machine->builtins().print_hook = print_;
  }
}

const std::vector<std::uint32_t>& Reviewer::covering(std::string_view group, std::string_view kind) {
  kind_key_.assign(group);
  kind_key_ += '/';
  kind_key_ += kind;
  if (covering_.size() >= kMaxKinds) covering_.clear();
  const auto [entry, added] = covering_.try_emplace(kind_key_);
  if (added) entry->second = policies_->covering(group, kind);
  return entry->second;
}

rego::Machine& Reviewer::machine(std::uint32_t number) {
  auto& machine = machines_[number];
  if (machine == nullptr) {
    machine = std::make_unique<rego::Machine>(policies_->constraints()[number].program);
    machine->set_limits(limits_);
    machine->set_data(data_);
    machine->builtins().print_hook = print_;
  }
  return *machine;
}

Value Reviewer::input_of(const Review& review) {
  const Value name_space = review.name_space.defined() ? review.name_space : Value::empty_object();
  if (review.request.defined()) {
    std::vector<Member> members;
    for (Cursor field(review.request); field.next();) members.push_back({field.key(), field.value()});
    // Rego sees what is deleted as the object.
    if (!review.object.exists()) members.push_back({text("object"), review.old_object.value});
    members.push_back({text("namespaceObject"), name_space});
    return policy::make_object(arena_, members, policy::EqualKeys::kLast);
  }
  const Subject& subject = review.object;
  const Value nothing = text("");
  // In the order of keys, for the two that may be missing have their place.
  Member* members = arena_.allocate_array<Member>(11);
  std::size_t count = 0;
  const auto add = [&](std::string_view key, Value value) { members[count++] = {text(key), value}; };
  Member* kind = arena_.allocate_array<Member>(3);
  kind[0] = {text("group"), text(subject.group)};
  kind[1] = {text("kind"), text(subject.kind)};
  kind[2] = {text("version"), text(subject.version)};
  static const Member kNoResource[] = {
      {text("group"), text("")}, {text("resource"), text("")}, {text("version"), text("")}};
  add("kind", Value::sorted_object({kind, 3}));
  if (!subject.name.empty()) add("name", text(subject.name));
  if (!subject.name_space.empty()) add("namespace", text(subject.name_space));
  add("namespaceObject", name_space);
  add("object", subject.value);
  add("oldObject", review.old_object.exists() ? review.old_object.value : Value::null());
  add("operation", nothing);
  add("options", Value::null());
  add("resource", Value::sorted_object(kNoResource));
  add("uid", nothing);
  add("userInfo", Value::empty_object());
  return Value::sorted_object({members, count});
}

void Reviewer::judge(std::uint32_t number, Value review, const Subject& subject, std::vector<Violation>& out) {
  const Constraint& constraint = policies_->constraints()[number];
  const Member members[] = {{text("parameters"), constraint.parameters}, {text("review"), review}};
  const Value input = Value::sorted_object(members);
  const rego::EvalAnswer answer = machine(number).eval(0, input);
  if (answer.error != nullptr) {
    const bool limit = answer.error->code == rego::kEvalCancelError;
    out.push_back({number, limit ? Violation::Cause::kLimit : Violation::Cause::kError, answer.error->text()});
    return;
  }
  if (!answer.value.defined() || policy::count(answer.value) == 0) return;
  // What Gatekeeper's hook makes of a result: its message and its details; one without a message is dropped.
  const std::size_t first = out.size();
  for (Cursor result(answer.value); result.next();) {
    const Value message = policy::lookup(result.key(), "msg");
    if (!message.defined()) continue;
    Value details = policy::lookup(result.key(), "details");
    if (!details.defined()) details = Value::empty_object();
    if (!message.is_string()) {
      out.push_back({number,
                     Violation::Cause::kMessage,
                     "the msg of a violation is a string, not " + policy::to_json(message),
                     {}});
      continue;
    }
    out.push_back({number, Violation::Cause::kPolicy, std::string(message.text()), details});
  }
  if (locating_) locate(number, input, subject.value, std::span(out).subspan(first));
  const auto begin = out.begin() + static_cast<std::ptrdiff_t>(first);
  const auto order = [](const Violation& a, const Violation& b) {
    const int details = policy::compare(a.details, b.details);
    return details != 0 ? details < 0 : a.message < b.message;
  };
  std::sort(begin, out.end(), order);
  const auto same = [&](const Violation& a, const Violation& b) { return !order(a, b) && !order(b, a); };
  out.erase(std::unique(begin, out.end(), same), out.end());
}

// The violations of one evaluation, in its order, once more.
void Reviewer::locate(std::uint32_t number, Value input, Value object, std::span<Violation> violations) {
  if (!object.is_node() || violations.empty()) return;
  if (tracing_[number] == nullptr) {
    tracing_[number] = std::make_unique<rego::Machine>(policies_->constraints()[number].program);
    rego::Limits limits = limits_;
    limits.steps = limits.steps == 0 ? kTracedSteps : std::min(limits.steps, kTracedSteps);
    tracing_[number]->set_limits(limits);
    tracing_[number]->set_data(data_);
  }
  rego::Machine& tracing = *tracing_[number];
  tracing.trace(object.root(), object.node());
  const rego::EvalAnswer answer = tracing.eval(0, input);
  if (answer.error != nullptr || !answer.value.defined()) return;
  auto violation = violations.begin();
  for (Cursor result(answer.value); result.next();) {
    const Value message = policy::lookup(result.key(), "msg");
    if (!message.defined()) continue;
    // Another answer than before: a policy that asks for the time.
    if (violation == violations.end()) return;
    if (message.is_string() && message.text() == violation->message) {
      violation->cause_at = tracing.cause_of(result.key());
    }
    ++violation;
  }
}

void Reviewer::review(const Review& review, std::vector<Violation>& out) {
  arena_.reset();
  Value input;
  const Subject& subject = review.object.exists() ? review.object : review.old_object;
  std::string why;
  for (const std::uint32_t number : covering(subject.group, subject.kind)) {
    const Constraint& constraint = policies_->constraints()[number];
    const Matched matched = constraint.match.matches(review, &why);
    if (matched == Matched::kNo) continue;
    if (matched == Matched::kUnknown) {
      out.push_back({number, Violation::Cause::kUnmatched, why, {}});
      continue;
    }
    if (constraint.program == nullptr) continue;
    if (!input.defined()) input = input_of(review);
    if (costs_ == nullptr) {
      judge(number, input, subject, out);
      continue;
    }
    const auto begin = std::chrono::steady_clock::now();
    judge(number, input, subject, out);
    costs_->push_back({number, std::chrono::steady_clock::now() - begin});
  }
}

}  // namespace kubegate::gatekeeper
