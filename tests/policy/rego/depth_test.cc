// Policies that build values deeper than a value may be, and what walks the deepest ones below as many rules as may wait
// for one another.
#include <gtest/gtest.h>

#include <string>

#include "policy/rego/evaluate.h"
#include "policy/value/value.h"

namespace kubegate::rego {
namespace {

// What the rule `x` of a policy comes to, as text.
std::string answer(const std::string& rules, const std::string& json_input = "{}") {
  RegoErrors errors;
  PolicyOptions options;
  options.entrypoints = {"data.p.x"};
  const auto program = compile_policy({{"test.rego", "package p\n" + rules}}, options, errors);
  if (program == nullptr) return errors[0].text();
  ValueArena arena;
  Value input;
  std::string error;
  EXPECT_TRUE(policy::parse_json(arena, json_input, input, error)) << error;
  Machine machine(program);
  const EvalAnswer got = machine.eval(0, input);
  if (got.error != nullptr) return got.error->text();
  return got.value.defined() ? policy::to_term(got.value) : "undefined";
}

// `deep` is a value of 9,998 levels; `brackets` 9,998 closing brackets.
const std::string kDeep = R"(
brackets := concat("", ["]" | some _ in numbers.range(1, 9998)])
deep := json.unmarshal(concat("", [replace(brackets, "]", "["), brackets]))

)";

struct Way {
  const char* name;
  const char* rules;
};

// Each makes a value of more than 10,000 levels.
// clang-format off
constexpr Way kWays[] = {
    {"array", "x := count([[[deep]]])"},
    {"set", "x := count({{{deep}}})"},
    {"object", R"(x := count({"a": {"b": {"c": deep}}}))"},
    {"constant keys", R"(x := count({"a": {input.k: {"c": deep}}}))"},
    {"key", "x := count({[[deep]]: 1})"},
    {"comprehensions", "x := count([[[d | d := deep] | true] | true])"},
    {"set comprehensions", "x := count({{{d | d := deep} | true} | true})"},
    {"object comprehensions", "x := count({1: {2: {3: d | d := deep} | true} | true})"},
    {"rules", "a contains [deep]\nx := {a}"},
    {"partial objects", "a[k] := [deep] if k := input.k\nx := {1: a}"},
    {"references in heads", "a.b.c[k] := deep if k := input.k\nx := a"},
    {"functions", "f(v) := [v]\nx := f(f(f(deep)))"},
    {"input", "y := input\nx := v if v := y with input.a.b.c as deep"},
    {"data", "y := data.q\nx := v if v := y with data.q.a.b.c as deep"},
    {"packages", "x := v if v := data.q with data.q as {1: {2: {3: deep}}}"},
    {"patch", R"(x := json.patch(deep, [{"op": "add", "path": ones_path, "value": deep}])
ones_path := [0 | some i in numbers.range(1, 9997)])"},
    {"patch with a deep value", R"(x := json.patch({"a": deep}, [{"op": "add", "path": "b", "value": [[deep]]}])
)"},
    {"walk", "x := [p | walk([deep], p)]"},
    {"union", R"(x := object.union({"a": {"b": [deep]}}, {"a": {"c": 1}}))"},
    {"paths of a graph", R"(x := graph.reachable_paths({[deep]: []}, [[deep]]))"},
};
// clang-format on

TEST(ValueDepth, EveryWayThereIsAnError) {
  for (const Way& way : kWays) {
    const std::string got = answer(kDeep + way.rules, R"({"k": "k"})");
    EXPECT_EQ(got, "eval_cancel_error: the value would be nested more than 10000 levels deep") << way.name;
  }
}

TEST(ValueDepth, UpToThereAllGoes) {
  EXPECT_EQ(answer(kDeep + "x := count([[deep]])"), "1");
  EXPECT_EQ(answer(kDeep + "x := count(json.marshal([[deep]]))"), "20000");
  EXPECT_EQ(answer(kDeep + "x if { [deep, 1][0] == json.unmarshal(json.marshal(deep)) }"), "true");
}

// Every built-in and instruction that recurses, called by the innermost of 990 functions that wait for one another.
// clang-format off
constexpr Way kWalks[] = {
    {"equality", "last(v) := 1 if v == other"},
    {"order", "last(v) := 1 if v <= other"},
    {"set", "last(v) := 1 if count({v, other}) == 1"},
    {"key", "last(v) := object.get({v: 1}, [other], 0)"},
    {"marshal", "last(v) := 1 if count(json.marshal(v)) > 9999"},
    {"pretty", R"(last(v) := 1 if count(json.marshal_with_options(v, {"pretty": true, "indent": ""})) > 9999)"},
    {"yaml", "last(v) := 1 if count(yaml.marshal(v)) > 9999"},
    {"sprintf", R"(last(v) := 1 if count(sprintf("%v", [v])) > 9999)"},
    {"union", R"(last(v) := 1 if object.union(deep_object, json.unmarshal(json.marshal(deep_object))) == deep_object)"},
    {"subset", R"(last(v) := 1 if object.subset(deep_object, json.patch(deep_object, [{"op": "remove", "path": array.concat(way, ["c"])}])))"},
    {"remove", R"(last(v) := 1 if json.remove(deep_object, [way]) != deep_object)"},
    {"filter", R"(last(v) := 1 if json.filter(deep_object, [array.concat(way, ["b"])]) != deep_object)"},
    {"copy", R"(last(v) := 1 if json.patch({"a": v}, [{"op": "copy", "from": "a", "path": "b"}]).b == v)"},
    {"template", R"(last(v) := 1 if count($"{v}") > 9999)"},
};
// clang-format on

TEST(ValueDepth, WalksBearTheDeepestBelowManyCalls) {
  std::string calls = "f0(v) := last(v)\n";
  for (int i = 1; i < 990; ++i) {
    calls += "f" + std::to_string(i) + "(v) := f" + std::to_string(i - 1) + "(v)\n";
  }
  const std::string values = R"(
other := json.unmarshal(json.marshal(deep))
way := ["a" | some _ in numbers.range(1, 9990)]
open := concat("", ["{\"a\":" | some _ in numbers.range(1, 9990)])
deep_object := json.unmarshal(concat("", [open, "{\"b\":1,\"c\":2}", replace(substring(brackets, 0, 9990), "]", "}")]))
x := f989(deep)
)";
  for (const Way& walk : kWalks) {
    EXPECT_EQ(answer(kDeep + values + calls + walk.rules + "\n"), "1") << walk.name;
  }
}

