// The CRDs that --crd names.
#pragma once

#include <span>
#include <string>

#include "validate/base/digest.h"
#include "validate/base/result.h"
#include "validate/document/document.h"
#include "validate/schema/catalogue.h"

namespace kubegate::run {

// Reads files and folders in the order given. Errors: what cannot be read or understood, and a path without any
// definition, since a typing error there would otherwise show as unknown kinds everywhere.
// `digest` takes what was read.
Result<schema::CrdSet> load_crds(std::span<const std::string> paths, const document::Limits& limits, Digester& digest);

}  // namespace kubegate::run
