#include "validate/schema/import.h"

#include <gtest/gtest.h>

#include <string>

#include "validate/schema/bundle.h"
#include "validate/schema/schemas_tool.h"

namespace kubegate::schema {
namespace {

// One group and version with every shape that the published documents have.
constexpr char kOpenApi[] = R"json({
"paths": {
  "/apis/g.k8s.io/v1/": {"get": {}},
  "/apis/g.k8s.io/v1/namespaces/{namespace}/widgets": {"post": {"x-kubernetes-action": "post",
    "x-kubernetes-group-version-kind": {"group": "g.k8s.io", "version": "v1", "kind": "Widget"}}},
  "/apis/g.k8s.io/v1/namespaces/{namespace}/widgets/{name}/resize": {"post": {"x-kubernetes-action": "post",
    "x-kubernetes-group-version-kind": {"group": "g.k8s.io", "version": "v1", "kind": "Resize"}}},
  "/apis/g.k8s.io/v1beta1/reviews": {"post": {"x-kubernetes-action": "post",
    "x-kubernetes-group-version-kind": {"group": "g.k8s.io", "version": "v1beta1", "kind": "Review"}}},
  "/apis/g.k8s.io/v1alpha1/reviews": {"post": {"x-kubernetes-action": "post",
    "x-kubernetes-group-version-kind": {"group": "g.k8s.io", "version": "v1alpha1", "kind": "Review"}}},
  "/apis/g.k8s.io/v1/readonlys": {"get": {"x-kubernetes-action": "list",
    "x-kubernetes-group-version-kind": {"group": "g.k8s.io", "version": "v1", "kind": "ReadOnly"}}}
},
"components": {"schemas": {
  "io.k8s.api.g.v1.Widget": {
    "description": "A widget.", "type": "object", "required": ["spec", "name"],
    "x-kubernetes-group-version-kind": [{"group": "g.k8s.io", "version": "v1", "kind": "Widget"}],
    "properties": {
      "spec": {"allOf": [{"$ref": "#/components/schemas/io.k8s.api.g.v1.WidgetSpec"}], "default": {}},
      "bare": {"$ref": "#/components/schemas/io.k8s.api.g.v1.WidgetSpec"},
      "name": {"type": "string", "default": ""},
      "count": {"type": "integer", "format": "int32", "default": 0},
      "data": {"type": "string", "format": "byte"},
      "protocol": {"type": "string", "default": "TCP"}
    }},
  "io.k8s.api.g.v1.WidgetSpec": {
    "type": "object",
    "properties": {
      "ports": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["protocol", "port"],
                "x-kubernetes-patch-merge-key": "port", "x-kubernetes-patch-strategy": "merge",
                "items": {"allOf": [{"$ref": "#/components/schemas/io.k8s.api.g.v1.Empty"}], "default": {}}},
      "names": {"type": "array", "x-kubernetes-list-type": "atomic", "items": {"type": "string", "default": ""}},
      "finalizers": {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}},
      "labels": {"type": "object", "additionalProperties": {"type": "string", "default": ""}},
      "limit": {"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.api.resource.Quantity"},
      "port": {"allOf": [{"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.util.intstr.IntOrString"}]},
      "at": {"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.Time"},
      "precise": {"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime"},
      "raw": {"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.runtime.RawExtension"}
    }},
  "io.k8s.api.g.v1.Empty": {"type": "object"},
  "io.k8s.api.g.v1.Unreached": {"type": "object", "x-unknown": 1},
  "io.k8s.api.g.v1.Resize": {"type": "object",
    "x-kubernetes-group-version-kind": [{"group": "g.k8s.io", "version": "v1", "kind": "Resize"}]},
  "io.k8s.api.g.v1beta1.Review": {"type": "object", "properties": {"ok": {"type": "boolean"}},
    "x-kubernetes-group-version-kind": [{"group": "g.k8s.io", "version": "v1beta1", "kind": "Review"}]},
  "io.k8s.api.g.v1alpha1.Review": {"type": "object", "properties": {"ok": {"type": "boolean"}},
    "x-kubernetes-group-version-kind": [{"group": "g.k8s.io", "version": "v1alpha1", "kind": "Review"}]},
  "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions": {"type": "object",
    "x-kubernetes-group-version-kind": [{"group": "g.k8s.io", "version": "v1", "kind": "DeleteOptions"},
                                        {"group": "g.k8s.io", "version": "v1beta1", "kind": "DeleteOptions"}]},
  "io.k8s.apimachinery.pkg.api.resource.Quantity": {"oneOf": [{"type": "string"}, {"type": "number"}]},
  "io.k8s.apimachinery.pkg.util.intstr.IntOrString": {"oneOf": [{"type": "integer"}, {"type": "string"}]},
  "io.k8s.apimachinery.pkg.apis.meta.v1.Time": {"type": "string", "format": "date-time"},
  "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime": {"type": "string", "format": "date-time"},
  "io.k8s.apimachinery.pkg.runtime.RawExtension": {"type": "object"}
}}})json";

