#include "validate/source/skip.h"

#include <strings.h>

namespace kubegate::source {

Noun noun_of(SkipReason reason) {
  switch (reason) {
    case SkipReason::kChartTemplate: return {"chart template", "chart templates"};
    case SkipReason::kChartFile: return {"chart file", "chart files"};
    case SkipReason::kWorkflow: return {"workflow", "workflows"};
    case SkipReason::kNoManifest: return {"without apiVersion and kind", "without apiVersion and kind"};
    case SkipReason::kConfig: return {"configuration of kubegate", "configurations of kubegate"};
    case SkipReason::kIgnored: return {"ignored by pattern", "ignored by pattern"};
    case SkipReason::kSpecialFile: return {"special file", "special files"};
    case SkipReason::kHiddenFolder: return {"hidden folder", "hidden folders"};
    case SkipReason::kSubmodule: return {"submodule", "submodules"};
    case SkipReason::kLink: return {"link out of the tree", "links out of the tree"};
  }
  return {};
}

bool has_manifest_extension(std::string_view name) {
  for (const std::string_view extension : {".yaml", ".yml", ".json"}) {
    if (name.size() > extension.size() &&
        strncasecmp(name.data() + name.size() - extension.size(), extension.data(), extension.size()) == 0) {
      return true;
    }
  }
  return false;
}

std::optional<SkipReason> reason_to_skip(std::string_view name, const FolderTraits& folder) {
  if (folder.chart && (name == "Chart.yaml" || name.starts_with("values"))) return SkipReason::kChartFile;
  if (name == ".kubegate.yaml" || name == ".kubegate.schema.json") return SkipReason::kConfig;
  if (name == ".gitlab-ci.yml" || name == ".gitlab-ci.yaml" || folder.workflows) return SkipReason::kWorkflow;
  return std::nullopt;
}

bool is_kustomization_name(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  return name == "kustomization.yaml" || name == "kustomization.yml" || name == "Kustomization";
}

}  // namespace kubegate::source
