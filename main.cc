// The kubegate command: composes its subcommands.
#include <CLI/CLI.hpp>

#include "policy/command.h"
#include "policy/gatekeeper/policy_check.h"
#include "policy/policy_command.h"
#include "validate/command.h"
#include "validate/report_command.h"
#include "validate/rules_command.h"
#include "validate/schemas_command.h"

int main(int argc, char** argv) {
  CLI::App app("kubegate tells what a Kubernetes cluster of a given version would refuse, before it does.", "kubegate");
  app.set_version_flag("--version", "kubegate " KUBEGATE_VERSION);
  int exit_code = 0;
  kubegate::add_validate_command(app, exit_code, kubegate::gatekeeper::policy_loader());
  kubegate::add_version_command(app, exit_code);
  kubegate::add_report_command(app, exit_code);
  kubegate::add_rules_command(app, exit_code);
  kubegate::add_schemas_command(app, exit_code);
  kubegate::add_rego_command(app, exit_code);
  kubegate::add_policy_command(app, exit_code);
  return kubegate::run_command_line(app, argc, argv, exit_code);
}