constexpr char kTypes[] = R"(type api.g.v1.Empty
  . object closed
type api.g.v1.Widget
  . object required=name,spec
    bare =api.g.v1.WidgetSpec
    count integer format=int32
    data string format=byte
    name string
    protocol string default="TCP"
    spec =api.g.v1.WidgetSpec
type api.g.v1.WidgetSpec
  . object
    at string format=date-time
    finalizers array list=set
      [] string
    labels object
      {} string
    limit quantity
    names array
      [] string
    port int-or-string
    ports array list=map keys=port,protocol
      [] =api.g.v1.Empty
    precise string format=microtime
    raw any preserveUnknown
type api.g.v1alpha1.Review
  . object
    ok boolean
type api.g.v1beta1.Review
  . object
    ok boolean
)";

OpenApiRelease release(std::string version, std::string served = "") {
  return {std::move(version), "2026-11-21", {{"g.json", kOpenApi}}, std::move(served), nullptr};
}

TEST(ImportOpenApi, KeepsWhatTheTypesSay) {
  const auto bundle = import_openapi(release("1.29"));
  ASSERT_TRUE(bundle.ok()) << bundle.error().text();
  EXPECT_EQ(print_bundle(*bundle), std::string(R"(bundle kubernetes
version 1.29 2026-11-21
kind g.k8s.io/v1 Widget widgets namespaced
  . =api.g.v1.Widget
kind g.k8s.io/v1alpha1 Review reviews cluster served=none
  . =api.g.v1alpha1.Review
kind g.k8s.io/v1beta1 Review reviews cluster served=none
  . =api.g.v1beta1.Review
)") + kTypes);
}

// A list decides where there is one; then the neighbours decide for betas, whether they come before or after.
TEST(ImportOpenApi, KnowsWhatIsServed) {
  const std::string list = "g.k8s.io/v1 Widget widgets namespaced\ng.k8s.io/v1beta1 Review reviews cluster\n";
  std::string text;
  for (const char* version : {"1.28", "1.30", "1.29", "1.27"}) {
    const auto added = add_openapi(text, "b", release(version, version == std::string("1.28") ? list : ""));
    ASSERT_TRUE(added.ok()) << added.error().text();
    text = *added;
  }
  EXPECT_EQ(text, std::string(R"(bundle kubernetes
version 1.27 2026-11-21
version 1.28 2026-11-21
version 1.29 2026-11-21
version 1.30 2026-11-21
kind g.k8s.io/v1 Widget widgets namespaced
  . =api.g.v1.Widget
kind g.k8s.io/v1alpha1 Review reviews cluster served=none
  . =api.g.v1alpha1.Review
kind g.k8s.io/v1beta1 Review reviews cluster served=1.28..
  . =api.g.v1beta1.Review
)") + kTypes);
}

TEST(ImportOpenApi, AListMaySwitchOffStableKinds) {
  const auto bundle = import_openapi(release("1.29", "g.k8s.io/v1alpha1 Review reviews cluster\n"));
  ASSERT_TRUE(bundle.ok()) << bundle.error().text();
  ASSERT_EQ(bundle->kinds.size(), 3u);
  EXPECT_EQ(bundle->kinds[0].served, 0u);
  EXPECT_EQ(bundle->kinds[1].served, 1u);
}

// Each replaces a part of the sample; nothing may be passed over in silence.
TEST(ImportOpenApi, Refuses) {
  const struct {
    std::string from, to, error;
  } cases[] = {
      {"{\n\"paths\"", "\"paths\"", "g.json: is not JSON"},
      {"\"x-kubernetes-action\": \"post\"", "\"x-kubernetes-action\": \"list\"", "1.29: no kinds in the documents"},
      {"\"kind\": \"Widget\"}],", "\"kind\": \"Gadget\"}],", "g.k8s.io/v1 Widget: has a path but no schema"},
      {"\"format\": \"byte\"", "\"pattern\": \"x\"", "io.k8s.api.g.v1.Widget.data: the keyword pattern"},
      {"\"type\": \"boolean\"", "\"type\": \"bool\"", "io.k8s.api.g.v1alpha1.Review.ok: unknown type \"bool\""},
      {"\"$ref\": \"#/components/schemas/io.k8s.api.g.v1.Empty\"", "\"$ref\": \"#/components/schemas/io.k8s.Nothing\"",
       "io.k8s.api.g.v1.WidgetSpec.ports[]: refers to io.k8s.Nothing, which is not published"},
  };
  for (const auto& c : cases) {
    OpenApiRelease changed = release("1.29");
    std::string& text = changed.documents[0].text;
    for (std::size_t at; (at = text.find(c.from)) != std::string::npos;) text.replace(at, c.from.size(), c.to);
    const auto bundle = import_openapi(changed);
    ASSERT_FALSE(bundle.ok()) << c.error;
    EXPECT_EQ(bundle.error().text().substr(0, c.error.size()), c.error);
  }
  OpenApiRelease twice = release("1.29");
  twice.documents.push_back(
      {"other.json", R"({"components": {"schemas": {"io.k8s.api.g.v1.Empty": {"type": "string"}}}})"});
  const auto bundle = import_openapi(twice);
  ASSERT_FALSE(bundle.ok());
  EXPECT_EQ(bundle.error().text(), "io.k8s.api.g.v1.Empty: differs between the documents of one release");
}

// Every keyword of a structural schema, and what is folded.
constexpr char kCrd[] = R"yaml(
apiVersion: v1
kind: Namespace
metadata: {name: passed-over}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: widgets.acme.io
spec:
  group: acme.io
  scope: Cluster
  names: {kind: Widget, plural: widgets}
  versions:
  - name: v1beta1
    served: false
    deprecated: true
    storage: false
    schema:
      openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}
  - name: v1
    served: true
    storage: true
    additionalPrinterColumns: [{name: a, type: string, jsonPath: .spec}]
    schema:
      openAPIV3Schema:
        description: A widget.
        type: object
        required: [spec, metadata]
        x-kubernetes-validations:
        - rule: self.a == "b"
          message: says so
          messageExpression: '"x"'
          reason: FieldValueForbidden
          fieldPath: .a
          optionalOldSelf: true
        - rule: "true"
        properties:
          metadata: {type: object, properties: {name: {type: string, maxLength: 3}}}
          spec:
            type: object
            nullable: true
            minProperties: 1
            maxProperties: 2
            default: {a: [1, 1.5, "x\ny", null, true], b: {}}
            properties:
              port:
                x-kubernetes-int-or-string: true
                anyOf: [{type: integer}, {type: string}]
                pattern: ^\d+$
              both:
                x-kubernetes-int-or-string: true
                allOf:
                - anyOf: [{type: integer}, {type: string}]
                - {anyOf: [{type: integer}, {type: string}], description: also only this}
                - anyOf: [{minimum: 1}, {pattern: x}]
              notFolded: {type: string, anyOf: [{type: integer}, {type: string}]}
              number: {type: number, format: double, minimum: -0.5, maximum: 10, exclusiveMinimum: true,
                       exclusiveMaximum: true, multipleOf: 0.5, default: 0}
              text: {type: string, minLength: 0, maxLength: 5, enum: ["on", "off", ""], default: ""}
              list: {type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [name, a], minItems: 1,
                     maxItems: 9, uniqueItems: true, items: {type: object, x-kubernetes-map-type: atomic}}
              set: {type: array, x-kubernetes-list-type: set, items: {type: boolean}}
              atomic: {type: array, x-kubernetes-list-type: atomic, items: {type: integer, format: int64}}
              map: {type: object, additionalProperties: {type: string}}
              open: {type: object, additionalProperties: true}
              shut: {type: object, additionalProperties: false}
              embedded: {type: object, x-kubernetes-embedded-resource: true, x-kubernetes-preserve-unknown-fields: true}
              choice: {type: object, oneOf: [{required: [a]}, {required: [b]}], not: {required: [c]}}
)yaml";

