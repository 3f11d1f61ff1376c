// What the tests of the run share: a folder of their own, and an output that remembers.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "validate/report/report.h"
#include "validate/run/run.h"

namespace kubegate::run {

// A folder that is gone with the test. Files are made in it; paths() are below it.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "kubegate-run-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string add(const std::string& name, std::string_view content) const {
    const std::filesystem::path file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << content;
    return file.string();
  }
  std::string path(const std::string& name = "") const {
    return name.empty() ? path_.string() : (path_ / name).string();
  }

 private:
  std::filesystem::path path_;
};

inline std::string read_text(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

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
