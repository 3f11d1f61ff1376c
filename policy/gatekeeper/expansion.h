// Expansion: the objects that controllers would make of an object (the Pods of a Deployment), by ExpansionTemplates,
// so that policies about the one judge the other before it exists.
//
// Rules: pkg/expansion of Gatekeeper (system.go, db.go, aggregate.go), pkg/gator/expand.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/gatekeeper/mutation.h"
#include "policy/gatekeeper/mutation_reader.h"
#include "policy/gatekeeper/policies.h"
#include "policy/gatekeeper/review.h"
#include "policy/value/arena.h"

namespace kubegate::gatekeeper {

struct ExpansionTemplate {
  std::shared_ptr<const KeptDocument> source;
  document::NodeIndex node = 0;
  std::string name;
  std::vector<ApplyTo> apply_to;
  std::vector<std::string> template_source;  // the keys of spec.templateSource, which dots separate
  std::string group, version, kind;          // of what it generates
  std::string api_version;                   // the first two in one
  std::string enforcement_action;            // instead of the constraints' own; "": theirs
};

// An object that an ExpansionTemplate makes.
struct Resultant {
  policy::Value object;
  std::string_view template_name;
  std::string_view enforcement_action;  // of its violations; "": that of each constraint
};

// What constraints look at to judge a resultant of `base`.
Review review_of(const Resultant& resultant, const Review& base);

// A message about a resultant, as it is shown for the object that it comes from: "[Implied by T] message".
std::string implied_message(std::string_view template_name, std::string_view message);

// Resultants lead on to resultants so many times at most, and one object to so many in all.
inline constexpr int kMaxExpansionDepth = 30;
inline constexpr std::size_t kMaxResultants = 10'000;

// Immutable, and shared by threads. Values that it made point into it.
class Expansions {
 public:
  // The ExpansionTemplates that are sound; of two of one name the later counts. What is wrong is appended to
  // `findings`, rule policy/expansion, at the place where it is written. Templates that lead from one to the other and
  // back are findings too, and are not applied.
  static std::shared_ptr<const Expansions> compile(std::span<const PolicySet::Item> items,
                                                   std::vector<PolicyFinding>& findings);

  bool empty() const { return templates_.empty(); }

  // Appends what becomes of base.object, which `mutators` have been applied to already; they are applied to each
  // resultant. What a resultant expands to stands before it. Where base.name_space is known, resultants lie in it (in
  // none if it has no name); else they lie where the object says that it lies. When something cannot be told: false,
  // nothing appended, and what is wrong in `error`. Hot.
  bool expand(policy::ValueArena& arena, const Review& base, const Mutators& mutators, std::vector<Resultant>& out,
              std::string& error) const;

 private:
  bool expand(policy::ValueArena& arena, const Review& base, const Mutators& mutators, int depth, std::size_t limit,
              std::vector<Resultant>& out, std::string& error) const;

  std::vector<ExpansionTemplate> templates_;  // by name
};

// An object as the cluster would see it, and what would come of it.
struct Expanded {
  policy::Value base;
  std::vector<Resultant> resultants;
};

// Mutates base.object and expands the outcome. False, with what is wrong in `error`, where that cannot be told.
bool expand(policy::ValueArena& arena, const Review& base, const Mutators& mutators, const Expansions& expansions,
            Expanded& out, std::string& error);

}  // namespace kubegate::gatekeeper
