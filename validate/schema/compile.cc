// Compiling the model into a table.
//
// The model is a tree per type with variants per version; the table is a graph of small records. Three things happen
// on the way. References become indexes: room for each named type's variants is reserved first, so a type may refer
// to itself. Equal parts become one: records are interned by their bytes, children first, which is what keeps the
// hundred copies of a pod spec that CRDs embed at the price of one. And what the server does by itself is said once,
// here, rather than at each check: which objects are closed, that a default satisfies `required`, that a custom
// resource has apiVersion, kind and metadata whatever its schema says, and where the published OpenAPI is stricter
// than the server (Laxity).
//
// Tested in tests/validate/schema/compile_test.cc and, against recorded verdicts, in oracle_test.cc.

#include "validate/schema/compile.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <map>
#include <unordered_map>

#include "validate/base/hash.h"
#include "validate/document/document.h"
#include "validate/schema/table.h"

namespace kubegate::schema {
namespace {

// A format's name as published; what nobody checks has none.
Format format_of(std::string_view name, bool native) {
  static const std::map<std::string_view, Format> kBoth = {
      {"int32", Format::kInt32},        {"int64", Format::kInt64},         {"byte", Format::kByte},
      {"date-time", Format::kDateTime}, {"microtime", Format::kMicroTime}, {"go-duration", Format::kGoDuration},
  };
  // The formats that apiextensions-apiserver knows (pkg/apiserver/validation/formats.go, supportedVersionedFormats).
  static const std::map<std::string_view, Format> kCustom = {
      {"datetime", Format::kDateTime}, {"date", Format::kDate},         {"duration", Format::kDuration},
      {"ipv4", Format::kIpv4},         {"ipv6", Format::kIpv6},         {"cidr", Format::kCidr},
      {"uri", Format::kUri},           {"email", Format::kEmail},       {"hostname", Format::kHostname},
      {"uuid", Format::kUuid},         {"uuid3", Format::kUuid},        {"uuid4", Format::kUuid},
      {"uuid5", Format::kUuid},        {"mac", Format::kMac},           {"bsonobjectid", Format::kObjectId},
      {"isbn", Format::kIsbn},         {"isbn10", Format::kIsbn},       {"isbn13", Format::kIsbn},
      {"hexcolor", Format::kHexColor}, {"rgbcolor", Format::kRgbColor}, {"creditcard", Format::kCreditCard},
      {"ssn", Format::kSsn},           {"password", Format::kPassword},
  };
  if (auto it = kBoth.find(name); it != kBoth.end()) return it->second;
  if (native) return Format::kNone;
  auto it = kCustom.find(name);
  return it == kCustom.end() ? Format::kNone : it->second;
}

// The versions "1.28..1.34" (both ends may be left out, one version alone will do, "" is all) among `names`.
bool find_versions(std::string_view range, const std::vector<std::string>& names, VersionMask& out) {
  const std::size_t dots = range.find("..");
  const std::string_view first = range.substr(0, dots);
  const std::string_view last = dots == std::string_view::npos ? first : range.substr(dots + 2);
  out = 0;
  bool inside = first.empty(), known = first.empty() && last.empty();
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == first) inside = known = true;
    if (inside) out |= VersionMask{1} << i;
    if (!last.empty() && names[i] == last) return inside;
  }
  return known && last.empty();
}

