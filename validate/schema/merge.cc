// One bundle from two: the versions of both, each fact stored once.
//
// Both trees are walked together. First the versions of the two bundles are put in one order, and each side's masks
// are renumbered for it. Then, node by node: variants that say the same become one that holds for the versions of
// both; children are matched by name, the branches of value checks by position. A version is only ever in one of the
// two bundles, so nothing can contradict, and taking one side's versions out of the result gives back that side.
//
// Branches of value checks are matched by position because they have no names; a branch put in between makes the
// later ones differ, which costs space but no correctness.
//
// Tested by tests/validate/schema/merge_test.cc.
#include <algorithm>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "validate/schema/import.h"

namespace kubegate::schema {
namespace {

constexpr std::size_t kMaxVersions = 32;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The run of digits, or the one other character, at the front of `text`; leading zeros are left out.
std::string_view next_part(std::string_view& text) {
  std::size_t size = 1;
  if (is_digit(text[0])) {
    while (text.size() > 1 && text[0] == '0' && is_digit(text[1])) text.remove_prefix(1);
    while (size < text.size() && is_digit(text[size])) ++size;
  }
  const std::string_view part = text.substr(0, size);
  text.remove_prefix(size);
  return part;
}

// Bit i of a mask becomes bit to[i].
class Renumbering {
 public:
  Renumbering(const std::vector<std::string>& from, const std::vector<std::string>& to) {
    for (const std::string& version : from) to_.push_back(std::find(to.begin(), to.end(), version) - to.begin());
  }

  VersionMask operator()(VersionMask mask) const {
    VersionMask out = 0;
    for (std::size_t i = 0; i < to_.size(); ++i) out |= (mask >> i & 1) << to_[i];
    return out;
  }

 private:
  std::vector<std::size_t> to_;
};

VersionMask lowest(VersionMask mask) { return mask & ~(mask - 1); }

// Adds what `from` says, in versions renumbered by `renumber`, to `into`.
void add(SchemaNode& into, const SchemaNode& from, const Renumbering& renumber);

void add(std::vector<SchemaNode>& into, const std::vector<SchemaNode>& from, const Renumbering& renumber) {
  if (into.size() < from.size()) into.resize(from.size());
  for (std::size_t i = 0; i < from.size(); ++i) add(into[i], from[i], renumber);
}

void add(SchemaNode& into, const SchemaNode& from, const Renumbering& renumber) {
  for (const Variant& variant : from.variants) {
    const auto same = std::find_if(into.variants.begin(), into.variants.end(),
                                   [&](const Variant& other) { return other.facts == variant.facts; });
    if (same == into.variants.end()) {
      into.variants.push_back({renumber(variant.versions), variant.facts});
    } else {
      same->versions |= renumber(variant.versions);
    }
  }
  std::sort(into.variants.begin(), into.variants.end(),
            [](const Variant& a, const Variant& b) { return lowest(a.versions) < lowest(b.versions); });
  for (const auto& [name, property] : from.properties) add(into.properties[name], property, renumber);
  add(into.items, from.items, renumber);
  add(into.additional, from.additional, renumber);
  add(into.all_of, from.all_of, renumber);
  add(into.any_of, from.any_of, renumber);
  add(into.one_of, from.one_of, renumber);
  add(into.negated, from.negated, renumber);
}

auto key_of(const KindEntry& entry) { return std::tie(entry.group, entry.version, entry.kind); }

// Adds the content of `from` to `into`, whose versions and dates are set. False, with `conflict` naming the kind,
// when a kind changed its plural or scope.
bool add(Bundle& into, const Bundle& from, std::string& conflict) {
  const Renumbering renumber(from.versions, into.versions);
  for (const auto& [name, type] : from.types) add(into.types[name], type, renumber);
  for (const KindEntry& kind : from.kinds) {
    auto entry = std::lower_bound(into.kinds.begin(), into.kinds.end(), kind,
                                  [](const KindEntry& a, const KindEntry& b) { return key_of(a) < key_of(b); });
    if (entry == into.kinds.end() || key_of(*entry) != key_of(kind)) {
      KindEntry added;
      std::tie(added.group, added.version, added.kind) = key_of(kind);
      std::tie(added.plural, added.scope) = std::tie(kind.plural, kind.scope);
      entry = into.kinds.insert(entry, std::move(added));
    } else if (entry->plural != kind.plural || entry->scope != kind.scope) {
      conflict = kind.api_version() + ' ' + kind.kind;
      return false;
    }
    entry->known |= renumber(kind.known);
    entry->served |= renumber(kind.served);
    entry->deprecated |= renumber(kind.deprecated);
    add(entry->root, kind.root, renumber);
  }
  return true;
}

}  // namespace

int compare_versions(std::string_view a, std::string_view b) {
  while (!a.empty() && !b.empty()) {
    const std::string_view x = next_part(a), y = next_part(b);
    if (is_digit(x[0]) && is_digit(y[0]) && x.size() != y.size()) return x.size() < y.size() ? -1 : 1;
    if (const int order = x.compare(y); order != 0) return order;
  }
  if (a.empty() && b.empty()) return 0;
  const bool a_is_prefix = a.empty();
  const bool rest_is_pre_release = (a_is_prefix ? b : a)[0] == '-';
  return a_is_prefix != rest_is_pre_release ? -1 : 1;
}

Result<Bundle> merge(const Bundle& a, const Bundle& b) {
  if (a.project != b.project) {
    return Error{ErrorCode::kArgument, b.project, "is another project than " + a.project};
  }
  std::vector<std::pair<std::string, std::string>> versions;  // with their dates
  for (const Bundle* bundle : {&a, &b}) {
    for (std::size_t i = 0; i < bundle->versions.size(); ++i) {
      versions.emplace_back(bundle->versions[i], bundle->dates[i]);
    }
  }
  std::sort(versions.begin(), versions.end(),
            [](const auto& x, const auto& y) { return compare_versions(x.first, y.first) < 0; });
  Bundle merged;
  merged.project = a.project;
  for (auto& [version, date] : versions) {
    if (!merged.versions.empty() && merged.versions.back() == version) {
      return Error{ErrorCode::kArgument, a.project, "version " + version + " is in the bundle already"};
    }
    merged.versions.push_back(std::move(version));
    merged.dates.push_back(std::move(date));
  }
  if (merged.versions.size() > kMaxVersions) {
    return Error{ErrorCode::kLimit, a.project, "a bundle holds at most " + std::to_string(kMaxVersions) + " versions"};
  }
  std::string conflict;
  if (!add(merged, a, conflict) || !add(merged, b, conflict)) {
    return Error{ErrorCode::kData, a.project, "the plural or the scope of " + conflict + " differs between versions"};
  }
  return merged;
}

}  // namespace kubegate::schema
