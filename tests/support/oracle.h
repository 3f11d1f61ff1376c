// Verdicts recorded from real API servers, as tests read them: the base objects, a JSON Patch on top, the answers.
// See the README beside the recordings for what a line holds.
#pragma once

#include <rapidjson/document.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "validate/document/document.h"

namespace kubegate::testing {

// The folder with material for building and testing; empty when it is not there.
std::string shared_folder();

// The whole of a file; the test fails when it cannot be read.
std::string read_file(const std::string& path);

// What one server version answered.
struct Verdict {
  int code = 0;  // 201, 400, 404, 422
  std::string reason;
  std::string message;
  std::vector<std::string> fields;  // "" where the message names none
  struct Cause {
    std::string reason, field, message;
  };
  std::vector<Cause> causes;
};

struct OracleCase {
  std::string id, base, kind, category;     // kind: "apps/v1/Deployment"
  std::string object;                       // JSON text: the base with the patch applied
  std::map<std::string, Verdict> verdicts;  // by version: "1.28", "1.29", "1.35"
};

// All lines of create.jsonl. Empty when the recordings are not there.
const std::vector<OracleCase>& oracle_create();

// A document as a JSON value.
rapidjson::Value to_json(const document::Document& document, document::NodeIndex node,
                         rapidjson::Document::AllocatorType& allocator);

// Whether a finding at `ours` is at the field that a server named `theirs`: equal, or equal without list indexes where
// theirs has none, or below it where theirs is the parent (a decoder that names a whole map).
bool same_field(std::string_view ours, std::string_view theirs);

}  // namespace kubegate::testing
