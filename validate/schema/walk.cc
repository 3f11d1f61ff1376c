// Questions about one value that the hot and the cold walk both ask.

#include "validate/schema/walk.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <span>
#include <unordered_map>

#include "validate/base/hash.h"
#include "validate/document/read.h"
#include "validate/schema/format.h"

namespace kubegate::schema {

using document::Kind;

namespace {

// Go's decoder holds native fields to their width. Custom resources are not: their formats int32 and int64 say nothing
// that the server checks, and an integer may be of any size.
bool check_integer(const Node& value, const Shape& shape) {
  const bool native = (shape.flags & Shape::kNative) != 0;
  if (value.kind == Kind::kInt) {
    // IntOrString holds 32 bits (k8s.io/apimachinery/pkg/util/intstr).
    const bool narrow = native && (shape.format == Format::kInt32 || shape.type == Type::kIntOrString);
    return !narrow || (value.integer >= std::numeric_limits<std::int32_t>::min() &&
                       value.integer <= std::numeric_limits<std::int32_t>::max());
  }
  return value.kind == Kind::kFloat && !native && std::trunc(value.number) == value.number;
}

double number_of(const Node& value) {
  return value.kind == Kind::kInt ? static_cast<double>(value.integer) : value.number;
}

// The scalars of a JSON text without reading it as a document.
bool equals_json_scalar(const Document& document, NodeIndex node, std::string_view json) {
  const Node& value = document[node];
  switch (json.front()) {
    case 't': return value.kind == Kind::kBool && value.boolean;
    case 'f': return value.kind == Kind::kBool && !value.boolean;
    case 'n': return value.kind == Kind::kNull;
    default: break;
  }
  if (value.kind != Kind::kInt && value.kind != Kind::kFloat) return false;
  double number = 0;
  const auto [end, error] = std::from_chars(json.data(), json.data() + json.size(), number);
  return error == std::errc() && end == json.data() + json.size() && number == number_of(value);
}

bool equal_across(const Document& a, NodeIndex i, const Document& b, NodeIndex j) {
  const Node& x = a[i];
  const Node& y = b[j];
  if (x.kind != y.kind) {
    const bool numbers =
        (x.kind == Kind::kInt || x.kind == Kind::kFloat) && (y.kind == Kind::kInt || y.kind == Kind::kFloat);
    return numbers && number_of(x) == number_of(y);
  }
  switch (x.kind) {
    case Kind::kNull: return true;
    case Kind::kBool: return x.boolean == y.boolean;
    case Kind::kInt: return x.integer == y.integer;
    case Kind::kFloat: return x.number == y.number;
    case Kind::kString: return a.text(i) == b.text(j);
    case Kind::kMap: {
      if (x.children.count != y.children.count) return false;
      for (NodeIndex key = i + 1; key < x.children.end; key = a.next(key + 1)) {
        const NodeIndex other = b.find(j, a.text(key));
        if (other == document::kNoNode || !equal_across(a, key + 1, b, other)) return false;
      }
      return true;
    }
    case Kind::kSequence: {
      if (x.children.count != y.children.count) return false;
      NodeIndex p = i + 1, q = j + 1;
      for (; p < x.children.end; p = a.next(p), q = b.next(q)) {
        if (!equal_across(a, p, b, q)) return false;
      }
      return true;
    }
  }
  return false;
}

// A hash such that equal_across values have equal hashes.
std::uint64_t hash_value(const Document& document, NodeIndex node) {
  const Node& value = document[node];
  switch (value.kind) {
    case Kind::kNull: return 1;
    case Kind::kBool: return value.boolean ? 2 : 3;
    case Kind::kInt:
    case Kind::kFloat: return std::hash<double>{}(number_of(value) + 0.0) + 4;
    case Kind::kString: return hash_key(document.text(node)) + 5;
    case Kind::kMap: {
      std::uint64_t sum = 6;
      for (NodeIndex key = node + 1; key < value.children.end; key = document.next(key + 1)) {
        sum += (value.children.count + document[key].hash) * (hash_value(document, key + 1) | 1);
      }
      return sum;
    }
    case Kind::kSequence: {
      std::uint64_t hash = 7;
      for (NodeIndex item = node + 1; item < value.children.end; item = document.next(item)) {
        hash = hash * 0x9e3779b97f4a7c15ull + hash_value(document, item);
      }
      return hash;
    }
  }
  return 0;
}

// The properties of a list map's items, where defaults of keys are said.
const Object* item_object(const Table& table, const Shape& list) {
  if (list.items == 0) return nullptr;
  return &table.objects()[table.shapes()[list.items].object];
}

// What identifies an item: the item itself in a set; its key fields in a map, where an absent key and one that is
// written as its default are the same.
class ItemIdentity {
 public:
  static constexpr std::size_t kMostKeys = 16;  // published CRDs have at most four

