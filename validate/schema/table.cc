#include "validate/schema/table.h"

#include <re2/re2.h>

#include <atomic>
#include <string>

#include "validate/base/hash.h"
#include "validate/schema/pattern.h"

namespace kubegate::schema {

std::uint32_t hash_kind(std::string_view api_version, std::string_view kind) {
  return hash_key(api_version) * 31 + hash_key(kind);
}

// A slot for each pattern, and one for what RE2 makes of it where that is needed. Two workers may compile the same
// pattern at once; the first to store it wins, so no lock is taken where documents are checked.
class PatternCache {
 public:
  explicit PatternCache(std::size_t count) : own_(count), re2_(count) {}

  bool matches(Index index, std::string_view pattern, std::string_view text) {
    const Pattern& own = own_[index].get([&] { return std::make_unique<const Pattern>(pattern); });
    if (own.usable()) {
      if (const auto matched = own.matches(text)) return *matched;
    }
    const RE2& compiled = re2_[index].get([&] {
      RE2::Options options;
      options.set_log_errors(false);
      options.set_never_capture(true);
      return std::make_unique<const RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
    });
    return !compiled.ok() || RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), compiled);
  }

 private:
  template <class T>
  class Slot {
   public:
    ~Slot() { delete value_.load(std::memory_order_relaxed); }

    template <class Make>
    const T& get(Make make) {
      if (const T* made = value_.load(std::memory_order_acquire)) return *made;
      std::unique_ptr<const T> fresh = make();
      const T* expected = nullptr;
      if (value_.compare_exchange_strong(expected, fresh.get(), std::memory_order_acq_rel)) return *fresh.release();
      return *expected;
    }

   private:
    std::atomic<const T*> value_ = nullptr;
  };

  std::vector<Slot<Pattern>> own_;
  std::vector<Slot<RE2>> re2_;
};

Table::Table(const void* memory, std::size_t size)
    : base_(static_cast<const char*>(memory)), header_(static_cast<const TableHeader*>(memory)) {
  static_cast<void>(size);
  text_begin_ = strings().data();
  first_slot_ = slots().data();
  first_property_ = properties().data();
  patterns_ = std::make_unique<PatternCache>(header_->patterns.count);
}

Table::~Table() = default;

Index Table::find_kind(std::string_view api_version, std::string_view kind) const {
  const std::span<const Index> slots = kind_slots();
  const std::size_t mask = slots.size() - 1;
  for (std::size_t slot = hash_kind(api_version, kind) & mask; slots[slot] != 0; slot = (slot + 1) & mask) {
    const KindRecord& candidate = kinds()[slots[slot]];
    if (equal_keys(text(candidate.kind), kind) && equal_keys(text(candidate.api_version), api_version)) {
      return slots[slot];
    }
  }
  return 0;
}

bool Table::matches(Index pattern, std::string_view text) const {
  return patterns_->matches(pattern, this->text(patterns()[pattern]), text);
}

}  // namespace kubegate::schema
