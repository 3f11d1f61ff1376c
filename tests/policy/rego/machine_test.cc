// Machines: features by small programs, limits, reuse, threads.
#include "policy/rego/machine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "policy/rego/evaluate.h"
#include "policy/value/value.h"

namespace kubegate::rego {
namespace {

std::shared_ptr<const Program> compile(const std::string& text, const std::vector<std::string>& entrypoints,
                                       const std::string& query = "", ProgramOptions program = {}, bool print = false) {
  RegoErrors errors;
  PolicyOptions options;
  options.entrypoints = entrypoints;
  options.query = query;
  options.program = program;
  options.compile.enable_print = print;
  auto out = compile_policy({{"test.rego", text}}, options, errors);
  EXPECT_TRUE(out != nullptr) << (errors.empty() ? "" : errors[0].text()) << "\n" << text;
  return out;
}

Value json(ValueArena& arena, std::string_view text) {
  Value out;
  std::string error;
  EXPECT_TRUE(policy::parse_json(arena, text, out, error)) << text << ": " << error;
  return out;
}

std::string shown(const EvalAnswer& answer) {
  if (answer.error != nullptr) return answer.error->text();
  return answer.value.defined() ? policy::to_term(answer.value) : "undefined";
}

// ---- Features ------------------------------------------------------------------------------------------------------

struct Feature {
  const char* name;
  const char* rules;  // of package p; the rule `x` is asked for
  const char* want;
};

constexpr char kFeatureInput[] =
    R"({"n": 3, "s": "abc", "list": [1, 2, 3], "deep": {"a": {"b": {"c": 7}}}, "pairs": [["a", 1], ["b", 2]],
        "objects": [{"k": "a", "v": 1}, {"k": "b", "v": 2}, {"k": "a", "v": 3}]})";
constexpr char kFeatureData[] = R"({"base": {"a": 1, "b": 2}, "p": {"extra": "base"}, "users": [{"id": "u"}]})";