template <class T>
void append_bytes(std::string& out, const T& value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

class Compiler {
 public:
  Compiler() {
    // Index 0 of what is referred to by index means "none".
    kinds_.emplace_back();
    shapes_.emplace_back();
    objects_.emplace_back();
    facts_.emplace_back();
    patterns_.emplace_back();
    strings_.push_back('\0');
  }

  Result<Done> add(const Bundle& bundle, std::span<const Laxity> laxities);
  void add_removed(const RemovedEntry& entry);
  std::vector<std::uint64_t> finish();

 private:
  // How the schemas of one place are read.
  struct Context {
    bool native = false;
    bool value_check = false;           // inside allOf, anyOf, oneOf, not: nothing is closed
    const std::string* type = nullptr;  // the named type being compiled, for laxities
  };

  TextRef text(std::string_view value);
  Index pattern(const std::string& value);
  std::vector<Shape> variants(const SchemaNode& node, const Context& context, bool object_root);
  Index shape(const SchemaNode& node, const Context& context, bool object_root = false);
  Index intern_shapes(const std::vector<Shape>& shapes);
  Index object(const SchemaNode& node, const Context& context, bool object_root);
  Index facts(const Facts& facts, const SchemaNode& node, const Context& context);
  Index reference(const std::string& name);
  bool lax(const Context& context, std::string_view field, Laxity::Effect effect, VersionMask& versions) const;
  void add_kind_slots();
  std::uint8_t sound_kinds(Index shape, int hops = 0) const;
  void note_sound_kinds();

  std::vector<Unit> units_;
  std::vector<KindRecord> kinds_;
  std::vector<Index> kind_slots_;
  std::vector<Shape> shapes_;
  std::vector<Object> objects_;
  std::vector<Property> properties_;
  std::vector<std::uint16_t> slots_ = {0};  // of objects without properties
  std::vector<Required> required_;
  std::vector<FactsRecord> facts_;
  std::vector<TextRef> texts_;
  std::vector<TextRef> patterns_;
  std::vector<RuleText> rules_;
  std::vector<Index> branches_;
  std::vector<Removed> removed_;
  std::vector<char> strings_;

  std::unordered_map<std::string, TextRef> text_index_;
  std::unordered_map<std::string, Index> pattern_index_, shape_index_, object_index_, facts_index_;
  std::unordered_map<std::string, Index> types_;  // of the bundle at hand: name → first shape
  struct ResolvedLaxity {
    Laxity::Effect effect;
    std::string type, field;
    VersionMask versions;
  };
  std::vector<ResolvedLaxity> laxities_;
  std::string error_;
};

TextRef Compiler::text(std::string_view value) {
  if (value.empty()) return {};
  auto [it, added] = text_index_.try_emplace(std::string(value));
  if (added) {
    it->second = {static_cast<std::uint32_t>(strings_.size()), static_cast<std::uint32_t>(value.size())};
    strings_.insert(strings_.end(), value.begin(), value.end());
  }
  return it->second;
}

Index Compiler::pattern(const std::string& value) {
  auto [it, added] = pattern_index_.try_emplace(value, static_cast<Index>(patterns_.size()));
  if (added) patterns_.push_back(text(value));
  return it->second;
}

Index Compiler::reference(const std::string& name) {
  auto it = types_.find(name);
  if (it != types_.end()) return it->second;
  error_ = "refers to the type " + name + ", which it does not have";
  return 0;
}

// Narrows `versions` to those in which the field of the type at hand is lax.
bool Compiler::lax(const Context& context, std::string_view field, Laxity::Effect effect, VersionMask& versions) const {
  VersionMask found = 0;
  if (context.type != nullptr) {
    for (const ResolvedLaxity& laxity : laxities_) {
      const bool named = laxity.field == field || laxity.field == "*";
      if (laxity.effect == effect && named && laxity.type == *context.type) found |= laxity.versions;
    }
  }
  versions &= found;
  return versions != 0;
}

Index Compiler::intern_shapes(const std::vector<Shape>& shapes) {
  std::string key(reinterpret_cast<const char*>(shapes.data()), shapes.size() * sizeof(Shape));
  auto [it, added] = shape_index_.try_emplace(std::move(key), static_cast<Index>(shapes_.size()));
  if (added) shapes_.insert(shapes_.end(), shapes.begin(), shapes.end());
  return it->second;
}

Index Compiler::shape(const SchemaNode& node, const Context& context, bool object_root) {
  // A plain reference costs no hop: whoever refers to it refers to the type's shapes.
  if (node.variants.size() == 1 && node.variants[0].facts.type == Type::kReference) {
    return reference(node.variants[0].facts.reference);
  }
  return intern_shapes(variants(node, context, object_root));
}

std::vector<Shape> Compiler::variants(const SchemaNode& node, const Context& context, bool object_root) {
  std::vector<Shape> shapes;
  Context inner = context;
  for (const Variant& variant : node.variants) {
    const Facts& said = variant.facts;
    Shape shape;
    shape.versions = variant.versions;
    shape.type = said.type;
    shape.format = format_of(said.format, context.native);
    if (context.native) shape.flags |= Shape::kNative;
    if (said.nullable) shape.flags |= Shape::kNullable;
    if (!said.default_value.empty()) shape.flags |= Shape::kHasDefault;
    if (said.type == Type::kReference) {
      shape.items = reference(said.reference);
      shapes.push_back(shape);
      continue;
    }
    const bool embedded = said.embedded_resource && !context.value_check;
    if (embedded) shape.flags |= Shape::kEmbedded;
    const bool may_be_object = said.type == Type::kObject || said.type == Type::kAny;
    const bool open = said.preserve_unknown_fields || context.value_check || said.type == Type::kAny;
    if (may_be_object) {
      shape.object = object(node, inner, object_root || embedded);
      if (!open && node.additional.empty()) shape.flags |= Shape::kClosed;
    }
    if (!node.items.empty() && (said.type == Type::kArray || said.type == Type::kAny)) {
      shape.items = this->shape(node.items[0], inner);
    }
    if (said.list_type && !context.native)
      shape.list = static_cast<std::uint8_t>(1 + static_cast<int>(*said.list_type));
    shape.facts = facts(said, node, inner);
    shapes.push_back(shape);
  }
  for (std::size_t i = 0; i + 1 < shapes.size(); ++i) shapes[i].flags |= Shape::kMore;
  return shapes;
}

// Finds multiplier and size such that no two hashes share a slot: a few tries at each size, doubling it.
struct PerfectHash {
  std::uint32_t multiplier = 1;
  std::uint32_t shift = 31;
  std::vector<std::uint16_t> slots;
};

bool find_perfect_hash(const std::vector<std::uint32_t>& hashes, PerfectHash& out) {
  std::uint64_t state = 0x243f6a8885a308d3ull;
  const std::size_t last = std::max(hashes.size() - 1, std::size_t{1});  // two slots at least: no shift by 32
  for (auto bits = static_cast<std::uint32_t>(std::bit_width(last)); bits <= 20; ++bits) {
    out.shift = 32 - bits;
    for (int attempt = 0; attempt < 400; ++attempt) {
      state = state * 6364136223846793005ull + 1442695040888963407ull;
      out.multiplier = static_cast<std::uint32_t>(state >> 32) | 1;
      out.slots.assign(std::size_t{1} << bits, 0);
      bool clash = false;
      for (std::size_t i = 0; i < hashes.size() && !clash; ++i) {
        std::uint16_t& slot = out.slots[(hashes[i] * out.multiplier) >> out.shift];
        clash = slot != 0;
        slot = static_cast<std::uint16_t>(i + 1);
      }
      if (!clash) return true;
    }
  }
  return false;
}

Index Compiler::object(const SchemaNode& node, const Context& context, bool object_root) {
  std::vector<Property> properties;
  std::map<std::string, VersionMask> defaulted;
  auto add_property = [&](const std::string& name, Index shape, VersionMask versions, VersionMask demoted) {
    Property property;
    property.hash = hash_key(name);
    property.name = text(name);
    property.versions = versions;
    property.demoted = demoted;
    property.shape = shape;
    properties.push_back(property);
  };

  const VersionMask all = node.versions();
  std::map<std::string, const SchemaNode*> named;
  for (const auto& [name, child] : node.properties) named[name] = &child;
  if (object_root) {
    for (const char* name : {"apiVersion", "kind", "metadata"}) named.try_emplace(name, nullptr);
  }
  for (const auto& [name, child] : named) {
    if (object_root && (name == "apiVersion" || name == "kind" || name == "metadata")) {
      std::vector<Shape> shapes;
      Context inner = context;
      inner.value_check = true;  // what a schema may say of these are value checks (a pattern for the name)
      if (child != nullptr) shapes = variants(*child, inner, false);
      if (shapes.empty()) shapes.emplace_back();
      for (Shape& shape : shapes) {
        shape.versions = all;
        shape.type = name == "metadata" ? Type::kObject : Type::kString;
        if (name == "metadata") shape.flags |= Shape::kObjectMeta;
      }
      shapes.resize(1);
      shapes[0].flags &= static_cast<std::uint8_t>(~Shape::kMore);
      add_property(name, intern_shapes(shapes), all, 0);
      continue;
    }
    const VersionMask versions = child->versions();
    VersionMask demoted = versions;
    lax(context, name, Laxity::Effect::kWarn, demoted);
    add_property(name, shape(*child, context), versions, demoted);
    for (const Variant& variant : child->variants) {
      if (!variant.facts.default_value.empty()) defaulted[name] |= variant.versions;
    }
  }

  std::map<std::string, VersionMask> required;
  for (const Variant& variant : node.variants) {
    for (const std::string& name : variant.facts.required) required[name] |= variant.versions;
  }
  std::vector<Required> requirements;
  for (auto& [name, versions] : required) {
    if (object_root && name == "metadata") continue;  // the server demands it by itself, in other words
    versions &= ~defaulted[name];
    VersionMask optional = versions;
    if (lax(context, name, Laxity::Effect::kOptional, optional)) versions &= ~optional;
    if (versions == 0) continue;
    Required requirement;
    requirement.name = text(name);
    requirement.versions = versions;
    requirement.bit = Property::kNoBit;
    auto at = std::find_if(properties.begin(), properties.end(),
                           [&](const Property& p) { return p.name.begin == requirement.name.begin; });
    if (at != properties.end() && requirements.size() < 63) {
      at->required_bit = requirement.bit = static_cast<std::uint8_t>(requirements.size());
    }
    requirements.push_back(requirement);
  }

  const Index additional = node.additional.empty() ? 0 : shape(node.additional[0], context);
  if (properties.empty() && requirements.empty() && additional == 0) return 0;
  if (properties.size() > 65534) {
    error_ = "has an object with more than 65,534 properties";
    return 0;
  }

  std::string key;
  append_bytes(key, additional);
  append_bytes(key, static_cast<std::uint32_t>(properties.size()));
  for (const Property& property : properties) append_bytes(key, property);
  for (const Required& requirement : requirements) append_bytes(key, requirement);
  auto [it, added] = object_index_.try_emplace(std::move(key), static_cast<Index>(objects_.size()));
  if (!added) return it->second;

  Object record;
  record.first_property = static_cast<Index>(properties_.size());
  record.property_count = static_cast<std::uint32_t>(properties.size());
  record.additional = additional;
  record.first_required = static_cast<Index>(required_.size());
  record.required_count = static_cast<std::uint32_t>(requirements.size());
  if (!properties.empty()) {
    std::vector<std::uint32_t> hashes;
    for (const Property& property : properties) hashes.push_back(property.hash);
    PerfectHash perfect;
    if (!find_perfect_hash(hashes, perfect)) {
      error_ = "has an object with two properties of one hash";
      return 0;
    }
    record.first_slot = static_cast<Index>(slots_.size());
    record.multiplier = perfect.multiplier;
    record.shift = static_cast<std::uint8_t>(perfect.shift);
    slots_.insert(slots_.end(), perfect.slots.begin(), perfect.slots.end());
  }
  properties_.insert(properties_.end(), properties.begin(), properties.end());
  required_.insert(required_.end(), requirements.begin(), requirements.end());
  objects_.push_back(record);
  return it->second;
}

Index Compiler::facts(const Facts& said, const SchemaNode& node, const Context& context) {
  FactsRecord record;
  auto number = [&](const auto& value, std::uint32_t bit, auto& slot) {
    if (!value) return;
    record.present |= bit;
    slot = *value;
  };
  number(said.minimum, FactsRecord::kMinimum, record.minimum);
  number(said.maximum, FactsRecord::kMaximum, record.maximum);
  number(said.multiple_of, FactsRecord::kMultipleOf, record.multiple_of);
  number(said.min_length, FactsRecord::kMinLength, record.min_length);
  number(said.max_length, FactsRecord::kMaxLength, record.max_length);
  number(said.min_items, FactsRecord::kMinItems, record.min_items);
  number(said.max_items, FactsRecord::kMaxItems, record.max_items);
  number(said.min_properties, FactsRecord::kMinProperties, record.min_properties);
  number(said.max_properties, FactsRecord::kMaxProperties, record.max_properties);
  if (said.exclusive_minimum) record.present |= FactsRecord::kExclusiveMinimum;
  if (said.exclusive_maximum) record.present |= FactsRecord::kExclusiveMaximum;
  if (said.unique_items) record.present |= FactsRecord::kUniqueItems;
  if (!said.pattern.empty()) {
    record.present |= FactsRecord::kPattern;
    record.pattern = pattern(said.pattern);
  }
  auto add_texts = [&](const std::vector<std::string>& values, Index& first, Index& count) {
    if (values.empty()) return;
    first = static_cast<Index>(texts_.size());
    count = static_cast<Index>(values.size());
    for (const std::string& value : values) texts_.push_back(text(value));
  };
  // Lists are interned with the record: equal facts say equal lists, so the key holds their texts.
  std::string key(reinterpret_cast<const char*>(&record), sizeof record);
  auto key_list = [&](const std::vector<std::string>& values) {
    append_bytes(key, values.size());
    for (const std::string& value : values) append_bytes(key, text(value));
  };
  key_list(said.enumeration);
  key_list(said.list_map_keys);
  std::vector<RuleText> rules;
  if (!context.native) {
    for (const Rule& rule : said.rules) {
      rules.push_back({text(rule.expression), text(rule.message), text(rule.message_expression), text(rule.reason),
                       text(rule.field_path), rule.optional_old_self ? 1u : 0u});
      append_bytes(key, rules.back());
    }
  }
  std::vector<Index> branches;
  Context inner = context;
  inner.value_check = true;
  auto add_branches = [&](const std::vector<SchemaNode>& nodes, std::uint32_t& count) {
    count = static_cast<std::uint32_t>(nodes.size());
    for (const SchemaNode& branch : nodes) branches.push_back(shape(branch, inner));
    append_bytes(key, count);
  };
  add_branches(node.all_of, record.all_of);
  add_branches(node.any_of, record.any_of);
  add_branches(node.one_of, record.one_of);
  add_branches(node.negated, record.negated);
  for (Index branch : branches) append_bytes(key, branch);
  append_bytes(key, text(said.default_value));

  const bool nothing = record.present == 0 && said.enumeration.empty() && said.list_map_keys.empty() && rules.empty() &&
                       branches.empty() && said.default_value.empty();
  if (nothing) return 0;
  auto [it, added] = facts_index_.try_emplace(std::move(key), static_cast<Index>(facts_.size()));
  if (!added) return it->second;

  add_texts(said.enumeration, record.first_enum, record.enum_count);
  add_texts(said.list_map_keys, record.first_map_key, record.map_key_count);
  record.first_rule = static_cast<Index>(rules_.size());
  record.rule_count = static_cast<Index>(rules.size());
  rules_.insert(rules_.end(), rules.begin(), rules.end());
  record.first_branch = static_cast<Index>(branches_.size());
  branches_.insert(branches_.end(), branches.begin(), branches.end());
  record.default_value = text(said.default_value);
  facts_.push_back(record);
  return it->second;
}

Result<Done> Compiler::add(const Bundle& bundle, std::span<const Laxity> laxities) {
  Unit unit;
  unit.project = text(bundle.project);
  unit.native = bundle.native() ? 1 : 0;
  unit.first_version = static_cast<Index>(texts_.size());
  unit.version_count = static_cast<Index>(bundle.versions.size());
  for (const std::string& version : bundle.versions) texts_.push_back(text(version));
  unit.first_date = static_cast<Index>(texts_.size());
  for (const std::string& date : bundle.dates) texts_.push_back(text(date));
  unit.first_kind = static_cast<Index>(kinds_.size());
  unit.kind_count = static_cast<Index>(bundle.kinds.size());

  laxities_.clear();
  for (const Laxity& laxity : laxities) {
    if (!bundle.native()) continue;
    if (!bundle.types.contains(laxity.type)) {
      return Error{ErrorCode::kData, bundle.project, "a laxity names the type " + laxity.type + ", which is not there"};
    }
    VersionMask versions = 0;
    if (!find_versions(laxity.versions, bundle.versions, versions)) {
      return Error{ErrorCode::kData, bundle.project, "a laxity names unknown versions: " + laxity.versions};
    }
    laxities_.push_back({laxity.effect, laxity.type, laxity.field, versions});
  }

  types_.clear();
  for (const auto& [name, node] : bundle.types) {
    types_[name] = static_cast<Index>(shapes_.size());
    shapes_.resize(shapes_.size() + node.variants.size());
  }
  Context context;
  context.native = bundle.native();
  for (const auto& [name, node] : bundle.types) {
    context.type = &name;
    const std::vector<Shape> shapes = variants(node, context, false);
    std::copy(shapes.begin(), shapes.end(), shapes_.begin() + types_[name]);
  }
  context.type = nullptr;
  for (const KindEntry& entry : bundle.kinds) {
    KindRecord kind;
    kind.group = text(entry.group);
    kind.version = text(entry.version);
    kind.kind = text(entry.kind);
    kind.plural = text(entry.plural);
    kind.api_version = text(entry.api_version());
    kind.unit = static_cast<Index>(units_.size());
    kind.shape = shape(entry.root, context, !bundle.native());
    kind.known = entry.known;
    kind.served = entry.served;
    kind.deprecated = entry.deprecated;
    kind.cluster_scoped = entry.scope == Scope::kCluster;
    kinds_.push_back(kind);
  }
  units_.push_back(unit);
  if (!error_.empty()) return Error{ErrorCode::kData, bundle.project, error_};
  return Done{};
}

void Compiler::add_removed(const RemovedEntry& entry) {
  removed_.push_back({text(entry.api_version), text(entry.kind), text(entry.removed_in), text(entry.new_api_version),
                      text(entry.new_kind), text(entry.text)});
}

// Open addressing at half load; a kind that two bundles serve is found in the first.
void Compiler::add_kind_slots() {
  kind_slots_.assign(std::bit_ceil(kinds_.size() * 2), 0);
  const std::size_t mask = kind_slots_.size() - 1;
  auto view = [&](TextRef ref) { return std::string_view(strings_.data() + ref.begin, ref.length); };
  for (Index i = 1; i < kinds_.size(); ++i) {
    std::size_t slot = hash_kind(view(kinds_[i].api_version), view(kinds_[i].kind)) & mask;
    while (kind_slots_[slot] != 0) slot = (slot + 1) & mask;
    kind_slots_[slot] = i;
  }
}

// The kinds of nodes that this shape takes as values of an object in every version, whatever they hold: for most fields
// of most objects that is all there is to check (Property::sound).
std::uint8_t Compiler::sound_kinds(Index first, int hops) const {
  using document::Kind;
  constexpr int kMostHops = 8;  // references may go round in circles
  const auto bit = [](Kind kind) { return static_cast<std::uint8_t>(1 << static_cast<int>(kind)); };
  const std::uint8_t number = bit(Kind::kInt) | bit(Kind::kFloat);
  const std::uint8_t scalar = bit(Kind::kBool) | number | bit(Kind::kString);
  std::uint8_t sound = 0xff;
  if (hops == kMostHops) return 0;
  for (Index i = first;; ++i) {
    const Shape& shape = shapes_[i];
    const bool native = (shape.flags & Shape::kNative) != 0;
    const bool free_map =
        shape.object == 0 && !(shape.flags & (Shape::kClosed | Shape::kEmbedded | Shape::kObjectMeta));
    const bool free_list = shape.items == 0 && shape.list == 0;
    std::uint8_t taken = 0;
    switch (shape.type) {
      case Type::kReference: taken = sound_kinds(shape.items, hops + 1); break;
      case Type::kObject: taken = free_map ? bit(Kind::kMap) : 0; break;
      case Type::kArray: taken = free_list ? bit(Kind::kSequence) : 0; break;
      case Type::kString: taken = shape.format == Format::kNone ? bit(Kind::kString) : 0; break;
      case Type::kInteger: taken = native && shape.format == Format::kInt32 ? 0 : bit(Kind::kInt); break;
      case Type::kNumber: taken = number; break;
      case Type::kBoolean: taken = bit(Kind::kBool); break;
      case Type::kIntOrString: taken = bit(Kind::kString) | (native ? 0 : bit(Kind::kInt)); break;
      case Type::kQuantity: taken = number; break;
      case Type::kAny:
        taken = scalar | (free_map ? bit(Kind::kMap) : 0) | (free_list ? bit(Kind::kSequence) : 0);
        break;
    }
    sound &= shape.facts == 0 ? taken : 0;
    if (!(shape.flags & Shape::kMore)) break;
  }
  return sound | bit(Kind::kNull);  // of an object's values, null is absent
}

void Compiler::note_sound_kinds() {
  for (Property& property : properties_) property.sound = sound_kinds(property.shape);
  for (Object& object : objects_) {
    if (object.additional != 0) object.additional_sound = sound_kinds(object.additional);
  }
}

std::vector<std::uint64_t> Compiler::finish() {
  add_kind_slots();
  note_sound_kinds();
  strings_.insert(strings_.end(), kKeyPadding, '\0');  // names are compared as padded keys
  TableHeader header;
  std::size_t size = sizeof(TableHeader);
  auto place = [&](TableHeader::Array& array, std::size_t count, std::size_t element) {
    size = (size + 7) & ~std::size_t{7};
    array = {static_cast<std::uint32_t>(size), static_cast<std::uint32_t>(count)};
    size += count * element;
  };
#define KUBEGATE_PLACE(T, name) place(header.name, name##_.size(), sizeof(T));
  KUBEGATE_TABLE_ARRAYS(KUBEGATE_PLACE)
#undef KUBEGATE_PLACE
  header.byte_size = static_cast<std::uint32_t>(size);

  std::vector<std::uint64_t> memory((size + 7) / 8);
  char* base = reinterpret_cast<char*>(memory.data());
  std::memcpy(base, &header, sizeof header);
#define KUBEGATE_COPY(T, name) \
  if (!name##_.empty()) std::memcpy(base + header.name.offset, name##_.data(), name##_.size() * sizeof(T));
  KUBEGATE_TABLE_ARRAYS(KUBEGATE_COPY)
#undef KUBEGATE_COPY
  return memory;
}

// The next word of a line; "…" in quotes is one word without them.
std::string next_word(std::string_view& line) {
  while (!line.empty() && line.front() == ' ') line.remove_prefix(1);
  std::string_view word;
  if (!line.empty() && line.front() == '"') {
    const std::size_t end = line.find('"', 1);
    word = line.substr(1, end == std::string_view::npos ? end : end - 1);
    line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
  } else {
    word = line.substr(0, line.find(' '));
    line.remove_prefix(word.size());
  }
  return std::string(word);
}

// Calls `use` with each line that is neither empty nor a comment, and its number.
template <class Use>
void for_each_line(std::string_view text, Use use) {
  for (int number = 1; !text.empty(); ++number) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (!line.empty() && line.front() != '#') use(line, number);
  }
}

Error line_error(std::string_view name, int line, const char* what) {
  return {ErrorCode::kData, std::string(name) + ":" + std::to_string(line), what};
}

}  // namespace

