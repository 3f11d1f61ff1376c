// Survey: what a repository seems to hold, for `kubegate init`.
#pragma once

#include <map>
#include <set>
#include <string>

#include "validate/base/result.h"

namespace kubegate {

// Paths from the top of the repository, folders without a slash at their end; "." is the top itself.
struct Survey {
  std::set<std::string> overlays;             // folders with a kustomization that no other one names
  std::set<std::string> charts;               // folders with a Chart.yaml
  std::set<std::string> crds, policies;       // folders that hold such objects
  std::set<std::string> versions;             // of Kubernetes, "1.29", and
  std::map<std::string, std::string> places;  // by version: the file that tells it
  // What Argo CD's Applications send where.
  struct Destination {
    bool is_url = false;  // of the cluster's server; otherwise its name
    std::set<std::string> paths;
  };
  std::map<std::string, Destination> destinations;
  std::size_t files = 0;  // that were read
  bool complete = true;   // false: there was more than is looked at
};

// Looks at the files below `folder`, hidden folders left out but for .github. Errors: the folder cannot be read.
Result<Survey> survey(const std::string& folder);

}  // namespace kubegate
