// json.filter, json.remove and json.patch. Rules: topdown/json.go.
//
// A path is a text with slashes (RFC 6901, leading slashes not minded) or an array of segments. Filter and remove put
// all paths into one trie and walk value and trie together. A patch edits by rebuilding what lies on the path: values
// are immutable, so everything beside the path is shared.
#include <map>
#include <optional>

#include "policy/rego/builtins/functions.h"
#include "policy/rego/builtins/operands.h"

namespace kubegate::rego {
namespace {

using policy::EqualKeys;
using Path = std::vector<Value>;

std::string unescaped(std::string_view segment) {
  std::string out;
  // "~1" before "~0", each in one pass of its own: "~01" is "~1", but "~10" is "/0".
  for (std::size_t i = 0; i < segment.size(); ++i) {
    if (segment.substr(i, 2) == "~1") {
      out += '/';
      ++i;
    } else {
      out += segment[i];
    }
  }
  for (std::size_t i = out.find("~0"); i != std::string::npos; i = out.find("~0", i + 1)) out.replace(i, 2, "~");
  return out;
}

bool parse_path(BuiltinContext& context, Value v, Path& out) {
  out.clear();
  if (v.is_array()) {
    out = items_of(v);
    return true;
  }
  if (!v.is_string()) {
    bad_operand(context, 2,
                "must be one of {set, array} containing string paths or array of path segments but got " +
                    std::string(type_name(v.type())));
    return false;
  }
  std::string_view rest = v.text();
  if (rest.empty()) return true;
  rest.remove_prefix(std::min(rest.find_first_not_of('/'), rest.size()));
  for (;;) {
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    const std::string_view segment = rest.substr(0, slash);
    out.push_back(segment.find('~') == std::string_view::npos ? Value::string(segment)
                                                              : text(context, unescaped(segment)));
    if (slash == rest.size()) return true;
    rest.remove_prefix(slash + 1);
  }
}

// All paths at once. Nodes stand in one array, so a path of any length is given back without recursion.
class PathTrie {
 public:
  PathTrie() : nodes_(1) {}

  void insert(const Path& path) {
    if (path.empty()) return;
    std::uint32_t at = 0;
    for (const Value& segment : path) {
      if (nodes_[at].leaf) return;  // a shorter path covers this one
      const auto next = static_cast<std::uint32_t>(nodes_.size());
      const auto [child, added] = nodes_[at].children.emplace(segment, next);
      at = child->second;
      if (added) nodes_.emplace_back();
    }
    nodes_[at].leaf = true;
    nodes_[at].children.clear();
  }

  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  std::uint32_t child(std::uint32_t node, Value segment) const {
    const auto at = nodes_[node].children.find(segment);
    return at == nodes_[node].children.end() ? kNone : at->second;
  }
  bool leaf(std::uint32_t node) const { return nodes_[node].leaf; }

 private:
  struct Less {
    bool operator()(const Value& a, const Value& b) const { return compare(a, b) < 0; }
  };
  struct Node {
    std::map<Value, std::uint32_t, Less> children;
    bool leaf = false;
  };
  std::vector<Node> nodes_;
};

bool parse_paths(BuiltinContext& context, Value v, PathTrie& trie) {
  if (!v.is_array() && !v.is_set()) {
    wrong_type(context, 2, v, {"set", "array"});
    return false;
  }
  Path path;
  for (Cursor c(v); c.next();) {
    if (!parse_path(context, c.value(), path)) return false;
    trie.insert(path);
  }
  return true;
}

// Either what the trie names (keep) or all else.
class Selection {
 public:
  Selection(BuiltinContext& context, const PathTrie& trie, bool keep) : context_(context), trie_(trie), keep_(keep) {}

  // What is left of `v` at the trie's node; nothing when all of it goes.
  Value apply(Value v, std::uint32_t node) {
    if (node == PathTrie::kNone) return keep_ ? Value() : v;
    if (trie_.leaf(node)) return keep_ ? v : Value();
    if (v.is_object()) {
      std::vector<Member> members;
      for (Cursor c(v); c.next();) {
        const Value rest = apply(c.value(), trie_.child(node, c.key()));
        if (rest.defined()) members.push_back({c.key(), rest});
      }
      return make_object(context_.arena(), members, EqualKeys::kLast);
    }
    if (!v.is_array() && !v.is_set()) return v;
    std::vector<Value> items;
    for (Cursor c(v); c.next();) {
      // Indexes of arrays are texts in paths; the trie is only read, so the text need not outlive this.
      const std::string index = std::to_string(c.index());
      const Value rest = apply(c.value(), trie_.child(node, v.is_array() ? Value::string(index) : c.value()));
      if (rest.defined()) items.push_back(rest);
    }
    return v.is_array() ? make_array(context_.arena(), items) : make_set(context_.arena(), items);
  }

