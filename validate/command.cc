// `kubegate validate`: flags to run::Options, and the process around a run: signals, the terminal, exit codes.
//
// Interrupts. A run writes nothing but its report, and what of that goes to files has other names until it is whole. So
// the handler takes those away, says how far the run came, and ends the process at once, with the code that a shell would give. (Without a handler it
// would end too, but not as process 1 of a container, which the kernel spares.) SIGPIPE is ignored: when the reader of
// the report goes away, the verdict still is the exit code.
#include "validate/command.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <new>
#include <utility>

#include "validate/base/suggest.h"
#include "validate/named_flags.h"
#include "validate/render_command.h"
#include "validate/report/new_file.h"
#include "validate/report/outputs.h"
#include "validate/report/text.h"
#include "validate/run/applications.h"
#include "validate/run/clusters.h"
#include "validate/run/known.h"
#include "validate/run/policies.h"
#include "validate/run/progress.h"
#include "validate/run/revision.h"
#include "validate/run/run.h"
#include "validate/run/shard.h"
#include "validate/run/survey.h"
#include "validate/run/verdicts.h"
#include "validate/schema/catalogue.h"
#include "validate/settings.h"
#include "validate/settings_command.h"
#include "validate/sides.h"
#include "validate/source/select.h"
#include "validate/source/program.h"
#include "validate/source/temporary.h"

