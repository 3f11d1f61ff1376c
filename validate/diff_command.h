// `kubegate diff`: what a change does to the objects that are deployed.
#pragma once

namespace CLI {
class App;
}

namespace kubegate {

// Adds `diff`. Exit codes: 0 (with --exit-code 1 where something differs), 2 where something could not be compared.
void add_diff_command(CLI::App& app, int& exit_code);

}  // namespace kubegate
