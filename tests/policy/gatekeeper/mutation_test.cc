// Mutators: what they say, what they make of objects of all shapes. expansion_test.cc holds them to gator.
#include "policy/gatekeeper/mutation.h"

#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "policy/gatekeeper/location_path.h"
#include "policy/gatekeeper/mutation_value.h"
#include "policy/gatekeeper/mutator_image.h"
#include "policy/value/document_root.h"
#include "policy/policy_tool/findings.h"
#include "tests/policy/gatekeeper/mutation_support.h"
#include "tests/support/expect.h"

namespace kubegate::gatekeeper {
namespace {

using policy::Value;

TEST(LocationPath, IsReadAndWritten) {
  // What Gatekeeper's parser takes, as its String() writes it.
  static constexpr struct {
    const char *text, *written;
    std::size_t steps;
  } kCases[] = {
      {"", "", 0},
      {"a", "a", 1},
      {" a . b ", "a.b", 2},
      {"spec.containers[name:*].image", "spec.containers[name: *].image", 4},
      {"spec.containers[ name : foo ]", "spec.containers[name: foo]", 3},
      {"a[\"b c\": 'd.e']", "a[\"b c\": \"d.e\"]", 2},
      {"a[port: 080].b", "a[port: 80].b", 3},
      {"a[port: \"80\"].b", "a[port: \"80\"].b", 3},
      {"a[port: 9223372036854775807]", "a[port: 9223372036854775807]", 2},
      {"\"\".''", "\"\".\"\"", 2},
      {"metadata.annotations.\"example.com/owner\"", "metadata.annotations.\"example.com/owner\"", 3},
      {"'a\\'b'.\"c\\\\d\\\"\"", "\"a'b\".\"c\\\\d\\\"\"", 2},
      {"_a-b.C9", "_a-b.C9", 2},
      {"-a", "-a", 1},
      {"a[b: -1]", "a[b: -1]", 2},  // the text "-1"
      {"\"é\"", "\"é\"", 1},
  };
  for (const auto& each : kCases) {
    SCOPED_TRACE(each.text);
    LocationPath path, again;
    std::string error;
    ASSERT_TRUE(parse_location(each.text, path, error)) << error;
    EXPECT_EQ(path.steps.size(), each.steps);
    EXPECT_EQ(path.text(each.steps), each.written);
    ASSERT_TRUE(parse_location(path.text(each.steps), again, error)) << error;
    EXPECT_EQ(again.steps, path.steps);
  }
}

TEST(LocationPath, TellsWhatIsWrong) {
  static constexpr struct {
    const char *text, *error;
  } kCases[] = {
      {".", "column 1: expected a field name"},
      {"a.", "column 3: expected a field name"},
      {"a..b", "column 3: expected a field name"},
      {"a b", "column 3: expected '.' or the end"},
      {"[a: b]", "column 1: expected a field name"},
      {"a[b: c][d: e]", "column 8: expected '.' or the end"},
      {"a[b: c]d", "column 8: expected '.' or the end"},
      {"a[]", "column 3: expected the key of a list"},
      {"a[b]", "column 4: expected ':'"},
      {"a[b:]", "column 5: expected a value or '*'"},
      {"a[b: c", "column 7: expected ']'"},
      {"a[b: *c]", "column 7: expected ']'"},
      {"a[b: 1c]", "column 7: expected ']'"},
      {"a[b: 9223372036854775808]", "column 6: expected a number below 2^63"},
      {"1a", "column 1: expected a field name"},
      {"a.*", "column 3: expected a field name"},
      {"a/b", "column 2: a character that stands in quotes alone"},
      {"é", "column 1: a character that stands in quotes alone"},
      {"\"a", "column 1: the quotes are not closed"},
      {"'a\\", "column 1: the quotes are not closed"},
  };
  for (const auto& each : kCases) {
    LocationPath path;
    std::string error;
    EXPECT_FALSE(parse_location(each.text, path, error)) << each.text;
    EXPECT_EQ(error, each.error) << each.text;
  }
  std::string longest = "a", error;
  for (std::size_t i = 1; i < kMaxLocationSteps; ++i) longest += ".a";
  LocationPath path;
  EXPECT_TRUE(parse_location(longest, path, error));
  EXPECT_FALSE(parse_location(longest + ".a", path, error));
  EXPECT_EQ(error, "the path has more than 256 steps");
}

// `gator expand` 3.23.1 takes and refuses the same ones.
TEST(AssignImage, ChecksItsParts) {
  static const struct {
    ImageParts parts;
    bool sound;
  } kCases[] = {
      {{}, false},
      {{"a.b", "", ""}, true},
      {{"a.b:80", "", ""}, true},
      {{"a.b:", "", ""}, false},
      {{"a.b:x", "", ""}, false},
      {{"a.b:80:80", "", ""}, false},
      {{"localhost", "", ""}, true},
      {{"localhost:5000", "", ""}, true},
      {{"localhosts", "", ""}, false},
      {{"a", "", ""}, false},
      {{"a.b/", "", ""}, false},
      {{"a.b/c", "", ""}, false},
      {{".a.b", "", ""}, false},
      {{"a.b.", "", ""}, false},
      {{"-a.b", "", ""}, false},
      {{"a-_.b", "", ""}, true},
      {{"a..b", "", ""}, true},
      {{"", "a", ""}, true},
      {{"", "a/b/c", ""}, true},
      {{"", "a__b.c-d---e", ""}, true},
      {{"", "a___b", ""}, false},
      {{"", "a..b", ""}, false},
      {{"", "a//b", ""}, false},
      {{"", "a._b", ""}, false},
      {{"", "A", ""}, false},
      {{"", "a/", ""}, false},
      {{"", "/a", ""}, false},
      {{"", "a:b", ""}, false},
      {{"", "a.b/c", ""}, false},  // a.b would be the domain the next time
      {{"", "localhost/c", ""}, false},
      {{"c.d", "a.b/c", ""}, true},
      {{"", "", ":a"}, true},
      {{"", "", ":"}, false},
      {{"", "", "a"}, false},
      {{"", "", ":-a"}, false},
      {{"", "", ":a.b-c_D9"}, true},
      {{"", "", ":a@b"}, false},
      {{"", "", ":" + std::string(128, 'a')}, true},
      {{"", "", ":" + std::string(129, 'a')}, false},
      {{"", "", "@sha256:" + std::string(32, 'f')}, true},
      {{"", "", "@sha256:" + std::string(31, 'f')}, false},
      {{"", "", "@sha256:" + std::string(32, 'g')}, false},
      {{"", "", "@:" + std::string(32, 'f')}, false},
      {{"", "", "@a+b.c-d_e:" + std::string(32, 'F')}, true},
      {{"", "", "@a+:" + std::string(32, 'F')}, false},
      {{"", "", "@a++b:" + std::string(32, 'F')}, false},
      {{"", "", "@9a:" + std::string(32, 'F')}, false},
      {{"", "", "@sha256" + std::string(32, 'F')}, false},
  };
  for (const auto& each : kCases) {
    const ImageParts& parts = each.parts;
    EXPECT_EQ(check_image_parts(parts).empty(), each.sound) << parts.domain << " " << parts.path << " " << parts.tag;
    if (!each.sound) continue;
    // What is sound converges.
    for (const char* image : {"", "nginx", "a/b:1", "a.b/c@sha256:00", "localhost/x:1", ":1", "/", "x:1/y"}) {
      const std::string once = mutate_image(parts, image);
      EXPECT_EQ(mutate_image(parts, once), once) << parts.domain << " " << parts.path << " " << parts.tag << image;
    }
  }
}

TEST(Mutator, FaultsAreFindingsAtTheirPlace) {
  const int documents = kubegate::testing::expect_findings_in(
      std::string(KUBEGATE_SOURCE_DIR) + "/tests/policy/gatekeeper/mutators.yaml",
      [](const document::Document& document) {
        const YamlInput input{std::string(document.source())};
        std::vector<PolicyFinding> findings;
        const auto mutators = Mutators::compile(input.set.mutators(), findings);
        EXPECT_EQ(mutators->empty(), !findings.empty());
        std::vector<Finding> out;
        for (PolicyFinding& each : findings) {
          EXPECT_EQ(each.finding.rule,
                    each.finding.severity == Severity::kError ? "policy/mutator" : "policy/not-evaluated");
          each.finding.field = each.finding.pointer;
          out.push_back(std::move(each.finding));
        }
        return out;
      });
  EXPECT_GE(documents, 40);
}

std::string assign(const std::string& name, const std::string& location, const std::string& parameters,
                   const std::string& kind = "Assign") {
  const std::string version = kind == "AssignImage" ? "v1alpha1" : "v1";
  return "---\napiVersion: mutations.gatekeeper.sh/" + version + "\nkind: " + kind + "\nmetadata: {name: " + name +
         "}\nspec:\n  applyTo: [{groups: [\"\"], versions: [v1], kinds: [Pod]}]\n  location: '" + location +
         "'\n  parameters: " + parameters + "\n";
}

// What becomes of a YAML object, as JSON; or the error.
std::string mutated(const Mutators& mutators, const std::string& object) {
  const YamlInput input(object);
  policy::ValueArena arena;
  Review review;
  review.object = subject_of(input.documents[0]->value(0));
  std::string error;
  const Value value = mutators.mutate(arena, review, error);
  return value.defined() ? policy::to_json(value) : "error: " + error;
}

// Beside what Gatekeeper asks for, the schemas of their kinds.
TEST(Mutators, HaveTheFormOfTheirKind) {
  const CompiledMutators compiled(assign("a", "spec.x", "{assign: {value: 1}, bar: 2}") +
                                  "---\napiVersion: expansion.gatekeeper.sh/v1alpha1\nkind: ExpansionTemplate\n"
                                  "metadata: {name: e}\nspec:\n"
                                  "  applyTo: [{groups: [apps], versions: [v1], kinds: [Deployment]}]\n"
                                  "  templateSource: spec.template\n  generatedGVK: {version: v1, kind: Pod}\n"
                                  "  enforcement: warn\n");
  std::vector<std::string> lines;
  for (const PolicyFinding& each : compiled.findings) lines.push_back(policy_tool::line_of(each));
  EXPECT_EQ(lines, (std::vector<std::string>{
                       "input.yaml:8:36: unknown field \"bar\" in Assign.spec.parameters [schema/unknown-field]",
                       "input.yaml:17:3: unknown field \"enforcement\" in ExpansionTemplate.spec "
                       "[schema/unknown-field]"}));
  EXPECT_TRUE(compiled.mutators->empty());
  EXPECT_TRUE(compiled.expansions->empty());
}

TEST(Mutators, ChangeObjects) {
  static const std::string kValue = "{assign: {value: new}}";
  static const struct {
    std::string location, parameters, spec, expected;  // "=": the spec as it is
    const char* kind = "Assign";
  } kCases[] = {
      {"spec.a", kValue, "{}", R"({"a":"new"})"},
      {"spec.a", kValue, "{a: old, b: 1}", R"({"a":"new","b":1})"},
      {"spec.b", kValue, "{a: 1, c: 2}", R"({"a":1,"b":"new","c":2})"},
      {"spec.\"\"", kValue, "{a: 1}", R"({"":"new","a":1})"},
      {"spec.c", kValue, "{a: 1, c: new}", "="},
      // A null is absent.
      {"spec.a.b", kValue, "{a: null}", R"({"a":{"b":"new"}})"},
      {"spec.a[k: v].b", kValue, "{a: null}", R"({"a":[{"b":"new","k":"v"}]})"},
      {"spec.a", "{assign: {value: new}, pathTests: [{subPath: spec.a, condition: MustExist}]}", "{a: null}", "="},
      {"spec.a", "{values: {fromList: [1]}}", "{a: null}", R"({"a":[1]})", "ModifySet"},
      {"spec.a", "{assignTag: \":1\"}", "{a: null}", R"({"a":":1"})", "AssignImage"},
      // Merging is what a ModifySet does when it does not say.
      {"spec.a", "{values: {fromList: [1, 2]}}", "{a: [2]}", R"({"a":[2,1]})", "ModifySet"},
      {"spec.a", "{values: {}}", "{}", R"({"a":[]})", "ModifySet"},
      {"spec.a", "{values: {fromList: [1, 2]}}", "{a: [2, 2, 1]}", "=", "ModifySet"},
      {"spec.a", "{operation: prune, values: {fromList: [1, 2]}}", "{a: [3]}", "=", "ModifySet"},
      {"spec.a", "{operation: prune, values: {fromList: [1, 2]}}", "{a: [1, 2, 1]}", R"({"a":[]})", "ModifySet"},
      // Shapes that are not those of the location.
      {"spec.a.b", kValue, "{a: 7}",
       "error: Assign m cannot change Pod p: spec.a is of type number, and the location spec.a.b wants an object"},
      {"spec.a.b", kValue, "{a: []}",
       "error: Assign m cannot change Pod p: spec.a is of type array, and the location spec.a.b wants an object"},
      {"spec.a[k: v].b", kValue, "{a: {}}",
       "error: Assign m cannot change Pod p: spec.a is of type object, and the location spec.a[k: v].b wants a list"},
      {"spec.a[k: *].b", kValue, "{a: [{}, 7]}",
       "error: Assign m cannot change Pod p: spec.a[k: *] is of type number, and the location spec.a[k: *].b wants an "
       "object"},
      {"spec.a[k: v].b", kValue, "{a: [7, null, [], {k: 1}]}", R"({"a":[7,null,[],{"k":1},{"b":"new","k":"v"}]})"},
      {"spec.a[k: v]", "{assign: {value: {k: v}}}", "{a: [7]}",
       "error: Assign m cannot change Pod p: spec.a[k: v] is of type number, and the location spec.a[k: v] wants "
       "objects"},
      {"spec.a", "{values: {fromList: [1]}}", "{a: {}}",
       "error: ModifySet m cannot change Pod p: spec.a is of type object, and the location spec.a wants a list",
       "ModifySet"},
      {"spec.a", "{assignTag: \":1\"}", "{a: [x]}",
       "error: AssignImage m cannot change Pod p: spec.a is of type array, and the location spec.a wants the text of "
       "an "
       "image",
       "AssignImage"},
      {"spec.a[port: 80].b", kValue, "{a: [{port: 80}, {port: \"80\"}, {port: 80.5}]}",
       R"({"a":[{"b":"new","port":80},{"port":"80"},{"port":80.5}]})"},
  };
  for (const auto& each : kCases) {
    SCOPED_TRACE(each.location + " in " + each.spec);
    const CompiledMutators compiled(assign("m", each.location, each.parameters, each.kind));
    ASSERT_TRUE(compiled.findings.empty()) << compiled.findings[0].finding.message;
    const std::string object = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: " + each.spec;
    const auto whole = [](const std::string& spec) {
      return R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":)" + spec + "}";
    };
    const std::string before = policy::to_json(YamlInput(object).documents[0]->value(0));
    const std::string expected = each.expected == "="                 ? before
                                 : each.expected.starts_with("error") ? each.expected
                                                                      : whole(each.expected);
    EXPECT_EQ(mutated(*compiled.mutators, object), expected);
  }
}

TEST(Mutators, ShareWhatTheyDoNotChange) {
  const CompiledMutators compiled(assign("m", "spec.containers[name: b].image", "{assign: {value: new}}"));
  const YamlInput input(
      "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: a}, {name: b, env: []}], volumes: "
      "[]}");
  policy::ValueArena arena;
  Review review;
  review.object = subject_of(input.documents[0]->value(0));
  std::string error;
  const Value out = compiled.mutators->mutate(arena, review, error);
  const auto same = [&](auto... path) {
    return identical(at(out, path...), at(review.object.value, path...)) && at(out, path...).defined();
  };
  EXPECT_TRUE(same("metadata"));
  EXPECT_TRUE(same("spec", "volumes"));
  const Value before = at(review.object.value, "spec", "containers"), after = at(out, "spec", "containers");
  EXPECT_TRUE(identical(policy::element(before, 0), policy::element(after, 0)));
  EXPECT_FALSE(identical(policy::element(before, 1), policy::element(after, 1)));
  EXPECT_TRUE(identical(at(policy::element(before, 1), "env"), at(policy::element(after, 1), "env")));
  // Nothing changes the second time, and it is the same value.
  review.object = subject_of(out);
  EXPECT_TRUE(identical(compiled.mutators->mutate(arena, review, error), out));
}

TEST(Mutators, NumbersAreOfTheFormOfTheObjects) {
  const YamlInput input(assign("m", "spec.a", "{assign: {value: 1000000}}"));
  const YamlInput object("apiVersion: v1\nkind: Pod\nspec: {}");
  for (const auto mode : {policy::NumberMode::kFloat64, policy::NumberMode::kYaml}) {
    std::vector<PolicyFinding> findings;
    const auto mutators = Mutators::compile(input.set.mutators(), findings, mode);
    policy::ValueArena arena;
    Review review;
    review.object = subject_of(object.documents[0]->value(0));
    std::string error;
    const Value out = mutators->mutate(arena, review, error);
    EXPECT_EQ(policy::to_term(at(out, "spec", "a")), mode == policy::NumberMode::kYaml ? "1000000" : "1e+06");
  }
}

TEST(Mutators, GoByTheOperation) {
  static constexpr struct {
    const char *operations, *operation;
    bool applies;
  } kCases[] = {
      {"", "", true},
      {"", "CREATE", true},
      {"", "UPDATE", true},
      {"", "DELETE", false},
      {"", "CONNECT", false},
      {"[CREATE]", "CREATE", true},
      {"[CREATE]", "UPDATE", false},
      {"[CREATE]", "", false},
      {"[\"*\"]", "", true},
      {"[\"*\"]", "UPDATE", true},
      {"[UPDATE, CREATE]", "", true},
      {"[\"*\"]", "DELETE", false},
  };
  for (const auto& each : kCases) {
    SCOPED_TRACE(std::string(each.operations) + " " + each.operation);
    std::string text = assign("m", "spec.a", "{assign: {value: 1}}");
    if (*each.operations != 0)
      text.insert(text.find("kinds: [Pod]") + 12, ", operations: " + std::string(each.operations));
    const CompiledMutators compiled(text);
    ASSERT_TRUE(compiled.findings.empty()) << compiled.findings[0].finding.message;
    const YamlInput input("apiVersion: v1\nkind: Pod\nspec: {}");
    const YamlInput request(std::string("operation: \"") + each.operation + "\"");
    policy::ValueArena arena;
    Review review;
    review.object = subject_of(input.documents[0]->value(0));
    review.request = request.documents[0]->value(0);
    std::string error;
    EXPECT_EQ(at(compiled.mutators->mutate(arena, review, error), "spec", "a").defined(), each.applies);
  }
}

TEST(Mutators, TheNamespaceOfAnObjectThatNamesNoneIsThatOfTheRequest) {
  const CompiledMutators compiled(assign("m", "spec.here", "{assign: {fromMetadata: {field: namespace}}}"));
  const YamlInput name_space("metadata: {name: team}");
  for (const char* own : {"", "own"}) {
    const YamlInput input(std::string("apiVersion: v1\nkind: Pod\nmetadata: {namespace: \"") + own + "\"}\nspec: {}");
    policy::ValueArena arena;
    Review review;
    review.object = subject_of(input.documents[0]->value(0));
    review.name_space = name_space.documents[0]->value(0);
    std::string error;
    const Value out = compiled.mutators->mutate(arena, review, error);
    EXPECT_EQ(text_of(at(out, "spec", "here")), *own == 0 ? "team" : own);
  }
}

TEST(Mutators, TheLaterOfOneNameCounts) {
  const CompiledMutators compiled(assign("m", "spec.a", "{assign: {value: 1}}") +
                                  assign("m", "spec.b", "{assign: {value: 2}}") +
                                  assign("m", "spec.c", "{values: {fromList: [3]}}", "ModifySet"));
  EXPECT_EQ(mutated(*compiled.mutators, "apiVersion: v1\nkind: Pod\nspec: {}"),
            R"({"apiVersion":"v1","kind":"Pod","spec":{"b":2,"c":[3]}})");
}

// Two mutators, by kind and location, of one kind of object. `gator expand` 3.23.1 finds the same conflicts.
TEST(Mutators, ConflictsAreFindings) {
  static constexpr struct {
    const char *kind, *location, *other_kind, *other_location;
    const char* at;  // where they differ; null: nowhere
  } kCases[] = {
      {"Assign", "spec.a.b", "Assign", "spec.a.c", nullptr},
      {"Assign", "spec.a.b", "Assign", "spec.a[k: v].b", "spec.a"},
      {"Assign", "spec.a[k: v].b", "Assign", "spec.a[k: *].b", nullptr},
      {"Assign", "spec.a[k: v].b", "Assign", "spec.a[j: v].b", "spec.a"},
      {"Assign", "spec.a", "Assign", "spec.a[k: v].b", nullptr},
      {"Assign", "spec.a", "Assign", "spec.a.b", nullptr},
      {"Assign", "spec.a", "ModifySet", "spec.a", nullptr},
      {"Assign", "spec.a", "AssignImage", "spec.a", nullptr},
      {"ModifySet", "spec.a", "AssignImage", "spec.a", "spec.a"},
      {"ModifySet", "spec.a", "ModifySet", "spec.a", nullptr},
      {"ModifySet", "spec.a", "Assign", "spec.a.b", "spec.a"},
      {"ModifySet", "spec.a", "Assign", "spec.a[k: v].b", "spec.a"},
      {"AssignImage", "spec.a", "Assign", "spec.a.b", "spec.a"},
      {"AssignImage", "spec.a", "Assign", "spec.b.a", nullptr},
      {"AssignImage", "spec.a[k: v].image", "AssignImage", "spec.a[k: *].image", nullptr},
  };
  const auto parameters = [](std::string_view kind) {
    return kind == "Assign"        ? "{assign: {value: x}}"
           : kind == "AssignImage" ? "{assignTag: \":1\"}"
                                   : "{values: {fromList: [x]}}";
  };
  for (const auto& each : kCases) {
    SCOPED_TRACE(std::string(each.location) + " and " + each.other_location);
    const std::string one = assign("one", each.location, parameters(each.kind), each.kind);
    const std::string two = assign("two", each.other_location, parameters(each.other_kind), each.other_kind);
    for (const std::string& text : {one + two, two + one}) {
      const CompiledMutators compiled(text);
      if (each.at == nullptr) {
        EXPECT_TRUE(compiled.findings.empty());
        continue;
      }
      ASSERT_EQ(compiled.findings.size(), 2u);
      for (const PolicyFinding& finding : compiled.findings) {
        EXPECT_EQ(finding.finding.rule, "policy/mutator");
        EXPECT_EQ(finding.finding.pointer, "/spec/location");
        EXPECT_TRUE(finding.finding.message.starts_with(std::string(each.at) + " is something else to "))
            << finding.finding.message;
      }
      EXPECT_TRUE(compiled.mutators->empty());
    }
    // On other kinds, or other operations, they do not meet.
    std::string elsewhere = two;
    elsewhere.replace(elsewhere.find("[Pod]"), 5, "[Job]");
    EXPECT_TRUE(CompiledMutators(one + elsewhere).findings.empty());
    std::string created = one, updated = two;
    created.insert(created.find("[Pod]") + 5, ", operations: [CREATE]");
    updated.insert(updated.find("[Pod]") + 5, ", operations: [UPDATE]");
    EXPECT_TRUE(CompiledMutators(created + updated).findings.empty());
  }
}

TEST(Mutators, ThreeInConflictAreToldOnceEach) {
  const CompiledMutators compiled(
      assign("one", "spec.a.b", "{assign: {value: x}}") + assign("two", "spec.a[k: v].b", "{assign: {value: x}}") +
      assign("three", "spec.a.c", "{assign: {value: x}}") + assign("four", "spec.b", "{assign: {value: x}}"));
  EXPECT_EQ(compiled.findings.size(), 3u);
  EXPECT_EQ(mutated(*compiled.mutators, "apiVersion: v1\nkind: Pod\nspec: {}"),
            R"({"apiVersion":"v1","kind":"Pod","spec":{"b":"x"}})");
}

TEST(Mutators, ManyContainersAndDeepObjects) {
  std::string object = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n";
  for (int i = 0; i < 10'000; ++i) object += "  - {name: c" + std::to_string(i) + "}\n";
  const CompiledMutators many(
      assign("tag", "spec.containers[name: *].image", "{assignTag: \":1\"}", "AssignImage") +
      assign("args", "spec.containers[name: *].args", "{values: {fromList: [a, b]}}", "ModifySet") +
      assign("last", "spec.containers[name: last].image", "{assign: {value: x}}"));
  ASSERT_TRUE(many.findings.empty()) << many.findings[0].finding.message;
  EXPECT_TRUE(mutated(*many.mutators, object)
                  .ends_with(R"({"args":["a","b"],"image":":1","name":"c9999"},)"
                             R"({"args":["a","b"],"image":"x:1","name":"last"}]}})"));

  std::string path = "spec", deep = "{}";
  for (int i = 0; i < 254; ++i) path += ".a";
  for (int i = 0; i < 900; ++i) deep = "{a: " + deep + "}";
  const CompiledMutators down(assign("m", path + ".b", "{assign: {value: x}}"));
  ASSERT_TRUE(down.findings.empty()) << down.findings[0].finding.message;
  EXPECT_NE(mutated(*down.mutators, "apiVersion: v1\nkind: Pod\nspec: " + deep).find(R"(,"b":"x"})"),
            std::string::npos);
}

TEST(Mutators, LargeSetsAreNotComparedOneByOne) {
  std::string values = "{values: {fromList: [", items = "{a: [";
  for (int i = 0; i < 50'000; ++i) {
    values += "v" + std::to_string(i) + ", ";
    items += "i" + std::to_string(i) + ", ";
  }
  const CompiledMutators compiled(assign("m", "spec.a", values + "last]}}", "ModifySet"));
  const std::string out = mutated(*compiled.mutators, "apiVersion: v1\nkind: Pod\nspec: " + items + "last]}");
  EXPECT_TRUE(out.ends_with(R"("v49998","v49999"]}})"));
}

TEST(Mutators, TellThatTheirMemoryIsUsedUp) {
  const CompiledMutators compiled(assign("m", "spec.a", "{assign: {value: x}}"));
  const YamlInput input("apiVersion: v1\nkind: Pod\nspec: {}");
  policy::ValueArena arena(8);
  Review review;
  review.object = subject_of(input.documents[0]->value(0));
  std::string error;
  EXPECT_FALSE(compiled.mutators->mutate(arena, review, error).defined());
  EXPECT_EQ(error, "the mutation of Pod : the memory limit of the evaluation was reached");
}

// Locations over few names and objects of all shapes under these names: nothing may crash, and what is mutated stays
// as it is when it is mutated again.
TEST(Mutators, AnyLocationInAnyObject) {
  std::mt19937 random(7);
  const auto below = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
  const auto name = [&] { return std::string(1, static_cast<char>('a' + below(3))); };
  const std::function<std::string(int)> any = [&](int depth) -> std::string {
    switch (below(depth > 4 ? 4 : 8)) {
      case 0: return "null";
      case 1: return "7";
      case 2: return "t" + name();
      case 3: return "[]";
      case 4:
      case 5: return "[" + any(depth + 1) + ", " + any(depth + 1) + "]";
      default: return "{a: " + any(depth + 1) + ", b: " + any(depth + 1) + ", " + "c: t" + name() + "}";
    }
  };
  int changed = 0;
  for (int round = 0; round < 2'000; ++round) {
    std::string text;
    for (int i = 0; i < 3; ++i) {
      std::string location = "spec." + name();
      for (unsigned steps = below(3); steps > 0; --steps) {
        if (below(2) == 0) location += "[c: " + (below(2) == 0 ? std::string("*") : "t" + name()) + "]";
        location += "." + name();
      }
      static constexpr const char* kKinds[] = {"Assign", "AssignImage", "ModifySet"};
      static constexpr const char* kParameters[] = {"{assign: {value: {c: ta}}}", "{assignTag: \":1\"}",
                                                    "{values: {fromList: [{c: ta}, 7]}}"};
      const unsigned kind = below(3);
      text += assign("m" + std::to_string(i), location, kParameters[kind], kKinds[kind]);
    }
    const CompiledMutators compiled(text);
    const YamlInput input("apiVersion: v1\nkind: Pod\nspec: {a: " + any(0) + ", b: " + any(0) + "}");
    policy::ValueArena arena;
    Review review;
    review.object = subject_of(input.documents[0]->value(0));
    std::string error;
    const Value once = compiled.mutators->mutate(arena, review, error);
    if (!once.defined()) continue;
    changed += !identical(once, review.object.value);
    review.object = subject_of(once);
    EXPECT_TRUE(identical(compiled.mutators->mutate(arena, review, error), once)) << text;
  }
  EXPECT_GT(changed, 200);
}

}  // namespace
}  // namespace kubegate::gatekeeper
