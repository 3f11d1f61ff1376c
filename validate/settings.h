// From `.kubegate.yaml` and flags to what a run is told.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "validate/base/result.h"
#include "validate/config/config.h"
#include "validate/document/document.h"
#include "validate/report/outputs.h"
#include "validate/run/policies.h"
#include "validate/run/run.h"

namespace kubegate {

// What the command line says of settings.
struct SettingFlags {
  std::map<config::Key, std::vector<std::string>> values;  // of flags that were given
  std::string file;                                        // --config
  bool no_file = false;                                    // --no-config
};

// What holds for a run. Not to be moved: the findings view it.
class RunSettings {
 public:
  // Reads the file that holds, if any, and lets the flags win over it. Errors: a file that cannot be read.
  static Result<std::unique_ptr<RunSettings>> load(const SettingFlags& flags);

  const config::Config& config() const { return config_; }

  // Fills what a run is told. Errors: flags that cannot be used. What is wrong with the file is in faults() then.
  Result<Done> apply(run::Options& options, run::PolicySettings& policies, std::vector<report::Destination>& outputs);

  // The findings in the file; empty: it is sound.
  std::vector<report::Resource> faults();

 private:
  RunSettings() = default;
  Result<Done> read(const std::string& file);
  void check_by_schema();
  void fault(std::string_view rule, const config::Value& value, std::string message);
  Result<Done> refuse(const config::Value& value, const Error& error);
  Result<Done> parse_targets(const std::vector<config::Value>& values, std::vector<schema::Target>& out);
  Result<Done> check_bundles(const std::vector<config::Value>& values);
  Result<Done> apply_clusters(run::Options& options);
  void check_paths();

  config::Config config_;
  std::string text_;  // of the file
  document::Document document_;
  std::vector<Finding> findings_;
};

}  // namespace kubegate
