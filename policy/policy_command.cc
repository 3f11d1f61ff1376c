// `kubegate policy test|verify|explain|list|show|bench`: flags. The work is in policy/policy_tool.
#include "policy/policy_command.h"

#include <CLI/CLI.hpp>

#include <memory>
#include <string>

#include "policy/flags.h"
#include "policy/policy_tool/bench.h"
#include "policy/policy_tool/explain.h"
#include "policy/policy_tool/library.h"
#include "policy/policy_tool/objects.h"
#include "policy/policy_tool/test.h"
#include "policy/policy_tool/verify.h"

namespace kubegate {
namespace {

using policy_tool::BenchOptions;
using policy_tool::ExplainOptions;
using policy_tool::TestForm;
using policy_tool::TestOptions;
using policy_tool::VerifyOptions;

// -o, whose values are those of `set`, which returns whether it knows a name.
void add_output(CLI::App& command, std::function<bool(const std::string&)> set, const char* names,
                const char* description) {
  command
      .add_option_function<std::string>(
          "-o,--output",
          [set = std::move(set), names](const std::string& name) {
            if (!set(name)) throw CLI::ValidationError("--output", "there is no form " + name + ", only " + names);
          },
          description)
      ->type_name("FORM");
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
  const auto form_given = std::make_shared<bool>(false);
  add_output(
      command,
      [options, form_given](const std::string& name) {
        *form_given = true;
        options->form = name == "gator"  ? TestForm::kGatorLines
                        : name == "json" ? TestForm::kGatorJson
                        : name == "yaml" ? TestForm::kGatorYaml
                                         : TestForm::kReport;
        options->format = name == "concise" ? report::Format::kConcise : report::Format::kFull;
        return options->form != TestForm::kReport || name == "text" || name == "concise";
      },
      "text, concise, gator, json, yaml",
      "text (the default; findings with their places),\nconcise (a line each), gator (gator's lines), json or\nyaml "
      "(gator's)");
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
      [options, form_given] {
        if (options->gator_compat && !*form_given) options->form = TestForm::kGatorLines;
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
  command.add_flag("-v,--verbose", options->verbose,
                   "Tell of what passes and is skipped too, and what the\npolicies print");
  add_output(
      command,
      [options](const std::string& name) {
        options->text = name == "text";
        options->format = name == "json"      ? report::Format::kJson
                          : name == "concise" ? report::Format::kConcise
                                              : report::Format::kFull;
        return options->text || name == "full" || name == "json" || name == "concise";
      },
      "text, full, concise, json", "text (the default; gator's, with places of failures),\nfull, concise or json");
  add_compat(command, options->gator_compat, "Print what gator verify prints, to the byte");
  command.footer("Exit codes: 0 all pass, 1 a test fails or cannot be run.");
  on_run(command, options, policy_tool::verify, exit_code);
}

void add_explain(CLI::App& policy, int& exit_code) {
  CLI::App& command = *policy.add_subcommand("explain", "Tell why a constraint says what it says of an object");
  const auto options = std::make_shared<ExplainOptions>();
  command.add_option("CONSTRAINT", options->constraint, "A constraint: its name, or Kind/name")
      ->required()
      ->type_name("");
  command.add_option("OBJECT", options->object, "A file; of several objects one by file.yaml:Kind/name")
      ->required()
      ->type_name("");
  repeatable(command, "--policy", options->policies, "PATH", "Where the constraint and its template are; repeatable");
  repeatable(command, "--rules", options->bundles, "BUNDLES", "Bundles of the rule library; a list or repeated")
      ->delimiter(',');
  repeatable(command, "--inventory", options->inventory, "PATH",
             "Objects that policies know in data.inventory, and\nNamespaces; repeatable");
  command.footer(
      "Examples:\n"
      "  kubegate policy explain forbid-latest-tag web.yaml --rules team\n"
      "  kubegate policy explain must-have-owner all.yaml:Deployment/web --policy policies/\n\n"
      "Exit codes: 0 no violation, 1 violations, 2 could not do the work.");
  on_run(command, options, policy_tool::explain, exit_code);
}

void add_library(CLI::App& policy, int& exit_code) {
  CLI::App& list = *policy.add_subcommand("list", "List the rules of the library");
  const auto bundle = std::make_shared<std::string>();
  list.add_option("BUNDLE", *bundle, "Only this bundle")->type_name("");
  run_when_called(
      list, [bundle] { return policy_tool::list_rules(*bundle); }, exit_code);

  CLI::App& show = *policy.add_subcommand("show", "Show the page of a rule of the library");
  struct Wish {
    std::string name;
    bool files = false;
  };
  const auto wish = std::make_shared<Wish>();
  show.add_option("RULE", wish->name, "bundle/rule, the rule alone, or the kind of its constraints")
      ->required()
      ->type_name("");
  show.add_flag("--files", wish->files, "Its template and its constraints instead");
  run_when_called(
      show, [wish] { return policy_tool::show_rule(wish->name, wish->files); }, exit_code);
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
  add_output(
      command,
      [options](const std::string& name) {
        options->form = name == "json"   ? BenchOptions::Form::kJson
                        : name == "yaml" ? BenchOptions::Form::kYaml
                                         : BenchOptions::Form::kTable;
        return options->form != BenchOptions::Form::kTable || name == "table";
      },
      "table, json, yaml", "table (the default), json or yaml");
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

}  // namespace

void add_policy_command(CLI::App& app, int& exit_code) {
  CLI::App* policy = app.add_subcommand("policy", "Judge objects by Gatekeeper's policies; test and measure these");
  policy->preparse_callback([policy, &exit_code](std::size_t) {
    if (!policy->get_subcommands([](const CLI::App*) { return true; }).empty()) return;
    policy->require_subcommand(1);
    add_test(*policy, exit_code);
    add_verify(*policy, exit_code);
    add_explain(*policy, exit_code);
    add_library(*policy, exit_code);
    add_bench(*policy, exit_code);
  });
}

}  // namespace kubegate
