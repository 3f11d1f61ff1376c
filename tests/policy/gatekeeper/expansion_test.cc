// Expansion, held to what gator does. Each expand/NAME.yaml was given to `gator expand` 3.23.1 (-f json), which printed
// expand/NAME.json, one object a line here; or its error. gator keeps all numbers as float64 and so never finds an item
// by a key that is a number, which a cluster does: no case depends on it. generated.jsonl holds runs of the same gator
// over made-up mutators and Deployments.
#include "policy/gatekeeper/expansion.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <sstream>

#include "policy/gatekeeper/expansion_cycle.h"
#include "policy/value/document_root.h"
#include "tests/policy/gatekeeper/mutation_support.h"
#include "tests/support/oracle.h"

namespace kubegate::gatekeeper {
namespace {

using policy::Value;

const std::string kFolder = std::string(KUBEGATE_SOURCE_DIR) + "/tests/policy/gatekeeper/";

// What gator knows of the Namespace that an object lies in. Rule: NamespaceForResource of pkg/gator/expand.
Value name_space_of(const Subject& subject, const std::map<std::string, Value, std::less<>>& known) {
  static const policy::Member kName[] = {{Value::string("name"), Value::string("default")}};
  static const policy::Member kDefault[] = {{Value::string("metadata"), Value::sorted_object(kName)}};
  if (subject.name_space.empty()) return Value::empty_object();
  if (const auto found = known.find(subject.name_space); found != known.end()) return found->second;
  return subject.name_space == "default" ? Value::sorted_object(kDefault) : Value();
}

// The resultants of all objects of a text as JSON, sorted; or what is wrong.
struct Printed {
  std::vector<std::string> objects;
  std::string error;
};

void expect_printed(const Printed& printed, std::vector<std::string> recorded, bool refused) {
  EXPECT_EQ(!printed.error.empty(), refused) << printed.error;
  if (refused) return;
  std::sort(recorded.begin(), recorded.end());
  EXPECT_EQ(printed.objects, recorded);
}

Printed expand_all(const std::string& text) {
  const CompiledMutators compiled(text);
  Printed out;
  for (const PolicyFinding& finding : compiled.findings) out.error = finding.finding.message;
  std::map<std::string, Value, std::less<>> namespaces;
  for (const auto& document : compiled.input.documents) {
    const Subject subject = subject_of(document->value(0));
    if (subject.is_namespace()) namespaces[std::string(subject.name)] = subject.value;
  }
  for (const auto& document : compiled.input.documents) {
    policy::ValueArena arena;
    Review review;
    review.object = subject_of(document->value(0));
    review.name_space = name_space_of(review.object, namespaces);
    Expanded expanded;
    std::string error;
    if (!expand(arena, review, *compiled.mutators, *compiled.expansions, expanded, error)) out.error = error;
    for (const Resultant& each : expanded.resultants) out.objects.push_back(policy::to_json(each.object));
  }
  std::sort(out.objects.begin(), out.objects.end());
  return out;
}

TEST(Expansion, EqualsRecordedOutputOfGator) {
  int cases = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder + "expand")) {
    if (entry.path().extension() != ".yaml") continue;
    SCOPED_TRACE(entry.path().filename());
    ++cases;
    const std::string recorded =
        kubegate::testing::read_file(std::filesystem::path(entry.path()).replace_extension("json"));
    const Printed printed = expand_all(kubegate::testing::read_file(entry.path()));
    const bool refused = recorded.starts_with("error ");
    std::vector<std::string> objects;
    for (const auto& document : YamlInput(refused ? "" : recorded, document::Syntax::kJson).documents) {
      objects.push_back(policy::to_json(document->value(0)));
    }
    expect_printed(printed, std::move(objects), refused);
  }
  EXPECT_GE(cases, 20);
}

TEST(Expansion, EqualsGatorOnGeneratedInput) {
  std::istringstream lines(kubegate::testing::read_file(kFolder + "generated.jsonl"));
  int cases = 0;
  for (std::string line; std::getline(lines, line); ++cases) {
    policy::ValueArena arena;
    Value run;
    std::string error, text;
    ASSERT_TRUE(policy::parse_json(arena, line, run, error)) << error;
    for (policy::Cursor object(at(run, "input")); object.next();)
      text += "---\n" + policy::to_json(object.value()) + "\n";
    SCOPED_TRACE(text);
    std::vector<std::string> objects;
    for (policy::Cursor object(at(run, "output")); object.next();) objects.push_back(policy::to_json(object.value()));
    expect_printed(expand_all(text), std::move(objects), at(run, "error").defined());
  }
  EXPECT_GE(cases, 80);
}

