// Both sides are worked out as `validate` would: files, what overlays render to (--render), or what Applications deploy
// (--apps); the older one from the commit in which the change began, as a pull request shows it. With a cache what the
// change does not reach is rendered once for both.
//
// Tested in tests/validate/diff_command_test.cc.
#include "validate/diff_command.h"

#include <unistd.h>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <memory>

#include "validate/command.h"
#include "validate/render_command.h"
#include "validate/report/new_file.h"
#include "validate/report/outputs.h"
#include "validate/report/report.h"
#include "validate/run/applications.h"
#include "validate/run/comparison.h"
#include "validate/run/policies.h"
#include "validate/run/rendering.h"
#include "validate/settings.h"
#include "validate/source/select.h"

namespace kubegate {

namespace {

constexpr int kSame = 0, kDiffers = 1, kFailed = 2;

struct Arguments {
  std::string since;
  std::vector<std::string> paths, repositories;
  run::RevisionSettings revision;
  RenderArguments rendering;
  Caches caches;  // that the flags come to, where something is rendered
  SettingFlags settings;
  bool render = false, apps = false, exit_code = false;
  std::string output = "text";
};

int fail(const Error& error) {
  print_error(error.text());
  return kFailed;
}

// What could not be rendered: it has no objects to compare.
template <class Rendered>
void take_faults(const std::vector<Rendered>& all, std::string_view side, std::vector<report::SetChanges>& out) {
  for (const Rendered& each : all) {
    if (each.rendered.ok()) continue;
    report::SetChanges& set = out.emplace_back();
    set.name = each.path;
    set.fault = std::string(side) + ": " + each.rendered.fault;
  }
}

class Side {
 public:
  // `options` as the settings made them.
  Side(const Arguments& arguments, const config::Config& config, run::Options options, std::string folder)
      : arguments_(arguments), config_(config), options_(std::move(options)), folder_(std::move(folder)) {}

  // Makes it that of a revision. What cannot be rendered of it goes to `faults`, told as `name`; paths that it has
  // are taken out of `missing`.
  Result<Done> take(run::RevisionSettings revision, std::string_view name, std::vector<std::string>& missing,
                    std::vector<report::SetChanges>& faults) {
    revision.may_lack = true;
    options_.paths = arguments_.paths;
    const auto read = run::read_revision(revision, folder_);
    if (!read.ok()) return read.error();
    std::erase_if(missing, [&](const std::string& path) { return run::holds(*read, path); });
    if (arguments_.apps) return take_applications(revision, name, faults);
    if (arguments_.render) return take_rendering(revision, name, faults);
    run::judge_revision(*read, options_);
    return Done{};
  }

  const run::Options& options() const { return options_; }

 private:
  Result<Done> take_applications(const run::RevisionSettings& revision, std::string_view name,
                                 std::vector<report::SetChanges>& faults) {
    run::ApplicationSettings settings;
    settings.revision = revision;
    settings.repositories = arguments_.repositories;
    settings.clusters = run::argo_clusters(config_);
    settings.render = render_settings(arguments_.rendering, arguments_.caches);
    const auto made = run::Applications::make(options_.paths, folder_, settings);
    if (!made.ok()) return made.error();
    const auto rendered =
        (*made)->render([&](const std::string& cluster) { return run::version_of(options_, cluster); });
    if (!rendered.ok()) return rendered.error();
    take_faults((*made)->deployed(), name, faults);
    run::Applications::judge(*made, options_);
    return Done{};
  }

  Result<Done> take_rendering(const run::RevisionSettings& revision, std::string_view name,
                              std::vector<report::SetChanges>& faults) {
    const auto made = render_paths(arguments_.rendering, arguments_.caches, revision, options_.paths, options_.threads);
    if (!made.ok()) return made.error();
    take_faults((*made)->overlays(), name, faults);
    run::Rendering::judge(*made, options_);
    return Done{};
  }

  const Arguments& arguments_;
  const config::Config& config_;
  run::Options options_;
  const std::string folder_;
};

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
  take_settings((*settings)->config(), arguments.rendering);
  if (arguments.render || arguments.apps) arguments.caches = open_caches(arguments.rendering);

  const report::OutputOptions process = process_output_options();
  const auto base = run::base_of(arguments.revision, arguments.since, process.folder);
  if (!base.ok()) return fail(base.error());
  run::RevisionSettings then;
  then.revision = *base;
  then.git_dir = arguments.revision.git_dir;
  Side before(arguments, (*settings)->config(), options, process.folder);
  Side after(arguments, (*settings)->config(), options, process.folder);
  std::vector<report::SetChanges> faults;
  std::vector<std::string> missing = arguments.paths;
  if (const auto taken = before.take(then, "before the change", missing, faults); !taken.ok())
    return fail(taken.error());
  if (const auto taken = after.take(arguments.revision, "now", missing, faults); !taken.ok())
    return fail(taken.error());
  if (!missing.empty()) return fail({ErrorCode::kArgument, missing.front(), "no such file or folder, then or now"});
  auto changes = run::compare(before.options(), after.options());
  if (!changes.ok()) return fail(changes.error());
  changes->base = *base;
  // What one side lacks for a fault has neither come nor gone.
  std::erase_if(changes->sets, [&](const report::SetChanges& set) {
    return std::any_of(faults.begin(), faults.end(), [&](const auto& fault) { return fault.name == set.name; });
  });
  changes->sets.insert(changes->sets.begin(), faults.begin(), faults.end());
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
  command->add_option("PATH", arguments->paths, "Files and folders (default: the whole repository)")->type_name("");
  command->add_flag("--render", arguments->render, "Compare what overlays and charts render to instead of files");
  command->add_flag("--apps", arguments->apps, "Compare what Argo CD's Applications deploy");
  repeatable(*command, "--repository", arguments->repositories, "URL",
             "A URL by which Applications name this repository, besides its\nremotes");
  command->add_flag("--staged", arguments->revision.staged, "What is staged, instead of the work tree, is the change");
  command->add_option("--rev", arguments->revision.revision, "A commit, branch or tag instead of the work tree")
      ->type_name("REV");
  command->add_option("--git-dir", arguments->revision.git_dir, "The repository, bare or not")->type_name("DIR");
  command->add_option("--output", arguments->output, "text (the default), json or markdown; with =FILE into a file")
      ->type_name("FORM[=FILE]");
  command->add_flag("--exit-code", arguments->exit_code, "End with 1 where something differs");
  add_render_flags(*command, arguments->rendering);
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
