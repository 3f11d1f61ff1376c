// The forms of gator bench, made from one list of figures. Rules: pkg/gator/bench/output.go; text/tabwriter of Go for
// the columns of its tables.
#include <algorithm>
#include <cstdio>

#include "policy/policy_tool/bench.h"
#include "policy/policy_tool/json_text.h"
#include "policy/gatekeeper/review.h"

namespace kubegate::policy_tool {

using gatekeeper::at;
using policy::Value;

namespace {

std::string decimal(const char* format, double number) {
  char text[64];
  return {text, static_cast<std::size_t>(std::snprintf(text, sizeof text, format, number))};
}

// "1.50ms". Rule: formatDuration.
std::string short_duration(Nanoseconds time) {
  const auto ns = static_cast<double>(time.count());
  if (ns < 1e3) return std::to_string(time.count()) + "ns";
  if (ns < 1e6) return decimal("%.2fµs", ns / 1e3);
  if (ns < 1e9) return decimal("%.2fms", ns / 1e6);
  return decimal("%.3fs", ns / 1e9);
}

// As Go's time.Duration prints itself: "1m2.5s", "1.234ms", "0s".
std::string go_duration(Nanoseconds time) {
  std::int64_t ns = time.count();
  if (ns == 0) return "0s";
  std::string out;
  const std::int64_t minutes = ns / 60'000'000'000;
  if (minutes >= 60) out += std::to_string(minutes / 60) + "h";
  if (minutes > 0) out += std::to_string(minutes % 60) + "m";
  ns %= 60'000'000'000;
  const bool whole = time.count() >= 1'000'000'000;
  const std::int64_t unit = whole ? 1'000'000'000 : ns >= 1'000'000 ? 1'000'000 : ns >= 1'000 ? 1'000 : 1;
  out += std::to_string(ns / unit);
  std::string fraction = std::to_string(unit + ns % unit).substr(1);
  fraction.erase(fraction.find_last_not_of('0') + 1);
  if (!fraction.empty()) out += "." + fraction;
  return out + (whole ? "s" : unit == 1'000'000 ? "ms" : unit == 1'000 ? "µs" : "ns");
}

std::string bytes(std::uint64_t n) {
  const auto size = static_cast<double>(n);
  if (size >= 1 << 30) return decimal("%.2f GB", size / (1 << 30));
  if (size >= 1 << 20) return decimal("%.2f MB", size / (1 << 20));
  if (size >= 1 << 10) return decimal("%.2f KB", size / (1 << 10));
  return std::to_string(n) + " B";
}

std::string number(double value) { return rego_tool::json_number(value); }

using Row = std::vector<std::string>;

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

// Cells in columns. A column is as wide as its widest cell in rows behind one another that have a cell behind it.
std::string columns(const std::vector<Row>& rows) {
  constexpr std::size_t kPadding = 2;
  std::vector<std::vector<std::size_t>> widths(rows.size());
  std::size_t most = 0;
  for (const Row& row : rows) most = std::max(most, row.size());
  for (std::size_t column = 0; column + 1 < most; ++column) {
    for (std::size_t i = 0; i < rows.size();) {
      std::size_t end = i, width = 0;
      for (; end < rows.size() && rows[end].size() > column + 1; ++end) {
        width = std::max(width, characters(rows[end][column]) + kPadding);
      }
      for (; i < end; ++i) widths[i].push_back(width);
      if (end < rows.size() && i == end) ++i;
    }
  }
  std::string out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t column = 0; column < rows[i].size(); ++column) {
      out += rows[i][column];
      if (column + 1 < rows[i].size()) out.append(widths[i][column] - characters(rows[i][column]), ' ');
    }
    out += '\n';
  }
  return out;
}

enum class Durations { kWords, kNanoseconds };

void append_figures(JsonText& out, const BenchFigures& f, Durations durations) {
  const bool words = durations == Durations::kWords;
  const auto count = [&](const char* name, std::uint64_t value) {
    out.key(name);
    out.raw(std::to_string(value));
  };
  const auto time = [&](const char* name, Nanoseconds value) {
    if (words) return out.member(name, go_duration(value));
    out.key(name);
    out.raw(std::to_string(value.count()));
  };
  out.open('{');
  out.member("engine", "rego");
  count("templateCount", f.templates);
  count("constraintCount", f.constraints);
  count("objectCount", f.objects);
  count("iterations", f.iterations);
  count("concurrency", f.concurrency);
  if (words) count("totalReviews", f.iterations * f.objects);
  time("setupDuration", f.setup());
  out.key("setupBreakdown");
  out.open('{');
  time("clientCreation", f.setup_client);
  time("templateCompilation", f.setup_templates);
  time("constraintLoading", f.setup_constraints);
  time("dataLoading", f.setup_data);
  out.close('}');
  time("totalDuration", f.total);
  out.key("latencies");
  out.open('{');
  time("min", f.latencies.min);
  time("max", f.latencies.max);
  time("mean", f.latencies.mean);
  time("p50", f.latencies.p50);
  time("p95", f.latencies.p95);
  time("p99", f.latencies.p99);
  out.close('}');
  count("violationCount", f.violations);
  out.key("reviewsPerSecond");
  out.raw(number(f.reviews_per_second));
  if (f.peak_memory > 0) {
    out.key("memoryStats");
    out.open('{');
    count("peakBytes", f.peak_memory);
    out.close('}');
  }
  out.key("referentialDataSupported");
  out.raw("true");
  out.close('}');
}

std::string list_of(const BenchFigures& figures, Durations durations) {
  JsonText out;
  out.open('[');
  append_figures(out, figures, durations);
  out.close(']');
  return out.take();
}

}  // namespace

