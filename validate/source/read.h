// Reading files into memory that is used again: whole, or a piece at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "validate/base/lifetime.h"
#include "validate/base/result.h"

namespace kubegate::source {

// Bytes of one file at a time. Growing drops no content and zeroes nothing.
class Buffer {
 public:
  std::string_view content() const& KUBEGATE_LIFETIME_BOUND { return {bytes_.get(), size_}; }
  std::string_view content() const&& = delete;

  void clear() { size_ = 0; }
  // `text` becomes the content.
  void assign(std::string_view text);
  // Gives memory beyond `keep` bytes back; drops the content.
  void trim(std::size_t keep);

 private:
  friend class Stream;
  void reserve(std::size_t size);

  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

// An input that is open for reading, from where it stands to its end.
class Stream {
 public:
  // Errors: kIo with the system's text, without a subject.
  static Result<Stream> open(const std::string& path);
  // An open descriptor, which the caller keeps.
  static Stream of(int descriptor) { return Stream(descriptor, false); }
  Stream(Stream&& other) noexcept;
  Stream& operator=(Stream&&) = delete;
  ~Stream();

  // Appends to `buffer` until it holds `size` bytes or the input has ended. True: it has ended. Errors as above.
  // `expected`: where the file system says that a regular file ends, if it was asked; a read that stops right there
  // needs no other to find nothing more.
  Result<bool> read(Buffer& buffer, std::size_t size, std::uint64_t expected = 0);

  // The size of a regular file as the file system tells it; 0 of anything else.
  std::uint64_t file_size() const;

 private:
  Stream(int descriptor, bool owned) : descriptor_(descriptor), owned_(owned) {}

  int descriptor_;
  bool owned_;
};

// That something holds more than `limit` bytes, without a subject.
Error over_limit(std::uint64_t limit);

// The whole content of a file; the view lives until the next use of `buffer`. Errors: kIo with the system's text,
// kLimit when there are more than `limit` bytes; both without a subject. `expected` as in Stream::read().
Result<std::string_view> read_file(const std::string& path, std::uint64_t limit, Buffer& buffer KUBEGATE_LIFETIME_BOUND,
                                   std::uint64_t expected = 0);

}  // namespace kubegate::source
