// From findings inside a document to findings in a file: lines, columns and the source around them.
#pragma once

#include <string>
#include <vector>

#include "validate/base/finding.h"
#include "validate/document/document.h"
#include "validate/report/report.h"

namespace kubegate::run {

// A finding that the document asks to be ignored, and why.
struct Ignored {
  Finding finding;
  std::string reason;
};

// At most this many findings of one document are kept for the report; all are counted.
inline constexpr std::size_t kMaxFindings = 1000;

// Sorts `findings` by position, joins those that say the same of the same bytes for different targets, and appends them
// to `out`, the first kMaxFindings of them. `findings` is left sorted and joined.
void locate(const document::Document& document, std::vector<Finding>& findings,
            std::vector<report::LocatedFinding>& out);

// The same of what is ignored.
void locate(const document::Document& document, std::vector<Ignored>& ignored, std::vector<report::Suppressed>& out);

}  // namespace kubegate::run
