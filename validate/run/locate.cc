// A finding outlives its document, so what a report may show of the source is copied here: a piece of the line around
// the place, bounded, since a line of minified JSON is the whole file. The offsets come sorted, so the lines of the
// source are counted once however many findings there are.
//
// Tested in tests/validate/run/locate_test.cc.
#include "validate/run/locate.h"

#include <algorithm>
#include <utility>

#include "validate/document/position.h"

namespace kubegate::run {

namespace {

constexpr std::size_t kBefore = 512, kBehind = 1024;  // bytes of a line that a report may want
// How many findings of the same place are compared with one: those that differ in nothing but their targets come close
// together, but an alias can bring any number of findings to one place.
constexpr std::size_t kNear = 64;

bool is_continuation(char c) { return (c & 0xc0) == 0x80; }

report::Excerpt excerpt_at(std::string_view source, Span span) {
  const std::size_t at = std::min<std::size_t>(span.begin, source.size());
  std::size_t first = at, last = at;
  const std::size_t lowest = at > kBefore ? at - kBefore : 0;
  while (first > lowest && source[first - 1] != '\n') --first;
  const std::size_t highest = std::min(at + kBehind, source.size());
  while (last < highest && source[last] != '\n') ++last;

  report::Excerpt excerpt;
  excerpt.cut_before = first > 0 && source[first - 1] != '\n';
  excerpt.cut_after = last < source.size() && source[last] != '\n';
  if (excerpt.cut_before) {
    while (first < at && is_continuation(source[first])) ++first;
  }
  if (excerpt.cut_after) {
    while (last > at && is_continuation(source[last])) --last;
  } else if (last > at && source[last - 1] == '\r') {
    --last;
  }
  excerpt.text = source.substr(first, last - first);
  excerpt.begin = static_cast<std::uint32_t>(at - first);
  excerpt.length = static_cast<std::uint32_t>(std::min<std::size_t>(span.length, last - at));
  return excerpt;
}

bool say_the_same(const Finding& a, const Finding& b) {
  return a.span.length == b.span.length && a.rule == b.rule && a.severity == b.severity && a.message == b.message &&
         a.pointer == b.pointer && a.field == b.field;
}

const Finding& finding_of(const Finding& finding) { return finding; }
Finding& finding_of(Finding& finding) { return finding; }
const Finding& finding_of(const Ignored& ignored) { return ignored.finding; }
Finding& finding_of(Ignored& ignored) { return ignored.finding; }

template <class Item>
void sort_and_join(std::vector<Item>& findings) {
  const auto place = [](const Item& item) { return finding_of(item).span.begin; };
  std::stable_sort(findings.begin(), findings.end(), [&](const Item& a, const Item& b) { return place(a) < place(b); });
  std::size_t kept = 0, group = 0;  // where the findings at the current place begin
  for (std::size_t i = 0; i < findings.size(); ++i) {
    if (kept == 0 || place(findings[group]) != place(findings[i])) group = kept;
    if (kept - group > kNear) group = kept - kNear;
    const auto begin = findings.begin() + static_cast<std::ptrdiff_t>(group);
    const auto end = findings.begin() + static_cast<std::ptrdiff_t>(kept);
    const auto same = std::find_if(
        begin, end, [&](const Item& other) { return say_the_same(finding_of(other), finding_of(findings[i])); });
    if (same != end) {
      finding_of(*same).targets |= finding_of(findings[i]).targets;
    } else {
      if (kept != i) findings[kept] = std::move(findings[i]);
      ++kept;
    }
  }
  findings.resize(kept);
}

report::LocatedFinding located(const document::Document& document, document::PositionScan& positions,
                               const Finding& finding) {
  const document::Position position = positions.at(finding.span.begin);
  return {finding.rule,    finding.severity, finding.message,
          position.line,   position.column,  excerpt_at(document.source(), finding.span),
          finding.pointer, finding.field,    finding.targets};
}

}  // namespace

void locate(const document::Document& document, std::vector<Finding>& findings,
            std::vector<report::LocatedFinding>& out) {
  sort_and_join(findings);
  document::PositionScan positions(document);
  for (std::size_t i = 0; i < std::min(findings.size(), kMaxFindings); ++i) {
    out.push_back(located(document, positions, findings[i]));
  }
}

void locate(const document::Document& document, std::vector<Ignored>& ignored, std::vector<report::Suppressed>& out) {
  sort_and_join(ignored);
  document::PositionScan positions(document);
  for (std::size_t i = 0; i < std::min(ignored.size(), kMaxFindings); ++i) {
    out.push_back({located(document, positions, ignored[i].finding), report::Suppressed::Kind::kIgnored,
                   std::move(ignored[i].reason)});
  }
}

}  // namespace kubegate::run
