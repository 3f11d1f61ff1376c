// From the schema model to the table that the checker walks. Cold: at build time for schemas/, at run time for CRDs.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "validate/base/result.h"
#include "validate/schema/model.h"

namespace kubegate::schema {

// Where the API server is laxer than its own OpenAPI says (schemas/kubernetes.lax; its head tells what a line means).
struct Laxity {
  enum class Effect : std::uint8_t {
    kOptional,  // the required field may be absent
    kWarn,      // what is missing below the field is a warning
  };
  Effect effect = Effect::kOptional;
  std::string type;      // name of the type in the bundle
  std::string field;     // "*" is every required field
  std::string versions;  // "1.28", "1.28..1.34", "..1.34"; "" is all
};

// schemas/kubernetes.removed, a line each; see there.
struct RemovedEntry {
  std::string api_version, kind, removed_in, new_api_version, new_kind, text;
};

Result<std::vector<Laxity>> parse_laxities(std::string_view text, std::string_view name);
Result<std::vector<RemovedEntry>> parse_removed(std::string_view text, std::string_view name);

// The memory of a Table (table.h) that holds all of `bundles`. Errors: a reference to a type that is not there, more
// than 65,534 properties in one object.
Result<std::vector<std::uint64_t>> compile_table(std::span<const Bundle> bundles, std::span<const Laxity> laxities,
                                                 std::span<const RemovedEntry> removed);

}  // namespace kubegate::schema