constexpr char kCrdBundle[] = R"text(bundle acme
version v1.0 2026-11-21
kind acme.io/v1 Widget widgets cluster
  . object required=metadata,spec
    %rule "self.a == \"b\"" message="says so" messageExpression="\"x\"" reason=FieldValueForbidden fieldPath=".a" optionalOldSelf
    %rule "true"
    metadata object
      name string maxLength=3
    spec object nullable minProperties=1 maxProperties=2 default={"a":[1,1.5,"x\ny",null,true],"b":{}}
      atomic array
        [] integer format=int64
      both int-or-string
        %allOf any
          %anyOf any min=1
          %anyOf any pattern="x"
      choice object
        %oneOf any required=a
        %oneOf any required=b
        %not any required=c
      embedded object preserveUnknown embedded
      list array list=map keys=a,name minItems=1 maxItems=9 uniqueItems
        [] object
      map object
        {} string
      notFolded string
        %anyOf integer
        %anyOf string
      number number format=double min=-0.5 max=10 exclusiveMin exclusiveMax multipleOf=0.5 default=0
      open object
        {} any
      port int-or-string pattern="^\\d+$"
      set array list=set
        [] boolean
      shut object closed
      text string enum="on","off","" minLength=0 maxLength=5 default=""
kind acme.io/v1beta1 Widget widgets cluster served=none deprecated=v1.0..
  . object preserveUnknown
)text";

