// `with`: other worlds.
//
// A world is what input, data, and functions are, together with what is known of documents in it. Going into one swaps
// the present one's fields for the new ones, and going out swaps them back, so that both may be done again: a loop in
// the modified expression goes out with each of its solutions and comes back for the next. Of what is known only the
// memos of documents that the modifiers concern are swapped (Modifiers::affected); all others are the same in both.
//
// A virtual document below a replaced path is known at once: its value is what stands there in the new base documents.
//
// Within a replaced function's replacement nothing is replaced (topdown's functionMocksStack), and documents may depend
// there on anything; that is a world of its own in which nothing is known.
#include <algorithm>

#include "policy/rego/eval.h"

namespace kubegate::rego {

using policy::Cursor;
using policy::Member;

void Evaluation::swap_world(World& world) {
  for (std::size_t i = 0; i < world.affected.size(); ++i) std::swap(memos_[world.affected[i]], world.memos[i]);
  std::swap(input_, world.input);
  std::swap(data_, world.data);
  std::swap(input_version_, world.input_version);
  std::swap(data_version_, world.data_version);
  std::swap(hidden_, world.hidden);
  std::swap(mocks_, world.mocks);
}

// A copy of `object`, or of an empty one where it is none, with `value` under `key`.
Value Evaluation::put(Value object, const Value& key, Value value) {
  if (!object.is_object()) object = Value::empty_object();
  auto* members = arena_.allocate_array<Member>(policy::count(object) + 1);
  Member* end = members;
  Cursor at(object);
  bool more = at.next();
  for (; more && policy::compare(at.key(), key) < 0; more = at.next()) *end++ = {at.key(), at.value()};
  *end++ = {key, value};
  if (more && policy::equal(at.key(), key)) more = at.next();
  for (; more; more = at.next()) *end++ = {at.key(), at.value()};
  return Value::sorted_object({members, static_cast<std::size_t>(end - members)});
}

// The same with `value` at a path; what stands in the way and is no object gives way.
Value Evaluation::put(Value object, const Value* path, std::uint32_t steps, Value value) {
  Value* objects = arena_.allocate_array<Value>(steps);  // along the path
  for (std::uint32_t i = 0; i < steps; ++i) {
    objects[i] = object;
    object = object.is_object() ? policy::lookup(object, path[i]) : Value();
  }
  for (std::uint32_t i = steps; i > 0; --i) value = put(objects[i - 1], path[i - 1], value);
  return value;
}

void Evaluation::hide_below(std::uint32_t node, Value value, std::uint8_t* marks, World& world) {
  marks[node] = 1;
  const DataNode& here = program_->nodes_[node];
  if (here.document != 0 && program_->documents_[here.document - 1].kind != VirtualDocument::Kind::kFunction) {
    const auto place = std::lower_bound(world.affected.begin(), world.affected.end(), here.document - 1);
    if (place != world.affected.end() && *place == here.document - 1) {
      Memo& memo = world.memos[place - world.affected.begin()];
      memo.epoch = epoch_;
      memo.value = value;
    }
  }
  for (const std::uint32_t child : here.children) {
    hide_below(child, policy::lookup(value, program_->nodes_[child].key), marks, world);
  }
}

void Evaluation::hide(const Value* path, std::uint32_t steps, Value value, std::uint8_t* marks, World& world) {
  std::uint32_t node = 0;
  for (std::uint32_t i = 0; i < steps; ++i) {
    const auto& children = program_->nodes_[node].children;
    const auto child = std::find_if(children.begin(), children.end(), [&](std::uint32_t number) {
      return policy::equal(program_->nodes_[number].key, path[i]);
    });
    if (child == children.end()) return;
    node = *child;
  }
  hide_below(node, value, marks, world);
}

Evaluation::World* Evaluation::enter(const Modifiers& modifiers, const Value* operands) {
  auto* world = arena_.allocate_array<World>(1);
  *world = {modifiers.affected, nullptr, input_, data_, input_version_, data_version_, hidden_, mocks_};
  // A document may depend, through a replacement, on what it does not read itself.
  if (mocks_ != nullptr) world->affected = all_documents_;
  world->memos = arena_.allocate_array<Memo>(world->affected.size());
  std::fill_n(world->memos, world->affected.size(), Memo());
  if (modifiers.changes_input) world->input_version = ++last_version_;
  std::uint8_t* marks = nullptr;
  if (modifiers.changes_data) {
    world->data_version = ++last_version_;
    const std::size_t nodes = program_->nodes_.size();
    marks = arena_.allocate_array<std::uint8_t>(nodes);
    if (hidden_ != nullptr) {
      std::copy_n(hidden_, nodes, marks);
    } else {
      std::fill_n(marks, nodes, std::uint8_t{0});
    }
    world->hidden = marks;
  }
  if (modifiers.mocks) {
    const std::size_t count = program_->mocks_.size();
    world->mocks = arena_.allocate_array<MockState>(count);
    if (mocks_ != nullptr) {
      std::copy_n(mocks_, count, world->mocks);
    } else {
      std::fill_n(world->mocks, count, MockState{nullptr, Value()});
    }
  }
  for (const Modifier& modifier : modifiers.list) {
    const Value* path = operands;
    switch (modifier.kind) {
      case Modifier::Kind::kInput:
        world->input = put(world->input, path, modifier.steps, path[modifier.steps]);
        operands += modifier.steps + 1;
        break;
      case Modifier::Kind::kData:
        world->data = put(world->data, path, modifier.steps, path[modifier.steps]);
        hide(path, modifier.steps, path[modifier.steps], marks, *world);
        operands += modifier.steps + 1;
        break;
      case Modifier::Kind::kMockValue: world->mocks[modifier.target] = {&modifier, *operands++}; break;
      case Modifier::Kind::kMockBuiltin:
      case Modifier::Kind::kMockFunction: world->mocks[modifier.target] = {&modifier, Value()}; break;
    }
  }
  // Documents that a `with` around this one has replaced stay so.
  if (hidden_ != nullptr) {
    for (std::size_t i = 0; i < world->affected.size(); ++i) {
      const std::uint32_t number = world->affected[i];
      if (world->memos[i].epoch == 0 && hidden_document(number)) world->memos[i] = memos_[number];
    }
  }
  swap_world(*world);
  return world;
}

Value Evaluation::call_mocked(const Instruction& at, const Value* args) {
  const MockState mock = mocks_ == nullptr ? MockState{nullptr, Value()} : mocks_[at.imm];
  const auto place = static_cast<std::uint32_t>(at.b);
  if (mock.modifier == nullptr) {
    const Mock& own = program_->mocks_[at.imm];
    return own.is_builtin ? builtin(own.id, args, at.n, place) : call(own.id, args, at.n);
  }
  if (mock.modifier->kind == Modifier::Kind::kMockValue) return mock.value;
  if (mock.modifier->kind == Modifier::Kind::kMockBuiltin) {
    return builtin(mock.modifier->replacement, args, at.n, place);
  }
  World world = {all_documents_, arena_.allocate_array<Memo>(all_documents_.size()),
                 input_,         data_,
                 input_version_, data_version_,
                 hidden_,        nullptr};
  std::fill_n(world.memos, all_documents_.size(), Memo());
  if (hidden_ != nullptr) {
    for (const std::uint32_t number : all_documents_) {
      if (hidden_document(number)) world.memos[number] = memos_[number];
    }
  }
  swap_world(world);
  const Value value = call(mock.modifier->replacement, args, at.n);
  swap_world(world);
  return value;
}

}  // namespace kubegate::rego
