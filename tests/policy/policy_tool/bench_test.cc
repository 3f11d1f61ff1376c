#include "policy/policy_tool/bench.h"

#include <gtest/gtest.h>

#include "policy/value/value.h"

namespace kubegate::policy_tool {
namespace {

using std::chrono::nanoseconds;

TEST(Bench, Percentiles) {
  std::vector<nanoseconds> times;
  for (int i = 100; i >= 1; --i) times.emplace_back(i * 100);
  const Latencies latencies = latencies_of(times);
  EXPECT_EQ(latencies.min, nanoseconds(100));
  EXPECT_EQ(latencies.max, nanoseconds(10000));
  EXPECT_EQ(latencies.mean, nanoseconds(5050));
  EXPECT_EQ(latencies.p50, nanoseconds(5050));
  EXPECT_EQ(latencies.p95, nanoseconds(9505));
  EXPECT_EQ(latencies.p99, nanoseconds(9901));
  EXPECT_EQ(latencies_of({}).max, nanoseconds(0));
  EXPECT_EQ(latencies_of({nanoseconds(7)}).p99, nanoseconds(7));
}

BenchFigures figures(std::int64_t latency, double speed) {
  BenchFigures out;
  out.latencies.p50 = out.latencies.p95 = out.latencies.p99 = out.latencies.mean = nanoseconds(latency);
  out.reviews_per_second = speed;
  return out;
}

TEST(Bench, Compare) {
  struct Row {
    std::int64_t latency;
    double speed, threshold;
    std::int64_t least;
    const char* failed;  // the first letters of what fails
  };
  constexpr Row kRows[] = {
      {1000, 100, 10, 0, ""},     {1100, 100, 10, 0, ""},  {1101, 100, 10, 0, "PPPM"},   {900, 110, 10, 0, ""},
      {1200, 80, 10, 0, "PPPMT"}, {1200, 80, 10, 500, ""}, {1200, 100, 10, 100, "PPPM"}, {1000, 89, 10, 0, "T"},
      {1000, 40, 10, 500, "T"},   {1200, 80, 25, 0, ""},
  };
  for (const Row& row : kRows) {
    std::string failed;
    for (const Comparison& each :
         compare_runs(figures(1000, 100), figures(row.latency, row.speed), row.threshold, nanoseconds(row.least))) {
      if (!each.passed) failed += each.name[0];
    }
    EXPECT_EQ(failed, row.failed) << row.latency << " " << row.speed << " " << row.threshold << " " << row.least;
  }
  EXPECT_EQ(comparison_table(compare_runs(figures(1000, 100), figures(1250, 80), 10, nanoseconds(0)), 10),
            "=== Baseline Comparison: REGO Engine ===\n\n"
            "Metric        Baseline    Current    Delta   Status\n"
            "------        --------    -------    -----   ------\n"
            "P50 Latency   1.00µs      1.25µs     +25.0%  ✗ REGRESSION\n"
            "P95 Latency   1.00µs      1.25µs     +25.0%  ✗ REGRESSION\n"
            "P99 Latency   1.00µs      1.25µs     +25.0%  ✗ REGRESSION\n"
            "Mean Latency  1.00µs      1.25µs     +25.0%  ✗ REGRESSION\n"
            "Throughput    100.00/sec  80.00/sec  -20.0%  ✗ REGRESSION\n\n"
            "✗ Regressions detected in: P50 Latency, P95 Latency, P99 Latency, Mean Latency, Throughput (threshold: "
            "10.0%)\n");
}

TEST(Bench, SavesAndReads) {
  const std::string saved = saved_json(figures(1234, 56.5));
  policy::ValueArena arena;
  policy::Value value;
  std::string error;
  ASSERT_TRUE(policy::parse_json(arena, saved, value, error)) << error << saved;
  BenchFigures read;
  EXPECT_NE(saved.find(R"("p99":1234)"), std::string::npos) << saved;
  EXPECT_NE(bench_json(figures(1234, 56.5)).find(R"("p99":"1.234µs")"), std::string::npos);
  EXPECT_FALSE(read_saved(policy::Value::empty_array(), read));
}

}  // namespace
}  // namespace kubegate::policy_tool
