// Folders that live as long as a run.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "validate/base/result.h"

namespace kubegate::source {

// A new folder below TMPDIR, that only its owner can enter; removed with all that is in it.
class TemporaryFolder {
 public:
  // Errors: kIo; kLimit when there are too many at once.
  static Result<TemporaryFolder> make();
  TemporaryFolder(TemporaryFolder&& other) noexcept : slot_(other.slot_), path_(std::move(other.path_)) {
    other.slot_ = -1;
  }
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;
  ~TemporaryFolder();

  const std::string& path() const { return path_; }

 private:
  TemporaryFolder(int slot, std::string path) : slot_(slot), path_(std::move(path)) {}

  int slot_;
  std::string path_;
};

// Writes a file that is to stand in one, and makes the folders that it lies in. Errors: kIo.
Result<Done> write_laid_out(const std::filesystem::path& path, std::string_view bytes);

// Removes all that there are. For handlers of signals.
void remove_temporary_folders();

}  // namespace kubegate::source
