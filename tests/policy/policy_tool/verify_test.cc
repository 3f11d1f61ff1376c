// Cases and what comes of them. The errors are gator's (3.23) word for word, but for files, whose names are told as they
// were given, and what an engine says of a schema or an expression.
#include "policy/policy_tool/verify.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/folder.h"

namespace kubegate::policy_tool {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTemplate = R"(
apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata: {name: k8snum}
spec:
  crd:
    spec:
      names: {kind: K8sNum}
      validation: {openAPIV3Schema: {type: object, properties: {m: {type: number}}}}
  targets:
  - target: admission.k8s.gatekeeper.sh
    rego: |
      package num
      violation[{"msg": "bad name"}] { input.review.object.metadata.name == "bad" }
      violation[{"msg": "really bad name"}] { input.review.object.metadata.name == "bad" }
      violation[{"msg": msg}] { input.review.object.kind == "Namespace"; msg := json.marshal(data.inventory) }
      violation[{"msg": 1}] { input.review.object.kind == "Odd" }
)";

class Verify : public testing::Test {
 protected:
  Verify() {
    const std::string constraint =
        "apiVersion: constraints.gatekeeper.sh/v1beta1\nkind: K8sNum\nmetadata: {name: num}\nspec: ";
    const std::string review = "apiVersion: admission.k8s.io/v1\nkind: AdmissionReview\n";
    const std::string bad = "{apiVersion: v1, kind: Pod, metadata: {name: bad}}";
    write("t.yaml", kTemplate);
    write("c.yaml", constraint + "{parameters: {m: 2.50}}\n");
    write("cbad.yaml", constraint + "{parameters: {m: x}}\n");
    write("cmatch.yaml", constraint + "{match: {labelSelector: {matchExpressions: [{key: a, operator: Inn}]}}}\n");
    write("cns.yaml", constraint + "{match: {namespaceSelector: {matchLabels: {a: b}}}}\n");
    write("bad.yaml", bad);
    write("badns.yaml", "{apiVersion: v1, kind: Pod, metadata: {name: bad, namespace: shop}}");
    write("good.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: good}\n");
    write("ns.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {a: b}}\n");
    write("odd.yaml", "apiVersion: v1\nkind: Odd\n");
    write("two.yaml", bad + "\n---\n" + bad + "\n");
    write("empty.yaml", "# nothing\n");
    write("broken.yaml", "a: [\n");
    write("none.yaml", "a: b\n");
    write("del.yaml", review + "request: {operation: DELETE, oldObject: " + bad + "}\n");
    write("delobj.yaml", review + "request: {operation: DELETE, object: " + bad + "}\n");
    write("delnone.yaml", review + "request: {operation: DELETE}\n");
    write("arnone.yaml", review);
    write("arunknown.yaml", review + "request: {foo: bar, object: " + bad + "}\n");
    write("arnokind.yaml", review + "request: {object: {apiVersion: v1, metadata: {name: bad}}}\n");
    write("arold.yaml", review + "request: {object: {apiVersion: v1, kind: Pod}, oldObject: " + bad + "}\n");
  }
  void write(const std::string& name, const std::string& text) const { temporary_.add(name, text); }

  // The outcome of a suite with this test, with `F` for the folder.
  TestOutcome run(const std::string& test) const {
    write("suite.yaml", "kind: Suite\napiVersion: test.gatekeeper.sh/v1alpha1\ntests:\n- {name: t, " + test + "}\n");
    const auto suites = read_suites((folder_ / "suite.yaml").string());
    const auto filter = Filter::make("");
    EXPECT_TRUE(suites.ok() && suites->size() == 1 && filter.ok()) << test;
    EXPECT_EQ(suites->front().error, "") << test;
    SuiteOutcome outcome = run_suite(suites->front(), *filter, true);
    EXPECT_EQ(outcome.tests.size(), 1u);
    return std::move(outcome.tests.front());
  }

  std::string short_names(std::string text) const {
    for (std::size_t at; (at = text.find(folder_.string() + "/")) != text.npos;) {
      text.replace(at, folder_.string().size() + 1, "F/");
    }
    return text;
  }

