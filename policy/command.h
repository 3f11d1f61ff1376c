// The subcommands of this folder.
#pragma once

namespace CLI {
class App;
}

namespace kubegate {

// Adds `rego` with eval, check, test and bench. When one runs it writes to standard output and standard error and sets
// `exit_code`, which outlives the parsing of `app`. Nothing of Rego is touched, not even its flags, until `rego` is
// read on the command line.
void add_rego_command(CLI::App& app, int& exit_code);

}  // namespace kubegate