namespace kubegate {

// Paths in it are others' text.
void print_error(std::string_view text) {
  std::string line = "kubegate: ";
  report::append_safe(line, text);
  line += '\n';
  std::fwrite(line.data(), 1, line.size(), stderr);
}

namespace {

// The run that a signal may end.
std::atomic<const run::Progress*> under_way = nullptr;
static_assert(std::atomic<const run::Progress*>::is_always_lock_free);

}  // namespace

extern "C" {
static void end_process(int signal) {
  if (const kubegate::run::Progress* progress = kubegate::under_way) progress->tell_interrupted();
  kubegate::source::kill_programs();
  kubegate::source::remove_temporary_folders();
  kubegate::report::remove_unfinished_files();
  _exit(128 + signal);
}
}

void handle_signals() {
  for (const int number : {SIGINT, SIGTERM}) {
    struct sigaction action = {};
    // A shell that starts a job in the background, or nohup, means its children to ignore interrupts.
    if (sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN) continue;
    action = {};
    action.sa_handler = end_process;
    sigaction(number, &action, nullptr);
  }
  std::signal(SIGPIPE, SIG_IGN);
}

namespace {

namespace fs = std::filesystem;

constexpr const char* kUsage = "Usage: kubegate validate [PATH...] [flags]";
constexpr int kPassed = 0, kFindings = 1, kFailed = 2;

int fail(const Error& error) {
  print_error(error.text());
  return kFailed;
}

struct ValidateArguments {
  run::Options options;
  SettingArguments settings;
  std::string write_known;
  bool verbose = false;
  run::RevisionSettings revision;
  std::string shard;
  bool render = false;
  bool apps = false;
  bool ci = false;  // `kubegate ci`: renders, and tells where the runner looks
  std::string base;  // of `ci`: a revision since which the change is told
  std::vector<std::string> repositories;
  RenderArguments rendering;
};

bool changes_verdicts(config::Key key) {
  using config::Key;
  return key != Key::kOutputs && key != Key::kCacheFolder && key != Key::kCacheUrl;
}

// What changes a verdict, as text: shards of one run have it in common. Files count by what is in them.
std::vector<std::pair<std::string, std::string>> settings_of(const config::Config& config, std::uint64_t limit) {
  std::vector<std::pair<std::string, std::string>> settings;
  const auto add = [&](const std::string& whose, const config::Settings& said) {
    for (const config::KeyInfo& info : config::keys()) {
      const auto found = said.find(info.key);
      if (found == said.end() || !changes_verdicts(info.key)) continue;
      std::vector<std::string> texts;
      for (const config::Value& value : found->second) texts.push_back(value.text);
      std::string text;
      for (const std::string& one : texts) text += (text.empty() ? "" : ",") + one;
      settings.emplace_back(whose + std::string(info.flag.empty() ? info.name : info.flag),
                            info.is_path ? run::digest_of(texts, limit) : text);
    }
  };
  add("", config.settings);
  for (const config::Cluster& cluster : config.clusters) add(cluster.name.text + ".", cluster.settings);
  return settings;
}

// Marks what is this machine's of a run that others share.
Result<Done> take_share(const std::string& flag, const config::Config& config, const std::string& folder,
                        run::Options& options) {
  const auto shard = run::parse_shard(flag, std::getenv("JOB_COMPLETION_INDEX"));
  if (!shard.ok()) return shard.error();
  options.share.index = shard->index;
  options.share.count = shard->count;
  if (shard->count == 1) return Done{};
  if (options.inputs != nullptr) {
    return Error{ErrorCode::kArgument, "--shard " + flag, "what git holds cannot be shared out: check it out"};
  }
  for (const std::string& path : options.paths) {
    if (path != "-") continue;
    return Error{ErrorCode::kArgument, "--shard " + flag, "standard input cannot be shared out: give paths"};
  }
  for (const std::uint32_t of : run::share_out(options.paths, shard->count, folder)) {
    options.own_paths.push_back(of == shard->index);
  }
  options.share.settings = settings_of(config, options.limits.file_bytes);
  return Done{};
}

// The nearest folder, from this one upwards, that is the top of a repository; this one where there is none. Forms that
// other programs read name paths from there, wherever in the repository the command runs.
fs::path repository_of(const fs::path& folder) {
  std::error_code failed;
  for (fs::path at = folder; !at.empty(); at = at.parent_path()) {
    if (fs::exists(at / ".git", failed)) return at;
    if (at == at.root_path()) break;
  }
  return folder;
}

report::OutputOptions output_options(const ValidateArguments& arguments) {
  report::OutputOptions output = process_output_options();
  for (const schema::Target& target : run::all_targets(arguments.options)) output.targets.push_back(target.name);
  output.verbose = arguments.verbose;
  return output;
}

}  // namespace

report::OutputOptions process_output_options() {
  report::OutputOptions output;
  output.version = KUBEGATE_VERSION;
  std::error_code failed;
  const fs::path folder = fs::current_path(failed);
  if (!failed) {
    output.folder = folder.string();
    output.root = repository_of(folder).string();
  }
  if (isatty(STDOUT_FILENO)) {
    const char* no_colour = std::getenv("NO_COLOR");
    const char* terminal = std::getenv("TERM");
    output.colour =
        (no_colour == nullptr || *no_colour == '\0') && (terminal == nullptr || std::strcmp(terminal, "dumb") != 0);
    winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) output.width = size.ws_col;
  }
  return output;
}

