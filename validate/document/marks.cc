// How a pass works. 64 bytes at a time, the bytes are compared with each character that matters, and the results
// become bits of a word. A colon counts only by what follows it, a number sign only by what stands before it; the bit
// that lies in the neighbouring word is carried over: a colon at the end of a word counts until the next word says
// otherwise. The last bytes are copied to a block padded with line feeds, so nothing behind the text is ever read; the
// bits behind the end are then set in every set, which ends every search.
#include "validate/document/marks.h"

#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace kubegate::document {
namespace {

constexpr std::size_t kBlock = 64;

// What comparing 64 bytes tells.
struct Bits {
  std::uint64_t breaks, spaces, colons, hashes, quotes;
};

// A word as it stands in memory: its lowest byte first.
constexpr std::uint64_t little(std::uint64_t word) {
  return std::endian::native == std::endian::big ? __builtin_bswap64(word) : word;
}

// Joins the bits of neighbouring blocks into words.
class Joiner {
 public:
  Joiner(std::uint64_t* words, std::size_t stride) : word_(words), stride_(stride) {}

  [[gnu::always_inline]] void add(const Bits& bits) {
    const std::uint64_t blanks = bits.spaces | bits.breaks;
    hashes_ |= bits.hashes;
    if (colon_before_ && !(blanks & 1)) of(Mark::kColon)[-1] &= little(~kLast);
    *of(Mark::kBreak) = little(bits.breaks);
    *of(Mark::kInk) = little(~bits.spaces);
    *of(Mark::kColon) = little(bits.colons & (blanks >> 1 | kLast));
    *of(Mark::kHash) = little(bits.hashes & (bits.spaces << 1 | space_before_));
    *of(Mark::kQuote) = little(bits.quotes);
    colon_before_ = (bits.colons & kLast) != 0;
    space_before_ = bits.spaces >> 63;
    ++word_;
  }

  // Sets what lies behind the end of a text of `size` bytes, and one word more. Returns whether there was a `#`.
  bool finish(std::size_t size) {
    const std::size_t left = size % kBlock;
    for (std::size_t set = 0; set < kMarkKinds; ++set) {
      std::uint64_t* const end = word_ + set * stride_;
      if (left != 0) end[-1] |= little(~std::uint64_t{0} << left);
      *end = ~std::uint64_t{0};
    }
    return hashes_ != 0;
  }

 private:
  static constexpr std::uint64_t kLast = std::uint64_t{1} << 63;

  std::uint64_t* of(Mark mark) const { return word_ + static_cast<std::size_t>(mark) * stride_; }

  std::uint64_t* word_;  // the next of the first set
  const std::size_t stride_;
  std::uint64_t space_before_ = 0, hashes_ = 0;
  bool colon_before_ = false;
};

// Runs `compare` over all blocks of a text; it takes 64 bytes, fills Bits, and keeps for itself whether one was odd.
// Returns whether there was a `#`.
template <class Compare>
[[gnu::always_inline]] inline bool each_block(const char* text, std::size_t size, Joiner joiner, Compare&& compare) {
  std::size_t i = 0;
  for (; i + kBlock <= size; i += kBlock) joiner.add(compare(text + i));
  if (i < size) {
    char last[kBlock];
    std::memset(last, '\n', kBlock);
    std::memcpy(last, text + i, size - i);
    joiner.add(compare(last));
  }
  return joiner.finish(size);
}

Marks::Seen portable(const char* text, std::size_t size, std::uint64_t* words, std::size_t stride) {
  bool odd = false;
  const bool hash = each_block(text, size, Joiner(words, stride), [&](const char* block) {
    Bits bits{};
    for (std::size_t i = 0; i < kBlock; ++i) {
      const char c = block[i];
      const std::uint64_t bit = std::uint64_t{1} << i;
      switch (c) {
        case '\n': bits.breaks |= bit; break;
        case ' ': bits.spaces |= bit; break;
        case ':': bits.colons |= bit; break;
        case '#': bits.hashes |= bit; break;
        case '\'':
        case '"':
        case '\\': bits.quotes |= bit; break;
        default: odd |= c < ' ' || c == 0x7f;  // bytes of other characters are negative, or above DEL
      }
      odd |= static_cast<unsigned char>(c) >= 0x80;
    }
    return bits;
  });
  return {odd, hash};
}

#if defined(__x86_64__)

Marks::Seen sse2(const char* text, std::size_t size, std::uint64_t* words, std::size_t stride) {
  __m128i odd = _mm_setzero_si128();
  const bool hash = each_block(text, size, Joiner(words, stride), [&](const char* block) {
    Bits bits{};
    for (int part = 0; part < 4; ++part) {
      const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block) + part);
      const auto equal = [&](char c) { return _mm_cmpeq_epi8(v, _mm_set1_epi8(c)); };
      const auto mask = [&](__m128i found) {
        return static_cast<std::uint64_t>(static_cast<unsigned>(_mm_movemask_epi8(found))) << (16 * part);
      };
      const __m128i breaks = equal('\n');
      bits.breaks |= mask(breaks);
      bits.spaces |= mask(equal(' '));
      bits.colons |= mask(equal(':'));
      bits.hashes |= mask(equal('#'));
      bits.quotes |= mask(_mm_or_si128(_mm_or_si128(equal('\''), equal('"')), equal('\\')));
      // As signed numbers, controls and all that is not ASCII lie below the space.
      const __m128i low = _mm_andnot_si128(breaks, _mm_cmpgt_epi8(_mm_set1_epi8(' '), v));
      odd = _mm_or_si128(odd, _mm_or_si128(low, equal(0x7f)));
    }
    return bits;
  });
  return {_mm_movemask_epi8(odd) != 0, hash};
}

