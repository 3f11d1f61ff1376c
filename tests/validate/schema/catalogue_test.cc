// What the catalogue says of an API version: one row, one object, the sentence and the targets that it holds for.

#include "validate/schema/catalogue.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "validate/document/read.h"
#include "validate/schema/check.h"

namespace kubegate::schema {
namespace {

std::shared_ptr<const Catalogue> make_catalogue(const std::vector<std::string>& versions,
                                                std::vector<std::string> pins = {}, const CrdSet* given = nullptr,
                                                const CrdSet* found = nullptr) {
  Result<std::vector<Target>> targets = parse_targets(versions);
  EXPECT_TRUE(targets.ok());
  auto catalogue = Catalogue::make({*targets, std::move(pins)}, given, found);
  EXPECT_TRUE(catalogue.ok());
  return *catalogue;
}

struct Row {
  std::vector<std::string> versions;
  const char* api_version;
  const char* kind;
  const char* expected;   // "severity rule targets: message", "" for nothing to say
};

const Row kRows[] = {
    {{"1.28", "1.29"}, "apps/v1", "Deployment", ""},
    {{"1.28", "1.29"}, "flowcontrol.apiserver.k8s.io/v1beta2", "FlowSchema",
     "error schema/not-served 2: flowcontrol.apiserver.k8s.io/v1beta2 is gone in 1.29: use v1beta3"},
    {{"1.28"}, "flowcontrol.apiserver.k8s.io/v1beta2", "FlowSchema",
     "warning schema/dropped-next 1: flowcontrol.apiserver.k8s.io/v1beta2 FlowSchema is gone in 1.29: use v1beta3"},
    {{"1.28", "1.29"}, "flowcontrol.apiserver.k8s.io/v1", "FlowSchema",
     "error schema/not-served 1: flowcontrol.apiserver.k8s.io/v1 FlowSchema came with 1.29, 1.28 does not serve it: "
     "use v1beta3"},
    {{"1.29"}, "admissionregistration.k8s.io/v1beta1", "ValidatingAdmissionPolicy",
     "error schema/not-served 1: admissionregistration.k8s.io/v1beta1 ValidatingAdmissionPolicy is off by default in "
     "1.29: the cluster must switch it on (--runtime-config)"},
    {{"1.29", "1.30"}, "admissionregistration.k8s.io/v1beta1", "ValidatingAdmissionPolicy",
     "error schema/not-served 3: admissionregistration.k8s.io/v1beta1 ValidatingAdmissionPolicy is off by default in "
     "1.29 and 1.30: the cluster must switch it on (--runtime-config)"},
    {{"1.30"}, "admissionregistration.k8s.io/v1beta1", "ValidatingAdmissionPolicy",
     "error schema/not-served 1: admissionregistration.k8s.io/v1beta1 ValidatingAdmissionPolicy is off by default in "
     "1.30: use v1"},
    {{"1.28", "1.29"}, "policy/v1beta1", "PodSecurityPolicy",
     "error schema/not-served 3: policy/v1beta1 PodSecurityPolicy is gone since 1.25: use Pod Security admission "
     "(pod-security.kubernetes.io labels on namespaces)"},
    {{"1.28"}, "extensions/v1beta1", "Ingress",
     "error schema/not-served 1: extensions/v1beta1 Ingress is gone since 1.22: use networking.k8s.io/v1"},
    {{"1.28"}, "karpenter.k8s.aws/v1alpha1", "AWSNodeTemplate",
     "error schema/not-served 1: karpenter.k8s.aws/v1alpha1 AWSNodeTemplate is gone since Karpenter 0.33: use "
     "karpenter.k8s.aws/v1 EC2NodeClass"},
    {{"1.28"}, "karpenter.k8s.aws/v1beta1", "NodeClass",
     "error schema/unknown-kind 1: there is no kind \"NodeClass\" in karpenter.k8s.aws/v1beta1, did you mean "
     "\"EC2NodeClass\"?"},
    {{"1.28"}, "apps/v1", "Deploymnet",
     "error schema/unknown-kind 1: there is no kind \"Deploymnet\" in apps/v1, did you mean \"Deployment\"?"},
    {{"1.28"}, "v1", "Deployment",
     "error schema/unknown-kind 1: there is no v1 Deployment, did you mean apps/v1 Deployment?"},
    {{"1.28"}, "apps/v2", "Deployment", "error schema/unknown-kind 1: there is no apps/v2 Deployment: use apps/v1"},
    {{"1.28"}, "acme.io/v1", "Widget",
     "error schema/unknown-kind 1: no schema for acme.io/v1 Widget: add its CRD with --crd, or allow it with "
     "--ignore-missing-schemas"},
    {{"1.28"}, "external-secrets.io/v1beta1", "ExternalSecret",
     "warning schema/outdated-version 1: external-secrets v2.9.0 no longer serves external-secrets.io/v1beta1 "
     "ExternalSecret (judged by v0.9.20): use v1"},
    {{"1.28"}, "external-secrets.io/v1", "ExternalSecret", ""},
};

TEST(Catalogue, ExplainsKinds) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(std::string(row.api_version) + " " + row.kind);
    const auto catalogue = make_catalogue(row.versions);
    const Resolution resolution = catalogue->resolve(row.api_version, row.kind);
    std::vector<Finding> findings;
    if (resolution.table == nullptr || catalogue->has_remarks(resolution)) {
      catalogue->explain_kind(row.api_version, row.kind, resolution, findings);
    }
    std::string said;
    for (const Finding& finding : findings) {
      if (!said.empty()) said += "\n";
      said += finding.severity == Severity::kError ? "error " : "warning ";
      said += std::string(finding.rule) + " " + std::to_string(finding.targets) + ": " + finding.message;
    }
    EXPECT_EQ(said, row.expected);
  }
}

