// Findings by the object that they are about, on their way to a report.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "policy/gatekeeper/template.h"
#include "policy/policy_tool/objects.h"
#include "validate/report/report.h"

namespace kubegate::policy_tool {

class Findings {
 public:
  void add(gatekeeper::PolicyFinding finding);
  void add(std::vector<gatekeeper::PolicyFinding> findings);

  std::uint64_t errors() const { return errors_; }
  std::uint64_t warnings() const { return warnings_; }

  // Tells of every object, in order, and of documents that could not be read. The findings are used up.
  void tell(const Objects& objects, report::Output& output);

 private:
  using Place = std::pair<const gatekeeper::KeptDocument*, document::NodeIndex>;

  std::map<Place, std::vector<Finding>> findings_;
  std::uint64_t errors_ = 0, warnings_ = 0;
};

// What is said of an object, at its place (policy/gatekeeper/place.h).
gatekeeper::PolicyFinding object_finding(const Object& object, std::string_view rule, Severity severity,
                                         std::string message, document::NodeIndex cause = document::kNoNode);

// "path:line:column: message [rule]".
std::string line_of(const gatekeeper::PolicyFinding& finding);

}  // namespace kubegate::policy_tool