  Folder temporary_;
  fs::path folder_ = temporary_.path();
};

TEST_F(Verify, Cases) {
  struct Row {
    const char *fields, *error;
  };
  constexpr Row kRows[] = {
      {"object: bad.yaml, assertions: [{violations: 2}, {violations: yes, message: really}]", ""},
      {"object: bad.yaml, assertions: [{}]", ""},
      {"object: good.yaml, assertions: [{violations: no}]", ""},
      {"object: good.yaml, assertions: [{violations: 0}]", ""},
      {"object: bad.yaml, assertions: [{violations: 1, message: '^really'}, {violations: no, message: good}]", ""},
      {"object: bad.yaml, assertions: [{violations: no}]",
       "unexpected number of violations: got 2 violations but want none: got messages [bad name really bad name]"},
      {"object: good.yaml, assertions: [{violations: yes}]",
       "unexpected number of violations: got 0 violations but want at least 1: got messages []"},
      {"object: good.yaml, assertions: [{message: foo}]",
       "unexpected number of violations: got 0 violations containing \"foo\" but want at least 1: got messages []"},
      {"object: bad.yaml, assertions: [{violations: 3}]",
       "unexpected number of violations: got 2 violations but want exactly 3: got messages [bad name really bad name]"},
      {"object: bad.yaml, assertions: [{violations: 3, message: really}]",
       "unexpected number of violations: got 1 violations containing \"really\" but want exactly 3: got messages [bad "
       "name really bad name]"},
      {"object: bad.yaml, assertions: [{violations: no, message: really}]",
       "unexpected number of violations: got 1 violations containing \"really\" but want none: got messages [bad name "
       "really bad name]"},
      {"object: bad.yaml, assertions: [{violations: maybe}]",
       "invalid yaml: assertion.violation, if set, must be a nonnegative integer, \"yes\", or \"no\": got messages "
       "[bad "
       "name really bad name]"},
      {"object: bad.yaml, assertions: [{violations: -1}]",
       "invalid yaml: assertion.violation, if set, must be a nonnegative integer, \"yes\", or \"no\": got messages "
       "[bad "
       "name really bad name]"},
      {"object: bad.yaml, assertions: [{message: '('}]", "message contains invalid regular expression: missing ): ("},
      {"object: good.yaml, assertions: [{violations: no, message: '('}]",
       "message contains invalid regular expression: missing ): ("},
      {"object: two.yaml, assertions: [{violations: no}]",
       "object file must contain exactly one object: \"F/two.yaml\" defines 2 objects"},
      {"object: empty.yaml, assertions: [{}]", "missing objects: path \"F/empty.yaml\" defines no YAML objects"},
      {"object: missing.yaml, assertions: [{}]", "open F/missing.yaml: No such file or directory"},
      {"object: none.yaml, assertions: [{}]", "\"F/none.yaml\" is no object: it needs an apiVersion and a kind"},
      {"assertions: [{}]", "invalid Case: must define object"},
      {"object: good.yaml", "invalid Case: assertions must be non-empty"},
      {"object: odd.yaml, assertions: [{violations: yes}]",
       "reviewing odd.yaml: the msg of a violation is a string, not 1"},
      {"object: del.yaml, assertions: [{violations: 2}]", ""},
      {"object: arold.yaml, assertions: [{violations: no}]", ""},
      {"object: delobj.yaml, assertions: [{}]", "oldObject cannot be nil for DELETE operations"},
      {"object: delnone.yaml, assertions: [{}]",
       "no object or oldObject found to review: AdmissionRequest does not contain an \"object\" or \"oldObject\" to "
       "review"},
      {"object: arnone.yaml, assertions: [{}]",
       "missing an AdmissionRequest object: request did not actually pass in an AdmissionRequest"},
      {"object: arunknown.yaml, assertions: [{}]", "not a valid AdmissionReview object: unknown field \"request.foo\""},
      {"object: arnokind.yaml, assertions: [{}]",
       "object or oldObject cannot be unmarshalled: Object 'Kind' is missing in "
       "'{\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"bad\"}}'"},
      {"object: good.yaml, inventory: [missing.yaml], assertions: [{violations: no}]",
       "open F/missing.yaml: No such file or directory"},
      {"object: good.yaml, inventory: [none.yaml], assertions: [{violations: no}]",
       "unable to add object to data.inventory: \"F/none.yaml\" needs an apiVersion and a kind"},
      {"object: ns.yaml, inventory: [good.yaml], assertions: [{message: '\"good\"'}]", ""},
      {"object: ns.yaml, inventory: [two.yaml], assertions: [{message: '\"bad\"'}, {violations: no, message: good}]",
       ""},
      {"object: ns.yaml, assertions: [{violations: 1, message: '^{}$'}]", ""},
  };
  for (const Row& row : kRows) {
    const TestOutcome outcome =
        run("template: t.yaml, constraint: c.yaml, cases: [{name: c, " + std::string(row.fields) + "}]");
    ASSERT_EQ(outcome.cases.size(), 1u) << row.fields << outcome.own.error;
    EXPECT_EQ(short_names(outcome.cases[0].error), row.error) << row.fields;
  }
  const TestOutcome broken =
      run("template: t.yaml, constraint: c.yaml, cases: [{name: c, object: broken.yaml, assertions: [{}]}]");
  EXPECT_TRUE(broken.cases[0].error.starts_with("invalid yaml: ")) << broken.cases[0].error;
}

