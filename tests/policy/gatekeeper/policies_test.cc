// What is said of templates and constraints, and where. The rows of faults are texts of Rego or of a spec; positions are
// those of the file, though the Rego stands indented in a block.
#include "policy/gatekeeper/policies.h"

#include <gtest/gtest.h>

#include "tests/policy/gatekeeper/policies.h"

namespace kubegate::gatekeeper {
namespace {

using testing::compile;
using testing::Compiled;
using testing::constraint_of;
using testing::template_of;
using Strings = std::vector<std::string>;

constexpr const char* kSound = "package a\nviolation[{\"msg\": \"x\"}] { input.review.object.bad }\n";

// Line 13 is the first of the Rego, which begins at column 9.
TEST(Templates, RegoFaults) {
  struct Case {
    const char *rego, *finding;  // "" is none
  };
  constexpr Case kCases[] = {
      {kSound, ""},
      {"package x.y\nviolation[{\"msg\": m}] { m := \"any package\" }\n", ""},
      {"package a\nviolation = {{\"msg\": \"complete\"}}\n", ""},
      {"package a\nimport future.keywords.in\nviolation[{\"msg\": \"x\"}] { 1 in [1] }\n", ""},
      {"package a\nviolation[{\"msg\": \"x\"}] { data.inventory.cluster[_].Namespace[_] }\n", ""},
      {"package a\nviolation[{\"msg\": \"x\"}] {\n", "12:13: rego_parse_error: unexpected eof token"},
      {"package a\nviolation[{\"msg\": \"x\"}] {\n  é := 1 +\n}\n", "15:11: rego_parse_error: illegal token"},
      {"package a\nother[{\"msg\": \"x\"}] { true }\n", "13:9: the rule `violation` is missing [policy/rego]"},
      {"package a\nimport input.review\nviolation[{\"msg\": \"x\"}] { review }\n",
       "14:9: a template imports nothing but"},
      {"package a\nimport data.other\nviolation[{\"msg\": \"x\"}] { other }\n", "14:9: a template imports nothing but"},
      {"package a\nimport rego.v1\nviolation contains {\"msg\": \"x\"} if { true }\n",
       "14:9: a template imports nothing but"},
      {"package a\nviolation[{\"msg\": \"x\"}] {\n  data.secrets\n}\n", "15:11: a template reads nothing of data but"},
      {"package a\nviolation[{\"msg\": \"x\"}] {\n  x := data\n  x.y\n}\n",
       "15:16: a template reads nothing of data but"},
      {"package a\nviolation[{\"msg\": \"x\"}] {\n  k := \"lib\"\n  data[k].x\n}\n",
       "16:11: a template reads nothing of data but"},
      {"package a\nviolation = \"text\" { true }\n", "rego_type_error"},
      {"package a\nviolation[{\"x\": 1}] { true }\n", "rego_type_error: undefined ref: r.msg"},
      {"package a\nviolation(x) = y { y := x }\n", "rego_type_error"},
      {"package a\nviolation[{\"msg\": \"x\"}] { x > 1 }\n", "14:35: rego_unsafe_var_error: var x is unsafe"},
      {"package a\nviolation[{\"msg\": \"x\"}] { nothing(1) }\n", "14:35: rego_type_error: undefined function nothing"},
  };
  for (const Case& c : kCases) {
    const Compiled compiled = compile(template_of(c.rego) + constraint_of());
    if (*c.finding == '\0') {
      EXPECT_EQ(compiled.findings, Strings()) << c.rego;
      EXPECT_EQ(compiled.policies->constraints().size(), 1u) << c.rego;
      continue;
    }
    // The second is that the constraint checks nothing.
    ASSERT_GE(compiled.findings.size(), 2u) << c.rego;
    EXPECT_NE(compiled.findings.front().find(c.finding), std::string::npos) << c.rego << compiled.findings.front();
    EXPECT_NE(compiled.findings.back().find("is not sound, so this checks nothing [policy/constraint]"),
              std::string::npos)
        << compiled.findings.back();
    EXPECT_EQ(compiled.policies->constraints().size(), 0u) << c.rego;
  }
}

// Rows replace a line of a sound template.
TEST(Templates, Form) {
  struct Case {
    const char *line, *by, *finding;
  };
  constexpr Case kCases[] = {
      {"  name: k8stest\n", "  name: other\n",
       "policy.yaml:4:9: the name of a template is its kind in lower case: \"k8stest\" [policy/template]"},
      {"        kind: K8sTest\n", "        kind: \"\"\n", "spec.crd.spec.names.kind [policy/template]"},
      {"admission.k8s.gatekeeper.sh\n", "other.example.com\n",
       "policy.yaml:11:15: the target of a template is admission.k8s.gatekeeper.sh [policy/template]"},
      {"  targets:\n", "  targets:\n    - target: admission.k8s.gatekeeper.sh\n      rego: package a\n",
       "a template has exactly one target, admission.k8s.gatekeeper.sh [policy/template]"},
      {"      rego: |\n", "      regox: |\n", "there is no code of an engine that is known"},
  };
  const std::string sound = template_of(kSound);
  for (const Case& c : kCases) {
    std::string text = sound;
    const std::size_t at = text.find(c.line);
    ASSERT_NE(at, std::string::npos) << c.line;
    text.replace(at, std::string_view(c.line).size(), c.by);
    const Compiled compiled = compile(text);
    const bool found = std::any_of(compiled.findings.begin(), compiled.findings.end(), [&](const std::string& finding) {
      return finding.find(c.finding) != std::string::npos;
    });
    EXPECT_TRUE(found) << c.by << (compiled.findings.empty() ? "" : compiled.findings.front());
  }
}

std::string template_with_code(const std::string& target, const char* version = "v1") {
  return "apiVersion: templates.gatekeeper.sh/" + std::string(version) +
         "\nkind: ConstraintTemplate\nmetadata: {name: k8stest}\nspec:\n  crd: {spec: {names: {kind: K8sTest}}}\n"
         "  targets:\n    - target: admission.k8s.gatekeeper.sh\n" +
         target;
}

TEST(Templates, Code) {
  struct Case {
    const char *target, *findings, *message;  // the message of the violation of any object
  };
  constexpr Case kCases[] = {
      {"      rego: 'package a violation[{\"msg\": \"inline\"}] { true }'\n", "", "inline"},
      {"      code: [{engine: Rego, source: {rego: 'package a violation[{\"msg\": \"v0\"}] { true }'}}]\n", "", "v0"},
      {"      code: [{engine: Rego, source: {version: v1, rego: "
       "'package a violation contains {\"msg\": \"v1\"} if { true }'}}]\n",
       "", "v1"},
      {"      code: [{engine: Rego, source: {version: v0, rego: 'package a violation[{\"msg\": \"v0\"}] { true }'}}]\n",
       "", "v0"},
      {"      code: [{engine: Rego, source: {version: v1, rego: 'package a violation[{\"msg\": \"x\"}] { true }'}}]\n",
       "rego_parse_error", ""},
      {"      rego: 'package a violation[{\"msg\": \"inline\"}] { true }'\n"
       "      code: [{engine: Rego, source: {rego: 'package a violation[{\"msg\": \"code\"}] { true }'}}]\n",
       "", "inline"},
      {"      code:\n        - {engine: K8sNativeValidation, source: {validations: [{expression: 'true'}]}}\n"
       "        - {engine: Rego, source: {rego: 'package a violation[{\"msg\": \"both\"}] { true }'}}\n",
       "", "both"},
      {"      code:\n        - {engine: K8sNativeValidation, source: {validations: [{expression: 'true'}]}}\n",
       "code in CEL alone, which is not evaluated: its constraints check nothing [policy/not-evaluated]", ""},
      {"      code:\n        - {engine: K8sNativeValidation, source: {validation: []}}\n",
       "\"validation\" is nothing that K8sNativeValidation knows", ""},
      {"      code:\n        - {engine: K8sNativeValidation, source: {failurePolicy: Maybe}}\n",
       "a failurePolicy is Fail or Ignore", ""},
      {"      code:\n        - {engine: K8sNativeValidation, source: {variables: [{name: params, expression: '1'}]}}\n",
       "the variable \"params\" is Gatekeeper's own", ""},
      {"      code: [{engine: Other, source: {}}]\n", "there is no code of an engine that is known", ""},
      {"      rego: 'package a violation[{\"msg\": data.lib.b.text}] { true }'\n"
       "      libs: ['package lib.b text = \"from a library\"']\n",
       "", "from a library"},
      {"      rego: 'package a import data.lib.b violation[{\"msg\": b.text}] { true }'\n"
       "      libs: ['package lib.c import data.lib.b text = b.text', 'package lib.b text = \"two\"']\n",
       "", "two"},
      {"      rego: 'package a violation[{\"msg\": \"x\"}] { true }'\n      libs: ['package other x = 1']\n",
       "the package of a library is lib.<name>", ""},
      {"      rego: 'package a violation[{\"msg\": \"x\"}] { true }'\n      libs: ['package lib.b x = data.secret']\n",
       "a template reads nothing of data but", ""},
  };
  for (const Case& c : kCases) {
    const Compiled compiled = compile(template_with_code(c.target) + constraint_of());
    if (*c.findings == '\0') {
      EXPECT_EQ(compiled.findings, Strings()) << c.target;
    } else {
      ASSERT_FALSE(compiled.findings.empty()) << c.target;
      EXPECT_NE(compiled.findings[0].find(c.findings), std::string::npos) << c.target << compiled.findings[0];
    }
    Reviewer reviewer(compiled.policies);
    const testing::Subject pod("{apiVersion: v1, kind: Pod, metadata: {name: a}}");
    const Strings violations = testing::violations_of(reviewer, pod.review());
    EXPECT_EQ(violations, *c.message == '\0' ? Strings() : Strings{"test: " + std::string(c.message)}) << c.target;
  }
}

// Every fault of one template or constraint leaves the others whole.
TEST(Policies, TheRestStillWorks) {
  const Compiled compiled =
      compile(template_of(kSound) + "---\n" + template_of("package a\nbroken", "", "K8sBroken") + constraint_of() +
              constraint_of("{}", "b", "K8sBroken") + constraint_of("{}", "c", "K8sUnknown") +
              constraint_of("{match: {labelSelector: {matchExpressions: [{key: a, operator: No}]}}}", "d"));
  ASSERT_EQ(compiled.findings.size(), 4u);
  EXPECT_NE(compiled.findings[0].find("rego_parse_error"), std::string::npos) << compiled.findings[0];
  EXPECT_NE(compiled.findings[1].find("the template of K8sBroken is not sound"), std::string::npos);
  EXPECT_NE(compiled.findings[2].find("no ConstraintTemplate defines the kind K8sUnknown"), std::string::npos);
  EXPECT_NE(compiled.findings[3].find("operator"), std::string::npos);
  ASSERT_EQ(compiled.policies->constraints().size(), 1u);
  EXPECT_EQ(compiled.policies->constraints()[0].name, "test");
}

TEST(Policies, TheLaterCounts) {
  const Compiled compiled =
      compile(template_of(kSound) + "---\n" + template_of("package a\nviolation[{\"msg\": \"later\"}] { true }\n") +
              constraint_of("{enforcementAction: warn}") + constraint_of("{enforcementAction: dryrun}"));
  EXPECT_EQ(compiled.findings, Strings());
  ASSERT_EQ(compiled.policies->constraints().size(), 1u);
  EXPECT_EQ(compiled.policies->constraints()[0].action, "dryrun");
  Reviewer reviewer(compiled.policies);
  const testing::Subject pod("{apiVersion: v1, kind: Pod, metadata: {name: a}}");
  EXPECT_EQ(testing::violations_of(reviewer, pod.review()), Strings{"test: later"});
}

constexpr const char* kSchema =
    "{type: object, properties: {count: {type: integer, default: 3}, list: {type: array, items: {type: object, "
    "properties: "
    "{a: {type: string, default: x}, b: {type: string}}}}, deep: {type: object, default: {}, properties: {active: "
    "{type: "
    "boolean, default: true}}}}}";

TEST(Constraints, Parameters) {
  struct Case {
    const char *spec, *parameters;  // what Rego sees of them, or the finding
  };
  constexpr Case kCases[] = {
      {"{}", "{}"},
      {"{parameters: {}}", R"({"count":3,"deep":{"active":true}})"},
      {"{parameters: {count: 5}}", R"({"count":5,"deep":{"active":true}})"},
      {"{parameters: {count: 1000000}}", R"({"count":1000000,"deep":{"active":true}})"},
      {"{parameters: {deep: {active: false}}}", R"({"count":3,"deep":{"active":false}})"},
      {"{parameters: {list: [{b: text}, {a: z}]}}",
       R"({"count":3,"deep":{"active":true},"list":[{"a":"x","b":"text"},{"a":"z"}]})"},
      {"{parameters: {count: text}}", "spec.parameters.count"},
      {"{parameters: {m: 1}}", "unknown field \"m\""},
      {"{parameters: {list: [{c: 1}]}}", "unknown field \"c\""},
      {"{match: {kindz: []}}", "unknown field \"kindz\""},
      {"{enforcementAction: scoped}", "needs spec.scopedEnforcementActions"},
  };
  const std::string policy =
      template_of("package a\nviolation[{\"msg\": m}] { m := json.marshal(input.parameters) }\n", kSchema);
  for (const Case& c : kCases) {
    const Compiled compiled = compile(policy + constraint_of(c.spec));
    const testing::Subject pod("{apiVersion: v1, kind: Pod, metadata: {name: a}}");
    Reviewer reviewer(compiled.policies);
    const Strings violations = testing::violations_of(reviewer, pod.review());
    if (c.parameters[0] == '{') {
      EXPECT_EQ(compiled.findings, Strings()) << c.spec;
      EXPECT_EQ(violations, Strings{"test: " + std::string(c.parameters)}) << c.spec;
    } else {
      ASSERT_EQ(compiled.findings.size(), 1u) << c.spec;
      EXPECT_NE(compiled.findings[0].find(c.parameters), std::string::npos) << compiled.findings[0];
      EXPECT_EQ(violations, Strings()) << c.spec;
    }
  }
}

TEST(Constraints, LegacySchemaTakesWhatItDoesNotName) {
  std::string legacy = template_of(kSound, kSchema);
  const std::string v1 = "gatekeeper.sh/v1\n";
  legacy.replace(legacy.find(v1), v1.size(), "gatekeeper.sh/v1beta1\n");
  EXPECT_EQ(compile(legacy + constraint_of("{parameters: {m: 1}}")).findings, Strings());
  EXPECT_EQ(compile(template_of(kSound, kSchema) + constraint_of("{parameters: {m: 1}}")).findings.size(), 1u);
}

TEST(Constraints, Actions) {
  struct Case {
    const char *spec, *action;
    Strings scoped;
    bool denies, applies;
  };
  const Case kCases[] = {
      {"{}", "deny", {}, true, true},
      {"{enforcementAction: deny}", "deny", {}, true, true},
      {"{enforcementAction: warn}", "warn", {}, false, true},
      {"{enforcementAction: dryrun}", "dryrun", {}, false, true},
      {"{enforcementAction: Deny}", "Deny", {}, false, true},
      {"{enforcementAction: scoped, scopedEnforcementActions: [{action: deny, enforcementPoints: [{name: '*'}]}, "
       "{action: warn, enforcementPoints: [{name: gator.gatekeeper.sh}]}]}",
       "scoped",
       {"deny", "warn"},
       true,
       true},
      {"{enforcementAction: scoped, scopedEnforcementActions: [{action: deny, enforcementPoints: [{name: "
       "audit.gatekeeper.sh}]}]}",
       "scoped",
       {},
       false,
       false},
  };
  for (const Case& c : kCases) {
    const Compiled compiled = compile(template_of(kSound) + constraint_of(c.spec));
    ASSERT_EQ(compiled.policies->constraints().size(), 1u) << c.spec;
    const Constraint& constraint = compiled.policies->constraints()[0];
    EXPECT_EQ(constraint.action, c.action) << c.spec;
    EXPECT_EQ(constraint.scoped_actions, c.scoped) << c.spec;
    EXPECT_EQ(constraint.denies(), c.denies) << c.spec;
    EXPECT_EQ(constraint.applies(), c.applies) << c.spec;
    EXPECT_EQ(compiled.policies->covering("", "Pod").size(), c.applies ? 1u : 0u) << c.spec;
  }
}

TEST(Policies, Inventory) {
  struct Case {
    const char* body;
    bool all;
    std::set<std::string, std::less<>> kinds;
  };
  const Case kCases[] = {
      {"true", false, {}},
      {"data.inventory.cluster[\"v1\"].Namespace[_]", false, {"Namespace"}},
      {"data.inventory.cluster[_].Namespace[_]", false, {"Namespace"}},
      {"data.inventory.namespace[ns][_][\"Service\"][_]; ns != \"x\"", false, {"Service"}},
      {"data.inventory.namespace[_][_].Ingress[_]; data.inventory.namespace[_][_].Service[_]",
       false,
       {"Ingress", "Service"}},
      {"data.inventory.namespace[_][_][k][_]; k == \"Service\"", true, {}},
      {"i := data.inventory; i.cluster", true, {}},
      {"data.inventory[\"cluster\"][_].Node[_]", false, {"Node"}},
      {"data.inventory[w][_].Node[_]; w == \"cluster\"", true, {}},
  };
  for (const Case& c : kCases) {
    const Compiled compiled = compile(
        template_of("package a\nviolation[{\"msg\": \"x\"}] { " + std::string(c.body) + " }\n") + constraint_of());
    EXPECT_EQ(compiled.findings, Strings()) << c.body;
    EXPECT_EQ(compiled.policies->inventory().all, c.all) << c.body;
    if (!c.all) {
      EXPECT_EQ(compiled.policies->inventory().kinds, c.kinds) << c.body;
    }
  }
}

TEST(Policies, Roles) {
  EXPECT_EQ(role_of("templates.gatekeeper.sh/v1", "ConstraintTemplate"), Role::kTemplate);
  EXPECT_EQ(role_of("constraints.gatekeeper.sh/v1beta1", "Anything"), Role::kConstraint);
  EXPECT_EQ(role_of("mutations.gatekeeper.sh/v1", "AssignImage"), Role::kMutator);
  EXPECT_EQ(role_of("expansion.gatekeeper.sh/v1beta1", "ExpansionTemplate"), Role::kExpansion);
  EXPECT_EQ(role_of("templates.gatekeeper.sh/v1", "Pod"), Role::kNone);
  EXPECT_EQ(role_of("v1", "ConstraintTemplate"), Role::kNone);
}

}  // namespace
}  // namespace kubegate::gatekeeper
