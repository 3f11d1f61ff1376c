#include "validate/source/skip.h"

namespace kubegate::source {

Noun noun_of(SkipReason reason) {
  switch (reason) {
    case SkipReason::kKustomization: return {"kustomization", "kustomizations"};
    case SkipReason::kChartTemplate: return {"chart template", "chart templates"};
    case SkipReason::kChartFile: return {"chart file", "chart files"};
    case SkipReason::kWorkflow: return {"workflow", "workflows"};
    case SkipReason::kNoManifest: return {"without apiVersion and kind", "without apiVersion and kind"};
    case SkipReason::kConfig: return {"configuration of kubegate", "configurations of kubegate"};
    case SkipReason::kIgnored: return {"ignored by pattern", "ignored by pattern"};
    case SkipReason::kSpecialFile: return {"special file", "special files"};
    case SkipReason::kHiddenFolder: return {"hidden folder", "hidden folders"};
  }
  return {};
}

bool is_kustomization_name(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  return name == "kustomization.yaml" || name == "kustomization.yml" || name == "Kustomization";
}

}  // namespace kubegate::source
