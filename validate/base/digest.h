// Digests: SHA-256, and HMAC over it (RFC 2104).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace kubegate {

// Of one text, in lower-case hexadecimal: 64 characters.
std::string sha256(std::string_view bytes);
std::string hmac_sha256(std::string_view key, std::string_view bytes);

// Whether two digests are equal, in a time that does not tell where they differ.
bool equal_digests(std::string_view a, std::string_view b);

// A digest of several texts one behind the other: each with its length, so that no two lists of texts have the same
// bytes.
class Digester {
 public:
  // One that is not wanted takes nothing and comes to "": the first digest of a process costs OpenSSL's start, ten times
  // what judging a small manifest does.
  explicit Digester(bool wanted = true);
  ~Digester();
  Digester(const Digester&) = delete;

  Digester& add(std::string_view text);
  Digester& add(std::uint64_t number);
  // In hexadecimal, 64 characters. The last call.
  std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;  // null: not wanted
};

}  // namespace kubegate