std::string bench_table(const BenchFigures& f) {
  std::vector<Row> rows = {{"Configuration:"},
                           {"  Templates:", std::to_string(f.templates)},
                           {"  Constraints:", std::to_string(f.constraints)},
                           {"  Objects:", std::to_string(f.objects)},
                           {"  Iterations:", std::to_string(f.iterations)}};
  if (f.concurrency > 1) rows.push_back({"  Concurrency:", std::to_string(f.concurrency)});
  const std::vector<Row> rest = {{"  Total Reviews:", std::to_string(f.iterations * f.objects)},
                                 {},
                                 {"Timing:"},
                                 {"  Setup Duration:", short_duration(f.setup())},
                                 {"    └─ Client Creation:", short_duration(f.setup_client)},
                                 {"    └─ Template Compilation:", short_duration(f.setup_templates)},
                                 {"    └─ Constraint Loading:", short_duration(f.setup_constraints)},
                                 {"    └─ Data Loading:", short_duration(f.setup_data)},
                                 {"  Total Duration:", short_duration(f.total)},
                                 {"  Throughput:", decimal("%.2f reviews/sec", f.reviews_per_second)},
                                 {},
                                 {"Latency (per review):"},
                                 {"  Min:", short_duration(f.latencies.min)},
                                 {"  Max:", short_duration(f.latencies.max)},
                                 {"  Mean:", short_duration(f.latencies.mean)},
                                 {"  P50:", short_duration(f.latencies.p50)},
                                 {"  P95:", short_duration(f.latencies.p95)},
                                 {"  P99:", short_duration(f.latencies.p99)},
                                 {},
                                 {"Results:"},
                                 {"  Violations Found:", std::to_string(f.violations)}};
  rows.insert(rows.end(), rest.begin(), rest.end());
  if (f.peak_memory > 0) {
    rows.insert(rows.end(), {{}, {"Memory:"}, {"  Peak of the process:", bytes(f.peak_memory)}});
  }
  return "=== Benchmark Results: REGO Engine ===\n\n" + columns(rows);
}

std::string bench_json(const BenchFigures& figures) { return list_of(figures, Durations::kWords); }
std::string saved_json(const BenchFigures& figures) { return list_of(figures, Durations::kNanoseconds); }

bool read_saved(Value saved, BenchFigures& out) {
  const auto real = [](Value value) {
    return value.is_int()                     ? static_cast<double>(value.int_value())
           : value.rep() == Value::Rep::kReal ? value.real_value()
                                              : 0.0;
  };
  for (policy::Cursor each(saved); each.next();) {
    if (gatekeeper::text_of(at(each.value(), "engine")) != "rego") continue;
    const Value latencies = at(each.value(), "latencies");
    const auto time = [&](const char* name) {
      return Nanoseconds(static_cast<std::int64_t>(real(policy::lookup(latencies, std::string_view(name)))));
    };
    out.latencies.mean = time("mean");
    out.latencies.p50 = time("p50");
    out.latencies.p95 = time("p95");
    out.latencies.p99 = time("p99");
    const Value speed = at(each.value(), "reviewsPerSecond");
    out.reviews_per_second = real(speed);
    return speed.is_number();
  }
  return false;
}

std::string comparison_table(const std::vector<Comparison>& comparisons, double threshold) {
  std::vector<Row> rows = {{"Metric", "Baseline", "Current", "Delta", "Status"},
                           {"------", "--------", "-------", "-----", "------"}};
  std::string failed;
  for (const Comparison& each : comparisons) {
    const auto value = [&](double v) {
      return each.name == "Throughput" ? decimal("%.2f/sec", v)
                                       : short_duration(Nanoseconds(static_cast<std::int64_t>(v)));
    };
    rows.push_back({each.name, value(each.baseline), value(each.current), decimal("%+.1f%%", each.delta),
                    each.passed ? "✓" : "✗ REGRESSION"});
    if (!each.passed) failed += (failed.empty() ? "" : ", ") + each.name;
  }
  const std::string limit = decimal(" (threshold: %.1f%%)\n", threshold);
  return "=== Baseline Comparison: REGO Engine ===\n\n" + columns(rows) + "\n" +
         (failed.empty() ? "✓ No significant regressions" + limit : "✗ Regressions detected in: " + failed + limit);
}

}  // namespace kubegate::policy_tool
