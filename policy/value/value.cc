// The idea: one set of functions over two ways of holding a collection, an array in the arena and a subtree of a
// document, so that a rule over a manifest reads the manifest's own nodes. Own objects and sets are sorted arrays:
// they compare, print and iterate in OPA's order without further work, and lookups need no hash table. A mapping of a
// document is searched by the key hashes that its nodes carry while it is small, and by its sorted order where large.
// Tested by the tables of built-ins and by OPA's conformance cases, whose data and input are documents.
#include "policy/value/value.h"

#include <algorithm>
#include <cmath>

#include "policy/value/document_root.h"
#include "policy/value/number.h"
#include "validate/base/hash.h"

namespace kubegate::policy {
namespace {

using document::NodeIndex;

// Below this many members a scan beats a binary search.
constexpr std::uint32_t kScan = 16;

// A canonical decimal int64: what Value::integer prints.
bool canonical_int(std::string_view text, std::int64_t& out) {
  const bool negative = !text.empty() && text[0] == '-';
  const std::string_view digits = text.substr(negative);
  if (digits.empty() || digits.size() > 19 || (digits[0] == '0' && (digits.size() > 1 || negative))) return false;
  std::uint64_t magnitude = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return false;
    magnitude = magnitude * 10 + static_cast<std::uint64_t>(c - '0');
  }
  if (magnitude > std::uint64_t{INT64_MAX} + negative) return false;
  out = static_cast<std::int64_t>(negative ? 0 - magnitude : magnitude);
  return true;
}

int sign(int c) { return c < 0 ? -1 : c > 0; }

int compare_text(std::string_view a, std::string_view b) { return sign(a.compare(b)); }

bool before(Value a, Value b) { return compare(a, b) < 0; }

template <class T, class Less>
void sort_stable(std::span<T> items, Less less) {
  if (std::is_sorted(items.begin(), items.end(), less)) return;
  if (items.size() > 24) return std::stable_sort(items.begin(), items.end(), less);
  for (std::size_t i = 1; i < items.size(); ++i) {
    const T item = items[i];
    std::size_t at = i;
    for (; at > 0 && less(item, items[at - 1]); --at) items[at] = items[at - 1];
    items[at] = item;
  }
}

std::uint64_t mix(std::uint64_t h, std::uint64_t x) {
  h = (h ^ x) * 0x9e3779b97f4a7c15ull;
  return h ^ (h >> 32);
}

template <class T, class Key>
const T* find_sorted(std::span<const T> items, Value wanted, Key key) {
  const auto at = std::lower_bound(items.begin(), items.end(), wanted,
                                   [&](const T& item, Value w) { return compare(key(item), w) < 0; });
  return at != items.end() && compare(key(*at), wanted) == 0 ? &*at : nullptr;
}

NodeIndex item_node(const DocumentRoot& root, NodeIndex sequence, std::uint32_t i) {
  if (i < kScan) {
    NodeIndex at = sequence + 1;
    while (i-- > 0) at = root.document().next(at);
    return at;
  }
  return root.items(sequence)[i];
}

}  // namespace

std::string_view type_name(Type type) {
  static constexpr std::string_view kNames[] = {"undefined", "null",  "boolean", "number",
                                                "string",    "array", "object",  "set"};
  return kNames[static_cast<int>(type)];
}

Value Value::real(double d, RealForm form) {
  const double bound = form == RealForm::kGo ? 1e6 : 0x1p53;
  if (std::fabs(d) < bound && d == std::trunc(d) && !(d == 0 && std::signbit(d))) {
    return integer(static_cast<std::int64_t>(d));
  }
  Value v(Rep::kReal, static_cast<std::uint32_t>(form), 0);
  v.real_ = d;
  return v;
}

Value Value::number(std::string_view text) {
  std::int64_t i;
  if (canonical_int(text, i)) return integer(i);
  Value v = string(text);
  v.rep_ = Rep::kNumberText;
  return v;
}

Value Value::sorted_object(std::span<const Member> members) {
  std::uint16_t inner = 0;
  for (const Member& m : members) inner = std::max({inner, m.key.depth_, m.value.depth_});
  Value v(Rep::kObject, static_cast<std::uint32_t>(members.size()), 0);
  v.depth_ = depth_above(inner);
  v.members_ = members.data();
  return v;
}

std::span<const Member> Value::members() const { return {members_, size_}; }

Value make_string(ValueArena& arena, std::string_view text) {
  if (text.size() > UINT32_MAX) throw MemoryLimitReached();
  return Value::string(arena.copy(text));
}

Value make_number(ValueArena& arena, std::string_view text) {
  const Value v = Value::number(text);
  return v.rep() == Value::Rep::kNumberText ? Value::number(arena.copy(text)) : v;
}

