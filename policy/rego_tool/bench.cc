// Measuring. The mean is of evaluations in a row, without a clock between them; the percentiles are of evaluations that
// are timed one by one, less the time that reading the clock takes. An evaluation includes making its result, which
// OPA's bench leaves out; printing is in neither.
#include "policy/rego_tool/bench.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <vector>

namespace kubegate::rego_tool {
namespace {

using Clock = std::chrono::steady_clock;

struct Figures {
  std::uint64_t samples = 0;
  double mean = 0;                  // nanoseconds
  std::vector<std::int64_t> times;  // nanoseconds, sorted
  std::uint64_t bytes = 0;          // of the arena

  // The time that `part` of the evaluations did not take longer than.
  std::int64_t percentile(double part) const {
    const auto rank = static_cast<std::size_t>(part * static_cast<double>(times.size()));
    return times[std::min(rank, times.size() - 1)];
  }
};

constexpr std::size_t kMaxTimed = 1'000'000;

std::int64_t clock_cost() {
  std::int64_t least = INT64_MAX;
  for (int i = 0; i < 1000; ++i) {
    const auto start = Clock::now();
    least = std::min<std::int64_t>(least, (Clock::now() - start).count());
  }
  return least;
}

// False when an evaluation ended in an error, or (with `fail`) undefined: then `problems` says so.
bool measure(rego::Machine& machine, policy::Value input, const BenchOptions& options, Figures& out,
             std::vector<Problem>& problems) {
  const auto once = [&] {
    const rego::QueryAnswer answer = machine.eval_query(input);
    if (answer.error != nullptr) {
      problems.push_back(problem_of(*answer.error));
    } else if (answer.rows.empty() && options.eval.fail) {
      problems.push_back(problem_of(Error{ErrorCode::kData, "", "undefined result (--fail=false lets it pass)"}));
    }
    return problems.empty();
  };
  // Warm up, and learn how many evaluations fill half of the time.
  std::uint64_t runs = 1;
  Clock::duration taken{};
  for (;; runs *= 2) {
    const auto start = Clock::now();
    for (std::uint64_t i = 0; i < runs; ++i) {
      if (!once()) return false;
    }
    taken = Clock::now() - start;
    if (taken * 20 >= options.time) break;
  }
  const double each = static_cast<double>(taken.count()) / static_cast<double>(runs);
  runs = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(static_cast<double>(options.time.count()) / 2 / each));
  const auto start = Clock::now();
  for (std::uint64_t i = 0; i < runs; ++i) {
    if (!once()) return false;
  }
  out.mean = static_cast<double>((Clock::now() - start).count()) / static_cast<double>(runs);

  const std::int64_t cost = clock_cost();
  const std::size_t timed =
      static_cast<std::size_t>(std::min<std::uint64_t>(std::max<std::uint64_t>(runs, 10), kMaxTimed));
  out.times.resize(timed);
  for (std::int64_t& time : out.times) {
    const auto begin = Clock::now();
    if (!once()) return false;
    time = std::max<std::int64_t>(0, (Clock::now() - begin).count() - cost);
  }
  std::sort(out.times.begin(), out.times.end());
  out.samples = runs;
  out.bytes = machine.builtins().arena().reserved();
  return true;
}

std::string decimal(double number) {
  char text[32];
  return {text, static_cast<std::size_t>(std::snprintf(text, sizeof text, number < 100 ? "%.1f" : "%.0f", number))};
}

std::string pretty(const Figures& f) {
  return table({{"samples", std::to_string(f.samples)},
                {"ns/op", decimal(f.mean)},
                {"min ns/op", std::to_string(f.times.front())},
                {"p50 ns/op", std::to_string(f.percentile(0.50))},
                {"p95 ns/op", std::to_string(f.percentile(0.95))},
                {"p99 ns/op", std::to_string(f.percentile(0.99))},
                {"max ns/op", std::to_string(f.times.back())},
                {"memory B", std::to_string(f.bytes)}},
               false);
}

// In the form of OPA's, a testing.BenchmarkResult of Go, and "NsPerOp", the mean without a clock between evaluations.
std::string json(const Figures& f) {
  std::string out =
      "{\n  \"N\": " + std::to_string(f.samples) +
      ",\n  \"T\": " + std::to_string(static_cast<std::uint64_t>(f.mean * static_cast<double>(f.samples))) +
      ",\n  \"Bytes\": 0,\n  \"NsPerOp\": " + json_number(f.mean) + ",\n  \"MemBytes\": " + std::to_string(f.bytes) +
      ",\n  \"Extra\": {";
  const char* separator = "\n";
  for (const auto& [name, value] : statistics(f.times)) {
    out += separator;
    out += "    \"histogram_timer_rego_query_eval_ns_" + name + "\": " + json_number(value);
    separator = ",\n";
  }
  return out + "\n  }\n}\n";
}

}  // namespace

Report bench(const BenchOptions& options) {
  Report report;
  const auto fail = [&](const std::vector<Problem>& problems) {
    (options.json ? report.out : report.err) += options.json ? errors_json(problems) : errors_text(problems);
    report.exit_code = 1;
    return report;
  };
  const auto query = prepare(options.eval);
  if (!query->problems.empty()) return fail(query->problems);
  const auto machine = query->machine(options.eval, nullptr);
  for (std::size_t i = 0; i < options.eval.count; ++i) {
    Figures figures;
    std::vector<Problem> problems;
    if (!measure(*machine, query->input, options, figures, problems)) return fail(problems);
    report.out += options.json ? json(figures) : pretty(figures);
  }
  return report;
}

}  // namespace kubegate::rego_tool
