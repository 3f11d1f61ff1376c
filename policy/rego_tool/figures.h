// What an evaluation took: the time of its stages, and of the lines of its policies. Names and forms are those of OPA's
// v1/metrics and v1/profiler.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/rego/ast.h"
#include "policy/rego/machine.h"
#include "policy/rego_tool/present.h"

namespace kubegate::rego_tool {

// Nanoseconds, by OPA's names of stages.
using Timings = std::map<std::string, std::int64_t>;

// Adds the time of its life to one of them.
class Stage {
 public:
  Stage(Timings& timings, const char* name) : timings_(timings), name_(name) {}
  ~Stage() {
    timings_[name_] +=
        std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - start_).count();
  }
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

 private:
  Timings& timings_;
  const char* name_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// What OPA tells of several measurements (at least one), in its order: percentiles, "count", "max", "mean", "median",
// "min", "stddev".
using Statistics = std::vector<std::pair<std::string, double>>;
Statistics statistics(std::vector<std::int64_t> times);

// What the expressions of one line took.
struct LineProfile {
  std::string file;  // "" for the query
  rego::Location location;
  std::string text;               // of the query's expression
  std::int64_t time = 0;          // nanoseconds
  std::uint64_t evaluations = 0;  // how often one of them was begun
  std::uint64_t expressions = 0;  // how many of them, with those that the compiler made, and heads of rules
};

// What a machine counted (Machine::profile) of a program whose modules and query `ast` holds. Sorted by `criteria`, then
// by the others: "total_time_ns", "num_eval", "num_gen_expr", "file", "line", each from the greatest down.
std::vector<LineProfile> profile_of(const rego::Machine& machine, const rego::Ast& ast,
                                    std::vector<std::string> criteria);
bool is_profile_criterion(std::string_view name);

Section metrics_section(const std::vector<Timings>& runs);
// At most `limit` lines, 0 for all of them; those of the first run, whose lines the others have, too.
Section profile_section(const std::vector<std::vector<LineProfile>>& runs, std::size_t limit);

}  // namespace kubegate::rego_tool