Value make_array(ValueArena& arena, std::span<const Value> items) {
  if (items.empty()) return Value::empty_array();
  if (items.size() > UINT32_MAX) throw MemoryLimitReached();
  Value* copy = arena.allocate_array<Value>(items.size());
  std::copy(items.begin(), items.end(), copy);
  return Value::array({copy, items.size()});
}

Value make_set(ValueArena& arena, std::span<Value> items) {
  if (items.empty()) return Value::empty_set();
  if (items.size() > UINT32_MAX) throw MemoryLimitReached();
  sort_stable(items, before);
  Value* copy = arena.allocate_array<Value>(items.size());
  std::size_t n = 0;
  for (const Value item : items) {
    if (n == 0 || !equal(copy[n - 1], item)) copy[n++] = item;
  }
  return Value::sorted_set({copy, n});
}

Value make_object(ValueArena& arena, std::span<Member> members, EqualKeys equal_keys) {
  if (members.empty()) return Value::empty_object();
  if (members.size() > UINT32_MAX) throw MemoryLimitReached();
  sort_stable(members, [](const Member& a, const Member& b) { return compare(a.key, b.key) < 0; });
  Member* copy = arena.allocate_array<Member>(members.size());
  std::size_t n = 0;
  for (const Member& member : members) {
    if (n == 0 || !equal(copy[n - 1].key, member.key)) {
      copy[n++] = member;
    } else if (equal_keys == EqualKeys::kLast) {
      copy[n - 1].value = member.value;
    } else if (!equal(copy[n - 1].value, member.value)) {
      return Value();
    }
  }
  return Value::sorted_object({copy, n});
}

Value copy_value(ValueArena& arena, Value value) {
  switch (value.rep()) {
    case Value::Rep::kString: return make_string(arena, value.text());
    case Value::Rep::kNumberText: return make_number(arena, value.text());
    case Value::Rep::kArray:
    case Value::Rep::kNodeArray:
    case Value::Rep::kSet: {
      const std::uint32_t n = count(value);
      Value* items = arena.allocate_array<Value>(n);
      std::uint32_t i = 0;
      for (Cursor c(value); c.next(); ++i) items[i] = copy_value(arena, c.value());
      return value.is_set() ? Value::sorted_set({items, n}) : Value::array({items, n});
    }
    case Value::Rep::kObject:
    case Value::Rep::kNodeObject: {
      const std::uint32_t n = count(value);
      Member* members = arena.allocate_array<Member>(n);
      std::uint32_t i = 0;
      for (Cursor c(value); c.next(); ++i) members[i] = {copy_value(arena, c.key()), copy_value(arena, c.value())};
      return Value::sorted_object({members, n});
    }
    default: return value;
  }
}

std::uint32_t count(Value v) {
  switch (v.rep()) {
    case Value::Rep::kArray:
    case Value::Rep::kSet: return static_cast<std::uint32_t>(v.items().size());
    case Value::Rep::kObject: return static_cast<std::uint32_t>(v.members().size());
    case Value::Rep::kNodeArray:
    case Value::Rep::kNodeObject: return v.root().document()[v.node()].children.count;
    default: return 0;
  }
}

namespace {
NodeIndex key_node(Value object, std::uint32_t i) {
  const DocumentRoot& root = object.root();
  if (const NodeIndex* order = root.sorted_keys(object.node())) return order[i];
  NodeIndex at = object.node() + 1;
  while (i-- > 0) at = root.document().next(at + 1);
  return at;
}
}  // namespace

Value element(Value v, std::uint32_t i) {
  switch (v.rep()) {
    case Value::Rep::kArray:
    case Value::Rep::kSet: return v.items()[i];
    case Value::Rep::kObject: return v.members()[i].value;
    case Value::Rep::kNodeArray: return v.root().value_of(item_node(v.root(), v.node(), i));
    case Value::Rep::kNodeObject: return v.root().value_of(key_node(v, i) + 1);
    default: return Value();
  }
}

Value key_at(Value v, std::uint32_t i) {
  if (v.rep() == Value::Rep::kObject) return v.members()[i].key;
  if (v.rep() == Value::Rep::kNodeObject) return Value::string(v.root().document().text(key_node(v, i)));
  return Value();
}

Value lookup(Value object, std::string_view key, std::uint32_t hash) {
  if (object.rep() == Value::Rep::kNodeObject) {
    const NodeIndex at = object.root().find(object.node(), key, hash);
    return at == document::kNoNode ? Value() : object.root().value_of(at);
  }
  if (object.rep() == Value::Rep::kObject) {
    const std::span<const Member> members = object.members();
    if (members.size() <= kScan) {
      for (const Member& m : members) {
        if (m.key.is_string() && same_text(m.key.text(), key)) return m.value;
      }
      return Value();
    }
    const Member* found = find_sorted(members, Value::string(key), [](const Member& m) { return m.key; });
    return found == nullptr ? Value() : found->value;
  }
  return Value();
}