 private:
  BuiltinContext& context_;
  const PathTrie& trie_;
  bool keep_;
};

Value select(BuiltinContext& context, Args args, bool keep) {
  PathTrie trie;
  if (!check(context, args, 1, Type::kObject) || !parse_paths(context, args[1], trie)) return Value();
  return Selection(context, trie, keep).apply(args[0], 0);
}

// ---- Patches -------------------------------------------------------------------------------------------------------

std::string_view go_type(Value v) {
  switch (v.type()) {
    case Type::kString: return "ast.String";
    case Type::kNumber: return "ast.Number";
    case Type::kBoolean: return "ast.Boolean";
    default: return "ast.Null";
  }
}

class Patcher {
 public:
  Patcher(BuiltinContext& context, Value source) : context_(context), value_(source) {}

  Value value() const { return value_; }

  // The value at the path; undefined with the error set where there is none.
  Value read(const Path& path) {
    Value at = value_;
    for (const Value& segment : path) {
      at = step(at, segment);
      if (!at.defined()) return at;
    }
    return at;
  }

  // Whether a value from within the document may be put elsewhere as well: what copies bring is bounded in all, since
  // every copy of the whole into itself doubles it.
  bool may_copy(Value value) {
    if (measure(value)) return true;
    context_.halt(kEvalBuiltinError, "json.patch: the result is too large");
    return false;
  }

  bool insert(const Path& path, Value value) {
    if (path.empty()) {
      value_ = value;
      return true;
    }
    return store(edit(value_, path, 0, value));
  }

  bool remove(const Path& path) {
    if (path.empty()) {
      if (!value_.defined()) return fail("deleted node encountered during delete operation");
      value_ = Value();
      return true;
    }
    return store(edit(value_, path, 0, Value()));
  }

 private:
  static constexpr std::uint64_t kMaxCopied = std::uint64_t{1} << 22;  // values

  bool measure(Value value) {
    if (++copied_ > kMaxCopied) return false;
    for (Cursor c(value); c.next();) {
      if (!measure(c.value())) return false;
    }
    return true;
  }

  bool fail(std::string_view message) {
    context_.fail(message);
    return false;
  }

  bool store(std::optional<Value> edited) {
    if (edited) value_ = *edited;
    return edited.has_value();
  }

  // The index that a segment names in an array of `size` items; "-" is behind the last.
  std::optional<std::int64_t> index(Value segment, std::uint32_t size) {
    std::int64_t i;
    if (segment.is_number()) {
      if (policy::number_to_int64(segment, i)) return i;
      fail("invalid number type for indexing");
    } else if (segment.is_string()) {
      const std::string_view text = segment.text();
      if (text == "-") return size;
      // Leading zeros are told apart from what is no number at all.
      std::string_view digits = text;
      if (!digits.empty() && (digits[0] == '-' || digits[0] == '+')) digits.remove_prefix(1);
      if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos || digits.size() > 18) {
        fail("invalid string for indexing");
      } else if (text != "0" && text[0] == '0') {
        fail("leading zeros are not allowed in JSON paths");
      } else {
        const std::int64_t magnitude = std::stoll(std::string(digits));
        return text[0] == '-' ? -magnitude : magnitude;
      }
    } else {
      fail("invalid type for indexing");
    }
    return std::nullopt;
  }

  // One segment further on the way to a target.
  Value step(Value at, Value segment) {
    if (!at.defined()) return context_.fail("nil value encountered where composite value was expected");
    Value found;
    std::string shown = to_term(segment);
    if (at.is_array()) {
      const auto i = index(segment, count(at));
      if (!i) return Value();
      if (*i >= 0 && *i < count(at)) found = element(at, static_cast<std::uint32_t>(*i));
      shown = std::to_string(*i);
    } else if (at.is_object() || at.is_set()) {
      found = lookup(at, segment);
      if (at.is_set()) shown = "[" + shown + "]";
    } else {
      return context_.fail("expected composite type for path " + shown + ", found value: " + to_term(at) +
                           " (type: " + std::string(go_type(at)) + ")");
    }
    if (found.defined()) return found;
    return context_.fail("path " + shown + " does not exist in " + std::string(type_name(at.type())) + " term " +
                         to_term(at));
  }

  // `at` with what path[i…] names replaced: by `value` where it is defined (inserted, in arrays), else taken out.
  std::optional<Value> edit(Value at, const Path& path, std::size_t i, Value value) {
    if (i + 1 < path.size()) {
      const Value child = step(at, path[i]);
      if (!child.defined()) return std::nullopt;
      const auto edited = edit(child, path, i + 1, value);
      return edited ? std::optional(replaced(at, path[i], *edited)) : std::nullopt;
    }
    return value.defined() ? inserted(at, path[i], value) : removed(at, path[i]);
  }

  Value replaced(Value at, Value segment, Value child) {
    if (at.is_object()) return with_member(at, segment, child);
    std::vector<Value> items = items_of(at);
    if (at.is_array()) {
      items[static_cast<std::size_t>(*index(segment, count(at)))] = child;
      return make_array(context_.arena(), items);
    }
    std::erase_if(items, [&](Value v) { return equal(v, segment); });
    items.push_back(child);
    return make_set(context_.arena(), items);
  }

