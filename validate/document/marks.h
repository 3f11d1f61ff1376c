// Marks: where the characters that give block YAML its structure stand in a document.
//
// The idea. What a line-by-line reader asks is always the same: where does this line end, where does its text begin,
// is there a `: ` in it, a ` #`, a quote? One pass with vector instructions over the bytes answers all of it ahead, as
// sets of one bit a byte; each question is then a shift and a count of zeros. The same pass finds whether there is
// anything but printable ASCII, so a document without such bytes, nearly every one, needs no further look at encoding.
//
// The pass exists once for machines with AVX2, once for any x86-64 and once for all others; the best one is chosen at
// start. All three must agree: tests/validate/document/marks_test.cc.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace kubegate::document {

// The marks of 64 bytes; bit i is the i-th of them. Bits behind the end of the text are set, in all sets.
struct MarkWord {
  std::uint64_t breaks = 0;  // line feeds
  std::uint64_t inked = 0;   // anything but a space (a line feed is inked)
  std::uint64_t colons = 0;  // colons that a space, a line feed or the end of the text follows
  std::uint64_t hashes = 0;  // number signs behind a space
  std::uint64_t quotes = 0;  // ' and " and the backslash
};

class Marks {
 public:
  // Marks `text`, at most 4 GiB. Memory is kept from one text to the next.
  void mark(std::string_view text);

  // Whether a byte is neither printable ASCII nor a line feed.
  bool odd() const { return odd_; }

  // The first marked byte from `from` on; the size of the text where there is none.
  template <std::uint64_t MarkWord::*Set>
  std::size_t next(std::size_t from) const {
    std::uint64_t bits = window<Set>(from);
    while (bits == 0) bits = window<Set>(from += 64);
    return std::min(from + static_cast<std::size_t>(__builtin_ctzll(bits)), size_);
  }

  // The first marked byte from `from` on and before `end`; `end` where there is none. Costs what lies between.
  template <std::uint64_t MarkWord::*Set>
  std::size_t next(std::size_t from, std::size_t end) const {
    std::uint64_t bits = window<Set>(from);
    while (bits == 0) {
      from += 64;
      if (from >= end) return end;
      bits = window<Set>(from);
    }
    return std::min(from + static_cast<std::size_t>(__builtin_ctzll(bits)), end);
  }

 private:
  // The 64 bytes from `from` on. Lines are shorter than that, so whether something is found in the first window is
  // known ahead nearly always; whether it is found in the word that `from` is in would be anybody's guess.
  template <std::uint64_t MarkWord::*Set>
  std::uint64_t window(std::size_t from) const {
    const MarkWord* const word = words_ + (from >> 6);
    const auto shift = from & 63;
    return (word[0].*Set) >> shift | (word[1].*Set) << 1 << (63 - shift);
  }

  const MarkWord* words_ = nullptr;
  std::vector<MarkWord> storage_;  // of the largest text so far; two words more than the text needs
  std::size_t size_ = 0;
  bool odd_ = false;
};

namespace marks_detail {

// Fills `words`, ⌈size / 64⌉ + 1 of them; returns whether a byte is odd.
using Pass = bool (*)(const char* text, std::size_t size, MarkWord* words);
// The passes that this machine can run, the fastest first.
std::vector<Pass> passes();

}  // namespace marks_detail

}  // namespace kubegate::document
