// The hot walk: which of the asked versions refuse the object.
//
// One pass over the nodes, shape beside node. The walk returns a set of versions, empty for a sound object; it builds
// no path, keeps no list and allocates nothing. A null and a missing field are told apart here as the server does:
// Go's decoder reads null as the zero value, so in native objects it counts as absent; in custom resources the server
// drops nulls of fields that are not nullable before it validates (defaulting.PruneNonNullableNullsWithoutDefaults of
// apiextensions-apiserver), so there it is absent too, but in a list it stays and has the wrong type.
//
// Most values are strings where any string will do. The table tells with each property which kinds of values need no
// further look (Property::sound), so these cost finding the property and no more.
//
// Right when it agrees with explain.cc, which walks the same table for words: tests/validate/schema/agree_test.cc.

#include "validate/schema/check.h"

#include <algorithm>

#include "validate/base/hash.h"
#include "validate/schema/explain.h"
#include "validate/schema/table.h"
#include "validate/schema/walk.h"

namespace kubegate::schema {
namespace {

class Walk {
 public:
  Walk(const Document& document, const Table& table, const MetaProgram& meta, bool strict)
      : document_(document), nodes_(document.nodes()), table_(table), shapes_(table.shapes().data()),
        objects_(table.objects().data()), required_(table.required().data()), meta_(meta), strict_(strict),
        source_(document.source().data()),
        padded_end_(source_ + std::max(document.source().size(), std::size_t{kKeyPadding} - 1) - (kKeyPadding - 1)) {}

  // The versions among `versions` that refuse the node.
  VersionMask check(NodeIndex node, Index shape, VersionMask versions) { return check(nodes_ + node, shape, versions); }

  std::uint32_t rules() const { return rules_; }

 private:
  VersionMask check(const Node* node, Index shape, VersionMask versions) {
    const Shape& only = shapes_[shape];
    if (only.flags & Shape::kMore) [[unlikely]]
      return check_variants(node, only, versions);
    const VersionMask held = versions & only.versions;
    return held != 0 ? check_variant(node, only, held) : 0;
  }

  [[gnu::noinline]] VersionMask check_variants(const Node* node, const Shape& first, VersionMask versions) {
    VersionMask failed = 0;
    for (const Shape* variant = &first;; ++variant) {
      const VersionMask held = versions & variant->versions;
      if (held != 0) failed |= check_variant(node, *variant, held);
      if (!(variant->flags & Shape::kMore)) return failed;
    }
  }

  // Calls in last place cost no frame: a node of the document takes one, that of check_object(), check_list() or
  // check_scalar().
  VersionMask check_variant(const Node* node, const Shape& shape, VersionMask versions) {
    if (node->kind == document::Kind::kNull && (shape.flags & (Shape::kNative | Shape::kNullable))) return 0;
    switch (shape.type) {
      case Type::kReference: return check(node, shape.items, versions);
      case Type::kObject: return node->kind == document::Kind::kMap ? check_object(node, shape, versions) : versions;
      case Type::kAny:
        if (node->kind == document::Kind::kMap) return check_object(node, shape, versions);
        if (node->kind == document::Kind::kSequence && shape.items != 0) return check_list(node, shape, versions);
        return shape.facts != 0 ? check_facts(node, shape, versions) : 0;
      case Type::kArray: return node->kind == document::Kind::kSequence ? check_list(node, shape, versions) : versions;
      default: return check_scalar(node, shape, versions);
    }
  }

  [[gnu::noinline]] VersionMask check_scalar(const Node* node, const Shape& shape, VersionMask versions) {
    const bool is_text =
        shape.type == Type::kString && node->kind == document::Kind::kString && shape.format == Format::kNone;
    if (!is_text && !check_scalar_type(document_, index_of(node), shape)) return versions;
    return shape.facts != 0 ? check_facts(node, shape, versions) : 0;
  }

