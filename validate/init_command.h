// `kubegate init`.
#pragma once

namespace CLI {
class App;
}

namespace kubegate {

// Adds `init`, which writes .kubegate.yaml, the hook and the workflow of a repository. `exit_code` outlives the parsing
// of `app`: 0 done, 2 could not do the work, or a file was there already.
void add_init_command(CLI::App& app, int& exit_code);

}  // namespace kubegate