constexpr const char* kPods = R"(
apiVersion: expansion.gatekeeper.sh/v1beta1
kind: ExpansionTemplate
metadata: {name: pods}
spec:
  applyTo: [{groups: [apps], versions: [v1], kinds: [Deployment]}]
  templateSource: spec.template
  generatedGVK: {group: "", version: v1, kind: Pod}
  enforcementAction: warn
)";

constexpr const char* kDeployment = R"(
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: team}
spec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: a}, {name: b}]}}}
)";

TEST(Expansion, SharesWhatItDoesNotChange) {
  const CompiledMutators compiled(kPods);
  const YamlInput input(kDeployment);
  policy::ValueArena arena;
  Review review;
  review.object = subject_of(input.documents[0]->value(0));
  Expanded expanded;
  std::string error;
  ASSERT_TRUE(expand(arena, review, *compiled.mutators, *compiled.expansions, expanded, error)) << error;
  ASSERT_EQ(expanded.resultants.size(), 1u);
  const Resultant& pod = expanded.resultants[0];
  EXPECT_EQ(pod.template_name, "pods");
  EXPECT_EQ(pod.enforcement_action, "warn");
  EXPECT_EQ(implied_message(pod.template_name, "no tag"), "[Implied by pods] no tag");
  const Value spec = at(review.object.value, "spec", "template", "spec");
  ASSERT_TRUE(spec.is_node());
  EXPECT_EQ(at(pod.object, "spec").node(), spec.node());
  EXPECT_EQ(expanded.base.node(), 0u);
  const Review judged = review_of(pod, review);
  EXPECT_EQ(judged.origin, Origin::kGenerated);
  EXPECT_EQ(judged.object.kind, "Pod");
  EXPECT_EQ(judged.object.name, "web-pod");
  EXPECT_EQ(judged.object.name_space, "team");
}

TEST(Expansion, FaultsAreFindingsAtTheirPlace) {
  static constexpr struct {
    const char *yaml, *at, *message;
  } kCases[] = {
      {"metadata: {}\nspec: {applyTo: [{kinds: [A]}], templateSource: a, generatedGVK: {kind: B}}", "{}", "has a name"},
      {"metadata: {name: a123456789012345678901234567890123456789012345678901234567890123}\n"
       "spec: {applyTo: [{kinds: [A]}], templateSource: a, generatedGVK: {kind: B}}",
       "a123456789012345678901234567890123456789012345678901234567890123", "at most 63 characters"},
      {"metadata: {name: a}\nspec: {templateSource: a, generatedGVK: {kind: B}}",
       "{templateSource: a, generatedGVK: {kind: B}}", "names the kinds"},
      {"metadata: {name: a}\nspec: {applyTo: [{kinds: [A]}], generatedGVK: {kind: B}}",
       "{applyTo: [{kinds: [A]}], generatedGVK: {kind: B}}", "templateSource"},
      {"metadata: {name: a}\nspec: {applyTo: [{kinds: [A]}], templateSource: a}",
       "{applyTo: [{kinds: [A]}], templateSource: a}", "generatedGVK"},
      {"metadata: {name: a}\nspec: {applyTo: [{groups: [x], versions: [v1], kinds: [A]}], templateSource: a, "
       "generatedGVK: {group: x, version: v1, kind: A}}",
       "{group: x, version: v1, kind: A}", "generates itself"},
      {"metadata: {name: a}\nspec: {applyTo: [{kinds: [A]}], templateSource: [a], generatedGVK: {kind: B}}", "[a]",
       "templateSource is a string"},
  };
  for (const auto& each : kCases) {
    SCOPED_TRACE(each.yaml);
    const CompiledMutators compiled(std::string("apiVersion: expansion.gatekeeper.sh/v1beta1\nkind: ExpansionTemplate\n") +
                                    each.yaml);
    ASSERT_FALSE(compiled.findings.empty());
    const PolicyFinding& finding = compiled.findings[0];
    EXPECT_EQ(finding.finding.rule, "policy/expansion");
    EXPECT_NE(finding.finding.message.find(each.message), std::string::npos) << finding.finding.message;
    const Span span = finding.finding.span;
    const std::string_view source = finding.document->document.source();
    EXPECT_EQ(source.substr(span.begin, span.length), std::string_view(each.at));
    EXPECT_TRUE(compiled.expansions->empty());
  }
}

// Templates as edges "a>b" between kinds, one name each.
std::vector<ExpansionTemplate> graph(const std::vector<std::string>& edges) {
  std::vector<ExpansionTemplate> templates;
  for (const std::string& edge : edges) {
    ExpansionTemplate each;
    each.apply_to.push_back({{"g"}, {"v1"}, {edge.substr(0, 1)}});
    each.group = "g";
    each.version = "v1";
    each.kind = edge.substr(2);
    templates.push_back(std::move(each));
  }
  return templates;
}

