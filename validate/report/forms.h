// The forms of a report, a file each.
#pragma once

#include "validate/report/report.h"

namespace kubegate::report {

std::unique_ptr<Output> make_json(OutputOptions options, Sink& sink);
// A compiler's lines; with `excerpts` the source line and a caret below each.
std::unique_ptr<Output> make_lines(OutputOptions options, Sink& sink, bool excerpts);

// "214 more findings here are counted but not shown".
std::string left_out(const Resource& resource);

}  // namespace kubegate::report
