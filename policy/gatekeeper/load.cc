#include "policy/gatekeeper/load.h"

#include <algorithm>

#include "validate/document/position.h"
#include "validate/run/locate.h"
#include "validate/schema/check.h"
#include "validate/source/read.h"
#include "validate/source/select.h"

namespace kubegate::gatekeeper {

Result<Done> read_documents(std::span<const std::string> paths, std::string_view flag, const document::Limits& limits,
                            const std::function<void(const std::shared_ptr<const KeptDocument>&)>& take) {
  using Kind = source::Input::Kind;
  const auto inputs = source::select(paths, {});
  if (!inputs.ok()) return inputs.error();
  source::Buffer buffer;
  for (const source::Input& input : *inputs) {
    const std::string subject = std::string(flag) + " " + input.path;
    if (input.kind == Kind::kFailed) return Error{ErrorCode::kIo, subject, input.error};
    if (input.kind == Kind::kStandardInput) {
      return Error{ErrorCode::kArgument, std::string(flag) + " -", "standard input is for what is to be judged"};
    }
    if (input.kind == Kind::kSkipped) continue;
    const auto content = source::read_file(input.path, limits.file_bytes, buffer);
    if (!content.ok()) return Error{content.error().code, subject, content.error().message};
    for (const auto& document :
         keep_documents(input.path, std::string(*content), document::syntax_of(input.path), limits)) {
      take(document);
    }
  }
  return Done{};
}

Result<Done> load_policies(std::span<const std::string> paths, const document::Limits& limits, PolicySet& set,
                           std::vector<PolicyFinding>& findings) {
  for (const std::string& path : paths) {
    bool found = false;
    const auto read = read_documents(std::span(&path, 1), "--policy", limits, [&](const auto& document) {
      found = set.add(document) || found;
      if (document->document.complete()) return;
      found = true;
      for (const Finding& fault : document->document.faults()) findings.push_back({document, 0, fault});
    });
    if (!read.ok()) return read;
    if (!found) {
      return Error{ErrorCode::kData, "--policy " + path, "there is no ConstraintTemplate and no constraint here"};
    }
  }
  return Done{};
}

report::Resource to_resource(const KeptDocument& kept, document::NodeIndex object,
                             const schema::ObjectIdentity& identity, std::vector<Finding>& findings) {
  report::Resource resource;
  resource.path = kept.path;
  resource.line = kept.document.first_line();
  resource.column = 1;
  resource.api_version = identity.api_version;
  resource.kind = identity.kind;
  resource.namespace_ = identity.namespace_;
  resource.name = identity.name;
  if (!kept.document.empty()) {
    const document::Position position = document::position_of(kept.document, kept.document[object].begin);
    resource.line = position.line;
    resource.column = position.column;
  }
  run::locate(kept.document, findings, resource.findings);
  resource.findings_left_out = findings.size() - resource.findings.size();
  const bool failed = std::any_of(findings.begin(), findings.end(),
                                  [](const Finding& each) { return each.severity == Severity::kError; });
  resource.status = failed ? report::Status::kInvalid : report::Status::kValid;
  return resource;
}

std::vector<report::Resource> to_resources(std::span<const PolicyFinding> findings) {
  struct Group {
    const KeptDocument* document;
    document::NodeIndex object;
    std::vector<Finding> findings;
  };
  std::vector<Group> groups;
  for (const PolicyFinding& each : findings) {
    auto group = std::find_if(groups.begin(), groups.end(), [&](const Group& candidate) {
      return candidate.document == each.document.get() && candidate.object == each.object;
    });
    if (group == groups.end()) group = groups.insert(group, {each.document.get(), each.object, {}});
    group->findings.push_back(each.finding);
  }
  std::vector<report::Resource> resources;
  for (Group& group : groups) {
    const document::Document& document = group.document->document;
    const auto identity = document.empty() ? schema::ObjectIdentity() : schema::identity_of(document, group.object);
    resources.push_back(to_resource(*group.document, group.object, identity, group.findings));
  }
  return resources;
}

}  // namespace kubegate::gatekeeper
