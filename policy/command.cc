// `kubegate rego eval|check|test|bench`: flags. The work is in policy/rego_tool.
#include "policy/command.h"

#include <CLI/CLI.hpp>

#include <cctype>
#include <charconv>
#include <cstdio>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "policy/flags.h"
#include "policy/rego_tool/bench.h"
#include "policy/rego_tool/eval.h"
#include "policy/rego_tool/test.h"
#include "validate/command.h"

namespace kubegate {
namespace {

using rego_tool::Report;
using rego_tool::ResultFormat;

// "67108864", "64MiB", "64M", "1G": bytes, by powers of 1024.
bool parse_bytes(std::string_view text, std::uint64_t& out) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return false;
  std::string unit(text.substr(static_cast<std::size_t>(end - text.data())));
  for (char& c : unit) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  static const std::map<std::string, int> kShifts = {{"", 0},     {"B", 0},   {"K", 10},  {"KB", 10},
                                                     {"KIB", 10}, {"M", 20},  {"MB", 20}, {"MIB", 20},
                                                     {"G", 30},   {"GB", 30}, {"GIB", 30}};
  const auto shift = kShifts.find(unit);
  if (shift == kShifts.end() || number > (UINT64_MAX >> shift->second)) return false;
  out = number << shift->second;
  return true;
}

template <class Format>
void add_format(CLI::App& command, Format& out, std::map<std::string, Format> formats, const char* description) {
  std::string names;
  for (const auto& [name, format] : formats) names += (names.empty() ? "" : ", ") + name;
  command
      .add_option_function<std::string>(
          "-f,--format",
          [&out, formats = std::move(formats), names](const std::string& name) {
            const auto format = formats.find(name);
            if (format == formats.end()) {
              throw CLI::ValidationError("--format", "there is no format " + name + ", only " + names);
            }
            out = format->second;
          },
          description)
      ->type_name("FORMAT");
}

void add_version_flags(CLI::App& command, rego::RegoVersion& version) {
  command.add_flag_callback(
      "--v1-compatible", [&version] { version = rego::RegoVersion::kV1; }, "Read policies as Rego v1 (the default)");
  command.add_flag_callback(
      "--v0-compatible", [&version] { version = rego::RegoVersion::kV0; },
      "Read policies as Rego v0, as Gatekeeper does");
}

void add_access_flags(CLI::App& command, rego_tool::Access& access) {
  command.add_flag("--allow-network", access.network, "Policies may call http.send and net.lookup_ip_addr");
  command.add_flag("--allow-environment", access.environment,
                   "Policies may call opa.runtime, which tells the environment's variables");
}

// Flags of opa that mean nothing here: an error that says why, rather than that there is no such flag.
void not_done(CLI::App& command, std::initializer_list<const char*> flags, const char* why) {
  for (const char* flag : flags) {
    command
        .add_option_function<std::vector<std::string>>(
            flag, [flag, why](const std::vector<std::string>&) { throw CLI::ValidationError(flag, why); })
        ->expected(0, 1)
        ->group("");
  }
}

constexpr const char* kIgnoreHelp = "Pass over files and folders of this name, such as '.*'; repeatable";

// What eval and bench have in common.
void add_query_options(CLI::App& command, rego_tool::EvalOptions& options) {
  command.add_option("QUERY", options.query, "A query such as 'data.authz.allow' or 'x := input.a; x > 1'")
      ->required()
      ->type_name("");
  repeatable(command, "-d,--data", options.data, "PATH",
             "Policies (.rego) and data (.json, .yaml): a file, a folder, or\nprefix:path for data that stands below "
             "data.prefix; repeatable");
  auto* input =
      command.add_option("-i,--input", options.input, "The input document, JSON or YAML; - for standard input")
          ->type_name("FILE");
  command
      .add_flag_callback(
          "-I,--stdin-input", [&options] { options.input = "-"; }, "As --input -")
      ->excludes(input);
  command.add_option("--package", options.package, "Names of the query are those of this package")
      ->type_name("PACKAGE");
  repeatable(command, "--import", options.imports, "PATH",
             "An import that the query sees: 'data.a.b as c'; repeatable");
  repeatable(command, "--ignore", options.ignore, "PATTERN", kIgnoreHelp);
  add_version_flags(command, options.version);
  add_access_flags(command, options.access);
  command.add_option("--count", options.count, "Run this many times (default: 1)")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 30));
  not_done(command, {"-b,--bundle", "-e,--entrypoint", "-s,--schema", "-t,--target", "--capabilities"},
           "bundles, schemas, capabilities and WebAssembly are left out; -d loads folders");
  command.add_flag("--strict-builtin-errors", options.strict_builtin_errors,
                   "An error of a built-in ends the evaluation, rather than\nbeing undefined");
  add_duration(command, "--timeout", options.limits.time, "Longest time of one evaluation (default: none)");
  command.add_option("--max-steps", options.limits.steps, "Most turns of loops and calls of one evaluation")
      ->type_name("N");
  command
      .add_option_function<std::string>(
          "--max-memory",
          [&options](const std::string& text) {
            if (!parse_bytes(text, options.limits.memory) || options.limits.memory == 0) {
              throw CLI::ValidationError("--max-memory", text + " is no size: give bytes, or such as 64MiB");
            }
          },
          "Most memory of one evaluation's values (default: 4GiB)")
      ->type_name("SIZE");
}

