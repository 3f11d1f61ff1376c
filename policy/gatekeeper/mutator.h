// A mutator: one Assign, AssignImage, AssignMetadata or ModifySet, read and checked; and what it makes of one object.
//
// Rules: pkg/mutation/mutators of Gatekeeper, by kind and core; pkg/mutation/path/tester.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "policy/gatekeeper/location_path.h"
#include "policy/gatekeeper/mutation_reader.h"
#include "policy/gatekeeper/mutator_image.h"
#include "policy/value/arena.h"
#include "policy/value/document_root.h"

namespace kubegate::gatekeeper {

// Assign and AssignMetadata: a value, or a text of the object's metadata.
struct Assignment {
  enum class From : std::uint8_t { kValue, kName, kNamespace };
  From from = From::kValue;
  policy::Value value;
};

// ModifySet: items that a list shall have, or shall not have.
struct SetChange {
  bool prune = false;
  policy::Value items;                  // an array, as it is written
  std::vector<policy::Value> distinct;  // the same in this order, each once
  policy::Value set;                    // the same as a set
};

struct Mutator {
  // In the order in which they are applied.
  enum class Kind : std::uint8_t { kAssign, kAssignImage, kAssignMetadata, kModifySet };
  // What must hold at a step of the location for the mutator to do anything.
  enum class Test : std::uint8_t { kNone, kMustExist, kMustNotExist };

  std::shared_ptr<const KeptDocument> source;
  document::NodeIndex node = 0;
  document::NodeIndex location_node = 0;
  Kind kind = Kind::kAssign;
  std::string name_space, name;
  std::vector<ApplyTo> apply_to;  // of an AssignMetadata: empty, it is about all kinds
  Match match;
  LocationPath location;    // not empty
  std::vector<Test> tests;  // one for each step
  std::variant<Assignment, ImageParts, SetChange> change;

  // "Assign team/defaults", as messages name it.
  std::string title() const;
  // Whether it is about a kind; `operations` as operations_of() gives them.
  bool covers(const Subject& subject, std::uint8_t operations) const;
};

// Reads the mutator of `item`. Values that it sets are those of `root`, which is of the item's document and outlives
// the mutator, or of `arena`. Nothing where it cannot be used, with findings of rule policy/mutator; one that needs an
// external data provider is left out with the warning policy/not-evaluated.
std::optional<Mutator> read_mutator(const PolicySet::Item& item, const policy::DocumentRoot& root,
                                    policy::ValueArena& arena, std::vector<PolicyFinding>& findings);

// review.object as `mutator` makes it: the same value where nothing changes; undefined where the object has another
// shape than the location says, with what is wrong in `error`. Hot. The result points into the review, the mutator and
// `arena`. A null counts as absent, since the API server drops it before it mutates.
policy::Value apply_mutator(const Mutator& mutator, policy::ValueArena& arena, const Review& review,
                            std::string& error);

}  // namespace kubegate::gatekeeper
