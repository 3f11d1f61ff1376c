#include "validate/base/suggest.h"

#include <algorithm>
#include <cctype>
#include <vector>

namespace kubegate {
namespace {

constexpr int kWhole = 4;  // what an edit costs; a change of case alone costs a quarter of it

bool same_letter(char a, char b) {
  return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
}

int substitution_cost(char a, char b) { return a == b ? 0 : same_letter(a, b) ? 1 : kWhole; }

// Optimal string alignment, three rows of the usual table.
int distance(std::string_view a, std::string_view b) {
  std::vector<int> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = static_cast<int>(j) * kWhole;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = static_cast<int>(i) * kWhole;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + kWhole, row[j - 1] + kWhole, last[j - 1] + substitution_cost(a[i - 1], b[j - 1])});
      if (i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2]) && same_letter(a[i - 2], b[j - 1])) {
        row[j] = std::min(row[j], before[j - 2] + kWhole);
      }
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

}  // namespace

std::string_view nearest_name(std::string_view written, std::span<const std::string_view> candidates) {
  constexpr std::size_t kLongest = 128;  // nobody mistypes a longer name
  if (written.size() > kLongest) return {};
  std::string_view best;
  int least = 0;
  for (std::string_view candidate : candidates) {
    if (candidate.size() > kLongest || candidate == written) continue;
    const std::size_t longer = std::max(written.size(), candidate.size());
    const std::size_t shorter = std::min(written.size(), candidate.size());
    const int allowed = static_cast<int>(longer) * kWhole / 3;
    if (static_cast<int>(longer - shorter) * kWhole > allowed) continue;
    const int cost = distance(written, candidate);
    if (cost <= allowed && (best.empty() || cost < least)) {
      best = candidate;
      least = cost;
    }
  }
  return best;
}

}  // namespace kubegate
