// What a change does to the objects that are deployed: two sides, each what a run would judge, compared set by set.
#pragma once

#include <string>

#include "validate/base/result.h"
#include "validate/report/changes.h"
#include "validate/run/revision.h"
#include "validate/run/run.h"

namespace kubegate::run {

// The commit from which on a change counts: the newest that both `revision` and what `settings` judge descend from.
// Errors: as those of source::Repository.
Result<std::string> base_of(const RevisionSettings& settings, const std::string& revision, const std::string& folder);

// Compares what two runs would judge. A set is an input of one name: an overlay, a source of an Application, a file. In
// it objects are the same that have the group, kind, namespace and name in common. Of each side one set is in memory.
// Errors: paths that cannot be used.
Result<report::Changes> compare(const Options& before, const Options& after);

}  // namespace kubegate::run
