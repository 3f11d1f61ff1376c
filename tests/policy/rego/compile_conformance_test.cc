// Every module and query of OPA's conformance cases compiles; where a case wants an error of the compiler, that error.
#include <gtest/gtest.h>

#include <iostream>
#include <map>

#include "policy/rego/compile.h"
#include "policy/rego/parser.h"
#include "tests/policy/rego/conformance_cases.h"

namespace kubegate::rego {
namespace {

TEST(CompileConformance, EveryCaseCompiles) {
  const auto& cases = testing::conformance_cases();
  if (cases.empty()) GTEST_SKIP() << "no conformance cases here";
  int compiled = 0, refused = 0;
  std::map<std::string, int> left_out;
  for (const auto& test : cases) {
    if (const std::string reason = testing::left_out(test); !reason.empty()) {
      ++left_out[reason];
      continue;
    }
    Ast ast;
    RegoErrors errors;
    std::vector<Module*> modules;
    for (std::size_t i = 0; i < test.modules.size(); ++i) {
      if (Module* module = parse_module(ast, "test-" + std::to_string(i) + ".rego", test.modules[i], test.version,
                                        errors, Annotations::kRead)) {
        modules.push_back(module);
      }
    }
    CompiledQuery query;
    if (errors.empty()) {
      CompileOptions options;
      options.switched_on = {"http.send", "opa.runtime", "net.lookup_ip_addr"};
      if (const auto result = compile_modules(ast, modules, options, errors)) {
        Body body = parse_query(ast, test.query, test.version, errors);
        if (!body.empty()) compile_query(*result, std::move(body), errors, query);
      }
    }
    const bool wants_error = test.want_error_code.starts_with("rego_");
    if (wants_error) {
      ++refused;
      ASSERT_FALSE(errors.empty()) << test.file << " " << test.note;
      EXPECT_EQ(errors[0].code, test.want_error_code) << test.file << " " << test.note;
      EXPECT_NE(errors[0].text().find(test.want_error), std::string::npos) << errors[0].text();
      continue;
    }
    EXPECT_TRUE(errors.empty()) << test.file << " " << test.note << ": "
                                << (errors.empty() ? std::string() : errors[0].text());
    compiled += errors.empty();
  }
  std::cout << "compiled " << compiled << " cases, refused " << refused << " as wanted\n";
  for (const auto& [reason, count] : left_out) std::cout << "left out " << count << ": " << reason << "\n";
}

}  // namespace
}  // namespace kubegate::rego
