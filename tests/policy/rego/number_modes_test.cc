// Numbers of Gatekeeper's objects in policies: float64 from the object, text from the policy.
#include <gtest/gtest.h>

#include <string>

#include "policy/rego/evaluate.h"
#include "policy/value/document_root.h"
#include "validate/document/read.h"

namespace kubegate::rego {
namespace {

struct Row {
  const char* expression;
  const char* want;
};

// clang-format off
constexpr Row kRows[] = {
    {"input.big", "1e+06"},
    {"1000000", "1000000"},
    {"2.50", "2.50"},
    {"1e3", "1e3"},
    {R"(sprintf("%v %v", [input.big, 1000000]))", R"("1e+06 1000000")"},
    {R"(sprintf("%d", [input.big]))", R"t("%!d(float64=1e+06)")t"},
    {R"(sprintf("%d %d", [input.small, 1000000]))", R"("3 1000000")"},
    {R"(sprintf("%v %v", [input.half, 2.50]))", R"("1.5 2.5")"},
    {R"(sprintf("%s %s", [input.small, 1]))", R"t("%!s(int=3) %!s(int=1)")t"},
    {R"(sprintf("a", [input.small, "b"]))", R"t("a%!(EXTRA int=3, string=b)")t"},
    {"input.big == 1000000", "true"},
    {"{input.big, 1000000, 1000000.0}", "{1e+06}"},
    {"{1000000: 1}[input.big]", "1"},
    {"[input.big + 1, input.big * 2, input.big / 3]", "[1000001, 2000000, 333333.33333333333334]"},
    {"max([input.big, 999999])", "1e+06"},
    {"json.marshal(input)", R"("{\"big\":1e+06,\"half\":1.5,\"small\":3}")"},
    {"format_int(input.big, 10)", R"("1000000")"},
    {"to_number(\"1000000\") == input.big", "true"},
    {R"([1, 2, 3, 4][input.small])", "4"},
    {"numbers.range(input.small, 5)", "[3, 4, 5]"},
};
// clang-format on

TEST(NumberModes, GatekeepersObjectsInPolicies) {
  const std::string text = R"({"big": 1000000, "small": 3, "half": 1.50})";
  document::Document doc;
  document::read({text, 1}, document::Syntax::kJson, document::Limits(), doc);
  const policy::DocumentRoot root(doc, policy::NumberMode::kFloat64);
  for (const Row& row : kRows) {
    RegoErrors errors;
    PolicyOptions options;
    options.entrypoints = {"data.p.x"};
    const auto program =
        compile_policy({{"a.rego", "package p\nx := " + std::string(row.expression)}}, options, errors);
    ASSERT_TRUE(program != nullptr) << row.expression << ": " << errors[0].text();
    Machine machine(program);
    machine.builtins().integer_type = "int";
    const EvalAnswer answer = machine.eval(0, root.value());
    ASSERT_EQ(answer.error, nullptr) << row.expression << ": " << answer.error->text();
    EXPECT_EQ(policy::to_term(answer.value), row.want) << row.expression;
  }
}

}  // namespace
}  // namespace kubegate::rego
