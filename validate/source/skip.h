// Why something in a walked folder is not read as manifests. Each reason is counted and told: what was not checked is
// never passed over in silence.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace kubegate::source {

enum class SkipReason : std::uint8_t {
  kChartTemplate,  // a Helm template: `{{` below templates/ of a chart
  kChartFile,      // Chart.yaml, and values of a chart
  kWorkflow,       // GitHub and GitLab pipelines
  kNoManifest,     // no document of the file has an apiVersion or a kind
  kConfig,         // .kubegate.yaml
  kIgnored,        // --ignore-filename-pattern
  kSpecialFile,    // a FIFO, a device or a socket
  kHiddenFolder,   // a folder whose name starts with a dot, such as .git
  kSubmodule,      // a repository inside this one
  kLink,           // a symbolic link that leads out of the tree that is judged
};
inline constexpr int kSkipReasons = 9;

struct Noun {
  std::string_view one, many;
};

// What was skipped, as it is counted: "2 kustomizations".
Noun noun_of(SkipReason reason);

// .yaml, .yml and .json, in any case.
bool has_manifest_extension(std::string_view name);

// What of a folder decides about the names in it.
struct FolderTraits {
  bool chart = false;            // there is a Chart.yaml
  bool chart_templates = false;  // it is, or lies in, the templates/ of a chart
  bool workflows = false;        // GitHub's pipelines
};
// Why a file of this name is no manifest; none where its content must tell.
std::optional<SkipReason> reason_to_skip(std::string_view name, const FolderTraits& folder);

// Whether kustomize takes a file of this name for its own: kustomization.yaml, kustomization.yml, Kustomization.
bool is_kustomization_name(std::string_view path);

}  // namespace kubegate::source