// clang-format off
constexpr Feature kFeatures[] = {
    {"complete", "x := input.n", "3"},
    {"undefined", "x := input.absent", "undefined"},
    {"default", "default x := 5\nx := 6 if input.n > 10", "5"},
    {"default is not reached", "default x := 5\nx := 6 if input.n > 1", "6"},
    {"else", "x := 1 if { input.n > 10 } else := 2 if { input.n > 2 } else := 3", "2"},
    {"conflict", "x := v if { some v in input.list }", "test.rego:3: eval_conflict_error: rule data.p.x produced conflicting values"},
    {"conflict between rules", "x := 1 if input.n\nx := 2 if input.s", "test.rego:4: eval_conflict_error: rule data.p.x produced conflicting values"},
    {"agreement", "x := 1 if input.n\nx := 1 if input.s", "1"},
    {"partial set", "x contains v if { some v in input.list; v > 1 }", "{2, 3}"},
    {"empty partial set", "x contains v if { some v in input.list; v > 9 }", "set()"},
    {"partial object", "x[o.k] contains o.v if { some o in input.objects }", R"({"a": {1, 3}, "b": {2}})"},
    {"partial object of values", "x[k] := v if { some [k, v] in input.pairs }", R"({"a": 1, "b": 2})"},
    {"object keys conflict", "x[o.k] := o.v if { some o in input.objects }", "test.rego:3: eval_conflict_error: object keys must be unique"},
    {"general reference", "x.a[k].c := v if { some [k, v] in input.pairs }\nx.b := 9", R"({"a": {"a": {"c": 1}, "b": {"c": 2}}, "b": 9})"},
    {"function", "f(a) := a + 1\nx := f(input.n)", "4"},
    {"function by pattern", "f([a, b]) := a if b > 1\nf({\"k\": k}) := k\nx := {f(v) | some v in array.concat(input.pairs, [{\"k\": \"o\"}])}", R"({"b", "o"})"},
    {"function conflict", "f(a) := 1 if a > 1\nf(a) := 2 if a > 2\nx := f(input.n)", "test.rego:4: eval_conflict_error: function data.p.f produced conflicting values for the same inputs"},
    {"default function", "default f(_) := 9\nf(a) := a if a > 100\nx := f(input.n)", "9"},
    {"every holds", "x if { every v in input.list { v > 0 } }", "true"},
    {"every fails", "x if { every v in input.list { v > 1 } }", "undefined"},
    {"every over nothing", "x if { every v in [] { v > 1 } }", "true"},
    {"every over a number", "x if { every v in input.n { v > 1 } }", "undefined"},
    {"every with key", "x if { every i, v in input.list { v == i + 1 } }", "true"},
    {"not", "x if { not input.absent; not input.n > 5 }", "true"},
    {"not fails", "x if { not input.n == 3 }", "undefined"},
    {"array comprehension keeps repetitions", "x := [k | k := input.objects[_].k]", R"(["a", "b", "a"])"},
    {"array comprehension over two loops", "x := [i | some i in input.list; some j in input.list]", "[1, 1, 1, 2, 2, 2, 3, 3, 3]"},
    {"object comprehension", "x := {k: v | some [k, v] in input.pairs}", R"({"a": 1, "b": 2})"},
    {"nested comprehension", "x := {k: [o.v | some o in input.objects; o.k == k] | some k in [\"a\", \"b\"]}", R"({"a": [1, 3], "b": [2]})"},
    {"loops that do not depend on one another", "x contains [i, j] if { some i in input.list; some j in [10, 20]; i + j == 12 }", "{[2, 10]}"},
    {"unification of patterns", "x := [a, b] if { [a, [\"b\", b]] = [input.n, input.pairs[1]] }", "[3, 2]"},
    {"unification both ways", "x := [a, b] if { [a, 1, 2] = [3, 1, b] }", "[3, 2]"},
    {"with input", "y := input.n\nx := [y, z] if { z := y with input.n as 8 }", "[3, 8]"},
    {"with in a loop", "y contains v if { some v in input.list }\nx := [v | some w in [[5, 6], [7]]; y[v] with input.list as w]", "[5, 6, 7]"},
    {"with data", "x := v if { v := data.base with data.base.a as 9 }", R"({"a": 9, "b": 2})"},
    {"with a virtual document", "y := 1\nz := y + 1\nx := [z, w] if { w := z with data.p.y as 10 }", "[2, 11]"},
    {"with a function", "f(a) := a\ng(a) := a * 10\nx := v if { v := f(3) with f as g }", "30"},
    {"with a function by value", "f(a) := a\nx := [v, f(3)] if { v := f(3) with f as 9 }", "[9, 3]"},
    {"with a built-in", "x := v if { v := count([1]) with count as 7 }", "7"},
    {"with a built-in by a function that calls it", "mine(a) := count(a) + 100\nx := v if { v := count([1]) with count as mine }", "101"},
    {"with forgets and remembers", "y := input.n\nx := [a, b, c] if { a := y; b := y with input.n as 1; c := y }", "[3, 1, 3]"},
    {"nested references", "m := {\"abc\": 5}\nx := m[input.s]", "5"},
    {"dynamic reference", "y := 1\nx := {k | data.base[k]}", R"({"a", "b"})"},
    {"set membership", "y contains v if { some v in input.list }\nx if { y[2]; not y[7] }", "true"},
    {"template string", "x := $\"n is {input.n}, {input.absent}\"", R"("n is 3, <undefined>")"},
    {"numbers keep their text", "x := [1.50, 1e2]", "[1.50, 1e2]"},
    {"walk", "x := [p | walk(input.deep, [p, 7])]", R"([["a", "b", "c"]])"},
    {"a constant of constants", "x := count({1, 2, 2}) + 1", "3"},
    {"errors of built-ins are undefined", "x := 1 / (input.n - 3)", "undefined"},
    {"or of rules", "x if input.absent\nx if input.n == 3", "true"},
    {"false is not undefined", "y := false\nx := [y, z] if { z := {v | v := y} }", "[false, {false}]"},
    {"indexed function", "f(\"a\") := 1\nf(\"b\") := 2\nf(\"c\") := 3\nf(\"d\") := 4\nf(1) := 5\nf(v) := 6 if v == [9]\nx := [f(v) | some v in [\"c\", \"a\", 1.0, [9], \"z\", \"b\"]]", "[3, 1, 5, 6, 2]"},
    {"indexed function with a rule for all", "f(\"a\") := 1\nf(\"b\") := 2\nf(_) := v if { v := input.absent }\nf(\"c\") := 3\nf(\"d\") := 4\nf(v) := 9 if v == \"z\"\nx := [f(v) | some v in [\"z\", \"d\", \"y\", \"a\"]]", "[9, 4, 1]"},
    {"indexed function conflict", "f(\"a\", _) := 1\nf(\"b\", _) := 2\nf(\"c\", _) := 3\nf(\"a\", 2) := 4\nx := [f(\"b\", 2), f(\"a\", 1), f(\"a\", 2)]", "test.rego:6: eval_conflict_error: function data.p.f produced conflicting values for the same inputs"},
    {"indexed function with else and default", "default f(_) := 0\nf(\"a\") := 1 if { false } else := 11\nf(\"b\") := 2\nf(\"c\") := 3\nf(\"d\") := 4\nx := [f(v) | some v in [\"a\", \"b\", \"q\"]]", "[11, 2, 0]"},
    {"indexed set", "y contains 1 if input.s == \"a\"\ny contains 2 if input.s == \"abc\"\ny contains 3 if { input.n == 3; input.s == \"abc\" }\ny contains 4 if input.s == \"abd\"\ny contains 5\ny contains 6 if \"x\" == input.s\nx := [y, z] if { z := y with input.s as \"x\" }", "[{2, 3, 5}, {5, 6}]"},
    {"indexed by what is not there", "y contains 1 if input.absent == \"a\"\ny contains 2 if input.absent == \"b\"\ny contains 3 if input.absent == \"c\"\ny contains 4 if input.absent == \"d\"\ny contains 5\nx := y", "{5}"},
    {"names of paths and constants", "d := input.deep\ne := d.a\nm := {\"k\": {\"l\": 5}}\nx := [e.b.c, m.k.l, m[\"k\"][\"l\"], z, w] if { z := e.b with input.deep.a.b as 1; w := d.a.b.c }", "[7, 5, 5, 1, 7]"},
    {"a name that is replaced", "d := input.deep\nx := [v, d.a.b.c] if { v := d with data.p.d as 1 }", "[1, 7]"},
    {"one key of a set", "y contains k if { some k, v in input.deep.a; v.c > 1 }\nx := [y.b, z] if { z := {k | some k in [\"b\", \"q\"]; y[k]} }", R"(["b", {"b"}])"},
    {"one key of an object", "y[k] := v.c if { some k, v in input.deep.a }\ny[\"q\"] := 1 if input.n\nx := [y.b, y.q, z] if { z := y.b with input.deep.a.b.c as 8 }", "[7, 1, 8]"},
    {"one key of an object conflicts", "y[k] := v if { some k, v in input.deep }\ny[\"a\"] := 1 if input.n\nx := y.a", "test.rego:3: eval_conflict_error: object keys must be unique"},
    {"one key of a set by pattern", "y contains [k, v] if { some k, v in data.base }\nx := [y[[\"a\", 1]], z] if { not y[[\"a\", 2]]; z := y[[\"c\", 9]] with data.base.c as 9 }", R"([["a", 1], ["c", 9]])"},
    {"one key of a set that is replaced", "y contains k if { some k, _ in data.base }\nx := [y.a, z] if { z := y.q with data.p.y as {\"q\"} }", R"(["a", "q"])"},
    {"one key that is a set", "y contains {k, v} if { some k, v in data.base }\nx := {n | some n in [{\"a\", 1}, {\"a\", 2}, {\"b\", 2}]; y[n]}", R"({{1, "a"}, {2, "b"}})"},
    {"membership", "x := [a, b] if { a := 2 in input.list; b := 9 in input.list }", "[true, false]"},
    {"membership of pairs", "x if { 0, 1 in input.list }", "true"},
};
// clang-format on

