#include "policy/gatekeeper/inventory.h"

#include "policy/gatekeeper/review.h"

namespace kubegate::gatekeeper {

using policy::Member;
using policy::Value;

void Inventory::add(const std::shared_ptr<const KeptDocument>& document, document::NodeIndex node) {
  const Value value = document->value(node);
  const Subject subject = subject_of(value);
  Place place{std::string(subject.name_space), std::string(text_of(at(value, "apiVersion"))), std::string(subject.kind),
              std::string(subject.name)};
  objects_.insert_or_assign(std::move(place), Item{document, node});
}

Value Inventory::name_space(std::string_view name) const {
  const auto found = objects_.find(Place{"", "v1", "Namespace", std::string(name)});
  return found == objects_.end() ? Value() : found->second.document->value(found->second.node);
}

Value Inventory::tree(Places::const_iterator begin, Places::const_iterator end, std::size_t depth) {
  if (depth == std::tuple_size_v<Place>) return begin->second.document->value(begin->second.node);
  std::vector<Member> members;
  while (begin != end) {
    const std::string& step = begin->first[depth];
    auto behind = begin;
    while (behind != end && behind->first[depth] == step) ++behind;
    members.push_back({Value::string(step), tree(begin, behind, depth + 1)});
    begin = behind;
  }
  return policy::make_object(arena_, members, policy::EqualKeys::kLast);
}

Value Inventory::value() {
  arena_.reset();
  // What lies in no namespace stands in front.
  auto namespaced = objects_.begin();
  while (namespaced != objects_.end() && namespaced->first[0].empty()) ++namespaced;
  // A half that nothing lies in is not there, as in Gatekeeper's store, which makes places for objects alone.
  std::vector<Member> parts;
  if (namespaced != objects_.begin()) {
    parts.push_back({Value::string("cluster"), tree(objects_.begin(), namespaced, 1)});
  }
  if (namespaced != objects_.end()) {
    parts.push_back({Value::string("namespace"), tree(namespaced, objects_.end(), 0)});
  }
  return policy::make_object(arena_, parts, policy::EqualKeys::kLast);
}

}  // namespace kubegate::gatekeeper
