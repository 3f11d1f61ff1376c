// The subcommands of this folder.
#pragma once

namespace CLI {
class App;
}

namespace kubegate {

// Adds `keys` with new and show. When one runs it writes to standard output and standard error and sets `exit_code`, which
// outlives the parsing of `app`: 0 done, 2 could not do the work.
void add_keys_command(CLI::App& app, int& exit_code);

// Adds `gate` with show and verify: 0 the record may be believed, 1 it may not, 2 could not do the work.
void add_gate_command(CLI::App& app, int& exit_code);

}  // namespace kubegate
