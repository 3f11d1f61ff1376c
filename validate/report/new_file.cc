// rename(2) puts a file in another's place in one step, so whoever reads the path sees the old report or the new one,
// never half of one; an earlier report survives a run that fails. A symbolic link is followed first: what it points to
// is replaced, not the link.
//
// A signal may end the process at any time, and its handler must not allocate or lock. So the names of new files stand in
// fixed memory that the handler may read; a place is used once, so that no name changes while it is read.
//
// Tested in tests/validate/report/outputs_test.cc.
#include "validate/report/new_file.h"

#include "validate/report/sink.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <utility>

namespace kubegate::report {

namespace {

// A file that a signal is to remove; those of a process beyond the first few stay behind then. Made by the linker: to
// set them at start would touch 16 pages in every run.
struct Unfinished {
  char name[PATH_MAX] = {};
  std::atomic<bool> exists = false;
};
static_assert(std::atomic<bool>::is_always_lock_free);
constinit Unfinished unfinished[16];
std::atomic<std::size_t> places_taken;

void remember(const std::string& path) {
  const std::size_t place = places_taken++;
  if (place >= std::size(unfinished) || path.size() >= PATH_MAX) return;
  path.copy(unfinished[place].name, path.size());
  unfinished[place].exists = true;
}

void forget(const std::string& path) {
  for (Unfinished& file : unfinished) {
    if (file.exists && path == file.name) file.exists = false;
  }
}

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
  remember(temporary);
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
  if (temporary_.empty()) return;
  unlink(temporary_.c_str());
  forget(temporary_);
}

Result<Done> NewFile::commit() {
  const int closed = close(std::exchange(descriptor_, -1));
  if (closed != 0) return error_of(path_);
  if (temporary_.empty()) return Done{};
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0) return error_of(path_);
  forget(temporary_);
  temporary_.clear();
  return Done{};
}

Result<Done> write_new_file(const std::string& path, std::string_view text) {
  auto file = NewFile::create(path);
  if (!file.ok()) return file.error();
  Sink sink(file->descriptor(), path);
  sink.text() = text;
  sink.flush();
  const auto written = sink.status();
  return written.ok() ? file->commit() : written;
}

void remove_unfinished_files() {
  for (const Unfinished& file : unfinished) {
    if (file.exists) unlink(file.name);
  }
}

}  // namespace kubegate::report
