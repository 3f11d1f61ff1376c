// Marks: where the characters that give block YAML its structure stand in a document.
//
// The idea. What a line-by-line reader asks is always the same: where does this line end, where does its text begin,
// is there a `: ` in it, a ` #`, a quote? One pass with vector instructions over the bytes answers all of it ahead, as
// sets of one bit a byte; each question is then a load, a shift and a count of zeros. The same pass finds whether there
// is anything but printable ASCII, so a document without such bytes, nearly every one, needs no further look at
// encoding.
//
// The pass exists once for machines with AVX2, once for any x86-64 and once for all others; the best one is chosen at
// start. All three must agree: tests/validate/document/marks_test.cc.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace kubegate::document {

enum class Mark : std::uint8_t {
  kBreak,  // line feeds
  kColon,  // colons that a space, a line feed or the end of the text follows
  kQuote,  // ' and " and the backslash
  kInk,    // anything but a space (a line feed is ink)
  kHash,   // number signs behind a space
};
inline constexpr std::size_t kMarkKinds = 5;

// The sets of one text, one behind the other: bit i % 8 of byte i / 8 stands for byte i of the text. A set has bits
// for more than the text; those behind its end are set, in all sets, which ends every search.
struct MarkSets {
  const unsigned char* bytes = nullptr;
  std::size_t stride = 0;  // bytes from one set to the next

  // The bits from `from` on, the first one lowest: of 57 bytes at least, zeros above. A line is nearly always shorter
  // than that, so whether something is found in its window is known ahead; whether it would be in the word that `from`
  // is in would be anybody's guess.
  template <Mark kMark>
  std::uint64_t window(std::size_t from) const {
    return load<kMark>(from) >> (from & 7);
  }

  // The first marked byte from `from` on, which is no further than the end of the text.
  template <Mark kMark>
  std::size_t next(std::size_t from) const {
    std::uint64_t bits = window<kMark>(from);
    while (bits == 0) bits = load<kMark>(from = (from & ~std::size_t{7}) + 64);
    return from + static_cast<std::size_t>(std::countr_zero(bits));
  }

  // The first marked byte from `from` on and before `end`; `end` where there is none. Costs what lies between.
  template <Mark kMark>
  std::size_t next(std::size_t from, std::size_t end) const {
    std::uint64_t bits = window<kMark>(from);
    while (bits == 0) {
      from = (from & ~std::size_t{7}) + 64;
      if (from >= end) return end;
      bits = load<kMark>(from);
    }
    return std::min(from + static_cast<std::size_t>(std::countr_zero(bits)), end);
  }

 private:
  template <Mark kMark>
  std::uint64_t load(std::size_t from) const {
    std::uint64_t bits;
    std::memcpy(&bits, bytes + static_cast<std::size_t>(kMark) * stride + (from >> 3), sizeof bits);
    if constexpr (std::endian::native == std::endian::big) bits = __builtin_bswap64(bits);
    return bits;
  }
};

class Marks {
 public:
  // What a pass over a text met.
  struct Seen {
    bool odd = false, hash = false;
  };

  // Marks `text`, at most 4 GiB. Memory is kept from one text to the next.
  void mark(std::string_view text);

  // Valid until the next text.
  const MarkSets& sets() const { return sets_; }

  // Whether a byte is neither printable ASCII nor a line feed.
  bool odd() const { return seen_.odd; }
  // Whether there is a `#` anywhere.
  bool hash() const { return seen_.hash; }

 private:
  MarkSets sets_;
  std::vector<std::uint64_t> storage_;  // of the largest text so far
  Seen seen_;
};

namespace marks_detail {

// Fills ⌈size / 64⌉ + 1 words of each set, which are `stride` words apart; returns what it met.
using Pass = Marks::Seen (*)(const char* text, std::size_t size, std::uint64_t* words, std::size_t stride);
// The passes that this machine can run, the fastest first.
std::vector<Pass> passes();

}  // namespace marks_detail

}  // namespace kubegate::document
