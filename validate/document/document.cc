#include "validate/document/document.h"

#include <algorithm>

namespace kubegate::document {

void NodeArray::grow(NodeIndex least) {
  const NodeIndex capacity = std::max({least, capacity_ + capacity_ / 2, NodeIndex{256}});
  auto nodes = std::make_unique_for_overwrite<Node[]>(capacity);
  std::copy_n(nodes_.get(), size_, nodes.get());
  nodes_ = std::move(nodes);
  capacity_ = capacity;
}

NodeIndex Document::find(NodeIndex map, std::string_view key, std::uint32_t hash) const {
  if (map >= size() || nodes_[map].kind != Kind::kMap) return kNoNode;
  for (NodeIndex i = map + 1; i < nodes_[map].children.end; i = next(i + 1)) {
    if (nodes_[i].hash == hash && equal_keys(text(i), key)) return i + 1;
  }
  return kNoNode;
}

}  // namespace kubegate::document
