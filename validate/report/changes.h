// What a change does to objects, and its forms: a text for people, JSON, Markdown for a pull request.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "validate/base/result.h"

namespace kubegate::report {

enum class Action : std::uint8_t { kAdded, kChanged, kDeleted };

// One field: `spec.template.spec.containers[name=web].image`. A mapping or sequence that came or went is one change.
struct FieldChange {
  Action action = Action::kChanged;
  std::string path;
  std::string before, after;       // JSON; "" on the side that lacks it. What a Secret holds is "***"
  std::vector<std::string> lines;  // of texts of several lines instead: what differs, each behind its `+`, `-` or space
};

struct ObjectChange {
  Action action = Action::kChanged;
  std::string api_version, kind, namespace_, name;
  std::vector<FieldChange> fields;  // of an object that is on both sides
};

// What is deployed together: an overlay, a source of an Application, a file.
struct SetChanges {
  std::string name;
  Action action = Action::kChanged;  // whether it came or went itself
  std::vector<ObjectChange> objects;
  std::string fault;  // why it cannot be compared, in whole or in part; "": it could
};

struct Changes {
  std::string base;              // commit
  std::vector<SetChanges> sets;  // that differ or have a fault, in order

  std::uint64_t count(Action action) const;  // objects
  bool empty() const { return sets.empty(); }
  bool comparable() const;  // no set has a fault
};

enum class ChangesForm : std::uint8_t { kText, kJson, kMarkdown };
// "text", "json", "markdown"; an error that names them.
Result<ChangesForm> parse_changes_form(std::string_view name);

// Of Markdown, bytes: a comment takes 64 KiB, and beside a verdict it has to share them.
inline constexpr std::size_t kMostChanges = 48 << 10, kMostChangesBeside = 24 << 10;

// All of it; `colour` of the text alone. Markdown is cut where it would get too long, and says so.
std::string print_changes(const Changes& changes, ChangesForm form, bool colour, std::size_t most = kMostChanges);

}  // namespace kubegate::report
