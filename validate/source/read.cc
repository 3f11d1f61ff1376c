// Files are read with read(2), not mapped. A mapped file that someone truncates while it is being checked kills the
// process with SIGBUS, and a mapping costs two system calls and a page fault for every 4 KiB of the small files that
// manifests are; a copy into memory that is already in cache takes a quarter of the time there, and on large files it is
// three percent of what parsing takes (bench/NOTES.md has the table). What is read is what was there when it was read: a
// file that grows or shrinks meanwhile is read to its end of that moment.
//
// Tested in tests/validate/source/read_test.cc.
#include "validate/source/read.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace kubegate::source {

namespace {

constexpr std::size_t kPiece = 64 << 10;

Error system_error(int number) { return {ErrorCode::kIo, "", std::strerror(number)}; }

}  // namespace

Error over_limit(std::uint64_t limit) {
  return {ErrorCode::kLimit, "", "more than " + std::to_string(limit) + " bytes"};
}

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

void Buffer::assign(std::string_view text) {
  size_ = 0;
  reserve(text.size());
  if (!text.empty()) std::memcpy(bytes_.get(), text.data(), text.size());
  size_ = text.size();
}

Result<Stream> Stream::open(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (descriptor < 0) return system_error(errno);
  return Stream(descriptor, true);
}

Stream::Stream(Stream&& other) noexcept : descriptor_(other.descriptor_), owned_(std::exchange(other.owned_, false)) {}

Stream::~Stream() {
  if (owned_) close(descriptor_);
}

std::uint64_t Stream::file_size() const {
  struct stat status;
  if (fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) return 0;
  return static_cast<std::uint64_t>(std::max<off_t>(status.st_size, 0));
}

Result<bool> Stream::read(Buffer& buffer, std::size_t size, std::uint64_t expected) {
  buffer.reserve(size);
  while (buffer.size_ < size) {
    const ssize_t n = ::read(descriptor_, buffer.bytes_.get() + buffer.size_, size - buffer.size_);
    if (n == 0) return true;
    if (n > 0) {
      buffer.size_ += static_cast<std::size_t>(n);
      if (buffer.size_ < size && buffer.size_ == expected) return true;
    } else if (errno != EINTR) {
      return system_error(errno);
    }
  }
  return false;
}

Result<std::string_view> read_file(const std::string& path, std::uint64_t limit, Buffer& buffer,
                                   std::uint64_t expected) {
  buffer.clear();
  auto stream = Stream::open(path);
  if (!stream.ok()) return stream.error();
  // Most files end within the first piece, and their size is of no interest. Of a larger one it is: room for one byte
  // more shows the end without another buffer.
  for (std::size_t size = kPiece;; size *= 2) {
    const auto ended = stream->read(buffer, size, expected);
    if (!ended.ok()) return ended.error();
    if (buffer.content().size() > limit) return over_limit(limit);
    if (*ended) return buffer.content();
    if (size != kPiece) continue;
    const std::uint64_t whole = stream->file_size();
    if (whole > limit) return over_limit(limit);
    if (whole < size) continue;
    const auto rest = stream->read(buffer, whole + 1);
    if (!rest.ok()) return rest.error();
    if (*rest) return buffer.content();
    size = whole + 1;
  }
}

}  // namespace kubegate::source