namespace {

// Seen from outside, and in a bare repository, paths are told from its top.
void place_report(const run::Revision& revision, report::OutputOptions& output) {
  output.root = revision.top;
  output.folder = revision.folder.empty() ? revision.top : revision.top + "/" + revision.folder;
}

// Makes the run one of a git repository, and its paths those of that repository.
Result<Done> take_revision(ValidateArguments& arguments, report::OutputOptions& output) {
  const std::vector<std::string>& paths = arguments.options.paths;
  if (std::find(paths.begin(), paths.end(), "-") != paths.end()) {
    return Error{ErrorCode::kArgument, "-", "standard input is no file of a repository"};
  }
  const auto revision = run::read_revision(arguments.revision, output.folder);
  if (!revision.ok()) return revision.error();
  run::judge_revision(*revision, arguments.options);
  place_report(*revision, output);
  return Done{};
}

// Makes the run one of what Argo CD's Applications deploy.
Result<std::shared_ptr<run::Applications>> take_applications(ValidateArguments& arguments, const config::Config& config,
                                                             const Caches& caches, report::OutputOptions& output) {
  run::Options& options = arguments.options;
  run::ApplicationSettings settings;
  settings.revision = arguments.revision;
  settings.repositories = arguments.repositories;
  settings.clusters = run::argo_clusters(config);
  settings.render = render_settings(arguments.rendering, caches);
  auto made = run::Applications::make(options.paths, output.folder, settings);
  if (!made.ok()) return made.error();
  const auto rendered = (*made)->render([&](const std::string& cluster) { return run::version_of(options, cluster); });
  if (!rendered.ok()) return rendered.error();
  run::Applications::judge(*made, options);
  for (report::Resource& found : (*made)->findings()) options.told_first.push_back(std::move(found));
  if ((*made)->revision() != nullptr) place_report(*(*made)->revision(), output);
  return made;
}

// What the change does to objects, for the comment on a pull request.
Result<std::string> markdown_changes(const ValidateArguments& arguments, const config::Config& config,
                                     const Caches& caches, const std::string& folder) {
  SideArguments sides;
  sides.paths = arguments.options.paths;
  sides.repositories = arguments.repositories;
  sides.revision = arguments.revision;
  sides.rendering = arguments.rendering;
  sides.caches = caches;
  sides.render = arguments.render;
  sides.apps = arguments.apps;
  const auto changes = changes_since(arguments.base, sides, config, arguments.options, folder);
  if (!changes.ok()) return changes.error();
  return report::print_changes(*changes, report::ChangesForm::kMarkdown, false, report::kMostChangesBeside);
}

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

// Where a job's report goes when nothing else is said: beside the lines and into the job's page on GitHub, which says by
// its environment that it is there; as full text everywhere else.
void add_destinations_of_job(std::vector<report::Destination>& destinations) {
  const bool github = is_set("GITHUB_ACTIONS");
  if (destinations.empty()) destinations.push_back({github ? report::Format::kGithub : report::Format::kFull, ""});
  if (github && is_set("GITHUB_STEP_SUMMARY")) {
    destinations.push_back({report::Format::kMarkdown, std::getenv("GITHUB_STEP_SUMMARY")});
  }
}

// How long a run goes on before it shows that it does; tests set the time.
std::chrono::milliseconds progress_delay() {
  const char* set = std::getenv("KUBEGATE_PROGRESS_DELAY_MS");
  return std::chrono::milliseconds(set == nullptr ? 500 : std::atoi(set));
}

int progress_terminal() {
  const char* ci = std::getenv("CI");
  return isatty(STDERR_FILENO) && (ci == nullptr || *ci == '\0') ? STDERR_FILENO : -1;
}

int validate(ValidateArguments& arguments, const run::PolicyLoader& policies) {
  run::Options& options = arguments.options;
  run::Progress progress(progress_terminal(), progress_delay());
  under_way = &progress;
  const struct Past {
    ~Past() { under_way = nullptr; }
  } past;
  handle_signals();

  const auto settings = RunSettings::load(arguments.settings.take());
  if (!settings.ok()) return fail(settings.error());
  run::PolicySettings policy_settings;
  std::vector<report::Destination> destinations;
  const auto applied = (*settings)->apply(options, policy_settings, destinations);
  if (!applied.ok()) return fail(applied.error());
  options.told_first = (*settings)->faults();
  const bool sound = options.told_first.empty();
  const bool from_git = !arguments.revision.empty() || !arguments.revision.git_dir.empty();

  if (!sound) {
    options.paths.clear();  // by whichever rules they would be judged, they are not those that were meant
  } else if (options.paths.empty() && !from_git && !arguments.render && !arguments.apps) {
    if (isatty(STDIN_FILENO)) {
      print_error("nothing to validate: give files, folders or globs, or pipe manifests in");
      std::fprintf(stderr, "%s  (--help tells more)\n", kUsage);
      return kFailed;
    }
    options.paths = {"-"};
  }
  if (sound && !from_git) options.paths = source::expand_globs(std::move(options.paths));

  report::OutputOptions output = output_options(arguments);
  const bool keeps_verdicts = sound && !policy_settings.empty();
  Caches caches;
  if (sound && (arguments.apps || arguments.render || keeps_verdicts)) {
    take_settings((*settings)->config(), arguments.rendering);
    arguments.rendering.verbose = arguments.verbose;
    caches = open_caches(arguments.rendering);
  }
  if (sound && !arguments.base.empty()) {
    const auto changes = markdown_changes(arguments, (*settings)->config(), caches, output.folder);
    if (!changes.ok()) return fail(changes.error());
    output.changes = *changes;
  }
  if (isatty(STDOUT_FILENO)) output.terminal = &progress;
  std::shared_ptr<const run::Rendering> rendering;
  std::shared_ptr<const run::Applications> applications;  // whose findings are told
  if (sound && arguments.apps) {
    auto taken = take_applications(arguments, (*settings)->config(), caches, output);
    if (!taken.ok()) return fail(taken.error());
    applications = std::move(*taken);
  } else if (sound && arguments.render) {
    auto rendered = render_paths(arguments.rendering, caches, arguments.revision, options.paths, options.threads);
    if (!rendered.ok()) return fail(rendered.error());
    rendering = std::move(*rendered);
    run::Rendering::judge(rendering, options);
    if (rendering->revision() != nullptr) place_report(*rendering->revision(), output);
  } else if (sound && from_git) {
    if (const auto taken = take_revision(arguments, output); !taken.ok()) return fail(taken.error());
  }

  if (arguments.ci) add_destinations_of_job(destinations);
  if (destinations.empty()) destinations.push_back({});
  options.verbose = arguments.verbose;
  for (const report::Destination& destination : destinations) {
    options.verbose |= report::needs_all_resources(destination.format);
  }
  if (!arguments.shard.empty() && sound) {
    const auto taken = take_share(arguments.shard, (*settings)->config(), output.folder, options);
    if (!taken.ok()) return fail(taken.error());
  }
  const auto outputs = report::Outputs::open(destinations, output, STDOUT_FILENO);
  if (!outputs.ok()) return fail(outputs.error());

  if (sound && !policy_settings.empty()) {
    const auto loaded = policies.load(policy_settings, options);
    if (!loaded.ok()) return fail(loaded.error());
    if (caches.shared != nullptr) {
      std::vector<std::string> whose = options.paths;
      whose.push_back(arguments.shard);
      options.verdicts = std::make_shared<run::Verdicts>(caches.shared, whose);
    }
  } else if (sound && !policy_settings.inventory.empty()) {
    return fail({ErrorCode::kArgument, "--inventory", "is for policies, and there are none: give --policy or --rules"});
  }

  run::Known known(output);
  const std::string known_file = (*settings)->config().text(config::Key::kKnownFindings);
  if (!arguments.write_known.empty()) {
    known.record();
    options.known = &known;
  } else if (sound && !known_file.empty()) {
    if (const auto loaded = known.load(known_file); !loaded.ok()) return fail(loaded.error());
    options.known = &known;
  }

  if (rendering != nullptr) {
    for (report::Resource& fault : rendering->faults()) options.told_first.push_back(std::move(fault));
  }
  options.progress = &progress;
  const auto outcome = run::validate(options, **outputs);
  progress.end();
  if (!outcome.ok()) return fail(outcome.error());
  for (const Error& error : outcome->errors) print_error(error.text());
  if (const auto written = (*outputs)->commit(); !written.ok()) return fail(written.error());
  if (!arguments.write_known.empty() && sound) {
    const std::string text = config::print_known(known.entries(), arguments.write_known);
    if (const auto written = report::write_new_file(arguments.write_known, text); !written.ok()) return fail(written.error());
  }
  if (!outcome->errors.empty()) return kFailed;
  return outcome->passed() ? kPassed : kFindings;
}

// Flags with the name of their value alone: that a flag may be repeated is said in words.
class HelpFormatter final : public CLI::Formatter {
 public:
  HelpFormatter() { column_width(34); }
  std::string make_usage(const CLI::App*, std::string) const override { return std::string(kUsage) + "\n"; }
  std::string make_option_opts(const CLI::Option* option) const override {
    const std::string type = option->get_type_name();  // and, behind a colon, what its check says of itself
    return type.empty() ? "" : " " + type.substr(0, type.find(':'));
  }
};

int print_short_version() { return std::puts(KUBEGATE_VERSION) >= 0 && std::fflush(stdout) == 0 ? kPassed : kFailed; }

int print_version() {
  std::printf("kubegate %s\n\n", KUBEGATE_VERSION);
  const auto print_row = [](std::string_view project, std::string_view version, std::string_view date) {
    std::printf("%-30.*s %-24.*s %.*s\n", static_cast<int>(project.size()), project.data(),
                static_cast<int>(version.size()), version.data(), static_cast<int>(date.size()), date.data());
  };
  print_row("BUNDLE", "VERSION", "IMPORTED");
  for (const schema::BundleInfo& bundle : schema::built_in_bundles()) {
    for (std::size_t i = 0; i < bundle.versions.size(); ++i) {
      print_row(bundle.project, bundle.versions[i], bundle.dates[i]);
    }
  }
  return std::fflush(stdout) == 0 ? kPassed : kFailed;
}

// The innermost subcommand that the command line named so far.
const CLI::App* named_command(const CLI::App& app) {
  const CLI::App* command = &app;
  for (auto named = command->get_subcommands(); !named.empty(); named = command->get_subcommands()) {
    command = named.front();
  }
  return command;
}

// The long names of a command's flags.
std::vector<std::string_view> flags_of(const CLI::App& command) {
  std::vector<std::string_view> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back(name);
  }
  return names;
}

