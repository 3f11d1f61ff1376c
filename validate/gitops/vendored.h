// What was fetched from elsewhere before: copies in a folder of the repository, and a lock file that
// says of each what it stands for and what it digests to. A copy that differs from its digest is never used.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "validate/base/result.h"
#include "validate/gitops/kustomization.h"
#include "validate/source/tree.h"

namespace kubegate::gitops {

inline constexpr std::string_view kLockName = "kubegate.lock";
inline constexpr std::string_view kVendorFolder = "vendor/kubegate";

class Vendored {
 public:
  struct Entry {
    enum class Kind : std::uint8_t { kFile, kBase, kChart };
    Kind kind = Kind::kFile;
    std::string name;    // as the repository names it: a URL; of a chart REPOSITORY#NAME@VERSION
    std::string path;    // of the copy, below the folder
    std::string digest;  // of the copy: of a folder, of all files in it with their paths
    std::string inner;   // of a base: the folder in it that is meant
    std::string fault;   // why it cannot be used: it is not there, or it differs; "" it can

    bool is_folder() const { return kind != Kind::kFile; }
  };

  // The lock file of a folder of the tree; none is empty. Errors: kData, it cannot be understood.
  static Result<Vendored> read(const source::Tree& tree, const std::string& folder);

  bool empty() const { return entries_.empty(); }
  const std::vector<Entry>& entries() const { return entries_; }
  const Entry* find(const Reference& reference) const;
  const Entry* find(std::string_view name) const;

  // Adds the paths of the lock file and of all copies.
  void add_files(std::vector<std::string>& out) const;
  // Copies one into the file system. Errors: kIo.
  Result<Done> lay_out(const Entry& entry, const std::filesystem::path& to) const;

 private:
  std::string folder_;
  const source::Tree* tree_ = nullptr;
  std::vector<Entry> entries_;
};

// The digest of a copy: of a file its SHA-256; of a folder that of its files, each with its path.
std::string digest_of_copy(const source::Tree& tree, const std::string& path);

// How a lock file names a chart.
std::string chart_name(std::string_view repository, std::string_view name, std::string_view version);

std::string print_lock(std::vector<Vendored::Entry> entries);

}  // namespace kubegate::gitops
