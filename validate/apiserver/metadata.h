// What the API server refuses of an object's metadata beyond its schema: ValidateObjectMeta of
// k8s.io/apimachinery/pkg/api/validation/objectmeta.go, and what single kinds add to it.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "validate/base/finding.h"
#include "validate/base/names.h"
#include "validate/document/document.h"
#include "validate/schema/catalogue.h"

namespace kubegate::apiserver {

// What one kind asks of its metadata.
struct MetadataRules {
  bool judged = true;  // false: the kind is not stored, and its metadata means nothing
  bool name_required = true;
  bool cluster_scoped = false;
  bool domain_finalizers = false;           // a finalizer needs a domain, but for three known ones
  bool keeps_generation = false;            // the server validates the written generation, before setting its own
  bool named_by_version_and_group = false;  // APIService: spec.version + "." + spec.group
  NameForm name = NameForm::kSubdomain;
  std::uint8_t longest_name = 0;  // 0: what the form allows
};

// The rules of a kind; `group` is "" for core. `native` kinds are those of Kubernetes itself, all others are custom
// resources. Cheap enough to be asked for every object; allocates nothing.
MetadataRules metadata_rules(std::string_view group, std::string_view kind, bool native, bool cluster_scoped);

// The same for what the catalogue resolved. Of a kind that nothing serves only what holds for everything stored.
MetadataRules metadata_rules(const schema::Resolution& resolution);

// Judges the metadata of the object whose mapping is the node `object`; `pointer` is the RFC 6901 path to it. Appends
// findings of the rule server/metadata that hold for `targets`. Values of wrong types are the schema check's to report
// and are passed over. Hot: a sound object allocates nothing.
//
// A namespace on a cluster-scoped kind is a warning: the server drops it when it creates the object
// (EnsureObjectNamespaceMatchesRequestNamespace of k8s.io/apiserver/pkg/registry/rest). An absent namespace is fine:
// clients fill it.
//
// Returns whether the object has the annotation kubegate.dev/ignore, by its hash: it is told here, where annotations are
// looked at anyway.
bool check_metadata(const document::Document& document, document::NodeIndex object, std::string_view pointer,
                    const MetadataRules& rules, TargetMask targets, std::vector<Finding>& out);

}  // namespace kubegate::apiserver
