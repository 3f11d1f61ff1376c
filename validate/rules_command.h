// `kubegate rules …`: what each rule says, why, and how to mend.
#pragma once

namespace CLI {
class App;
}

namespace kubegate {

// Adds the subcommand `rules` to `app`. When it runs it prints to standard output, errors to standard error, and sets
// `exit_code`: 0 done, 2 there is no such rule. `exit_code` must outlive the parsing of `app`.
void add_rules_command(CLI::App& app, int& exit_code);

}  // namespace kubegate
