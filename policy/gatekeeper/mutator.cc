// What a mutator says. Gatekeeper's webhook refuses a mutator whose location, tests and change do not go together;
// each of its reasons is told here at the line that is at fault.
//
// One thing differs: of two tests of which one can hold only where the other fails Gatekeeper refuses some and takes
// others, after the order in which they are written. The same are refused here, since what counts is what the cluster
// takes.
//
// Tested in tests/policy/gatekeeper/mutation_test.cc.
#include "policy/gatekeeper/mutator.h"

#include <algorithm>

namespace kubegate::gatekeeper {

using document::Kind;
using document::kNoNode;
using document::NodeIndex;
using policy::Value;

namespace {

constexpr std::string_view kRule = "policy/mutator";
constexpr std::string_view kNames[] = {"Assign", "AssignImage", "AssignMetadata", "ModifySet"};
constexpr std::size_t kMaxName = 63;

class MutatorReader {
 public:
  MutatorReader(const PolicySet::Item& item, const policy::DocumentRoot& root, policy::ValueArena& arena,
                std::vector<PolicyFinding>& findings)
      : reader_(item, kRule, findings), root_(root), arena_(arena) {
    mutator_.source = item.source;
    mutator_.node = item.node;
  }

  std::optional<Mutator> read() {
    const std::string_view kind = reader_.text(reader_.root(), "kind");
    const auto* known = std::find(std::begin(kNames), std::end(kNames), kind);
    if (known == std::end(kNames)) {
      reader_.fault(reader_.member(reader_.root(), "kind"), "this is no kind of mutator");
      return std::nullopt;
    }
    mutator_.kind = static_cast<Mutator::Kind>(known - kNames);
    const NodeIndex metadata = reader_.map(reader_.root(), "metadata");
    mutator_.name = reader_.text(metadata, "name");
    mutator_.name_space = reader_.text(metadata, "namespace");
    if (mutator_.name.size() > kMaxName) {
      reader_.fault(reader_.member(metadata, "name"), "the name of a mutator has at most 63 characters");
    }
    const NodeIndex spec = reader_.map(reader_.root(), "spec");
    const NodeIndex parameters = reader_.map(spec, "parameters");
    if (!is(Mutator::Kind::kAssignMetadata)) mutator_.apply_to = read_apply_to(reader_, spec, true);
    mutator_.match = read_match(reader_, spec, root_);
    if (read_location(spec)) {
      check_location();
      read_change(parameters);
      read_tests(parameters);
    }
    if (reader_.failed() || left_out_) return std::nullopt;
    return std::move(mutator_);
  }

 private:
  bool is(Mutator::Kind kind) const { return mutator_.kind == kind; }
  const LocationStep& last() const { return mutator_.location.steps.back(); }
  void fault_at_location(std::string message) { reader_.fault(mutator_.location_node, std::move(message)); }

  bool read_location(NodeIndex spec) {
    const std::string_view text = reader_.text(spec, "location");
    mutator_.location_node = reader_.member(spec, "location");
    if (mutator_.location_node == kNoNode) {
      reader_.fault(spec, "a mutator has a location");
      return false;
    }
    std::string why;
    if (!parse_location(text, mutator_.location, why)) {
      fault_at_location("this is no location: " + why);
      return false;
    }
    if (mutator_.location.steps.empty()) fault_at_location("the location is empty");
    mutator_.tests.resize(mutator_.location.steps.size());
    return !mutator_.location.steps.empty();
  }

  void check_location() {
    const auto& steps = mutator_.location.steps;
    if (is(Mutator::Kind::kAssignMetadata)) {
      const bool fits = steps.size() == 3 && steps[0].key == "metadata" &&
                        (steps[1].key == "labels" || steps[1].key == "annotations") && !steps[1].is_list() &&
                        !steps[2].is_list();
      if (!fits) fault_at_location("an AssignMetadata sets metadata.labels.… or metadata.annotations.…");
      return;
    }
    if (steps[0].key == "metadata") {
      fault_at_location("metadata is changed by AssignMetadata alone");
    }
    if (last().is_list() && !is(Mutator::Kind::kAssign)) {
      fault_at_location(std::string(kNames[static_cast<int>(mutator_.kind)]) + " does not set items of a keyed list");
    }
    if (!is(Mutator::Kind::kModifySet) && steps.size() > 1 && steps[steps.size() - 2].is_list() &&
        last().key == steps[steps.size() - 2].key) {
      fault_at_location("the key of a list's item is not changed");
    }
  }

  void read_change(NodeIndex parameters) {
    switch (mutator_.kind) {
      case Mutator::Kind::kAssign:
      case Mutator::Kind::kAssignMetadata: read_assignment(parameters); break;
      case Mutator::Kind::kAssignImage: {
        ImageParts parts{std::string(reader_.text(parameters, "assignDomain")),
                         std::string(reader_.text(parameters, "assignPath")),
                         std::string(reader_.text(parameters, "assignTag"))};
        if (std::string why = check_image_parts(parts); !why.empty()) reader_.fault(parameters, std::move(why));
        mutator_.change = std::move(parts);
        break;
      }
      case Mutator::Kind::kModifySet: read_set(parameters); break;
    }
  }