TEST(ExpansionCycle, HoldsThoseThatLeadBackAlone) {
  static const struct {
    std::vector<std::string> edges;
    std::vector<bool> in_cycle;
  } kCases[] = {
      {{}, {}},
      {{"a>b", "b>c", "a>c"}, {false, false, false}},
      {{"a>b", "b>a"}, {true, true}},
      {{"a>b", "b>c", "c>a", "c>d", "z>a"}, {true, true, true, false, false}},
      // Between two cycles, and in none.
      {{"a>b", "b>a", "b>c", "c>d", "d>c"}, {true, true, false, true, true}},
      {{"b>c", "c>d", "d>b", "c>e", "e>c"}, {true, true, true, true, true}},
  };
  for (const auto& each : kCases) EXPECT_EQ(find_cycles(graph(each.edges)), each.in_cycle);
}

TEST(Expansion, CyclesAreFindingsAndTheRestStillExpands) {
  std::string text = kPods;
  for (const char* names : {"ab", "ba"}) {
    text += std::string("---\napiVersion: expansion.gatekeeper.sh/v1beta1\nkind: ExpansionTemplate\nmetadata: {name: ") +
            names + "}\nspec: {applyTo: [{groups: [x], versions: [v1], kinds: [" + names[0] +
            "]}], templateSource: spec, generatedGVK: {group: x, version: v1, kind: " + names[1] + "}}\n";
  }
  const CompiledMutators compiled(text);
  ASSERT_EQ(compiled.findings.size(), 2u);
  for (const PolicyFinding& finding : compiled.findings) {
    EXPECT_EQ(finding.finding.rule, "policy/expansion");
    EXPECT_EQ(finding.finding.pointer, "/spec/generatedGVK");
  }
  const YamlInput input(kDeployment);
  policy::ValueArena arena;
  Review review;
  review.object = subject_of(input.documents[0]->value(0));
  std::vector<Resultant> resultants;
  std::string error;
  EXPECT_TRUE(compiled.expansions->expand(arena, review, *compiled.mutators, resultants, error)) << error;
  EXPECT_EQ(resultants.size(), 1u);
}

// A chain of kinds K0 to K<length>, each made of the `spec` of the one before, `width` times.
std::string chain(int length, int width) {
  std::string text;
  for (int i = 0; i < length; ++i) {
    for (int k = 0; k < width; ++k) {
      const std::string from = std::to_string(i), to = std::to_string(i + 1);
      text += "---\napiVersion: expansion.gatekeeper.sh/v1beta1\nkind: ExpansionTemplate\nmetadata: {name: t" + from + "-" +
              std::to_string(k) + "}\nspec: {applyTo: [{groups: [x], versions: [v1], kinds: [K" + from +
              "]}], templateSource: spec, generatedGVK: {group: x, version: v1, kind: K" + to + "}}\n";
    }
  }
  return text;
}

std::string nested(int depth) {
  std::string text = "apiVersion: x/v1\nkind: K0\nmetadata: {name: n}\nspec: ";
  for (int i = 1; i < depth; ++i) text += "{spec: ";
  return text + "{}" + std::string(static_cast<std::size_t>(depth - 1), '}');
}

TEST(Expansion, HasAnEnd) {
  static constexpr struct {
    int length, width;
    std::size_t resultants;  // 0: refused
    const char* error;
  } kCases[] = {
      {29, 1, 29, ""},
      {30, 1, 0, "30 times"},
      {10, 2, 2046, ""},
      {29, 2, 0, "more than 10000 objects"},
  };
  for (const auto& each : kCases) {
    SCOPED_TRACE(each.length * 10 + each.width);
    const CompiledMutators compiled(chain(each.length, each.width));
    const YamlInput input(nested(each.length));
    policy::ValueArena arena;
    Review review;
    review.object = subject_of(input.documents[0]->value(0));
    std::vector<Resultant> resultants;
    std::string error;
    EXPECT_EQ(compiled.expansions->expand(arena, review, *compiled.mutators, resultants, error), each.resultants > 0);
    EXPECT_EQ(resultants.size(), each.resultants);
    EXPECT_NE(error.find(each.error), std::string::npos) << error;
  }
}

TEST(Expansion, TellsThatItsMemoryIsUsedUp) {
  const CompiledMutators compiled(chain(29, 1));
  const YamlInput input(nested(29));
  policy::ValueArena arena(1024);
  Review review;
  review.object = subject_of(input.documents[0]->value(0));
  std::vector<Resultant> resultants;
  std::string error;
  EXPECT_FALSE(compiled.expansions->expand(arena, review, *compiled.mutators, resultants, error));
  EXPECT_TRUE(resultants.empty());
  EXPECT_NE(error.find("memory limit"), std::string::npos) << error;
}

}  // namespace
}  // namespace kubegate::gatekeeper
