// Arena: memory that is handed out in order and given back all at once.
//
// A document's decoded texts live here. reset() keeps the largest block, so a worker that reads one document after
// the other stops allocating after the first few.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace kubegate {

class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  Arena(Arena&&) = default;
  Arena& operator=(Arena&&) = default;

  // `size` bytes, unaligned, valid until reset() or the end of the arena.
  char* allocate(std::size_t size) {
    if (size > static_cast<std::size_t>(end_ - next_)) grow(size);
    char* p = next_;
    next_ += size;
    return p;
  }

  // A copy of `text` that lives as long as the arena's content.
  std::string_view copy(std::string_view text) {
    if (text.empty()) return {};
    char* p = allocate(text.size());
    std::memcpy(p, text.data(), text.size());
    return {p, text.size()};
  }

  // Forgets everything handed out; keeps the largest block unless it passes `keep` bytes.
  void reset(std::size_t keep = std::size_t{1} << 20) {
    if (blocks_.empty()) return;
    if (blocks_.size() == 1 && blocks_.front().size <= keep) {
      next_ = blocks_.front().bytes.get();
      return;
    }
    auto largest = std::max_element(blocks_.begin(), blocks_.end(),
                                    [](const Block& a, const Block& b) { return a.size < b.size; });
    Block kept = std::move(*largest);
    blocks_.clear();
    next_ = end_ = nullptr;
    if (kept.size > keep) return;
    next_ = kept.bytes.get();
    end_ = next_ + kept.size;
    blocks_.push_back(std::move(kept));
  }

 private:
  struct Block {
    std::unique_ptr<char[]> bytes;
    std::size_t size;
  };

  void grow(std::size_t size) {
    const std::size_t last = blocks_.empty() ? 2048 : blocks_.back().size;
    const std::size_t block = std::max(size, std::min<std::size_t>(last * 2, std::size_t{1} << 20));
    blocks_.push_back({std::make_unique_for_overwrite<char[]>(block), block});
    next_ = blocks_.back().bytes.get();
    end_ = next_ + block;
  }

  std::vector<Block> blocks_;
  char* next_ = nullptr;
  char* end_ = nullptr;
};

}  // namespace kubegate
