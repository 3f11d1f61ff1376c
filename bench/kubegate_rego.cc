// Benchmarks of Rego: what one evaluation costs on one core, result included.
//
//   build/release/bench/kubegate_rego_bench --benchmark_filter=required_labels
//   build/release/bench/kubegate_rego_bench --cases=FILE
//
// The cases stand in a JSON file, by default bench/rego/cases.json, which bench/compare_rego gives to other evaluators,
// too. It is an array of groups:
//
//   {"modules": ["a.rego", …], "package": "data.a", "version": "v0", "review": "review.json", "data": "data.json",
//    "cases": [{"name": "…", "rule": "violation", "parameters": {…}, "want": …}, …]}
//
// Paths are relative to the file; data may be left out, and so may parameters and want. The input of a case is
// {"parameters": parameters, "review": review}, which is read in place. A case with parameters is measured once more
// with these as constants of the program, as "NAME/specialised". Each benchmark first makes sure that its answer is
// right: a wrong one can be had faster.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "policy/rego/evaluate.h"
#include "policy/value/document_root.h"
#include "policy/value/value.h"
#include "validate/document/read.h"

namespace kubegate::bench {
namespace {

using policy::DocumentRoot;
using policy::Member;
using policy::Value;

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path);
  if (!in) {
    std::cerr << "cannot read " << path.string() << "\n";
    std::exit(2);
  }
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// A file and its values.
struct Json {
  explicit Json(const std::filesystem::path& path) : bytes(read_file(path)) {
    const auto slices = document::split(bytes, document::Syntax::kJson);
    if (slices.empty()) return;
    document::read(slices[0], document::Syntax::kJson, {}, document);
    root.bind(document, policy::NumberMode::kFloat64);
    root.freeze();
  }
  std::string bytes;
  document::Document document;
  DocumentRoot root;
};

// What Gatekeeper makes of an object: {"parameters": …, "review": …}.
struct Input {
  Input(Value parameters, Value review)
      : members{{Value::string("parameters"), parameters}, {Value::string("review"), review}} {}
  Value value() const { return Value::sorted_object(members); }
  Member members[2];
};

struct Case {
  std::filesystem::path folder;
  Value group, test;
  bool specialised = false;  // the parameters are constants of the program
};

std::string text(Value object, std::string_view key) {
  const Value value = policy::lookup(object, key);
  return value.is_string() ? std::string(value.text()) : "";
}

void run(benchmark::State& state, const Case& test) {
  const Json review(test.folder / text(test.group, "review"));
  Value parameters = policy::lookup(test.test, "parameters");
  if (!parameters.defined()) parameters = Value::empty_object();
  const Input input(parameters, review.root.value());
  std::unique_ptr<Json> data;
  if (const std::string file = text(test.group, "data"); !file.empty()) {
    data = std::make_unique<Json>(test.folder / file);
  }

  std::vector<rego::PolicySource> sources;
  for (policy::Cursor module(policy::lookup(test.group, "modules")); module.next();) {
    const std::string name(module.value().text());
    sources.push_back({name, read_file(test.folder / name)});
  }
  rego::PolicyOptions options;
  options.version = text(test.group, "version") == "v0" ? rego::RegoVersion::kV0 : rego::RegoVersion::kV1;
  options.entrypoints = {text(test.group, "package") + "." + text(test.test, "rule")};
  if (test.specialised) options.program.constants = {{{"parameters"}, parameters}};
  rego::RegoErrors errors;
  const auto program = rego::compile_policy(sources, options, errors);
  if (program == nullptr) return state.SkipWithError(errors[0].text().c_str());
  if (std::getenv("KUBEGATE_DISASSEMBLE") != nullptr) std::cerr << program->disassemble();

  rego::Machine machine(program);
  if (data != nullptr) machine.set_data(data->root.value());
  const rego::EvalAnswer answer = machine.eval(0, input.value());
  if (answer.error != nullptr) return state.SkipWithError(answer.error->text().c_str());
  if (const Value want = policy::lookup(test.test, "want"); want.defined()) {
    const std::string got = answer.value.defined() ? policy::to_json(answer.value) : "undefined";
    policy::ValueArena arena;
    Value value;
    std::string error;
    if (!policy::parse_json(arena, got, value, error) || !policy::equal(value, want)) {
      return state.SkipWithError(("got " + got).c_str());
    }
  }
  for (auto _ : state) benchmark::DoNotOptimize(machine.eval(0, input.value()).value);
  state.counters["steps"] = static_cast<double>(machine.steps());
}

void add_all(const Json& cases, const std::filesystem::path& folder) {
  for (policy::Cursor group(cases.root.value()); group.next();) {
    for (policy::Cursor test(policy::lookup(group.value(), "cases")); test.next();) {
      for (const bool specialised : {false, true}) {
        if (specialised && !policy::lookup(test.value(), "parameters").defined()) continue;
        const Case one = {folder, group.value(), test.value(), specialised};
        benchmark::RegisterBenchmark((text(one.test, "name") + (specialised ? "/specialised" : "")).c_str(),
                                     [=](benchmark::State& state) { run(state, one); });
      }
    }
  }
}

}  // namespace
}  // namespace kubegate::bench

int main(int argc, char** argv) {
  std::filesystem::path cases = KUBEGATE_SOURCE_DIR "/bench/rego/cases.json";
  constexpr std::string_view kCases = "--cases=";
  if (argc > 1 && std::string_view(argv[1]).starts_with(kCases)) {
    cases = argv[1] + kCases.size();
    argv[1] = argv[0];
    --argc;
    ++argv;
  }
  const kubegate::bench::Json all(cases);
  kubegate::bench::add_all(all, cases.parent_path());
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