TEST(Catalogue, TargetsAreTakenAsPeopleWriteThem) {
  auto names = [](std::vector<std::string> written) {
    Result<std::vector<Target>> targets = parse_targets(written);
    if (!targets.ok()) return targets.error().text();
    std::string out;
    for (const Target& target : *targets) out += target.name + " ";
    return out;
  };
  EXPECT_EQ(names({"1.29"}), "1.29 ");
  EXPECT_EQ(names({"1.29.3"}), "1.29 ");
  EXPECT_EQ(names({"v1.29"}), "1.29 ");
  EXPECT_EQ(names({"v1.29.3", "1.28", "1.29"}), "1.28 1.29 ");
  EXPECT_EQ(names({"master"}), "1.36 ");
  for (const char* wrong : {"1.27", "1", "latest", "1.29.", "1.29.x", "", "1.29.3.4", "vv1.29"}) {
    EXPECT_FALSE(parse_targets(std::vector<std::string>{wrong}).ok()) << wrong;
  }
}

// Definitions of the user: a CRD read from text.
void add(CrdSet& set, const char* text) {
  document::Document document;
  document::read({text, 1}, document::Syntax::kYaml, document::Limits{}, document);
  const ObjectIdentity identity = identity_of(document, 0);
  ASSERT_TRUE(CrdSet::defines_kinds(identity.api_version, identity.kind));
  set.add(document, 0);
}

constexpr const char* kWidget = R"(
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.acme.io}
spec:
  group: acme.io
  names: {kind: Widget, plural: widgets}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec: {type: object, required: [size], properties: {size: {type: integer}}}
  - name: v1alpha1
    served: false
    storage: false
    schema: {openAPIV3Schema: {type: object}}
)";

// A NodePool without the field that the built-in definition requires.
constexpr const char* kNodePool = R"(
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: nodepools.karpenter.sh}
spec:
  group: karpenter.sh
  names: {kind: NodePool, plural: nodepools}
  scope: Cluster
  versions:
  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, properties: {own: {type: string}}}}}
)";

constexpr const char* kTemplate = R"(
apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata: {name: k8srequiredlabels}
spec:
  crd:
    spec:
      names: {kind: K8sRequiredLabels}
      validation:
        openAPIV3Schema: {type: object, properties: {labels: {type: array, items: {type: string}}}}
)";

std::vector<std::string> check(const Catalogue& catalogue, const char* text) {
  document::Document document;
  document::read({text, 1}, document::Syntax::kYaml, document::Limits{}, document);
  std::vector<Finding> findings;
  check_object(catalogue, document, 0, "", {}, findings);
  std::vector<std::string> said;
  for (const Finding& finding : findings) said.push_back(std::string(finding.rule) + " " + finding.field);
  return said;
}

using Said = std::vector<std::string>;

