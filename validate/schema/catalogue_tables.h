// What a catalogue holds: private to catalogue.cc and explain_kind.cc.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_set>
#include <vector>

#include "validate/schema/catalogue.h"
#include "validate/schema/table.h"

namespace kubegate::schema {

// Definitions of one source, compiled.
struct Catalogue::Defined {
  static Result<Defined> make(const std::vector<Bundle>& bundles, Resolution::Source source);
  // Whether the source defines the kind in any version. By hash: a false "yes" only withholds a built-in schema.
  bool defines(std::string_view group, std::string_view kind) const;

  Resolution::Source source = Resolution::Source::kGiven;
  std::vector<std::uint64_t> memory;
  std::unique_ptr<Table> table;
  std::unordered_set<std::uint64_t> kinds;
};

struct Catalogue::Tables {
  const Table* builtin = nullptr;
  VersionMask native_versions = 0;  // of the built-in Kubernetes bundle: the run's targets
  std::vector<int> pins;            // beside builtin->units(): the pinned version, -1 for none
  std::vector<Defined> defined;     // given before found
};

}  // namespace kubegate::schema
