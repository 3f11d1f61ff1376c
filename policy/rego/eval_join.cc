// Joins: loops that only want the items with one value in one part.
//
// When a loop comes back to a collection, its items are sorted by the hash of that part, and this and each further loop
// walks the few that have the wanted hash. The comparison behind the loop decides; a join only leaves out what cannot
// pass it. Items keep their order. What is known of base documents and constants is kept from one evaluation to the
// next, of all else it is forgotten with the evaluation, as other values may come to lie where these were.
//
// Tested in tests/policy/rego: machine_test.cc and optimisations_test.cc.
#include <algorithm>

#include "policy/rego/eval.h"
#include "policy/rego/eval_scan.h"
#include "policy/value/document_root.h"

namespace kubegate::rego {
namespace {

bool same_place(Value a, Value b) {
  if (a.rep() != b.rep() || policy::count(a) != policy::count(b)) return false;
  switch (a.rep()) {
    case Value::Rep::kArray:
    case Value::Rep::kSet: return a.items().data() == b.items().data();
    case Value::Rep::kObject: return a.members().data() == b.members().data();
    case Value::Rep::kNodeArray:
    case Value::Rep::kNodeObject: return &a.root() == &b.root() && a.node() == b.node();
    default: return false;
  }
}

}  // namespace

void Evaluation::build_join(Join& join, const JoinKey& key) {
  const Value collection = join.collection;
  std::vector<Join::Item> items;
  const auto add = [&](Value part, std::uint32_t at, std::uint32_t position) {
    for (const Value& step : key.steps) part = policy::lookup(part, step);
    if (part.defined()) items.push_back({policy::hash(part), at, position});
  };
  const std::uint32_t count = policy::count(collection);
  if (!collection.is_node()) {
    for (std::uint32_t i = 0; i < count; ++i) add(policy::element(collection, i), i, i);
  } else {
    const policy::DocumentRoot& root = collection.root();
    const document::Document& document = root.document();
    const bool map = collection.is_object();
    const document::NodeIndex* order = map ? root.sorted_keys(collection.node()) : nullptr;
    document::NodeIndex node = collection.node() + 1;
    for (std::uint32_t i = 0; i < count; ++i) {
      const document::NodeIndex at = order == nullptr ? node : order[i];
      add(root.value_of(at + map), at, i);
      if (order == nullptr) node = document.next(node + map);
    }
  }
  std::sort(items.begin(), items.end(), [](const Join::Item& a, const Join::Item& b) {
    return a.hash != b.hash ? a.hash < b.hash : a.position < b.position;
  });
  // A loop may stand in what was built for another collection, so that is not written over: it is in the arena.
  std::uint32_t* places;
  if (key.stored) {
    join.kept_items = std::move(items);
    join.items = join.kept_items;
    join.kept_places.resize(2 * join.items.size());
    places = join.kept_places.data();
  } else {
    auto* copy = arena_.allocate_array<Join::Item>(items.size());
    std::copy(items.begin(), items.end(), copy);
    join.items = {copy, items.size()};
    places = arena_.allocate_array<std::uint32_t>(2 * items.size());
  }
  for (std::size_t i = 0; i < join.items.size(); ++i) {
    places[i] = join.items[i].at;
    places[join.items.size() + i] = join.items[i].position;
  }
  join.places = places;
  join.built = true;
}

// Begins a loop over the items that may have `wanted`; false where there is none.
bool Evaluation::narrow(const Instruction& in, Value collection, Value wanted, Value* scan) {
  const JoinKey& key = program_->joins_[in.imm];
  if (policy::count(collection) < program_->joined_items_ || (key.stored && data_version_ != base_version_)) {
    return Scan::open(scan, collection);
  }
  Join& join = joins_[in.imm];
  if ((!key.stored && join.epoch != epoch_) || !same_place(join.collection, collection)) {
    join.collection = collection;
    join.seen = 0;
    join.built = false;
  }
  join.epoch = epoch_;
  if (++join.seen < 2) return Scan::open(scan, collection);
  if (!join.built) build_join(join, key);
  const std::uint64_t hash = policy::hash(wanted);
  const auto first = std::partition_point(join.items.begin(), join.items.end(),
                                          [&](const Join::Item& item) { return item.hash < hash; });
  auto last = first;
  while (last != join.items.end() && last->hash == hash) ++last;
  if (first == last) return false;
  const auto at = static_cast<std::uint32_t>(first - join.items.begin());
  new (static_cast<void*>(scan)) Scan{collection,       0, static_cast<std::uint32_t>(last - first),
                                      join.places + at, 0, static_cast<std::uint32_t>(join.items.size())};
  return true;
}

}  // namespace kubegate::rego
