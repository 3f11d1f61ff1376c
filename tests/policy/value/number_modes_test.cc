// How a document's numbers print: as JSON has them, as YAML becomes them on its way through JSON, and as Gatekeeper's
// objects hold them, which are Go's float64.
#include <gtest/gtest.h>

#include <string>

#include "policy/value/document_root.h"
#include "policy/value/number.h"
#include "policy/value/value.h"
#include "validate/document/read.h"

namespace kubegate::policy {
namespace {

struct Row {
  const char* written;
  const char* json;  // "" where it is no JSON
  const char* yaml;
  const char* gatekeeper;
};

// clang-format off
constexpr Row kRows[] = {
    {"0", "0", "0", "0"},
    {"7", "7", "7", "7"},
    {"-7", "-7", "-7", "-7"},
    {"-0", "-0", "0", "0"},
    {"-0.0", "-0.0", "0", "0"},
    {"999999", "999999", "999999", "999999"},
    {"1000000", "1000000", "1000000", "1e+06"},
    {"-1000000", "-1000000", "-1000000", "-1e+06"},
    {"12345678", "12345678", "12345678", "1.2345678e+07"},
    {"9007199254740993", "9007199254740993", "9007199254740993", "9.007199254740992e+15"},
    {"9223372036854775807", "9223372036854775807", "9223372036854775807", "9.223372036854776e+18"},
    {"1.0", "1.0", "1", "1"},
    {"1.50", "1.50", "1.5", "1.5"},
    {"0.1", "0.1", "0.1", "0.1"},
    {"1e3", "1e3", "1000", "1000"},
    {"1E+2", "1E+2", "100", "100"},
    {"1000000.5", "1000000.5", "1000000.5", "1.0000005e+06"},
    {"0.0001", "0.0001", "0.0001", "0.0001"},
    {"0.00001", "0.00001", "0.00001", "1e-05"},
    {"0.0000001", "0.0000001", "1e-7", "1e-07"},
    {"1e21", "1e21", "1e+21", "1e+21"},
    {"1e20", "1e20", "100000000000000000000", "1e+20"},
    {"18446744073709551615", "18446744073709551615", "18446744073709551615", "1.8446744073709552e+19"},
    {"0x10", "", "16", "16"},
    {"0o17", "", "15", "15"},
    {"1_000_000", "", "1000000", "1e+06"},
};
// clang-format on

std::string read_and_print(std::string text, document::Syntax syntax, NumberMode mode) {
  text += "\n";
  document::Document doc;
  document::read({text, 1}, syntax, document::Limits(), doc);
  EXPECT_TRUE(doc.faults().empty()) << text;
  const DocumentRoot root(doc, mode);
  return to_term(root.value());
}

TEST(NumberModes, Print) {
  for (const Row& row : kRows) {
    if (*row.json != '\0') {
      EXPECT_EQ(read_and_print(row.written, document::Syntax::kJson, NumberMode::kJsonText), row.json) << row.written;
      EXPECT_EQ(read_and_print(row.written, document::Syntax::kJson, NumberMode::kFloat64), row.gatekeeper)
          << row.written;
    }
    EXPECT_EQ(read_and_print(row.written, document::Syntax::kYaml, NumberMode::kYaml), row.yaml) << row.written;
    EXPECT_EQ(read_and_print(row.written, document::Syntax::kYaml, NumberMode::kFloat64), row.gatekeeper)
        << row.written;
  }
}

// What is written apart is equal all the same, and finds the same keys.
TEST(NumberModes, ChangeTextsAndNoValues) {
  ValueArena arena;
  const Value exact = make_number(arena, "1000000");
  const Value real = Value::real(1e6, RealForm::kGo), json = Value::real(1e6, RealForm::kJson);
  EXPECT_EQ(to_term(real), "1e+06");
  EXPECT_EQ(to_term(json), "1000000");
  for (const Value a : {exact, real, json, make_number(arena, "1e6"), make_number(arena, "1000000.0")}) {
    for (const Value b : {exact, real, json}) {
      EXPECT_TRUE(equal(a, b)) << to_term(a) << " " << to_term(b);
      EXPECT_EQ(hash(a), hash(b)) << to_term(a) << " " << to_term(b);
    }
  }
}

}  // namespace
}  // namespace kubegate::policy
