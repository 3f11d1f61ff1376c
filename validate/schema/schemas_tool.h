// The work of `kubegate schemas import`, without its files: the text of a bundle and what is published go in, the
// text of the bundle with one more version comes out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "validate/base/result.h"
#include "validate/schema/import.h"

namespace kubegate::schema {

// `into` (the text of a bundle, or "" for none yet, called `name` in errors) with `release` added. The bundle itself
// serves as `release.neighbours`. A version that the bundle holds already is an error.
Result<std::string> add_openapi(std::string_view into, std::string_view name, OpenApiRelease release);

// One version of a project that publishes CustomResourceDefinitions.
struct CrdRelease {
  std::string project;           // karpenter
  std::string version;           // v1.0.11
  std::string date;              // the day of the import
  std::vector<NamedText> files;  // YAML or JSON, by their names; objects other than definitions are passed over
};

// `into` with `release` added, as above. Errors: a file with a fault, no definition at all, one kind defined twice.
Result<std::string> add_crds(std::string_view into, std::string_view name, const CrdRelease& release);

}  // namespace kubegate::schema
