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

}  // namespace kubegate::policy
