// What several forms say of a finding: its place, its object, its targets.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "validate/report/report.h"

namespace kubegate::report {

// "error", "warning".
std::string_view name_of_severity(Severity severity);

// The names of the targets for which the finding holds, in the order of the command line.
std::vector<std::string_view> targets_of(const LocatedFinding& finding, const OutputOptions& options);
// "1.29" or "1.28, 1.29" where the finding does not hold for all targets; "" where it does.
std::string limited_to(const LocatedFinding& finding, const OutputOptions& options);

// "Deployment shop/web", "Deployment web", "Deployment"; "" where the kind is unknown.
std::string object_name(const Resource& resource);
// The same for programs: "apps/v1/Deployment/shop/web"; what is unknown is left out.
std::string object_identity(const Resource& resource);

// The messages of all errors, in one line: the resource's note, its errors, how many are not shown.
std::string joined_errors(const Resource& resource);

// Whether the finding is about a place in a file, rather than the file as a whole.
bool has_place(const Resource& resource, const LocatedFinding& finding);
// The column behind what is at fault, counted in characters as LocatedFinding::column is. A finding that spans several
// lines ends, for a report, where its first line does.
std::uint32_t end_column(const LocatedFinding& finding);

// The path as the repository knows it: from OutputOptions::root where it lies below that, absolute otherwise; standard
// input keeps its name.
std::string repository_path(std::string_view path, const OutputOptions& options);

// The folder of a path: "overlays/primary"; "." for what has none.
std::string_view folder_of(std::string_view path);

}  // namespace kubegate::report
