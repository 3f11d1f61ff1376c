// The idea: what the cluster's reader refuses byte by byte is refused before any parser sees it. Eight bytes at a
// time are looked at; text that is ASCII without control characters, nearly all there is, passes at memory speed.
// Rule: goyaml.v2 yaml_parser_update_buffer(). Tested in tests/validate/document/guard_test.cc.
#include "validate/document/guard.h"

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>

#include "validate/document/utf8.h"

namespace kubegate::document {
namespace {

// The length of an allowed character at the start of `text`; 0 for one that is not allowed. JSON minds the control
// characters of its strings itself.
std::size_t allowed(std::string_view text, Syntax syntax) {
  const auto c = static_cast<unsigned char>(text[0]);
  if (syntax == Syntax::kJson) return c == 0 ? 0 : utf8_sequence(text);
  if (c < 0x80) return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c != 0x7f) ? 1 : 0;
  const std::size_t n = utf8_sequence(text);
  if (n == 2 && c == 0xc2) {
    const auto next = static_cast<unsigned char>(text[1]);
    return next >= 0xa0 || next == 0x85 ? 2 : 0;
  }
  if (n == 3 && text.substr(0, 2) == "\xef\xbf") return static_cast<unsigned char>(text[2]) <= 0xbd ? 3 : 0;
  return n;
}

// True when all eight bytes are ASCII from the space on, DEL excluded.
bool all_plain(const char* p) {
  std::uint64_t word;
  std::memcpy(&word, p, 8);
  constexpr std::uint64_t kOnes = 0x0101010101010101ull, kHigh = 0x80 * kOnes;
  const std::uint64_t below_space = (word - 0x20 * kOnes) & ~word;
  const std::uint64_t del = (word ^ 0x7f * kOnes) - kOnes;
  return ((word | below_space | del) & kHigh) == 0;
}

}  // namespace

bool check_bytes(std::string_view source, Syntax syntax, Builder& builder) {
  if (const std::string_view name = foreign_encoding(source); !name.empty()) {
    builder.fault("document/encoding", "the file is " + std::string(name) + ": save it as UTF-8", {0, 2}, true);
    return false;
  }
  for (std::size_t i = 0; i < source.size();) {
    if (i + 8 <= source.size() && all_plain(source.data() + i)) {
      i += 8;
      continue;
    }
    const std::size_t n = allowed(source.substr(i), syntax);
    if (n == 0) {
      const auto at = static_cast<std::uint32_t>(i);
      const std::size_t size = utf8_sequence(source.substr(i));
      char code[32];
      if (size == 0) {
        std::snprintf(code, sizeof code, "0x%02X", static_cast<unsigned char>(source[i]));
        builder.fault("document/encoding", "the byte " + std::string(code) + " is no UTF-8", {at, 1}, true);
      } else {
        std::uint32_t point = static_cast<unsigned char>(source[i]);
        if (size > 1) point &= 0xff >> (size + 1);
        for (std::size_t k = 1; k < size; ++k) point = point << 6 | (static_cast<unsigned char>(source[i + k]) & 0x3f);
        std::snprintf(code, sizeof code, "U+%04X", point);
        builder.fault("document/encoding", "the control character " + std::string(code) + " is not allowed",
                      {at, static_cast<std::uint32_t>(size)}, true);
      }
      return false;
    }
    i += n;
  }
  return true;
}

bool check_brackets(std::string_view source, Builder& builder) {
  // Brackets in texts count too, so the bound is far above what any parser takes: nested parsing fails long before.
  constexpr std::size_t kMaxDepth = 100'000;
  constexpr std::size_t kMaxLine = std::size_t{16} << 20;
  std::size_t depth = 0;
  std::size_t line = 0;
  std::size_t first_bracket = std::string_view::npos;  // of the line
  for (std::size_t i = 0; i < source.size(); ++i) {
    const char c = source[i];
    if (c == '\n') {
      line = i + 1;
      first_bracket = std::string_view::npos;
    } else if (c == '[' || c == '{') {
      ++depth;
      if (first_bracket == std::string_view::npos) first_bracket = i;
    } else if (c == ']' || c == '}') {
      if (depth > 0) --depth;
    }
    const bool too_long = first_bracket != std::string_view::npos && i - line >= kMaxLine;
    if (depth > kMaxDepth || too_long) {
      const std::size_t at = too_long ? first_bracket : i;
      builder.fault("document/limit",
                    too_long ? "a line with brackets is longer than 16 MiB: break it"
                             : "more than " + std::to_string(kMaxDepth) + " brackets are open",
                    {static_cast<std::uint32_t>(at), 1}, true);
      return false;
    }
  }
  return true;
}

std::string_view foreign_encoding(std::string_view bytes) {
  using namespace std::string_view_literals;
  if (bytes.starts_with("\xff\xfe\0\0"sv) || bytes.starts_with("\0\0\xfe\xff"sv)) return "UTF-32";
  if (bytes.starts_with("\xff\xfe"sv) || bytes.starts_with("\xfe\xff"sv)) return "UTF-16";
  return {};
}

}  // namespace kubegate::document