  ItemIdentity(const Table& table, const Document& document, const Shape& list) : document_(document) {
    if (list.list != 1 + static_cast<int>(ListType::kMap) || list.facts == 0) return;
    const FactsRecord& facts = table.facts()[list.facts];
    const Object* object = item_object(table, list);
    for (Index i = 0; i < facts.map_key_count && count_ < kMostKeys; ++i) {
      const std::string_view name = table.text(table.texts()[facts.first_map_key + i]);
      std::string_view fallback;
      const Property* property = object ? table.find_property(*object, hash_key(name), name) : nullptr;
      if (property != nullptr) {
        const Shape& shape = table.shapes()[property->shape];
        if (shape.facts != 0) fallback = table.text(table.facts()[shape.facts].default_value);
      }
      keys_[count_++] = {name, fallback};
    }
  }

  bool usable(NodeIndex item) const { return count_ == 0 || document_[item].kind == Kind::kMap; }

  std::uint64_t hash(NodeIndex item) const {
    if (count_ == 0) return hash_value(document_, item);
    std::uint64_t hash = 0;
    for (const Key& key : std::span(keys_.data(), count_)) {
      const NodeIndex value = document_.find(item, key.name);
      const bool plain = value != document::kNoNode && !equals_default(value, key);
      hash = hash * 31 + (plain ? hash_value(document_, value) : 0);
    }
    return hash;
  }

  bool equal(NodeIndex a, NodeIndex b) const {
    if (count_ == 0) return equal_values(document_, a, b);
    for (const Key& key : std::span(keys_.data(), count_)) {
      const NodeIndex x = document_.find(a, key.name), y = document_.find(b, key.name);
      const bool x_default = x == document::kNoNode || equals_default(x, key);
      const bool y_default = y == document::kNoNode || equals_default(y, key);
      if (x_default != y_default) return false;
      if (!x_default && !equal_values(document_, x, y)) return false;
    }
    return true;
  }

 private:
  struct Key {
    std::string_view name, fallback;
  };
  bool equals_default(NodeIndex value, const Key& key) const {
    return !key.fallback.empty() && equals_json(document_, value, key.fallback);
  }

