// Base64 and hexadecimal as Go's encoding packages have them, with their errors.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace kubegate {

std::string encode_base64(std::string_view bytes, bool url, bool padded);
// Line breaks are skipped. On failure `bad` is the offset that Go's CorruptInputError names.
bool decode_base64(std::string_view text, bool url, bool padded, std::string& out, std::size_t& bad);
// "illegal base64 data at input byte 4".
std::string base64_error(std::size_t bad);

// Base64 without padding in the alphabet of URLs, as tokens use it, padded or not.
bool decode_base64url(std::string_view text, std::string& out, std::string& error);

std::string encode_hex(std::string_view bytes);
// The value of a hexadecimal digit; -1: none.
inline int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if ((c | 32) >= 'a' && (c | 32) <= 'f') return (c | 32) - 'a' + 10;
  return -1;
}

}  // namespace kubegate