TEST(Machine, Features) {
  ValueArena arena;
  const Value input = json(arena, kFeatureInput), data = json(arena, kFeatureData);
  for (const Feature& feature : kFeatures) {
    const auto program = compile("package p\n\n" + std::string(feature.rules) + "\n", {"data.p.x"});
    if (program == nullptr) continue;
    Machine machine(program);
    machine.set_data(data);
    EXPECT_EQ(shown(machine.eval(0, input)), feature.want) << feature.name;
    EXPECT_EQ(shown(machine.eval(0, input)), feature.want) << feature.name << ", again";
  }
}

TEST(Machine, EntrypointsMayBePackagesAndBaseDocuments) {
  ValueArena arena;
  const auto program =
      compile("package p\n\ny := 1\nf(a) := a\n", {"data.p", "data.base.a", "data", "data.absent", "data.p.f"});
  Machine machine(program);
  machine.set_data(json(arena, kFeatureData));
  EXPECT_EQ(shown(machine.eval(0, Value())), R"({"extra": "base", "y": 1})");
  EXPECT_EQ(shown(machine.eval(1, Value())), "1");
  EXPECT_EQ(shown(machine.eval(2, Value())),
            R"({"base": {"a": 1, "b": 2}, "p": {"extra": "base", "y": 1}, "users": [{"id": "u"}]})");
  EXPECT_EQ(shown(machine.eval(3, Value())), "undefined");
  EXPECT_EQ(shown(machine.eval(4, Value())), "undefined");
  EXPECT_EQ(program->entrypoint("data.base.a"), 1);
  EXPECT_EQ(program->entrypoint("data.other"), -1);
  EXPECT_EQ(shown(machine.eval(5, Value())), "eval_internal_error: there is no such entrypoint");
  RegoErrors errors;
  PolicyOptions options;
  options.entrypoints = {"input.a"};
  EXPECT_EQ(compile_policy({}, options, errors), nullptr);
  EXPECT_FALSE(errors.empty());
}

