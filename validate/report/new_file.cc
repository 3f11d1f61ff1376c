// rename(2) puts a file in another's place in one step, so whoever reads the path sees the old report or the new one,
// never half of one; an earlier report survives a run that fails. A symbolic link is followed first: what it points to
// is replaced, not the link.
//
// Tested in tests/validate/report/outputs_test.cc.
#include "validate/report/new_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

namespace kubegate::report {

namespace {

Error error_of(const std::string& path) { return {ErrorCode::kIo, path, std::strerror(errno)}; }

}  // namespace

Result<NewFile> NewFile::create(const std::string& path) {
  struct stat status = {};
  std::string target = path;
  const bool exists = stat(path.c_str(), &status) == 0;
  if (exists && S_ISDIR(status.st_mode)) return Error{ErrorCode::kIo, path, "is a folder"};
  if (exists && !S_ISREG(status.st_mode)) {
    const int descriptor = open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) return error_of(path);
    return NewFile(path, "", descriptor);
  }
  if (exists) {
    std::error_code failed;
    const auto whole = std::filesystem::canonical(path, failed);
    if (!failed) target = whole.string();
  }
  std::string temporary = target + ".XXXXXX";
  const int descriptor = mkostemp(temporary.data(), O_CLOEXEC);
  if (descriptor < 0) return error_of(path);
  const mode_t mask = umask(0);
  umask(mask);
  fchmod(descriptor, exists ? status.st_mode & 07777 : 0666 & ~mask);
  return NewFile(std::move(target), std::move(temporary), descriptor);
}

NewFile::NewFile(NewFile&& other) noexcept
    : path_(std::move(other.path_)), temporary_(std::exchange(other.temporary_, "")),
      descriptor_(std::exchange(other.descriptor_, -1)) {}

NewFile::~NewFile() {
  if (descriptor_ >= 0) close(descriptor_);
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

Result<Done> NewFile::commit() {
  const int closed = close(std::exchange(descriptor_, -1));
  if (closed != 0) return error_of(path_);
  if (temporary_.empty()) return Done{};
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0) return error_of(path_);
  temporary_.clear();
  return Done{};
}

}  // namespace kubegate::report