// "unknown flag --verson, did you mean --version?", or what the parser says.
std::string explain(const CLI::App& app, const CLI::Error& error) {
  const CLI::App& command = *named_command(app);
  const auto* extras = dynamic_cast<const CLI::ExtrasError*>(&error);
  const auto subcommands = command.get_subcommands([](const CLI::App*) { return true; });
  const std::vector<std::string> rest =
      extras || !subcommands.empty() ? command.remaining() : std::vector<std::string>();
  std::string text = error.what();
  if (rest.empty() && !subcommands.empty()) {
    text = "name one of its commands:";
    for (const CLI::App* sub : subcommands) text += " " + sub->get_name();
  }
  if (!rest.empty()) {
    const std::string& first = rest.front();
    const bool is_flag = first.size() > 1 && first.front() == '-';
    const std::string_view written = std::string_view(first).substr(0, first.find('='));
    text = (is_flag               ? "unknown flag "
            : subcommands.empty() ? "one argument too many: "
                                  : "unknown command ") +
           std::string(is_flag ? written : first);
    std::vector<std::string_view> candidates = flags_of(command);
    std::vector<std::string> commands;
    if (!is_flag) {
      candidates.clear();
      for (const CLI::App* sub : command.get_subcommands([](const CLI::App*) { return true; })) {
        commands.push_back(sub->get_name());
      }
      candidates.assign(commands.begin(), commands.end());
    }
    const std::size_t dashes = is_flag ? written.find_first_not_of('-') : 0;
    const std::string_view nearest =
        dashes == written.npos ? std::string_view() : nearest_name(written.substr(dashes), candidates);
    if (!nearest.empty()) text += ", did you mean " + std::string(is_flag ? "--" : "") + std::string(nearest) + "?";
  }
  std::string name;
  for (const CLI::App* part = &command; part != &app; part = part->get_parent()) name = " " + part->get_name() + name;
  return text + " (kubegate" + name + " --help tells more)";
}

