// Optimisations change no answer: each is switched off alone, and all together, and the answers stay.
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "policy/rego/evaluate.h"
#include "policy/value/value.h"
#include "tests/policy/rego/conformance_driver.h"
#include "tests/policy/rego/generate.h"
#include "tests/policy/rego/machine_evaluator.h"
#include "tests/policy/rego/naive_eval.h"
#include "tests/policy/rego/switches.h"

namespace kubegate::rego {
namespace {

struct Variant {
  std::string name;
  Optimisations optimisations;
};

std::vector<Variant> variants() {
  std::vector<Variant> out;
  Optimisations none;
  for (const auto& [name, flag] : kSwitches) {
    Optimisations one;
    one.*flag = false;
    none.*flag = false;
    out.push_back({std::string("without_") + name, one});
  }
  out.push_back({"none", none});
  Optimisations eager;
  eager.joined_items = 1;
  out.push_back({"joins_of_all", eager});
  return out;
}

class Optimised : public ::testing::TestWithParam<Variant> {};

TEST_P(Optimised, AgreesWithTheNaiveEvaluator) {
  const char* wanted = std::getenv("KUBEGATE_GENERATED_CASES");
  const std::uint64_t cases = wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : 500;
  const Evaluate machine = machine_with(GetParam().optimisations);
  int different = 0;
  for (std::uint64_t seed = 0; seed < cases && different < 3; ++seed) {
    const std::string fault = testing::difference(testing::generate_case(seed), evaluate_naively, machine);
    EXPECT_EQ(fault, "") << "seed " << seed;
    different += !fault.empty();
  }
}

TEST_P(Optimised, PassesTheConformanceCases) { testing::run_conformance(machine_with(GetParam().optimisations)); }

// Rules of package p, whose x is asked for: loops over what is large enough to be joined, and work inside them that
// does not depend on them.
constexpr const char* kRules[] = {
    "x contains u.name if { some u in data.users; u.id == input.want }",
    "x contains [g, u.name] if { some g in input.groups; some u in data.users; u.id == g.lead }",
    "x contains [i, j] if { some i, a in input.list; some j, b in input.list; a == b; i != j }",
    "x contains [a.name, b.name] if { some a in data.users; some b in data.users; a.at.city == b.at.city; a != b }",
    "x := [[k, u.name] | some g in input.groups; some k, u in data.by_name; u.id == g.lead]",
    "y contains u.id if some u in data.users\nx contains [g.team, i] if { some g in input.groups; some i in y; i == "
    "g.lead }",
    "y[u.name] := [u.id, 1] if some u in data.users\n"
    "x contains [g.team, k] if { some g in input.groups; some k, v in y; v[0] == g.lead }",
    "x := [n | some g in input.groups; n := count([1 | some u in data.users; u.id == g.lead])]",
    "x contains u.name if { some u in data.users; u.name == sprintf(\"n%d\", [input.want]) }",
    "x contains [u.name, s] if { some u in data.users; s := {t | some t in input.list; t > 1}; count(s) > 1 }",
    "x contains [u.id, c] if { some u in data.users; some g in input.groups; c := concat(\"-\", [u.name, \"x\"]) }",
    "x contains u.name if { some u in data.users; not blocked with input.want as 1; u.id == 3 }\n"
    "blocked if { some g in input.groups; g.lead == input.want }",
    "x contains u.name if { some u in data.users; every g in input.groups { g.team != u.name }; u.id > 40 }",
    "x contains [g.team, v] if { some g in input.groups; some u in data.users; v := lead(g) ; v == u.id }\n"
    "lead(g) := l if { some k, l in g; k == \"lead\" }",
    "x contains u.name if { some u in data.users; 1 / input.zero > 0 }",
    "x contains u.name if { some u in data.absent; 1 / input.zero > 0 }",
    "x contains u.name if { some u in data.users; u.id == 1 / input.zero }",
    "x contains [g.team, u.name] if { some g in input.groups; some u in data.users with data.users as input.list; u == "
    "g.lead }",
    "x contains w if { some w in input.list; y := [v | some v in data.users; v.id == 3] with input.list as [w]; "
    "count(y) > 0 }",
    "f(a) := b if { some u in data.users; u.id == a; b := u.name }\nx := [f(g.lead) | some g in input.groups]",
    "x contains g.team if { some g in input.groups; not any_user(g) }\n"
    "any_user(g) if { some u in data.users; u.id == g.lead }",
    "x contains sprintf(\"%v|%s|%d|%%\", [a, b, c]) if { some a in input.list; some b in input.list; c := input.want }",
    "x contains sprintf(\"%s\", [a]) if some a in [1, 1.5, \"é\", null, {1}, [\"a\"], true, 1e3]",
    "x contains sprintf(\"%q and %v\", [a, [a, input.want]]) if some a in [1, 1.5, \"é\\n\\\"\", \"\", null, {1}, "
    "[\"a\"], "
    "true]",
    "x contains sprintf(\"<%d>\", [a]) if some a in [1, -9223372036854775808, 1.5, \"a\", {\"a\": 1}, "
    "92233720368547758070]",
    "x := [sprintf(\"%v %v\", [input.want]), sprintf(\"%v\", [input.want, 1]), sprintf(\"%5v\", [input.want])]",
    "y[u.at.city] contains u.id if some u in data.users\nx := [y.c3, y.c7, not y.c99, z] if z := y.c1 with data.users "
    "as [{\"id\": 1, \"at\": {\"city\": \"c1\"}}]",
    "x := {k: v | some k, v in data.by_name; v.id == input.want}",
    "x := [v | some i in [0, 1]; some [a, v] in input.pairs; a == input.pairs[i][0]]",
};

std::string test_input(int want) {
  std::string out = R"({"zero": 0, "want": )" + std::to_string(want) + R"(, "groups": [)";
  for (int i = 0; i < 12; ++i) {
    const std::string n = std::to_string(i);
    if (i > 0) out += ", ";
    out += R"({"team": "t)" + n + R"(", "lead": )" + std::to_string(i * want % 7) + (i % 2 == 1 ? ".0}" : "}");
  }
  return out + R"(], "list": [3, 1, 2, 1.0, "a", [1], 3, null, "b", {"k": 1}, "a", [1.0]],
      "pairs": [["a", 1], ["b", 2], ["a", 3], ["c"], 5, ["b", 4], {"0": "a"}, ["d", 6], ["a", 7]]})";
}

