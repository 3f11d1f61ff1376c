// `kubegate config show` and `kubegate config schema`.
#pragma once

namespace CLI {
class App;
}

namespace kubegate {

// Adds `config` to `app`. `exit_code` outlives the parsing of `app`: 0 done, 1 the file has faults, 2 could not do the
// work.
void add_config_command(CLI::App& app, int& exit_code);

}  // namespace kubegate