Value lookup(Value object, std::string_view key) {
  return lookup(object, key, object.rep() == Value::Rep::kNodeObject ? hash_key(key) : 0);
}

Value lookup(Value collection, Value key) {
  switch (collection.type()) {
    case Type::kArray: {
      std::int64_t i;
      if (!key.is_number() || !number_integral(key, i) || i < 0 || i >= count(collection)) return Value();
      return element(collection, static_cast<std::uint32_t>(i));
    }
    case Type::kObject: {
      if (key.is_string()) return lookup(collection, key.text());
      if (collection.is_node()) return Value();
      const Member* found = find_sorted(collection.members(), key, [](const Member& m) { return m.key; });
      return found == nullptr ? Value() : found->value;
    }
    case Type::kSet: {
      const Value* found = find_sorted(collection.items(), key, [](Value v) { return v; });
      return found == nullptr ? Value() : *found;
    }
    default: return Value();
  }
}

bool contains(Value collection, Value key) { return lookup(collection, key).defined(); }

Cursor::Cursor(Value collection) : collection_(collection), count_(policy::count(collection)) {
  if (!collection.is_node()) return;
  node_ = collection.node() + 1;
  if (collection.is_object()) order_ = collection.root().sorted_keys(collection.node());
}

bool Cursor::next() {
  if (at_ == count_) {
    value_ = Value();
    return false;
  }
  switch (collection_.rep()) {
    case Value::Rep::kArray:
    case Value::Rep::kSet: value_ = collection_.items()[at_]; break;
    case Value::Rep::kObject: value_ = collection_.members()[at_].value; break;
    case Value::Rep::kNodeArray:
      value_ = collection_.root().value_of(node_);
      node_ = collection_.root().document().next(node_);
      break;
    default: {
      const DocumentRoot& root = collection_.root();
      key_node_ = order_ == nullptr ? node_ : order_[at_];
      value_ = root.value_of(key_node_ + 1);
      if (order_ == nullptr) node_ = root.document().next(node_ + 1);
    }
  }
  ++at_;
  return true;
}

Value Cursor::key() const {
  switch (collection_.rep()) {
    case Value::Rep::kSet: return value_;
    case Value::Rep::kObject: return collection_.members()[at_ - 1].key;
    case Value::Rep::kNodeObject: return Value::string(collection_.root().document().text(key_node_));
    default: return Value::integer(at_ - 1);
  }
}

int compare(Value a, Value b) {
  const Type type = a.type();
  if (type != b.type()) return type < b.type() ? -1 : 1;
  switch (type) {
    case Type::kUndefined:
    case Type::kNull: return 0;
    case Type::kBoolean: return static_cast<int>(a.is_true()) - static_cast<int>(b.is_true());
    case Type::kNumber: return compare_numbers(a, b);
    case Type::kString: return compare_text(a.text(), b.text());
    case Type::kArray:
    case Type::kSet: {
      Cursor x(a), y(b);
      while (x.next()) {
        if (!y.next()) return 1;
        if (const int c = compare(x.value(), y.value())) return c;
      }
      return y.next() ? -1 : 0;
    }
    case Type::kObject: {
      Cursor x(a), y(b);
      while (x.next()) {
        if (!y.next()) return 1;
        if (const int c = compare(x.key(), y.key())) return c;
        if (const int c = compare(x.value(), y.value())) return c;
      }
      return y.next() ? -1 : 0;
    }
  }
  return 0;
}

bool equal(Value a, Value b) {
  const Type type = a.type();
  if (type != b.type()) return false;
  if (type == Type::kString) return same_text(a.text(), b.text());
  if (a.is_int() && b.is_int()) return a.int_value() == b.int_value();
  if (a.is_collection() && count(a) != count(b)) return false;
  return compare(a, b) == 0;
}

std::uint64_t hash(Value v) {
  std::uint64_t h = static_cast<std::uint64_t>(v.type()) + 1;
  switch (v.type()) {
    case Type::kUndefined:
    case Type::kNull: return mix(h, 0);
    case Type::kBoolean: return mix(h, v.is_true());
    case Type::kNumber: return mix(h, hash_number(v));
    case Type::kString: return mix(h, hash_key(v.text()));
    case Type::kArray:
    case Type::kSet:
      for (Cursor c(v); c.next();) h = mix(h, hash(c.value()));
      return mix(h, count(v));
    case Type::kObject:
      for (Cursor c(v); c.next();) h = mix(mix(h, hash(c.key())), hash(c.value()));
      return mix(h, count(v));
  }
  return h;
}

}  // namespace kubegate::policy
