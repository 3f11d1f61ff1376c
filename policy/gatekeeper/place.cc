#include "policy/gatekeeper/place.h"

#include "validate/document/path.h"

namespace kubegate::gatekeeper {

using document::Document;
using document::Kind;
using document::kNoNode;
using document::NodeIndex;

namespace {

// The collection that holds `node`, which lies below `from`.
NodeIndex holder_of(const Document& document, NodeIndex from, NodeIndex node) {
  while (true) {
    NodeIndex child = from + 1;
    while (document.next(child) <= node) child = document.next(child);
    if (child == node) return from;
    from = child;
  }
}

// The scalar that stands for a node.
NodeIndex shown(const Document& document, NodeIndex object, NodeIndex node) {
  if (!document[node].is_collection()) return node;
  const NodeIndex holder = holder_of(document, object, node);
  if (document[holder].kind == Kind::kMap) return node - 1;
  if (document[node].kind != Kind::kMap || document[node].children.count == 0) return node;
  const NodeIndex name = document.find(node, "name");
  return name != kNoNode && !document[name].is_collection() ? name : node + 1;
}

}  // namespace

void place_finding(const Document& document, NodeIndex object, NodeIndex cause, Finding& finding) {
  if (cause != kNoNode && cause != object) {
    finding.span = document[shown(document, object, cause)].span();
    finding.pointer = document::pointer_to(document, cause);
    return;
  }
  NodeIndex at = document.find(object, "metadata");
  if (at != kNoNode) at = document.find(at, "name");
  if (at == kNoNode) at = document.find(object, "kind");
  finding.span = document[at == kNoNode ? object : at].span();
  finding.pointer = document::pointer_to(document, object);
}

}  // namespace kubegate::gatekeeper
