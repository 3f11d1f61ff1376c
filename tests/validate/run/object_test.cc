// What a document holds: objects, the items of Lists, or no manifest.
#include "validate/run/object.h"

#include <gtest/gtest.h>

#include <ostream>

#include "validate/document/read.h"

namespace kubegate::run {
namespace {

using document::Document;

Document document_of(std::string_view text) {
  Document document;
  document::read({text, 1}, document::Syntax::kYaml, {}, document);
  return document;
}

struct UnpackCase {
  const char* name;
  std::string_view text;
  std::vector<std::string> expected;  // "pointer apiVersion kind name"
};
std::ostream& operator<<(std::ostream& out, const UnpackCase& c) { return out << c.name; }

const UnpackCase kUnpackCases[] = {
    {"an_object", "{apiVersion: v1, kind: Pod, metadata: {name: a}}", {" v1 Pod a"}},
    {"a_list",
     "{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Pod, metadata: {name: a}}, "
     "{apiVersion: apps/v1, kind: Deployment, metadata: {name: b}}]}",
     {"/items/0 v1 Pod a", "/items/1 apps/v1 Deployment b"}},
    {"in_any_case", "{apiVersion: v1, kind: lIsT, items: [{apiVersion: v1, kind: Pod}]}", {"/items/0 v1 Pod "}},
    {"without_items", "{apiVersion: v1, kind: List}", {}},
    {"with_null_items", "{apiVersion: v1, kind: List, items: null}", {}},
    {"with_no_items", "{apiVersion: v1, kind: List, items: []}", {}},
    {"with_a_mapping_for_items", "{apiVersion: v1, kind: List, items: {}}", {" v1 List "}},
    {"items_of_a_typed_list_need_not_say_what_they_are",
     "{apiVersion: v1, kind: ConfigMapList, items: [{metadata: {name: a}}, {apiVersion: v1, kind: ConfigMap}]}",
     {"/items/0 v1 ConfigMap a", "/items/1 v1 ConfigMap "}},
    {"but_what_they_say_counts",
     "{apiVersion: v1, kind: ConfigMapList, items: [{kind: Secret}]}",
     {"/items/0  Secret "}},
    {"items_of_a_plain_list_must_say_it",
     "{apiVersion: v1, kind: List, items: [{metadata: {name: a}}]}",
     {"/items/0   a"}},
    {"items_that_are_no_mappings",
     "{apiVersion: v1, kind: PodList, items: [1, null, []]}",
     {"/items/0   ", "/items/1   ", "/items/2   "}},
    {"lists_in_lists",
     "{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: PodList, items: [{metadata: {name: a}}]}, "
     "{apiVersion: v1, kind: Secret}]}",
     {"/items/0/items/0 v1 Pod a", "/items/1 v1 Secret "}},
    {"a_kind_that_ends_in_list_and_has_no_items",
     "{apiVersion: acme.io/v1, kind: AllowList, spec: {}}",
     {" acme.io/v1 AllowList "}},
};

class Unpack : public testing::TestWithParam<UnpackCase> {};

TEST_P(Unpack, Objects) {
  const Document document = document_of(GetParam().text);
  ASSERT_TRUE(document.faults().empty());
  std::vector<Object> objects;
  unpack(document, schema::identity_of(document, 0), objects);
  std::vector<std::string> lines;
  for (const Object& object : objects) {
    const auto& identity = object.identity;
    lines.push_back(object.pointer + ' ' + std::string(identity.api_version) + ' ' + std::string(identity.kind) + ' ' +
                    std::string(identity.name));
  }
  EXPECT_EQ(lines, GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(Documents, Unpack, testing::ValuesIn(kUnpackCases),
                         [](const auto& test) { return test.param.name; });

TEST(Meaning, Documents) {
  struct Case {
    std::string_view path, text;
    Meaning expected;
  };
  const Case cases[] = {
      {"a.yaml", "", Meaning::kNothing},
      {"a.yaml", "null", Meaning::kNothing},
      {"a.yaml", "# nothing\n", Meaning::kNothing},
      {"a.yaml", "{apiVersion: v1, kind: Pod}", Meaning::kObject},
      {"a.yaml", "{kind: Pod}", Meaning::kObject},
      {"a.yaml", "{apiVersion: v1}", Meaning::kObject},
      {"a.yaml", "just text", Meaning::kObject},
      {"a.yaml", "{}", Meaning::kNoManifest},
      {"a.yaml", "{services: {web: {image: a}}}", Meaning::kNoManifest},
      {"a.yaml", "- {op: replace, path: /spec}", Meaning::kNoManifest},
      {"a.yaml", "[]", Meaning::kNoManifest},
      {"a.yaml", "- {apiVersion: v1, kind: Pod}", Meaning::kObject},  // its items were meant to be documents
      {"kustomization.yaml", "{resources: [a.yaml]}", Meaning::kKustomization},
      {"d/kustomization.yml", "{kind: Component}", Meaning::kKustomization},
      {"d/kustomization.yml", "{apiVersion: kustomize.config.k8s.io/v1beta1}", Meaning::kKustomization},
      {"a.yaml", "{apiVersion: kustomize.config.k8s.io/v1beta1, kind: Kustomization}", Meaning::kKustomization},
      {"a.yaml", "{kind: Kustomization}", Meaning::kObject},
      // Flux's, an object of a cluster.
      {"kustomization.yaml", "{apiVersion: kustomize.toolkit.fluxcd.io/v1, kind: Kustomization}", Meaning::kObject},
      {"kustomization.yaml", "{apiVersion: v1, kind: ConfigMap}", Meaning::kObject},
  };
  for (const Case& c : cases) {
    const Document document = document_of(c.text);
    EXPECT_EQ(meaning_of(document, c.path, schema::identity_of(document, 0)), c.expected) << c.path << ": " << c.text;
  }
}

}  // namespace
}  // namespace kubegate::run
