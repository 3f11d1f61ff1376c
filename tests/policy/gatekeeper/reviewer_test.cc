#include "policy/gatekeeper/reviewer.h"

#include <gtest/gtest.h>

#include <set>

#include "policy/gatekeeper/inventory.h"
#include "tests/policy/gatekeeper/policies.h"

namespace kubegate::gatekeeper {
namespace {

using testing::compile;
using testing::constraint_of;
using testing::template_of;
using Strings = std::vector<std::string>;

const testing::Subject& pod() {
  static const testing::Subject pod(
      "{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop}, spec: {count: 1000000, f: 2.50, list: [1]}}");
  return pod;
}

// What a body of Rego makes of the Pod: messages, or with a `!` in front the error that it ends in.
TEST(Reviewer, Results) {
  struct Case {
    const char* rules;
    Strings messages;
  };
  const Case kCases[] = {
      {"violation[{\"msg\": \"b\"}] { true }\nviolation[{\"msg\": \"a\"}] { true }", {"a", "b"}},
      // Identical ones are one; those that differ in details are two, in the order of their details.
      {"violation[{\"msg\": \"a\", \"x\": i}] { i := [1, 2][_] }", {"a"}},
      {"violation[{\"msg\": \"a\", \"details\": {\"i\": i}}] { i := [1, 2][_] }", {"a", "a"}},
      {"violation[{\"msg\": m, \"details\": {\"i\": i}}] { i := [2, 1][j]; m := [\"a\", \"b\"][j] }", {"b", "a"}},
      // What has no message is dropped, undefined is nothing.
      {"violation[{\"x\": 1}] { true }\nviolation[{\"msg\": \"a\"}] { true }", {"a"}},
      {"violation[{\"msg\": input.review.object.none}] { true }", {}},
      {"violation[{\"msg\": \"a\"}] { input.review.none }", {}},
      // A message that is no string.
      {"violation[{\"msg\": input.review.object.spec.count}] { true }", {"!the msg of a violation is a string, not 1e+06"}},
      {"violation[{\"msg\": input.review.object.spec.list}] { true }",
       {"!the msg of a violation is a string, not [1]"}},
      // Errors of evaluations, as OPA's driver tells them, in the words of OPA 1.22; those of built-ins are undefined.
      {"violation[{\"msg\": \"a\"}] { f(1) }\nf(x) = 1 { x }\nf(x) = 2 { x }",
       {"!template:4: eval_conflict_error: function data.template.f produced conflicting values for the same inputs"}},
      {"violation[{\"msg\": \"a\"}] { to_number(\"x\") }", {}},
      {"violation[{\"msg\": \"a\"}] { not to_number(\"x\") }", {"a"}},
      // The input.
      {"violation[{\"msg\": m}] { m := json.marshal(input.review) }",
       {R"({"kind":{"group":"","kind":"Pod","version":"v1"},"name":"web","namespace":"shop","namespaceObject":{},)"
        R"("object":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","namespace":"shop"},)"
        R"("spec":{"count":1e+06,"f":2.5,"list":[1]}},"oldObject":null,"operation":"","options":null,)"
        R"("resource":{"group":"","resource":"","version":""},"uid":"","userInfo":{}})"}},
      {"violation[{\"msg\": m}] { m := sprintf(\"%d %v\", [input.review.object.spec.count, 2.50]) }",
       {"%!d(float64=1e+06) 2.5"}},
      {"violation[{\"msg\": m}] { m := json.marshal(input.parameters) }", {"{}"}},
      {"violation[{\"msg\": m}] { m := json.marshal(data.inventory) }", {"{}"}},
  };
  for (const Case& c : kCases) {
    const auto compiled = compile(template_of("package a\n" + std::string(c.rules)) + constraint_of());
    ASSERT_EQ(compiled.findings, Strings()) << c.rules;
    Reviewer reviewer(compiled.policies);
    std::vector<Violation> found;
    reviewer.review(pod().review(), found);
    Strings messages;
    for (const Violation& violation : found) {
      messages.push_back((violation.cause == Violation::Cause::kPolicy ? "" : "!") + violation.message);
    }
    EXPECT_EQ(messages.size(), c.messages.size()) << c.rules;
    for (std::size_t i = 0; i < std::min(messages.size(), c.messages.size()); ++i) {
      EXPECT_NE(messages[i].find(c.messages[i]), std::string::npos) << c.rules << "\n" << messages[i];
      EXPECT_EQ(messages[i][0], c.messages[i][0]) << messages[i];
    }
  }
}

// Details live until the next review; those that are not given are {}.
TEST(Reviewer, Details) {
  const auto compiled = compile(template_of("package a\nviolation[{\"msg\": \"a\"}] { true }\n"
                                            "violation[{\"msg\": \"b\", \"details\": {\"x\": [1]}}] { true }") +
                                constraint_of());
  Reviewer reviewer(compiled.policies);
  std::vector<Violation> found;
  reviewer.review(pod().review(), found);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(policy::to_json(found[0].details), "{}");
  EXPECT_EQ(policy::to_json(found[1].details), R"({"x":[1]})");
}

