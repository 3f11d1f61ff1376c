// What the API server refuses of a CustomResourceDefinition beyond its OpenAPI: ValidateCustomResourceDefinition of
// k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation/validation.go. Cold.
#pragma once

#include <string_view>
#include <vector>

#include "validate/base/finding.h"
#include "validate/document/document.h"

namespace kubegate::schema {

// Judges the CustomResourceDefinition (apiextensions.k8s.io/v1) whose mapping is the node `crd`; `pointer` is the
// RFC 6901 path to it. Appends findings that hold for `targets`, in the order of the document:
//
//   crd/names        its name, group, kind, plural, … and the approval that Kubernetes' own groups need
//   crd/versions     versions, scope and conversion
//   crd/structural   the schema is not structural, or its extensions do not fit together
//   crd/schema       what the schema says: patterns, defaults, rules; and the paths that subresources, selectable
//                    fields and printer columns name. Warnings are of this rule too: what the server takes although no
//                    value can meet it.
//
// To be called for objects that check_object found sound, as the server validates only what it could decode: values of
// wrong types and absent required fields are passed over. CEL is not compiled here.
//
// Fields are spelled as the file has them (spec.versions[0].schema.openAPIV3Schema.properties[spec].type). The server
// says the same but for what it renames inside: it says spec.validation.openAPIV3Schema where all versions have one
// schema, webhookClientConfig for webhook.clientConfig, and JSONPath for a column's jsonPath.
void check_crd(const document::Document& document, document::NodeIndex crd, std::string_view pointer,
               TargetMask targets, std::vector<Finding>& out);

}  // namespace kubegate::schema
