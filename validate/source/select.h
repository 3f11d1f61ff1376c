// Selection: what the paths of a command line mean.
//
// A path is a file, a folder, a glob (for where no shell expanded it) or "-", which is standard input. Folders are
// walked for .yaml, .yml and .json (any case) through symbolic links; what is known by its name to be no manifest is
// left out with the reason. The order is the command line's, and by the bytes of the names inside a folder.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "validate/base/result.h"
#include "validate/source/skip.h"

namespace kubegate::source {

// One thing that the command line selects.
struct Input {
  enum class Kind : std::uint8_t {
    kFile,
    kStandardInput,
    kSkipped,  // not to be read: `reason`
    kFailed,   // cannot be read: `error`
  };

  std::string path;  // as reports show it and open(2) takes it; "stdin" for standard input
  Kind kind = Kind::kFile;
  SkipReason reason = SkipReason::kNoManifest;
  bool once = false;            // can be read but once: standard input, a FIFO, a device
  bool named = false;           // given on the command line itself, so never skipped for what it holds
  bool chart_template = false;  // below templates/ of a Helm chart
  std::string error;            // why it cannot be read, without the path
};

// The inputs in the order of the command line; a path that comes up twice is there once, at its first place.
// `ignore` are RE2 expressions that match anywhere in a path; what they match is skipped. An Error is a malformed
// expression; paths that cannot be read are inputs of kind kFailed.
Result<std::vector<Input>> select(std::span<const std::string> paths, std::span<const std::string> ignore);

}  // namespace kubegate::source
