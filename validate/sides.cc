// Both sides are worked out as `validate` would: files, what overlays render to, or what Applications deploy; the older
// one from the commit in which the change began, as a pull request shows it. With a cache what the change does not reach
// is rendered once for both.
//
// Tested in tests/validate/diff_command_test.cc.
#include "validate/sides.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "validate/run/applications.h"
#include "validate/run/comparison.h"
#include "validate/run/rendering.h"

namespace kubegate {

namespace {

class Comparer {
 public:
  Comparer(const SideArguments& arguments, const config::Config& config, const std::string& folder)
      : arguments_(arguments), config_(config), folder_(folder), missing_(arguments.paths) {}

  // Makes `options` those of a side, which faults tell by `name`.
  Result<Done> take(run::RevisionSettings revision, std::string_view name, run::Options& options) {
    revision.may_lack = true;
    options.paths = arguments_.paths;
    const auto read = run::read_revision(revision, folder_);
    if (!read.ok()) return read.error();
    std::erase_if(missing_, [&](const std::string& path) { return run::holds(*read, path); });
    if (arguments_.apps) return take_applications(revision, name, options);
    if (arguments_.render) return take_rendering(revision, name, options);
    run::judge_revision(*read, options);
    return Done{};
  }

  // Paths that no side had.
  const std::vector<std::string>& missing() const { return missing_; }

  // Adds what could not be rendered.
  void add_faults(report::Changes& changes) {
    // What one side lacks for a fault has neither come nor gone.
    std::erase_if(changes.sets, [&](const report::SetChanges& set) {
      return std::any_of(faults_.begin(), faults_.end(), [&](const auto& fault) { return fault.name == set.name; });
    });
    changes.sets.insert(changes.sets.begin(), faults_.begin(), faults_.end());
  }

 private:
  Result<Done> take_applications(const run::RevisionSettings& revision, std::string_view name, run::Options& options) {
    run::ApplicationSettings settings;
    settings.revision = revision;
    settings.repositories = arguments_.repositories;
    settings.clusters = run::argo_clusters(config_);
    settings.render = render_settings(arguments_.rendering, arguments_.caches);
    const auto made = run::Applications::make(options.paths, folder_, settings);
    if (!made.ok()) return made.error();
    const auto rendered =
        (*made)->render([&](const std::string& cluster) { return run::version_of(options, cluster); });
    if (!rendered.ok()) return rendered.error();
    take_faults((*made)->deployed(), name);
    run::Applications::judge(*made, options);
    return Done{};
  }

  Result<Done> take_rendering(const run::RevisionSettings& revision, std::string_view name, run::Options& options) {
    const auto made = render_paths(arguments_.rendering, arguments_.caches, revision, options.paths, options.threads);
    if (!made.ok()) return made.error();
    take_faults((*made)->overlays(), name);
    run::Rendering::judge(*made, options);
    return Done{};
  }

  template <class Rendered>
  void take_faults(const std::vector<Rendered>& all, std::string_view name) {
    for (const Rendered& each : all) {
      if (each.rendered.ok()) continue;
      report::SetChanges& set = faults_.emplace_back();
      set.name = each.path;
      set.fault = std::string(name) + ": " + each.rendered.fault;
    }
  }

  const SideArguments& arguments_;
  const config::Config& config_;
  const std::string& folder_;
  std::vector<std::string> missing_;
  std::vector<report::SetChanges> faults_;
};

}  // namespace

Result<report::Changes> changes_since(const std::string& since, const SideArguments& arguments,
                                      const config::Config& config, const run::Options& options,
                                      const std::string& folder) {
  const auto base = run::base_of(arguments.revision, since, folder);
  if (!base.ok()) return base.error();
  run::RevisionSettings then;
  then.revision = *base;
  then.git_dir = arguments.revision.git_dir;
  Comparer comparer(arguments, config, folder);
  run::Options before = options, after = options;
  if (const auto taken = comparer.take(then, "before the change", before); !taken.ok()) return taken.error();
  if (const auto taken = comparer.take(arguments.revision, "now", after); !taken.ok()) return taken.error();
  if (!comparer.missing().empty()) {
    return Error{ErrorCode::kArgument, comparer.missing().front(), "no such file or folder, then or now"};
  }
  auto changes = run::compare(before, after);
  if (!changes.ok()) return changes.error();
  changes->base = *base;
  comparer.add_faults(*changes);
  return changes;
}

}  // namespace kubegate
