// The checker, a row an object: what it says of custom resources in the server's order (pruning, nulls, defaults,
// schema, embedded resources, list sets and maps) and of native decoding. Verdicts of real servers are in oracle_test.cc; here
// is what those recordings do not reach.

#include "validate/schema/check.h"

#include <gtest/gtest.h>

#include "validate/document/read.h"
#include "validate/schema/explain.h"

namespace kubegate::schema {
namespace {

constexpr const char* kCrd = R"(
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.acme.io}
spec:
  group: acme.io
  names: {kind: Thing, plural: things}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            x-kubernetes-validations:
            - {rule: "self.a == self.a", message: same}
            properties:
              any: {x-kubernetes-preserve-unknown-fields: true}
              open: {type: object, x-kubernetes-preserve-unknown-fields: true, properties: {m: {type: integer}}}
              closed: {type: object}
              list: {type: array, items: {type: string}}
              nullable: {type: string, nullable: true}
              needs: {type: object, required: [a, b, c], properties: {a: {type: string}, b: {type: string, default: x}, c: {type: string, nullable: true}}}
              counted: {type: object, minProperties: 1, maxProperties: 2, additionalProperties: {type: string}}
              filled: {type: object, minProperties: 1, properties: {d: {type: string, default: x}}}
              map: {type: object, additionalProperties: {type: integer, minimum: 1, maximum: 5, exclusiveMaximum: true}}
              port: {x-kubernetes-int-or-string: true}
              number: {type: number, multipleOf: 0.5}
              integer: {type: integer, format: int32}
              text: {type: string, minLength: 2, maxLength: 3, pattern: "^[a-z]+$"}
              enum: {type: string, enum: [Always, Never]}
              numbers: {type: number, enum: [1, 2.5]}
              objects: {type: object, x-kubernetes-preserve-unknown-fields: true, enum: [{a: 1}, {b: [x]}]}
              set: {type: array, x-kubernetes-list-type: set, items: {type: string}}
              ports:
                type: array
                x-kubernetes-list-type: map
                x-kubernetes-list-map-keys: [port, protocol]
                items: {type: object, required: [port], properties: {port: {type: integer}, protocol: {type: string, default: TCP}}}
              object: {type: object, x-kubernetes-embedded-resource: true, x-kubernetes-preserve-unknown-fields: true}
              either:
                type: object
                properties: {a: {type: string}, b: {type: string}}
                oneOf: [{required: [a]}, {required: [b]}]
              some:
                type: object
                properties: {a: {type: string}, b: {type: string}}
                anyOf: [{required: [a]}, {required: [b]}]
              not: {type: string, not: {enum: [forbidden]}}
              time: {type: string, format: date-time}
)";

struct Row {
  const char* spec;      // of a Thing, flow style
  const char* expected;  // "rule field; …"
};

