// What `--policy` and `--rules` bring into a run. The rooms that know policies implement this and main.cc wires it: the
// run knows a check and nothing of what it checks.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "validate/base/result.h"
#include "validate/report/report.h"
#include "validate/run/run.h"

namespace kubegate::run {

struct PolicySettings {
  std::vector<std::string> paths;      // --policy: files and folders
  std::vector<std::string> bundles;    // --rules: names of built-in bundles
  std::vector<std::string> inventory;  // --inventory: files and folders of objects that the clusters hold besides

  bool empty() const { return paths.empty() && bundles.empty(); }
};

class PolicyLoader {
 public:
  virtual ~PolicyLoader() = default;
  // Reads the policies and, where they ask for it, the inventory of the run's sets, and sets the members of `options`
  // that are the policies'. Errors: what cannot be read, paths without any policy, unknown bundles.
  virtual Result<Done> load(const PolicySettings& settings, Options& options) const = 0;
};

}  // namespace kubegate::run
