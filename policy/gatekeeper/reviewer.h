// Reviewer: judges objects by policies. Hot; one thread's.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "policy/gatekeeper/policies.h"
#include "policy/gatekeeper/review.h"
#include "policy/rego/machine.h"
#include "policy/value/arena.h"

namespace kubegate::gatekeeper {

struct Violation {
  enum class Cause : std::uint8_t {
    kPolicy,     // the policy says so
    kUnmatched,  // whether the constraint matches cannot be told: the object's Namespace is not known
    kError,      // the evaluation ended with an error, which Gatekeeper tells as a violation
    kLimit,      // the evaluation reached a limit
    kMessage,    // the msg of a result is no string, for which Gatekeeper gives up the whole review
  };
  // Whether the policy could not be evaluated: it then checks nothing, whatever its constraint's action.
  bool is_broken() const { return cause > Cause::kUnmatched; }

  std::uint32_t constraint = 0;  // in Policies::constraints()
  Cause cause = Cause::kPolicy;
  std::string message;
  policy::Value details = {};  // undefined where the cause is another; valid until the next review
  // With Reviewer::set_locating: the node that the policy's last question was about, in the document of the object; see
  // place_finding (place.h). kNoNode where that is not known.
  document::NodeIndex cause_at = document::kNoNode;
};

// What one constraint took for one object.
struct Cost {
  std::uint32_t constraint = 0;  // in Policies::constraints()
  std::chrono::nanoseconds time{0};
};

// What one constraint and one object may take: far more than policies need, and an end to those that never end.
rego::Limits default_limits();

class Reviewer {
 public:
  explicit Reviewer(std::shared_ptr<const Policies> policies, const rego::Limits& limits = default_limits());
  ~Reviewer();

  // What data.inventory is from now on: an object, which may be shared with other threads and outlives its use;
  // undefined: {}.
  void set_inventory(policy::Value inventory);

  // Appends the violations of all constraints that match, in the order of the constraints, and of one constraint in the
  // order in which Gatekeeper tells them. Identical ones of one constraint are one.
  void review(const Review& review, std::vector<Violation>& out);

  // What the policies print, a line each; needs CompileSwitches::print.
  void set_print(std::function<void(std::string_view)> print);

  // Where not null, review() appends what judging by each constraint that matched took; it outlives the reviewer.
  void set_costs(std::vector<Cost>* costs) { costs_ = costs; }

  // Whether violations tell where they come from: what finds one is evaluated once more then, and traced. Objects that
  // are not read in place (policy/value/document_root.h) have no such places.
  void set_locating(bool locating) { locating_ = locating; }

  const Policies& policies() const { return *policies_; }
  // What runs a constraint, by its number.
  rego::Machine& machine(std::uint32_t number);

 private:
  const std::vector<std::uint32_t>& covering(std::string_view group, std::string_view kind);
  policy::Value input_of(const Review& review);
  void judge(std::uint32_t number, policy::Value review, const Subject& subject, std::vector<Violation>& out);
  void locate(std::uint32_t number, policy::Value input, policy::Value object, std::span<Violation> violations);

  std::shared_ptr<const Policies> policies_;
  rego::Limits limits_;
  policy::Value data_;
  policy::ValueArena arena_;                              // of what is made for one review
  policy::ValueArena data_arena_;                         // of data_
  std::vector<std::unique_ptr<rego::Machine>> machines_;  // by number of the constraint; made when first needed
  std::vector<std::unique_ptr<rego::Machine>> tracing_;   // the same, of those that trace
  // Constraints by group and kind, of what was seen so far.
  std::unordered_map<std::string, std::vector<std::uint32_t>> covering_;
  std::string kind_key_;
  std::vector<Cost>* costs_ = nullptr;
  bool locating_ = false;
  std::function<void(std::string_view)> print_;
};

}  // namespace kubegate::gatekeeper