  [[gnu::noinline]] VersionMask check_object(const Node* node, const Shape& shape, VersionMask versions) {
    // Those that refuse a field which is not theirs.
    const VersionMask closed = (shape.flags & Shape::kClosed) && strict_ ? versions : 0;
    const Object& object = objects_[shape.object];
    VersionMask failed = 0;
    std::uint64_t seen = 0;
    const Node* const end = nodes_ + node->children.end;
    for (const Node* key = node + 1; key < end;) {
      const Node* const value = key + 1;
      const int kind = static_cast<int>(value->kind);
      const Property* const property = find_property(object, *key);
      key = value->is_collection() ? nodes_ + value->children.end : value + 1;
      if (property == nullptr) [[unlikely]] {
        if (object.additional == 0) {
          failed |= closed;
        } else if (!(object.additional_sound >> kind & 1)) {
          failed |= check(value, object.additional, versions);
        }
        continue;
      }
      failed |= closed & ~property->versions;
      if (kind != static_cast<int>(document::Kind::kNull) || (shapes_[property->shape].flags & Shape::kNullable)) {
        seen |= std::uint64_t{1} << (property->required_bit & 63);  // of kNoBit, a bit that nothing asks for
      }
      if (property->sound >> kind & 1) continue;
      const VersionMask held = versions & property->versions;
      if (held != 0) failed |= check(value, property->shape, held);
    }
    const Required* const required = required_ + object.first_required;
    for (std::uint32_t i = 0; i < object.required_count; ++i) {
      const bool present =
          required[i].bit != Property::kNoBit ? (seen >> required[i].bit & 1) != 0 : has_key(node, required[i].name);
      if (!present) failed |= versions & required[i].versions;
    }
    if (shape.flags & (Shape::kObjectMeta | Shape::kEmbedded)) failed |= check_special(node, shape, versions);
    if (shape.facts != 0) failed |= check_facts(node, shape, versions);
    return failed;
  }

  // The property that the key names, if there is one. Nearly every key is a slice of the source.
  [[gnu::always_inline]] const Property* find_property(const Object& object, const Node& key) const {
    const Property* const property = table_.find_hash(object, key.hash);
    if (property == nullptr) return nullptr;
    const std::string_view name = table_.text(property->name);
    if (key.flags == 0 && key.style == document::Style::kPlain) {
      const char* const text = source_ + key.begin;
      return equal_keys(name, {text, key.length}, text < padded_end_) ? property : nullptr;
    }
    return name == document_.text(index_of(&key)) ? property : nullptr;
  }

  [[gnu::noinline]] bool has_key(const Node* map, TextRef name) const {
    return document_.find(index_of(map), table_.text(name)) != document::kNoNode;
  }

  [[gnu::noinline]] VersionMask check_list(const Node* node, const Shape& shape, VersionMask versions) {
    VersionMask failed = 0;
    if (shape.items != 0) {
      const Node* const end = nodes_ + node->children.end;
      for (const Node* item = node + 1; item < end;) {
        const Node* const next = item->is_collection() ? nodes_ + item->children.end : item + 1;
        failed |= check(item, shape.items, versions);
        item = next;
      }
    }
    if (shape.list != 0 && find_duplicate_items(table_, document_, index_of(node), shape, nullptr)) failed |= versions;
    if (shape.facts != 0) failed |= check_facts(node, shape, versions);
    return failed;
  }

  NodeIndex index_of(const Node* node) const { return static_cast<NodeIndex>(node - nodes_); }

  [[gnu::noinline]] VersionMask check_facts(const Node* node, const Shape& shape, VersionMask versions) {
    const FactsRecord& facts = table_.facts()[shape.facts];
    rules_ += facts.rule_count;
    VersionMask failed = 0;
    if ((facts.present != 0 || facts.enum_count != 0) && check_bounds(table_, document_, index_of(node), shape) != 0) {
      return versions;
    }
    const Index* branch = table_.branches().data() + facts.first_branch;
    for (std::uint32_t i = 0; i < facts.all_of; ++i) failed |= check(node, *branch++, versions);
    if (facts.any_of != 0) {
      VersionMask refused = versions;
      for (std::uint32_t i = 0; i < facts.any_of; ++i) refused &= check(node, *branch++, versions);
      failed |= refused;
    }
    if (facts.one_of != 0) {
      VersionMask once = 0, twice = 0;
      for (std::uint32_t i = 0; i < facts.one_of; ++i) {
        const VersionMask held = versions & ~check(node, *branch++, versions);
        twice |= once & held;
        once |= held;
      }
      failed |= versions & (~once | twice);
    }
    if (facts.negated != 0) failed |= versions & ~check(node, *branch++, versions);
    return failed;
  }

  [[gnu::noinline]] VersionMask check_special(const Node* node, const Shape& shape, VersionMask versions) {
    VersionMask failed = 0;
    if (shape.flags & Shape::kObjectMeta) failed |= check_meta(index_of(node), versions);
    if (shape.flags & Shape::kEmbedded) failed |= check_embedded(index_of(node), versions);
    return failed;
  }

