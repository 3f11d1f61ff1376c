#include "policy/policy_tool/findings.h"

#include "validate/document/path.h"
#include "validate/document/position.h"
#include "validate/report/text.h"
#include "validate/run/locate.h"

namespace kubegate::policy_tool {

using document::NodeIndex;
using gatekeeper::PolicyFinding;

namespace {

report::Resource resource_at(const gatekeeper::KeptDocument& kept, NodeIndex node) {
  report::Resource resource;
  resource.path = kept.path;
  if (kept.document.empty()) {
    resource.line = kept.document.first_line();
    resource.column = 1;
    return resource;
  }
  const document::Position place = document::position_of(kept.document, kept.document[node].begin);
  resource.line = place.line;
  resource.column = place.column;
  return resource;
}

// Puts the findings where the report wants them.
void put(const gatekeeper::KeptDocument& kept, std::vector<Finding>& findings, report::Resource& resource) {
  run::locate(kept.document, findings, resource.findings);
  resource.findings_left_out = findings.size() - resource.findings.size();
}

}  // namespace

void Findings::add(PolicyFinding finding) {
  ++(finding.finding.severity == Severity::kError ? errors_ : warnings_);
  findings_[{finding.document.get(), finding.object}].push_back(std::move(finding.finding));
}

void Findings::add(std::vector<PolicyFinding> findings) {
  for (PolicyFinding& finding : findings) add(std::move(finding));
}

void Findings::tell(const Objects& objects, report::Output& output) {
  auto object = objects.objects.begin();
  for (const auto& kept : objects.documents) {
    const bool holds_objects = object != objects.objects.end() && object->document == kept;
    if (const auto found = findings_.find({kept.get(), 0});
        found != findings_.end() && (!holds_objects || object->node != 0)) {
      report::Resource resource = resource_at(*kept, 0);
      resource.status = report::Status::kError;
      put(*kept, found->second, resource);
      output.write(resource);
    }
    for (; object != objects.objects.end() && object->document == kept; ++object) {
      report::Resource resource = resource_at(*kept, object->node);
      resource.api_version = object->identity.api_version;
      resource.kind = object->identity.kind;
      resource.namespace_ = object->identity.namespace_;
      resource.name = object->identity.name;
      if (const auto found = findings_.find({kept.get(), object->node}); found != findings_.end()) {
        for (const Finding& finding : found->second) {
          if (finding.severity == Severity::kError) resource.status = report::Status::kInvalid;
        }
        put(*kept, found->second, resource);
      }
      output.write(resource);
    }
  }
}

PolicyFinding object_finding(const Object& object, std::string_view rule, Severity severity, std::string message) {
  const document::Document& document = object.document->document;
  NodeIndex at = document.find(object.node, "metadata");
  if (at != document::kNoNode) at = document.find(at, "name");
  if (at == document::kNoNode) at = document.find(object.node, "kind");
  PolicyFinding out{object.document, object.node, {}};
  out.finding.rule = rule;
  out.finding.severity = severity;
  out.finding.message = std::move(message);
  out.finding.span = document[at == document::kNoNode ? object.node : at].span();
  out.finding.pointer = document::pointer_to(document, object.node);
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
