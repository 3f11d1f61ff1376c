// OPA's conformance cases, run by the naive evaluator.
#include <gtest/gtest.h>

#include <iostream>
#include <map>

#include "policy/rego/compile.h"
#include "policy/rego/parser.h"
#include "policy/value/document_root.h"
#include "tests/policy/rego/conformance_cases.h"
#include "tests/policy/rego/naive_eval.h"

namespace kubegate::rego {
namespace {

using policy::Cursor;

// A value as cases write it: sets are arrays; with `sort`, arrays right below are sorted.
Value plain(ValueArena& arena, Value value, bool sort) {
  Value out;
  std::string error;
  if (!policy::parse_json(arena, policy::to_json(value), out, error)) return value;
  if (!sort || !out.is_array()) return out;
  std::vector<Value> items;
  for (Cursor at(out); at.next();) items.push_back(at.value());
  std::sort(items.begin(), items.end(), [](Value a, Value b) { return policy::compare(a, b) < 0; });
  return policy::make_array(arena, items);
}

Value result_object(ValueArena& arena, const NaiveEvaluator::Bindings& bindings, bool sort) {
  std::vector<policy::Member> members;
  for (const auto& [name, value] : bindings) {
    members.push_back({policy::make_string(arena, name), plain(arena, value, sort)});
  }
  return policy::make_object(arena, members, policy::EqualKeys::kLast);
}

// "" when the case passes, otherwise why it does not.
std::string run(const testing::ConformanceCase& test) {
  Ast ast;
  RegoErrors errors;
  std::vector<Module*> modules;
  for (std::size_t i = 0; i < test.modules.size(); ++i) {
    if (Module* module =
            parse_module(ast, "test-" + std::to_string(i) + ".rego", test.modules[i], test.version, errors)) {
      modules.push_back(module);
    }
  }
  if (!errors.empty()) return errors[0].text();
  CompileOptions options;
  options.switched_on = {"http.send", "opa.runtime", "net.lookup_ip_addr"};
  const auto compiled = compile_modules(ast, modules, options, errors);
  if (compiled == nullptr) return errors[0].text();
  CompiledQuery query;
  Body body = parse_query(ast, test.query, test.version, errors);
  if (body.empty() || !compile_query(*compiled, std::move(body), errors, query)) return errors[0].text();

  ValueArena arena;
  BuiltinContext context(arena);
  context.begin_query(1700000000000000000, 1);
  const policy::DocumentRoot root(*test.document, policy::NumberMode::kYaml);
  const Value data = test.data == document::kNoNode ? Value() : root.value_of(test.data);
  Value input = test.input == document::kNoNode ? Value() : root.value_of(test.input);
  CompiledQuery input_query;
  if (!test.input_term.empty()) {
    Body term = parse_query(ast, "x = " + test.input_term, test.version, errors);
    if (term.empty() || !compile_query(*compiled, std::move(term), errors, input_query)) return errors[0].text();
    const auto answer = NaiveEvaluator(*compiled, context, Value(), Value(), true).eval(input_query);
    if (answer.results.size() != 1) return "the input term has no value: " + answer.error;
    input = answer.results[0].at("x");
  }
  NaiveEvaluator evaluator(*compiled, context, data, input, test.strict_error);
  const NaiveEvaluator::Answer answer = evaluator.eval(query);
  if (!test.want_error_code.empty() || !test.want_error.empty()) {
    if (!answer.failed) return "wants error " + test.want_error_code + ": " + test.want_error;
    if (!test.want_error_code.empty() && answer.code != test.want_error_code) {
      return "wants code " + test.want_error_code + ", got " + answer.error;
    }
    if (answer.error.find(test.want_error) == std::string::npos) {
      return "wants error \"" + test.want_error + "\", got \"" + answer.error + "\"";
    }
    return "";
  }
  if (answer.failed) return answer.error;
  if (test.want_result == document::kNoNode) return "";
  std::vector<Value> got, want;
  for (const auto& result : answer.results) got.push_back(result_object(arena, result, test.sort_bindings));
  for (Cursor at(root.value_of(test.want_result)); at.next();) {
    std::vector<policy::Member> members;
    for (Cursor member(at.value()); member.next();) {
      members.push_back({member.key(), plain(arena, member.value(), test.sort_bindings)});
    }
    want.push_back(policy::make_object(arena, members, policy::EqualKeys::kLast));
  }
  const Value got_set = policy::make_set(arena, got), want_set = policy::make_set(arena, want);
  if (policy::compare(got_set, want_set) == 0) return "";
  return "wants " + policy::to_json(want_set) + ", got " + policy::to_json(got_set);
}

TEST(Conformance, NaiveEvaluator) {
  const auto& cases = testing::conformance_cases();
  if (cases.empty()) GTEST_SKIP() << "no conformance cases here";
  std::map<std::string, std::pair<int, int>> folders;  // passed, run
  std::map<std::string, int> left_out;
  int passed = 0, all = 0;
  for (const auto& test : cases) {
    if (const std::string reason = testing::left_out(test); !reason.empty()) {
      ++left_out[reason];
      continue;
    }
    const std::string fault = run(test);
    EXPECT_EQ(fault, "") << test.file << ": " << test.note;
    auto& [folder_passed, folder_run] = folders[test.folder];
    folder_passed += fault.empty();
    ++folder_run;
    passed += fault.empty();
    ++all;
  }
  for (const auto& [folder, counts] : folders) {
    std::cout << folder << ": " << counts.first << " of " << counts.second << "\n";
  }
  for (const auto& [reason, count] : left_out) std::cout << "left out " << count << ": " << reason << "\n";
  std::cout << "passed " << passed << " of " << all << " cases\n";
}

}  // namespace
}  // namespace kubegate::rego
