// Tree: folders and files to be looked at by path, wherever they stand: in the work tree, in git's index, in a commit.
// What a repository means (gitops) and which of its files are judged are worked out over this, so the three agree.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "validate/base/result.h"
#include "validate/source/select.h"

namespace kubegate::source {

enum class EntryKind : std::uint8_t { kNone, kFile, kFolder, kLink, kSubmodule, kSpecial };

struct Entry {
  std::string name;
  EntryKind kind = EntryKind::kNone;
};

// Paths are relative to the top of the tree, with '/' between components and neither "." nor ".." in them; "" is the
// top. A tree does not change, but for the work tree, of which each answer is that of the moment. Any thread may ask.
class Tree {
 public:
  virtual ~Tree() = default;

  // What stands at a path; links are not followed but in the folders on the way of a work tree.
  virtual EntryKind kind(std::string_view path) const = 0;
  // The entries of a folder by the bytes of their names. Errors: kIo.
  virtual Result<std::vector<Entry>> list(std::string_view folder) const = 0;
  // A file's bytes, or where a link leads. Errors: kIo, kLimit; without a subject.
  virtual Result<std::string> read(std::string_view path, std::uint64_t limit) const = 0;
  // A file's bytes when they are asked for.
  virtual std::shared_ptr<const Content> content(std::string_view path) const = 0;
  // The paths of all files and links below `folder` that have one of these names, sorted, but those in hidden folders.
  virtual std::vector<std::string> find(std::string_view folder, std::span<const std::string_view> names) const;

  // Where links lead, as long as they stay in the tree: a path without links, and what is there. kNone: it leads
  // nowhere; kSpecial: it leads out of the tree, or in circles.
  struct Place {
    std::string path;
    EntryKind kind = EntryKind::kNone;
  };
  virtual Place resolve(std::string_view path) const;
};

// The folder `root` of the file system, "" being the current one.
std::shared_ptr<const Tree> folder_tree(std::string root);

// `path` seen from the folder `from`, without "." and ".."; none where that lies above the top, or is longer than the
// system takes paths.
std::optional<std::string> joined_path(std::string_view from, std::string_view path);

// The path of what has this name in a folder.
std::string child_of(std::string_view folder, std::string_view name);

// The folder that a path lies in; "" is the top.
std::string_view parent_of(std::string_view path);

}  // namespace kubegate::source