// The Namespaces that a case knows are those of its inventory.
TEST_F(Verify, Namespaces) {
  const std::string constraint = "template: t.yaml, constraint: cns.yaml, cases: [{name: c, ";
  EXPECT_FALSE(run(constraint + "object: badns.yaml, inventory: [ns.yaml], assertions: [{violations: 2}]}]").failed());
  EXPECT_FALSE(
      run(constraint + "object: badns.yaml, assertions: [{violations: 1, message: unable to match}]}]").failed());
  EXPECT_FALSE(run(constraint + "object: bad.yaml, assertions: [{violations: 2}]}]").failed());
}

TEST_F(Verify, Tests) {
  struct Row {
    const char *fields, *error;
  };
  constexpr Row kRows[] = {
      {"template: t.yaml, constraint: c.yaml", ""},
      {"template: t.yaml, constraint: cbad.yaml, invalid: true", ""},
      {"template: t.yaml, constraint: c.yaml, invalid: true",
       "constraint should have failed schema validation: got no error but want schema validation failed"},
      {"template: t.yaml, constraint: cmatch.yaml, invalid: true",
       "constraint should have failed schema validation: got error adding constraint: "},
      {"constraint: c.yaml", "invalid Suite: missing template"},
      {"template: t.yaml", "invalid Suite: missing constraint"},
      {"template: c.yaml, constraint: c.yaml", "F/c.yaml: not a ConstraintTemplate"},
      {"template: t.yaml, constraint: t.yaml", "F/t.yaml: not a Constraint"},
      {"template: missing.yaml, constraint: c.yaml", "open F/missing.yaml: No such file or directory"},
      {"template: t.yaml, constraint: cbad.yaml", "schema validation failed: F/cbad.yaml:4:"},
  };
  for (const Row& row : kRows) {
    const TestOutcome outcome = run(row.fields);
    EXPECT_TRUE(short_names(outcome.own.error).starts_with(row.error)) << row.fields << outcome.own.error;
    EXPECT_EQ(outcome.own.failed(), *row.error != '\0') << row.fields << outcome.own.error;
  }
  EXPECT_TRUE(run("skip: true").own.skipped);
  EXPECT_FALSE(run("skip: true").failed());
  const TestOutcome skipped = run("template: t.yaml, constraint: c.yaml, cases: [{name: c, skip: true}]");
  EXPECT_TRUE(skipped.cases[0].skipped);
}

}  // namespace
}  // namespace kubegate::policy_tool
