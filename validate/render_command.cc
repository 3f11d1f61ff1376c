#include "validate/render_command.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "validate/command.h"
#include "validate/gitops/vendored.h"
#include "validate/report/new_file.h"
#include "validate/report/text.h"
#include "validate/settings.h"
#include "validate/source/http_cache.h"

namespace kubegate {

namespace {

namespace fs = std::filesystem;

constexpr int kDone = 0, kFindings = 1, kFailed = 2;
constexpr std::uint64_t kMostCached = std::uint64_t{1} << 30;  // bytes

struct Arguments {
  std::vector<std::string> paths;
  RenderArguments rendering;
  run::RevisionSettings revision;
  std::string output_folder;
  SettingFlags settings;
  int threads = 0;
};

std::shared_ptr<source::Cache> open_folder(const RenderArguments& arguments) {
  const std::string folder = arguments.cache.empty() ? source::default_cache_folder() : arguments.cache;
  if (folder.empty()) return nullptr;
  auto cache = source::folder_cache(folder, kMostCached);
  if (cache.ok()) return std::move(*cache);
  // Nobody asked for the folder that is the default: a container has none.
  if (!arguments.cache.empty() || arguments.verbose) {
    print_error("nothing is kept for the next run: " + cache.error().text());
  }
  return nullptr;
}

// The secret comes by the environment: flags are seen by who lists processes, and files by who reads the repository.
std::shared_ptr<source::Cache> open_url(const RenderArguments& arguments) {
  const char* secret = std::getenv("KUBEGATE_CACHE_KEY");
  if (secret == nullptr || *secret == '\0') {
    print_error("the cache's URL is not used: KUBEGATE_CACHE_KEY, by which its entries are authenticated, is not set");
    return nullptr;
  }
  source::HttpCacheSettings settings;
  settings.url = arguments.cache_url;
  settings.secret = secret;
  if (arguments.verbose) settings.tell = print_error;
  auto cache = source::http_cache(std::move(settings));
  if (cache.ok()) return std::move(*cache);
  print_error("the cache's URL is not used: " + cache.error().text());
  return nullptr;
}

void tell_of(const run::RenderedOverlay& overlay, bool verbose) {
  const gitops::Rendered& rendered = overlay.rendered;
  std::string line;
  if (verbose) {
    report::append_safe(line, overlay.path);
    line += rendered.cached ? ": as before" : ": " + std::to_string(rendered.wall.count()) + " ms";
    if (!rendered.cached) line += rendered.isolated ? ", without a network" : ", no network namespace to be had";
    line += '\n';
  }
  // Of what failed the finding tells.
  for (std::string_view rest = rendered.ok() ? rendered.errors : std::string_view(); !rest.empty();) {
    const std::string_view said = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), said.size() + 1));
    report::append_safe(line, overlay.path + ": " + std::string(said));
    line += '\n';
  }
  std::fwrite(line.data(), 1, line.size(), stderr);
}

int fail(const Error& error) {
  print_error(error.text());
  return kFailed;
}

int render(Arguments& arguments) {
  handle_signals();
  const auto settings = RunSettings::load(arguments.settings);
  if (!settings.ok()) return fail(settings.error());
  take_settings((*settings)->config(), arguments.rendering);
  const auto rendering =
      render_paths(arguments.rendering, open_caches(arguments.rendering), arguments.revision, arguments.paths, arguments.threads);
  if (!rendering.ok()) return fail(rendering.error());
  int code = kDone;
  for (const report::Resource& fault : (*rendering)->faults()) {
    code = kFindings;
    const report::LocatedFinding& finding = fault.findings.front();
    std::string line(fault.path);
    line += ":" + std::to_string(finding.line) + ":" + std::to_string(finding.column) + ": ";
    line += finding.message + " [" + std::string(finding.rule) + "]";
    print_error(line);
  }
  const auto& overlays = (*rendering)->overlays();
  bool first = true;
  for (std::size_t i = 0; i < overlays.size(); ++i) {
    if (!overlays[i].rendered.ok()) continue;
    source::Buffer buffer;
    const auto text = (*rendering)->content(i).read(~std::uint64_t{0}, buffer);
    if (!text.ok()) return fail(text.error());
    if (!arguments.output_folder.empty()) {
      // Paths above the working folder keep their names.
      std::string name;
      for (const fs::path& part : fs::path(overlays[i].path)) {
        if (part == "." || part == "..") continue;
        name += (name.empty() ? "" : "/") + part.string();
      }
      if (name.empty()) name = "rendered";
      const std::string path = arguments.output_folder + "/" + name + ".yaml";
      std::error_code failed;
      fs::create_directories(fs::path(path).parent_path(), failed);
      const auto written = report::write_new_file(path, *text);
      if (!written.ok()) return fail(written.error());
      continue;
    }
    if (!first && !text->starts_with("---")) std::fputs("---\n", stdout);
    std::fwrite(text->data(), 1, text->size(), stdout);
    if (!text->empty() && text->back() != '\n') std::fputc('\n', stdout);
    first = first && text->empty();
  }
  if (std::fflush(stdout) != 0) return fail({ErrorCode::kIo, "standard output", "cannot be written"});
  return code;
}

}  // namespace

