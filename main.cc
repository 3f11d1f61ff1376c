// The kubegate command: composes its subcommands.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <string_view>

#include "policy/command.h"
#include "policy/gatekeeper/policy_check.h"
#include "policy/policy_command.h"
#include "provision/command.h"
#include "validate/command.h"
#include "validate/config_command.h"
#include "validate/diff_command.h"
#include "validate/init_command.h"
#include "validate/render_command.h"
#include "validate/report_command.h"
#include "validate/rules_command.h"
#include "validate/schemas_command.h"

namespace kubegate {
namespace {

struct Command {
  std::string_view name;
  void (*add)(CLI::App& app, int& exit_code, const NamedFlags& named);
};

// Commands of few flags have them all.
template <void (*kAdd)(CLI::App& app, int& exit_code)>
void whole(CLI::App& app, int& exit_code, const NamedFlags&) {
  kAdd(app, exit_code);
}

// In the order in which the help lists them.
constexpr Command kCommands[] = {
    {"validate", [](CLI::App& app, int& code,
                    const NamedFlags& named) { add_validate_command(app, code, gatekeeper::policy_loader(), named); }},
    {"ci", [](CLI::App& app, int& code,
              const NamedFlags& named) { add_ci_command(app, code, gatekeeper::policy_loader(), named); }},
    {"config", whole<add_config_command>},
    {"init", whole<add_init_command>},
    {"render", whole<add_render_command>},
    {"diff", whole<add_diff_command>},
    {"version", whole<add_version_command>},
    {"report", whole<add_report_command>},
    {"rules", whole<add_rules_command>},
    {"schemas", whole<add_schemas_command>},
    {"rego", whole<add_rego_command>},
    {"policy", whole<add_policy_command>},
    {"keys", whole<add_keys_command>},
    {"gate", whole<add_gate_command>},
};

// The one that the command line names, and all where it names none: half of a small run's instructions were spent on
// flags of commands that nobody had asked for.
void add_commands(CLI::App& app, int& exit_code, std::string_view name, const NamedFlags& named) {
  const auto found = std::ranges::find(kCommands, name, &Command::name);
  if (found != std::end(kCommands)) return found->add(app, exit_code, named);
  for (const Command& command : kCommands) command.add(app, exit_code, named);
}

}  // namespace
}  // namespace kubegate

int main(int argc, char** argv) {
  int exit_code = 0;
  const auto make = [&](const kubegate::NamedFlags& named) {
    auto app = std::make_unique<CLI::App>(
        "kubegate tells what a Kubernetes cluster of a given version would refuse, before it does.", "kubegate");
    app->set_version_flag("--version", "kubegate " KUBEGATE_VERSION);
    kubegate::add_commands(*app, exit_code, argc > 1 ? argv[1] : "", named);
    return app;
  };
  return kubegate::run_command_line(argc, argv, make, exit_code);
}
