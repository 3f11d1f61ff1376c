// `kubegate report`: what can be made of reports.
#pragma once

namespace CLI {
class App;
}

namespace kubegate {

// Adds `report merge` to `app`. It sets `exit_code` as `validate` would have, had one machine judged everything;
// `exit_code` outlives the parsing of `app`.
void add_report_command(CLI::App& app, int& exit_code);

}  // namespace kubegate
