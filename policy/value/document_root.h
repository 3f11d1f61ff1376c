// DocumentRoot: a document as values.
//
// It says how the document's numbers print and keeps, for each mapping whose keys are not written in order and each
// sequence that is read by index, the order of its nodes, made when first asked for. That makes a DocumentRoot part of
// one thread's evaluation; one that several threads share must be frozen first, after which reading it writes nothing.
#pragma once

#include <cstdint>
#include <vector>

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
  Value value_of(document::NodeIndex node) const;

  // Makes every order that may be asked for: from here on any number of threads may read.
  void freeze();

  const document::Document& document() const { return *document_; }

  // For the functions of value.h. The nodes of the keys of a mapping in sorted order (of the items of a sequence, in
  // order); nullptr where the nodes of a mapping already stand in that order.
  const document::NodeIndex* sorted_keys(document::NodeIndex mapping) const;
  const document::NodeIndex* items(document::NodeIndex sequence) const;

 private:
  static constexpr std::uint32_t kUnknown = 0;
  static constexpr std::uint32_t kInOrder = 1;  // larger: 2 + place in orders_

  std::uint32_t make_order(document::NodeIndex collection) const;

  const document::Document* document_ = nullptr;
  NumberMode mode_ = NumberMode::kJsonText;
  mutable std::vector<std::uint32_t> slots_;                      // per node, for collections
  mutable std::vector<std::vector<document::NodeIndex>> orders_;  // their arrays never move
};

}  // namespace kubegate::policy