// -strict and -output=json are --strict and --output=json where such a flag exists, as Go programs take them.
std::vector<std::string> with_two_dashes(const CLI::App& app, int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  std::vector<std::string_view> names = flags_of(app);
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    const auto more = flags_of(*sub);
    names.insert(names.end(), more.begin(), more.end());
  }
  for (std::string& argument : arguments) {
    if (argument == "--") break;
    if (argument.size() < 3 || argument[0] != '-' || argument[1] == '-') continue;
    const std::string_view name = std::string_view(argument).substr(1, argument.find('=') - 1);
    if (std::find(names.begin(), names.end(), name) != names.end()) argument.insert(0, 1, '-');
  }
  return arguments;
}

}  // namespace

CLI::Option* repeatable(CLI::App& command, const char* name, std::vector<std::string>& values, const char* type,
                        const char* description) {
  return command.add_option(name, values, description)->allow_extra_args(false)->type_name(type);
}

namespace {

// What `validate` and `ci` have in common.
void add_run_flags(CLI::App& command, ValidateArguments& arguments, const NamedFlags& named) {
  arguments.settings.add_to(command, true, named);
  if (named(kRevisionFlags)) add_revision_flags(command, arguments.revision);
  if (named("--apps")) {
    command.add_flag("--apps", arguments.apps,
                     "Judge what Argo CD's Applications and ApplicationSets of each\nPATH (default: the repository) "
                     "deploy from it, each by the\nversions and CRDs of its cluster, and the Applications\nthemselves");
  }
  if (named("--repository")) {
    repeatable(command, "--repository", arguments.repositories, "URL",
               "A URL by which Applications name this repository, besides its\nremotes; may be given several times");
  }
  if (named(kRenderFlags)) add_render_flags(command, arguments.rendering);
  if (named("--verbose")) command.add_flag("--verbose", arguments.verbose, "Tell of what is valid or skipped too");
  if (named("-n")) {
    command.add_option("-n", arguments.options.threads, "Threads (default: one a core)")
        ->type_name("N")
        ->check(CLI::Range(1, 1024));
  }
}

}  // namespace

