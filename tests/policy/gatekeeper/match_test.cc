#include "policy/gatekeeper/match.h"

#include <gtest/gtest.h>

#include "tests/policy/gatekeeper/policies.h"

namespace kubegate::gatekeeper {
namespace {

using testing::Subject;

TEST(Glob, Names) {
  struct Case {
    const char *glob, *name;
    bool matches, matches_generate_name;
  };
  constexpr Case kCases[] = {
      {"kube-system", "kube-system", true, false},
      {"kube-system", "kube-system2", false, false},
      {"kube-*", "kube-system", true, true},
      {"kube-*", "kube-", true, true},
      {"kube-*", "my-kube-", false, false},
      {"*-system", "kube-system", true, false},
      {"*-system", "-system", true, false},
      {"*-system", "system", false, false},
      {"*sys*", "kube-system", true, true},
      {"*sys*", "kube", false, false},
      {"*", "anything", true, true},
      {"*", "", true, true},
      {"**", "anything", true, true},
      {"a*b", "axb", false, false},
      {"a*b", "a*b", true, false},
      {"a*b*", "a*bc", true, true},
      {"Kube-*", "kube-system", false, false},
  };
  for (const Case& c : kCases) {
    EXPECT_EQ(Glob(c.glob).matches(c.name), c.matches) << c.glob << " " << c.name;
    EXPECT_EQ(Glob(c.glob).matches_generate_name(c.name), c.matches_generate_name) << c.glob << " " << c.name;
  }
}

struct Case {
  const char *match, *object, *name_space;  // YAML; "" is no Namespace
  Matched matched;
};

const char kPod[] =
    "{apiVersion: v1, kind: Pod, metadata: {name: web-1, namespace: shop, labels: {app: web, tier: a}}}";
const char kLost[] = "{apiVersion: v1, kind: Pod, metadata: {generateName: web-}}";
const char kDeployment[] = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: api, namespace: kube-system}}";
const char kRole[] = "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: view}}";
const char kNamespace[] = "{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {team: a}}}";
const char kOtherNamespace[] =
    "{apiVersion: example.com/v1, kind: Namespace, metadata: {name: shop, labels: {team: a}}}";
const char kShop[] = "{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {team: b}}}";
constexpr Matched kYes = Matched::kYes, kNo = Matched::kNo, kUnknown = Matched::kUnknown;

