// Documents, calls, and the places of data where rules and base documents stand side by side.
#include <algorithm>
#include <charconv>

#include "policy/rego/eval.h"
#include "policy/value/document_root.h"
#include "validate/base/hash.h"

namespace kubegate::rego {

using policy::Cursor;
using policy::EqualKeys;
using policy::Member;

// ---- Frames --------------------------------------------------------------------------------------------------------

Evaluation::Frame::Frame(Evaluation& evaluation, std::uint32_t registers)
    : evaluation_(evaluation), segment_(evaluation.segment_), top_(evaluation.top_) {
  if (evaluation.top_ == nullptr || registers > static_cast<std::size_t>(evaluation.end_ - evaluation.top_)) {
    constexpr std::size_t kSegment = 4096;
    if (evaluation.top_ != nullptr) ++evaluation.segment_;
    if (evaluation.segment_ == evaluation.segments_.size()) evaluation.segments_.emplace_back();
    Segment& segment = evaluation.segments_[evaluation.segment_];
    if (segment.size < registers) {
      segment.size = std::max<std::size_t>(registers, kSegment);
      segment.values = std::make_unique<Value[]>(segment.size);
    }
    evaluation.top_ = segment.values.get();
    evaluation.end_ = segment.values.get() + segment.size;
  }
  registers_ = evaluation.top_;
  evaluation.top_ += registers;
  ++evaluation.depth_;
}

Evaluation::Frame::~Frame() {
  if (evaluation_.segment_ != segment_) {
    evaluation_.segment_ = segment_;
    const Segment& segment = evaluation_.segments_[segment_];
    evaluation_.end_ = segment.values.get() + segment.size;
  }
  evaluation_.top_ = top_ != nullptr ? top_ : evaluation_.segments_[0].values.get();
  --evaluation_.depth_;
}

// ---- Documents and functions ---------------------------------------------------------------------------------------

// A document or function that is about to be run, one deeper than what waits for it.
const VirtualDocument& Evaluation::descend(std::uint32_t number) {
  tick();
  const VirtualDocument& document = program_->documents_[number];
  if (depth_ >= limits_.depth) {
    fail(kEvalCancelError, "rules wait for one another more than " + std::to_string(limits_.depth) + " deep",
         document.place);
  }
  return document;
}

Value Evaluation::compute(std::uint32_t number) {
  const VirtualDocument& document = descend(number);
  const Frame frame(*this, document.block.registers);
  const Value value = run(document.block, frame.registers());
  if (document.memoize) {
    memos_[number].epoch = epoch_;
    memos_[number].value = value;
  }
  return value;
}

Value Evaluation::apply(std::uint32_t number, const Value* args, std::uint32_t count) {
  const VirtualDocument& document = descend(number);
  const Frame frame(*this, document.block.registers);
  std::copy_n(args, count, frame.registers());
  return run(document.block, frame.registers());
}

namespace {

// What makes an argument itself, without looking into collections.
std::uint64_t identity(const Value& value) {
  using Rep = Value::Rep;
  switch (value.rep()) {
    case Rep::kInt: return static_cast<std::uint64_t>(value.int_value());
    case Rep::kReal: return static_cast<std::uint64_t>(value.real_value());
    case Rep::kString:
    case Rep::kNumberText: return hash_key(value.text());
    case Rep::kArray:
    case Rep::kSet: return reinterpret_cast<std::uintptr_t>(value.items().data());
    case Rep::kObject: return reinterpret_cast<std::uintptr_t>(value.members().data());
    case Rep::kNodeArray:
    case Rep::kNodeObject: return reinterpret_cast<std::uintptr_t>(&value.root()) + value.node();
    default: return 0;
  }
}

bool identical(const Value& a, const Value& b) {
  using Rep = Value::Rep;
  if (a.rep() != b.rep()) return false;
  switch (a.rep()) {
    case Rep::kInt: return a.int_value() == b.int_value();
    case Rep::kReal: return a.real_value() == b.real_value() && a.real_form() == b.real_form();
    case Rep::kString:
    case Rep::kNumberText: return a.text() == b.text();
    case Rep::kArray:
    case Rep::kSet: return a.items().data() == b.items().data() && a.items().size() == b.items().size();
    case Rep::kObject: return a.members().data() == b.members().data() && a.members().size() == b.members().size();
    case Rep::kNodeArray:
    case Rep::kNodeObject: return &a.root() == &b.root() && a.node() == b.node();
    default: return true;
  }
}

}  // namespace

// Calls of functions that look at nothing but their arguments, which are parts of base documents, are remembered for as
// long as those stay: a policy that compares each object with all others asks the same of the others for each.
bool Evaluation::keeps(std::uint32_t number, const Value* args, std::uint32_t count) {
  constexpr std::uint64_t kMostKept = std::uint64_t{32} << 20;
  if (!program_->documents_[number].keep || kept_arena_.reserved() > kMostKept) return false;
  bool stored = false;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (!args[i].is_collection()) continue;
    if (!args[i].is_node() || !is_base(args[i].root())) return false;
    stored = true;
  }
  return stored;
}

