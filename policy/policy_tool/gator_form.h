// The forms in which gator test tells its results: lines, JSON and YAML.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "policy/gatekeeper/constraint.h"
#include "policy/policy_tool/objects.h"

namespace kubegate::policy_tool {

// A violation, as gator knows it.
struct GatorResult {
  const gatekeeper::Constraint* constraint = nullptr;
  const Object* object = nullptr;
  std::string message;
  std::string details;  // JSON
  std::string action;   // of the constraint, or what an ExpansionTemplate says instead
};

// What the constraints of one kind took for one object.
struct GatorCost {
  const gatekeeper::Constraint* constraint = nullptr;  // the first of them
  std::uint64_t constraints = 0;
  std::chrono::nanoseconds time{0};
};

// In gator's order: by action, then message; equal ones stay as they are. Rule: GatorResponses.Results().
void sort_results(std::vector<GatorResult>& results);

std::string gator_lines(const std::vector<GatorResult>& results);
// An array of results; with `costs` (may be null) an object of both. Without a line break at the end, as gator's.
std::string gator_json(const std::vector<GatorResult>& results, const std::vector<GatorCost>* costs);
// The same keys as in gator's YAML, which are not those of its JSON. Keys stand in order, and no item in flow style.
std::string gator_yaml(const std::vector<GatorResult>& results, const std::vector<GatorCost>* costs);

}  // namespace kubegate::policy_tool