TEST(Machine, QueriesGiveRowsAndTheValuesOfTheirExpressions) {
  const auto program =
      compile("package p\n\nq contains v if { some v in input }\nno := false\n", {},
              "data.p.q[x]; y := x + 1; data.p.no", {.constants = {}, .coverage = false, .expression_values = true});
  ValueArena arena;
  Machine machine(program);
  const QueryAnswer answer = machine.eval_query(json(arena, "[2, 1]"));
  ASSERT_EQ(answer.error, nullptr);
  ASSERT_EQ(answer.rows.size(), 2u);
  EXPECT_EQ(policy::to_term(answer.rows[0].bindings), R"({"x": 1, "y": 2})");
  EXPECT_EQ(policy::to_term(answer.rows[1].bindings), R"({"x": 2, "y": 3})");
  ASSERT_EQ(program->query_expressions().size(), 3u);
  ASSERT_EQ(answer.rows[0].expressions.size(), 3u);
  EXPECT_EQ(program->query_expressions()[0].text, "data.p.q[x]");
  EXPECT_EQ(policy::to_term(answer.rows[0].expressions[0]), "1");
  EXPECT_EQ(policy::to_term(answer.rows[0].expressions[1]), "true");
  EXPECT_EQ(policy::to_term(answer.rows[0].expressions[2]), "false");
}

