// One mutator and one object: a walk down the location that makes anew, on its way back, the containers in which
// something changed. Gatekeeper walks and changes in place; the outcomes are the same:
//
//   - not applied: a test does not hold, or there is no such item. What was made for the walk alone is forgotten.
//   - applied: what was missing on the way now exists, even where the change itself changes nothing (pruning a list
//     that is not there makes the objects above it).
//
// One thing differs. An object that Gatekeeper assigns to all items of a list is one object in all of them, so that
// another mutator which then changes it in one item changes it in all; here each item has its own.
//
// Rules: mutateInternal of pkg/mutation/mutators/core, and the setters of the four kinds.
//
// Tested in tests/policy/gatekeeper/mutation_test.cc.
#include <optional>

#include "policy/gatekeeper/mutation_value.h"
#include "policy/gatekeeper/mutator.h"
#include "policy/value/number.h"

namespace kubegate::gatekeeper {

using policy::Cursor;
using policy::Value;

namespace {

// What becomes of a place: nothing where the mutator does not apply; the undefined value where it applies and leaves
// the place empty.
using Outcome = std::optional<Value>;

class Application {
 public:
  Application(const Mutator& mutator, policy::ValueArena& arena, const Review& review, std::string& error)
      : mutator_(mutator), steps_(mutator.location.steps), arena_(arena), review_(review), error_(error) {}

  Value run() {
    const Outcome outcome = walk(review_.object.value, 0);
    if (failed_) return Value();
    return outcome.value_or(review_.object.value);
  }

 private:
  // From `current`, in which step `depth` leads on. No deeper than kMaxLocationSteps.
  Outcome walk(Value current, std::size_t depth) {
    return steps_[depth].is_list() ? into_list(current, depth) : into_object(current, depth);
  }

  Outcome into_object(Value current, std::size_t depth) {
    if (!current.is_object()) return misfit(current, depth, "an object");
    const LocationStep& step = steps_[depth];
    const Value member = policy::lookup(current, step.key);
    const bool exists = member.defined() && !member.is_null();
    if (!holds(depth, exists)) return std::nullopt;
    const Outcome outcome =
        is_last(depth) ? changed(exists ? member : Value()) : walk(exists ? member : made(depth), depth + 1);
    if (!outcome) return std::nullopt;
    return outcome->defined() ? with_member(arena_, current, step.key, *outcome) : current;
  }

  Outcome into_list(Value current, std::size_t depth) {
    if (!current.is_array()) return misfit(current, depth, "a list");
    const LocationStep& step = steps_[depth];
    if (is_last(depth)) return item_assigned(current, depth);
    if (step.is_glob() && !holds(depth, true)) return std::nullopt;
    Value* items = nullptr;  // made when the first item changes
    bool found = step.is_glob(), applied = false;
    for (Cursor item(current); item.next();) {
      if (!step.is_glob() && !is_keyed(item.value(), step)) continue;
      if (!holds(depth, true)) return std::nullopt;
      found = true;
      const Outcome outcome = walk(item.value(), depth + 1);
      if (failed_) return std::nullopt;
      if (!outcome) continue;
      applied = true;
      if (identical(*outcome, item.value())) continue;
      if (items == nullptr) items = copied(current);
      items[item.index()] = *outcome;
    }
    if (!found) {
      if (!holds(depth, false)) return std::nullopt;
      const Outcome outcome = walk(made(depth), depth + 1);
      if (!outcome) return std::nullopt;
      return with_item(arena_, current, policy::count(current), *outcome);
    }
    if (!applied) return std::nullopt;
    return items == nullptr ? current : Value::array({items, policy::count(current)});
  }

  // An Assign whose location ends at an item: the first of this key is replaced; without one it is put behind them.
  Outcome item_assigned(Value current, std::size_t depth) {
    const Value value = std::get<Assignment>(mutator_.change).value;
    for (Cursor item(current); item.next();) {
      if (!item.value().is_object()) return misfit(item.value(), depth + 1, "objects");
      if (!is_keyed(item.value(), steps_[depth])) continue;
      if (!holds(depth, true)) return std::nullopt;
      return policy::equal(item.value(), value) ? current : with_item(arena_, current, item.index(), value);
    }
    if (!holds(depth, false)) return std::nullopt;
    return with_item(arena_, current, policy::count(current), value);
  }

