#include "policy/policy_tool/findings.h"

#include "policy/gatekeeper/load.h"
#include "policy/gatekeeper/place.h"
#include "validate/document/position.h"
#include "validate/report/text.h"

namespace kubegate::policy_tool {

using document::NodeIndex;
using gatekeeper::PolicyFinding;

void Findings::add(PolicyFinding finding) {
  ++(finding.finding.severity == Severity::kError ? errors_ : warnings_);
  findings_[{finding.document.get(), finding.object}].push_back(std::move(finding.finding));
}

void Findings::add(std::vector<PolicyFinding> findings) {
  for (PolicyFinding& finding : findings) add(std::move(finding));
}

void Findings::tell(const Objects& objects, report::Output& output) {
  std::vector<Finding> none;
  const auto of = [&](const gatekeeper::KeptDocument& kept, NodeIndex node) -> std::vector<Finding>& {
    const auto found = findings_.find({&kept, node});
    return found == findings_.end() ? none : found->second;
  };
  auto object = objects.objects.begin();
  for (const auto& kept : objects.documents) {
    const bool holds_objects = object != objects.objects.end() && object->document == kept;
    if (auto& findings = of(*kept, 0); !findings.empty() && (!holds_objects || object->node != 0)) {
      report::Resource resource = gatekeeper::to_resource(*kept, 0, {}, findings);
      resource.status = report::Status::kError;
      output.write(resource);
    }
    for (; object != objects.objects.end() && object->document == kept; ++object) {
      output.write(gatekeeper::to_resource(*kept, object->node, object->identity, of(*kept, object->node)));
    }
  }
}

PolicyFinding object_finding(const Object& object, std::string_view rule, Severity severity, std::string message,
                             NodeIndex cause) {
  PolicyFinding out{object.document, object.node, {}};
  out.finding.rule = rule;
  out.finding.severity = severity;
  out.finding.message = std::move(message);
  gatekeeper::place_finding(object.document->document, object.node, cause, out.finding);
  return out;
}

std::string line_of(const PolicyFinding& finding) {
  const document::Position at = document::position_of(finding.document->document, finding.finding.span.begin);
  std::string out;
  report::append_safe(out, finding.document->path);
  out += ":" + std::to_string(at.line) + ":" + std::to_string(at.column) + ": ";
  report::append_safe(out, finding.finding.message);
  return out + " [" + std::string(finding.finding.rule) + "]";
}

}  // namespace kubegate::policy_tool
