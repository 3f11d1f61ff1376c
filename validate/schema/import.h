// Importers: published descriptions → the schema model. Cold; behind `kubegate schemas import` and behind --crd.
//
// Facts only: descriptions, examples and printer columns are dropped.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "validate/base/finding.h"
#include "validate/base/result.h"
#include "validate/document/document.h"
#include "validate/schema/model.h"

namespace kubegate::schema {

// One release's OpenAPI v3 documents (a file a group and version), and what it serves by default.
struct OpenApiRelease {
  std::string version;                    // 1.29
  std::string date;                       // the day of the import
  std::vector<std::string> documents;     // JSON texts
  // "groupVersion kind resource scope" a line, or nothing: then stable versions are served and all alphas are not,
  // nor betas introduced since 1.24 (KEP-3136). `known_betas` of older bundles decide "introduced since".
  std::string served_by_default;
};

// A bundle with the one version of `release`.
Result<Bundle> import_openapi(const OpenApiRelease& release);

// The kinds of one CustomResourceDefinition (an object, apiextensions.k8s.io/v1; v1beta1 is refused with the way out)
// as a bundle with one version. Schemas are taken as they are; whether they are sound is check_crd's (crd.h) to say.
Result<Bundle> import_crd(const document::Document& document, document::NodeIndex crd, std::string_view project,
                          std::string_view version, std::string_view date);

// One bundle from two of the same project with different versions; what they share is stored once. Versions are
// put in the order of their numbers.
Result<Bundle> merge(const Bundle& a, const Bundle& b);

}  // namespace kubegate::schema
