// Looking up the schema of an object. The built-in table is part of the binary (schemas/bundles.cmake compiles it);
// CRDs of the user and of the input are tables made at run time from the same model.

#include "validate/schema/catalogue.h"

#include <algorithm>
#include <bit>
#include <unordered_set>

#include "validate/base/hash.h"
#include "validate/schema/builtin.h"
#include "validate/schema/catalogue_tables.h"
#include "validate/schema/compile.h"
#include "validate/schema/import.h"
#include "validate/schema/table.h"

namespace kubegate::schema {

const Table& builtin_table() {
  static const Table table(kubegate_builtin_begin,
                           static_cast<std::size_t>(kubegate_builtin_end - kubegate_builtin_begin));
  return table;
}

namespace {

// The unit of Kubernetes itself stands first.
const Unit& kubernetes() { return builtin_table().units()[0]; }

std::vector<std::string_view> texts(const Table& table, Index first, Index count) {
  std::vector<std::string_view> out;
  for (Index i = 0; i < count; ++i) out.push_back(table.text(table.texts()[first + i]));
  return out;
}

std::string joined(const std::vector<std::string_view>& names) {
  std::string out;
  for (std::string_view name : names) out += (out.empty() ? "" : ", ") + std::string(name);
  return out;
}

// "v1.29.3" → "1.29"; "" when it is no version.
std::string minor_of(std::string_view name) {
  if (name.starts_with('v')) name.remove_prefix(1);
  std::size_t parts = 0;
  std::string minor;
  while (parts < 3 && !name.empty()) {
    const std::string_view part = name.substr(0, name.find('.'));
    if (part.empty() || !std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; })) return {};
    if (parts < 2) minor += (parts == 0 ? "" : ".") + std::string(part);
    name.remove_prefix(part.size());
    ++parts;
    if (name.empty()) break;
    name.remove_prefix(1);
    if (name.empty()) return {};
  }
  return parts >= 2 && name.empty() ? minor : std::string();
}

std::uint64_t group_kind_hash(std::string_view group, std::string_view kind) {
  return std::uint64_t{hash_key(group)} << 32 | hash_key(kind);
}

}  // namespace

Result<std::vector<Target>> parse_targets(std::span<const std::string> names) {
  const std::vector<std::string_view> known =
      texts(builtin_table(), kubernetes().first_version, kubernetes().version_count);
  std::vector<Target> targets;
  for (const std::string& name : names) {
    const std::string minor = name == "master" ? std::string(known.back()) : minor_of(name);
    const auto at = std::find(known.begin(), known.end(), minor);
    if (at == known.end()) {
      return Error{ErrorCode::kArgument, "--kubernetes-version " + name,
                   (minor.empty() ? "this is no Kubernetes version; " : "this version is not built in; ") +
                       ("known are " + joined(known) + " and master")};
    }
    const auto version = static_cast<std::uint32_t>(at - known.begin());
    const bool repeated =
        std::any_of(targets.begin(), targets.end(), [&](const Target& t) { return t.version == version; });
    if (!repeated) targets.push_back({std::string(*at), version});
  }
  std::sort(targets.begin(), targets.end(), [](const Target& a, const Target& b) { return a.version < b.version; });
  return targets;
}

std::vector<BundleInfo> built_in_bundles() {
  const Table& table = builtin_table();
  std::vector<BundleInfo> bundles;
  for (const Unit& unit : table.units()) {
    bundles.push_back({table.text(unit.project), texts(table, unit.first_version, unit.version_count),
                       texts(table, unit.first_date, unit.version_count)});
  }
  return bundles;
}

// ---- Definitions of the user ---------------------------------------------------------------------------------------

namespace {

std::string_view text_at(const document::Document& document, document::NodeIndex map, std::string_view key) {
  const document::NodeIndex value = document.find(map, key);
  if (value == document::kNoNode || document[value].kind != document::Kind::kString) return {};
  return document.text(value);
}

}  // namespace

bool CrdSet::defines_kinds(std::string_view api_version, std::string_view kind) {
  return (kind == "CustomResourceDefinition" && api_version.starts_with("apiextensions.k8s.io/")) ||
         (kind == "ConstraintTemplate" && api_version.starts_with("templates.gatekeeper.sh/"));
}

