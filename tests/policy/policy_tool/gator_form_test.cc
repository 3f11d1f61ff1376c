// The forms, as gator 3.23 prints them (recorded), of one violation.
#include "policy/policy_tool/gator_form.h"

#include <gtest/gtest.h>

#include "policy/gatekeeper/policies.h"
#include "tests/policy/gatekeeper/policies.h"

namespace kubegate::policy_tool {
namespace {

class GatorForm : public ::testing::Test {
 protected:
  GatorForm() {
    add_file("o.yaml",
             "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: \"web\\\"x\", namespace: shop}\n"
             "spec: {replicas: 1000000, list: []}\n",
             document::Syntax::kYaml, document::ScalarTable::kCluster, objects_);
    compiled_ =
        kubegate::testing::compile(kubegate::testing::template_of("package a\nviolation[{\"msg\": \"<m>\"}] { true }") +
                                   kubegate::testing::constraint_of("{enforcementAction: warn}"));
    results_ = {{&compiled_.policies->constraints()[0], &objects_.objects[0], "a <m>", "{\"x\":[1,2.5]}", "warn"}};
  }

  Objects objects_;
  kubegate::testing::Compiled compiled_;
  std::vector<GatorResult> results_;
};

TEST_F(GatorForm, Lines) {
  EXPECT_EQ(gator_lines(results_), "apps/v1/Deployment shop/web\"x: [\"test\"] Message: \"a <m>\"\n");
}

TEST_F(GatorForm, Json) {
  EXPECT_EQ(gator_json({}, nullptr), "null");
  EXPECT_EQ(gator_json(results_, nullptr), R"([
    {
        "target": "admission.k8s.gatekeeper.sh",
        "msg": "a \u003cm\u003e",
        "metadata": {
            "details": {
                "x": [
                    1,
                    2.5
                ]
            }
        },
        "constraint": {
            "apiVersion": "constraints.gatekeeper.sh/v1beta1",
            "kind": "K8sTest",
            "metadata": {
                "name": "test"
            },
            "spec": {
                "enforcementAction": "warn"
            }
        },
        "enforcementAction": "warn",
        "violatingObject": {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {
                "name": "web\"x",
                "namespace": "shop"
            },
            "spec": {
                "list": [],
                "replicas": 1000000
            }
        },
        "trace": null
    }
])");
  const std::vector<GatorCost> costs = {{results_[0].constraint, 2, std::chrono::nanoseconds(7)}};
  EXPECT_EQ(gator_json({}, &costs), R"({
    "results": null,
    "stats": [
        {
            "scope": "template",
            "statsFor": "K8sTest",
            "stats": [
                {
                    "name": "templateRunTimeNS",
                    "value": 7,
                    "source": {
                        "type": "engine",
                        "value": "Rego"
                    }
                },
                {
                    "name": "constraintCount",
                    "value": 2,
                    "source": {
                        "type": "engine",
                        "value": "Rego"
                    }
                }
            ],
            "labels": [
                {
                    "name": "TracingEnabled",
                    "value": false
                },
                {
                    "name": "PrintEnabled",
                    "value": false
                },
                {
                    "name": "target",
                    "value": "admission.k8s.gatekeeper.sh"
                }
            ]
        }
    ]
})");
}

TEST_F(GatorForm, Yaml) {
  EXPECT_EQ(gator_yaml({}, nullptr), "[]\n");
  const std::string yaml = gator_yaml(results_, nullptr);
  for (const char* part : {"- result:\n", "enforcementaction: warn\n", "scopedenforcementactions: []\n", "object:\n",
                           "msg: a <m>\n", "violatingObject:\n", "trace: null\n"}) {
    EXPECT_NE(yaml.find(part), std::string::npos) << part << yaml;
  }
}

TEST_F(GatorForm, Order) {
  std::vector<GatorResult> results = {results_[0], results_[0], results_[0]};
  results[0].message = "b";
  results[1].message = "a";
  results[2].message = "a";
  results[2].details = "second";
  sort_results(results);
  EXPECT_EQ(results[0].message + results[1].message + results[2].message, "aab");
  EXPECT_EQ(results[1].details, "second");
}

}  // namespace
}  // namespace kubegate::policy_tool
