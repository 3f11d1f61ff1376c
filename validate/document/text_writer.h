// Private to this room.
#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace kubegate::document {

// Writes a text piece by piece into memory that is used again. Pieces are short, so they are copied in steps of one
// size, beyond their ends where source and memory go on, rather than by a call for each.
class TextWriter {
 public:
  explicit TextWriter(std::string& memory) : memory_(memory) {}

  void add(char c, std::size_t count) {
    reserve(count);
    for (; count > 0; --count) memory_[size_++] = c;
  }

  // `readable` bytes may be read from `from` on, `count` of them are the piece.
  void add(const char* from, std::size_t count, std::size_t readable) {
    reserve(count + kStep);
    char* const to = memory_.data() + size_;
    if (readable >= count + kStep) {
      for (std::size_t i = 0; i < count; i += kStep) std::memcpy(to + i, from + i, kStep);
    } else {
      std::memcpy(to, from, count);
    }
    size_ += count;
  }

  std::string_view text() const { return {memory_.data(), size_}; }

 private:
  static constexpr std::size_t kStep = 32;

  void reserve(std::size_t more) {
    if (memory_.size() - size_ < more) memory_.resize(size_ + more + memory_.size() + 1024);
  }

  std::string& memory_;
  std::size_t size_ = 0;
};

}  // namespace kubegate::document
