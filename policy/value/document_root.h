// DocumentRoot: a document as values.
//
// It says how the document's numbers print and keeps, for each mapping whose keys are not written in order and each
// sequence that is read by index, the order of its nodes, made when first asked for. That makes a DocumentRoot part of
// one thread's evaluation; one that several threads share must be frozen first, after which reading it writes nothing.
#pragma once

#include <cstdint>
#include <vector>

#include "policy/value/same_text.h"
#include "policy/value/value.h"
#include "validate/document/document.h"

namespace kubegate::policy {

// What the numbers of a document are.
enum class NumberMode : std::uint8_t {
  kJsonText,  // a JSON source's, kept as written: 1.0, 2.50, 1e3
  kYaml,      // a YAML source's on their way through JSON: 0x10 is 16, 1.0 is 1, 1e3 is 1000
  kFloat64,   // a Kubernetes object's in Gatekeeper: Go float64, so 1000000 is 1e+06
};

class DocumentRoot {
 public:
  DocumentRoot() = default;
  DocumentRoot(const document::Document& document, NumberMode mode) { bind(document, mode); }
  DocumentRoot(const DocumentRoot&) = delete;
  DocumentRoot& operator=(const DocumentRoot&) = delete;

  // Reads `document` from now on, which must outlive all values made of it; values of a former one are void.
  void bind(const document::Document& document, NumberMode mode);

  // The whole document; undefined when it is empty.
  Value value() const { return document_ == nullptr || document_->empty() ? Value() : value_of(0); }
  // The value of one node. Scalars become plain values, whose texts point into the document.
  Value value_of(document::NodeIndex node) const {
    switch (nodes_[node].kind) {
      case document::Kind::kString: return Value::string(text_of(node));
      case document::Kind::kMap: return collection(Value::Rep::kNodeObject, node);
      case document::Kind::kSequence: return collection(Value::Rep::kNodeArray, node);
      default: return scalar_of(node);
    }
  }
  // The text of a string's node.
  std::string_view text_of(document::NodeIndex i) const {
    const document::Node& node = nodes_[i];
    if ((node.flags & document::Node::kDecoded) != 0) return document_->text(i);
    const bool quoted = node.style == document::Style::kSingleQuoted || node.style == document::Style::kDoubleQuoted;
    return {source_ + node.begin + quoted, node.length - 2 * quoted};
  }
  // The value node of a mapping under `key`, whose hash_key is `hash`; kNoNode when there is none.
  document::NodeIndex find(document::NodeIndex mapping, std::string_view key, std::uint32_t hash) const {
    const document::Node& node = nodes_[mapping];
    if (node.children.count > kScanned) return find_in_order(mapping, key);
    for (document::NodeIndex k = mapping + 1; k < node.children.end;) {
      if (nodes_[k].hash == hash && same_text(text_of(k), key)) return k + 1;
      k = nodes_[k + 1].is_collection() ? nodes_[k + 1].children.end : k + 2;
    }
    return document::kNoNode;
  }

  // Makes every order that may be asked for: from here on any number of threads may read.
  void freeze();

  const document::Document& document() const { return *document_; }

  // For the functions of value.h. The nodes of the keys of a mapping in sorted order (of the items of a sequence, in
  // order); nullptr where the nodes of a mapping already stand in that order.
  const document::NodeIndex* sorted_keys(document::NodeIndex mapping) const;
  const document::NodeIndex* items(document::NodeIndex sequence) const;

 private:
  // Documents are read with this bound; that of one subtree is not asked for.
  static constexpr std::uint16_t kDepth = document::Limits().depth;
  static_assert(document::Limits().depth * 2 < kMaxValueDepth);

  static constexpr std::uint32_t kUnknown = 0;
  static constexpr std::uint32_t kInOrder = 1;  // larger: 2 + place in orders_

  // Mappings of more members always get an order, since lookups search in it.
  static constexpr std::uint32_t kScanned = 16;

  Value collection(Value::Rep rep, document::NodeIndex node) const {
    Value v(rep, node, 0);
    v.depth_ = kDepth;
    v.root_ = this;
    return v;
  }
  Value scalar_of(document::NodeIndex node) const;
  document::NodeIndex find_in_order(document::NodeIndex mapping, std::string_view key) const;
  std::uint32_t make_order(document::NodeIndex collection) const;

  const document::Document* document_ = nullptr;
  const document::Node* nodes_ = nullptr;  // of the document
  const char* source_ = nullptr;
  NumberMode mode_ = NumberMode::kJsonText;
  mutable std::vector<std::uint32_t> slots_;                      // per node, for collections
  mutable std::vector<std::vector<document::NodeIndex>> orders_;  // their arrays never move
};

// As lookup() of value.h, without a call where the object is a mapping of a document.
inline Value find_member(Value object, std::string_view key, std::uint32_t hash) {
  if (object.rep() != Value::Rep::kNodeObject) return lookup(object, key, hash);
  const document::NodeIndex at = object.root().find(object.node(), key, hash);
  return at == document::kNoNode ? Value() : object.root().value_of(at);
}

}  // namespace kubegate::policy