CrdRelease crds(std::string text) { return {"acme", "v1.0", "2026-11-21", {{"crds.yaml", std::move(text)}}}; }

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(ImportCrd, TakesSchemasWordForWord) {
  const auto text = add_crds("", "acme.bundle", crds(kCrd));
  ASSERT_TRUE(text.ok()) << text.error().text();
  EXPECT_EQ(*text, kCrdBundle);
}

// What is wrong with a definition is for its own check to say; the rest of its schema holds.
TEST(ImportCrd, PassesOverWrongKeywords) {
  const struct {
    std::string from, to, bundle_from, bundle_to;
  } cases[] = {
      {"maxLength: 5,", "maxLength: \"5\",", " maxLength=5", ""},
      {"minimum: -0.5,", "minimum: [],", " min=-0.5", ""},
      {"nullable: true", "nullable: yes please", " nullable", ""},
      {"type: number", "type: [number]", "number number", "number any"},
      {"items: {type: boolean}", "items: [{type: boolean}]", "\n        [] boolean", ""},
      {"oneOf: [{required: [a]}, {required: [b]}]", "oneOf: {}",
       "\n        %oneOf any required=a\n        %oneOf any required=b", ""},
  };
  for (const auto& c : cases) {
    const auto text = add_crds("", "acme.bundle", crds(replaced(kCrd, c.from, c.to)));
    ASSERT_TRUE(text.ok()) << text.error().text();
    EXPECT_EQ(*text, replaced(kCrdBundle, c.bundle_from, c.bundle_to)) << c.to;
  }
}

