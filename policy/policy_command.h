// `kubegate policy`.
#pragma once

namespace CLI {
class App;
}

namespace kubegate {

// Adds `policy` with test, verify, bench, explain, list and show, as add_rego_command() of policy/command.h adds `rego`.
void add_policy_command(CLI::App& app, int& exit_code);

}  // namespace kubegate
