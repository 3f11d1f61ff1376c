// Mappings are compared by key; a null is a key that is not there, as the API server drops it. Lists are compared as the
// server merges them where that can be seen: when all items on both sides are mappings that differ in one of the fields by
// which Kubernetes' own lists are keyed (k8s.io/api: listMapKey, patchMergeKey), items of one key are the same item,
// wherever they stand. Of other lists what is equal at both ends is left out, and the rest is compared by position.
//
// Tested in tests/validate/run/comparison_test.cc.
#include "validate/run/field_changes.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "validate/schema/json_text.h"

namespace kubegate::run {

namespace {

using document::Document;
using document::Kind;
using document::kNoNode;
using document::NodeIndex;
using report::Action;
using report::FieldChange;

constexpr std::string_view kListKeys[] = {"name", "mountPath",   "devicePath", "containerPort", "port", "key",
                                          "type", "topologyKey", "ip",         "uid",           "id"};
constexpr std::size_t kMostLines = 20;  // of a text that came or went that are shown
constexpr std::string_view kMasked = "\"***\"";

struct Place {
  const Document& document;
  NodeIndex node;

  const document::Node& operator*() const { return document[node]; }
  Place at(NodeIndex i) const { return {document, i}; }
  std::string json() const { return schema::json_text(document, node); }
};

using Members = std::map<std::string_view, NodeIndex>;

Members members_of(const Place& map) {
  Members out;
  for (NodeIndex i = map.node + 1; i < (*map).children.end; i = map.document.next(i + 1)) {
    if (map.document[i + 1].kind != Kind::kNull) out.emplace(map.document.text(i), i + 1);
  }
  return out;
}

std::vector<NodeIndex> items_of(const Place& list) {
  std::vector<NodeIndex> out;
  for (NodeIndex i = list.node + 1; i < (*list).children.end; i = list.document.next(i)) out.push_back(i);
  return out;
}

bool is_equal(const Place& a, const Place& b) {
  if ((*a).kind != (*b).kind) return false;
  switch ((*a).kind) {
    case Kind::kNull: return true;
    case Kind::kBool: return (*a).boolean == (*b).boolean;
    case Kind::kInt: return (*a).integer == (*b).integer;
    case Kind::kFloat: return (*a).number == (*b).number;
    case Kind::kString: return a.document.text(a.node) == b.document.text(b.node);
    case Kind::kMap: {
      const Members left = members_of(a), right = members_of(b);
      return std::equal(left.begin(), left.end(), right.begin(), right.end(), [&](const auto& one, const auto& other) {
        return one.first == other.first && is_equal(a.at(one.second), b.at(other.second));
      });
    }
    case Kind::kSequence: break;
  }
  const auto left = items_of(a), right = items_of(b);
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [&](NodeIndex one, NodeIndex other) { return is_equal(a.at(one), b.at(other)); });
}

// The items by their value of a field, or nothing where they do not all have one of their own.
std::map<std::string, NodeIndex> keyed_by(const Place& list, const std::vector<NodeIndex>& items,
                                          std::string_view key) {
  std::map<std::string, NodeIndex> out;
  for (const NodeIndex item : items) {
    if (list.document[item].kind != Kind::kMap) return {};
    const NodeIndex value = list.document.find(item, key);
    if (value == kNoNode || list.document[value].is_collection() || list.document[value].kind == Kind::kNull) return {};
    const bool is_text = list.document[value].kind == Kind::kString;
    std::string text = is_text ? std::string(list.document.text(value)) : list.at(value).json();
    if (!out.emplace(std::move(text), item).second) return {};
  }
  return out;
}

std::string member_path(const std::string& path, std::string_view key) {
  const bool plain = !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
  if (plain) return path.empty() ? std::string(key) : path + "." + std::string(key);
  return path + "[" + std::string(key) + "]";
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    out.push_back(text.substr(0, end));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return out;
}

// The lines that differ, with one that does not before and behind them.
std::vector<std::string> line_changes(std::string_view before, std::string_view after) {
  const auto old_lines = lines_of(before), new_lines = lines_of(after);
  std::size_t first = 0, last = 0;
  const std::size_t common = std::min(old_lines.size(), new_lines.size());
  while (first < common && old_lines[first] == new_lines[first]) ++first;
  while (last < common - first && old_lines[old_lines.size() - 1 - last] == new_lines[new_lines.size() - 1 - last])
    ++last;
  std::vector<std::string> out;
  const auto put = [&](char sign, std::string_view line) { out.push_back(sign + std::string(line)); };
  if (first > 0) put(' ', old_lines[first - 1]);
  const auto put_middle = [&](char sign, const std::vector<std::string_view>& lines) {
    const std::size_t end = lines.size() - last;
    for (std::size_t i = first; i < end; ++i) {
      if (i == first + kMostLines) return put(sign, "… " + std::to_string(end - i) + " more lines");
      put(sign, lines[i]);
    }
  };
  put_middle('-', old_lines);
  put_middle('+', new_lines);
  if (last > 0) put(' ', old_lines[old_lines.size() - last]);
  return out;
}

class Comparison {
 public:
  Comparison(bool secret, std::vector<FieldChange>& out) : secret_(secret), out_(out) {}

