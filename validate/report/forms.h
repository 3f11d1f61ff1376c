// The forms of a report, a file each.
#pragma once

#include <string>
#include <vector>

#include "validate/report/report.h"

namespace kubegate::report {

std::unique_ptr<Output> make_json(OutputOptions options, Sink& sink);
std::unique_ptr<Output> make_junit(OutputOptions options, Sink& sink);
std::unique_ptr<Output> make_sarif(OutputOptions options, Sink& sink);
// Workflow commands of GitHub Actions.
std::unique_ptr<Output> make_github(OutputOptions options, Sink& sink);
// A comment on a pull request.
std::unique_ptr<Output> make_markdown(OutputOptions options, Sink& sink);
// A page for a browser.
std::unique_ptr<Output> make_html(OutputOptions options, Sink& sink);
// What `kubegate report merge` reads.
std::unique_ptr<Output> make_part(OutputOptions options, Sink& sink);
// A compiler's lines; with `excerpts` the source line and a caret below each.
std::unique_ptr<Output> make_lines(OutputOptions options, Sink& sink, bool excerpts);

// All findings of a resource by position, each with how it is suppressed, or null.
struct AnyFinding {
  const LocatedFinding* finding;
  const Suppressed* suppressed;
};
std::vector<AnyFinding> all_findings(const Resource& resource);

// "ignored: reason" or "known".
std::string why_suppressed(const Suppressed& suppressed);

// "214 more findings here are counted but not shown".
std::string left_out(const Resource& resource);

}  // namespace kubegate::report
