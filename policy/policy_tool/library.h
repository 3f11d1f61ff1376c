// `kubegate policy list` and `show`: the rule library on the terminal.
#pragma once

#include <string>

#include "policy/rego_tool/present.h"

namespace kubegate::policy_tool {

// The rules with their bundle, kind, constraints, action and title, a line each; of one bundle where it is not "".
// Exit code 2 for a bundle that is none.
rego_tool::Report list_rules(const std::string& bundle);

// A rule's page, or its files as they are with `files`: "team/required-labels", the last half alone, or the kind of its
// constraints. Exit code 2 for what is none, with the nearest name.
rego_tool::Report show_rule(const std::string& name, bool files);

}  // namespace kubegate::policy_tool
