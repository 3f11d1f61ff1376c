// Made-up results that the tests of the forms share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "validate/report/report.h"

namespace kubegate::report::testing {

LocatedFinding finding(std::string_view rule, Severity severity, std::string message, std::uint32_t line,
                       std::uint32_t column, Excerpt excerpt, std::string pointer = "", std::string field = "",
                       TargetMask targets = kAllTargets);
Resource resource(std::string_view path, std::string api_version, std::string kind, std::string name,
                  std::uint32_t line, Status status, std::vector<LocatedFinding> findings = {}, std::string note = "");

// One of each that a report can meet, with hostile texts among them; and the summary of such a run by 1.28 and 1.29.
std::vector<Resource> sample_resources();
Summary sample_summary();

// What the form writes about these.
std::string written(Format format, const OutputOptions& options, const std::vector<Resource>& resources,
                    const Summary& summary);

// How often `part` stands in `text`.
std::size_t times(std::string_view text, std::string_view part);

}  // namespace kubegate::report::testing
