// The idea: manifests are mostly written with sorted keys (kustomize sorts them), so the first question to a mapping is
// whether its nodes stand in order already; only where they do not, or where it is so large that a lookup wants a
// binary search, an order is made: an array of node indexes. Tested by OPA's conformance cases, whose data and input
// are documents.
#include "policy/value/document_root.h"

#include <algorithm>
#include <charconv>

namespace kubegate::policy {
namespace {

using document::Kind;
using document::NodeIndex;

bool written_as_integer(std::string_view text) {
  return text != "-0" && text.find_first_not_of("-0123456789") == std::string_view::npos;
}

// Integers above int64 are doubles in the tree, but go through JSON as they are up to uint64. Rule: goyaml.v2 resolve().
bool unsigned_integer(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && text[0] != '0';
}

}  // namespace

void DocumentRoot::bind(const document::Document& document, NumberMode mode) {
  document_ = &document;
  nodes_ = document.nodes();
  source_ = document.source().data();
  mode_ = mode;
  slots_.assign(document.size(), kUnknown);
  orders_.clear();
}

Value DocumentRoot::scalar_of(NodeIndex index) const {
  const document::Node& node = nodes_[index];
  switch (node.kind) {
    case Kind::kNull: return Value::null();
    case Kind::kBool: return Value::boolean(node.boolean);
    case Kind::kInt:
      if (mode_ == NumberMode::kFloat64) return Value::real(static_cast<double>(node.integer), RealForm::kGo);
      if (mode_ == NumberMode::kJsonText && !written_as_integer(document_->text(index))) {
        return Value::number(document_->text(index));
      }
      return Value::integer(node.integer);
    case Kind::kFloat:
      if (mode_ == NumberMode::kJsonText || (mode_ == NumberMode::kYaml && unsigned_integer(document_->text(index)))) {
        return Value::number(document_->text(index));
      }
      return Value::real(node.number, mode_ == NumberMode::kYaml ? RealForm::kJson : RealForm::kGo);
    default: return Value();  // value_of() has the others
  }
}

NodeIndex DocumentRoot::find_in_order(NodeIndex mapping, std::string_view key) const {
  const NodeIndex* order = sorted_keys(mapping);
  const NodeIndex* end = order + nodes_[mapping].children.count;
  const NodeIndex* at =
      std::lower_bound(order, end, key, [&](NodeIndex k, std::string_view text) { return text_of(k) < text; });
  return at != end && text_of(*at) == key ? *at + 1 : document::kNoNode;
}

std::uint32_t DocumentRoot::make_order(NodeIndex collection) const {
  const document::Document& doc = *document_;
  const document::Node& node = doc[collection];
  const bool map = node.kind == Kind::kMap;
  if (map && node.children.count <= kScanned) {
    bool in_order = true;
    NodeIndex last = document::kNoNode;
    for (NodeIndex k = collection + 1; in_order && k < node.children.end; k = doc.next(k + 1)) {
      in_order = last == document::kNoNode || doc.text(last) < doc.text(k);
      last = k;
    }
    if (in_order) return slots_[collection] = kInOrder;
  }
  std::vector<NodeIndex> order;
  order.reserve(node.children.count);
  for (NodeIndex k = collection + 1; k < node.children.end; k = doc.next(map ? k + 1 : k)) order.push_back(k);
  if (map) std::sort(order.begin(), order.end(), [&](NodeIndex a, NodeIndex b) { return doc.text(a) < doc.text(b); });
  orders_.push_back(std::move(order));
  return slots_[collection] = static_cast<std::uint32_t>(orders_.size()) + kInOrder;
}

const NodeIndex* DocumentRoot::sorted_keys(NodeIndex mapping) const {
  std::uint32_t slot = slots_[mapping];
  if (slot == kUnknown) slot = make_order(mapping);
  return slot == kInOrder ? nullptr : orders_[slot - kInOrder - 1].data();
}

const NodeIndex* DocumentRoot::items(NodeIndex sequence) const {
  std::uint32_t slot = slots_[sequence];
  if (slot == kUnknown) slot = make_order(sequence);
  return orders_[slot - kInOrder - 1].data();
}

void DocumentRoot::freeze() {
  for (NodeIndex i = 0; i < document_->size(); ++i) {
    if ((*document_)[i].is_collection() && slots_[i] == kUnknown) make_order(i);
  }
}

}  // namespace kubegate::policy
