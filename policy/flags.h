// What the commands of this folder have in common: flags, and printing what a command tells.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "policy/rego_tool/present.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace kubegate {

// A flag that takes "1.5s", "200ms" or "1m30s", as Go reads durations.
CLI::Option* add_duration(CLI::App& command, const char* name, std::chrono::nanoseconds& out, const char* description);

// Prints it; the exit code.
int finish(const rego_tool::Report& report);

// Runs `work` with `options` when `command` is the one that is called.
void run_when_called(CLI::App& command, std::function<rego_tool::Report()> work, int& exit_code);

template <class Options>
void on_run(CLI::App& command, std::shared_ptr<Options> options, rego_tool::Report (*work)(const Options&),
            int& exit_code) {
  run_when_called(
      command, [options = std::move(options), work] { return work(*options); }, exit_code);
}

}  // namespace kubegate