Result<std::vector<Laxity>> parse_laxities(std::string_view text, std::string_view name) {
  std::vector<Laxity> laxities;
  int wrong = 0;
  for_each_line(text, [&](std::string_view line, int number) {
    Laxity laxity;
    const std::string effect = next_word(line);
    laxity.type = next_word(line);
    laxity.field = next_word(line);
    const std::string versions = next_word(line);
    if (versions.starts_with('@')) laxity.versions = versions.substr(1);
    laxity.effect = effect == "warn" ? Laxity::Effect::kWarn : Laxity::Effect::kOptional;
    if ((effect != "warn" && effect != "optional") || laxity.field.empty()) wrong = wrong ? wrong : number;
    laxities.push_back(std::move(laxity));
  });
  if (wrong) return line_error(name, wrong, "expected: optional|warn TYPE FIELD [@VERSIONS] [# reason]");
  return laxities;
}

Result<std::vector<RemovedEntry>> parse_removed(std::string_view text, std::string_view name) {
  std::vector<RemovedEntry> entries;
  int wrong = 0;
  for_each_line(text, [&](std::string_view line, int number) {
    RemovedEntry entry;
    entry.api_version = next_word(line);
    entry.kind = next_word(line);
    entry.removed_in = next_word(line);
    while (!line.empty() && line.front() == ' ') line.remove_prefix(1);
    if (line.starts_with('"')) {
      entry.text = next_word(line);
    } else {
      entry.new_api_version = next_word(line);
      entry.new_kind = next_word(line);
    }
    if (entry.text.empty() && entry.new_kind.empty()) wrong = wrong ? wrong : number;
    entries.push_back(std::move(entry));
  });
  if (wrong)
    return line_error(name, wrong, "expected: APIVERSION KIND REMOVED-IN (NEW-APIVERSION NEW-KIND | \"text\")");
  return entries;
}

Result<std::vector<std::uint64_t>> compile_table(std::span<const Bundle> bundles, std::span<const Laxity> laxities,
                                                 std::span<const RemovedEntry> removed) {
  Compiler compiler;
  for (const Bundle& bundle : bundles) {
    if (Result<Done> added = compiler.add(bundle, laxities); !added.ok()) return added.error();
  }
  for (const RemovedEntry& entry : removed) compiler.add_removed(entry);
  return compiler.finish();
}

}  // namespace kubegate::schema
