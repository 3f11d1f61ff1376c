// `kubegate policy bench`: what judging objects by policies takes. Rule: gator bench.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "policy/rego_tool/present.h"
#include "policy/value/value.h"

namespace kubegate::policy_tool {

using Nanoseconds = std::chrono::nanoseconds;

struct BenchOptions {
  enum class Form { kTable, kJson, kYaml };

  std::vector<std::string> paths;
  bool standard_input = false;
  std::uint32_t iterations = 1000;  // rounds over all objects
  std::uint32_t warmup = 10;        // rounds before them
  std::uint32_t concurrency = 1;    // threads
  Form form = Form::kTable;
  bool memory = false;
  std::string save, compare;  // files, JSON or YAML by their names
  double threshold = 10;      // percent
  Nanoseconds min_threshold{0};
};

struct Latencies {
  Nanoseconds min{0}, max{0}, mean{0}, p50{0}, p95{0}, p99{0};
};

struct BenchFigures {
  std::uint64_t templates = 0, constraints = 0, objects = 0, iterations = 0, concurrency = 1;
  Nanoseconds setup_client{0}, setup_templates{0}, setup_constraints{0}, setup_data{0};
  Nanoseconds total{0};
  Latencies latencies;  // of a review: one object by all constraints
  std::uint64_t violations = 0;
  double reviews_per_second = 0;
  std::uint64_t peak_memory = 0;  // bytes of the process; 0: not asked for

  Nanoseconds setup() const { return setup_client + setup_templates + setup_constraints + setup_data; }
};

// `times` need not be sorted. Percentiles lie between two times where they fall between them. Rule: gator's metrics.go.
Latencies latencies_of(std::vector<Nanoseconds> times);

// One figure of two runs. Rule: Compare of gator's compare.go.
struct Comparison {
  std::string name;
  double baseline = 0, current = 0, delta = 0;  // delta in percent
  bool passed = true;
};
std::vector<Comparison> compare_runs(const BenchFigures& baseline, const BenchFigures& current, double threshold,
                                     Nanoseconds min_threshold);

// bench_form.cc: the forms, and what --save writes and --compare reads. In the latter durations are nanoseconds.
std::string bench_table(const BenchFigures& figures);
std::string bench_json(const BenchFigures& figures);
std::string saved_json(const BenchFigures& figures);
bool read_saved(policy::Value saved, BenchFigures& out);
std::string comparison_table(const std::vector<Comparison>& comparisons, double threshold);

// Exit codes: 0; 1 on errors, and when a comparison fails.
rego_tool::Report bench(const BenchOptions& options);

}  // namespace kubegate::policy_tool
