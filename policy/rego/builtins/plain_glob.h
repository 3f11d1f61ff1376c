// Globs of plain characters, `?`, `*` and `**`, which is what policies have: matched without a regular expression.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

namespace kubegate::rego {

class PlainGlob {
 public:
  // As translate_glob takes them (patterns.h); null where the glob has more than this is for.
  static std::unique_ptr<PlainGlob> compile(std::string_view glob, std::string_view separators);
  // Whether the whole text matches. The text must be ASCII.
  bool matches(std::string_view text) const;

 private:
  // By character: which parts take it and are done, and which stars take it and stay.
  std::array<std::uint64_t, 128> takes_{}, stays_{};
  std::uint64_t stars_ = 0, end_ = 0;
};

}  // namespace kubegate::rego