void add_eval(CLI::App& rego, int& exit_code) {
  CLI::App& command = *rego.add_subcommand("eval", "Evaluate a query");
  const auto options = std::make_shared<rego_tool::EvalOptions>();
  add_query_options(command, *options);
  add_format<ResultFormat>(command, options->style.format,
                           {{"json", ResultFormat::kJson},
                            {"pretty", ResultFormat::kPretty},
                            {"values", ResultFormat::kValues},
                            {"bindings", ResultFormat::kBindings},
                            {"raw", ResultFormat::kRaw},
                            {"discard", ResultFormat::kDiscard}},
                           "json (the default), pretty, values, bindings, raw or discard");
  command.add_flag("-S,--strict", options->strict, "Compile in strict mode");
  command.add_flag("--metrics", options->metrics, "Report how long loading, parsing, compiling and evaluating took");
  command.add_flag("--profile", options->profile, "Report how long the lines of policies took (and --metrics)");
  command.add_option("--profile-limit", options->profile_limit, "Most lines of the profile (default: 10), 0 for all")
      ->type_name("N")
      ->each([options](const std::string&) { options->profile = true; });
  repeatable(command, "--profile-sort", options->profile_sort, "CRITERION",
             "Order of the profile: total_time_ns, num_eval,\nnum_gen_expr, file or line; repeatable")
      ->check([options](const std::string& name) {
        options->profile = true;
        return rego_tool::is_profile_criterion(name) ? "" : "there is no criterion " + name;
      });
  command.add_flag("--coverage", options->coverage, "Report which parts of policies were reached");
  command.add_option("--pretty-limit", options->style.widest, "Longest text in a cell of pretty output (default: 80)")
      ->type_name("N");
  not_done(command, {"-p,--partial", "-O,--optimize", "-u,--unknowns", "--shallow-inlining", "--disable-inlining"},
           "there is no partial evaluation");
  not_done(command, {"--explain", "--var-values"},
           "evaluations are not traced: the program that runs has no steps of the policy's text; print and --profile "
           "tell what was reached");
  not_done(command, {"--instrument"},
           "there are no metrics of the evaluator's inside; --metrics and --profile tell of times");
  not_done(command, {"--show-builtin-errors"},
           "errors of built-ins are not collected; --strict-builtin-errors tells the first");
  auto* fail = command.add_flag("--fail", options->fail, "Exit with 1 when the result is undefined");
  command.add_flag("--fail-defined", options->fail_defined, "Exit with 1 when the result is defined")->excludes(fail);
  command.footer(
      "Examples:\n"
      "  kubegate rego eval -d policies/ -i pod.yaml 'data.policy.deny'\n"
      "  kubegate rego eval -d policies/ -i pod.yaml --format pretty --fail-defined 'data.policy.deny[x]'\n\n"
      "Exit codes: 0 evaluated, 1 as --fail and --fail-defined say, 2 errors.");
  on_run(command, options, rego_tool::eval, exit_code);
}