// Whether a document is part of the base documents.
bool Evaluation::is_base(const policy::DocumentRoot& root) {
  if (&root == last_root_) return last_is_base_;
  if (!base_known_) {
    base_known_ = true;
    constexpr int kDepth = 8;
    const auto gather = [&](const auto& self, Value value, int depth) -> void {
      if (value.is_node()) {
        base_roots_.insert(&value.root());
      } else if (value.is_collection() && depth < kDepth) {
        for (Cursor at(value); at.next();) self(self, at.value(), depth + 1);
      }
    };
    gather(gather, base_data_, 0);
  }
  last_root_ = &root;
  return last_is_base_ = base_roots_.find(&root) != base_roots_.end();
}

void Evaluation::forget_kept() {
  kept_arena_.reset();
  std::fill(kept_calls_.begin(), kept_calls_.end(), nullptr);
  base_roots_.clear();
  base_known_ = false;
  last_root_ = nullptr;
}

void Evaluation::remember(Calls*& calls, policy::ValueArena& arena, const Call& call) {
  const auto add = [](Calls& to, const Call& each) {
    std::uint32_t i = static_cast<std::uint32_t>(each.hash);
    while (to.slots[i & (to.capacity - 1)].args != nullptr) ++i;
    to.slots[i & (to.capacity - 1)] = each;
    ++to.count;
  };
  if (calls == nullptr || calls->count * 2 >= calls->capacity) {
    const std::uint32_t capacity = calls == nullptr ? 8 : calls->capacity * 2;
    auto* grown = arena.allocate_array<Calls>(1);
    *grown = {arena.allocate_array<Call>(capacity), capacity, 0};
    std::fill_n(grown->slots, capacity, Call{0, nullptr, Value()});
    if (calls != nullptr) {
      for (std::uint32_t i = 0; i < calls->capacity; ++i) {
        if (calls->slots[i].args != nullptr) add(*grown, calls->slots[i]);
      }
    }
    calls = grown;
  }
  add(*calls, call);
}

Value Evaluation::call(std::uint32_t number, const Value* args, std::uint32_t count) {
  // A tracer wants to see each call.
  if (!program_->documents_[number].memoize || tracer_ != nullptr) return apply(number, args, count);
  std::uint64_t hash = number;
  for (std::uint32_t i = 0; i < count; ++i) {
    hash = (hash ^ identity(args[i]) ^ static_cast<std::uint64_t>(args[i].rep()) << 56) * 0x9e3779b97f4a7c15ull;
    hash ^= hash >> 32;
  }
  const bool kept = keeps(number, args, count);
  Memo& memo = memos_[number];
  if (!kept && memo.epoch != epoch_) {
    memo.epoch = epoch_;
    memo.calls = nullptr;
  }
  if (const Calls* calls = kept ? kept_calls_[number] : memo.calls; calls != nullptr) {
    for (std::uint32_t i = static_cast<std::uint32_t>(hash);; ++i) {
      const Call& known = calls->slots[i & (calls->capacity - 1)];
      if (known.args == nullptr) break;
      if (known.hash == hash && std::equal(args, args + count, known.args, identical)) return known.result;
    }
  }
  const Value result = apply(number, args, count);
  policy::ValueArena& arena = kept ? kept_arena_ : arena_;
  auto* copy = arena.allocate_array<Value>(std::max<std::uint32_t>(count, 1));
  std::copy_n(args, count, copy);
  if (!kept) {
    remember(memo.calls, arena, {hash, copy, result});
    return result;
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    if (!copy[i].is_node()) copy[i] = policy::copy_value(arena, copy[i]);
  }
  const Value lasting = result.defined() ? policy::copy_value(arena, result) : result;
  remember(kept_calls_[number], arena, {hash, copy, lasting});
  return lasting;
}

