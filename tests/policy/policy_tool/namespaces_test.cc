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
    // JSON of the Namespace, "" for none or not known; behind it the scope: n, c, or nothing where it is not known.
    std::string test, gator, verify;
  };
  const Row kRows[] = {
      {"{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: shop}}", shop + "n", shop, shop},
      {"{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: other}}", "n", "", ""},
      {"{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: default}}", made_up + "n", bare, ""},
      {"{apiVersion: v1, kind: Pod, metadata: {name: a}}", "n", "{}", ""},
      {"{apiVersion: example.com/v1, kind: Thing, metadata: {name: a}}", "n", "{}", ""},
      {"{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: a}}", "c", "{}", ""},
      {"{apiVersion: v1, kind: Namespace, metadata: {name: shop}}", "c", "{}", ""},
      {"{apiVersion: unknown.example.com/v1, kind: What, metadata: {name: a}}", "", "{}", ""},
  };
  Namespaces test(Namespaces::Rule::kTest, catalogue_of(known)), gator(Namespaces::Rule::kGatorTest),
      verify(Namespaces::Rule::kVerify);
  for (Namespaces* each : {&test, &gator, &verify}) {
    for (const Object& object : known.objects) each->add(object);
  }
  const auto placed = [](const Namespaces& namespaces, policy::Value object) {
    gatekeeper::Review review;
    review.object = gatekeeper::subject_of(object);
    namespaces.place(review);
    const std::string json = review.name_space.defined() ? policy::to_json(review.name_space) : "";
    return json + (!review.namespaced ? "" : *review.namespaced ? "n" : "c");
  };
  for (const Row& row : kRows) {
    const Objects object = objects_of(row.object);
    const policy::Value value = object.documents[0]->value(0);
    EXPECT_EQ(placed(test, value), row.test) << row.object;
    EXPECT_EQ(placed(gator, value), row.gator) << row.object;
    EXPECT_EQ(placed(verify, value), row.verify) << row.object;
  }
  test.clear();
  EXPECT_FALSE(test.named("shop").defined());
}

// A default Namespace of the input is the one that counts.
TEST(Namespaces, GivenDefault) {
  const Objects known = objects_of("{apiVersion: v1, kind: Namespace, metadata: {name: default, labels: {a: b}}}");
  Namespaces test(Namespaces::Rule::kTest, catalogue_of(known));
  test.add(known.objects[0]);
  EXPECT_EQ(policy::to_json(gatekeeper::at(test.named("default"), "metadata")),
            R"({"labels":{"a":"b"},"name":"default"})");
}

}  // namespace
}  // namespace kubegate::policy_tool
