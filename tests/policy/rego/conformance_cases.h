// OPA's conformance cases, as the shared material has them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "policy/rego/ast.h"
#include "validate/document/document.h"

namespace kubegate::testing {

// One case. The nodes lie in `document`.
struct ConformanceCase {
  std::string file;    // "v1/strings/test-strings.yaml"
  std::string folder;  // "v1/strings"
  rego::RegoVersion version;
  std::string note;
  std::string query;
  std::vector<std::string> modules;
  std::shared_ptr<const document::Document> document;
  document::NodeIndex data = document::kNoNode;
  document::NodeIndex input = document::kNoNode;
  std::string input_term;  // Rego text; "" when absent
  document::NodeIndex want_result = document::kNoNode;
  bool sort_bindings = false;
  bool strict_error = false;
  bool ignore_generated_vars = false;
  std::string want_error_code, want_error;  // "" when absent
};

// All cases by file, in the order of the files. Empty when the material is not there.
const std::vector<ConformanceCase>& conformance_cases();

// Why a case cannot pass here, or "" : what is left out by decision (built-ins of plugins, network, …).
std::string left_out(const ConformanceCase& test);

}  // namespace kubegate::testing