// One key of a partial document: alone, unless the whole is known or so many keys are asked for that it is less.
Value Evaluation::member(std::uint32_t number, const Value& key) {
  constexpr std::uint32_t kFewKeys = 8;
  const std::uint32_t alone = program_->documents_[number].member;
  if (alone != 0 && memos_[number].epoch != epoch_) {
    const Memo& asked = memos_[alone - 1];
    if (asked.epoch != epoch_ || asked.calls == nullptr || asked.calls->count < kFewKeys) {
      return call(alone - 1, &key, 1);
    }
  }
  return policy::lookup(document(number), key);
}

Value Evaluation::builtin(std::uint32_t number, const Value* args, std::uint32_t count, std::uint32_t place) {
  const Value value = call_builtin(*program_->builtins_[number], context_, {args, count});
  if (!value.defined() && context_.failed() && (strict_ || context_.error().halts)) {
    fail(context_.error().code, context_.error().message, place);
  }
  return value;
}

// ---- Paths and places of data --------------------------------------------------------------------------------------

// From the nearest step that is known down: a path may have more steps than the stack has room for calls.
Value Evaluation::find_path(std::uint32_t number) {
  const std::uint64_t version = program_->paths_[number].data ? data_version_ : input_version_;
  unknown_paths_.clear();
  std::uint32_t at = number;
  for (; at > 1 && paths_[at].version != version; at = program_->paths_[at].parent) unknown_paths_.push_back(at);
  if (at <= 1) paths_[at] = {version, program_->paths_[at].data ? data_ : input_};
  for (; !unknown_paths_.empty(); unknown_paths_.pop_back()) {
    const ConstantPath& here = program_->paths_[unknown_paths_.back()];
    const Value parent = paths_[here.parent].value;
    const Value value = parent.is_object() ? policy::find_member(parent, here.key.text, here.key.hash)
                        : here.data        ? stored_member(parent, Value::string(here.key.text))
                                           : policy::lookup(parent, Value::string(here.key.text));
    paths_[unknown_paths_.back()] = {version, value};
  }
  return paths_[number].value;
}

// The step of a storage path: its text picks a member of an object as well as an item of an array. Rule:
// storage.NewPathForRef and the in-memory store.
Value Evaluation::stored_member(Value base, Value key) {
  if (base.is_object()) {
    if (key.is_string()) return policy::lookup(base, key.text());
    return key.is_collection() ? Value() : policy::lookup(base, policy::to_json(key));
  }
  if (base.is_array() && key.is_string()) {
    const std::string_view text = key.text();
    std::int64_t index = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
    return error == std::errc() && end == text.data() + text.size() ? policy::lookup(base, Value::integer(index))
                                                                    : Value();
  }
  return policy::lookup(base, key);
}

// What is in two documents: objects member by member; of all else the first counts. Rule: topdown's merge.
Value Evaluation::merge(Value a, Value b) {
  if (!a.defined() || !b.defined()) return a.defined() ? a : b;
  if (!a.is_object() || !b.is_object()) return a;
  std::vector<Member> members;
  for (Cursor at(a); at.next();) members.push_back({at.key(), merge(at.value(), policy::lookup(b, at.key()))});
  for (Cursor at(b); at.next();) {
    if (!policy::contains(a, at.key())) members.push_back({at.key(), at.value()});
  }
  return policy::make_object(arena_, members, EqualKeys::kLast);
}

// A place of data is a pair: the number of a node with the base document there; undefined with what is in base documents
// alone; null with what is in a value that rules made.
Value Evaluation::data_keys(Value node, Value base) {
  if (!node.is_int() || hidden(static_cast<std::uint32_t>(node.int_value()))) return base;
  const DataNode& here = program_->nodes_[static_cast<std::size_t>(node.int_value())];
  if (here.children.empty()) return base;
  std::vector<Value> keys;
  for (const std::uint32_t child : here.children) keys.push_back(program_->nodes_[child].key);
  for (Cursor at(base); at.next();) keys.push_back(at.key());
  return policy::make_set(arena_, keys);
}

bool Evaluation::data_step(Value node, Value base, Value key, Value* out) {
  if (node.is_null()) {
    out[0] = node;
    out[1] = policy::lookup(base, key);
    return out[1].defined();
  }
  out[0] = Value();
  out[1] = stored_member(base, key);
  if (!node.defined() || hidden(static_cast<std::uint32_t>(node.int_value()))) return out[1].defined();
  const auto& children = program_->nodes_[static_cast<std::size_t>(node.int_value())].children;
  const auto at = std::lower_bound(children.begin(), children.end(), key, [&](std::uint32_t number, const Value& k) {
    return policy::compare(program_->nodes_[number].key, k) < 0;
  });
  if (at != children.end() && policy::equal(program_->nodes_[*at].key, key)) {
    const std::uint32_t number = *at;
    const DataNode& child = program_->nodes_[number];
    if (hidden(number)) return out[1].defined();
    if (child.document == 0) {
      out[0] = Value::integer(number);
      return true;
    }
    if (program_->documents_[child.document - 1].kind == VirtualDocument::Kind::kFunction) return false;
    out[0] = Value::null();
    out[1] = document(child.document - 1);
    return out[1].defined();
  }
  return out[1].defined();
}

