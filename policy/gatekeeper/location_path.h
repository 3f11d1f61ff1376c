// LocationPath: where a mutator works, as its `location` and the `subPath` of its tests are written:
//
//   spec.containers[name: *].image          every item of a list
//   spec.containers[name: "side car"].ports[containerPort: 80].protocol
//   metadata.annotations."example.com/owner"
//
// Rules: pkg/mutation/path/token and pkg/mutation/path/parser of Gatekeeper.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace kubegate::gatekeeper {

// One step of a location: into a member of an object, or into the items of a list. A list step always follows the
// member that holds the list.
struct LocationStep {
  enum class Kind : std::uint8_t { kMember, kList };
  // What the items' key must be; monostate: `*`, any item.
  using KeyValue = std::variant<std::monostate, std::string, std::int64_t>;

  Kind kind = Kind::kMember;
  std::string key;  // of the member, or the field that tells the items of the list apart
  KeyValue value;   // lists only

  bool is_list() const { return kind == Kind::kList; }
  bool is_glob() const { return is_list() && std::holds_alternative<std::monostate>(value); }
  friend bool operator==(const LocationStep&, const LocationStep&) = default;
};

struct LocationPath {
  std::vector<LocationStep> steps;

  bool is_prefix_of(const LocationPath& longer) const;
  // The first `count` steps as they are written.
  std::string text(std::size_t count) const;
};

// Reads `text`; an empty text is the empty path. When it cannot be read: false, with what is wrong and where (the
// column, counted from 1) in `error`. Longer paths than kMaxLocationSteps are refused.
inline constexpr std::size_t kMaxLocationSteps = 256;
bool parse_location(std::string_view text, LocationPath& out, std::string& error);

}  // namespace kubegate::gatekeeper
