// The idea: the parts of a glob are the states of an automaton, and a word of 64 bits is the set of those that a text
// may have come to: one and, shift and or a character, whatever stars there are (shift-and of Baeza-Yates and Gonnet).
// A part is a character or a star; bit i says that the parts before i have matched. A star may also match nothing, so
// whoever comes to it is behind it as well; no two stars stand side by side, so one step of that is enough.
//
// Tested by cases/glob.txt, and against the translation for RE2 by plain_glob_test.cc.
#include "policy/rego/builtins/plain_glob.h"

#include <algorithm>

#include "policy/value/runes.h"

namespace kubegate::rego {
namespace {

constexpr unsigned kMaxParts = 63;  // and one bit for the end

}  // namespace

std::unique_ptr<PlainGlob> PlainGlob::compile(std::string_view glob, std::string_view separators) {
  if (!policy::is_ascii(glob) || !policy::is_ascii(separators) ||
      glob.find_first_of("[]{}\\") != std::string_view::npos)
    return nullptr;
  auto out = std::make_unique<PlainGlob>();
  unsigned part = 0;
  for (std::size_t i = 0; i < glob.size(); ++part) {
    if (part == kMaxParts) return nullptr;
    const std::uint64_t bit = std::uint64_t{1} << part;
    const auto add = [&](std::array<std::uint64_t, 128>& table, bool separator_too) {
      for (unsigned c = 0; c < 128; ++c) {
        if (separator_too || separators.find(static_cast<char>(c)) == std::string_view::npos) table[c] |= bit;
      }
    };
    if (glob[i] == '*') {
      const std::size_t end = std::min(glob.find_first_not_of('*', i), glob.size());
      out->stars_ |= bit;
      add(out->stays_, end - i > 1);  // of several stars one that takes everything is as many
      i = end;
      continue;
    }
    if (glob[i] == '?') {
      add(out->takes_, false);
    } else {
      out->takes_[static_cast<unsigned char>(glob[i])] |= bit;
    }
    ++i;
  }
  out->end_ = std::uint64_t{1} << part;
  return out;
}

bool PlainGlob::matches(std::string_view text) const {
  std::uint64_t at = 1;
  at |= (at & stars_) << 1;
  for (const char c : text) {
    const auto i = static_cast<unsigned char>(c) & 127u;
    at = (at & takes_[i]) << 1 | (at & stays_[i]);
    at |= (at & stars_) << 1;
    if (at == 0) return false;
  }
  return (at & end_) != 0;
}

}  // namespace kubegate::rego
