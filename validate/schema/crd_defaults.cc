// Defaults against their own schemas.
//
// The server prunes and validates each default as it would a value from a user, but without filling in further
// defaults, so what a default leaves out must not be required. The schemas of all defaulted fields, freed of the
// defaults inside them, become the properties of one object; that compiles to a table of the ordinary kind, and the
// ordinary walk (check_shape) judges the defaults where they stand in the definition. A default that fails is followed
// down to the first part that fails by itself, to name it.
//
// Tested in tests/validate/schema/crd_test.cc.

#include <memory>

#include "validate/base/hash.h"
#include "validate/schema/compile.h"
#include "validate/schema/crd_schema.h"
#include "validate/schema/explain.h"
#include "validate/schema/import.h"
#include "validate/schema/words.h"

namespace kubegate::schema::crd {
namespace {

constexpr char kRule[] = "crd/schema";
constexpr VersionMask kThisVersion = 1;

void drop_defaults(SchemaNode& node) {
  for (Variant& variant : node.variants) variant.facts.default_value.clear();
  for (auto& [name, child] : node.properties) drop_defaults(child);
  for (auto* children : {&node.items, &node.additional, &node.all_of, &node.any_of, &node.one_of, &node.negated}) {
    for (SchemaNode& child : *children) drop_defaults(child);
  }
}

bool has_defaults(const Document& document, NodeIndex node) {
  const Schema schema(document, node);
  if (schema.has(Keyword::kDefault)) return true;
  if (schema.items() != kNoNode && has_defaults(document, schema.items())) return true;
  bool found = false;
  each_pair(document, schema[Keyword::kProperties],
            [&](std::string_view, NodeIndex property) { found = found || has_defaults(document, property); });
  return found;
}

template <class Visit>
void each_default_of(const Document& document, const Place& at, const SchemaNode& node, Visit& visit);

// Calls visit(place of the default, its schema) for the defaults that are judged: not those of the root itself and of
// apiVersion, kind and metadata (root or embedded), which need the object around them.
template <class Visit>
void each_default(const Document& document, const Place& at, const SchemaNode& node, bool object, Visit& visit) {
  const Schema schema(document, at.node);
  const Place properties = keyword_of(at, schema, Keyword::kProperties);
  each_pair(document, properties.node, [&](std::string_view name, NodeIndex property) {
    if (object && (name == "apiVersion" || name == "kind" || name == "metadata")) return;
    const auto child = node.properties.find(std::string(name));
    if (child == node.properties.end()) return;
    each_default_of(document, key_of(properties, name, property), child->second, visit);
  });
  if (schema.items() != kNoNode && !node.items.empty()) {
    each_default_of(document, keyword_of(at, schema, Keyword::kItems), node.items[0], visit);
  }
}

template <class Visit>
void each_default_of(const Document& document, const Place& at, const SchemaNode& node, Visit& visit) {
  const Schema schema(document, at.node);
  if (schema.has(Keyword::kDefault)) visit(keyword_of(at, schema, Keyword::kDefault), node);
  each_default(document, at, node, schema.flag(Keyword::kEmbeddedResource), visit);
}

class Failure {
 public:
  Failure(const Table& table, Report& report) : table_(table), report_(report), document_(report.document()) {}

  // Says what is wrong with the value at `at`, which its shape refuses.
  void explain(const Place& at, Index shape_index, const std::string& what) {
    const Shape& shape = table_.shapes()[shape_index];
    const Node& value = document_[at.node];
    const bool map = value.kind == Kind::kMap, list = value.kind == Kind::kSequence;
    const bool right_type = shape.type == Type::kAny      ? true
                            : shape.type == Type::kObject ? map
                            : shape.type == Type::kArray  ? list
                                                          : check_scalar_type(document_, at.node, shape);
    if (!right_type) {
      return say(at, what + " must be " + describe_type(shape) + ", not " + describe_value(document_, at.node));
    }
    if (map && explain_member(at, shape, what)) return;
    if (list && shape.items != 0 && explain_item(at, shape, what)) return;
    explain_facts(at, shape, what);
  }

 private:
  void say(const Place& at, std::string message) { report_.error(kRule, at, std::move(message)); }

  bool fails(NodeIndex node, Index shape) const {
    return check_shape(document_, node, table_, shape, kThisVersion, {}, true, nullptr) != 0;
  }

