// Namespaces: which Namespace an object lies in, as far as that can be told without a cluster. The one place where that
// is decided for the commands.
//
//   an object                          test                     test --gator-compat     verify
//   that names a Namespace: it is      among the input          among the input         in the case's inventory
//     not there                        not known                not known               not known
//     but "default"                    made up, labelled        made up, no labels      not known
//   that names none                    none                     one without name        none
//     … and what `scope` takes it for  what its kind is         namespaced              cluster-scoped
//
// `test` does as `validate --policy` does: of what scope a kind is, is known from the built-in schemas and from the CRDs
// of the input, and an object of which it is not known goes by what it says. A cluster always has a Namespace "default",
// labelled with its name. What a Namespace that is not known means for a constraint is the match's to say (match.h):
// with a namespaceSelector the object is refused.
//
// gator test gives each object without a namespace an empty Namespace, so that `scope: Cluster` misses a ClusterRole;
// gator verify gives it none, so that `scope: Namespaced` misses a Pod that names none. `verify` does so too: suites
// mean the same in both tools. Rules: NamespaceForResource of Gatekeeper's pkg/gator/expand; nsCache of pkg/target.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "policy/gatekeeper/review.h"
#include "policy/policy_tool/objects.h"
#include "policy/value/arena.h"
#include "validate/schema/catalogue.h"

namespace kubegate::policy_tool {

class Namespaces {
 public:
  enum class Rule { kTest, kGatorTest, kVerify };

  // With kTest and a null `catalogue` no kind is known.
  explicit Namespaces(Rule rule, std::shared_ptr<const schema::Catalogue> catalogue = nullptr);

  // Makes the Namespace of that name known, if the object is one. Of two of one name the later counts.
  void add(const Object& object);
  // Forgets what add() made known.
  void clear() { known_.clear(); }

  // Sets Review::name_space and Review::namespaced for its object. Values live as long as this and the objects that were
  // added.
  void place(gatekeeper::Review& review) const;
  // The Namespace of a name, undefined where it is not known.
  policy::Value named(std::string_view name) const;

 private:
  Rule rule_;
  std::shared_ptr<const schema::Catalogue> catalogue_;
  std::map<std::string, Object, std::less<>> known_;
  policy::ValueArena arena_;
  policy::Value default_;  // the made-up one
};

// The kinds that a run knows: the built-in ones, and those that the definitions among the objects define.
std::shared_ptr<const schema::Catalogue> catalogue_of(const Objects& objects);

}  // namespace kubegate::policy_tool