TEST(Match, Objects) {
  const Case kCases[] = {
      {"{}", kPod, "", kYes},
      {"{kinds: []}", kPod, "", kYes},
      // Kinds: one entry must have both.
      {"{kinds: [{kinds: [Pod]}]}", kPod, "", kYes},
      {"{kinds: [{apiGroups: [''], kinds: [Pod]}]}", kPod, "", kYes},
      {"{kinds: [{apiGroups: [apps], kinds: [Pod]}]}", kPod, "", kNo},
      {"{kinds: [{apiGroups: ['*'], kinds: ['*']}]}", kPod, "", kYes},
      {"{kinds: [{apiGroups: [apps], kinds: ['*']}, {apiGroups: [''], kinds: [Service]}]}", kPod, "", kNo},
      {"{kinds: [{apiGroups: [apps], kinds: ['*']}, {apiGroups: [''], kinds: [Service]}]}", kDeployment, "", kYes},
      {"{kinds: [{kinds: [pod]}]}", kPod, "", kNo},
      {"{kinds: [{}]}", kPod, "", kYes},
      // Scope.
      {"{scope: Namespaced}", kPod, "", kYes},
      {"{scope: Namespaced}", kLost, "", kNo},
      {"{scope: Namespaced}", kLost, kShop, kYes},
      {"{scope: Namespaced}", kRole, "", kNo},
      {"{scope: Namespaced}", kNamespace, "", kNo},
      {"{scope: Cluster}", kRole, "", kYes},
      {"{scope: Cluster}", kNamespace, "", kYes},
      {"{scope: Cluster}", kNamespace, kShop, kYes},
      {"{scope: Cluster}", kPod, "", kNo},
      {"{scope: Cluster}", kRole, "{}", kNo},  // gator test's empty Namespace
      {"{scope: '*'}", kRole, "", kYes},
      {"{scope: cluster}", kPod, "", kYes},  // no scope: any
      // Namespaces.
      {"{namespaces: [shop]}", kPod, "", kYes},
      {"{namespaces: ['sh*']}", kPod, "", kYes},
      {"{namespaces: [other]}", kPod, "", kNo},
      {"{namespaces: [other]}", kPod, "{metadata: {name: other}}", kYes},  // the Namespace counts for more
      {"{namespaces: [other]}", kRole, "", kYes},
      {"{namespaces: [shop]}", kNamespace, "", kYes},
      {"{namespaces: [other]}", kNamespace, "", kNo},
      {"{namespaces: [other]}", kOtherNamespace, "", kYes},
      {"{namespaces: [other]}", kRole, "{}", kNo},
      {"{excludedNamespaces: [shop]}", kPod, "", kNo},
      {"{excludedNamespaces: ['kube-*']}", kDeployment, "", kNo},
      {"{excludedNamespaces: ['*-system']}", kDeployment, "", kNo},
      {"{excludedNamespaces: [shop]}", kNamespace, "", kNo},
      {"{excludedNamespaces: ['*']}", kRole, "", kYes},
      {"{namespaces: ['*'], excludedNamespaces: [shop]}", kPod, "", kNo},
      // Labels.
      {"{labelSelector: {}}", kRole, "", kYes},
      {"{labelSelector: {matchLabels: {app: web}}}", kPod, "", kYes},
      {"{labelSelector: {matchLabels: {app: web, tier: b}}}", kPod, "", kNo},
      {"{labelSelector: {matchLabels: {app: web}}}", kRole, "", kNo},
      {"{labelSelector: {matchExpressions: [{key: app, operator: In, values: [x, web]}]}}", kPod, "", kYes},
      {"{labelSelector: {matchExpressions: [{key: app, operator: NotIn, values: [x, web]}]}}", kPod, "", kNo},
      {"{labelSelector: {matchExpressions: [{key: none, operator: NotIn, values: [x]}]}}", kPod, "", kYes},
      {"{labelSelector: {matchExpressions: [{key: app, operator: Exists}]}}", kPod, "", kYes},
      {"{labelSelector: {matchExpressions: [{key: app, operator: DoesNotExist}]}}", kPod, "", kNo},
      {"{labelSelector: {matchExpressions: [{key: app, operator: DoesNotExist}]}}", kRole, "", kYes},
      // Labels of the Namespace.
      {"{namespaceSelector: {matchLabels: {team: b}}}", kPod, kShop, kYes},
      {"{namespaceSelector: {matchLabels: {team: c}}}", kPod, kShop, kNo},
      {"{namespaceSelector: {matchLabels: {team: b}}}", kPod, "", kUnknown},
      {"{namespaceSelector: {}}", kPod, "", kUnknown},
      {"{namespaceSelector: {matchLabels: {team: c}}}", kRole, "", kYes},
      {"{namespaceSelector: {matchLabels: {team: c}}}", kLost, "", kYes},
      {"{namespaceSelector: {matchLabels: {team: a}}}", kNamespace, "", kYes},
      {"{namespaceSelector: {matchLabels: {team: b}}}", kNamespace, kShop, kNo},
      {"{namespaceSelector: {matchLabels: {team: b}}}", kRole, "{}", kNo},
      // What is ruled out before does not become unknown, what comes behind does not save it.
      {"{namespaceSelector: {}, kinds: [{kinds: [Service]}]}", kPod, "", kNo},
      {"{namespaceSelector: {}, labelSelector: {matchLabels: {app: x}}}", kPod, "", kNo},
      {"{namespaceSelector: {}, name: other}", kPod, "", kUnknown},
      // Names.
      {"{name: web-1}", kPod, "", kYes},
      {"{name: 'web-*'}", kPod, "", kYes},
      {"{name: web}", kPod, "", kNo},
      {"{name: ''}", kPod, "", kYes},
      {"{name: 'web-*'}", kLost, "", kYes},
      {"{name: web-}", kLost, "", kNo},
      // Source.
      {"{source: All}", kPod, "", kYes},
      {"{source: Original}", kPod, "", kYes},
      {"{source: Generated}", kPod, "", kNo},
  };
  for (const Case& c : kCases) {
    const Subject match(c.match), object(c.object);
    Review review = object.review();
    std::optional<Subject> name_space;
    if (*c.name_space != '\0') {
      name_space.emplace(c.name_space);
      review.name_space = name_space->value();
    }
    EXPECT_EQ(Match(match.value()).matches(review), c.matched) << c.match << " " << c.object << " " << c.name_space;
  }
}

TEST(Match, OldObject) {
  const Subject match("{kinds: [{kinds: [Pod]}], labelSelector: {matchLabels: {app: web}}}"), now(kPod),
      before("{apiVersion: v1, kind: Pod, metadata: {name: web-1, labels: {app: old}}}");
  const Match compiled(match.value());
  Review review;
  EXPECT_EQ(compiled.matches(review), kNo);
  review.object = subject_of(before.value());
  EXPECT_EQ(compiled.matches(review), kNo);
  review.old_object = subject_of(now.value());
  EXPECT_EQ(compiled.matches(review), kYes);
  review.object = {};
  EXPECT_EQ(compiled.matches(review), kYes);
}

TEST(Match, SaysWhyItIsUnknown) {
  const Subject match("{namespaceSelector: {}}"), pod(kPod);
  std::string why;
  EXPECT_EQ(Match(match.value()).matches(pod.review(), &why), kUnknown);
  EXPECT_EQ(why,
            "unable to match constraints: error matching the requested object: web-1 :failed to run Match criteria: "
            "namespace selector for namespace-scoped object but missing Namespace");
}

TEST(Match, Selectors) {
  constexpr const char* kCases[][2] = {
      {"{}", ""},
      {"{matchExpressions: [{key: a, operator: In}]}", "operator In needs values"},
      {"{matchExpressions: [{key: a, operator: NotIn, values: []}]}", "operator NotIn needs values"},
      {"{matchExpressions: [{key: a, operator: Exists, values: [x]}]}", "operator Exists takes no values"},
      {"{matchExpressions: [{key: a, operator: in, values: [x]}]}",
       "\"in\" is no operator: In, NotIn, Exists or DoesNotExist"},
  };
  for (const auto& [selector, why] : kCases) EXPECT_EQ(check_selector(Subject(selector).value()), why) << selector;
}

}  // namespace
}  // namespace kubegate::gatekeeper
