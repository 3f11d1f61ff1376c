// The two sides of a change, as `kubegate diff` and `kubegate ci --base` compare them.
#pragma once

#include <string>
#include <vector>

#include "validate/base/result.h"
#include "validate/config/config.h"
#include "validate/render_command.h"
#include "validate/report/changes.h"
#include "validate/run/revision.h"
#include "validate/run/run.h"

namespace kubegate {

// What is compared, by flags.
struct SideArguments {
  std::vector<std::string> paths, repositories;
  run::RevisionSettings revision;  // of the newer side
  RenderArguments rendering;
  Caches caches;                      // that they come to
  bool render = false, apps = false;  // neither: files
};

// What has changed since the newer side and `since` parted. `options` as the settings made them; `folder` is the working
// folder, absolute. Errors: what keeps a side from being worked out, paths that neither side has.
Result<report::Changes> changes_since(const std::string& since, const SideArguments& arguments,
                                      const config::Config& config, const run::Options& options,
                                      const std::string& folder);

}  // namespace kubegate
