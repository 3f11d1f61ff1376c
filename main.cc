// The kubegate command: composes its subcommands.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <string_view>

#include "policy/command.h"
#include "policy/gatekeeper/policy_check.h"
#include "policy/policy_command.h"
#include "provision/command.h"
#include "validate/command.h"
#include "validate/config_command.h"
#include "validate/init_command.h"
#include "validate/render_command.h"
#include "validate/report_command.h"
#include "validate/rules_command.h"
#include "validate/schemas_command.h"

namespace kubegate {
namespace {

struct Command {
  std::string_view name;
  void (*add)(CLI::App& app, int& exit_code);
};

// In the order in which the help lists them.
constexpr Command kCommands[] = {
    {"validate", [](CLI::App& app, int& code) { add_validate_command(app, code, gatekeeper::policy_loader()); }},
    {"ci", [](CLI::App& app, int& code) { add_ci_command(app, code, gatekeeper::policy_loader()); }},
    {"config", add_config_command},
    {"init", add_init_command},
    {"render", add_render_command},
    {"version", add_version_command},
    {"report", add_report_command},
    {"rules", add_rules_command},
    {"schemas", add_schemas_command},
    {"rego", add_rego_command},
    {"policy", add_policy_command},
    {"keys", add_keys_command},
    {"gate", add_gate_command},
};

// The one that the command line names, and all where it names none: half of a small run's instructions were spent on
// flags of commands that nobody had asked for.
void add_commands(CLI::App& app, int& exit_code, std::string_view name) {
  const auto named = std::ranges::find(kCommands, name, &Command::name);
  if (named != std::end(kCommands)) return named->add(app, exit_code);
  for (const Command& command : kCommands) command.add(app, exit_code);
}

}  // namespace
}  // namespace kubegate

int main(int argc, char** argv) {
  CLI::App app("kubegate tells what a Kubernetes cluster of a given version would refuse, before it does.", "kubegate");
  app.set_version_flag("--version", "kubegate " KUBEGATE_VERSION);
  int exit_code = 0;
  kubegate::add_commands(app, exit_code, argc > 1 ? argv[1] : "");
  return kubegate::run_command_line(app, argc, argv, exit_code);
}
