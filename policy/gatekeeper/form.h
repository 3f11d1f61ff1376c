// The form of what judges: templates, constraints, mutators and ExpansionTemplates by the schemas of their kinds and the
// API server's rules. Cold.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "policy/gatekeeper/policies.h"

namespace kubegate::run {
class Check;
}
namespace kubegate::schema {
class Catalogue;
}

namespace kubegate::gatekeeper {

class FormCheck {
 public:
  // `templates`: whose kinds of constraints are known besides Gatekeeper's own kinds.
  explicit FormCheck(std::span<const PolicySet::Item> templates);
  // Of Gatekeeper's own kinds alone.
  static const FormCheck& built_in();

  // Whether the object has the form of its kind. What is wrong is appended to `findings`, schema/… and server/…, but for
  // what stands where something of that object was told before.
  bool sound(const PolicySet::Item& item, std::vector<PolicyFinding>& findings) const;

 private:
  std::shared_ptr<const schema::Catalogue> catalogue_;
  std::vector<std::shared_ptr<const run::Check>> checks_;
};

}  // namespace kubegate::gatekeeper
