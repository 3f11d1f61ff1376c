#include "policy/value/runes.h"

#include <algorithm>

#include "validate/document/utf8.h"

namespace kubegate::policy {
namespace {

// What to add to `code` for its other case.
const unicode::CaseRange* find_case(std::uint32_t code) {
  const unicode::CaseRange* end = unicode::kCases + unicode::kCaseCount;
  const auto* at = std::upper_bound(unicode::kCases, end, code,
                                    [](std::uint32_t c, const unicode::CaseRange& r) { return c < r.first; });
  for (int back = 0; back < 3 && at != unicode::kCases; ++back) {
    --at;
    if (code <= at->last && (code - at->first) % at->step == 0) return at;
  }
  return nullptr;
}

void append_hex(std::string& out, std::uint32_t code, int digits) {
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) out += "0123456789abcdef"[code >> shift & 15];
}

}  // namespace

Rune decode_rune(std::string_view text) {
  const auto byte = [&](std::size_t i) -> std::uint32_t { return static_cast<unsigned char>(text[i]); };
  switch (document::utf8_sequence(text)) {
    case 1: return {byte(0), 1, true};
    case 2: return {(byte(0) & 0x1f) << 6 | (byte(1) & 0x3f), 2, true};
    case 3: return {(byte(0) & 0xf) << 12 | (byte(1) & 0x3f) << 6 | (byte(2) & 0x3f), 3, true};
    case 4: return {(byte(0) & 7) << 18 | (byte(1) & 0x3f) << 12 | (byte(2) & 0x3f) << 6 | (byte(3) & 0x3f), 4, true};
    default: return {0xfffd, 1, false};
  }
}

bool is_ascii(std::string_view text) {
  unsigned char seen = 0;
  for (const char c : text) seen |= static_cast<unsigned char>(c);
  return seen < 0x80;
}

std::size_t rune_count(std::string_view text) {
  std::size_t n = 0;
  for (std::size_t i = 0; i < text.size(); ++n) {
    i += static_cast<unsigned char>(text[i]) < 0x80 ? 1 : decode_rune(text.substr(i)).size;
  }
  return n;
}

void append_rune(std::string& out, std::uint32_t code) {
  document::append_utf8(out, code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? 0xfffd : code);
}

bool is_printable(std::uint32_t code) {
  if (code < 0x80) return code >= ' ' && code != 0x7f;
  const unicode::Range* end = unicode::kHidden + unicode::kHiddenCount;
  const auto* at = std::upper_bound(unicode::kHidden, end, code,
                                    [](std::uint32_t c, const unicode::Range& r) { return c < r.first; });
  return at == unicode::kHidden || code > (at - 1)->last;
}

bool is_space(std::uint32_t code) {
  return (code >= '\t' && code <= '\r') || code == ' ' || code == 0x85 || code == 0xa0 || code == 0x1680 ||
         (code >= 0x2000 && code <= 0x200a) || code == 0x2028 || code == 0x2029 || code == 0x202f || code == 0x205f ||
         code == 0x3000;
}

std::uint32_t to_upper(std::uint32_t code) {
  if (code < 0x80) return code >= 'a' && code <= 'z' ? code - 32 : code;
  const unicode::CaseRange* range = find_case(code);
  return range == nullptr ? code : code + static_cast<std::uint32_t>(range->upper);
}

std::uint32_t to_lower(std::uint32_t code) {
  if (code < 0x80) return code >= 'A' && code <= 'Z' ? code + 32 : code;
  const unicode::CaseRange* range = find_case(code);
  return range == nullptr ? code : code + static_cast<std::uint32_t>(range->lower);
}

void append_quoted(std::string& out, std::string_view text, char quote, bool ascii) {
  const auto plain = [quote](char c) { return c >= ' ' && c < 0x7f && c != quote && c != '\\'; };
  out += quote;
  for (std::size_t i = 0; i < text.size();) {
    // Most texts are plain all through.
    std::size_t end = i;
    while (end < text.size() && plain(text[end])) ++end;
    out.append(text, i, end - i);
    i = end;
    if (i == text.size()) break;
    const Rune rune = decode_rune(text.substr(i));
    if (!rune.valid) {
      out += "\\x";
      append_hex(out, static_cast<unsigned char>(text[i]), 2);
    } else if (rune.code == static_cast<unsigned char>(quote) || rune.code == '\\') {
      out += '\\';
      out += static_cast<char>(rune.code);
    } else if (is_printable(rune.code) && (!ascii || rune.code < 0x80)) {
      out += text.substr(i, rune.size);
    } else if (rune.code >= '\a' && rune.code <= '\r') {
      out += '\\';
      out += "abtnvfr"[rune.code - '\a'];
    } else if (rune.code < ' ' || rune.code == 0x7f) {
      out += "\\x";
      append_hex(out, rune.code, 2);
    } else {
      out += rune.code < 0x10000 ? "\\u" : "\\U";
      append_hex(out, rune.code, rune.code < 0x10000 ? 4 : 8);
    }
    i += rune.size;
  }
  out += quote;
}

}  // namespace kubegate::policy