  bool explain_member(const Place& at, const Shape& shape, const std::string& what) {
    const Object& object = table_.objects()[shape.object];
    bool said = false;
    each_pair(document_, at.node, [&](std::string_view name, NodeIndex value) {
      if (said) return;
      const Property* property = table_.find_property(object, hash_key(name), name);
      const Index child = property != nullptr ? property->shape : object.additional;
      const Place place = field_of(at, name, value);
      if (child == 0 && (shape.flags & Shape::kClosed)) {
        report_.error_as(kRule, at, place, what + " has the field " + quote(name) + ", which its schema does not know",
                         Report::Show::kKey);
        said = true;
      } else if (child != 0 && document_[value].kind != Kind::kNull && fails(value, child)) {
        explain(place, child, what + ": " + quote(name));
        said = true;
      }
    });
    for (std::uint32_t i = 0; i < object.required_count && !said; ++i) {
      const std::string_view name = table_.text(table_.required()[object.first_required + i].name);
      if (is_set(document_, document_.find(at.node, name))) continue;
      say(field_of(at, name, kNoNode),
          what + " lacks the required field " + quote(name) + ": defaults of its own fields do not count here");
      said = true;
    }
    return said;
  }

  bool explain_item(const Place& at, const Shape& shape, const std::string& what) {
    bool said = false;
    each_item(document_, at.node, [&](std::uint32_t index, NodeIndex item) {
      if (said || !fails(item, shape.items)) return;
      explain(item_of(at, index, item), shape.items, what + ": item " + std::to_string(index));
      said = true;
    });
    return said;
  }

  void explain_facts(const Place& at, const Shape& shape, const std::string& what) {
    const FactsRecord& facts = table_.facts()[shape.facts];
    const std::uint32_t failed = shape.facts != 0 ? check_bounds(table_, document_, at.node, shape) : 0;
    const std::string value = describe_value(document_, at.node);
    if (failed == kEnum) {
      std::string allowed;
      for (Index i = 0; i < facts.enum_count; ++i) {
        allowed += (i == 0 ? "" : ", ") + std::string(table_.text(table_.texts()[facts.first_enum + i]));
      }
      say(at, what + " must be one of " + allowed + ", not " + value);
    } else if (failed == FactsRecord::kPattern) {
      say(at, what + " must match the pattern " + std::string(table_.text(table_.patterns()[facts.pattern])) +
                  ", not be " + value);
    } else if (failed != 0) {
      say(at, what + " (" + value + ") is outside of the bounds that its schema sets");
    } else {
      say(at, what + " is not valid under its own schema");
    }
  }

  const Table& table_;
  Report& report_;
  const Document& document_;
};

// A table in which the property "0", "1", … of the one kind is the schema of the first, second, … default.
struct Programs {
  Bundle bundle;
  std::vector<std::uint64_t> memory;
  std::unique_ptr<Table> table;

  Programs() {
    bundle.project = "defaults";
    bundle.versions = {"1"};
    bundle.dates = {""};
    KindEntry kind;
    kind.version = kind.kind = "defaults";
    kind.known = kind.served = kThisVersion;
    kind.root.variants.push_back({kThisVersion, {}});
    kind.root.variants[0].facts.type = Type::kObject;
    bundle.kinds.push_back(std::move(kind));
  }

  void add(std::size_t number, const SchemaNode& schema) {
    SchemaNode& node = bundle.kinds[0].root.properties[std::to_string(number)];
    node = schema;
    drop_defaults(node);
  }

  bool compile() {
    Result<std::vector<std::uint64_t>> compiled = compile_table({&bundle, 1}, {}, {});
    if (!compiled.ok()) return false;
    memory = std::move(*compiled);
    table = std::make_unique<Table>(memory.data(), memory.size() * sizeof(std::uint64_t));
    return true;
  }

  Index shape(std::size_t number) const {
    const Shape& root = table->shapes()[table->kinds()[1].shape];
    const std::string name = std::to_string(number);
    const Property* property = table->find_property(table->objects()[root.object], hash_key(name), name);
    return property != nullptr ? property->shape : 0;
  }
};

}  // namespace

void check_defaults(const Place& at, NodeIndex crd, std::string_view version, Report& report) {
  const Document& document = report.document();
  if (!has_defaults(document, at.node)) return;
  const Result<Bundle> bundle = import_crd(document, crd, "crd", "1", "");
  if (!bundle.ok()) return;  // it names no kind, which is an error of its own
  const SchemaNode* root = nullptr;
  for (const KindEntry& kind : bundle->kinds) {
    if (kind.version == version) root = &kind.root;
  }
  if (root == nullptr) return;

  Programs programs;
  std::size_t count = 0;
  const auto collect = [&](const Place&, const SchemaNode& schema) { programs.add(count++, schema); };
  each_default(document, at, *root, true, collect);
  if (count == 0 || !programs.compile()) return;
  count = 0;
  const auto judge = [&](const Place& place, const SchemaNode&) {
    const Index shape = programs.shape(count++);
    if (shape == 0) return;
    if (check_shape(document, place.node, *programs.table, shape, kThisVersion, {}, true, nullptr) == 0) return;
    Failure(*programs.table, report).explain(place, shape, "the default of " + subject(document, *place.up));
  };
  each_default(document, at, *root, true, judge);
}

}  // namespace kubegate::schema::crd
