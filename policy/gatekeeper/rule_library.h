// The rule library: the folders of rules/, compiled in (rules/library.cmake).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/gatekeeper/policies.h"
#include "validate/base/result.h"

namespace kubegate::gatekeeper {

// One rule: rules/<bundle>/<name>/. The texts are part of the binary.
struct LibraryRule {
  std::string_view bundle, name;
  std::string_view constraint_template;  // template.yaml
  std::string_view constraints;          // constraint.yaml
  std::string_view page;                 // README.md
};

// All rules, by bundle and name.
const std::vector<LibraryRule>& rule_library();

// The names of the bundles, sorted.
std::vector<std::string_view> rule_bundles();

// Adds the rules of these bundles to `set`; "all" is every bundle, "<bundle>/<rule>" one rule. Errors: a name that is
// none of these, with the nearest one.
Result<Done> add_library_rules(std::span<const std::string> bundles, PolicySet& set);

}  // namespace kubegate::gatekeeper