const Row kRows[] = {
    {"{}", ""},
    {"{any: [1, {x: y}], open: {m: 1, other: true}}", ""},
    {"{open: {m: x}}", "schema/type spec.open.m"},
    {"{closed: {a: 1}}", "schema/unknown-field spec.closed.a"},
    {"{unknown: 1}", "schema/unknown-field spec.unknown"},
    // Nulls: dropped where the schema does not take them, wrong in a list.
    {"{list: null, closed: null, map: {a: null}}", ""},
    {"{list: [null]}", "schema/null spec.list[0]"},
    {"{nullable: null}", ""},
    {"{needs: {a: x, c: null}}", ""},
    {"{needs: {a: null, b: null, c: x}}", "schema/required spec.needs.a"},
    {"{needs: {}}", "schema/required spec.needs.a; schema/required spec.needs.c"},
    {"{counted: {a: null}}", "schema/properties spec.counted"},
    {"{counted: {a: x}}", ""},
    {"{counted: {a: x, b: x, c: x}}", "schema/properties spec.counted"},
    {"{filled: {}}", ""},
    // Types and bounds.
    {"{map: {a: 1, b: 4}}", ""},
    {"{map: {a: 0, b: 5}}", "schema/range spec.map.a; schema/range spec.map.b"},
    {"{port: 80}", ""},
    {"{port: http}", ""},
    {"{port: 1.5}", "schema/type spec.port"},
    {"{port: true}", "schema/type spec.port"},
    {"{number: 1.5}", ""},
    {"{number: 1.25}", "schema/range spec.number"},
    {"{integer: 4000000000}", ""},
    {"{integer: 1e3}", ""},
    {"{integer: 1.5}", "schema/type spec.integer"},
    {"{integer: \"1\"}", "schema/type spec.integer"},
    {"{text: ab}", ""},
    {"{text: \"\u00e4\u00f6\u00fc\u00df\"}", "schema/length spec.text"},
    {"{text: a}", "schema/length spec.text"},
    {"{text: AB}", "schema/pattern spec.text"},
    {"{enum: Always}", ""},
    {"{enum: always}", "schema/enum spec.enum"},
    {"{numbers: 2.5}", ""},
    {"{numbers: 1.0}", ""},
    {"{numbers: 2}", "schema/enum spec.numbers"},
    {"{objects: {b: [x]}}", ""},
    {"{objects: {b: [y]}}", "schema/enum spec.objects"},
    {"{time: \"2024-01-31T08:00:00Z\"}", ""},
    {"{time: tomorrow}", "schema/format spec.time"},
    // List sets and maps.
    {"{set: [a, b]}", ""},
    {"{set: [a, b, a, a]}", "schema/duplicate-item spec.set[2]; schema/duplicate-item spec.set[3]"},
    {"{set: [a, b, c, d, e, f, g, h, i, j, k, l, m, nn, o, p, q, r, a]}", "schema/duplicate-item spec.set[18]"},
    {"{ports: [{port: 1}, {port: 1, protocol: UDP}]}", ""},
    {"{ports: [{port: 1}, {port: 1, protocol: TCP}]}", "schema/duplicate-item spec.ports[1]"},
    // Embedded resources.
    {"{object: {apiVersion: v1, kind: Any, metadata: {name: a}, more: x}}", ""},
    {"{object: {kind: Any}}", "schema/required spec.object.apiVersion"},
    {"{object: {apiVersion: v1, kind: \"\"}}", "schema/required spec.object.kind"},
    {"{object: {apiVersion: v1, kind: Any, metadata: {nme: a}}}", "schema/unknown-field spec.object.metadata.nme"},
    // Value checks.
    {"{either: {a: x}}", ""},
    {"{either: {}}", "schema/combination spec.either"},
    {"{either: {a: x, b: x}}", "schema/combination spec.either"},
    {"{some: {a: x, b: x}}", ""},
    {"{some: {}}", "schema/combination spec.some"},
    {"{not: allowed}", ""},
    {"{not: forbidden}", "schema/combination spec.not"},
};

class CheckTest : public ::testing::Test {
 protected:
  CheckTest() {
    document::Document document;
    document::read({kCrd, 1}, document::Syntax::kYaml, document::Limits{}, document);
    EXPECT_TRUE(document.faults().empty());
    CrdSet set;
    set.add(document, 0);
    Result<std::vector<Target>> targets = parse_targets(std::vector<std::string>{"1.28", "1.29"});
    catalogue_ = *Catalogue::make({*targets, {}}, &set, nullptr);
  }

  std::string check(const std::string& text, const CheckOptions& options = {}) {
    document::Document document;
    document::read({text, 1}, document::Syntax::kYaml, document::Limits{}, document);
    EXPECT_TRUE(document.faults().empty()) << text;
    std::vector<Finding> findings;
    verdict_ = check_object(*catalogue_, document, 0, "", options, findings);
    std::string said;
    for (const Finding& finding : findings) {
      said += (said.empty() ? "" : "; ") + std::string(finding.rule) + " " + finding.field;
      EXPECT_FALSE(finding.message.empty());
      EXPECT_LE(finding.span.begin + finding.span.length, text.size());
    }
    return said;
  }

  std::shared_ptr<const Catalogue> catalogue_;
  ObjectVerdict verdict_;
};

TEST_F(CheckTest, CustomResources) {
  for (const Row& row : kRows) {
    const std::string object =
        "{apiVersion: acme.io/v1, kind: Thing, metadata: {name: a}, spec: " + std::string(row.spec) + "}";
    EXPECT_EQ(check(object), row.expected) << row.spec;
  }
}

TEST_F(CheckTest, RulesAreCountedWhereNobodyJudgesThem) {
  check("{apiVersion: acme.io/v1, kind: Thing, metadata: {name: a}, spec: {}}");
  EXPECT_EQ(verdict_.rules_not_evaluated, 1u);
  check("{apiVersion: acme.io/v1, kind: Thing, metadata: {name: a}}");
  EXPECT_EQ(verdict_.rules_not_evaluated, 0u);
}

