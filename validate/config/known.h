// Known findings: a list, made by `validate --write-known`, of what an old repository is allowed to keep.
//
//   - fingerprint: 5f3a0c1122334455:0      identifies the finding though lines move (validate/report/fingerprint.h)
//     rule: schema/unknown-field           the rest is for people
//     path: overlays/prod/web.yaml         from the top of the repository
//     object: apps/v1/Deployment/shop/web
//     message: unknown field "startegy" in Deployment.spec
//     reason: moves with the next release  may be added by hand; reports show it
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "validate/base/result.h"

namespace kubegate::config {

struct KnownFinding {
  std::string fingerprint, rule, path, object, message, reason;
  std::uint32_t line = 0, column = 0;  // of the entry in its file
};

// The entries of a list: YAML, or JSON where `file` ends in .json. Errors: what cannot be understood, with its place.
Result<std::vector<KnownFinding>> parse_known(std::string_view text, const std::string& file);

// The text of such a list.
std::string print_known(const std::vector<KnownFinding>& entries, const std::string& file);

}  // namespace kubegate::config
