#include "policy/value/arena.h"

#include <algorithm>

namespace kubegate::policy {

void ValueArena::enter(std::size_t block) {
  current_ = block;
  next_ = blocks_[block].bytes.get();
  end_ = next_ + blocks_[block].size;
}

void ValueArena::grow(std::size_t size) {
  // Blocks behind the current one are left over from before a rewind() or reset().
  for (std::size_t b = next_ == nullptr ? 0 : current_ + 1; b < blocks_.size(); ++b) {
    if (blocks_[b].size >= size) {
      std::swap(blocks_[b], blocks_[next_ == nullptr ? 0 : current_ + 1]);
      return enter(next_ == nullptr ? 0 : current_ + 1);
    }
  }
  const std::size_t last = blocks_.empty() ? 2048 : blocks_.back().size;
  std::size_t block = std::max(size, std::min<std::size_t>(last * 2, std::size_t{1} << 20));
  if (reserved_ + block > limit_) block = size;
  if (size > limit_ || reserved_ + block > limit_) throw MemoryLimitReached();
  const std::size_t at = next_ == nullptr ? 0 : current_ + 1;
  blocks_.insert(blocks_.begin() + static_cast<std::ptrdiff_t>(at),
                 Block{std::make_unique_for_overwrite<char[]>(block), block});
  reserved_ += block;
  enter(at);
}

void ValueArena::rewind(Mark mark) {
  if (mark.next == nullptr) {
    current_ = 0;
    next_ = end_ = nullptr;
    return;
  }
  enter(mark.block);
  next_ = mark.next;
}

void ValueArena::reset(std::uint64_t keep) {
  current_ = 0;
  next_ = end_ = nullptr;
  while (reserved_ > keep) {
    reserved_ -= blocks_.back().size;
    blocks_.pop_back();
  }
  if (!blocks_.empty()) enter(0);
}

}  // namespace kubegate::policy
