#include "policy/gatekeeper/mutation_value.h"

#include "policy/value/document_root.h"

namespace kubegate::gatekeeper {

using policy::Cursor;
using policy::Member;
using policy::Value;
using policy::ValueArena;

Value with_member(ValueArena& arena, Value object, std::string_view key, Value value) {
  if (identical(policy::lookup(object, key), value)) return object;
  Member* members = arena.allocate_array<Member>(std::size_t{policy::count(object)} + 1);
  std::size_t count = 0;
  bool placed = false;
  for (Cursor member(object); member.next();) {
    const int order = placed ? 1 : member.key().text().compare(key);
    if (order > 0 && !placed) members[count++] = {Value::string(key), value};
    placed = placed || order >= 0;
    members[count++] = {member.key(), order == 0 ? value : member.value()};
  }
  if (!placed) members[count++] = {Value::string(key), value};
  return Value::sorted_object({members, count});
}

Value without_member(ValueArena& arena, Value object, std::string_view key) {
  if (!policy::lookup(object, key).defined()) return object;
  Member* members = arena.allocate_array<Member>(policy::count(object));
  std::size_t count = 0;
  for (Cursor member(object); member.next();) {
    if (member.key().text() != key) members[count++] = {member.key(), member.value()};
  }
  return Value::sorted_object({members, count});
}

Value with_item(ValueArena& arena, Value array, std::uint32_t i, Value value) {
  const std::uint32_t before = policy::count(array);
  const std::uint32_t after = i < before ? before : before + 1;
  Value* items = arena.allocate_array<Value>(after);
  for (Cursor item(array); item.next();) items[item.index()] = item.value();
  items[i] = value;
  return Value::array({items, after});
}

bool identical(Value a, Value b) {
  if (!a.is_collection() || a.rep() != b.rep()) return !a.is_collection() && policy::equal(a, b);
  if (a.is_node()) return &a.root() == &b.root() && a.node() == b.node();
  if (policy::count(a) != policy::count(b)) return false;
  return policy::count(a) == 0 ||
         (a.is_object() ? a.members().data() == b.members().data() : a.items().data() == b.items().data());
}

bool unchanged(Value a, Value b) {
  if (identical(a, b)) return true;
  if (!a.is_collection() || a.type() != b.type() || policy::count(a) != policy::count(b)) return false;
  Cursor x(a), y(b);
  while (x.next() && y.next()) {
    if (!policy::equal(x.key(), y.key()) || !unchanged(x.value(), y.value())) return false;
  }
  return true;
}

}  // namespace kubegate::gatekeeper