TEST(ImportCrd, TakesADefinitionWithoutSchema) {
  const auto text = add_crds("", "b", crds(R"(
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
spec:
  group: acme.io
  scope: Namespaced
  names: {kind: Widget, plural: widgets}
  versions: [{name: v1, served: true}, {name: v1, served: false}, {name: v2, served: true, schema: {openAPIV3Schema: {type: object}}}]
  preserveUnknownFields: true
)"));
  ASSERT_TRUE(text.ok()) << text.error().text();
  EXPECT_EQ(*text, R"(bundle acme
version v1.0 2026-11-21
kind acme.io/v1 Widget widgets namespaced
  . any preserveUnknown
kind acme.io/v2 Widget widgets namespaced
  . object preserveUnknown
)");
}

TEST(ImportCrd, Refuses) {
  const std::string crd = kCrd;
  std::string deep = "{type: object}";
  for (int i = 0; i < 210; ++i) deep = "{type: object, additionalProperties: " + deep + "}";
  const struct {
    std::string text, error;
  } cases[] = {
      {"a: b\n", "acme: no CustomResourceDefinition in the files"},
      {replaced(crd, "apiextensions.k8s.io/v1", "apiextensions.k8s.io/v1beta1"),
       "crds.yaml: widgets.acme.io: is a CustomResourceDefinition of apiextensions.k8s.io/v1beta1, which is gone"},
      {replaced(crd, "apiextensions.k8s.io/v1", "acme.io/v1"),
       "crds.yaml: widgets.acme.io: is no CustomResourceDefinition"},
      {replaced(crd, "group: acme.io", "groups: acme.io"),
       "crds.yaml: widgets.acme.io: names no group, kind or plural"},
      {replaced(crd, "  versions:\n  -", "  version:\n  -"), "crds.yaml: widgets.acme.io: names no versions"},
      {replaced(crd, "{type: boolean}", deep),
       "crds.yaml: widgets.acme.io: has a schema nested deeper than 200 levels"},
      {crd + "---\n" + crd, "acme: acme.io/v1 Widget is defined twice"},
      {crd + "---\na: b\nc: [\n", "crds.yaml:"},
  };
  for (const auto& c : cases) {
    const auto text = add_crds("", "b", crds(c.text));
    ASSERT_FALSE(text.ok()) << c.error;
    EXPECT_EQ(text.error().text().substr(0, c.error.size()), c.error);
  }
}

TEST(SchemasTool, AddsToABundle) {
  const auto first = add_crds("", "b", crds(kCrd));
  ASSERT_TRUE(first.ok()) << first.error().text();
  EXPECT_EQ(add_crds(*first, "b", crds(kCrd)).error().text(), "acme: version v1.0 is in the bundle already");
  EXPECT_EQ(add_crds("bundle", "b", crds(kCrd)).error().text(), "b:1: the last line does not end with a line break");

  CrdRelease next = crds(kCrd);
  next.version = "v1.1";
  const auto second = add_crds(*first, "b", next);
  ASSERT_TRUE(second.ok()) << second.error().text();
  // Nothing changed but the versions, so no line but theirs does.
  EXPECT_EQ(*second,
            replaced(kCrdBundle, "version v1.0 2026-11-21\n", "version v1.0 2026-11-21\nversion v1.1 2026-11-21\n"));
}

TEST(SchemasTool, RefusesNamesThatNoBundleCanHold) {
  CrdRelease odd = crds(kCrd);
  odd.version = "v1 rc";
  const auto text = add_crds("", "b", odd);
  ASSERT_FALSE(text.ok());
  EXPECT_EQ(text.error().text().substr(0, 7), "acme:2:");
}

}  // namespace
}  // namespace kubegate::schema
