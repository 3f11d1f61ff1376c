// What is to be said of an API version: unknown, gone, not there yet, off by default, about to go, or outdated, and
// what to write instead. Tested by tests/validate/schema/catalogue_test.cc.

#include <algorithm>
#include <bit>
#include <map>
#include <string>

#include "validate/base/suggest.h"
#include "validate/schema/catalogue.h"
#include "validate/schema/catalogue_tables.h"
#include "validate/schema/words.h"

namespace kubegate::schema {
namespace {

struct ApiVersion {
  std::string_view group, version;
};

ApiVersion split_api_version(std::string_view api_version) {
  const std::size_t slash = api_version.find('/');
  if (slash == std::string_view::npos) return {"", api_version};
  return {api_version.substr(0, slash), api_version.substr(slash + 1)};
}

// Kubernetes' order of API versions: v2 before v1 before v1beta2 before v1beta1 before v1alpha1
// (k8s.io/apimachinery/pkg/version.CompareKubeAwareVersionStrings). Higher is better.
std::uint64_t rank(std::string_view version) {
  if (!version.starts_with('v')) return 0;
  version.remove_prefix(1);
  auto number = [&] {
    std::uint64_t value = 0;
    while (!version.empty() && version.front() >= '0' && version.front() <= '9' && value < 100000) {
      value = value * 10 + static_cast<std::uint64_t>(version.front() - '0');
      version.remove_prefix(1);
    }
    return value;
  };
  const std::uint64_t major = number();
  if (version.empty()) return (std::uint64_t{3} << 48) | major << 24;
  const bool beta = version.starts_with("beta");
  if (!beta && !version.starts_with("alpha")) return 1;
  version.remove_prefix(beta ? 4 : 5);
  return (std::uint64_t{beta ? 2u : 1u} << 48) | major << 24 | number();
}

// "1.28 and 1.29"
std::string list_names(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i != 0) out += i + 1 == names.size() ? " and " : ", ";
    out += names[i];
  }
  return out;
}

const Removed* find_removed(const Table& table, std::string_view api_version, std::string_view kind) {
  for (const Removed& removed : table.removed()) {
    if (table.text(removed.api_version) == api_version && table.text(removed.kind) == kind) return &removed;
  }
  return nullptr;
}

class KindExplainer {
 public:
  KindExplainer(const Catalogue& catalogue, std::vector<const Table*> tables, VersionMask native_versions,
                std::string_view api_version, std::string_view kind, std::vector<Finding>& out)
      : catalogue_(catalogue), tables_(std::move(tables)), builtin_(*tables_.back()), native_versions_(native_versions),
        api_version_(api_version), kind_(kind), out_(out) {}

  void unknown() {
    if (gone_long_ago()) return;
    const ApiVersion asked = split_api_version(api_version_);
    const std::string name = std::string(api_version_) + " " + std::string(kind_);

    // The kind is right and the version is not: the best version of the same group.
    if (const std::string best = best_version(asked.group, kind_); !best.empty()) {
      return report("schema/unknown-kind", "there is no " + name + ": use " + best, "apiVersion");
    }
    // The group and version are right and the kind is not.
    std::vector<std::string_view> kinds, other_kinds;
    std::vector<std::string> elsewhere;
    for_each_kind([&](const Table& table, const KindRecord& kind) {
      const std::string_view group = table.text(kind.group);
      if (table.text(kind.api_version) == api_version_) kinds.push_back(table.text(kind.kind));
      if (group == asked.group) other_kinds.push_back(table.text(kind.kind));
      if (table.text(kind.kind) == kind_ && kind.served != 0) elsewhere.emplace_back(table.text(kind.group));
    });
    // What is wrong is the kind where its API version has others.
    const std::string_view field = kinds.empty() ? "apiVersion" : "kind";
    if (const std::string_view near = nearest_name(kind_, kinds); !near.empty()) {
      return report("schema/unknown-kind",
                    "there is no kind " + quote(kind_) + " in " + std::string(api_version_) + ", did you mean " +
                        quote(near) + "?",
                    "kind");
    }
    if (const std::string_view near = nearest_name(kind_, other_kinds); !near.empty()) {
      return report("schema/unknown-kind",
                    "there is no kind " + quote(kind_) + " in " + std::string(asked.group) + ", did you mean " +
                        best_version(asked.group, near) + " " + std::string(near) + "?",
                    "kind");
    }
    // The kind is known in other groups: the nearest of them.
    std::sort(elsewhere.begin(), elsewhere.end());
    elsewhere.erase(std::unique(elsewhere.begin(), elsewhere.end()), elsewhere.end());
    if (!elsewhere.empty()) {
      std::vector<std::string_view> views(elsewhere.begin(), elsewhere.end());
      const std::string_view near = nearest_name(asked.group, views);
      if (!near.empty() || elsewhere.size() == 1) {
        const std::string group(near.empty() ? views[0] : near);
        return report(
            "schema/unknown-kind",
            "there is no " + name + ", did you mean " + best_version(group, kind_) + " " + std::string(kind_) + "?",
            field);
      }
    }
    report("schema/unknown-kind",
           "no schema for " + name + ": add its CRD with --crd, or allow it with --ignore-missing-schemas", field);
  }

