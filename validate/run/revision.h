// What of a git repository a run judges: the index, a commit, or what has changed since one.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "validate/base/result.h"
#include "validate/gitops/kustomization.h"
#include "validate/run/run.h"
#include "validate/source/git.h"

namespace kubegate::run {

struct RevisionSettings {
  bool staged = false;        // --staged: the index instead of the work tree, and of it what differs from HEAD
  std::string revision;       // --rev: a commit instead of the work tree
  std::string changed_since;  // --changed-since: only what differs from where this commit and the judged one part
  std::string git_dir;        // --git-dir: the repository; "": the one around the working folder
  bool may_lack = false;      // one side of a comparison: a path that it lacks holds nothing

  bool empty() const { return !staged && revision.empty() && changed_since.empty() && !may_lack; }
};

// What the settings come to.
struct Revision {
  std::shared_ptr<const source::Tree> tree;    // what is judged
  std::string top;                             // where it stands in the file system; "" of a bare repository
  std::string folder;                          // of the tree: the working folder
  bool whole = true;                           // all of it, not only what has changed
  bool may_lack = false;                       // as the settings say
  std::vector<std::string> changed;            // paths, by component; what is gone among them
  std::vector<std::string> overlays;           // folders that are built and reach a change, by name
  std::shared_ptr<const gitops::Graph> graph;  // null where the whole tree is judged
};

// Reads what the settings name; `folder` is the working folder, absolute. Errors: as those of source::Repository.
Result<Revision> read_revision(const RevisionSettings& settings, const std::string& folder);

// Whether a path of the command line, a glob or not, stands for something there.
bool holds(const Revision& revision, const std::string& path);

// Makes a run judge the revision: the changed files, and those that the reached overlays are made of. `options.paths`
// bound it; none is the whole tree.
void judge_revision(const Revision& revision, Options& options);

}  // namespace kubegate::run
