// Scan: a loop over a collection, in registers of its frame.
#pragma once

#include <cstdint>
#include <new>

#include "policy/rego/program.h"
#include "policy/value/document_root.h"
#include "policy/value/value.h"

namespace kubegate::rego {

struct __attribute__((may_alias)) Scan {
  Value collection;
  std::uint32_t at, count;
  // The places of the items where they are not simply one behind the other: nodes (of an object, of its keys), or
  // positions; null: they are.
  const std::uint32_t* order;
  document::NodeIndex node;  // the next item or key where they do
  std::uint32_t positions;   // of a join: order[positions + i] is the position of item i among all; 0: it is i

  // Begins a loop over all items; false where there is none.
  static bool open(Value* registers, Value collection) {
    const std::uint32_t count = policy::count(collection);
    if (count == 0) return false;
    Scan* scan = new (static_cast<void*>(registers)) Scan{collection, 0, count, nullptr, 0, 0};
    if (collection.is_node()) {
      scan->node = collection.node() + 1;
      if (collection.is_object()) scan->order = collection.root().sorted_keys(collection.node());
    }
    return true;
  }

  // The next item, which must be there. Null: not wanted.
  void next(Value* value, Value* key) {
    const std::uint32_t i = at++;
    switch (collection.rep()) {
      case Value::Rep::kArray: {
        const std::uint32_t place = order == nullptr ? i : order[i];
        if (value != nullptr) *value = collection.items()[place];
        if (key != nullptr) *key = Value::integer(place);
        break;
      }
      case Value::Rep::kSet: {
        const Value& item = collection.items()[order == nullptr ? i : order[i]];
        if (value != nullptr) *value = item;
        if (key != nullptr) *key = item;
        break;
      }
      case Value::Rep::kObject: {
        const policy::Member& member = collection.members()[order == nullptr ? i : order[i]];
        if (value != nullptr) *value = member.value;
        if (key != nullptr) *key = member.key;
        break;
      }
      case Value::Rep::kNodeArray: {
        const policy::DocumentRoot& root = collection.root();
        if (order != nullptr) node = order[i];
        if (value != nullptr) *value = root.value_of(node);
        if (key != nullptr) *key = Value::integer(positions == 0 ? i : order[positions + i]);
        if (order == nullptr) node = root.document().next(node);
        break;
      }
      default: {
        const policy::DocumentRoot& root = collection.root();
        const document::NodeIndex here = order == nullptr ? node : order[i];
        if (value != nullptr) *value = root.value_of(here + 1);
        if (key != nullptr) *key = Value::string(root.text_of(here));
        if (order == nullptr) node = root.document().next(here + 1);
      }
    }
  }
};
static_assert(sizeof(Scan) <= kScanRegisters * sizeof(Value));

}  // namespace kubegate::rego