  VersionMask check_meta(NodeIndex node, VersionMask versions) {
    if (meta_.table == nullptr) return 0;
    Walk walk(document_, *meta_.table, MetaProgram{}, strict_);
    return walk.check(node, meta_.shape, meta_.versions) != 0 ? versions : 0;
  }

  // validation of x-kubernetes-embedded-resource (apiextensions-apiserver, objectmeta.Validate): apiVersion and kind.
  VersionMask check_embedded(NodeIndex node, VersionMask versions) {
    for (const char* name : {"apiVersion", "kind"}) {
      const NodeIndex value = document_.find(node, name);
      if (value == document::kNoNode || nodes_[value].kind != document::Kind::kString ||
          document_.text(value).empty()) {
        return versions;
      }
    }
    return 0;
  }

  const Document& document_;
  const Node* nodes_;
  const Table& table_;
  const Shape* shapes_;
  const Object* objects_;
  const Required* required_;
  const MetaProgram meta_;
  const bool strict_;
  const char* const source_;
  const char* const padded_end_;  // text before this has 16 bytes to read
  std::uint32_t rules_ = 0;
};

}  // namespace

VersionMask check_shape(const Document& document, NodeIndex node, const Table& table, Index shape, VersionMask versions,
                        const MetaProgram& meta, bool strict, std::uint32_t* rules) {
  Walk walk(document, table, meta, strict);
  const VersionMask failed = walk.check(node, shape, versions);
  if (rules != nullptr) *rules += walk.rules();
  return failed;
}

ObjectIdentity identity_of(const Document& document, NodeIndex object) {
  ObjectIdentity identity;
  const auto each_pair = [&](NodeIndex map, auto take) {
    if (map >= document.size() || document[map].kind != document::Kind::kMap) return;
    const NodeIndex end = document[map].children.end;
    for (NodeIndex key = map + 1; key < end; key = document.next(key + 1)) take(key, key + 1);
  };
  const auto take = [&](NodeIndex key, NodeIndex value, const char* name, std::string_view& field) {
    if (document[value].kind == document::Kind::kString && document.text(key) == name) field = document.text(value);
  };
  each_pair(object, [&](NodeIndex key, NodeIndex value) {
    switch (document[key].hash) {
      case hash_key("apiVersion"): return take(key, value, "apiVersion", identity.api_version);
      case hash_key("kind"): return take(key, value, "kind", identity.kind);
      case hash_key("metadata"):
        if (document.text(key) != "metadata") return;
        each_pair(value, [&](NodeIndex inner, NodeIndex text) {
          switch (document[inner].hash) {
            case hash_key("name"): return take(inner, text, "name", identity.name);
            case hash_key("namespace"): return take(inner, text, "namespace", identity.namespace_);
            case hash_key("generateName"): return take(inner, text, "generateName", identity.generate_name);
          }
        });
    }
  });
  return identity;
}

ObjectVerdict check_object(const Catalogue& catalogue, const Document& document, NodeIndex object,
                           std::string_view pointer, const CheckOptions& options, std::vector<Finding>& out) {
  const ObjectIdentity identity = identity_of(document, object);
  const Resolution resolution =
      identity.is_complete() ? catalogue.resolve(identity.api_version, identity.kind) : Resolution{};
  return check_object(catalogue, document, object, identity, resolution, pointer, options, out);
}

ObjectVerdict check_object(const Catalogue& catalogue, const Document& document, NodeIndex object,
                           const ObjectIdentity& identity, const Resolution& resolution, std::string_view pointer,
                           const CheckOptions& options, std::vector<Finding>& out) {
  ObjectVerdict verdict;
  if (!identity.is_complete()) {
    explain_identity(document, object, pointer, out);
    return verdict;
  }
  if (resolution.table == nullptr && options.ignore_missing_schemas &&
      !catalogue.is_gone(identity.api_version, identity.kind)) {
    verdict.missing_schema = true;
    return verdict;
  }
  if (resolution.table == nullptr || catalogue.has_remarks(resolution)) {
    explain_remarks(catalogue, document, object, pointer, identity, resolution, out);
  }
  if (resolution.table == nullptr) return verdict;

  MetaProgram meta;
  if (resolution.source != Resolution::Source::kNative) {
    const Resolution native = catalogue.object_meta();
    meta = {native.table, native.shape, native.versions};
  }
  const VersionMask failed = check_shape(document, object, *resolution.table, resolution.shape, resolution.versions,
                                         meta, options.strict, &verdict.rules_not_evaluated);
  if (failed != 0) {
    explain_object(catalogue, document, object, pointer, identity, resolution, meta, options, out);
  }
  return verdict;
}

}  // namespace kubegate::schema