  void read_assignment(NodeIndex parameters) {
    const NodeIndex assign = reader_.map(parameters, "assign");
    const NodeIndex value = reader_.member(assign, "value");
    const NodeIndex from = reader_.map(assign, "fromMetadata");
    const NodeIndex external = reader_.map(assign, "externalData");
    const int given = (value != kNoNode) + (from != kNoNode) + (external != kNoNode);
    if (given != 1) {
      return reader_.fault(assign == kNoNode ? parameters : assign,
                           "assign has one of value, fromMetadata and externalData");
    }
    if (last().is_list() && value == kNoNode) return reader_.fault(assign, "the item of a list is assigned by value");
    if (external != kNoNode) {
      left_out_ = true;
      return reader_.warn(external, "policy/not-evaluated",
                          "external data is not fetched: this mutator changes nothing here");
    }
    Assignment assignment;
    if (from != kNoNode) {
      const std::string_view field = reader_.text(from, "field");
      if (field != "name" && field != "namespace") {
        return reader_.fault(from, "fromMetadata takes the field name or namespace");
      }
      assignment.from = field == "name" ? Assignment::From::kName : Assignment::From::kNamespace;
    } else {
      assignment.value = root_.value_of(value);
      if (is(Mutator::Kind::kAssignMetadata) && !assignment.value.is_string()) {
        return reader_.fault(value, "an AssignMetadata assigns a string");
      }
      if (last().is_list()) check_item(value, assignment.value);
    }
    mutator_.change = assignment;
  }

  // An item of a keyed list keeps its key. Rule: validateObjectAssignedToList, which compares an int64 with a float64
  // where the key is a number, and so finds them different.
  void check_item(NodeIndex at, Value item) {
    if (last().is_glob()) return fault_at_location("an item cannot be put in a list at [" + last().key + ": *]");
    if (!item.is_object()) return reader_.fault(at, "only objects are put in a keyed list");
    const auto* key = std::get_if<std::string>(&last().value);
    if (key == nullptr) {
      return fault_at_location("Gatekeeper puts no items in a list whose key is a number: assign the item's fields");
    }
    const Value own = policy::lookup(item, last().key);
    if (!own.is_string() || own.text() != *key) {
      reader_.fault(at, "the item's " + last().key + " is not \"" + *key + "\", as the location says");
    }
  }

  void read_set(NodeIndex parameters) {
    SetChange change;
    const std::string_view operation = reader_.text(parameters, "operation");
    if (!operation.empty() && operation != "merge" && operation != "prune") {
      reader_.fault(reader_.member(parameters, "operation"),
                    "\"" + std::string(operation) + "\" is no operation of a ModifySet: merge or prune");
    }
    change.prune = operation == "prune";
    const NodeIndex list = reader_.list(reader_.map(parameters, "values"), "fromList");
    change.items = list == kNoNode ? Value::empty_array() : root_.value_of(list);
    std::vector<Value> all;
    for (policy::Cursor item(change.items); item.next();) all.push_back(item.value());
    std::vector<Value> sorted = all;
    change.set = policy::make_set(arena_, sorted);
    // The first of each, which make_set keeps of equal ones.
    std::vector<bool> seen(policy::count(change.set));
    const auto set = change.set.items();
    for (const Value item : all) {
      const auto at =
          std::lower_bound(set.begin(), set.end(), item, [](Value a, Value b) { return policy::compare(a, b) < 0; }) -
          set.begin();
      if (!seen[at]) change.distinct.push_back(item);
      seen[at] = true;
    }
    mutator_.change = std::move(change);
  }

  void read_tests(NodeIndex parameters) {
    if (is(Mutator::Kind::kAssignMetadata)) {
      mutator_.tests.back() = Mutator::Test::kMustNotExist;
      return;
    }
    bool forbidden = false;  // a MustNotExist was written before
    for (const NodeIndex entry : reader_.items(parameters, "pathTests")) {
      const std::string_view condition = reader_.text(entry, "condition");
      const NodeIndex at = reader_.member(entry, "subPath");
      LocationPath path;
      std::string why;
      if (!parse_location(reader_.text(entry, "subPath"), path, why)) {
        reader_.fault(at, "this is no location: " + why);
        continue;
      }
      if (!path.is_prefix_of(mutator_.location)) {
        reader_.fault(at, "the subPath of a test is a beginning of the location");
        continue;
      }
      if (condition != "MustExist" && condition != "MustNotExist") {
        reader_.fault(entry, "the condition of a test is MustExist or MustNotExist");
        continue;
      }
      const bool must = condition == "MustExist";
      const Mutator::Test test = must ? Mutator::Test::kMustExist : Mutator::Test::kMustNotExist;
      if (must && forbidden) {
        reader_.fault(entry, "this test contradicts a MustNotExist above it");
        continue;
      }
      forbidden = forbidden || !must;
      if (path.steps.empty()) continue;
      Mutator::Test& place = mutator_.tests[path.steps.size() - 1];
      if (place != Mutator::Test::kNone && place != test) {
        reader_.fault(entry, "this place is tested to exist and not to exist");
      }
      place = test;
    }
  }

  ObjectReader reader_;
  const policy::DocumentRoot& root_;
  policy::ValueArena& arena_;
  Mutator mutator_;
  bool left_out_ = false;
};

}  // namespace

std::string Mutator::title() const {
  std::string out(kNames[static_cast<int>(kind)]);
  out += ' ';
  if (!name_space.empty()) out += name_space + '/';
  return out + name;
}

bool Mutator::covers(const Subject& subject, std::uint8_t operations) const {
  if (operations == 0) return false;
  return kind == Kind::kAssignMetadata || std::any_of(apply_to.begin(), apply_to.end(), [&](const ApplyTo& each) {
           return (each.operations & operations) == operations &&
                  each.covers(subject.group, subject.version, subject.kind);
         });
}

std::optional<Mutator> read_mutator(const PolicySet::Item& item, const policy::DocumentRoot& root,
                                    policy::ValueArena& arena, std::vector<PolicyFinding>& findings) {
  return MutatorReader(item, root, arena, findings).read();
}

}  // namespace kubegate::gatekeeper
