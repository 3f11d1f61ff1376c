// Match: which objects a constraint or a mutator is about (spec.match).
//
// Rules: pkg/mutation/match/match.go, pkg/wildcard and pkg/target/matcher.go of Gatekeeper; selectors as
// metav1.LabelSelectorAsSelector of k8s.io/apimachinery.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/gatekeeper/review.h"

namespace kubegate::gatekeeper {

// A name with a `*` in front, behind, or both; elsewhere `*` is an ordinary character.
class Glob {
 public:
  Glob() = default;
  explicit Glob(std::string_view text);

  bool matches(std::string_view name) const;
  // A generateName is the beginning of a name to be: only what ends in `*` can match it.
  bool matches_generate_name(std::string_view name) const;

 private:
  std::string text_;  // without the stars
  bool any_before_ = false, any_behind_ = false;
};

class LabelSelector {
 public:
  // `selector` is a metav1.LabelSelector, already checked (check_selector). Everything matches an empty one.
  explicit LabelSelector(policy::Value selector);

  // `labels`: an object, or undefined for none.
  bool matches(policy::Value labels) const;

 private:
  enum class Operator : std::uint8_t { kIn, kNotIn, kExists, kDoesNotExist };
  struct Requirement {
    std::string key;
    Operator op;
    std::vector<std::string> values;
  };
  std::vector<Requirement> requirements_;
};

// What is wrong with a selector; "" is nothing. Rule: ValidateLabelSelector of k8s.io/apimachinery.
std::string check_selector(policy::Value selector);

// What a match says of a review.
enum class Matched : std::uint8_t {
  kNo,
  kYes,
  kUnknown,  // the namespace that it asks for is not known
};

class Match {
 public:
  // Everything matches an undefined or empty one.
  Match() = default;
  // `match` is checked: its types are right. Copies what it needs.
  explicit Match(policy::Value match);

  // Whether it asks for labels of Namespaces.
  bool selects_namespaces() const { return namespace_selector_.has_value(); }
  // Whether `group` and `kind` are among its kinds.
  bool covers(std::string_view group, std::string_view kind) const;
  // Whether the object or the old object matches. With kUnknown `why`, if not null, is Gatekeeper's message.
  Matched matches(const Review& review, std::string* why = nullptr) const;
  // Of a review that does not match: the member of spec.match that rules it out, "kinds".
  std::string why_not(const Review& review) const;

 private:
  enum class Scope : std::uint8_t { kAny, kCluster, kNamespaced };
  struct Kinds {
    std::vector<std::string> groups, kinds;  // empty: any
  };

  struct Answer {
    Matched matched;
    const char* by = nullptr;  // with kNo: which member rules the object out
  };
  Answer matches(const Subject& subject, const Review& review) const;
  const char* ruled_out_by_name(const Subject& subject, policy::Value name_space) const;

  std::vector<Kinds> kinds_;
  Scope scope_ = Scope::kAny;
  std::vector<Glob> namespaces_, excluded_namespaces_;
  std::optional<LabelSelector> label_selector_, namespace_selector_;
  std::optional<Glob> name_;
  std::optional<Origin> source_;
};

}  // namespace kubegate::gatekeeper