std::string repeated(const char* text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

// References of 100,000 steps, wherever one may stand.
TEST(Length, ReferencesHaveAnyNumberOfSteps) {
  const std::string steps = repeated(".a", 100000);
  const std::string way = "input" + steps;
  for (const std::string& rules : {
           "x := 1 if not " + way,
           "x := count([y | y := " + way + "]) + 1",
           "y := " + way + "\nx := 1 if not y",
           "f(v) := v" + steps + "\nx := 1 if not f(input)",
           "x := 1 if not data.q" + steps,

           "x := count({1 | some k; input[k]" + steps + "}) + 1",
           "x := 1 if not $\"{" + way + "}\" == \"a\"",
       }) {
    EXPECT_EQ(answer(rules, R"({"a": {"a": 1}})"), "1") << rules.substr(0, 40);
  }
  EXPECT_EQ(answer("x := 1 if input.b with " + way + " as 1"), "rego_compile_error: an expression has too many parts");
}

TEST(Length, ChainsOfElseHaveAnyNumberOfBranches) {
  std::string chain = "x := 0 if input.x == 0";
  for (int i = 1; i < 20000; ++i) {
    const std::string number = std::to_string(i);
    chain += "\nelse := " + number + " if input.x == " + number;
  }
  EXPECT_EQ(answer(chain + "\nelse := \"none\"", R"({"x": 19999})"), "19999");
  EXPECT_EQ(answer(chain + "\nelse := \"none\"", R"({"x": -1})"), "\"none\"");
}

TEST(Length, NamesAreBounded) {
  const std::string name = "p" + repeated(".a", 1500);
  EXPECT_EQ(answer(name + " := 1\nx := 1"), "test.rego:2: rego_parse_error: a name of more than 1500 steps");
  EXPECT_EQ(answer(name.substr(0, 1 + 2 * 1498) + " := 1\nx := 1"), "1");
}

}  // namespace
}  // namespace kubegate::rego
