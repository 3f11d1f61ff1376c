// Mutators: those of a policy folder, compiled; what the cluster makes of an object before it is judged.
//
//   const auto mutators = Mutators::compile(set.mutators(), findings);
//   const policy::Value mutated = mutators->mutate(arena, review, error);
//
// Rules: pkg/mutation/system.go of Gatekeeper.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "policy/gatekeeper/mutator.h"
#include "policy/gatekeeper/policies.h"
#include "policy/gatekeeper/review.h"
#include "policy/value/arena.h"
#include "policy/value/document_root.h"

namespace kubegate::gatekeeper {

// Immutable, and shared by threads. Values that it made point into it.
class Mutators {
 public:
  // The mutators that are sound; of two of one kind, namespace and name the later counts. What is wrong is appended to
  // `findings`, rule policy/mutator, at the place where it is written. Those that conflict with one another are
  // findings too, and are not applied. `numbers` is how the objects' numbers are kept: those that are assigned must be
  // of the same form.
  static std::shared_ptr<const Mutators> compile(std::span<const PolicySet::Item> items,
                                                 std::vector<PolicyFinding>& findings,
                                                 policy::NumberMode numbers = policy::NumberMode::kFloat64);

  bool empty() const { return mutators_.empty(); }

  // review.object as the mutators leave it: they are applied in the order of kind, namespace and name, again and again
  // until nothing changes. The same value where nothing does. When that cannot be told, an object has another shape
  // than a location says, or there is no end to the changes: undefined, with what is wrong in `error`. The result
  // points into the object, these mutators and `arena`. Hot.
  policy::Value mutate(policy::ValueArena& arena, const Review& review, std::string& error) const;

 private:
  const policy::DocumentRoot& root_of(const std::shared_ptr<const KeptDocument>& document, policy::NumberMode numbers);
  void drop_conflicts(std::vector<PolicyFinding>& findings);
  policy::Value mutate_once(policy::ValueArena& arena, Review& review, std::uint8_t operations,
                            std::string& error) const;

  std::vector<Mutator> mutators_;  // in the order in which they are applied
  std::size_t rounds_ = 1;
  // The documents with numbers of the wanted form.
  std::map<const KeptDocument*, std::unique_ptr<policy::DocumentRoot>> roots_;
  policy::ValueArena arena_;  // of what the mutators have computed
};

}  // namespace kubegate::gatekeeper