void add_check(CLI::App& rego, int& exit_code) {
  CLI::App& command = *rego.add_subcommand("check", "Parse and compile policies, and tell what is wrong with them");
  const auto options = std::make_shared<rego_tool::CheckOptions>();
  command.add_option("PATH", options->paths, "Policies: files, or folders, which are walked for .rego")
      ->required()
      ->type_name("");
  command.add_flag("-S,--strict", options->strict, "Unused variables and imports, shadowed names and such are errors");
  add_version_flags(command, options->version);
  add_access_flags(command, options->access);
  add_format<bool>(command, options->json, {{"pretty", false}, {"json", true}}, "pretty (the default) or json");
  repeatable(command, "--ignore", options->ignore, "PATTERN", kIgnoreHelp);
  command.add_option("-m,--max-errors", options->max_errors, "Most errors that are told (default: 10)")->type_name("N");
  command.footer("Exit codes: 0 sound, 1 errors.");
  on_run(command, options, rego_tool::check, exit_code);
}

void add_test(CLI::App& rego, int& exit_code) {
  CLI::App& command = *rego.add_subcommand("test", "Run the test_ rules of policies");
  const auto options = std::make_shared<rego_tool::TestOptions>();
  command.add_option("PATH", options->paths, "Policies, tests and data: files or folders")->required()->type_name("");
  command.add_flag("-v,--verbose", options->verbose, "Tell of tests that pass too, with what they print");
  command.add_option("-r,--run", options->run, "Only tests in whose name (data.pkg.test_x) this expression matches")
      ->type_name("RE");
  add_version_flags(command, options->version);
  add_access_flags(command, options->access);
  add_format<bool>(command, options->json, {{"pretty", false}, {"json", true}}, "pretty (the default) or json");
  repeatable(command, "--ignore", options->ignore, "PATTERN", kIgnoreHelp);
  command.add_flag("-c,--coverage", options->coverage, "Report, as JSON, which lines the tests reach");
  command.add_option("--threshold", options->threshold, "Fail when the coverage is below this many percent")
      ->type_name("PERCENT")
      ->check(CLI::Range(0.0, 100.0));
  add_duration(command, "--timeout", options->timeout, "Longest time of one test (default: 5s)");
  command.add_option("--count", options->count, "Run the tests this many times (default: 1)")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 30));
  command.add_flag("-z,--exit-zero-on-skipped", options->exit_zero_on_skipped, "Skipped tests are no failures");
  command.add_flag("--fail-on-empty", options->fail_on_empty, "Exit with 1 when there are no tests");
  command.add_option("-m,--max-errors", options->max_errors, "Most errors that are told (default: 10)")->type_name("N");
  command.footer("Exit codes: 0 pass, 1 tests could not be run, 2 failures, errors or skipped tests.");
  on_run(command, options, rego_tool::test, exit_code);
}

void add_bench(CLI::App& rego, int& exit_code) {
  CLI::App& command = *rego.add_subcommand("bench", "Measure how long a query takes");
  const auto options = std::make_shared<rego_tool::BenchOptions>();
  options->eval.fail = true;
  add_query_options(command, options->eval);
  add_format<bool>(command, options->json, {{"pretty", false}, {"json", true}}, "pretty (the default) or json");
  command.add_flag("--fail", options->eval.fail,
                   "An undefined result is an error (the default;\n--fail=false lets it pass)");
  add_duration(command, "--time", options->time, "How long to measure each time, about (default: 1s)");
  command.footer("Exit codes: 0 measured, 1 errors.");
  on_run(command, options, rego_tool::bench, exit_code);
}

}  // namespace

void add_rego_command(CLI::App& app, int& exit_code) {
  CLI::App* rego = app.add_subcommand("rego", "Evaluate, check, test and measure policies in Rego");
  rego->preparse_callback([rego, &exit_code](std::size_t) {
    if (!rego->get_subcommands([](const CLI::App*) { return true; }).empty()) return;
    rego->require_subcommand(1);
    add_eval(*rego, exit_code);
    add_check(*rego, exit_code);
    add_test(*rego, exit_code);
    add_bench(*rego, exit_code);
  });
}

}  // namespace kubegate