TEST(Machine, ConstantPartsOfInputChangeNoAnswer) {
  // Each rule alone, with and without its parameters known ahead.
  constexpr const char* kRules[] = {
      "x := {l | l := input.parameters.labels[_].key} - {l | input.object[l]}",
      "x contains l if { some l in input.parameters.labels; input.object[l.key] }",
      "x := [a, b] if { ls := input.parameters.labels; a := [l.key | some l in ls]; b := count(ls) }",
      "x := 1 if not input.parameters.absent\nx := 2 if input.parameters.absent",
      "f(p) := p.name\nx := f(input.parameters)",
      "x := input.object[input.parameters.name]",
      "x := v if { some v in input.parameters.labels; v.key == input.object.owner }",
      "x := 1 / input.parameters.zero",
      "x := [v | v := 1 / input.parameters.zero]",
      "p := input.parameters\nx := p.labels[1].key",
      "x := y if { y := input.parameters.name with input.parameters.name as 5 }",
      "x := input",
  };
  ValueArena arena;
  const Value input = json(arena, R"({"object": {"a": 1, "owner": "b"},
      "parameters": {"labels": [{"key": "a"}, {"key": "b"}], "name": "owner", "zero": 0}})");
  for (const char* rules : kRules) {
    const std::string text = "package p\n\n" + std::string(rules) + "\n";
    Machine plain(compile(text, {"data.p.x"}));
    ProgramOptions options;
    options.constants = {{{"parameters"}, policy::lookup(input, "parameters")}};
    Machine specialised(compile(text, {"data.p.x"}, "", options));
    for (const bool strict : {false, true}) {
      plain.set_strict_builtin_errors(strict);
      specialised.set_strict_builtin_errors(strict);
      EXPECT_EQ(shown(specialised.eval(0, input)), shown(plain.eval(0, input))) << rules;
    }
  }
}

TEST(Machine, StrictErrorsOfBuiltinsEndTheEvaluation) {
  const auto program = compile("package p\n\nx := 1 / input\n", {"data.p.x"});
  Machine machine(program);
  machine.set_strict_builtin_errors(true);
  EXPECT_EQ(shown(machine.eval(0, Value::integer(0))), "test.rego:3: eval_builtin_error: div: divide by zero");
  EXPECT_EQ(shown(machine.eval(0, Value::integer(2))), "0.5");
}

TEST(Machine, PrintsEverySolutionItTries) {
  const auto program =
      compile("package p\n\nx if { some v in input; print(v, input[9]); v > 1 }\n", {"data.p.x"}, "", {}, true);
  ValueArena arena;
  Machine machine(program);
  std::string printed;
  machine.builtins().print_hook = [&](std::string_view text) { printed.append(text).append(";"); };
  EXPECT_EQ(shown(machine.eval(0, json(arena, "[1, 2]"))), "true");
  EXPECT_EQ(printed, "1 <undefined>;2 <undefined>;");
}

TEST(Machine, CoverageCountsWhatIsReached) {
  const auto program = compile("package p\n\nx if {\n\tinput > 1\n\tinput > 2\n}\n", {"data.p.x"}, "",
                               {.constants = {}, .coverage = true, .expression_values = false});
  Machine machine(program);
  machine.eval(0, Value::integer(2));
  std::vector<std::uint64_t> by_row(8);
  const auto count = [&] {  // of parts of one row the one that was reached most often
    by_row.assign(8, 0);
    for (std::size_t i = 0; i < program->places().size(); ++i) {
      std::uint64_t& row = by_row[program->places()[i].row];
      row = std::max(row, machine.coverage()[i]);
    }
  };
  count();
  EXPECT_EQ(by_row[4], 1u);
  EXPECT_EQ(by_row[5], 1u);
  EXPECT_EQ(by_row[3], 0u) << "the head is reached only when the body holds";
  machine.eval(0, Value::integer(3));
  count();
  EXPECT_EQ(by_row[3], 1u);
}