void add_ci_command(CLI::App& app, int& exit_code, const run::PolicyLoader& policies, const NamedFlags& named) {
  const auto arguments = std::make_shared<ValidateArguments>();
  arguments->ci = true;
  CLI::App* command = app.add_subcommand("ci", "Render, judge and report a repository, as a job or by hand");
  command
      ->add_option("PATH", arguments->options.paths,
                   "Folders of which all overlays and charts are rendered and judged\n(default: this one)")
      ->type_name("");
  add_run_flags(*command, *arguments, named);
  if (named("--base")) {
    command
        ->add_option("--base", arguments->base,
                     "Tell what has changed since that branch or commit, field by\nfield, in the Markdown for a pull request")
        ->type_name("REV");
  }
  command->footer(
      "Without --output the report is full text; on GitHub annotations beside the\n"
      "lines, and a table in the job's page ($GITHUB_STEP_SUMMARY) in any case.\n\n"
      "Exit codes: 0 pass, 1 findings, 2 could not do the work.");
  command->callback([arguments, &exit_code, &policies] {
    arguments->render = !arguments->apps;
    exit_code = validate(*arguments, policies);
  });
}

void add_output_flags(CLI::App& command, std::vector<report::Destination>& outputs, bool& verbose) {
  command
      .add_option_function<std::vector<std::string>>(
          "--output",
          [&outputs](const std::vector<std::string>& texts) {
            for (const std::string& text : texts) {
              const auto destination = report::parse_destination(text);
              if (!destination.ok()) throw CLI::ValidationError(destination.error().text());
              outputs.push_back(*destination);
            }
          },
          kOutputHelp)
      ->allow_extra_args(false)
      ->type_name("FORMAT[=FILE]");
  command.add_flag("--verbose", verbose, "Tell of what is valid or skipped too");
}

