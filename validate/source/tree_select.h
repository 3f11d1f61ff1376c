// What of a tree is to be judged: the same files that a walk of a work tree with that content would take (select.h), by
// the same rules of what is no manifest.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "validate/base/result.h"
#include "validate/source/select.h"
#include "validate/source/tree.h"

namespace kubegate::source {

// Where the user stands in a tree: paths are told, and understood, from there.
class Standpoint {
 public:
  // `folder` in the tree; `top`: where the tree stands in the file system, absolute, or "" where it stands nowhere.
  Standpoint(std::string folder, std::string top) : folder_(std::move(folder)), top_(std::move(top)) {}

  // A path of the command line as a path of the tree. Errors: kArgument when it leads out of it.
  Result<std::string> path_of(const std::string& written) const;
  // A path of the tree as reports show it: from the user's folder, as git shows it.
  std::string shown(std::string_view path) const;

 private:
  const std::string folder_, top_;
};

class TreeSelector {
 public:
  // `ignore` as of Selection::make(), matched against the paths that are shown.
  static Result<TreeSelector> make(std::shared_ptr<const Tree> tree, Standpoint standpoint,
                                   std::span<const std::string> ignore);
  TreeSelector(TreeSelector&&) noexcept;
  TreeSelector& operator=(TreeSelector&&) noexcept;
  ~TreeSelector();

  // What the paths of a command line mean in the tree: files, which are named, and folders and globs. Errors: none of
  // the files matches.
  Result<std::vector<Input>> all(std::span<const std::string> paths) const;

  // Of these paths of the tree those that lie below one of `within` (paths of the command line; no files of theirs need
  // be there), in their order, as a walk would come by them. What is no more in the tree is left out.
  Result<std::vector<Input>> some(std::span<const std::string> paths, std::span<const std::string> within) const;

 private:
  struct State;
  explicit TreeSelector(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace kubegate::source
