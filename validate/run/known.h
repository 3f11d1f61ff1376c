// Known findings in a run: what the list names is told, but is no error.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "validate/base/result.h"
#include "validate/config/known.h"
#include "validate/report/fingerprint.h"
#include "validate/report/report.h"

namespace kubegate::run {

class Known {
 public:
  // `options` say how paths are told; of them `folder` and `root` count.
  explicit Known(report::OutputOptions options) : options_(std::move(options)) {}

  // Takes the list in `file`. Errors: it cannot be read or understood.
  Result<Done> load(const std::string& file);
  // From here on all findings are known, and entries() is their list.
  void record() { recording_ = true; }
  const std::vector<config::KnownFinding>& entries() const { return entries_; }

  // Moves what is known among the findings of a resource to what is suppressed. Once for each resource, in order.
  void take_out(report::Resource& resource);

  // A file of the run was read to its end.
  void checked(std::string_view path);
  // Whether there is an entry for a file that was checked, or is there no more, and nothing was found to match it. Then
  // `resource` tells of all of them.
  bool tell_unused(report::Resource& resource) const;

 private:
  report::OutputOptions options_;
  bool recording_ = false;
  std::string file_;
  std::vector<config::KnownFinding> entries_;
  std::vector<bool> used_, checked_;                       // beside entries_
  std::unordered_map<std::string, std::size_t> by_print_;  // the entry of a fingerprint
  std::unordered_multimap<std::string, std::size_t> by_path_;
  report::Fingerprints fingerprints_;
};

}  // namespace kubegate::run
