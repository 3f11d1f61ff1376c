// What people get to read for their mistakes: tests/policy/rego/errors/*.txt. A case is
//   === what is wrong [v0] [strict] [query: data.a.p]
//   the module
//   ---
//   row:column code: message
//   <tab>further lines
// with one such entry for each error, in the order in which they are reported. With a query the module compiles and the
// errors are the query's, of compiling or of evaluating it. What stands in opa.txt is what `opa check` 1.22.0 said.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "policy/rego/evaluate.h"
#include "policy/rego/parser.h"
#include "tests/policy/rego/naive_eval.h"
#include "tests/support/oracle.h"

namespace kubegate::rego {
namespace {

struct ErrorCase {
  std::string note, module, want, query;
  bool strict = false;
  RegoVersion version = RegoVersion::kV1;
};

bool take(std::string& line, const std::string& mark) {
  const std::size_t at = line.find(mark);
  if (at == std::string::npos) return false;
  line.erase(at, mark.size());
  return true;
}

std::vector<ErrorCase> read_cases(const std::filesystem::path& path) {
  std::vector<ErrorCase> out;
  std::ifstream file(path);
  bool in_module = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("=== ")) {
      ErrorCase& test = out.emplace_back();
      if (const std::size_t at = line.find(" [query: "); at != std::string::npos) {
        test.query = line.substr(at + 9, line.size() - at - 10);
        line.resize(at);
      }
      if (take(line, " [v0]")) test.version = RegoVersion::kV0;
      test.strict = take(line, " [strict]");
      test.note = line.substr(4);
      in_module = true;
    } else if (line == "---") {
      in_module = false;
    } else {
      (in_module ? out.back().module : out.back().want) += line + "\n";
    }
  }
  return out;
}

std::string errors_of(const ErrorCase& test) {
  Ast ast;
  RegoErrors errors;
  std::string out;
  const auto compile = [&]() -> std::unique_ptr<CompiledModules> {
    Module* module = parse_module(ast, "a.rego", test.module, test.version, errors, Annotations::kRead);
    if (module == nullptr) return nullptr;
    CompileOptions options;
    options.strict = test.strict;
    return compile_modules(ast, {module}, options, errors);
  };
  if (const auto modules = compile(); modules != nullptr && !test.query.empty()) {
    CompiledQuery query;
    Body body = parse_query(ast, test.query, test.version, errors);
    if (!body.empty() && compile_query(*modules, std::move(body), errors, query)) {
      policy::ValueArena arena;
      BuiltinContext context(arena);
      context.begin_query(0, 1);
      const Answer answer = evaluate_naively(*modules, query, context, Value(), Value(), true);
      if (answer.failed) out = answer.error + "\n";
    }
  }
  for (const RegoError& error : errors) {
    const Location& place = error.location;
    out += std::to_string(place.row) + ":" + std::to_string(place.column) + " " + std::string(error.code) + ": " +
           error.message + "\n";
    for (const std::string& line : error.details) out += "\t" + line + "\n";
    // The place as OPA shows it: with the file where there is one.
    const std::string begin = error.file.empty() ? std::to_string(place.row) + ":" + std::to_string(place.column) + ": "
                                                 : error.file + ":" + std::to_string(place.row) + ": ";
    if (place.row != 0) {
      EXPECT_TRUE(error.text().starts_with(begin)) << error.text();
    }
  }
  return out;
}

TEST(ErrorCases, MistakesAreToldAsOpaTellsThem) {
  int cases = 0;
  const std::filesystem::path folder = std::filesystem::path(KUBEGATE_SOURCE_DIR) / "tests/policy/rego/errors";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    for (const ErrorCase& test : read_cases(entry.path())) {
      EXPECT_EQ(errors_of(test), test.want) << entry.path().filename() << ": " << test.note << "\n" << test.module;
      ++cases;
    }
  }
  EXPECT_GT(cases, 100);
}

// Where annotations are not asked for, a METADATA block is a comment like others, whatever stands in it.
TEST(ErrorCases, AnnotationsAreReadOnRequest) {
  const std::string text =
      "# METADATA\n# title: [1\npackage a\n\n# METADATA\n# custom: {a: 1}\np := rego.metadata.rule()\n";
  RegoErrors errors;
  PolicyOptions options;
  options.entrypoints = {"data.a.p"};
  const auto program = compile_policy({{"a.rego", text}}, options, errors);
  ASSERT_TRUE(program != nullptr) << errors[0].text();
  Machine machine(program);
  EXPECT_EQ(policy::to_json(machine.eval(0, Value()).value), "{}");

  options.annotations = Annotations::kRead;
  EXPECT_EQ(compile_policy({{"a.rego", text}}, options, errors), nullptr);
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].message, "yaml: the bracket that opens here is not closed");
}

}  // namespace
}  // namespace kubegate::rego
