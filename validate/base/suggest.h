// "Did you mean …?": the known name nearest to a written one.
#pragma once

#include <span>
#include <string_view>

namespace kubegate {

// The candidate that differs least from `written` (insertions, deletions, substitutions and swaps of neighbours; case
// counts little), or "" when none is near enough to be meant: at most a third of the name may differ. Ties go to the
// earlier candidate.
std::string_view nearest_name(std::string_view written, std::span<const std::string_view> candidates);

}  // namespace kubegate
