// Every module and query of OPA's conformance cases parses.
#include <gtest/gtest.h>

#include <iostream>

#include "policy/rego/parser.h"
#include "tests/policy/rego/conformance_cases.h"

namespace kubegate::rego {
namespace {

TEST(ParseConformance, EveryModuleAndQueryParses) {
  const auto& cases = testing::conformance_cases();
  if (cases.empty()) GTEST_SKIP() << "no conformance cases here";
  int modules = 0, queries = 0;
  for (const auto& test : cases) {
    Ast ast;
    RegoErrors errors;
    for (std::size_t i = 0; i < test.modules.size(); ++i) {
      const bool parsed = parse_module(ast, "test-" + std::to_string(i) + ".rego", test.modules[i], test.version,
                                       errors, Annotations::kRead) != nullptr;
      EXPECT_TRUE(parsed) << test.file << " " << test.note << ": " << (errors.empty() ? "" : errors[0].text());
      modules += parsed;
    }
    const bool parsed = !parse_query(ast, test.query, test.version, errors).empty();
    EXPECT_TRUE(parsed) << test.file << " " << test.note << ": " << (errors.empty() ? "" : errors[0].text());
    queries += parsed;
  }
  std::cout << "parsed " << modules << " modules and " << queries << " queries of " << cases.size() << " cases\n";
}

}  // namespace
}  // namespace kubegate::rego