TEST(Machine, JoinsFindWhatLoopsFind) {
  // Over an array and an object of base documents, wanted values of all kinds; each evaluation but the first may use
  // what the machine has learnt.
  constexpr char kRules[] = R"(package p

x contains u.name if {
	some u in data.users
	u.id == input.want
}

y contains name if {
	some want in input.wants
	u := data.users[_]
	u.id == want
	name := u.name
}

z contains [g.team, u.name] if {
	g := data.groups[_]
	u := data.users[_]
	u.id == g.lead
}

all := {"x": x, "y": y, "z": z}
)";
  std::string data = R"({"users": [)";
  for (int i = 0; i < 60; ++i) {
    const std::string n = std::to_string(i);
    const std::string id = i % 5 == 0 ? "1.0" : i % 5 == 1 ? "[" + n + "]" : i % 5 == 2 ? "\"u" + n + "\"" : n;
    if (i > 0) data += ", ";
    data += i % 7 == 6 ? "[1, 2]" : R"({"id": )" + id + R"(, "name": "n)" + n + "\"}";
  }
  data += R"(], "groups": {"a": {"team": "t1", "lead": 3}, "b": {"team": "t2", "lead": "u2"}, "c": {"team": "t3"},
                    "d": {"team": "t4", "lead": 1}, "e": {"team": "t5", "lead": [11]}}})";
  const auto program = compile(kRules, {"data.p.all"});
  ASSERT_NE(program->disassemble().find("scan_where"), std::string::npos);
  ValueArena arena;
  const Value values = json(arena, data);
  Machine machine(program);
  machine.set_data(values);
  for (const char* want : {"1", "1", "\"u7\"", "[21]", "[21]", "3", "\"none\"", "1.00"}) {
    const std::string text = R"({"want": )" + std::string(want) + R"(, "wants": [8, "u2", 8, 13, )" + want + "]}";
    const Value input = json(arena, text);
    Machine fresh(program);
    fresh.set_data(values);
    EXPECT_EQ(shown(machine.eval(0, input)), shown(fresh.eval(0, input))) << want;
  }
  EXPECT_EQ(
      shown(machine.eval(0, json(arena, R"({"want": 3, "wants": ["u2"]})"))),
      R"({"x": {"n3"}, "y": {"n2"}, "z": {["t1", "n3"], ["t2", "n2"], ["t4", "n0"], ["t4", "n10"], ["t4", "n15"], )"
      R"(["t4", "n25"], ["t4", "n30"], ["t4", "n35"], ["t4", "n40"], ["t4", "n45"], ["t4", "n5"], ["t4", "n50"], )"
      R"(["t5", "n11"]}})");
  // Other data, other answers.
  machine.set_data(json(arena, R"({"users": [{"id": 1, "name": "other"}, 1, 2, 3, 4], "groups": []})"));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(shown(machine.eval(0, json(arena, R"({"want": 1, "wants": [1]})"))),
              R"({"x": {"other"}, "y": {"other"}, "z": set()})");
  }
}

// ---- Limits --------------------------------------------------------------------------------------------------------

constexpr char kEndless[] = R"(package p

numbers_up := numbers.range(1, 2000)

x := count([1 | some a in numbers_up; some b in numbers_up; some c in numbers_up; a * b * c == -1])
)";

TEST(MachineLimits, Steps) {
  Machine machine(compile(kEndless, {"data.p.x"}));
  machine.set_limits({.steps = 10000});
  const EvalAnswer answer = machine.eval(0, Value());
  ASSERT_NE(answer.error, nullptr);
  EXPECT_EQ(answer.error->code, kEvalCancelError);
  EXPECT_EQ(machine.steps(), 10001u);
}

TEST(MachineLimits, Time) {
  Machine machine(compile(kEndless, {"data.p.x"}));
  machine.set_limits({.time = std::chrono::milliseconds(20)});
  const EvalAnswer answer = machine.eval(0, Value());
  ASSERT_NE(answer.error, nullptr);
  EXPECT_EQ(answer.error->code, kEvalCancelError);
}

TEST(MachineLimits, Cancel) {
  Machine machine(compile(kEndless, {"data.p.x"}));
  std::atomic<bool> cancel = false;
  machine.set_limits({.cancel = &cancel});
  std::thread other([&] { cancel = true; });  // sooner or later: without it the evaluation would not end
  const EvalAnswer answer = machine.eval(0, Value());
  other.join();
  ASSERT_NE(answer.error, nullptr);
  EXPECT_EQ(answer.error->text(), "eval_cancel_error: caller cancelled query execution");
}

