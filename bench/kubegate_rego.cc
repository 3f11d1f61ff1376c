// Benchmarks of Rego: what one evaluation costs on one core, result included, for each feature of the language and for
// policies as Gatekeeper's library has them, over a Deployment that is read in place.
//
//   build/release/bench/kubegate_rego_bench --benchmark_filter=required_labels
//
// Each benchmark first makes sure that its answer is right: a wrong one can be had faster.
#include <benchmark/benchmark.h>

#include <fstream>
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
using rego::Machine;
using rego::Program;

std::string read_file(const std::string& name) {
  std::ifstream in(std::string(KUBEGATE_SOURCE_DIR) + "/bench/rego/" + name);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

constexpr std::string_view kDeployment = R"(apiVersion: apps/v1
kind: Deployment
metadata:
  labels:
    app: web
    owner: team-a
    tier: web
  name: web
  namespace: shop
spec:
  replicas: 3
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
      - image: registry.example.com/shop/web:v1.2.3
        name: web
        ports:
        - containerPort: 8080
          name: http
        - containerPort: 9090
          name: metrics
        resources:
          limits:
            cpu: 500m
            memory: 512Mi
          requests:
            cpu: 100m
            memory: 128Mi
      - image: docker.io/library/log:v4.5.6
        name: log
        ports:
        - containerPort: 5000
          name: log
        resources:
          limits:
            cpu: "1"
            memory: 1Gi
      serviceAccountName: web
)";

// A document and its values.
struct Yaml {
  explicit Yaml(std::string_view text) : bytes(text) {
    const auto slices = document::split(bytes, document::Syntax::kYaml);
    document::read(slices[0], document::Syntax::kYaml, {}, document);
    root.bind(document, policy::NumberMode::kFloat64);
    root.freeze();
  }
  std::string bytes;
  document::Document document;
  DocumentRoot root;
};

// What Gatekeeper makes of an object: {"parameters": …, "review": {"object": …}}.
struct Review {
  Review(std::string_view object, std::string_view parameters_text) : deployment(object), parameters(parameters_text) {
    review[0] = {Value::string("object"), deployment.root.value()};
    input[0] = {Value::string("parameters"), parameters.root.value()};
    input[1] = {Value::string("review"), Value::sorted_object(review)};
  }
  Value value() const { return Value::sorted_object(input); }
  Yaml deployment, parameters;
  Member review[1];
  Member input[2];
};

struct Case {
  std::string name, file, entrypoint;
  rego::RegoVersion version;
  std::string parameters;    // YAML
  std::string want;          // JSON
  bool specialised = false;  // the parameters are constants of the program
};

void run(benchmark::State& state, const Case& test) {
  const Review review(kDeployment, test.parameters);
  rego::PolicyOptions options;
  options.version = test.version;
  options.entrypoints = {test.entrypoint};
  if (test.specialised) options.program.constants = {{{"parameters"}, review.parameters.root.value()}};
  rego::RegoErrors errors;
  const auto program = rego::compile_policy({{test.file, read_file(test.file)}}, options, errors);
  if (program == nullptr) return state.SkipWithError(errors[0].text().c_str());
  Machine machine(program);
  const rego::EvalAnswer answer = machine.eval(0, review.value());
  const std::string got = answer.error != nullptr ? answer.error->text() : policy::to_json(answer.value);
  if (got != test.want) return state.SkipWithError(("got " + got).c_str());
  for (auto _ : state) benchmark::DoNotOptimize(machine.eval(0, review.value()).value);
  state.counters["steps"] = static_cast<double>(machine.steps());
}

void add(const Case& test) {
  benchmark::RegisterBenchmark(test.name.c_str(), [=](benchmark::State& state) { run(state, test); });
}

void add_all() {
  const auto policy = [](const std::string& name, const std::string& file, const std::string& parameters,
                         const std::string& want) {
    Case test = {"policy/" + name,       file + ".rego", "data.bench." + file + ".violation",
                 rego::RegoVersion::kV0, parameters,     want};
    add(test);
    test.name += "/specialised";
    test.specialised = true;
    add(test);
  };
  policy("required_labels", "required_labels", "labels:\n- key: owner\n  allowedRegex: ^team-[a-z]$\n- key: app\n",
         "[]");
  policy("required_labels_missing", "required_labels", "labels:\n- key: owner\n- key: cost-centre\n",
         R"([{"details":{"missing_labels":["cost-centre"]},"msg":"you must provide labels: {\"cost-centre\"}"}])");
  policy("allowed_repos", "allowed_repos", "repos:\n- registry.example.com/\n- docker.io/\n", "[]");
  policy("allowed_repos_refused", "allowed_repos", "repos:\n- registry.example.com/\n",
         R"([{"msg":"container \u003clog\u003e has an invalid image repo \u003cdocker.io/library/log:v4.5.6\u003e, )"
         R"(allowed repos are [\"registry.example.com/\"]"}])");
  policy("container_limits", "container_limits", "cpu: 2\nmemory: 2Gi\n", "[]");

  const auto feature = [](const std::string& name, const std::string& rule, const std::string& want) {
    add({"feature/" + name, "features.rego", "data.bench.features." + rule, rego::RegoVersion::kV1, "{}", want});
  };
  feature("complete_rule", "allow", "true");
  feature("partial_set", "names", R"(["log","web"])");
  feature("partial_object", "images",
          R"({"log":"docker.io/library/log:v4.5.6","web":"registry.example.com/shop/web:v1.2.3"})");
  feature("function", "registries", R"(["docker.io","registry.example.com"])");
  feature("comprehension", "ports", "[8080,9090,5000]");
  feature("every", "all_named", "true");
  feature("some_in", "labelled", "true");
  feature("with", "allowed_elsewhere", "true");
  feature("strings", "shortened", R"(["WEB"])");
  feature("regex", "tagged", "true");
  feature("nested_references", "teams", R"({"log":"logging","web":"frontend"})");
}

}  // namespace
}  // namespace kubegate::bench

int main(int argc, char** argv) {
  kubegate::bench::add_all();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