  const Document& document_;
  std::array<Key, kMostKeys> keys_;
  std::size_t count_ = 0;
};

}  // namespace

bool check_scalar_type(const Document& document, NodeIndex node, const Shape& shape) {
  const Node& value = document[node];
  switch (shape.type) {
    case Type::kString:
      return value.kind == Kind::kString &&
             (shape.format == Format::kNone || check_format(shape.format, document.text(node)));
    case Type::kInteger: return check_integer(value, shape);
    case Type::kNumber: return value.kind == Kind::kInt || value.kind == Kind::kFloat;
    case Type::kBoolean: return value.kind == Kind::kBool;
    case Type::kIntOrString: return value.kind == Kind::kString || check_integer(value, shape);
    case Type::kQuantity:
      if (value.kind == Kind::kInt || value.kind == Kind::kFloat) return true;
      return value.kind == Kind::kString && check_quantity(document.text(node));
    default: return true;
  }
}

std::int64_t count_characters(std::string_view text) {
  std::int64_t count = 0;
  for (char c : text) count += (c & 0xc0) != 0x80;
  return count;
}

std::int64_t count_fields(const Table& table, const Document& document, NodeIndex map, const Shape& shape) {
  const Node& value = document[map];
  const Object& object = table.objects()[shape.object];
  const Shape* shapes = table.shapes().data();
  std::int64_t count = 0;
  for (NodeIndex key = map + 1; key < value.children.end; key = document.next(key + 1)) {
    bool counts = document[key + 1].kind != Kind::kNull;
    if (!counts) {
      const Property* property = table.find_property(object, document[key].hash, document.text(key));
      const Index member = property != nullptr ? property->shape : object.additional;
      counts = member != 0 && (shapes[member].flags & (Shape::kNullable | Shape::kHasDefault)) != 0;
    }
    count += counts;
  }
  for (const Property& property : table.properties().subspan(object.first_property, object.property_count)) {
    const bool filled_in = (shapes[property.shape].flags & Shape::kHasDefault) != 0;
    count += filled_in && document.find(map, table.text(property.name)) == document::kNoNode;
  }
  return count;
}

std::uint32_t check_bounds(const Table& table, const Document& document, NodeIndex node, const Shape& shape) {
  const FactsRecord& facts = table.facts()[shape.facts];
  const Node& value = document[node];
  const std::uint32_t present = facts.present;
  switch (value.kind) {
    case Kind::kInt:
    case Kind::kFloat: {
      const double number = number_of(value);
      if ((present & FactsRecord::kMinimum) &&
          (number < facts.minimum || ((present & FactsRecord::kExclusiveMinimum) && number == facts.minimum))) {
        return FactsRecord::kMinimum;
      }
      if ((present & FactsRecord::kMaximum) &&
          (number > facts.maximum || ((present & FactsRecord::kExclusiveMaximum) && number == facts.maximum))) {
        return FactsRecord::kMaximum;
      }
      if ((present & FactsRecord::kMultipleOf) && facts.multiple_of != 0 && std::fmod(number, facts.multiple_of) != 0) {
        return FactsRecord::kMultipleOf;
      }
      break;
    }
    case Kind::kString: {
      const std::string_view text = document.text(node);
      if (present & (FactsRecord::kMinLength | FactsRecord::kMaxLength)) {
        const std::int64_t length = count_characters(text);
        if ((present & FactsRecord::kMinLength) && length < facts.min_length) return FactsRecord::kMinLength;
        if ((present & FactsRecord::kMaxLength) && length > facts.max_length) return FactsRecord::kMaxLength;
      }
      if ((present & FactsRecord::kPattern) && !table.matches(facts.pattern, text)) return FactsRecord::kPattern;
      break;
    }
    case Kind::kSequence: {
      const std::int64_t count = value.children.count;
      if ((present & FactsRecord::kMinItems) && count < facts.min_items) return FactsRecord::kMinItems;
      if ((present & FactsRecord::kMaxItems) && count > facts.max_items) return FactsRecord::kMaxItems;
      break;
    }
    case Kind::kMap: {
      if (!(present & (FactsRecord::kMinProperties | FactsRecord::kMaxProperties))) break;
      const std::int64_t count = count_fields(table, document, node, shape);
      if ((present & FactsRecord::kMinProperties) && count < facts.min_properties) return FactsRecord::kMinProperties;
      if ((present & FactsRecord::kMaxProperties) && count > facts.max_properties) return FactsRecord::kMaxProperties;
      break;
    }
    default: break;
  }
  if (facts.enum_count == 0) return 0;
  for (Index i = 0; i < facts.enum_count; ++i) {
    if (equals_json(document, node, table.text(table.texts()[facts.first_enum + i]))) return 0;
  }
  return kEnum;
}

bool equals_json(const Document& document, NodeIndex node, std::string_view json) {
  if (json.empty()) return false;
  if (json.front() == '"' && json.find('\\') == std::string_view::npos) {
    return document[node].kind == Kind::kString && document.text(node) == json.substr(1, json.size() - 2);
  }
  if (json.front() != '"' && json.front() != '{' && json.front() != '[') {
    return equals_json_scalar(document, node, json);
  }
  Document other;
  document::read({json, 1}, document::Syntax::kJson, document::Limits{}, other);
  return !other.empty() && equal_across(document, node, other, 0);
}

bool equal_values(const Document& document, NodeIndex a, NodeIndex b) { return equal_across(document, a, document, b); }

bool find_duplicate_items(const Table& table, const Document& document, NodeIndex list, const Shape& shape,
                          std::vector<DuplicateItem>* all) {
  const Node& sequence = document[list];
  if (sequence.children.count < 2) return false;
  const ItemIdentity identity(table, document, shape);
  // Few items, the usual case: each against those before it. Many: by hash.
  constexpr std::uint32_t kFew = 16;
  const bool few = sequence.children.count <= kFew;
  NodeIndex items[kFew];
  std::unordered_multimap<std::uint64_t, std::pair<NodeIndex, std::uint32_t>> seen;
  bool any = false;
  std::uint32_t index = 0;
  for (NodeIndex item = list + 1; item < sequence.children.end; item = document.next(item), ++index) {
    const bool usable = identity.usable(item);
    if (few) items[index] = usable ? item : document::kNoNode;
    if (!usable) continue;
    std::uint32_t earlier = index;
    if (few) {
      for (earlier = 0; earlier < index; ++earlier) {
        if (items[earlier] != document::kNoNode && identity.equal(item, items[earlier])) break;
      }
    } else {
      const std::uint64_t hash = identity.hash(item);
      const auto [first, last] = seen.equal_range(hash);
      const auto it =
          std::find_if(first, last, [&](const auto& entry) { return identity.equal(item, entry.second.first); });
      if (it != last) {
        earlier = it->second.second;
      } else {
        seen.emplace(hash, std::pair{item, index});
      }
    }
    if (earlier == index) continue;
    any = true;
    if (all == nullptr) return true;
    all->push_back({item, index, earlier});
  }
  return any;
}

}  // namespace kubegate::schema