  // Recurses as deep as documents may be nested.
  void compare(const Place& before, const Place& after, const std::string& path) {
    if ((*before).kind == Kind::kMap && (*after).kind == Kind::kMap) return compare_maps(before, after, path);
    if ((*before).kind == Kind::kSequence && (*after).kind == Kind::kSequence)
      return compare_lists(before, after, path);
    if (!is_equal(before, after)) tell(Action::kChanged, path, &before, &after);
  }

 private:
  void compare_maps(const Place& before, const Place& after, const std::string& path) {
    const Members left = members_of(before), right = members_of(after);
    const bool was_masked = masked_;
    auto i = left.begin();
    auto j = right.begin();
    while (i != left.end() || j != right.end()) {
      const bool only_left = j == right.end() || (i != left.end() && i->first < j->first);
      const bool only_right = i == left.end() || (j != right.end() && j->first < i->first);
      const std::string_view key = only_right ? j->first : i->first;
      masked_ = was_masked || (secret_ && path.empty() && (key == "data" || key == "stringData"));
      const std::string member = member_path(path, key);
      if (only_left) {
        const Place gone = before.at((i++)->second);
        tell(Action::kDeleted, member, &gone, nullptr);
      } else if (only_right) {
        const Place come = after.at((j++)->second);
        tell(Action::kAdded, member, nullptr, &come);
      } else {
        compare(before.at((i++)->second), after.at((j++)->second), member);
      }
    }
    masked_ = was_masked;
  }

  void compare_lists(const Place& before, const Place& after, const std::string& path) {
    const auto left = items_of(before), right = items_of(after);
    for (const std::string_view key : kListKeys) {
      const auto old_items = keyed_by(before, left, key), new_items = keyed_by(after, right, key);
      if (old_items.size() != left.size() || new_items.size() != right.size()) continue;
      return compare_keyed(before, old_items, after, new_items, path, key);
    }
    std::size_t first = 0, last = 0;
    // Lists of one length are compared by position whatever their ends are.
    const std::size_t common = left.size() == right.size() ? 0 : std::min(left.size(), right.size());
    while (first < common && is_equal(before.at(left[first]), after.at(right[first]))) ++first;
    while (last < common - first &&
           is_equal(before.at(left[left.size() - 1 - last]), after.at(right[right.size() - 1 - last]))) {
      ++last;
    }
    for (std::size_t i = first; i + last < std::max(left.size(), right.size()); ++i) {
      const std::string item = path + "[" + std::to_string(i) + "]";
      const bool was = i + last < left.size(), is = i + last < right.size();
      if (was && is) {
        compare(before.at(left[i]), after.at(right[i]), item);
      } else if (was) {
        const Place gone = before.at(left[i]);
        tell(Action::kDeleted, item, &gone, nullptr);
      } else {
        const Place come = after.at(right[i]);
        tell(Action::kAdded, item, nullptr, &come);
      }
    }
  }

  void compare_keyed(const Place& before, const std::map<std::string, NodeIndex>& old_items, const Place& after,
                     const std::map<std::string, NodeIndex>& new_items, const std::string& path, std::string_view key) {
    const auto item = [&](const std::string& value) { return path + "[" + std::string(key) + "=" + value + "]"; };
    std::vector<std::pair<NodeIndex, NodeIndex>> both;
    for (const auto& [value, node] : old_items) {
      const auto found = new_items.find(value);
      if (found != new_items.end()) {
        both.emplace_back(node, found->second);
        compare(before.at(node), after.at(found->second), item(value));
      } else {
        const Place gone = before.at(node);
        tell(Action::kDeleted, item(value), &gone, nullptr);
      }
    }
    for (const auto& [value, node] : new_items) {
      if (old_items.contains(value)) continue;
      const Place come = after.at(node);
      tell(Action::kAdded, item(value), nullptr, &come);
    }
    std::sort(both.begin(), both.end());
    if (std::is_sorted(both.begin(), both.end(), [](const auto& a, const auto& b) { return a.second < b.second; }))
      return;
    // Of environment variables, init containers and the like the order counts.
    FieldChange& change = out_.emplace_back();
    change.path = path + " (order)";
    const auto order = [&](const Place& list) {
      std::string text;
      for (const NodeIndex node : items_of(list)) {
        text += (text.empty() ? "[" : ",") + list.at(list.document.find(node, key)).json();
      }
      return text + "]";
    };
    change.before = order(before);
    change.after = order(after);
  }

  void tell(Action action, const std::string& path, const Place* before, const Place* after) {
    FieldChange& change = out_.emplace_back();
    change.action = action;
    change.path = path;
    if (before != nullptr) change.before = masked_ ? kMasked : before->json();
    if (after != nullptr) change.after = masked_ ? kMasked : after->json();
    if (masked_ || before == nullptr || after == nullptr) return;
    if ((**before).kind != Kind::kString || (**after).kind != Kind::kString) return;
    const std::string_view was = before->document.text(before->node), is = after->document.text(after->node);
    if (was.find('\n') != was.npos && is.find('\n') != is.npos) change.lines = line_changes(was, is);
  }

  const bool secret_;
  bool masked_ = false;
  std::vector<FieldChange>& out_;
};

}  // namespace

std::vector<FieldChange> field_changes(const Document& old_document, NodeIndex before, const Document& new_document,
                                       NodeIndex after, bool secret) {
  std::vector<FieldChange> out;
  Comparison(secret, out).compare({old_document, before}, {new_document, after}, "");
  return out;
}

}  // namespace kubegate::run