TEST(MachineLimits, Memory) {
  // What is built, and what is under construction.
  for (const char* rule : {"x := {[a, b] | some a in n; some b in n}", "x := [1 | some a in n; some b in n]",
                           "x[[a, b]] := 1 if { some a in n; some b in n }"}) {
    Machine machine(compile("package p\n\nn := numbers.range(1, 4000)\n\n" + std::string(rule) + "\n", {"data.p.x"}));
    machine.set_limits({.memory = 8 << 20});
    const EvalAnswer answer = machine.eval(0, Value());
    ASSERT_NE(answer.error, nullptr) << rule;
    EXPECT_EQ(answer.error->code, kEvalCancelError) << rule;
    machine.set_limits({});
  }
}

TEST(MachineLimits, Depth) {
  std::string text = "package p\n\nx0 := input\n";
  for (int i = 1; i <= 3000; ++i) {
    text += "x" + std::to_string(i) + " := x" + std::to_string(i - 1) + " + 1\n";
  }
  Machine machine(compile(text, {"data.p.x3000", "data.p.x500"}));
  const EvalAnswer answer = machine.eval(0, Value::integer(0));
  ASSERT_NE(answer.error, nullptr);
  EXPECT_EQ(answer.error->code, kEvalCancelError);
  EXPECT_EQ(shown(machine.eval(1, Value::integer(0))), "500");
}

TEST(MachineLimits, AnEndedEvaluationLeavesNothingBehind) {
  const auto program = compile(R"(package p

y := input.n

x := [v, w, z] if {
	v := y with input.n as 10
	w := [a | some a in [1, 2, 3]; a < input.most]
	z := y
	not endless
}

endless if {
	input.endless
	some a in numbers.range(1, 5000)
	some b in numbers.range(1, 5000)
	a * b == -1
}
)",
                               {"data.p.x"});
  ValueArena arena;
  const Value good = json(arena, R"({"n": 1, "most": 3})");
  const Value bad = json(arena, R"({"n": 2, "most": 2, "endless": true})");
  Machine machine(program);
  machine.set_limits({.steps = 1000});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(shown(machine.eval(0, good)), "[10, [1, 2], 1]");
    const EvalAnswer answer = machine.eval(0, bad);
    ASSERT_NE(answer.error, nullptr);
  }
}

// ---- Threads -------------------------------------------------------------------------------------------------------

TEST(MachineThreads, OneProgramServesThem) {
  const auto program = compile(R"(package p

squares[k] := v * v if { some k, v in input.values }

f(a) := sprintf("%v/%v", [a, input.name])

x contains f(squares[k]) if {
	some k in input.keys
	regex.match(`^[a-z]$`, k)
	not data.hidden[k]
}

x contains y if { y := f(0) with input.name as "other" }
)",
                               {"data.p.x"});
  ASSERT_NE(program, nullptr);
  ValueArena arena;
  const Value data = json(arena, R"({"hidden": {"b": true}})");
  std::vector<Value> inputs;
  std::vector<std::string> wants;
  for (int i = 0; i < 16; ++i) {
    const std::string n = std::to_string(i);
    inputs.push_back(json(arena, R"({"name": "n)" + n + R"(", "keys": ["a", "b", "c", "D"], "values": {"a": )" + n +
                                     R"(, "b": 2, "c": 1}})"));
    Machine machine(program);
    machine.set_data(data);
    wants.push_back(shown(machine.eval(0, inputs.back())));
  }
  EXPECT_NE(wants[2], wants[3]);
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      Machine machine(program);
      machine.set_data(data);
      for (std::size_t i = 0; i < 400; ++i) {
        const std::size_t at = (i * 7 + static_cast<std::size_t>(t)) % inputs.size();
        wrong += shown(machine.eval(0, inputs[at])) != wants[at];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace kubegate::rego
