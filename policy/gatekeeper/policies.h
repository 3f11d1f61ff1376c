// Policies: templates and constraints that were read and compiled, immutable and shared by threads.
//
//   PolicySet set;
//   set.add(document);                             // each document of the policy folder
//   std::vector<PolicyFinding> findings;           // what is wrong, each at its place; the rest still works
//   const auto policies = set.compile(findings);
//   Reviewer reviewer(policies);                   // reviewer.h: one for each thread
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "policy/gatekeeper/constraint.h"
#include "policy/gatekeeper/kept_document.h"
#include "policy/gatekeeper/template.h"
#include "policy/rego/program.h"
#include "policy/value/arena.h"
#include "validate/schema/check.h"

namespace kubegate::gatekeeper {

// How constraints become programs. All but `print` change the cost alone, never a result: a test turns them off.
struct CompileSwitches {
  bool index = true;       // objects meet only the constraints of their kind
  bool specialise = true;  // parameters are constants of the program
  rego::Optimisations programs = {};
  bool print = false;  // calls of print() stay, for Reviewer::set_print; otherwise they are erased
};

class Policies {
 public:
  // One constraint alone; its parameters live elsewhere.
  static std::shared_ptr<const Policies> of(Constraint constraint);

  const std::vector<Constraint>& constraints() const { return constraints_; }
  // What is to be kept of the other objects: what policies read, and Namespaces where matching asks for their labels.
  const InventoryUse& inventory() const { return inventory_; }
  // The constraints, by number, that cover a kind; the others need not be asked. In the order of Constraint::rule.
  std::vector<std::uint32_t> covering(std::string_view group, std::string_view kind) const;

 private:
  friend class PolicyCompiler;
  policy::ValueArena arena_;  // of parameters
  std::vector<Constraint> constraints_;
  InventoryUse inventory_;
  bool index_ = true;
};

// What an object is to Gatekeeper.
enum class Role : std::uint8_t {
  kNone,  // judged, not judging
  kTemplate,
  kConstraint,
  kMutator,
  kExpansion,
};
Role role_of(std::string_view api_version, std::string_view kind);

// Policies as they are collected. Cold.
class PolicySet {
 public:
  // Takes the policies among the objects of a document (Lists are unpacked); says whether there were any.
  bool add(const std::shared_ptr<const KeptDocument>& document);
  bool empty() const { return templates_.empty() && constraints_.empty(); }

  // Templates first, then the constraints of those that are sound. Of two templates of one kind, and of two constraints
  // of one kind and name, the later counts. What is wrong is appended to `findings`: schema/… and server/… for form,
  // and the rules of template.h and constraint.h.
  std::shared_ptr<const Policies> compile(std::vector<PolicyFinding>& findings,
                                          const CompileSwitches& switches = {}) const;

  // An object of a document, as it was added.
  struct Item {
    std::shared_ptr<const KeptDocument> source;
    document::NodeIndex node;
    schema::ObjectIdentity identity = {};  // of an item of a typed list: what the list says where the item does not
  };
  const std::vector<Item>& templates() const { return templates_; }
  const std::vector<Item>& constraints() const { return constraints_; }
  const std::vector<Item>& mutators() const { return mutators_; }
  const std::vector<Item>& expansions() const { return expansions_; }

 private:
  std::vector<Item> templates_, constraints_, mutators_, expansions_;
};

}  // namespace kubegate::gatekeeper