void CrdSet::add(const document::Document& document, document::NodeIndex object) {
  Result<Bundle> bundle = text_at(document, object, "kind") == "ConstraintTemplate"
                              ? import_constraint_template(document, object)
                              : import_crd(document, object, "", "given", "");
  if (bundle.ok()) bundles_.push_back(std::move(*bundle));
}

void CrdSet::append(CrdSet other) {
  bundles_.insert(bundles_.end(), std::make_move_iterator(other.bundles_.begin()),
                  std::make_move_iterator(other.bundles_.end()));
}

bool CrdSet::defines(std::string_view group, std::string_view kind) const {
  return std::any_of(bundles_.begin(), bundles_.end(), [&](const Bundle& bundle) {
    return std::any_of(bundle.kinds.begin(), bundle.kinds.end(),
                       [&](const KindEntry& entry) { return entry.group == group && entry.kind == kind; });
  });
}

Result<Catalogue::Defined> Catalogue::Defined::make(const std::vector<Bundle>& bundles, Resolution::Source source) {
  // Of two definitions of one kind the later one counts; find_kind finds the first.
  const std::vector<Bundle> latest_first(bundles.rbegin(), bundles.rend());
  Result<std::vector<std::uint64_t>> memory = compile_table(latest_first, {}, {});
  if (!memory.ok()) return memory.error();
  Defined defined;
  defined.source = source;
  defined.memory = std::move(*memory);
  defined.table = std::make_unique<Table>(defined.memory.data(), defined.memory.size() * sizeof(std::uint64_t));
  for (const Bundle& bundle : bundles) {
    for (const KindEntry& entry : bundle.kinds) {
      defined.kinds.insert(group_kind_hash(entry.group, entry.kind));
    }
  }
  return defined;
}

bool Catalogue::Defined::defines(std::string_view group, std::string_view kind) const {
  return kinds.contains(group_kind_hash(group, kind));
}

// ---- The catalogue ------------------------------------------------------------------------------------------------

Catalogue::~Catalogue() = default;

Result<std::shared_ptr<const Catalogue>> Catalogue::make(CatalogueOptions options, const CrdSet* given,
                                                         const CrdSet* found) {
  std::shared_ptr<Catalogue> made(new Catalogue);
  made->options_ = std::move(options);
  made->tables_ = std::make_unique<Tables>();
  Tables& tables = *made->tables_;
  const Table& builtin = builtin_table();
  tables.builtin = &builtin;

  if (made->options_.targets.empty() || made->options_.targets.size() > kMaxTargets) {
    return Error{ErrorCode::kArgument, "--kubernetes-version", "a run needs between 1 and 32 versions"};
  }
  made->all_targets_ = static_cast<TargetMask>((std::uint64_t{1} << made->options_.targets.size()) - 1);
  for (const Target& target : made->options_.targets) tables.native_versions |= VersionMask{1} << target.version;

  tables.pins.assign(builtin.units().size(), -1);
  for (const std::string& pin : made->options_.crd_bundles) {
    const std::size_t at = pin.find('@');
    const std::string_view project = std::string_view(pin).substr(0, at);
    const std::string_view wanted = at == std::string::npos ? std::string_view() : std::string_view(pin).substr(at + 1);
    std::vector<std::string_view> projects;
    bool found_project = false;
    for (std::size_t i = 1; i < builtin.units().size(); ++i) {
      const Unit& unit = builtin.units()[i];
      projects.push_back(builtin.text(unit.project));
      if (projects.back() != project) continue;
      found_project = true;
      const std::vector<std::string_view> versions = texts(builtin, unit.first_version, unit.version_count);
      const int version = find_pinned(versions, wanted);
      if (version < 0) {
        return Error{ErrorCode::kArgument, "--crd-bundle " + pin,
                     "give one version of " + std::string(project) + ": " + joined(versions)};
      }
      tables.pins[i] = version;
    }
    if (!found_project) {
      return Error{ErrorCode::kArgument, "--crd-bundle " + pin, "no such bundle; known are " + joined(projects)};
    }
  }

  const std::pair<const CrdSet*, Resolution::Source> sources[] = {{given, Resolution::Source::kGiven},
                                                                  {found, Resolution::Source::kInput}};
  for (const auto& [set, source] : sources) {
    if (set == nullptr || set->empty()) continue;
    Result<Defined> defined = Defined::make(set->bundles_, source);
    if (!defined.ok()) return defined.error();
    tables.defined.push_back(std::move(*defined));
  }
  return std::shared_ptr<const Catalogue>(std::move(made));
}

