// FNV-1a of 64 bits: the same on every machine, for what is stored or compared between machines. It does not resist
// who looks for two texts of one hash.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace kubegate {

class Fnv {
 public:
  // Each part ends with a byte that no UTF-8 holds, so that parts cannot run into each other.
  void add(std::string_view part) {
    for (const char c : part) mix(static_cast<unsigned char>(c));
    mix(0xff);
  }
  // The same without digits.
  void add_wording(std::string_view part) {
    for (const char c : part) {
      if (c < '0' || c > '9') mix(static_cast<unsigned char>(c));
    }
    mix(0xff);
  }
  std::uint64_t value() const { return value_; }

 private:
  void mix(std::uint64_t byte) { value_ = (value_ ^ byte) * 0x100000001b3ull; }

  std::uint64_t value_ = 0xcbf29ce484222325ull;
};

}  // namespace kubegate
