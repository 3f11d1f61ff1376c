// The policies of the shared Gatekeeper library compile.
#include <gtest/gtest.h>

#include <filesystem>
#include <iostream>

#include "policy/rego/compile.h"
#include "policy/rego/parser.h"
#include "policy/value/document_root.h"
#include "tests/support/oracle.h"
#include "validate/document/read.h"

namespace kubegate::rego {
namespace {

using policy::Cursor;
using policy::lookup;
using policy::Value;

// The Rego of a template's target: the policy, then its libraries. Either stands there inline, or as the source of one
// of its codes, which may say that it is Rego v1.
struct Policy {
  std::vector<std::string> modules;
  RegoVersion version = RegoVersion::kV0;
};

Policy policy_of(Value target) {
  Policy out;
  Value from = target;
  for (Cursor code(lookup(target, "code")); code.next();) {
    const Value engine = lookup(code.value(), "engine");
    if (engine.is_string() && engine.text() == "Rego" && !lookup(target, "rego").defined()) {
      from = lookup(code.value(), "source");
      const Value version = lookup(from, "version");
      if (version.is_string() && version.text() == "v1") out.version = RegoVersion::kV1;
    }
  }
  if (const Value rego = lookup(from, "rego"); rego.is_string()) out.modules.emplace_back(rego.text());
  for (Cursor library(lookup(from, "libs")); library.next();) out.modules.emplace_back(library.value().text());
  return out;
}

TEST(GatekeeperLibrary, EveryPolicyCompiles) {
  const std::filesystem::path root = std::filesystem::path(testing::shared_folder()) / "conformance/gatekeeper-library";
  if (testing::shared_folder().empty() || !std::filesystem::exists(root)) GTEST_SKIP() << "no Gatekeeper library here";
  int compiled = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (entry.path().filename() != "template.yaml") continue;
    const std::string bytes = testing::read_file(entry.path().string());
    for (const document::Slice& slice : document::split(bytes, document::Syntax::kYaml)) {
      document::Document doc;
      document::read(slice, document::Syntax::kYaml, {}, doc);
      const policy::DocumentRoot tree(doc, policy::NumberMode::kYaml);
      for (Cursor target(lookup(lookup(tree.value(), "spec"), "targets")); target.next();) {
        const Policy policy = policy_of(target.value());
        Ast ast;
        RegoErrors errors;
        std::vector<Module*> modules;
        for (std::size_t i = 0; i < policy.modules.size(); ++i) {
          const std::string name = i == 0 ? "template.rego" : "lib" + std::to_string(i) + ".rego";
          if (Module* module = parse_module(ast, name, policy.modules[i], policy.version, errors)) {
            modules.push_back(module);
          }
        }
        CompileOptions options;
        options.switched_on = {"http.send"};
        if (errors.empty()) compile_modules(ast, modules, options, errors);
        EXPECT_TRUE(errors.empty()) << entry.path() << ": " << errors[0].text();
        compiled += errors.empty() && !modules.empty();
      }
    }
  }
  std::cout << "compiled " << compiled << " policies\n";
  EXPECT_GT(compiled, 0);
}

}  // namespace
}  // namespace kubegate::rego
