#include "policy/policy_tool/namespaces.h"

#include "validate/apiserver/metadata.h"

namespace kubegate::policy_tool {

using gatekeeper::Subject;
using policy::Value;

Namespaces::Namespaces(Rule rule, std::shared_ptr<const schema::Catalogue> catalogue)
    : rule_(rule), catalogue_(std::move(catalogue)) {
  const std::string_view text =
      rule == Rule::kTest
          ? R"({"apiVersion":"v1","kind":"Namespace","metadata":{"labels":{"kubernetes.io/metadata.name":"default"},)"
            R"("name":"default"}})"
          : R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"default"}})";
  std::string error;
  policy::parse_json(arena_, text, default_, error);
}

void Namespaces::add(const Object& object) {
  if (object.identity.kind == "Namespace" && object.identity.api_version == "v1") {
    known_.insert_or_assign(std::string(object.identity.name), object);
  }
}

Value Namespaces::named(std::string_view name) const {
  const auto found = known_.find(name);
  if (found != known_.end()) return found->second.document->value(found->second.node);
  return name == "default" && rule_ != Rule::kVerify ? default_ : Value();
}

void Namespaces::place(gatekeeper::Review& review) const {
  const Subject& subject = review.object;
  if (!subject.name_space.empty()) {
    review.name_space = named(subject.name_space);
  } else if (rule_ == Rule::kGatorTest) {
    review.name_space = Value::empty_object();
  }
  if (catalogue_ == nullptr) return;
  std::string api_version(subject.group);
  if (!api_version.empty()) api_version += '/';
  api_version += subject.version;
  const schema::Resolution resolution = catalogue_->resolve(api_version, subject.kind);
  if (resolution.table != nullptr) review.namespaced = !apiserver::metadata_rules(resolution).cluster_scoped;
}

std::shared_ptr<const schema::Catalogue> catalogue_of(const Objects& objects) {
  schema::CrdSet found;
  for (const Object& object : objects.objects) {
    if (schema::CrdSet::defines_kinds(object.identity.api_version, object.identity.kind)) {
      found.add(object.document->document, object.node);
    }
  }
  static const std::vector<schema::Target> kNewest = *schema::parse_targets(std::vector<std::string>{"master"});
  return *schema::Catalogue::make({kNewest, {}}, nullptr, found.empty() ? nullptr : &found);
}

}  // namespace kubegate::policy_tool
