// Gatekeeper keeps a tree of steps for each kind of object and operation, in which a place has one child for each type
// that a mutator takes it for, and calls those mutators conflicting that pass a place of more than one. Whatever it
// finds it finds for a pair: a mutator is in conflict when some other one takes the same place for something else. So
// pairs are compared here, along the steps that they share, and the lists of kinds are never multiplied out.
//
// Tested in tests/policy/gatekeeper/mutation_test.cc.
#include "policy/gatekeeper/mutation_conflict.h"

#include <algorithm>

namespace kubegate::gatekeeper {

namespace {

// What a location takes a place for: the step behind tells, and at the end the kind of the mutator.
enum class Shape : std::uint8_t { kObject, kList, kSet, kText, kUnknown };

Shape shape_behind(const Mutator& mutator, std::size_t depth) {
  const auto& steps = mutator.location.steps;
  if (depth + 1 < steps.size()) return steps[depth + 1].is_list() ? Shape::kList : Shape::kObject;
  return mutator.kind == Mutator::Kind::kModifySet     ? Shape::kSet
         : mutator.kind == Mutator::Kind::kAssignImage ? Shape::kText
                                                       : Shape::kUnknown;
}

// Whether `a` needs its location to end at step `depth`, where `b` goes on.
bool is_passed(const Mutator& a, const Mutator& b, std::size_t depth) {
  return a.kind == Mutator::Kind::kAssignImage && depth + 1 == a.location.steps.size() &&
         depth + 1 < b.location.steps.size();
}

std::optional<std::size_t> differing_step(const Mutator& a, const Mutator& b) {
  const auto &x = a.location.steps, &y = b.location.steps;
  for (std::size_t depth = 0; depth < std::min(x.size(), y.size()); ++depth) {
    if (x[depth].key != y[depth].key) {
      // Lists are told apart by one key; members of an object are many.
      return x[depth].is_list() && y[depth].is_list() ? std::optional(depth) : std::nullopt;
    }
    const Shape one = shape_behind(a, depth), other = shape_behind(b, depth);
    const bool known = one != Shape::kUnknown && other != Shape::kUnknown;
    if ((known && one != other) || is_passed(a, b, depth) || is_passed(b, a, depth)) return depth + 1;
    if (one != other) return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::size_t> find_conflict(const Mutator& a, const Mutator& b) {
  const std::optional<std::size_t> steps = differing_step(a, b);
  if (!steps) return steps;
  for (const ApplyTo& one : a.apply_to) {
    for (const ApplyTo& other : b.apply_to) {
      if (one.overlaps(other)) return steps;
    }
  }
  return std::nullopt;
}

}  // namespace kubegate::gatekeeper
