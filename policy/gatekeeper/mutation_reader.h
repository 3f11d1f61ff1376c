// What mutators and ExpansionTemplates have in common when they are read: their fields, each of which is a finding
// where it is of the wrong type; applyTo; and spec.match. Cold.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "policy/gatekeeper/match.h"
#include "policy/gatekeeper/policies.h"
#include "policy/gatekeeper/template.h"

namespace kubegate::gatekeeper {

// The fields of one object. A null counts as absent, as to the API server.
class ObjectReader {
 public:
  // `rule` is that of the findings: static storage.
  ObjectReader(const PolicySet::Item& item, std::string_view rule, std::vector<PolicyFinding>& findings)
      : item_(item), rule_(rule), findings_(findings) {}

  document::NodeIndex root() const { return item_.node; }
  const document::Document& document() const { return item_.source->document; }

  // The member of a mapping; kNoNode where there is none, or where `from` is kNoNode or no mapping.
  document::NodeIndex member(document::NodeIndex from, std::string_view key) const;
  // The same, of one type; of another it is a fault and kNoNode.
  document::NodeIndex map(document::NodeIndex from, std::string_view key) {
    return typed(from, key, document::Kind::kMap);
  }
  document::NodeIndex list(document::NodeIndex from, std::string_view key) {
    return typed(from, key, document::Kind::kSequence);
  }
  // The text of a string; "" where there is none.
  std::string_view text(document::NodeIndex from, std::string_view key);
  // The items of a list; of a list of strings their texts.
  std::vector<document::NodeIndex> items(document::NodeIndex from, std::string_view key);
  std::vector<std::string> texts(document::NodeIndex from, std::string_view key);

  // A finding at `at`, or at the object where that is kNoNode. A fault makes the object unusable.
  void fault(document::NodeIndex at, std::string message) { tell(at, rule_, Severity::kError, std::move(message)); }
  void warn(document::NodeIndex at, std::string_view rule, std::string message) {
    tell(at, rule, Severity::kWarning, std::move(message));
  }
  bool failed() const { return failed_; }

 private:
  document::NodeIndex typed(document::NodeIndex from, std::string_view key, document::Kind kind);
  void tell(document::NodeIndex at, std::string_view rule, Severity severity, std::string message);

  PolicySet::Item item_;
  std::string_view rule_;
  std::vector<PolicyFinding>& findings_;
  bool failed_ = false;
};

// The kinds, by exact names, that a mutator or an ExpansionTemplate is about, and the operations of a mutator.
// Rule: pkg/mutation/match/apply_to.go.
struct ApplyTo {
  static constexpr std::uint8_t kCreate = 1, kUpdate = 2, kAll = kCreate | kUpdate;

  std::vector<std::string> groups, versions, kinds;
  std::uint8_t operations = kAll;

  bool covers(std::string_view group, std::string_view version, std::string_view kind) const;
  // Whether there is a kind and an operation that both are about.
  bool overlaps(const ApplyTo& other) const;
};

// The bits of an AdmissionRequest's operation that an ApplyTo must have all of; 0 for one on which nothing is mutated.
// An object without a request ("") meets those that hold for every operation.
std::uint8_t operations_of(std::string_view operation);

// spec.applyTo; a fault where it is missing or empty. `is_mutator`: with operations, and nothing in it may be empty.
std::vector<ApplyTo> read_apply_to(ObjectReader& reader, document::NodeIndex spec, bool is_mutator);

// spec.match.
Match read_match(ObjectReader& reader, document::NodeIndex spec, const policy::DocumentRoot& root);

}  // namespace kubegate::gatekeeper
