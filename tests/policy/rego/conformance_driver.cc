#include "tests/policy/rego/conformance_driver.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <map>

#include "policy/rego/parser.h"
#include "policy/value/document_root.h"
#include "tests/policy/rego/naive_eval.h"

namespace kubegate::testing {
namespace {

using policy::Cursor;
using policy::Value;
using policy::ValueArena;
using rego::Answer;

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

Value result_object(ValueArena& arena, const Answer::Bindings& bindings, bool sort) {
  std::vector<policy::Member> members;
  for (const auto& [name, value] : bindings) {
    members.push_back({policy::make_string(arena, name), plain(arena, value, sort)});
  }
  return policy::make_object(arena, members, policy::EqualKeys::kLast);
}

}  // namespace

std::string run_case(const ConformanceCase& test, const rego::Evaluate& evaluate) {
  rego::Ast ast;
  rego::RegoErrors errors;
  std::vector<rego::Module*> modules;
  for (std::size_t i = 0; i < test.modules.size(); ++i) {
    if (rego::Module* module = rego::parse_module(ast, "test-" + std::to_string(i) + ".rego", test.modules[i],
                                                  test.version, errors, rego::Annotations::kRead)) {
      modules.push_back(module);
    }
  }
  if (!errors.empty()) return errors[0].text();
  rego::CompileOptions options;
  options.switched_on = {"http.send", "opa.runtime", "net.lookup_ip_addr"};
  const auto compiled = rego::compile_modules(ast, modules, options, errors);
  if (compiled == nullptr) return errors[0].text();
  rego::CompiledQuery query;
  rego::Body body = rego::parse_query(ast, test.query, test.version, errors);
  if (body.empty() || !rego::compile_query(*compiled, std::move(body), errors, query)) return errors[0].text();

  ValueArena arena;
  rego::BuiltinContext context(arena);
  context.begin_query(1780000000000000000, 1);  // in May 2026, when the certificates of the cases hold
  const policy::DocumentRoot root(*test.document, policy::NumberMode::kYaml);
  const Value data = test.data == document::kNoNode ? Value() : root.value_of(test.data);
  Value input = test.input == document::kNoNode ? Value() : root.value_of(test.input);
  rego::CompiledQuery input_query;
  if (!test.input_term.empty()) {
    rego::Body term = rego::parse_query(ast, "x = " + test.input_term, test.version, errors);
    if (term.empty() || !rego::compile_query(*compiled, std::move(term), errors, input_query)) return errors[0].text();
    const auto answer = rego::evaluate_naively(*compiled, input_query, context, Value(), Value(), true);
    if (answer.results.size() != 1) return "the input term has no value: " + answer.error;
    input = answer.results[0].at("x");
  }
  const Answer answer = evaluate(*compiled, query, context, data, input, test.strict_error);
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

void run_conformance(const rego::Evaluate& evaluate) {
  const auto& cases = conformance_cases();
  if (cases.empty()) GTEST_SKIP() << "no conformance cases here";
  std::map<std::string, std::pair<int, int>> folders;  // passed, run
  std::map<std::string, int> skipped;
  int passed = 0, all = 0;
  for (const auto& test : cases) {
    if (const std::string reason = left_out(test); !reason.empty()) {
      ++skipped[reason];
      continue;
    }
    const std::string fault = run_case(test, evaluate);
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
  for (const auto& [reason, count] : skipped) std::cout << "left out " << count << ": " << reason << "\n";
  std::cout << "passed " << passed << " of " << all << " cases\n";
}

}  // namespace kubegate::testing
