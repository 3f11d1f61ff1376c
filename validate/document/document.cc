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

void NodeArray::assign(const NodeArray& other) {
  nodes_ = std::make_unique_for_overwrite<Node[]>(other.size_);
  std::copy_n(other.nodes_.get(), other.size_, nodes_.get());
  size_ = capacity_ = other.size_;
}

Document Document::take() {
  Document out;
  out.source_ = source_;
  out.first_line_ = first_line_;
  out.complete_ = complete_;
  out.may_have_comments_ = may_have_comments_;
  out.nodes_.assign(nodes_);
  nodes_.resize(0);
  out.texts_ = std::move(texts_);
  texts_.clear();
  out.arena_ = std::move(arena_);
  arena_ = Arena();
  out.faults_ = std::move(faults_);
  faults_.clear();
  return out;
}

NodeIndex Document::find(NodeIndex map, std::string_view key, std::uint32_t hash) const {
  if (map >= size() || nodes_[map].kind != Kind::kMap) return kNoNode;
  for (NodeIndex i = map + 1; i < nodes_[map].children.end; i = next(i + 1)) {
    if (nodes_[i].hash == hash && equal_keys(text(i), key)) return i + 1;
  }
  return kNoNode;
}

}  // namespace kubegate::document
