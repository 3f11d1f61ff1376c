// Survey: what a shard must know of inputs that others judge.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "validate/base/result.h"
#include "validate/run/files.h"
#include "validate/run/run.h"
#include "validate/schema/catalogue.h"
#include "validate/source/select.h"

namespace kubegate::run {

struct Survey {
  std::vector<source::Input> own;  // what this shard judges, each with its place among all inputs of the run
  std::string digest;              // of all inputs, names and contents
  schema::CrdSet crds;             // that any of them defines
};

// Reads all inputs of a run. Errors: those of source::Selection, and inputs that only one machine has (standard input, a
// pipe).
Result<Survey> survey(const Options& options, const JudgeOf& judge_of);

// The digest of what is at these paths, for telling whether two machines read the same.
std::string digest_of(std::span<const std::string> paths, std::uint64_t limit);

}  // namespace kubegate::run
