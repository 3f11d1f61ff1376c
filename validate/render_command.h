// `kubegate render`, and what of it `validate --render` shares: the flags, and rendering with them.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "validate/base/result.h"
#include "validate/config/config.h"
#include "validate/run/rendering.h"
#include "validate/source/cache.h"

namespace CLI {
class App;
}

namespace kubegate {

struct RenderArguments {
  std::string kustomize, helm;
  std::vector<std::string> kustomize_arguments, helm_arguments;
  std::string cache;      // folder
  std::string cache_url;
  bool no_cache = false;
  bool network = false;
  unsigned seconds = 60;  // for one folder
  bool verbose = false;   // tell of each that was rendered, not only of those that failed
};

// Lets the configuration say what no flag did.
void take_settings(const config::Config& config, RenderArguments& arguments);

inline constexpr std::string_view kRenderFlags[] = {"--kustomize",      "--helm",  "--allow-network",
                                                    "--render-seconds", "--cache", "--cache-url", "--no-cache"};
void add_render_flags(CLI::App& command, RenderArguments& arguments);

// Where what a run finds is kept for the next.
struct Caches {
  std::shared_ptr<source::Cache> machine;  // the folder; null: none
  std::shared_ptr<source::Cache> shared;   // the folder, and the URL behind it
};
// What cannot be used is told on standard error, and is no reason not to run.
Caches open_caches(const RenderArguments& arguments);

// What the flags come to; the vendor folder by its name.
gitops::RenderSettings render_settings(const RenderArguments& arguments, const Caches& caches);

inline constexpr std::string_view kRevisionFlags[] = {"--staged", "--rev", "--changed-since", "--git-dir"};
void add_revision_flags(CLI::App& command, run::RevisionSettings& revision);

// Renders what the paths stand for. What there is to say of each, its time and what the renderer said, goes to standard
// error. Errors: as of run::Rendering.
Result<std::shared_ptr<run::Rendering>> render_paths(const RenderArguments& arguments, const Caches& caches,
                                                     const run::RevisionSettings& revision,
                                                     const std::vector<std::string>& paths, int threads);

// Adds `render`. Exit codes: 0, 1 when something could not be rendered, 2 when nothing could be done.
void add_render_command(CLI::App& app, int& exit_code);

}  // namespace kubegate
