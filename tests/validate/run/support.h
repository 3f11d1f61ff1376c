// What the tests of the run share.
#pragma once

#include <algorithm>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/folder.h"
#include "validate/report/report.h"
#include "validate/run/run.h"

namespace kubegate::run {

// Remembers what it is told.
class Recorder final : public report::Output {
 public:
  void write(const report::Resource& resource) override {
    resources.push_back(resource);
    paths.emplace_back(resource.path);
  }
  void finish(const report::Summary& told) override { summary = told; }

  std::vector<report::Resource> resources;
  std::vector<std::string> paths;  // of the resources, whose own views have gone
  report::Summary summary;
};

inline std::vector<schema::Target> targets(const std::vector<std::string>& names = {"1.28", "1.29"}) {
  return *schema::parse_targets(names);
}

inline Options options_for(std::vector<std::string> paths) {
  Options options;
  options.paths = std::move(paths);
  options.targets = targets();
  options.threads = 1;
  return options;
}

// "error schema/type 3:5 1.29 spec.replicas": the form of the expectations in testdata/broken.
inline std::string line_of(const report::LocatedFinding& finding, const std::vector<std::string>& versions) {
  std::ostringstream line;
  line << (finding.severity == Severity::kError ? "error " : "warning ") << finding.rule << ' ' << finding.line << ':'
       << finding.column << ' ';
  std::string held;
  bool all = true;
  for (std::size_t i = 0; i < versions.size(); ++i) {
    if (finding.targets >> i & 1) {
      held += (held.empty() ? "" : ",") + versions[i];
    } else {
      all = false;
    }
  }
  line << (all ? "*" : held) << ' ' << (finding.field.empty() ? "-" : finding.field);
  return line.str();
}

}  // namespace kubegate::run
