// Shards: one run on several machines. Each judges some of the sets, all of them together judge everything once, and
// `kubegate report merge` joins what they tell.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "validate/base/result.h"
#include "validate/report/report.h"

namespace kubegate::run {

inline constexpr std::uint32_t kMostShards = report::kMostParts;

struct Shard {
  std::uint32_t index = 1;  // from 1
  std::uint32_t count = 1;
};

// "2/7". "job/7" is one more than `job_index`, the environment's JOB_COMPLETION_INDEX (from 0; null where there is none)
// of a pod of a Kubernetes Indexed Job.
Result<Shard> parse_shard(std::string_view text, const char* job_index);

// The shard of each of `paths`, from 1. It depends on which paths there are, as they are called from `folder` (absolute),
// and on nothing else: neither their order nor the machine. No shard gets more than one path more than another, and a
// path that comes or goes moves few others.
std::vector<std::uint32_t> share_out(std::span<const std::string> paths, std::uint32_t shards,
                                     std::string_view folder);

}  // namespace kubegate::run
