// What the farm's manifests are made with: texts with places to fill in, and random numbers that are the same on every
// machine.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace kubegate::bench {

// splitmix64 (Steele, Lea, Flood 2014). The standard library's engines would do, its distributions not: they may
// differ between implementations, and a farm must not.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ull);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
  }

  // 0 … bound-1. The bias of the remainder is below 2^-50 for the bounds used here.
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }
  std::uint64_t between(std::uint64_t low, std::uint64_t high) { return low + below(high - low + 1); }
  bool chance(unsigned percent) { return below(100) < percent; }

  template <std::size_t n>
  std::string_view pick(const std::array<std::string_view, n>& words) {
    return words[below(n)];
  }

 private:
  std::uint64_t state_;
};

using Values = std::initializer_list<std::pair<std::string_view, std::string_view>>;

// `text` with each $name replaced by its value. A $name that stands alone on its line (behind white space) is a block:
// its value is whole lines, which are indented as far as the $name is; an empty value takes the line away. $$ is a
// dollar sign. Ends the program when a $name has no value: that is a mistake in the templates.
std::string fill(std::string_view text, Values values);

}  // namespace kubegate::bench