  // A native kind that some target does not serve, or that the release after a target drops.
  void native(const KindRecord& kind) {
    std::vector<std::string> off, early, gone;
    TargetMask off_targets = 0, early_targets = 0, gone_targets = 0;
    const VersionMask known = kind.known;
    const int oldest = std::countr_zero(known), newest = std::bit_width(known) - 1;
    const auto& targets = catalogue_.targets();
    for (std::size_t i = 0; i < targets.size(); ++i) {
      const VersionMask version = VersionMask{1} << targets[i].version;
      const TargetMask bit = TargetMask{1} << i;
      if (kind.served & version) continue;
      if (known & version) {
        off.push_back(targets[i].name);
        off_targets |= bit;
      } else if (static_cast<int>(targets[i].version) < oldest) {
        early.push_back(targets[i].name);
        early_targets |= bit;
      } else {
        gone.push_back(targets[i].name);
        gone_targets |= bit;
      }
    }
    const std::string name = std::string(api_version_) + " " + std::string(kind_);
    const std::string instead = replacement();
    const std::string use = instead.empty() ? "" : ": use " + instead;
    if (gone_targets != 0) {
      report("schema/not-served", std::string(api_version_) + " is gone in " + version_name(newest + 1) + use,
             "apiVersion", gone_targets);
    }
    if (early_targets != 0) {
      report("schema/not-served",
             name + " came with " + version_name(oldest) + ", " + list_names(early) + " " +
                 (early.size() == 1 ? "does" : "do") + " not serve it" + use,
             "apiVersion", early_targets);
    }
    if (off_targets != 0) {
      report("schema/not-served",
             name + " is off by default in " + list_names(off) +
                 (use.empty() ? ": the cluster must switch it on (--runtime-config)" : use),
             "apiVersion", off_targets);
    }
    for (std::size_t i = 0; i < targets.size(); ++i) {
      if (!dropped_next(kind, targets[i].version)) continue;
      report("schema/dropped-next",
             name + " is gone in " + version_name(static_cast<int>(targets[i].version) + 1) + use, "apiVersion",
             TargetMask{1} << i);
      out_.back().severity = Severity::kWarning;
    }
  }

  // A kind of a bundle or of a definition.
  void custom(const Table& table, const KindRecord& kind, const Resolution& resolution) {
    const Unit& unit = table.units()[kind.unit];
    const std::string name = std::string(api_version_) + " " + std::string(kind_);
    const std::string best = replacement();
    const std::string use = best.empty() ? "" : ": use " + best;
    if (resolution.targets == 0) {
      if (resolution.source != Resolution::Source::kBundle) {
        return report("schema/not-served", "its CustomResourceDefinition does not serve " + name + use, "apiVersion");
      }
      return report("schema/not-served",
                    std::string(table.text(unit.project)) + " " + version_names(table, unit, resolution.versions) +
                        " does not serve " + name + use,
                    "apiVersion");
    }
    const VersionMask newest = VersionMask{1} << (unit.version_count - 1);
    if (resolution.source != Resolution::Source::kBundle || (kind.served & newest) != 0 ||
        resolution.versions == newest) {
      return;
    }
    report("schema/outdated-version",
           std::string(table.text(unit.project)) + " " + version_names(table, unit, newest) + " no longer serves " +
               name + " (judged by " + version_names(table, unit, resolution.versions) + ")" + use,
           "apiVersion");
    out_.back().severity = Severity::kWarning;
  }

  // Whether the release after `version`, which is no target itself, drops the kind.
  bool dropped_next(const KindRecord& kind, std::uint32_t version) const {
    const VersionMask now = VersionMask{1} << version, next = now << 1;
    const VersionMask all = (VersionMask{1} << builtin_.units()[0].version_count) - 1;
    return (kind.served & now) && (next & all) && !(kind.known & next) && !(native_versions_ & next);
  }

 private:
  template <class Use>
  void for_each_kind(Use use) const {
    for (const Table* table : tables_) {
      for (const KindRecord& kind : table->kinds().subspan(1)) use(*table, kind);
    }
  }

  void report(std::string_view rule, std::string message, std::string_view field, TargetMask targets = kAllTargets) {
    Finding finding;
    finding.rule = rule;
    finding.message = std::move(message);
    finding.field = field;
    finding.targets = targets & catalogue_.all_targets();
    out_.push_back(std::move(finding));
  }

