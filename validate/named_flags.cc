#include "validate/named_flags.h"

#include <algorithm>

namespace kubegate {

namespace {

std::string_view without_dashes(std::string_view word) {
  word.remove_prefix(std::min(word.size(), word.find_first_not_of('-')));
  return word.substr(0, word.find('='));
}

}  // namespace

NamedFlags::NamedFlags(int argc, char** argv) : all_(false) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (!word.starts_with('-')) continue;
    words_.push_back(without_dashes(word));
    all_ |= words_.back() == "help" || words_.back() == "h";
  }
}

bool NamedFlags::operator()(std::span<const std::string_view> flags) const {
  if (all_) return true;
  for (const std::string_view flag : flags) {
    const std::string_view name = without_dashes(flag);
    for (const std::string_view word : words_) {
      // The value of a short flag may stand behind it without a space.
      if (name.size() == 1 ? word.starts_with(name) : word == name) return true;
    }
  }
  left_out_ = true;
  return false;
}

}  // namespace kubegate
