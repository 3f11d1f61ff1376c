// The rule library among the shared material: its suites, and what gator recorded of them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "policy/policy_tool/suite.h"

namespace kubegate::testing {

inline const std::filesystem::path kLibrary =
    std::filesystem::path(KUBEGATE_SHARED_DIR) / "conformance" / "gatekeeper-library";
inline const std::filesystem::path kRecorded =
    std::filesystem::path(KUBEGATE_SHARED_DIR) / "conformance" / "gator-output" / "gatekeeper-library.jsonl";

// All its suites; empty where the material is absent.
inline std::vector<policy_tool::Suite> library_suites() {
  if (!std::filesystem::is_directory(kLibrary)) return {};
  auto suites = policy_tool::read_suites(kLibrary.string() + "/...");
  return suites.ok() ? std::move(*suites) : std::vector<policy_tool::Suite>();
}

}  // namespace kubegate::testing