  Value with_member(Value object, Value key, Value value) {
    std::vector<Member> members;
    for (Cursor c(object); c.next();) {
      if (!equal(c.key(), key)) members.push_back({c.key(), c.value()});
    }
    if (value.defined()) members.push_back({key, value});
    return make_object(context_.arena(), members, EqualKeys::kLast);
  }

  std::optional<Value> not_composite(Value at) {
    if (!at.defined()) {
      fail("deleted node encountered during insert operation");
    } else {
      fail("expected composite type, found value: " + to_term(at) + " (type: " + std::string(go_type(at)) + ")");
    }
    return std::nullopt;
  }

  std::optional<Value> inserted(Value at, Value segment, Value value) {
    if (at.is_object()) return with_member(at, segment, value);
    if (at.is_set()) {
      if (!equal(segment, value)) {
        fail("set key " + to_term(segment) + " does not equal value to be inserted " + to_term(value));
        return std::nullopt;
      }
      std::vector<Value> items = items_of(at);
      items.push_back(value);
      return make_set(context_.arena(), items);
    }
    if (!at.is_array()) return not_composite(at);
    const auto i = index(segment, count(at));
    if (!i) return std::nullopt;
    if (*i < 0 || *i > count(at)) {
      fail("index for array insertion out of bounds");
      return std::nullopt;
    }
    std::vector<Value> items = items_of(at);
    items.insert(items.begin() + static_cast<std::ptrdiff_t>(*i), value);
    return make_array(context_.arena(), items);
  }

  std::optional<Value> removed(Value at, Value segment) {
    if (at.is_array()) {
      const auto i = index(segment, count(at));
      if (!i) return std::nullopt;
      if (*i < 0 || *i >= count(at)) {
        fail("index for array delete out of bounds");
        return std::nullopt;
      }
      std::vector<Value> items = items_of(at);
      items.erase(items.begin() + static_cast<std::ptrdiff_t>(*i));
      return make_array(context_.arena(), items);
    }
    if (!at.is_object() && !at.is_set()) return not_composite(at);
    if (!contains(at, segment)) {
      fail("cannot delete child key " + to_term(segment) + " that does not exist");
      return std::nullopt;
    }
    if (at.is_object()) return with_member(at, segment, Value());
    std::vector<Value> items = items_of(at);
    std::erase_if(items, [&](Value v) { return equal(v, segment); });
    return make_set(context_.arena(), items);
  }

  BuiltinContext& context_;
  Value value_;
  std::uint64_t copied_ = 0;
};

// One operation; false with the error set when it cannot be done.
bool apply_operation(BuiltinContext& context, Patcher& patcher, Value operation) {
  const auto fail = [&](std::string_view message) {
    context.fail(message);
    return false;
  };
  if (!operation.is_object()) {
    return fail("must be an array of JSON-Patch objects, but at least one element is not an object");
  }
  const Value path_value = lookup(operation, "path"), op = lookup(operation, "op");
  if (!path_value.defined()) return fail("missing required attribute 'path'");
  if (!op.defined()) return fail("missing required attribute 'op'");
  if (!op.is_string()) {
    return fail("attribute 'op' must be a string but found: " + std::string(type_name(op.type())));
  }
  Path path;
  if (!parse_path(context, path_value, path)) return false;
  const Value value = lookup(operation, "value");
  const std::string_view name = op.text();
  if (name == "add") {
    return value.defined() ? patcher.insert(path, value) : fail("missing required attribute 'value'");
  }
  if (name == "remove") return patcher.remove(path);
  if (name == "replace") {
    if (!patcher.remove(path)) return false;
    return value.defined() ? patcher.insert(path, value) : fail("missing required attribute 'value'");
  }
  if (name == "move" || name == "copy") {
    const Value from_value = lookup(operation, "from");
    if (!from_value.defined()) return fail("missing required attribute 'from'");
    Path from;
    if (!parse_path(context, from_value, from)) return false;
    const Value moved = patcher.read(from);
    if (!moved.defined()) return context.failed() ? false : fail("cannot insert nil value into EditTree");
    if (!patcher.may_copy(moved)) return false;
    if (name == "move" && !patcher.remove(from)) return false;
    return patcher.insert(path, moved);
  }
  if (name == "test") {
    const Value found = patcher.read(path);
    if (!found.defined() && context.failed()) return false;
    if (!value.defined()) return fail("missing required attribute 'value'");
    return equal(found, value) ||
           fail("value from EditTree != patch value.\n\nExpected: " + to_term(value) + "\n\nFound: " + to_term(found));
  }
  return fail("unrecognized op: '" + std::string(name) + "'");
}

}  // namespace

Value eval_json_filter(BuiltinContext& context, Args args) { return select(context, args, true); }
Value eval_json_remove(BuiltinContext& context, Args args) { return select(context, args, false); }

Value eval_json_patch(BuiltinContext& context, Args args) {
  if (!check(context, args, 2, Type::kArray)) return Value();
  Patcher patcher(context, args[0]);
  for (Cursor c(args[1]); c.next();) {
    if (!apply_operation(context, patcher, c.value())) return Value();
  }
  return patcher.value();
}

}  // namespace kubegate::rego
