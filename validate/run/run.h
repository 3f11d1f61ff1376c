// A run: from the command line's settings to a report and a verdict.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "validate/base/result.h"
#include "validate/document/document.h"
#include "validate/gitops/surroundings.h"
#include "validate/report/report.h"
#include "validate/run/check.h"
#include "validate/schema/catalogue.h"
#include "validate/source/select.h"

namespace kubegate::run {

class Inputs;

// What goes to one cluster, and by what it is judged.
struct ClusterOptions {
  std::string name;
  std::vector<std::string> overlays;  // RE2, on paths from Options::clusters_root
  std::vector<schema::Target> targets;
  std::vector<std::string> crds, crd_bundles;
};

class Known;
class Verdicts;
class Progress;

struct Options {
  std::vector<std::string> paths;            // files, folders, globs; "-" is standard input
  std::vector<std::string> ignore_patterns;  // RE2, on paths
  std::vector<schema::Target> targets;       // at least one
  std::vector<std::string> crds;             // files, folders
  std::vector<std::string> crd_bundles;      // project@version
  std::vector<std::string> skip, reject;     // Kind or apiVersion/Kind
  // Files that go to a cluster are judged by what it says instead of the three above; those that go to several, by each.
  std::vector<ClusterOptions> clusters;
  std::string clusters_root;  // folder, from the working folder
  bool strict = true;
  bool ignore_missing_schemas = false;
  bool allow_empty = false;
  bool verbose = false;
  // A run of which other machines do the rest judges those of `paths` that are marked; empty: all.
  std::vector<bool> own_paths;
  // What its report is to say of that (index, count and settings; the run sees to the rest).
  report::Share share;
  // Where inputs come from instead of the file system: a commit, the index, what a renderer made. Null: from files.
  std::shared_ptr<const Inputs> inputs;
  // The files around those that are judged; null: those of the file system.
  std::shared_ptr<const gitops::Surroundings> surroundings;
  int threads = 0;                           // 0: as many as the machine has
  int standard_input = 0;                    // descriptor
  std::shared_ptr<const Check> policies;     // judged behind the run's own checks
  std::vector<report::Resource> told_first;  // findings in files that are not among the inputs: settings, policies
  Known* known = nullptr;                    // null: there is no list
  Progress* progress = nullptr;              // null: nobody asks
  // What earlier runs have found, for where it pays: files are judged by policies. Outlives the output; null: nothing.
  std::shared_ptr<Verdicts> verdicts;
  std::size_t held_bytes = 8 << 20;          // of results that wait for CRDs; beyond it their files are judged twice
  document::Limits limits;

  bool is_own(std::size_t path) const { return own_paths.empty() || own_paths[path]; }
};

// The inputs of a run that are not simply the files below its paths.
class Inputs {
 public:
  virtual ~Inputs() = default;
  // What is to be judged of these paths, which are among Options::paths.
  virtual Result<source::Selection> judged(std::span<const std::string> paths) const = 0;
  // All that lies there, judged or not: what policies see of a set.
  virtual Result<source::Selection> all(std::span<const std::string> paths) const { return judged(paths); }
};

// The inputs that are to be judged, and all of them.
Result<source::Selection> select_judged(const Options& options, std::span<const std::string> paths);
Result<source::Selection> select_all(const Options& options, std::span<const std::string> paths);

struct Outcome {
  report::Summary summary;
  std::vector<Error> errors;  // inputs that could not be read; the others were judged all the same

  bool passed() const { return summary.errors == 0; }
};

// Judges the inputs, reports them to `output` in their order, and finishes it. An Error is a setting that cannot be
// used; nothing was reported then.
Result<Outcome> validate(const Options& options, report::Output& output);

}  // namespace kubegate::run
