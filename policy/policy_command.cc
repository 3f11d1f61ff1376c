// `kubegate policy test|verify|expand|bench|explain|list|show`: flags. The work is in policy/policy_tool.
#include "policy/policy_command.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "policy/flags.h"
#include "policy/policy_tool/bench.h"
#include "policy/policy_tool/expand.h"
#include "policy/policy_tool/explain.h"
#include "policy/policy_tool/library.h"
#include "policy/policy_tool/objects.h"
#include "policy/policy_tool/test.h"
#include "policy/policy_tool/verify.h"
#include "validate/command.h"
#include "validate/report/outputs.h"

namespace kubegate {
namespace {

using policy_tool::BenchOptions;
using policy_tool::TestForm;
using policy_tool::TestOptions;
using policy_tool::VerifyOptions;

// -o: the names of `own`, and those of the forms of reports, which may go to files.
template <class Options>
void add_outputs(CLI::App& command, std::shared_ptr<Options> options, std::function<bool(const std::string&)> own,
                 const char* description) {
  command
      .add_option_function<std::vector<std::string>>(
          "-o,--output",
          [options, own = std::move(own)](const std::vector<std::string>& values) {
            for (const std::string& value : values) {
              if (own(value)) continue;
              const auto destination = report::parse_destination(value == "text" ? "full" : value);
              if (!destination.ok()) throw CLI::ValidationError("--output", destination.error().message);
              options->outputs.push_back(*destination);
            }
          },
          description)
      ->allow_extra_args(false)
      ->type_name("FORM[=FILE]");
}

bool to_standard_output(const std::vector<report::Destination>& outputs) {
  return std::any_of(outputs.begin(), outputs.end(), [](const auto& output) { return output.file.empty(); });
}

// gator's -t shows what OPA's evaluator did, step by step; kubegate's takes other steps.
void refuse_trace(CLI::App& command) {
  command
      .add_flag_callback("-t,--trace",
                         [] {
                           throw CLI::ValidationError(
                               "--trace",
                               "there is no trace of an evaluation: kubegate policy explain tells why "
                               "a constraint says what it says of an object");
                         })
      ->group("");
}

void add_compat(CLI::App& command, bool& out, const char* description) {
  command.add_flag("--gator-compat", out, description);
}

void add_test(CLI::App& policy, int& exit_code) {
  CLI::App& command = *policy.add_subcommand("test", "Judge objects by the policies that stand among them");
  const auto options = std::make_shared<TestOptions>();
  repeatable(command, "-f,--filename", options->paths, "PATH",
             "Policies and objects: a file or a folder; repeatable.\nWhat is piped in is read besides");
  repeatable(command, "--inventory", options->inventory, "PATH",
             "Objects that policies know in data.inventory, but\nthat are not judged; repeatable");
  repeatable(command, "--rules", options->bundles, "NAME",
             "Judge by these bundles of the rule library too: baseline,\nteam/required-labels, all; repeatable");
  add_outputs(
      command, options,
      [options](const std::string& name) {
        const TestForm form = name == "gator"  ? TestForm::kGatorLines
                              : name == "json" ? TestForm::kGatorJson
                              : name == "yaml" ? TestForm::kGatorYaml
                                               : TestForm::kNone;
        if (form != TestForm::kNone) options->form = form;
        return form != TestForm::kNone;
      },
      "text (the default; findings with their places), gator\n(gator's lines), json, yaml (gator's); concise, sarif, "
      "junit\nand the other forms of validate, also to a file:\nsarif=FILE; repeatable");
  refuse_trace(command);
  command.add_flag("-v,--verbose", options->verbose, "Tell what the policies print");
  command.add_flag("--stats", options->stats, "Tell what each kind of constraint took");
  command.add_flag("--deny-only", options->deny_only, "Tell only of what fails the run");
  add_compat(command, options->gator_compat,
             "Give objects the namespaces that gator test gives\nthem, and print its lines");
  command.footer(
      "Examples:\n"
      "  kubegate policy test -f policies/ -f rendered/\n"
      "  kustomize build overlay | kubegate policy test -f policies/ -o json\n\n"
      "Exit codes: 0 no constraint denies, 1 one does, or something is wrong with the policies or the input.");
  run_when_called(
      command,
      [options] {
        const bool taken = to_standard_output(options->outputs);
        if (taken && options->form != TestForm::kNone) {
          return rego_tool::Report{"", "kubegate: --output: two forms cannot both go to standard output\n", 2};
        }
        if (!taken && options->form == TestForm::kNone) {
          if (options->gator_compat)
            options->form = TestForm::kGatorLines;
          else
            options->outputs.push_back({});
        }
        options->output = process_output_options();
        options->standard_input = policy_tool::has_standard_input();
        return policy_tool::test(*options);
      },
      exit_code);
}

void add_verify(CLI::App& policy, int& exit_code) {
  CLI::App& command = *policy.add_subcommand("verify", "Run suites of tests of constraints");
  const auto options = std::make_shared<VerifyOptions>();
  command.add_option("PATH", options->paths, "Suites: a file, a folder, or a folder and all below: DIR/...")
      ->required()
      ->type_name("");
  command
      .add_option("-r,--run", options->run,
                  "Only what matches: 'test//case', '//case', 'test//', or\n'name' for either; RE2 expressions")
      ->type_name("RE");
  refuse_trace(command);
  command.add_flag("-v,--verbose", options->verbose,
                   "Tell of what passes and is skipped too, and what the\npolicies print");
  add_outputs(
      command, options, [](const std::string& name) { return name == "text"; },
      "text (the default; gator's, with places of failures); or\nfull, sarif, junit, json and the other forms of "
      "validate,\nalso to a file: junit=FILE; repeatable");
  add_compat(command, options->gator_compat, "Leave the places of failures out, as gator does");
  command.footer("Exit codes: 0 all pass, 1 a test fails or cannot be run.");
  run_when_called(
      command,
      [options] {
        options->text = !to_standard_output(options->outputs);
        options->output = process_output_options();
        return policy_tool::verify(*options);
      },
      exit_code);
}

void add_expand(CLI::App& policy, int& exit_code) {
  CLI::App& command = *policy.add_subcommand("expand", "Print what ExpansionTemplates make of objects");
  const auto options = std::make_shared<policy_tool::ExpandOptions>();
  repeatable(
      command, "-n,--filename", options->paths, "PATH",
      "ExpansionTemplates, mutators and objects: a file or a\nfolder; repeatable. What is piped in is read besides");
  command
      .add_option_function<std::string>(
          "-f,--format",
          [options](const std::string& name) {
            if (name != "yaml" && name != "json") {
              throw CLI::ValidationError("--format", "there is no form " + name + ", only yaml, json");
            }
            options->json = name == "json";
          },
          "yaml (the default) or json")
      ->type_name("FORM");
  command.add_option("-o,--outputfile", options->file, "Write to this file")->type_name("FILE");
  command.footer("Exit codes: 0 printed, 1 something is wrong with the input.");
  run_when_called(
      command,
      [options] {
        options->standard_input = policy_tool::has_standard_input();
        return policy_tool::expand(*options);
      },
      exit_code);
}

void add_bench(CLI::App& policy, int& exit_code) {
  CLI::App& command = *policy.add_subcommand("bench", "Measure how long it takes to judge objects by policies");
  const auto options = std::make_shared<BenchOptions>();
  repeatable(command, "-f,--filename", options->paths, "PATH",
             "Policies and objects: a file or a folder; repeatable.\nWhat is piped in is read besides");
  command.add_option("-n,--iterations", options->iterations, "Rounds over all objects (default: 1000)")
      ->type_name("N")
      ->check(CLI::Range(1u, 1u << 24));
  command.add_option("--warmup", options->warmup, "Rounds before those that are measured (default: 10)")
      ->type_name("N")
      ->check(CLI::Range(0u, 1u << 24));
  command.add_option("-c,--concurrency", options->concurrency, "Threads (default: 1)")
      ->type_name("N")
      ->check(CLI::Range(1u, 1024u));
  command
      .add_option_function<std::string>(
          "-e,--engine",
          [](const std::string& name) {
            if (name != "rego" && name != "all") {
              throw CLI::ValidationError("--engine", "there is no engine " + name + ", only rego");
            }
          },
          "rego (the default), which is all that there is")
      ->type_name("ENGINE");
  command
      .add_option_function<std::string>(
          "-o,--output",
          [options](const std::string& name) {
            options->form = name == "json"   ? BenchOptions::Form::kJson
                            : name == "yaml" ? BenchOptions::Form::kYaml
                                             : BenchOptions::Form::kTable;
            if (options->form == BenchOptions::Form::kTable && name != "table") {
              throw CLI::ValidationError("--output", "there is no form " + name + ", only table, json, yaml");
            }
          },
          "table (the default), json or yaml")
      ->type_name("FORM");
  command.add_flag("--memory", options->memory, "Tell how much memory the process took");
  command.add_option("--save", options->save, "Write the results to this file (.json, .yaml)")->type_name("FILE");
  command.add_option("--compare", options->compare, "Compare with the results in this file")->type_name("FILE");
  command.add_option("--threshold", options->threshold, "Worse by so many percent is a failure (default: 10)")
      ->type_name("PERCENT")
      ->check(CLI::NonNegativeNumber);
  add_duration(command, "--min-threshold", options->min_threshold,
               "Worse by less than this is none, whatever the percentage");
  command.footer("Exit codes: 0 measured, 1 errors, or worse than the results that --compare names.");
  run_when_called(
      command,
      [options] {
        options->standard_input = policy_tool::has_standard_input();
        return policy_tool::bench(*options);
      },
      exit_code);
}

void add_explain(CLI::App& policy, int& exit_code) {
  CLI::App& command = *policy.add_subcommand("explain", "Tell why a constraint says what it says of an object");
  const auto options = std::make_shared<policy_tool::ExplainOptions>();
  command.add_option("CONSTRAINT", options->constraint, "Its name, or Kind/name")->required()->type_name("");
  command.add_option("OBJECT", options->object, "A file; of several objects in it one: FILE:Kind/name")
      ->required()
      ->type_name("");
  repeatable(command, "-p,--policy", options->policies, "PATH", "Policies: a file or a folder; repeatable");
  repeatable(command, "--rules", options->bundles, "NAME", "Bundles of the rule library; repeatable");
  repeatable(command, "--inventory", options->inventory, "PATH", "Objects that policies know; repeatable");
  command.footer("Exit codes: 0 no violation, 1 violations, 2 a name that is none or several.");
  on_run(command, options, policy_tool::explain, exit_code);
}

void add_list(CLI::App& policy, int& exit_code) {
  CLI::App& command = *policy.add_subcommand("list", "List the rule library");
  const auto bundle = std::make_shared<std::string>();
  command.add_option("BUNDLE", *bundle, "Only the rules of this bundle")->type_name("");
  run_when_called(
      command, [bundle] { return policy_tool::list_rules(*bundle); }, exit_code);
}

void add_show(CLI::App& policy, int& exit_code) {
  CLI::App& command = *policy.add_subcommand("show", "Show a rule of the library");
  const auto name = std::make_shared<std::string>();
  const auto files = std::make_shared<bool>(false);
  command.add_option("RULE", *name, "team/required-labels, required-labels, or the kind of its constraints")
      ->required()
      ->type_name("");
  command.add_flag("--files", *files, "Print its template and constraint, as YAML to start from");
  run_when_called(
      command, [name, files] { return policy_tool::show_rule(*name, *files); }, exit_code);
}

}  // namespace

void add_policy_command(CLI::App& app, int& exit_code) {
  CLI::App* policy =
      app.add_subcommand("policy", "Judge objects by Gatekeeper's policies; test, measure and explain these");
  policy->preparse_callback([policy, &exit_code](std::size_t) {
    if (!policy->get_subcommands([](const CLI::App*) { return true; }).empty()) return;
    policy->require_subcommand(1);
    add_test(*policy, exit_code);
    add_verify(*policy, exit_code);
    add_expand(*policy, exit_code);
    add_bench(*policy, exit_code);
    add_explain(*policy, exit_code);
    add_list(*policy, exit_code);
    add_show(*policy, exit_code);
  });
}

}  // namespace kubegate