void take_settings(const config::Config& config, RenderArguments& arguments) {
  using config::Key;
  const auto take = [&](Key key, std::string& argument) {
    if (argument.empty() && config.says(key)) argument = config.text(key);
  };
  take(Key::kRenderKustomize, arguments.kustomize);
  take(Key::kRenderHelm, arguments.helm);
  take(Key::kCacheFolder, arguments.cache);
  take(Key::kCacheUrl, arguments.cache_url);
  if (config.says(Key::kRenderKustomizeArgs)) arguments.kustomize_arguments = config.texts(Key::kRenderKustomizeArgs);
  if (config.says(Key::kRenderHelmArgs)) arguments.helm_arguments = config.texts(Key::kRenderHelmArgs);
}

void add_render_flags(CLI::App& command, RenderArguments& arguments) {
  command
      .add_option("--kustomize", arguments.kustomize,
                  "The kustomize or kubectl that renders (default: whichever\nPATH has, in this order)")
      ->type_name("PATH");
  command.add_option("--helm", arguments.helm, "The helm that renders charts (default: PATH's)")->type_name("PATH");
  command.add_flag("--allow-network", arguments.network, "Let renderers fetch what is named from elsewhere");
  command.add_option("--render-seconds", arguments.seconds, "The most that one overlay may take (default: 60)")
      ->type_name("N")
      ->check(CLI::Range(1, 86'400));
  command
      .add_option("--cache", arguments.cache,
                  "Where what came of an overlay, and what policies said of a\nfile, is kept as long as nothing changes "
                  "(default:\n~/.cache/kubegate)")
      ->type_name("DIR");
  command
      .add_option("--cache-url", arguments.cache_url,
                  "Share it by GET and PUT of URL/KEY (bazel-remote, WebDAV);\nentries are authenticated with "
                  "$KUBEGATE_CACHE_KEY")
      ->type_name("URL");
  command.add_flag("--no-cache", arguments.no_cache, "Keep nothing, and use nothing that was kept");
}

void add_revision_flags(CLI::App& command, run::RevisionSettings& revision) {
  command.add_flag(
      "--staged", revision.staged,
      "Judge what is staged in git, not the work tree: the files that\ndiffer from HEAD, and those of every "
      "overlay they reach");
  command
      .add_option("--rev", revision.revision,
                  "Judge a commit, branch or tag, not the work tree; all of it\nwhere no PATH is given")
      ->type_name("REV");
  command
      .add_option("--changed-since", revision.changed_since,
                  "Judge only what differs from where REV and HEAD (or --rev)\npart, and every overlay that reaches")
      ->type_name("REV");
  command
      .add_option("--git-dir", revision.git_dir, "The repository, bare or not (default: the one around this\nfolder)")
      ->type_name("DIR");
}

Caches open_caches(const RenderArguments& arguments) {
  Caches caches;
  if (arguments.no_cache) return caches;
  caches.machine = open_folder(arguments);
  caches.shared = caches.machine;
  if (arguments.cache_url.empty()) return caches;
  const auto far = open_url(arguments);
  if (far != nullptr) caches.shared = caches.machine != nullptr ? source::layered_cache(caches.machine, far) : far;
  return caches;
}

gitops::RenderSettings render_settings(const RenderArguments& arguments, const Caches& caches) {
  gitops::RenderSettings settings;
  settings.kustomize = arguments.kustomize;
  settings.helm = arguments.helm;
  settings.kustomize_arguments = arguments.kustomize_arguments;
  settings.helm_arguments = arguments.helm_arguments;
  settings.network = arguments.network;
  settings.time = std::chrono::seconds(arguments.seconds);
  settings.vendor = gitops::kVendorFolder;
  settings.cache = caches.shared;
  settings.machine = caches.machine;
  return settings;
}

Result<std::shared_ptr<run::Rendering>> render_paths(const RenderArguments& arguments, const Caches& caches,
                                                     const run::RevisionSettings& revision,
                                                     const std::vector<std::string>& paths, int threads) {
  std::error_code failed;
  auto rendering = run::Rendering::make(paths, fs::current_path(failed).string(), revision,
                                        render_settings(arguments, caches));
  if (!rendering.ok()) return rendering;
  const auto rendered =
      (*rendering)->render(threads, [&](const run::RenderedOverlay& overlay) { tell_of(overlay, arguments.verbose); });
  if (!rendered.ok()) return rendered.error();
  return rendering;
}

void add_render_command(CLI::App& app, int& exit_code) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("render", "Print what overlays and charts come to");
  command
      ->add_option("PATH", arguments->paths,
                   "Folders: an overlay, a chart, or a folder of which all overlays\nare rendered (default: this one)")
      ->type_name("");
  command
      ->add_option("--output-dir", arguments->output_folder,
                   "Write a file for each overlay below this folder, instead of\nall to standard output")
      ->type_name("DIR");
  command->add_option("--config", arguments->settings.file, "Settings (default: the nearest .kubegate.yaml)")
      ->type_name("FILE");
  command->add_flag("--no-config", arguments->settings.no_file, "Read no file of settings");
  add_render_flags(*command, arguments->rendering);
  add_revision_flags(*command, arguments->revision);
  command->add_flag("--verbose", arguments->rendering.verbose, "Tell of the time that each overlay took");
  command->add_option("-n", arguments->threads, "How many at a time (default: one a core)")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  command->callback([arguments, &exit_code] { exit_code = render(*arguments); });
}

}  // namespace kubegate
