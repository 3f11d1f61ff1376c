// `kubegate schemas …`: making bundles of schemas from what projects publish.
#pragma once

namespace CLI {
class App;
}

namespace kubegate {

// Adds the subcommand `schemas` to `app`. When it runs it prints errors to standard error and sets `exit_code`:
// 0 done, 2 could not do the work. `exit_code` must outlive the parsing of `app`.
void add_schemas_command(CLI::App& app, int& exit_code);

}  // namespace kubegate
