// All mutators and one object. Each pass applies every mutator that matches the object as it has become; the passes end
// when one of them leaves the object as it found it. A mutator can undo what another does, so there are only so many
// passes: one more than mutators, by which time each that waits for another has had its turn.
//
// Tested in tests/policy/gatekeeper/mutation_test.cc, and against recorded output of `gator expand` in
// expansion_test.cc.
#include "policy/gatekeeper/mutation.h"

#include <algorithm>
#include <tuple>

#include "policy/gatekeeper/form.h"
#include "policy/gatekeeper/mutation_conflict.h"
#include "policy/gatekeeper/mutation_value.h"

namespace kubegate::gatekeeper {

using policy::Value;

namespace {

auto order_of(const Mutator& mutator) { return std::tie(mutator.kind, mutator.name_space, mutator.name); }

// "Deployment.apps default/web"
std::string title_of(const Subject& subject) {
  std::string out(subject.kind);
  if (!subject.group.empty()) out += '.', out += subject.group;
  out += ' ';
  if (!subject.name_space.empty()) out += subject.name_space, out += '/';
  out += subject.name.empty() ? subject.generate_name : subject.name;
  return out;
}

}  // namespace

std::shared_ptr<const Mutators> Mutators::compile(std::span<const PolicySet::Item> items,
                                                  std::vector<PolicyFinding>& findings, policy::NumberMode numbers) {
  const auto out = std::make_shared<Mutators>();
  auto& all = out->mutators_;
  for (const PolicySet::Item& item : items) {
    auto mutator = read_mutator(item, out->root_of(item.source, numbers), out->arena_, findings);
    if (FormCheck::built_in().sound(item, findings) && mutator) all.push_back(std::move(*mutator));
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Mutator& a, const Mutator& b) { return order_of(a) < order_of(b); });
  std::vector<Mutator> last;
  for (Mutator& mutator : all) {
    if (!last.empty() && order_of(last.back()) == order_of(mutator)) last.pop_back();
    last.push_back(std::move(mutator));
  }
  all = std::move(last);
  out->rounds_ = all.size() + 1;
  out->drop_conflicts(findings);
  return out;
}

const policy::DocumentRoot& Mutators::root_of(const std::shared_ptr<const KeptDocument>& document,
                                              policy::NumberMode numbers) {
  auto& root = roots_[document.get()];
  if (root == nullptr) {
    root = std::make_unique<policy::DocumentRoot>(document->document, numbers);
    root->freeze();
  }
  return *root;
}

void Mutators::drop_conflicts(std::vector<PolicyFinding>& findings) {
  const std::size_t count = mutators_.size();
  std::vector<bool> dropped(count);
  const auto tell = [&](const Mutator& mutator, const Mutator& other, std::size_t steps) {
    findings.push_back(policy_finding(
        mutator.source, mutator.node, mutator.location_node, "policy/mutator",
        mutator.location.text(steps) + " is something else to " + other.title() + ", so Gatekeeper applies neither"));
  };
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t k = i + 1; k < count; ++k) {
      if (dropped[i] && dropped[k]) continue;  // each is told once
      const std::optional<std::size_t> steps = find_conflict(mutators_[i], mutators_[k]);
      if (!steps) continue;
      if (!dropped[i]) tell(mutators_[i], mutators_[k], *steps);
      if (!dropped[k]) tell(mutators_[k], mutators_[i], *steps);
      dropped[i] = dropped[k] = true;
    }
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (dropped[i]) continue;
    if (kept != i) mutators_[kept] = std::move(mutators_[i]);
    ++kept;
  }
  mutators_.resize(kept);
}

Value Mutators::mutate_once(policy::ValueArena& arena, Review& review, std::uint8_t operations,
                            std::string& error) const {
  for (const Mutator& mutator : mutators_) {
    if (!mutator.covers(review.object, operations)) continue;
    const Matched matched = mutator.match.matches(review);
    if (matched == Matched::kNo) continue;
    if (matched == Matched::kUnknown) {
      error = mutator.title() + " goes by the labels of the Namespace of " + title_of(review.object) +
              ", which is not known";
      return Value();
    }
    const Value object = apply_mutator(mutator, arena, review, error);
    if (!object.defined()) {
      error = mutator.title() + " cannot change " + title_of(review.object) + ": " + error;
      return Value();
    }
    if (!identical(object, review.object.value)) review.object = subject_of(object);
  }
  return review.object.value;
}

Value Mutators::mutate(policy::ValueArena& arena, const Review& review, std::string& error) const {
  const std::uint8_t operations = operations_of(text_of(at(review.request, "operation")));
  if (mutators_.empty() || operations == 0 || !review.object.exists()) return review.object.value;
  Review now = review;
  now.old_object = {};  // matching looks at what is mutated alone
  try {
    for (std::size_t round = 0; round < rounds_; ++round) {
      const Value before = now.object.value;
      const Value after = mutate_once(arena, now, operations, error);
      if (!after.defined()) return after;
      if (unchanged(before, after)) return before;
    }
    error = "the mutation of " + title_of(review.object) + " does not come to an end after " + std::to_string(rounds_) +
            " rounds";
  } catch (const policy::LimitReached& limit) {
    error = "the mutation of " + title_of(review.object) + ": " + limit.what();
  }
  return Value();
}

}  // namespace kubegate::gatekeeper
