// Policies from files and folders.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "policy/gatekeeper/policies.h"
#include "validate/base/result.h"
#include "validate/document/document.h"
#include "validate/report/report.h"

namespace kubegate::gatekeeper {

// Calls `take` with each document of the files below `paths`, in the order of the command line and, inside a folder, of
// the names. `flag` is what errors call the paths by: "--policy". Errors: what cannot be read.
Result<Done> read_documents(std::span<const std::string> paths, std::string_view flag, const document::Limits& limits,
                            const std::function<void(const std::shared_ptr<const KeptDocument>&)>& take);

// Adds the policies below `paths` to `set`; documents that cannot be read to their end are `findings`. Errors: as above,
// and a path without any policy, since a typing error there would let everything pass.
Result<Done> load_policies(std::span<const std::string> paths, const document::Limits& limits, PolicySet& set,
                           std::vector<PolicyFinding>& findings);

// An object as the report tells it, with what was found about it; `findings` is left sorted. The resource views the path.
report::Resource to_resource(const KeptDocument& kept, document::NodeIndex object,
                             const schema::ObjectIdentity& identity, std::vector<Finding>& findings);

// Findings in policy documents as the report tells them, an object a resource, in the order of the findings. The
// resources view the paths of the documents.
std::vector<report::Resource> to_resources(std::span<const PolicyFinding> findings);

}  // namespace kubegate::gatekeeper
