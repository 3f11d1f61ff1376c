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

// A file's name, for error messages, and its content.
struct NamedText {
  std::string name;
  std::string text;
};

// One release's OpenAPI v3 documents (a file a group and version), and what it serves by default.
struct OpenApiRelease {
  std::string version;               // 1.29
  std::string date;                  // the day of the import
  std::vector<NamedText> documents;  // JSON
  // "groupVersion kind resource scope" a line, or nothing. Without it stable versions are served, alphas are not, and
  // betas are where the newest release of `neighbours` below this one serves them: new betas have been off by default
  // since 1.24 (KEP-3136), so what is on is what stayed on.
  std::string served_by_default;
  const Bundle* neighbours = nullptr;  // may be null: all betas off
};

// A bundle with the one version of `release`: the kinds that can be created (a POST to a collection of their own), and
// the types that these reach.
Result<Bundle> import_openapi(const OpenApiRelease& release);

// The kinds of one CustomResourceDefinition (an object, apiextensions.k8s.io/v1; v1beta1 is refused with the way out)
// as a bundle with one version. Schemas are taken as they are; whether they are sound is check_crd's (crd.h) to say.
Result<Bundle> import_crd(const document::Document& document, document::NodeIndex crd, std::string_view project,
                          std::string_view version, std::string_view date);

// The OpenAPI v3 schema at `schema`, in CRD's dialect, as a node with one variant for version 0. False when it is
// nested too deep.
bool import_schema(const document::Document& document, document::NodeIndex schema, SchemaNode& node);

// The constraint kind that a Gatekeeper ConstraintTemplate declares, as a bundle with one version: Gatekeeper makes a
// CRD of it when the template is created (frameworks' crd helpers, CreateCRD).
Result<Bundle> import_constraint_template(const document::Document& document, document::NodeIndex constraint_template);

// One bundle from two of the same project with different versions; what they share is stored once. Versions are
// put in the order of compare_versions.
Result<Bundle> merge(const Bundle& a, const Bundle& b);

// The order of a project's versions, below, equal to or above zero: runs of digits compare as numbers, and a
// pre-release ("v1.0.0-rc.1") comes before its release.
int compare_versions(std::string_view a, std::string_view b);

}  // namespace kubegate::schema
