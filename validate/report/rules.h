// The pages of rules: what each rule says, why, an example, and how to mend. `kubegate rules`, SARIF and the tables of
// other forms read the same text.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "validate/base/finding.h"
#include "validate/base/result.h"

namespace kubegate::report {

// One page. Views into the text that it was read from; of the built-in pages these live as long as the process.
//
// A page is a file rules/<family>/<name>.md of this form:
//
//   # schema/unknown-field
//   level: error
//   tags: schema, fields
//   link: https://kubernetes.io/…
//
//   One line: what is wrong.
//
//   Markdown: paragraphs, then the sections "## Why", "## Example" and "## How to mend".
struct RulePage {
  std::string_view id;
  Severity severity = Severity::kError;  // what the rule mostly is; some findings of it may be warnings
  std::vector<std::string_view> tags;
  std::string_view link;     // where Kubernetes itself tells more
  std::string_view summary;  // one line, ends with a full stop
  std::string_view body;     // Markdown, behind the summary
};

// What stands under "## heading" of a page, up to the next heading, without blank lines around it; "" is none.
std::string_view section_of(const RulePage& page, std::string_view heading);

// A page from its text, or what is wrong with that.
Result<RulePage> parse_rule_page(std::string_view text);

// The built-in pages, by id.
std::span<const RulePage> rule_pages();

// The page of a rule; null where there is none, as for policies, which their templates describe.
const RulePage* find_rule_page(std::string_view id);

}  // namespace kubegate::report
