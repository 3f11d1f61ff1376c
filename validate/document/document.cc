#include "validate/document/document.h"

namespace kubegate::document {

NodeIndex Document::find(NodeIndex map, std::string_view key) const {
  if (map >= size() || nodes_[map].kind != Kind::kMap) return kNoNode;
  for (NodeIndex i = map + 1; i < nodes_[map].children.end; i = next(i + 1)) {
    if (text(i) == key) return i + 1;
  }
  return kNoNode;
}

}  // namespace kubegate::document
