// The table of namespaces.h, row by row.
#include "policy/policy_tool/namespaces.h"

#include <gtest/gtest.h>

#include "policy/value/value.h"

namespace kubegate::policy_tool {
namespace {

Objects objects_of(const std::string& yaml) {
  Objects out;
  add_file("objects.yaml", yaml, document::Syntax::kYaml, document::ScalarTable::kCluster, out);
  EXPECT_TRUE(out.faults.empty()) << yaml;
  return out;
}

TEST(Namespaces, Table) {
  const Objects known = objects_of(
      "{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {team: a}}}\n---\n"
      "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: things.example.com}, "
      "spec: "
      "{group: example.com, scope: Namespaced, names: {kind: Thing, plural: things}, versions: [{name: v1, served: "
      "true, "
      "storage: true, schema: {openAPIV3Schema: {type: object}}}]}}");
  const std::string made_up =
      R"({"apiVersion":"v1","kind":"Namespace","metadata":{"labels":{"kubernetes.io/metadata.name":"default"},"name":"default"}})";
  const std::string bare = R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"default"}})";
  const std::string shop = R"({"apiVersion":"v1","kind":"Namespace","metadata":{"labels":{"team":"a"},"name":"shop"}})";
  struct Row {
    const char* object;
    std::string test, gator, verify;  // JSON; "" is none, or not known
  };
  const Row kRows[] = {
      {"{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: shop}}", shop, shop, shop},
      {"{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: other}}", "", "", ""},
      {"{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: default}}", made_up, bare, ""},
      {"{apiVersion: v1, kind: Pod, metadata: {name: a}}", made_up, "{}", ""},
      {"{apiVersion: example.com/v1, kind: Thing, metadata: {name: a}}", made_up, "{}", ""},
      {"{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: a}}", "", "{}", ""},
      {"{apiVersion: v1, kind: Namespace, metadata: {name: shop}}", "", "{}", ""},
      {"{apiVersion: unknown.example.com/v1, kind: What, metadata: {name: a}}", "", "{}", ""},
  };
  Namespaces test(Namespaces::Rule::kTest, catalogue_of(known)), gator(Namespaces::Rule::kGatorTest),
      verify(Namespaces::Rule::kVerify);
  for (Namespaces* each : {&test, &gator, &verify}) {
    for (const Object& object : known.objects) each->add(object);
  }
  const auto json = [](policy::Value value) { return value.defined() ? policy::to_json(value) : std::string(); };
  for (const Row& row : kRows) {
    const Objects object = objects_of(row.object);
    const gatekeeper::Subject subject = gatekeeper::subject_of(object.documents[0]->value(0));
    EXPECT_EQ(json(test.of(subject)), row.test) << row.object;
    EXPECT_EQ(json(gator.of(subject)), row.gator) << row.object;
    EXPECT_EQ(json(verify.of(subject)), row.verify) << row.object;
  }
  test.clear();
  EXPECT_EQ(json(test.of(gatekeeper::subject_of(known.documents[0]->value(0)))), "");
}

// A default Namespace of the input is the one that counts.
TEST(Namespaces, GivenDefault) {
  const Objects known = objects_of("{apiVersion: v1, kind: Namespace, metadata: {name: default, labels: {a: b}}}");
  const Objects pod = objects_of("{apiVersion: v1, kind: Pod, metadata: {name: a}}");
  Namespaces test(Namespaces::Rule::kTest, catalogue_of(known));
  test.add(known.objects[0]);
  EXPECT_EQ(policy::to_json(gatekeeper::at(test.of(gatekeeper::subject_of(pod.documents[0]->value(0))), "metadata")),
            R"({"labels":{"a":"b"},"name":"default"})");
}

}  // namespace
}  // namespace kubegate::policy_tool