Value Evaluation::data_value(Value node, Value base) {
  return node.is_int() ? extent(static_cast<std::uint32_t>(node.int_value()), base) : base;
}

// A whole document: rules and the base document below them, which counts where the two conflict. The depth of calls is
// that of the packages' paths, which the compiler bounds.
Value Evaluation::extent(std::uint32_t number, Value base) {
  if (hidden(number)) return base;
  const DataNode& node = program_->nodes_[number];
  if (node.document != 0) {
    const bool function = program_->documents_[node.document - 1].kind == VirtualDocument::Kind::kFunction;
    return function ? base : merge(base, document(node.document - 1));
  }
  if (base.defined() && !base.is_object()) return base;
  std::vector<Member> members;
  if (base.is_object()) {
    for (Cursor at(base); at.next();) members.push_back({at.key(), at.value()});
  }
  for (const std::uint32_t child : node.children) {
    const Value key = program_->nodes_[child].key;
    if (number == 0 && key.is_string() && key.text() == "system") continue;
    const Value value = extent(child, policy::lookup(base, key));
    if (value.defined()) members.push_back({key, value});
  }
  return policy::make_object(arena_, members, EqualKeys::kLast);
}

// ---- Objects of objects --------------------------------------------------------------------------------------------

namespace {

struct PathRecord {
  const Value* keys;  // then the value
  std::uint32_t length;
  PathLeaf leaf;
};

// The records from `first` to `last` agree in `depth` keys and are sorted by the others. False where they conflict.
bool build_paths(policy::ValueArena& arena, PathRecord* first, PathRecord* last, std::uint32_t depth, Value& out) {
  const auto ends = std::count_if(first, last, [&](const PathRecord& record) { return record.length == depth; });
  if (ends != 0) {
    if (ends != last - first) return false;
    const bool set = first->leaf != PathLeaf::kValue;
    std::vector<Value> members;
    for (PathRecord* record = first; record != last; ++record) {
      if ((record->leaf != PathLeaf::kValue) != set) return false;
      if (!set && !policy::equal(record->keys[depth], first->keys[depth])) return false;
      if (record->leaf == PathLeaf::kMembers) {
        for (Cursor at(record->keys[depth]); at.next();) members.push_back(at.value());
      } else {
        members.push_back(record->keys[depth]);
      }
    }
    out = set ? policy::make_set(arena, members) : members[0];
    return true;
  }
  std::vector<Member> members;
  while (first != last) {
    PathRecord* end = first;
    while (end != last && policy::equal(end->keys[depth], first->keys[depth])) ++end;
    Value value;
    if (!build_paths(arena, first, end, depth + 1, value)) return false;
    members.push_back({first->keys[depth], value});
    first = end;
  }
  out = policy::make_object(arena, members, EqualKeys::kLast);
  return true;
}

}  // namespace

Value Evaluation::end_paths(std::size_t begin, const Instruction& at) {
  std::vector<PathRecord> records;
  // From the last to the first: behind its keys and its value stands what a record is.
  for (std::size_t end = items_.size(); end > begin;) {
    const auto what = static_cast<std::uint32_t>(items_[end - 1].int_value());
    const std::uint32_t length = what / 4;
    end -= length + 2;
    records.push_back({items_.data() + end, length, static_cast<PathLeaf>(what % 4)});
  }
  std::reverse(records.begin(), records.end());
  std::stable_sort(records.begin(), records.end(), [](const PathRecord& a, const PathRecord& b) {
    for (std::uint32_t i = 0; i < std::min(a.length, b.length); ++i) {
      if (const int c = policy::compare(a.keys[i], b.keys[i])) return c < 0;
    }
    return a.length < b.length;
  });
  Value out = Value::empty_object();
  if (!records.empty() && !build_paths(arena_, records.data(), records.data() + records.size(), 0, out)) conflict(at);
  items_.resize(begin);
  return out;
}

}  // namespace kubegate::rego
