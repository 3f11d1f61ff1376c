// Files are read with read(2), not mapped. A mapped file that someone truncates while it is being checked kills the
// process with SIGBUS, and a mapping costs two system calls and a page fault for every 4 KiB of the small files that
// manifests are; a copy into memory that is already in cache is cheaper there, and on large files it is a percent of
// what parsing takes. What is read is what was there when it was read: a file that grows or shrinks meanwhile is
// read to its end of that moment.
//
// Tested in tests/validate/source/read_test.cc.
#include "validate/source/read.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace kubegate::source {

namespace {

Error system_error(int number) { return {ErrorCode::kIo, "", std::strerror(number)}; }

Error over_limit(std::uint64_t limit) {
  return {ErrorCode::kLimit, "", "more than " + std::to_string(limit) + " bytes"};
}

}  // namespace

void Buffer::trim(std::size_t keep) {
  size_ = 0;
  if (capacity_ <= keep) return;
  bytes_.reset();
  capacity_ = 0;
}

void Buffer::reserve(std::size_t size) {
  if (size <= capacity_) return;
  auto grown = std::make_unique_for_overwrite<char[]>(size);
  if (size_ > 0) std::memcpy(grown.get(), bytes_.get(), size_);
  bytes_ = std::move(grown);
  capacity_ = size;
}

Result<std::string_view> read_descriptor(int descriptor, std::uint64_t limit, Buffer& buffer) {
  buffer.clear();
  struct stat status;
  if (fstat(descriptor, &status) != 0) return system_error(errno);
  std::uint64_t expected = 0;
  if (S_ISREG(status.st_mode)) {
    expected = static_cast<std::uint64_t>(std::max<off_t>(status.st_size, 0));
    if (expected > limit) return over_limit(limit);
  }
  // One byte beyond the size that the file system told, so that the end shows without another buffer.
  buffer.reserve(std::max<std::size_t>(expected + 1, 16 << 10));
  for (;;) {
    if (buffer.size_ == buffer.capacity_) buffer.reserve(buffer.capacity_ * 2);
    const ssize_t n = read(descriptor, buffer.bytes_.get() + buffer.size_, buffer.capacity_ - buffer.size_);
    if (n < 0) {
      if (errno == EINTR) continue;
      return system_error(errno);
    }
    if (n == 0) return buffer.content();
    buffer.size_ += static_cast<std::size_t>(n);
    if (buffer.size_ > limit) return over_limit(limit);
  }
}

Result<std::string_view> read_file(const std::string& path, std::uint64_t limit, Buffer& buffer) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (descriptor < 0) return system_error(errno);
  auto result = read_descriptor(descriptor, limit, buffer);
  close(descriptor);
  return result;
}

}  // namespace kubegate::source