std::string test_data() {
  std::string users, by_name;
  for (int i = 0; i < 48; ++i) {
    const std::string n = std::to_string(i);
    const std::string user = i % 11 == 10 ? "[1, 2]"
                                          : R"({"id": )" + n + R"(, "name": "n)" + n + R"(", "at": {"city": "c)" +
                                                std::to_string(i % 9) + "\"}}";
    users += (i > 0 ? ", " : "") + user;
    by_name += (i > 0 ? ", \"n" : "\"n") + n + "\": " + user;
  }
  return R"({"users": [)" + users + R"(], "by_name": {)" + by_name + "}}";
}

// The answers to several inputs, asked of one machine one behind the other, so that it may use what it has kept.
std::string answers(const std::string& rules, const Optimisations& optimisations, bool strict) {
  RegoErrors errors;
  PolicyOptions options;
  options.entrypoints = {"data.p.x"};
  options.program.optimisations = optimisations;
  const auto program = compile_policy({{"test.rego", "package p\n\n" + rules + "\n"}}, options, errors);
  if (program == nullptr) return errors[0].text();
  policy::ValueArena arena;
  Value data, input;
  std::string error, out;
  EXPECT_TRUE(policy::parse_json(arena, test_data(), data, error)) << error;
  Machine machine(program);
  machine.set_data(data);
  machine.set_strict_builtin_errors(strict);
  for (const int want : {3, 5, 3}) {
    EXPECT_TRUE(policy::parse_json(arena, test_input(want), input, error)) << error;
    const EvalAnswer answer = machine.eval(0, input);
    out += answer.error != nullptr  ? answer.error->text()
           : answer.value.defined() ? policy::to_term(answer.value)
                                    : "undefined";
    out += "\n";
  }
  return out;
}

TEST_P(Optimised, GivesTheSameAnswers) {
  for (const char* rules : kRules) {
    for (const bool strict : {false, true}) {
      EXPECT_EQ(answers(rules, GetParam().optimisations, strict), answers(rules, {}, strict)) << rules;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Program, Optimised, ::testing::ValuesIn(variants()),
                         [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace kubegate::rego
