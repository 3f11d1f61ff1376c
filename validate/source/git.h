// Git repositories, read by libgit2: no git binary, no network, and no setting of a repository that runs a program.
// libgit2 is started by the first repository that is opened.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "validate/base/result.h"
#include "validate/source/tree.h"

namespace kubegate::source {

// A path that differs between two trees. One that was renamed is its old path, gone, and its new one.
struct Change {
  std::string path;
  bool gone = false;  // it stands in the older tree alone
};

class Repository {
 public:
  // The repository that the folder `from` lies in, or the one at `git_dir` ("": none is named), bare or not. Errors:
  // kArgument when there is none; kIo with a way out when it belongs to somebody else, or cannot be read.
  static Result<std::shared_ptr<const Repository>> open(const std::string& from, const std::string& git_dir);
  virtual ~Repository() = default;

  // The top of the work tree, absolute and without links; "" of a bare repository.
  virtual const std::string& work_tree() const = 0;

  // The URLs of its remotes.
  virtual std::vector<std::string> remotes() const = 0;

  // A commit: by a branch, a tag, an id or the beginning of one, HEAD~2 and the like.
  struct Revision {
    std::string name;  // as it was given
    std::string id;    // hexadecimal, of the commit
  };
  // Errors: kArgument with what might have been meant.
  virtual Result<Revision> find(std::string_view name) const = 0;
  // HEAD; an empty id where there is no commit yet.
  virtual Result<Revision> head() const = 0;
  // The newest commit that both descend from. Errors: kData with how much to fetch when the clone is too shallow to tell.
  virtual Result<Revision> merge_base(const Revision& a, const Revision& b) const = 0;

  // The files of a commit, and of the index. Errors: kData, of the index when it holds conflicts, which are named.
  virtual Result<std::shared_ptr<const Tree>> tree(const Revision& revision) const = 0;
  virtual Result<std::shared_ptr<const Tree>> index() const = 0;

  // What differs, by the bytes of the paths; submodules among it. `from` may have no commit: all is new then.
  virtual Result<std::vector<Change>> changes(const Revision& from, const Revision& to) const = 0;
  virtual Result<std::vector<Change>> changes_to_index(const Revision& from) const = 0;
  // To the work tree: files that git does not track are new, those that it ignores are left out.
  virtual Result<std::vector<Change>> changes_to_work_tree(const Revision& from) const = 0;
};

}  // namespace kubegate::source
