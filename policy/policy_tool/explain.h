// `kubegate policy explain`: why a constraint says what it says of an object.
#pragma once

#include <string>
#include <vector>

#include "policy/rego_tool/present.h"

namespace kubegate::policy_tool {

struct ExplainOptions {
  std::string constraint;              // its name, or kind/name
  std::string object;                  // a file; with several objects also which: "file.yaml:Kind/name"
  std::vector<std::string> policies;   // files and folders
  std::vector<std::string> bundles;    // of the rule library
  std::vector<std::string> inventory;  // files and folders of other objects
};

// Exit codes: 0 no violation, 1 violations, 2 could not do the work: a name that is none or several.
rego_tool::Report explain(const ExplainOptions& options);

}  // namespace kubegate::policy_tool