// A template that never ends, or eats memory, or calls itself without end, is told of, and the others go on.
TEST(Reviewer, Limits) {
  const char* const kEndless[] = {
      "violation[{\"msg\": \"a\"}] { x := numbers.range(1, 3000)[_]; y := numbers.range(1, 3000)[_]; "
      "z := numbers.range(1, 3000)[_]; x + y + z < 0 }",
      "violation[{\"msg\": m}] { m := concat(\"\", [s | i := numbers.range(1, 100000)[_]; "
      "s := sprintf(\"%v%0100000d\", [i, 1])]) }",
  };
  rego::Limits limits = default_limits();
  limits.steps = 1'000'000;
  limits.memory = std::uint64_t{32} << 20;
  for (const char* rules : kEndless) {
    const auto compiled = compile(template_of("package a\n" + std::string(rules)) + "---\n" +
                                  template_of("package a\nviolation[{\"msg\": \"fine\"}] { true }", "", "K8sZ") +
                                  constraint_of() + constraint_of("{}", "z", "K8sZ"));
    ASSERT_EQ(compiled.findings, Strings()) << rules;
    Reviewer reviewer(compiled.policies, limits);
    for (int i = 0; i < 2; ++i) {
      std::vector<Violation> found;
      reviewer.review(pod().review(), found);
      ASSERT_EQ(found.size(), 2u) << rules;
      EXPECT_EQ(found[0].cause, Violation::Cause::kLimit) << rules << found[0].message;
      EXPECT_EQ(found[1].message, "fine");
    }
  }
}

TEST(Reviewer, UnknownNamespace) {
  const auto compiled = compile(template_of("package a\nviolation[{\"msg\": \"a\"}] { true }") +
                                constraint_of("{match: {namespaceSelector: {}}}"));
  Reviewer reviewer(compiled.policies);
  std::vector<Violation> found;
  reviewer.review(pod().review(), found);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].cause, Violation::Cause::kUnmatched);
  EXPECT_TRUE(found[0].message.starts_with("unable to match constraints: ")) << found[0].message;
}

TEST(Reviewer, DeletedObjects) {
  const auto compiled =
      compile(template_of("package a\nviolation[{\"msg\": m}] { m := input.review.object.metadata.name }\n"
                          "violation[{\"msg\": m}] { m := sprintf(\"%v %v\", [input.review.operation, "
                          "input.review.namespaceObject.metadata.name]) }") +
              constraint_of("{match: {kinds: [{kinds: [Pod]}]}}"));
  Reviewer reviewer(compiled.policies);
  const testing::Subject name_space("{metadata: {name: shop}}"), request("{operation: DELETE, object: null}");
  Review review;
  review.old_object = subject_of(pod().value());
  review.name_space = name_space.value();
  review.request = request.value();
  EXPECT_EQ(testing::violations_of(reviewer, review), (Strings{"test: DELETE shop", "test: web"}));
}

TEST(Reviewer, CostsAndPrint) {
  CompileSwitches switches;
  switches.print = true;
  const auto compiled =
      compile(template_of("package a\nviolation[{\"msg\": \"a\"}] { print(\"at\", input.review.name); true }") +
                  constraint_of("{}", "one") + constraint_of("{match: {name: other}}", "two"),
              switches);
  Reviewer reviewer(compiled.policies);
  std::vector<Cost> costs;
  std::string printed;
  reviewer.set_costs(&costs);
  reviewer.set_print([&](std::string_view line) { printed += line; });
  EXPECT_EQ(testing::violations_of(reviewer, pod().review()), Strings{"one: a"});
  ASSERT_EQ(costs.size(), 1u);
  EXPECT_EQ(compiled.policies->constraints()[costs[0].constraint].name, "one");
  EXPECT_EQ(printed, "at web");
}

TEST(Inventory, Places) {
  const std::string objects =
      "{apiVersion: v1, kind: Namespace, metadata: {name: shop}}\n---\n"
      "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}, spec: {replicas: 1}}\n---\n"
      "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}, spec: {replicas: "
      "1000000}}\n---\n"
      "{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}}\n---\n"
      "{apiVersion: v1, kind: Service, metadata: {name: web, namespace: other}}\n---\n"
      "{apiVersion: v1, kind: Service, metadata: {}}\n";
  Inventory inventory;
  EXPECT_TRUE(inventory.empty());
  EXPECT_EQ(policy::to_json(inventory.value()), "{}");
  // Recorded of gator 3.23: a half that nothing lies in is not there.
  const auto documents = testing::documents_of(objects);
  inventory.add(documents[0], 0);
  EXPECT_FALSE(at(inventory.value(), "namespace").defined());
  EXPECT_TRUE(at(inventory.value(), "cluster").defined());
  for (const auto& document : documents) inventory.add(document, 0);
  const policy::Value value = inventory.value();
  EXPECT_EQ(policy::to_json(at(value, "cluster")),
            R"({"v1":{"Namespace":{"shop":{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop"}}},)"
            R"("Service":{"":{"apiVersion":"v1","kind":"Service","metadata":{}}}}})");
  EXPECT_EQ(policy::to_json(at(value, "namespace", "shop", "apps/v1", "Deployment", "web", "spec")),
            R"({"replicas":1000000})");
  EXPECT_TRUE(at(value, "namespace", "other", "v1", "Service", "web").defined());
  EXPECT_EQ(policy::count(at(value, "namespace")), 2u);

  const auto compiled =
      compile(template_of("package a\nviolation[{\"msg\": ns}] { data.inventory.namespace[ns][_].Service[name]; "
                          "name == input.review.object.metadata.name; ns != input.review.namespace }") +
              constraint_of());
  Reviewer reviewer(compiled.policies);
  EXPECT_EQ(testing::violations_of(reviewer, pod().review()), Strings());
  reviewer.set_inventory(value);
  EXPECT_EQ(testing::violations_of(reviewer, pod().review()), Strings{"test: other"});
  reviewer.set_inventory({});
  EXPECT_EQ(testing::violations_of(reviewer, pod().review()), Strings());
}

}  // namespace
}  // namespace kubegate::gatekeeper