TEST_F(CheckTest, LooseLetsUnknownFieldsPass) {
  CheckOptions loose;
  loose.strict = false;
  EXPECT_EQ(check("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, dta: {}}", loose), "");
  EXPECT_EQ(check("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a: 1}}", loose), "schema/type data.a");
}

TEST_F(CheckTest, IgnoresMissingSchemasWhenAsked) {
  CheckOptions options;
  options.ignore_missing_schemas = true;
  EXPECT_EQ(check("{apiVersion: nobody.io/v1, kind: Knows}", options), "");
  EXPECT_TRUE(verdict_.missing_schema);
  // What is known to be gone is no missing schema.
  EXPECT_EQ(check("{apiVersion: policy/v1beta1, kind: PodSecurityPolicy}", options), "schema/not-served apiVersion");
  EXPECT_FALSE(verdict_.missing_schema);
}

TEST_F(CheckTest, ObjectsThatAreNone) {
  EXPECT_EQ(check("just text"), "document/not-an-object ");
  EXPECT_EQ(check("[a]"), "document/not-an-object ");
  EXPECT_EQ(check("{kind: ConfigMap}"), "document/not-an-object apiVersion");
  EXPECT_EQ(check("{apiVersion: v1}"), "document/not-an-object kind");
  EXPECT_EQ(check("{apiVersion: 1, kind: ConfigMap}"), "document/not-an-object apiVersion");
  EXPECT_EQ(check("{apiVersion: v1, kind: \"\"}"), "document/not-an-object kind");
}

struct Message {
  const char* object;
  const char* message;
};

const Message kMessages[] = {
    {"{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {replica: 1, selector: {}, template: {}}}",
     "unknown field \"replica\" in Deployment.spec, did you mean \"replicas\"?"},
    {"{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {image: x, containers: [{name: a}]}}",
     "unknown field \"image\" in Pod.spec: it belongs to Pod.spec.containers[], check the indentation"},
    {"{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a, restartPolcy: x, volumes: []}]}}",
     "unknown field \"volumes\" in Pod.spec.containers[0]: it belongs to Pod.spec, check the indentation"},
    {"{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {mode: 0644}}",
     "ConfigMap.data.mode must be a string, not the number 420: YAML reads 0644 as 420: put it in quotes"},
    {"{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {on: yes}}",
     "ConfigMap.data.true must be a string, not the boolean true: YAML reads yes as true: put it in quotes"},
    {"{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, immutable: \"true\"}",
     "ConfigMap.immutable must be true or false, not the string \"true\": remove the quotes"},
    {"{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {replicas: \"3\", selector: {}, template: "
     "{}}}",
     "Deployment.spec.replicas must be a whole number of 32 bits, not the string \"3\": remove the quotes"},
    {"{apiVersion: acme.io/v1, kind: Thing, metadata: {name: a}, spec: {enum: Allways}}",
     "Thing.spec.enum must be one of \"Always\", \"Never\", not the string \"Allways\": did you mean \"Always\"?"},
};

TEST_F(CheckTest, Messages) {
  for (const Message& row : kMessages) {
    document::Document document;
    document::read({row.object, 1}, document::Syntax::kYaml, document::Limits{}, document);
    std::vector<Finding> findings;
    check_object(*catalogue_, document, 0, "", {}, findings);
    bool found = false;
    std::string all;
    for (const Finding& finding : findings) {
      found = found || finding.message == row.message;
      all += "\n  " + finding.message;
    }
    EXPECT_TRUE(found) << row.message << "\nsaid:" << all;
  }
}

// Many faults in one mapping and in one list: were any step quadratic in them, this would take hours.
TEST_F(CheckTest, ManyFaults) {
  std::string object = "apiVersion: acme.io/v1\nkind: Thing\nmetadata: {name: a}\nspec:\n  set:\n";
  for (int i = 0; i < 100000; ++i) object += "  - same\n";
  object += "  closed:\n";
  for (int i = 0; i < 100000; ++i) object += "    unknown" + std::to_string(i) + ": 1\n";
  document::Document document;
  document::read({object, 1}, document::Syntax::kYaml, document::Limits{}, document);
  std::vector<Finding> findings;
  check_object(*catalogue_, document, 0, "", {}, findings);
  EXPECT_EQ(findings.size(), 99999u + 100000u);
}

}  // namespace
}  // namespace kubegate::schema