  // What stands where the location ends: `old`, undefined where nothing does, is changed.
  Outcome changed(Value old) {
    if (const auto* assignment = std::get_if<Assignment>(&mutator_.change)) return assigned(*assignment, old);
    if (const auto* parts = std::get_if<ImageParts>(&mutator_.change)) {
      if (old.defined() && !old.is_string()) return misfit(old, steps_.size(), "the text of an image");
      const std::string image = mutate_image(*parts, text_of(old));
      return old.defined() && old.text() == image ? old : policy::make_string(arena_, image);
    }
    const SetChange& set = std::get<SetChange>(mutator_.change);
    if (!old.defined()) return set.prune ? Value() : set.items;
    if (!old.is_array()) return misfit(old, steps_.size(), "a list");
    return set.prune ? pruned(set, old) : merged(set, old);
  }

  Outcome assigned(const Assignment& assignment, Value old) {
    const Value value = assignment.from == Assignment::From::kName        ? Value::string(review_.object.name)
                        : assignment.from == Assignment::From::kNamespace ? Value::string(name_space())
                                                                          : assignment.value;
    return policy::equal(old, value) ? old : value;
  }

  // That of an object that names none is known from the request.
  std::string_view name_space() const {
    const std::string_view own = review_.object.name_space;
    return own.empty() ? text_of(at(review_.name_space, "metadata", "name")) : own;
  }

  Value merged(const SetChange& set, Value old) {
    std::vector<Value> items;
    for (Cursor item(old); item.next();) items.push_back(item.value());
    std::vector<Value> sorted = items;
    const Value present = policy::make_set(arena_, sorted);
    for (const Value item : set.distinct) {
      if (!policy::contains(present, item)) items.push_back(item);
    }
    return items.size() == policy::count(old) ? old : policy::make_array(arena_, items);
  }

  Value pruned(const SetChange& set, Value old) {
    std::vector<Value> items;
    for (Cursor item(old); item.next();) {
      if (!policy::contains(set.set, item.value())) items.push_back(item.value());
    }
    return items.size() == policy::count(old) ? old : policy::make_array(arena_, items);
  }

  // What is put where step `depth` finds nothing, for the next step to work in.
  Value made(std::size_t depth) {
    if (steps_[depth + 1].is_list()) return Value::empty_array();
    const LocationStep& step = steps_[depth];
    if (!step.is_list()) return Value::empty_object();
    const auto* number = std::get_if<std::int64_t>(&step.value);
    const Value key = number != nullptr ? Value::integer(*number) : Value::string(std::get<std::string>(step.value));
    return with_member(arena_, Value::empty_object(), step.key, key);
  }

  static bool is_keyed(Value item, const LocationStep& step) {
    const Value key = policy::lookup(item, step.key);
    if (const auto* text = std::get_if<std::string>(&step.value)) return key.is_string() && key.text() == *text;
    std::int64_t number;
    return key.is_number() && policy::number_integral(key, number) && number == std::get<std::int64_t>(step.value);
  }

  Value* copied(Value array) {
    Value* items = arena_.allocate_array<Value>(policy::count(array));
    for (Cursor item(array); item.next();) items[item.index()] = item.value();
    return items;
  }

  bool is_last(std::size_t depth) const { return depth + 1 == steps_.size(); }
  bool holds(std::size_t depth, bool exists) const {
    const Mutator::Test test = mutator_.tests[depth];
    return test == Mutator::Test::kNone || (test == Mutator::Test::kMustExist) == exists;
  }

  Outcome misfit(Value found, std::size_t depth, const char* expected) {
    failed_ = true;
    error_ = depth == 0 ? "the object" : mutator_.location.text(depth);
    error_ += " is of type ";
    error_ += policy::type_name(found.type());
    error_ += ", and the location " + mutator_.location.text(steps_.size()) + " wants ";
    error_ += expected;
    return std::nullopt;
  }

  const Mutator& mutator_;
  const std::vector<LocationStep>& steps_;
  policy::ValueArena& arena_;
  const Review& review_;
  std::string& error_;
  bool failed_ = false;
};

}  // namespace

Value apply_mutator(const Mutator& mutator, policy::ValueArena& arena, const Review& review, std::string& error) {
  return Application(mutator, arena, review, error).run();
}

}  // namespace kubegate::gatekeeper