// GCC does not carry the target into lambdas, so the blocks are walked here.
[[gnu::target("avx2")]] inline std::uint64_t mask_avx2(__m256i low, __m256i high) {
  return static_cast<std::uint64_t>(static_cast<unsigned>(_mm256_movemask_epi8(high))) << 32 |
         static_cast<unsigned>(_mm256_movemask_epi8(low));
}

[[gnu::target("avx2")]] inline Bits compare_avx2(const char* block, __m256i& odd) {
  const __m256i a = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(block));
  const __m256i b = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(block) + 1);
#define KUBEGATE_EQUAL(v, c) _mm256_cmpeq_epi8(v, _mm256_set1_epi8(c))
  // The table has the quotes and the backslash where their last four bits lead, and elsewhere what leads somewhere else.
  const __m256i table = _mm256_setr_epi8(-1, 0, '"', 0, 0, 0, 0, '\'', 0, 0, 0, 0, '\\', 0, 0, 0,  //
                                         -1, 0, '"', 0, 0, 0, 0, '\'', 0, 0, 0, 0, '\\', 0, 0, 0);
#define KUBEGATE_QUOTE(v) _mm256_cmpeq_epi8(_mm256_shuffle_epi8(table, v), v)
  // One more than the byte, as a signed number, is above a space's for printable ASCII alone.
  const __m256i one = _mm256_set1_epi8(1), low = _mm256_set1_epi8(' ' + 1);
#define KUBEGATE_ODD(v, breaks) _mm256_andnot_si256(breaks, _mm256_cmpgt_epi8(low, _mm256_add_epi8(v, one)))
  const __m256i breaks_a = KUBEGATE_EQUAL(a, '\n'), breaks_b = KUBEGATE_EQUAL(b, '\n');
  Bits bits;
  bits.breaks = mask_avx2(breaks_a, breaks_b);
  bits.spaces = mask_avx2(KUBEGATE_EQUAL(a, ' '), KUBEGATE_EQUAL(b, ' '));
  bits.colons = mask_avx2(KUBEGATE_EQUAL(a, ':'), KUBEGATE_EQUAL(b, ':'));
  bits.hashes = mask_avx2(KUBEGATE_EQUAL(a, '#'), KUBEGATE_EQUAL(b, '#'));
  bits.quotes = mask_avx2(KUBEGATE_QUOTE(a), KUBEGATE_QUOTE(b));
  odd = _mm256_or_si256(odd, _mm256_or_si256(KUBEGATE_ODD(a, breaks_a), KUBEGATE_ODD(b, breaks_b)));
#undef KUBEGATE_EQUAL
#undef KUBEGATE_QUOTE
#undef KUBEGATE_ODD
  return bits;
}

[[gnu::target("avx2")]] Marks::Seen avx2(const char* text, std::size_t size, std::uint64_t* words, std::size_t stride) {
  __m256i odd = _mm256_setzero_si256();
  Joiner joiner(words, stride);
  std::size_t i = 0;
  for (; i + kBlock <= size; i += kBlock) joiner.add(compare_avx2(text + i, odd));
  if (i < size) {
    alignas(32) char last[kBlock];
    std::memset(last, '\n', kBlock);
    std::memcpy(last, text + i, size - i);
    joiner.add(compare_avx2(last, odd));
  }
  const bool hash = joiner.finish(size);
  return {_mm256_movemask_epi8(odd) != 0, hash};
}

#endif

}  // namespace

namespace marks_detail {

std::vector<Pass> passes() {
  std::vector<Pass> passes;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) passes.push_back(avx2);
  passes.push_back(sse2);
#endif
  passes.push_back(portable);
  return passes;
}

}  // namespace marks_detail

void Marks::mark(std::string_view text) {
  static const marks_detail::Pass pass = marks_detail::passes().front();
  // A search from the end of the text loads the eight bytes behind it.
  const std::size_t stride = text.size() / kBlock + 3;
  if (storage_.size() < kMarkKinds * stride) storage_.resize(kMarkKinds * (stride + stride / 2));
  seen_ = pass(text.data(), text.size(), storage_.data(), stride);
  sets_ = {reinterpret_cast<const unsigned char*>(storage_.data()), stride * sizeof(std::uint64_t)};
}

}  // namespace kubegate::document
