// `kubegate policy expand`: the objects that ExpansionTemplates make of others, with mutators applied. Rule: gator
// expand.
#pragma once

#include <string>
#include <vector>

#include "policy/rego_tool/present.h"

namespace kubegate::policy_tool {

struct ExpandOptions {
  std::vector<std::string> paths;  // templates, mutators and objects, together
  bool standard_input = false;     // it holds more of them
  bool json = false;               // else YAML
  std::string file;                // where to write; "" is standard output
};

// Exit codes: 0; 1 when the input cannot be read, a template or a mutator is at fault, or an object cannot be expanded:
// what could be is printed all the same.
rego_tool::Report expand(const ExpandOptions& options);

}  // namespace kubegate::policy_tool
