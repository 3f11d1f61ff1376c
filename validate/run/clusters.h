// Clusters: which files go where, and by which schemas they are judged then.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "validate/base/result.h"
#include "validate/run/judge.h"
#include "validate/run/run.h"

namespace kubegate::run {

// The versions of all clusters and of the run itself, in the order of the versions: what the bits of a finding's targets
// mean in a report.
std::vector<schema::Target> all_targets(const Options& options);

// The clusters that a file goes to, by the patterns of Options::clusters.
class ClusterMap {
 public:
  // Errors: a pattern that is none.
  static Result<std::shared_ptr<const ClusterMap>> make(const Options& options);
  ~ClusterMap();

  bool empty() const { return patterns_.empty(); }
  // Ascending indices into Options::clusters; none: the settings of the run itself hold.
  std::vector<std::uint32_t> clusters_of(std::string_view path) const;

 private:
  struct Pattern;
  std::string root_, working_folder_;
  std::vector<Pattern> patterns_;
};

// The judges of a run: one for the settings of the run itself, one for each combination of clusters that a file goes to.
class Judges {
 public:
  Judges(const Options& options, std::shared_ptr<const ClusterMap> map,
         std::shared_ptr<const gitops::Surroundings> surroundings);

  // Reads what --crd and the clusters name, and makes the first judge. Errors: settings that cannot be used.
  Result<Done> prepare();
  // CRDs that the input defines are known from here on. Judges made before are made anew.
  Result<Done> find(const schema::CrdSet& found);

  // The number of the judge of a file, made where it is the first of its kind. One call at a time.
  Result<std::uint32_t> number_for(std::string_view path);
  const Judge& judge(std::uint32_t number) const { return *judges_[number]; }

 private:
  Result<std::unique_ptr<Judge>> make(const std::vector<std::uint32_t>& clusters) const;
  // What --crd names, and a digest of the bytes that it was read from.
  struct Given {
    schema::CrdSet set;
    std::string digest;
  };
  Result<Done> read_definitions(const std::vector<std::string>& paths);

  const Options& options_;
  const std::shared_ptr<const ClusterMap> map_;
  const std::shared_ptr<const gitops::Surroundings> surroundings_;
  const std::vector<schema::Target> targets_;
  std::map<std::vector<std::string>, Given> given_;  // by what --crd names
  const schema::CrdSet* found_ = nullptr;
  std::map<std::vector<std::uint32_t>, std::uint32_t> numbers_;
  std::vector<std::unique_ptr<Judge>> judges_;
};

}  // namespace kubegate::run