  bool gone_long_ago() {
    const Removed* removed = find_removed(builtin_, api_version_, kind_);
    if (removed == nullptr) return false;
    std::string message = std::string(api_version_) + " " + std::string(kind_) + " is gone";
    if (const std::string_view since = builtin_.text(removed->removed_in); since != "-") {
      message += " since " + std::string(since);
    }
    if (const std::string_view text = builtin_.text(removed->text); !text.empty()) {
      message += ": use " + std::string(text);
    } else {
      const std::string_view new_kind = builtin_.text(removed->new_kind);
      const std::string_view new_api_version = builtin_.text(removed->new_api_version);
      // What all targets serve, where the fact's answer is too new for some.
      const std::string best = best_version(split_api_version(new_api_version).group, new_kind);
      message += ": use " + (best.empty() ? std::string(new_api_version) : best);
      if (new_kind != kind_) message += " " + std::string(new_kind);
    }
    report("schema/not-served", std::move(message), "apiVersion");
    return true;
  }

  // Whether every target of the run is served by the kind's entry.
  bool serves_all(const Table& table, const KindRecord& kind) const {
    if (&table != &builtin_ || kind.unit != 0) return kind.served != 0;
    return (kind.served & native_versions_) == native_versions_;
  }

  // The best API version of a kind that all targets serve; of a bundle the newest release's. "" when there is none.
  std::string best_version(std::string_view group, std::string_view kind_name) const {
    std::string best;
    std::uint64_t highest = 0;
    for_each_kind([&](const Table& table, const KindRecord& kind) {
      if (table.text(kind.group) != group || table.text(kind.kind) != kind_name || !serves_all(table, kind)) return;
      const int newest = std::bit_width(kind.served);
      const bool current = &table != &builtin_ || kind.unit == 0 ||
                           newest == static_cast<int>(builtin_.units()[kind.unit].version_count);
      const std::uint64_t value = (std::uint64_t{current} << 56) | rank(table.text(kind.version));
      if (value > highest && table.text(kind.api_version) != api_version_) {
        highest = value;
        best = table.text(kind.api_version);
      }
    });
    return best;
  }

  // What to write instead, in a group that stays: "v1beta3".
  std::string replacement() const {
    const ApiVersion asked = split_api_version(api_version_);
    const std::string best = best_version(asked.group, kind_);
    return asked.group.empty() || best.empty() ? best : std::string(split_api_version(best).version);
  }

  std::string version_name(int index) const {
    const Unit& unit = builtin_.units()[0];
    return std::string(builtin_.text(builtin_.texts()[unit.first_version + static_cast<Index>(index)]));
  }

  static std::string version_names(const Table& table, const Unit& unit, VersionMask versions) {
    std::vector<std::string> names;
    for (Index i = 0; i < unit.version_count; ++i) {
      if (versions >> i & 1) names.emplace_back(table.text(table.texts()[unit.first_version + i]));
    }
    return list_names(names);
  }

  const Catalogue& catalogue_;
  const std::vector<const Table*> tables_;  // the built-in one last
  const Table& builtin_;
  const VersionMask native_versions_;
  const std::string_view api_version_, kind_;
  std::vector<Finding>& out_;
};

}  // namespace

bool Catalogue::is_gone(std::string_view api_version, std::string_view kind) const {
  return find_removed(*tables_->builtin, api_version, kind) != nullptr;
}

bool Catalogue::has_remarks(const Resolution& resolution) const {
  const KindRecord& kind = resolution.table->kinds()[resolution.kind];
  if (resolution.targets != all_targets_) return true;
  if (resolution.source == Resolution::Source::kNative) {
    const VersionMask native = tables_->native_versions;
    const VersionMask all = (VersionMask{1} << tables_->builtin->units()[0].version_count) - 1;
    return ((native << 1) & all & ~native & ~kind.known) != 0;
  }
  if (resolution.source != Resolution::Source::kBundle) return false;
  const Unit& unit = resolution.table->units()[kind.unit];
  return (kind.served >> (unit.version_count - 1) & 1) == 0;
}

void Catalogue::explain_kind(std::string_view api_version, std::string_view kind, const Resolution& resolution,
                             std::vector<Finding>& out) const {
  std::vector<const Table*> tables;
  for (const Defined& defined : tables_->defined) tables.push_back(defined.table.get());
  tables.push_back(tables_->builtin);
  KindExplainer explainer(*this, std::move(tables), tables_->native_versions, api_version, kind, out);
  if (resolution.table == nullptr) return explainer.unknown();
  const KindRecord& entry = resolution.table->kinds()[resolution.kind];
  if (resolution.source == Resolution::Source::kNative) return explainer.native(entry);
  explainer.custom(*resolution.table, entry, resolution);
}

}  // namespace kubegate::schema
