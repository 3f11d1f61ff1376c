// Profiles come from the counters of coverage: each time that a place is reached the clock is read, and what has passed
// since the last place counts for that one. So the times of all lines together are that of the evaluation, and each
// includes what reading the clock takes. Tested by tests/policy/command_test.cc.
#include "policy/rego_tool/figures.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <tuple>

#include "policy/rego/program.h"

namespace kubegate::rego_tool {
namespace {

using Comparison = int (*)(const LineProfile&, const LineProfile&);

template <class T>
int compare(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

// Each puts the greatest first. Rule: DefaultProfileSortOrder of OPA's presentation.
constexpr std::pair<std::string_view, Comparison> kCriteria[] = {
    {"total_time_ns", [](const LineProfile& a, const LineProfile& b) { return compare(b.time, a.time); }},
    {"num_eval", [](const LineProfile& a, const LineProfile& b) { return compare(b.evaluations, a.evaluations); }},
    {"num_gen_expr", [](const LineProfile& a, const LineProfile& b) { return compare(b.expressions, a.expressions); }},
    {"file", [](const LineProfile& a, const LineProfile& b) { return compare(b.file, a.file); }},
    {"line", [](const LineProfile& a, const LineProfile& b) { return compare(b.location.row, a.location.row); }},
};

const std::pair<std::string_view, Comparison>* criterion(std::string_view name) {
  return std::find_if(std::begin(kCriteria), std::end(kCriteria), [&](const auto& c) { return c.first == name; });
}

std::string integer(std::int64_t number) { return std::to_string(number); }

// As Go prints a duration of some microseconds, without the unit's choice: 17.386µs.
std::string micros(double nanoseconds) {
  char text[48];
  return {text, static_cast<std::size_t>(std::snprintf(text, sizeof text, "%.3fµs", nanoseconds / 1000))};
}

std::string statistics_json(const Statistics& all, const std::string& prefix) {
  std::string out = "{";
  for (const auto& [name, value] : all) {
    out += (out.size() == 1 ? "\n" : ",\n") + prefix + "  \"" + name + "\": " + json_number(value);
  }
  return out + "\n" + prefix + "}";
}

// The columns that tables show of several measurements.
constexpr const char* kShown[] = {"min", "max", "mean", "90%", "99%"};

double value_of(const Statistics& all, std::string_view name) {
  return std::find_if(all.begin(), all.end(), [&](const auto& entry) { return entry.first == name; })->second;
}

}  // namespace

Statistics statistics(std::vector<std::int64_t> times) {
  std::sort(times.begin(), times.end());
  const auto count = static_cast<double>(times.size());
  const auto percentile = [&](double part) {
    const double at = part * (count + 1);
    if (at < 1) return static_cast<double>(times.front());
    if (at >= count) return static_cast<double>(times.back());
    const auto below = static_cast<std::size_t>(at);
    const auto low = static_cast<double>(times[below - 1]), high = static_cast<double>(times[below]);
    return low + (at - std::floor(at)) * (high - low);
  };
  double mean = 0, variance = 0;
  for (const std::int64_t time : times) mean += static_cast<double>(time) / count;
  for (const std::int64_t time : times) variance += std::pow(static_cast<double>(time) - mean, 2) / count;
  return {{"75%", percentile(0.75)},
          {"90%", percentile(0.9)},
          {"95%", percentile(0.95)},
          {"99%", percentile(0.99)},
          {"99.9%", percentile(0.999)},
          {"99.99%", percentile(0.9999)},
          {"count", count},
          {"max", static_cast<double>(times.back())},
          {"mean", mean},
          {"median", percentile(0.5)},
          {"min", static_cast<double>(times.front())},
          {"stddev", std::sqrt(variance)}};
}

bool is_profile_criterion(std::string_view name) { return criterion(name) != std::end(kCriteria); }

std::vector<LineProfile> profile_of(const rego::Machine& machine, const rego::Ast& ast,
                                    std::vector<std::string> criteria) {
  const auto counts = machine.coverage();
  const auto times = machine.profile();
  const auto places = machine.program().places();
  std::map<std::pair<std::uint32_t, std::uint32_t>, LineProfile> lines;
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (counts[i] == 0 || places[i].row == 0) continue;
    LineProfile& line = lines[{places[i].file, places[i].row}];
    if (line.expressions == 0 || places[i].begin < line.location.begin) line.location = places[i];
    line.time += times[i];
    line.evaluations += counts[i];
    ++line.expressions;
  }
  std::vector<LineProfile> out;
  for (auto& [key, line] : lines) {
    line.file = ast.source(key.first).name;
    if (line.file.empty()) line.text = ast.text(line.location);
    out.push_back(std::move(line));
  }
  for (const auto& [name, comparison] : kCriteria) criteria.emplace_back(name);
  std::sort(out.begin(), out.end(), [&](const LineProfile& a, const LineProfile& b) {
    for (const std::string& name : criteria) {
      if (const int order = criterion(name)->second(a, b); order != 0) return order < 0;
    }
    return false;
  });
  return out;
}

Section metrics_section(const std::vector<Timings>& runs) {
  const bool several = runs.size() > 1;
  Section out{several ? "aggregated_metrics" : "metrics", "{", ""};
  std::vector<std::vector<std::string>> rows = {{"Metric", "Value"}};
  if (several) rows = {{"Metric", "Min", "Max", "Mean", "90%", "99%"}};
  for (const auto& [name, time] : runs[0]) {
    std::vector<std::int64_t> times;
    for (const Timings& run : runs) times.push_back(run.at(name));
    const Statistics all = statistics(times);
    out.json += (out.json.size() == 1 ? "\n    \"" : ",\n    \"") + name +
                "\": " + (several ? statistics_json(all, "    ") : integer(time));
    std::vector<std::string>& row = rows.emplace_back(1, name);
    if (!several) row.push_back(integer(time));
    for (const char* shown : kShown) {
      if (several) row.push_back(json_number(value_of(all, shown)));
    }
  }
  out.json += "\n  }";
  out.pretty = table(rows, true);
  return out;
}

Section profile_section(const std::vector<std::vector<LineProfile>>& runs, std::size_t limit) {
  const bool several = runs.size() > 1;
  Section out{several ? "aggregated_profile" : "profile", "", ""};
  std::vector<std::vector<std::string>> rows = {{"Time", "Num Eval", "Num Gen Expr", "Location"}};
  if (several) rows = {{"Min", "Max", "Mean", "90%", "99%", "Num Eval", "Num Gen Expr", "Location"}};
  std::map<std::pair<std::string, std::uint32_t>, std::vector<std::int64_t>> times;
  for (const auto& run : runs) {
    for (const LineProfile& line : run) times[{line.file, line.location.row}].push_back(line.time);
  }
  for (const LineProfile& line : runs[0]) {
    if (limit != 0 && rows.size() > limit) break;
    const Statistics all = statistics(times[{line.file, line.location.row}]);
    std::vector<std::string>& row = rows.emplace_back();
    out.json += out.json.empty() ? "[\n    {\n" : ",\n    {\n";
    if (several) {
      out.json += "      \"total_time_ns_stats\": " + statistics_json(all, "      ");
      for (const char* shown : kShown) row.push_back(micros(value_of(all, shown)));
    } else {
      out.json += "      \"total_time_ns\": " + integer(line.time);
      row.push_back(micros(static_cast<double>(line.time)));
    }
    const std::string evaluations = std::to_string(line.evaluations), expressions = std::to_string(line.expressions);
    out.json += ",\n      \"num_eval\": " + evaluations + ",\n      \"num_gen_expr\": " + expressions +
                ",\n      \"location\": " + location_json(line.file, line.location, "      ") + "\n    }";
    row.insert(row.end(), {evaluations, expressions,
                           line.file.empty() ? line.text : line.file + ":" + std::to_string(line.location.row)});
  }
  out.json += out.json.empty() ? "[]" : "\n  ]";
  out.pretty = rows.size() == 1 ? "" : table(rows, true);
  return out;
}

}  // namespace kubegate::rego_tool
