// Inventory: data.inventory, the other objects of a set.
//
//   data.inventory.cluster[groupVersion][kind][name]
//   data.inventory.namespace[namespace][groupVersion][kind][name]
//
// Rule: ProcessData of Gatekeeper's pkg/target.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "policy/gatekeeper/kept_document.h"
#include "policy/value/arena.h"
#include "policy/value/value.h"

namespace kubegate::gatekeeper {

class Inventory {
 public:
  // Keeps the document for the object at `node`, which has an apiVersion and a kind. Of two objects of one kind,
  // namespace and name the later counts.
  void add(const std::shared_ptr<const KeptDocument>& document, document::NodeIndex node);

  bool empty() const { return objects_.empty(); }

  // The Namespace of a name, undefined where there is none.
  policy::Value name_space(std::string_view name) const;

  // The document data.inventory of all that was added; valid until the next add(). Any number of threads may read it.
  policy::Value value();

 private:
  using Place = std::array<std::string, 4>;  // namespace ("" is none), groupVersion, kind, name
  struct Item {
    std::shared_ptr<const KeptDocument> document;
    document::NodeIndex node;
  };
  using Places = std::map<Place, Item>;

  // The objects of one place, by the steps from `depth` on.
  policy::Value tree(Places::const_iterator begin, Places::const_iterator end, std::size_t depth);

  Places objects_;
  policy::ValueArena arena_;
};

}  // namespace kubegate::gatekeeper
