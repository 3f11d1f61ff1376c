// ValueArena: the memory of computed values, handed out in order and given back all at once or down to a mark.
//
// Values hold plain pointers into it and nothing in it is ever destroyed, so only trivially destructible things may
// be put there. One arena per evaluating thread; its blocks are kept from one evaluation to the next.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <memory>
#include <string_view>
#include <vector>

namespace kubegate::policy {

// Thrown where a value would pass a bound of what may be computed; caught at the evaluator's edge, where it becomes an
// error value.
class LimitReached : public std::exception {};

// Thrown by ValueArena when its limit would be passed.
class MemoryLimitReached : public LimitReached {
 public:
  const char* what() const noexcept override { return "the memory limit of the evaluation was reached"; }
};

// The bytes of a text that a built-in makes, or of a value's text, at most; MemoryLimitReached.
inline constexpr std::size_t kMaxText = std::size_t{1} << 28;

class ValueArena {
 public:
  static constexpr std::uint64_t kDefaultLimit = std::uint64_t{1} << 32;

  explicit ValueArena(std::uint64_t limit = kDefaultLimit) : limit_(limit) {}
  ValueArena(const ValueArena&) = delete;
  ValueArena& operator=(const ValueArena&) = delete;

  // The bytes that blocks may take in all; takes effect with the next block.
  void set_limit(std::uint64_t bytes) { limit_ = bytes; }

  // `size` bytes aligned to 8, valid until reset() or a rewind() behind them.
  void* allocate(std::size_t size) {
    size = (size + 7) & ~std::size_t{7};
    if (size > static_cast<std::size_t>(end_ - next_)) grow(size);
    char* p = next_;
    next_ += size;
    return p;
  }

  // Uninitialised room for `count` things that need neither construction nor destruction.
  template <class T>
  T* allocate_array(std::size_t count) {
    static_assert(alignof(T) <= 8 && std::is_trivially_destructible_v<T>);
    return static_cast<T*>(allocate(count * sizeof(T)));
  }

  std::string_view copy(std::string_view text) {
    if (text.empty()) return {};
    char* p = static_cast<char*>(allocate(text.size()));
    std::memcpy(p, text.data(), text.size());
    return {p, text.size()};
  }

  // A point to go back to: everything handed out behind it is forgotten by rewind().
  struct Mark {
    std::size_t block;
    char* next;
  };
  Mark mark() const { return {current_, next_}; }
  void rewind(Mark mark);

  // Forgets everything handed out; keeps blocks of up to `keep` bytes in all for the next use.
  void reset(std::uint64_t keep = std::uint64_t{1} << 24);

  // Bytes of all blocks.
  std::uint64_t reserved() const { return reserved_; }

 private:
  struct Block {
    std::unique_ptr<char[]> bytes;
    std::size_t size;
  };
  void grow(std::size_t size);
  void enter(std::size_t block);

  std::vector<Block> blocks_;
  std::size_t current_ = 0;  // the block in use; 0 with no blocks is "none yet"
  char* next_ = nullptr;
  char* end_ = nullptr;
  std::uint64_t reserved_ = 0;
  std::uint64_t limit_;
};

}  // namespace kubegate::policy
