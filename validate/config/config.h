// Settings: what `.kubegate.yaml` and the flags say, each with the place it came from.
//
// There is one table of settings (kKeys). The reader of the file, the flags, `kubegate config show` and the test that
// holds all of them to the published schema (schemas/kubegate.config.schema.json) go by it.
//
// The file is searched upwards from the working folder, up to the top of the repository. Paths in it are relative to the
// file. A flag wins over the file; where the setting is a list, the flag replaces all of it. What a cluster says of
// itself wins over what the file says for all, in the same way.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "validate/base/finding.h"
#include "validate/document/document.h"

namespace kubegate::config {

inline constexpr std::string_view kFileName = ".kubegate.yaml";
inline constexpr std::string_view kApiVersion = "kubegate.dev/v1alpha1";
inline constexpr std::string_view kKind = "Config";

// Where a value comes from.
struct Origin {
  std::string file;  // "": from a flag, or a default
  std::uint32_t line = 0, column = 0;
  std::string flag;   // "--crd"
  Span span = {};     // in the file's document
  std::string field;  // in it: "clusters[0].name"

  // "dir/.kubegate.yaml:3:5", "flag --crd" or "default".
  std::string text() const;
};

struct Value {
  std::string text;  // of a path: from the working folder; otherwise as it was written
  Origin origin;
};

enum class Key : std::uint8_t {
  kKubernetesVersions,
  kCrds,
  kCrdBundles,
  kPolicies,
  kRules,
  kInventory,
  kSkip,
  kReject,
  kExclude,
  kStrict,
  kIgnoreMissingSchemas,
  kAllowEmpty,
  kOutputs,
  kKnownFindings,
  kRenderKustomize,
  kRenderKustomizeArgs,
  kRenderHelm,
  kRenderHelmArgs,
  kCacheFolder,
  kCacheUrl,
  kOverlays,
  kServers,
  kDestinations,
};

enum class Shape : std::uint8_t { kText, kList, kSwitch };

struct KeyInfo {
  Key key;
  std::string_view name;  // in the file; a dot leads into a mapping: "cache.folder"
  std::string_view flag;  // "" where there is none
  Shape shape;
  bool is_path;
  bool of_file, of_cluster;   // where it may be said
  std::string_view fallback;  // what holds when nothing is said, values separated by commas
};
std::span<const KeyInfo> keys();

// What is said; what is not said is not in it.
using Settings = std::map<Key, std::vector<Value>>;

struct Cluster {
  Value name;
  Settings settings;
};

class Config {
 public:
  std::string file;    // from the working folder, as it is shown; "" where there is none
  std::string folder;  // in which it lies; "" is the working folder
  Settings settings;
  std::vector<Cluster> clusters;

  bool says(Key key) const { return settings.count(key) != 0; }
  // What holds: what is said, or the default.
  std::vector<Value> at(Key key) const;
  // The same for a cluster: what it says itself, or what holds for all.
  std::vector<Value> at(Key key, const Cluster& cluster) const;
  std::vector<std::string> texts(Key key) const;
  std::vector<std::string> texts(Key key, const Cluster& cluster) const;
  // The one value of a setting that is no list; "" where there is none.
  std::string text(Key key) const;
  bool on(Key key) const { return text(key) == "true"; }

  // A flag was given: what it says replaces what the file says, for all clusters too.
  void set_by_flag(Key key, const std::vector<std::string>& values);
};

// The nearest file named kFileName in `folder` or above it, up to the top of the repository (a folder that holds .git)
// or the root of the file system, as a path from `folder`: "../.kubegate.yaml". None where there is none.
std::optional<std::string> find_file(const std::filesystem::path& folder);

// What the document, which is `file`, says. What has a wrong type is left out: it is the schema's to tell.
Config read_config(const document::Document& document, const std::string& file);

// A glob on paths as an expression of RE2 that matches the path itself and what lies below it. `*` and `?` stay inside
// one component, `**` does not. `anchored`: from the start of the path; otherwise from the start of any component.
std::string pattern_of(std::string_view glob, bool anchored);

// The published JSON Schema of the file.
std::string_view schema_text();

}  // namespace kubegate::config