TEST(Catalogue, ServesDefinitionsOfTheUser) {
  CrdSet set;
  add(set, kWidget);
  const auto catalogue = make_catalogue({"1.29"}, {}, &set);
  EXPECT_EQ(check(*catalogue, "{apiVersion: acme.io/v1, kind: Widget, metadata: {name: a}, spec: {size: 3}}"), Said{});
  EXPECT_EQ(check(*catalogue, "{apiVersion: acme.io/v1, kind: Widget, metadata: {name: a}, spec: {}}"),
            Said{"schema/required spec.size"});
  EXPECT_EQ(check(*catalogue, "{apiVersion: acme.io/v1, kind: Widget, metadata: {name: a, nam: b}, spec: {size: 3}}"),
            Said{"schema/unknown-field metadata.nam"});
  EXPECT_EQ(check(*catalogue, "{apiVersion: acme.io/v1alpha1, kind: Widget, metadata: {name: a}}"),
            Said{"schema/not-served apiVersion"});
  EXPECT_EQ(check(*catalogue, "{apiVersion: acme.io/v2, kind: Widget, metadata: {name: a}}"),
            Said{"schema/unknown-kind apiVersion"});
}

TEST(Catalogue, GivenWinsOverInputAndInputOverBundles) {
  constexpr const char* kObject = "{apiVersion: karpenter.sh/v1, kind: NodePool, metadata: {name: a}, own: x}";
  EXPECT_EQ(check(*make_catalogue({"1.29"}), kObject), (Said{"schema/unknown-field own", "schema/required spec"}));
  CrdSet own, empty;
  add(own, kNodePool);
  EXPECT_EQ(check(*make_catalogue({"1.29"}, {}, &own, nullptr), kObject), Said{});
  EXPECT_EQ(check(*make_catalogue({"1.29"}, {}, nullptr, &own), kObject), Said{});
  // An API version that the user's definition does not have is not taken from a bundle.
  EXPECT_EQ(check(*make_catalogue({"1.29"}, {}, nullptr, &own),
                  "{apiVersion: karpenter.sh/v1beta1, kind: NodePool, metadata: {name: a}}"),
            Said{"schema/unknown-kind apiVersion"});
  // Given before found.
  CrdSet other;
  std::string changed = kNodePool;
  changed.replace(changed.find("own"), 3, "oth");
  add(other, changed.c_str());
  EXPECT_EQ(check(*make_catalogue({"1.29"}, {}, &own, &other), kObject), Said{});
  EXPECT_EQ(check(*make_catalogue({"1.29"}, {}, &other, &own), kObject), Said{"schema/unknown-field own"});
}

TEST(Catalogue, ConstraintTemplatesDeclareKinds) {
  CrdSet set;
  add(set, kTemplate);
  const auto catalogue = make_catalogue({"1.29"}, {}, nullptr, &set);
  EXPECT_EQ(check(*catalogue, "{apiVersion: constraints.gatekeeper.sh/v1beta1, kind: K8sRequiredLabels, metadata: {name: a}, "
                              "spec: {match: {any: thing}, parameters: {labels: [a]}}}"),
            Said{"schema/unknown-field spec.match.any"});
  EXPECT_EQ(check(*catalogue, "{apiVersion: constraints.gatekeeper.sh/v1beta1, kind: K8sRequiredLabels, metadata: {name: a}, "
                              "spec: {parameters: {labels: a, more: 1}}}"),
            (Said{"schema/type spec.parameters.labels", "schema/unknown-field spec.parameters.more"}));
}

TEST(Catalogue, PinsBundles) {
  constexpr const char* kOld = "{apiVersion: karpenter.sh/v1beta1, kind: NodePool, metadata: {name: a}}";
  auto has = [](const Said& said, const char* what) { return std::find(said.begin(), said.end(), what) != said.end(); };
  EXPECT_TRUE(has(check(*make_catalogue({"1.29"}), kOld), "schema/outdated-version apiVersion"));
  EXPECT_FALSE(has(check(*make_catalogue({"1.29"}, {"karpenter@v1.0.11"}), kOld), "schema/not-served apiVersion"));
  EXPECT_TRUE(has(check(*make_catalogue({"1.29"}, {"karpenter@1.14"}), kOld), "schema/not-served apiVersion"));
  Result<std::vector<Target>> targets = parse_targets(std::vector<std::string>{"1.29"});
  for (const char* wrong : {"karpenter", "karpenter@", "karpenter@v9", "nobody@v1", "kubernetes@1.29"}) {
    EXPECT_FALSE(Catalogue::make({*targets, {wrong}}, nullptr, nullptr).ok()) << wrong;
  }
}

}  // namespace
}  // namespace kubegate::schema
