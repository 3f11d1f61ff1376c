// Joins: loops over base documents that only want the items with one value under one key.
//
// Base documents stay the same from one evaluation to the next, so their items are sorted by the hash of that value once,
// when a loop comes back to the same collection, and each further loop walks the few that have the wanted hash. The
// comparison behind the loop decides; a join only leaves out what cannot pass it. Items keep their order.
#include <algorithm>

#include "policy/rego/eval.h"
#include "policy/value/document_root.h"

namespace kubegate::rego {
namespace {

constexpr std::uint32_t kMinJoined = 4;

// Sets are no base documents, and have no keys.
bool same_place(Value a, Value b) {
  if (a.rep() != b.rep() || policy::count(a) != policy::count(b)) return false;
  switch (a.rep()) {
    case Value::Rep::kArray: return a.items().data() == b.items().data();
    case Value::Rep::kObject: return a.members().data() == b.members().data();
    case Value::Rep::kNodeArray:
    case Value::Rep::kNodeObject: return &a.root() == &b.root() && a.node() == b.node();
    default: return false;
  }
}

}  // namespace

void Evaluation::build_join(Join& join, const TextKey& key) {
  const Value collection = join.collection;
  join.items.clear();
  join.places.clear();
  const auto add = [&](Value item, std::uint32_t place) {
    if (!item.is_object()) return;
    const Value part = policy::find_member(item, key.text, key.hash);
    if (part.defined()) join.items.push_back({policy::hash(part), place});
  };
  const std::uint32_t count = policy::count(collection);
  if (!collection.is_node()) {
    for (std::uint32_t i = 0; i < count; ++i) add(policy::element(collection, i), i);
  } else {
    const policy::DocumentRoot& root = collection.root();
    const document::Document& document = root.document();
    const bool map = collection.is_object();
    const document::NodeIndex* order = map ? root.sorted_keys(collection.node()) : nullptr;
    document::NodeIndex node = collection.node() + 1;
    for (std::uint32_t i = 0; i < count; ++i) {
      const document::NodeIndex at = order == nullptr ? node : order[i];
      add(root.value_of(at + map), at);
      if (order == nullptr) node = document.next(node + map);
    }
  }
  std::stable_sort(join.items.begin(), join.items.end(),
                   [](const Join::Item& a, const Join::Item& b) { return a.hash < b.hash; });
  for (const Join::Item& item : join.items) join.places.push_back(item.at);
  join.built = true;
}

// The places of the items that may have `wanted`; false where all must be walked.
bool Evaluation::candidates(const Instruction& at, Value collection, Value wanted,
                            std::span<const std::uint32_t>& out) {
  if (data_version_ != base_version_ || policy::count(collection) < kMinJoined) return false;
  Join& join = joins_[at.n];
  if (!same_place(join.collection, collection)) {
    join.collection = collection;
    join.seen = 0;
    join.built = false;
  }
  if (collection.is_set() || ++join.seen < 2) return false;
  if (!join.built) build_join(join, program_->keys_[at.imm]);
  const std::uint64_t hash = policy::hash(wanted);
  const auto [first, last] = std::equal_range(join.items.begin(), join.items.end(), Join::Item{hash, 0},
                                              [](const Join::Item& a, const Join::Item& b) { return a.hash < b.hash; });
  out = {join.places.data() + (first - join.items.begin()), static_cast<std::size_t>(last - first)};
  return true;
}

}  // namespace kubegate::rego
