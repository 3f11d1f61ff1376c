#include "validate/diff_command.h"

#include <unistd.h>

#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>

#include "validate/command.h"
#include "validate/render_command.h"
#include "validate/report/new_file.h"
#include "validate/report/outputs.h"
#include "validate/report/report.h"
#include "validate/run/policies.h"
#include "validate/settings.h"
#include "validate/sides.h"

namespace kubegate {

namespace {

constexpr int kSame = 0, kDiffers = 1, kFailed = 2;

struct Arguments {
  std::string since;
  SideArguments sides;
  SettingFlags settings;
  bool exit_code = false;
  std::string output = "text";
};

int fail(const Error& error) {
  print_error(error.text());
  return kFailed;
}

// "text", or "markdown=FILE".
struct Target {
  report::ChangesForm form;
  std::string file;
};
Result<Target> parse_target(const std::string& text) {
  const std::size_t equals = text.find('=');
  const auto form = report::parse_changes_form(std::string_view(text).substr(0, equals));
  if (!form.ok()) return form.error();
  return Target{*form, equals == text.npos ? "" : text.substr(equals + 1)};
}

Result<Done> print(const report::Changes& changes, const Target& target, bool colour) {
  const std::string text = report::print_changes(changes, target.form, colour && target.file.empty());
  if (!target.file.empty()) return report::write_new_file(target.file, text);
  std::fwrite(text.data(), 1, text.size(), stdout);
  if (std::fflush(stdout) != 0) return Error{ErrorCode::kIo, "standard output", "cannot be written"};
  return Done{};
}

int diff(Arguments& arguments) {
  handle_signals();
  const auto target = parse_target(arguments.output);
  if (!target.ok()) return fail(target.error());
  const auto settings = RunSettings::load(arguments.settings);
  if (!settings.ok()) return fail(settings.error());
  run::Options options;
  run::PolicySettings policies;
  std::vector<report::Destination> outputs;
  if (const auto applied = (*settings)->apply(options, policies, outputs); !applied.ok()) return fail(applied.error());
  if (!(*settings)->faults().empty()) {
    return fail({ErrorCode::kArgument, (*settings)->config().file, "has faults: kubegate config show tells them"});
  }
  take_settings((*settings)->config(), arguments.sides.rendering);
  if (arguments.sides.render || arguments.sides.apps) arguments.sides.caches = open_caches(arguments.sides.rendering);

  const report::OutputOptions process = process_output_options();
  const auto changes = changes_since(arguments.since, arguments.sides, (*settings)->config(), options, process.folder);
  if (!changes.ok()) return fail(changes.error());
  if (const auto printed = print(*changes, *target, process.colour); !printed.ok()) return fail(printed.error());
  if (!changes->comparable()) return kFailed;
  return arguments.exit_code && !changes->empty() ? kDiffers : kSame;
}

}  // namespace

void add_diff_command(CLI::App& app, int& exit_code) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("diff", "Tell what a change does to objects, field by field");
  command
      ->add_option("REV", arguments->since, "A branch, tag or commit: the change is what came since that and this part")
      ->type_name("")
      ->required();
  command->add_option("PATH", arguments->sides.paths, "Files and folders (default: the whole repository)")
      ->type_name("");
  command->add_flag("--render", arguments->sides.render, "Compare what overlays and charts render to instead of files");
  command->add_flag("--apps", arguments->sides.apps, "Compare what Argo CD's Applications deploy");
  repeatable(*command, "--repository", arguments->sides.repositories, "URL",
             "A URL by which Applications name this repository, besides its\nremotes");
  command->add_flag("--staged", arguments->sides.revision.staged,
                    "What is staged, instead of the work tree, is the change");
  command->add_option("--rev", arguments->sides.revision.revision, "A commit, branch or tag instead of the work tree")
      ->type_name("REV");
  command->add_option("--git-dir", arguments->sides.revision.git_dir, "The repository, bare or not")->type_name("DIR");
  command->add_option("--output", arguments->output, "text (the default), json or markdown; with =FILE into a file")
      ->type_name("FORM[=FILE]");
  command->add_flag("--exit-code", arguments->exit_code, "End with 1 where something differs");
  add_render_flags(*command, arguments->sides.rendering);
  command->add_option("--config", arguments->settings.file, "Settings (default: the nearest .kubegate.yaml)")
      ->type_name("FILE");
  command->add_flag("--no-config", arguments->settings.no_file, "Read no file of settings");
  command->footer(
      "Examples:\n"
      "  kubegate diff main overlays/\n"
      "  kubegate diff --render origin/main\n"
      "  kubegate diff --apps --output markdown origin/main\n\n"
      "Values in Secrets are never shown. Exit codes: 0, with --exit-code 1 where\n"
      "something differs, 2 where something could not be compared.");
  command->callback([arguments, &exit_code] { exit_code = diff(*arguments); });
}

}  // namespace kubegate
