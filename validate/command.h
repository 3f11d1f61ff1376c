// The subcommands of this folder, and what they share with the others: reading a command line.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "validate/named_flags.h"

namespace CLI {
class App;
class Error;
class Option;
}  // namespace CLI

namespace kubegate {

namespace run {
class PolicyLoader;
}
namespace report {
struct Destination;
struct OutputOptions;
}  // namespace report

// Adds `validate` to `app`. When it runs it writes its report to standard output, errors to standard error, and sets
// `exit_code`: 0 pass, 1 findings, 2 could not do the work. `exit_code` and `policies` outlive the parsing of `app`.
void add_validate_command(CLI::App& app, int& exit_code, const run::PolicyLoader& policies, const NamedFlags& named);

// Adds `ci`: rendering, judging and reporting a repository in one, as jobs call it. Exit codes as above.
void add_ci_command(CLI::App& app, int& exit_code, const run::PolicyLoader& policies, const NamedFlags& named);

// Adds `version`, which lists the built-in bundles with their versions and dates.
void add_version_command(CLI::App& app, int& exit_code);

// Lets interrupts end the process at once, with the code that a shell would give (validate/command.cc tells why).
void handle_signals();

// What a report is to know of the process: the version, the folder that it runs in, the terminal.
report::OutputOptions process_output_options();

// What --output takes.
inline constexpr const char* kOutputHelp =
    "full (with source lines, the default), concise (a line a\n"
    "finding), json, junit, sarif, github (annotations),\n"
    "markdown (a comment), html or part (for `kubegate report\n"
    "merge`); with =FILE into a file; repeatable, one of them to\n"
    "standard output";

// Adds --output, whose values it parses into `outputs` (nothing: the default was not changed), to `command`, and
// --verbose.
void add_output_flags(CLI::App& command, std::vector<report::Destination>& outputs, bool& verbose);

// A flag that may be given several times, with one value each.
CLI::Option* repeatable(CLI::App& command, const char* name, std::vector<std::string>& values, const char* type,
                        const char* description);

// "kubegate: text" on standard error, made fit for a terminal.
void print_error(std::string_view text);

// Makes the parser of a command line that names these flags.
using MakeCommands = std::function<std::unique_ptr<CLI::App>(const NamedFlags&)>;

// Parses the command line, which runs the subcommand that it names, and returns the exit code: `exit_code` as the
// subcommand left it, or 2 after a wrong flag, with an error on standard error. Long flags are taken with one dash too.
int run_command_line(int argc, char** argv, const MakeCommands& make, const int& exit_code);

}  // namespace kubegate