// "v0.9.20" is pinned by itself, without its v, and by a prefix that ends at a dot ("0.9"); of several the newest.
int Catalogue::find_pinned(const std::vector<std::string_view>& versions, std::string_view wanted) {
  auto bare = [](std::string_view version) {
    const std::size_t digit = version.find_first_of("0123456789");
    return digit == std::string_view::npos ? version : version.substr(digit);
  };
  if (wanted.empty()) return -1;
  for (int i = static_cast<int>(versions.size()) - 1; i >= 0; --i) {
    const std::string_view version = versions[static_cast<std::size_t>(i)];
    if (version == wanted) return i;
    const std::string_view number = bare(version), asked = bare(wanted);
    if (number == asked) return i;
    if (number.starts_with(asked) && number[asked.size()] == '.') return i;
  }
  return -1;
}

Resolution Catalogue::resolve(std::string_view api_version, std::string_view kind) const {
  const Tables& tables = *tables_;
  for (const Defined& defined : tables.defined) {
    if (const Index index = defined.table->find_kind(api_version, kind)) {
      const KindRecord& entry = defined.table->kinds()[index];
      Resolution resolution{defined.source, defined.table.get(), entry.shape, index, entry.known, all_targets_};
      if ((entry.served & entry.known) == 0) resolution.targets = 0;
      return resolution;
    }
  }
  const Index index = tables.builtin->find_kind(api_version, kind);
  if (index == 0) return {};
  const KindRecord& entry = tables.builtin->kinds()[index];
  Resolution resolution;
  resolution.table = tables.builtin;
  resolution.shape = entry.shape;
  resolution.kind = index;
  if (entry.unit == 0) {
    resolution.source = Resolution::Source::kNative;
    resolution.versions = entry.known & tables.native_versions;
    resolution.targets = native_targets(entry.served);
    return resolution;
  }
  for (const Defined& defined : tables.defined) {
    if (defined.defines(tables.builtin->text(entry.group), kind)) return {};
  }
  resolution.source = Resolution::Source::kBundle;
  const int pin = tables.pins[entry.unit];
  if (pin >= 0) {
    resolution.versions = entry.known & VersionMask{1} << pin;
    resolution.targets = (entry.served & resolution.versions) != 0 ? all_targets_ : 0;
  } else {
    const VersionMask serving = entry.served != 0 ? entry.served : entry.known;
    resolution.versions = std::bit_floor(serving);
    resolution.targets = entry.served != 0 ? all_targets_ : 0;
  }
  return resolution;
}

TargetMask Catalogue::native_targets(VersionMask versions) const {
  TargetMask targets = 0;
  for (std::size_t i = 0; i < options_.targets.size(); ++i) {
    if (versions >> options_.targets[i].version & 1) targets |= TargetMask{1} << i;
  }
  return targets;
}

TargetMask Catalogue::to_targets(const Resolution& resolution, VersionMask versions) const {
  if (resolution.source == Resolution::Source::kNative) return native_targets(versions);
  return versions != 0 ? all_targets_ : 0;
}

Resolution Catalogue::object_meta() const {
  const Tables& tables = *tables_;
  // Every native kind has one; ConfigMap is in all versions.
  static const Index shape = [&] {
    const Table& table = *tables.builtin;
    const KindRecord& config_map = table.kinds()[table.find_kind("v1", "ConfigMap")];
    const Object& object = table.objects()[table.shapes()[config_map.shape].object];
    return table.find_property(object, hash_key("metadata"), "metadata")->shape;
  }();
  return {Resolution::Source::kNative, tables.builtin, shape, 0, tables.native_versions, all_targets_};
}

}  // namespace kubegate::schema
