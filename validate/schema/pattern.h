// Patterns as CRDs write them, matched by a small machine of their own.
//
// Nearly all patterns are an anchored name, number or duration: literals, classes, groups, alternatives, repetition.
// RE2 takes 100,000 instructions to compile such a pattern and 1,600 to match a word; this machine takes a few thousand
// and a hundred or two. Whatever it does not know it leaves to RE2: it never guesses.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace kubegate::schema {

class Pattern {
 public:
  // RE2's syntax. Where it has something that the machine does not know, usable() is false.
  explicit Pattern(std::string_view pattern);

  bool usable() const { return usable_; }

  // Whether `text` matches somewhere; nothing where RE2 must tell, since the text is not ASCII. For usable patterns.
  std::optional<bool> matches(std::string_view text) const;

 private:
  friend class PatternParser;

  // A state is a set of places in the pattern, a bit each; bit 0 is in front of it.
  std::array<std::uint64_t, 128> accepted_{};  // by character: the places that take it
  std::array<std::uint64_t, 64> follow_{};     // by place: where the next character may be taken
  std::uint64_t last_ = 0;                     // where the pattern may end
  bool from_start_ = false, to_end_ = false;   // ^ and $
  bool usable_ = false;
};

}  // namespace kubegate::schema
