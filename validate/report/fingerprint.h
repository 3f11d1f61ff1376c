// What identifies a finding from one run to the next, though lines moved: for lists of known findings in other tools.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "validate/report/report.h"

namespace kubegate::report {

// Gives each finding of a run, in the run's order, 16 hex digits and the number of earlier findings that have the same
// digits: "5f3a…0c:0". Which findings are the same from run to run is said in fingerprint.cc; the digits are part of
// what users store, so how they are made must not change under the name kName.
class Fingerprints {
 public:
  static constexpr std::string_view kName = "kubegate/v1";

  // `path` is the file's as it is reported.
  std::string next(std::string_view path, const Resource& resource, const LocatedFinding& finding);

 private:
  std::unordered_map<std::uint64_t, std::uint32_t> seen_;
};

}  // namespace kubegate::report
