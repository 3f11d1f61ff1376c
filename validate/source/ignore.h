// The expressions of --ignore-filename-pattern.
#pragma once

#include <re2/re2.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "validate/base/result.h"

namespace kubegate::source {

// Errors: kArgument, an expression that is malformed.
Result<std::vector<std::unique_ptr<RE2>>> compile_ignore(std::span<const std::string> patterns);

}  // namespace kubegate::source
