// The work of `kubegate schemas import`, without its files: the text of a bundle and what is published go in, the
// text of the bundle with one more version comes out.
#pragma once

#include <string>
#include <string_view>

#include "validate/base/result.h"
#include "validate/schema/import.h"

namespace kubegate::schema {

// `into` (the text of a bundle, or "" for none yet, called `name` in errors) with `release` added. The bundle itself
// serves as `release.neighbours`. A version that the bundle holds already is an error.
Result<std::string> add_openapi(std::string_view into, std::string_view name, OpenApiRelease release);

}  // namespace kubegate::schema