void add_validate_command(CLI::App& app, int& exit_code, const run::PolicyLoader& policies, const NamedFlags& named) {
  const auto arguments = std::make_shared<ValidateArguments>();
  CLI::App* command = app.add_subcommand("validate", "Tell what a cluster of a given version would refuse");
  command->formatter(std::make_shared<HelpFormatter>());
  command
      ->add_option("PATH", arguments->options.paths,
                   "Files, folders (walked for .yaml, .yml and .json), globs,\n"
                   "or - for standard input, which is also read when no PATH is\n"
                   "given and it is no terminal")
      ->type_name("");
  add_run_flags(*command, *arguments, named);
  if (named("--render")) {
    command->add_flag("--render", arguments->render,
                      "Judge what overlays and charts render to instead of files: of\neach PATH (default: this "
                      "folder) all that are built");
  }
  if (named("--write-known")) {
    command
        ->add_option("--write-known", arguments->write_known,
                     "Write the findings of this run into a list for --known, and\ncount them as known")
        ->type_name("FILE");
  }
  if (named("--shard")) {
    command
        ->add_option("--shard", arguments->shard,
                     "Judge the I-th of N parts of the PATHs, for N machines that\n"
                     "are given the same; a PATH goes to one part whole, so name\n"
                     "many (overlays/*). I is 1 to N, or `job` in a pod of an\n"
                     "Indexed Job (by JOB_COMPLETION_INDEX)")
        ->type_name("I/N");
  }
  command->footer(
      "Examples:\n"
      "  kubegate validate overlays/\n"
      "  kustomize build overlays/primary | kubegate validate --kubernetes-version 1.29\n"
      "  kubegate validate --crd crds/ --skip Secret,v1/ConfigMap --output json 'overlays/*/*.yaml'\n"
      "  kubegate validate --output full --output sarif=out.sarif overlays/\n"
      "  kubegate validate --render overlays/\n"
      "  kubegate validate --apps --rev main\n"
      "  kubegate validate --staged\n"
      "  kubegate validate --changed-since origin/main\n"
      "  kubegate validate --shard 2/4 --output part=part-2.json overlays/*\n\n"
      "Exit codes: 0 pass, 1 findings, 2 could not do the work.");
  command->callback([arguments, &exit_code, &policies] { exit_code = validate(*arguments, policies); });
}

void add_version_command(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("version", "List the built-in schemas with their versions and dates");
  const auto is_short = std::make_shared<bool>(false);
  command->add_flag("--short", *is_short, "Print the version of kubegate alone");
  command->callback([is_short, &exit_code] { exit_code = *is_short ? print_short_version() : print_version(); });
}

int run_command_line(int argc, char** argv, const MakeCommands& make, const int& exit_code) {
  const NamedFlags named(argc, argv);
  auto app = make(named);
  std::vector<std::string> arguments = with_two_dashes(*app, argc, argv);
  if (arguments.empty()) {
    std::fputs(app->help().c_str(), stdout);
    return kPassed;
  }
  const auto parse = [&] {
    app->parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));  // backwards, as CLI11 wants them
    return exit_code;
  };
  try {
    if (!named.left_out()) return parse();
    try {
      return parse();
    } catch (const CLI::Error&) {  // told by the flags that there are
      app = make({});
      return parse();
    }
  } catch (const CLI::Success& wish) {  // --help, --version
    return app->exit(wish);
  } catch (const CLI::Error& error) {
    print_error(explain(*app, error));
  } catch (const std::bad_alloc&) {
    print_error("out of memory");
  }
  return kFailed;
}

}  // namespace kubegate
