// Reading whole files into memory that is used again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "validate/base/result.h"

namespace kubegate::source {

// The bytes of one file at a time. Growing drops no content and zeroes nothing.
class Buffer {
 public:
  std::string_view content() const { return {bytes_.get(), size_}; }

  void clear() { size_ = 0; }
  // Gives memory beyond `keep` bytes back; drops the content.
  void trim(std::size_t keep);

 private:
  friend Result<std::string_view> read_descriptor(int descriptor, std::uint64_t limit, Buffer& buffer);
  void reserve(std::size_t size);

  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

// The whole content of a file; the view lives until the next use of `buffer`. Errors: kIo with the system's text,
// kLimit when there are more than `limit` bytes; both without a subject.
Result<std::string_view> read_file(const std::string& path, std::uint64_t limit, Buffer& buffer);
// The same of an open descriptor, from where it stands to its end.
Result<std::string_view> read_descriptor(int descriptor, std::uint64_t limit, Buffer& buffer);

}  // namespace kubegate::source
