// The cold walk: every finding of an object that the hot walk refused.
//
// It takes the same steps as check.cc, shape beside node, and carries what that walk does without: the path in both
// spellings, the place to point at, and the severity. Versions that say the same of one place become one finding.
// Value checks (allOf, anyOf, …) are judged by the hot walk, and their branches are walked here only where their own
// findings tell more than "no branch matches".

#include "validate/schema/explain.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <unordered_map>
#include <utility>

#include "validate/base/hash.h"
#include "validate/base/suggest.h"
#include "validate/document/path.h"
#include "validate/schema/words.h"

namespace kubegate::schema {
namespace {

using document::Kind;
using document::kNoNode;

class Explanation {
 public:
  Explanation(const Catalogue& catalogue, const Document& document, std::string_view pointer,
              std::string_view object_kind, const Resolution& resolution, const MetaProgram& meta, bool strict,
              std::vector<Finding>& out)
      : catalogue_(catalogue), document_(document), resolution_(resolution), table_(resolution.table), meta_(meta),
        strict_(strict), object_kind_(object_kind), pointer_(pointer), out_(out) {}

  void explain(NodeIndex node, Index shape, VersionMask versions, Span anchor) {
    for (const Shape* variant = &table_->shapes()[shape];; ++variant) {
      const VersionMask held = versions & variant->versions;
      if (held != 0) explain_variant(node, *variant, held, anchor);
      if (!(variant->flags & Shape::kMore)) return;
    }
  }

 private:
  // One more step of the path while it lives.
  class Step {
   public:
    Step(Explanation& walk, std::string_view key) : Step(walk) {
      if (!walk.field_.empty()) walk.field_ += '.';
      walk.field_ += key;
      document::append_pointer(walk.pointer_, key);
    }
    Step(Explanation& walk, std::uint32_t index) : Step(walk) {
      walk.field_ += '[' + std::to_string(index) + ']';
      document::append_pointer(walk.pointer_, std::to_string(index));
    }
    ~Step() {
      walk_.field_.resize(field_);
      walk_.pointer_.resize(pointer_);
    }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

   private:
    explicit Step(Explanation& walk) : walk_(walk), field_(walk.field_.size()), pointer_(walk.pointer_.size()) {}
    Explanation& walk_;
    std::size_t field_, pointer_;
  };

  // "Deployment.spec.replicas"; the kind alone for the object itself.
  std::string place() const { return field_.empty() ? object_kind_ : object_kind_ + "." + field_; }

  void report(std::string_view rule, std::string message, Span span, VersionMask versions) {
    const TargetMask targets = in_meta_ != 0 ? in_meta_ : catalogue_.to_targets(resolution_, versions);
    Finding finding;
    finding.rule = rule;
    finding.message = std::move(message);
    finding.span = span;
    finding.pointer = pointer_;
    finding.field = field_;
    finding.targets = targets;
    out_.push_back(std::move(finding));
  }

  void report_missing(std::string_view name, Span anchor, VersionMask versions) {
    std::string message = "missing required field " + quote(name) + " in " + place();
    Step step(*this, name);
    const VersionMask warned = versions & demoted_;
    if (versions & ~warned) report("schema/required", message, anchor, versions & ~warned);
    if (warned != 0) {
      report("schema/required", message + ": the server takes the object, but it will not work", anchor, warned);
      out_.back().severity = Severity::kWarning;
    }
  }

  void explain_variant(NodeIndex node, const Shape& shape, VersionMask versions, Span anchor) {
    const Node& value = document_[node];
    if (value.kind == Kind::kNull && (shape.flags & (Shape::kNative | Shape::kNullable))) return;
    switch (shape.type) {
      case Type::kReference: explain(node, shape.items, versions, anchor); return;
      case Type::kObject:
        if (value.kind != Kind::kMap) return wrong_type(node, shape, versions);
        explain_members(node, shape, versions, anchor);
        break;
      case Type::kArray:
        if (value.kind != Kind::kSequence) return wrong_type(node, shape, versions);
        explain_items(node, shape, versions);
        break;
      case Type::kAny:
        if (value.kind == Kind::kMap) explain_members(node, shape, versions, anchor);
        if (value.kind == Kind::kSequence && shape.items != 0) explain_items(node, shape, versions);
        break;
      default:
        if (!check_scalar_type(document_, node, shape)) return wrong_type(node, shape, versions);
    }
    if (shape.facts != 0) explain_facts(node, shape, versions, anchor);
  }

  void wrong_type(NodeIndex node, const Shape& shape, VersionMask versions) {
    const bool is_text = document_[node].kind == Kind::kString;
    const bool format_only =
        is_text && ((shape.type == Type::kString && shape.format != Format::kNone) || shape.type == Type::kQuantity);
    const bool whole =
        document_[node].kind == Kind::kInt ||
        (document_[node].kind == Kind::kFloat && std::trunc(document_[node].number) == document_[node].number);
    const bool too_large = whole && (shape.type == Type::kInteger || shape.type == Type::kIntOrString);
    std::string message = place() + " must be " + describe_type(shape) + ", not " + describe_value(document_, node);
    const std::string hint = hint_for_type(document_, node, shape);
    if (!hint.empty()) message += ": " + hint;
    const char* rule = format_only ? "schema/format" : too_large ? "schema/range" : "schema/type";
    if (document_[node].kind == Kind::kNull) rule = "schema/null";
    report(rule, std::move(message), document_[node].span(), versions);
  }

  void explain_members(NodeIndex node, const Shape& shape, VersionMask versions, Span anchor) {
    if (shape.flags & Shape::kObjectMeta) explain_meta(node, versions, anchor);
    const bool closed = (shape.flags & Shape::kClosed) && strict_;
    const Object& object = table_->objects()[shape.object];
    objects_.push_back(&object);
    for (NodeIndex key = node + 1; key < document_[node].children.end; key = document_.next(key + 1)) {
      const NodeIndex value = key + 1;
      const std::string_view name = document_.text(key);
      const Property* property = table_->find_property(object, document_[key].hash, name);
      const VersionMask unknown = property != nullptr ? versions & ~property->versions : versions;
      if (closed && unknown != 0 && (property != nullptr || object.additional == 0)) {
        std::string message = "unknown field " + quote(name) + " in " + place();
        if (property == nullptr) message += hint_for_unknown(object, name, versions);
        Step step(*this, name);
        report("schema/unknown-field", std::move(message), document_[key].span(), unknown);
      }
      const Index child = property != nullptr ? property->shape : object.additional;
      const VersionMask held = property != nullptr ? versions & property->versions : versions;
      if (child == 0 || held == 0 || document_[value].kind == Kind::kNull) continue;
      Step step(*this, name);
      const VersionMask before = demoted_;
      if (property != nullptr) demoted_ |= property->demoted;
      explain(value, child, held, document_[key].span());
      demoted_ = before;
    }
    explain_required(node, object, versions, anchor);
    if (shape.flags & Shape::kEmbedded) explain_embedded(node, versions, anchor);
    objects_.pop_back();
  }

  void explain_required(NodeIndex node, const Object& object, VersionMask versions, Span anchor) {
    for (std::uint32_t i = 0; i < object.required_count; ++i) {
      const Required& required = table_->required()[object.first_required + i];
      if ((required.versions & versions) == 0) continue;
      const std::string_view name = table_->text(required.name);
      const NodeIndex value = document_.find(node, name);
      if (value != kNoNode) {
        if (document_[value].kind != Kind::kNull || required.bit == Property::kNoBit) continue;
        const Property* property = table_->find_property(object, hash_of(value), name);
        if (property != nullptr && (table_->shapes()[property->shape].flags & Shape::kNullable)) continue;
      }
      report_missing(name, anchor, required.versions & versions);
    }
  }

  // The key stands before its value.
  std::uint32_t hash_of(NodeIndex value) const { return document_[value - 1].hash; }

  void explain_embedded(NodeIndex node, VersionMask versions, Span anchor) {
    for (const char* name : {"apiVersion", "kind"}) {
      const NodeIndex value = document_.find(node, name);
      if (value == kNoNode) {
        report_missing(name, anchor, versions);
      } else if (document_[value].kind == Kind::kString && document_.text(value).empty()) {
        Step step(*this, name);
        report("schema/required", place() + " must not be empty", document_[value].span(), versions);
      } else if (document_[value].kind != Kind::kString) {
        continue;  // said as a wrong type
      }
    }
  }

  void explain_meta(NodeIndex node, VersionMask versions, Span anchor) {
    if (meta_.table == nullptr) return;
    const TargetMask targets = catalogue_.to_targets(resolution_, versions);
    const Table* table = std::exchange(table_, meta_.table);
    const TargetMask outer = std::exchange(in_meta_, in_meta_ != 0 ? in_meta_ : targets);
    const std::vector<const Object*> objects = std::exchange(objects_, {});
    explain(node, meta_.shape, meta_.versions, anchor);
    table_ = table;
    in_meta_ = outer;
    objects_ = objects;
  }

  void explain_items(NodeIndex node, const Shape& shape, VersionMask versions) {
    if (shape.items != 0) {
      std::uint32_t index = 0;
      for (NodeIndex item = node + 1; item < document_[node].children.end; item = document_.next(item), ++index) {
        Step step(*this, index);
        explain(item, shape.items, versions, anchor_of(item));
      }
    }
    if (shape.list == 0) return;
    std::vector<DuplicateItem> duplicates;
    find_duplicate_items(*table_, document_, node, shape, &duplicates);
    const FactsRecord& facts = table_->facts()[shape.facts];
    std::string told_apart;
    for (Index i = 0; i < facts.map_key_count; ++i) {
      told_apart += i == 0 ? ": items are told apart by " : i + 1 == facts.map_key_count ? " and " : ", ";
      told_apart += table_->text(table_->texts()[facts.first_map_key + i]);
    }
    for (const DuplicateItem& duplicate : duplicates) {
      Step step(*this, duplicate.index);
      report("schema/duplicate-item", place() + " repeats item " + std::to_string(duplicate.earlier) + told_apart,
             anchor_of(duplicate.item), versions);
    }
  }

  // Where to point for what an item as a whole lacks: its first key, or its brackets.
  Span anchor_of(NodeIndex item) const {
    const Node& node = document_[item];
    const bool block_map = node.kind == Kind::kMap && node.style == document::Style::kBlock && node.children.count != 0;
    return block_map ? document_[item + 1].span() : node.span();
  }

  void explain_facts(NodeIndex node, const Shape& shape, VersionMask versions, Span anchor) {
    const FactsRecord& facts = table_->facts()[shape.facts];
    if (const std::uint32_t failed = check_bounds(*table_, document_, node, shape); failed != 0) {
      explain_bound(node, shape, failed, versions);
    }
    const Index* branch = table_->branches().data() + facts.first_branch;
    for (std::uint32_t i = 0; i < facts.all_of; ++i) explain(node, *branch++, versions, anchor);
    VersionMask any = facts.any_of != 0 ? versions : 0;
    for (std::uint32_t i = 0; i < facts.any_of; ++i) any &= refused(node, *branch++, versions);
    VersionMask once = 0, twice = 0;
    for (std::uint32_t i = 0; i < facts.one_of; ++i) {
      const VersionMask held = versions & ~refused(node, *branch++, versions);
      twice |= once & held;
      once |= held;
    }
    const VersionMask none = facts.one_of != 0 ? versions & ~once : 0;
    const VersionMask negated = facts.negated != 0 ? versions & ~refused(node, *branch++, versions) : 0;
    const auto combination = [&](VersionMask failed, const char* what) {
      if (failed != 0) report("schema/combination", place() + what, document_[node].span(), failed);
    };
    combination(any, " matches none of the forms that its schema allows (anyOf)");
    combination(none, " matches none of the forms that its schema allows (oneOf)");
    combination(twice, " matches more than one of the forms of which its schema allows one (oneOf)");
    combination(negated, " has a form that its schema forbids (not)");
  }

  VersionMask refused(NodeIndex node, Index shape, VersionMask versions) const {
    return check_shape(document_, node, *table_, shape, versions, meta_, strict_, nullptr);
  }

  void explain_bound(NodeIndex node, const Shape& shape, std::uint32_t failed, VersionMask versions) {
    const FactsRecord& facts = table_->facts()[shape.facts];
    const std::string value = describe_value(document_, node);
    const auto number = [](double bound) {
      std::string text = std::to_string(bound);
      text.erase(text.find_last_not_of('0') + 1);
      if (text.ends_with('.')) text.pop_back();
      return text;
    };
    const auto say = [&](const char* rule, const std::string& what) {
      report(rule, place() + " must " + what, document_[node].span(), versions);
    };
    // "have at least 2 items, not 1"
    const auto say_count = [&](const char* rule, const char* bound, std::int64_t wanted, std::string what,
                               std::int64_t found) {
      if (wanted != 1) what += 's';
      say(rule, std::string("have at ") + bound + " " + std::to_string(wanted) + " " + what + ", not " +
                    std::to_string(found));
    };
    const std::int64_t items = document_[node].is_collection() ? document_[node].children.count : 0;
    switch (failed) {
      case FactsRecord::kMinimum: {
        const char* bound = facts.present & FactsRecord::kExclusiveMinimum ? "be more than " : "be at least ";
        return say("schema/range", bound + number(facts.minimum) + ", not " + value);
      }
      case FactsRecord::kMaximum: {
        const char* bound = facts.present & FactsRecord::kExclusiveMaximum ? "be less than " : "be at most ";
        return say("schema/range", bound + number(facts.maximum) + ", not " + value);
      }
      case FactsRecord::kMultipleOf:
        return say("schema/range", "be a multiple of " + number(facts.multiple_of) + ", not " + value);
      case FactsRecord::kMinLength:
        return say_count("schema/length", "least", facts.min_length, "character",
                         count_characters(document_.text(node)));
      case FactsRecord::kMaxLength:
        return say_count("schema/length", "most", facts.max_length, "character",
                         count_characters(document_.text(node)));
      case FactsRecord::kPattern:
        return say(
            "schema/pattern",
            "match the pattern " + std::string(table_->text(table_->patterns()[facts.pattern])) + ", not be " + value);
      case FactsRecord::kMinItems: return say_count("schema/items", "least", facts.min_items, "item", items);
      case FactsRecord::kMaxItems: return say_count("schema/items", "most", facts.max_items, "item", items);
      case FactsRecord::kMinProperties:
        return say_count("schema/properties", "least", facts.min_properties, "field",
                         count_fields(*table_, document_, node, shape));
      case FactsRecord::kMaxProperties:
        return say_count("schema/properties", "most", facts.max_properties, "field",
                         count_fields(*table_, document_, node, shape));
      default: return say("schema/enum", enum_words(node, facts, value));
    }
  }

  std::string enum_words(NodeIndex node, const FactsRecord& facts, const std::string& value) const {
    std::string message = facts.enum_count == 1 ? "be " : "be one of ";
    std::vector<std::string_view> names;
    constexpr Index kShown = 12;
    for (Index i = 0; i < facts.enum_count; ++i) {
      const std::string_view json = table_->text(table_->texts()[facts.first_enum + i]);
      if (json.size() >= 2 && json.front() == '"') names.push_back(json.substr(1, json.size() - 2));
      if (i >= kShown) continue;
      if (i != 0) message += ", ";
      message += json;
    }
    if (facts.enum_count > kShown) message += ", … (" + std::to_string(facts.enum_count) + " in all)";
    message += ", not " + value;
    if (document_[node].kind == Kind::kString) {
      const std::string_view near = nearest_name(document_.text(node), names);
      if (!near.empty()) message += ": did you mean " + quote(near) + "?";
    }
    return message;
  }

  // Where the writer may have wanted to put the field: an enclosing object that has it (too deep), a name much like it,
  // an object below that has it (not deep enough).
  std::string hint_for_unknown(const Object& object, std::string_view name, VersionMask versions) const {
    const std::uint32_t hash = hash_key(name);
    for (std::size_t i = objects_.size() - 1; i-- > 0;) {
      if (table_->find_property(*objects_[i], hash, name) != nullptr && objects_.size() - 1 - i <= 2) {
        return ": it belongs to " + enclosing_place(objects_.size() - 1 - i) + ", check the indentation";
      }
    }
    std::vector<std::string_view> names;
    for (std::uint32_t i = 0; i < object.property_count; ++i) {
      const Property& property = table_->properties()[object.first_property + i];
      if (property.versions & versions) names.push_back(table_->text(property.name));
    }
    if (const std::string_view near = nearest_name(name, names); !near.empty()) {
      return ", did you mean " + quote(near) + "?";
    }
    if (const std::string below = find_below(object, hash, name); !below.empty()) {
      return ": it belongs to " + place() + "." + below + ", check the indentation";
    }
    return {};
  }

  // The place `levels` objects up. List indexes belong to the object that they pick.
  std::string enclosing_place(std::size_t levels) const {
    std::string field = field_;
    for (; levels > 0; --levels) {
      const std::size_t dot = field.find_last_of('.');
      field.resize(dot == std::string::npos ? 0 : dot);
    }
    return field.empty() ? object_kind_ : object_kind_ + "." + field;
  }

  // The shortest way down to an object with the property, at most four steps. Of several the one along required fields
  // (containers rather than initContainers); "" when that does not decide it.
  std::string find_below(const Object& from, std::uint32_t hash, std::string_view name) const {
    struct Way {
      const Object* object;
      std::string path;
      bool required;
    };
    std::vector<Way> level = {{&from, "", true}};
    for (int depth = 0; depth < 4 && !level.empty(); ++depth) {
      std::vector<Way> next, found;
      for (const Way& way : level) {
        for (std::uint32_t i = 0; i < way.object->property_count; ++i) {
          const Property& property = table_->properties()[way.object->first_property + i];
          const Shape* shape = &table_->shapes()[property.shape];
          std::string path = (way.path.empty() ? "" : way.path + ".") + std::string(table_->text(property.name));
          if (shape->type == Type::kReference) shape = &table_->shapes()[shape->items];
          if (shape->type == Type::kArray && shape->items != 0) {
            path += "[]";
            shape = &table_->shapes()[shape->items];
          }
          if (shape->object == 0 || next.size() >= 512) continue;
          const Object& child = table_->objects()[shape->object];
          next.push_back({&child, std::move(path), way.required && property.required_bit != Property::kNoBit});
          if (table_->find_property(child, hash, name) != nullptr) found.push_back(next.back());
        }
      }
      if (found.size() > 1) std::erase_if(found, [](const Way& way) { return !way.required; });
      if (found.size() == 1) return found[0].path;
      if (!found.empty()) return {};
      level = std::move(next);
    }
    return {};
  }

  const Catalogue& catalogue_;
  const Document& document_;
  const Resolution& resolution_;
  const Table* table_;
  const MetaProgram meta_;
  const bool strict_;
  const std::string object_kind_;
  std::string field_;
  std::string pointer_;
  VersionMask demoted_ = 0;
  TargetMask in_meta_ = 0;              // inside a custom resource's metadata: the targets that it stands for
  std::vector<const Object*> objects_;  // from the root to the object at hand
  std::vector<Finding>& out_;
};

// Findings that differ only in their targets become one.
void merge_targets(std::vector<Finding>& findings, std::size_t first) {
  std::unordered_map<std::string, std::size_t> seen;
  std::size_t kept = first;
  for (std::size_t i = first; i < findings.size(); ++i) {
    Finding& finding = findings[i];
    std::string key = std::to_string(finding.span.begin) + ' ' + finding.field + '\n' + finding.message;
    key += finding.severity == Severity::kWarning ? 'w' : 'e';
    key += finding.rule;
    const auto [it, added] = seen.try_emplace(std::move(key), kept);
    if (!added) {
      findings[it->second].targets |= finding.targets;
    } else {
      if (kept != i) findings[kept] = std::move(finding);
      ++kept;
    }
  }
  findings.resize(kept);
}

Span first_key_or_node(const Document& document, NodeIndex object) {
  const Node& node = document[object];
  if (node.kind == document::Kind::kMap && node.children.count != 0) return document[object + 1].span();
  return node.span();
}

}  // namespace

void explain_object(const Catalogue& catalogue, const Document& document, NodeIndex object, std::string_view pointer,
                    const ObjectIdentity& identity, const Resolution& resolution, const MetaProgram& meta,
                    const CheckOptions& options, std::vector<Finding>& out) {
  const std::size_t first = out.size();
  Explanation walk(catalogue, document, pointer, identity.kind, resolution, meta, options.strict, out);
  walk.explain(object, resolution.shape, resolution.versions, first_key_or_node(document, object));
  merge_targets(out, first);
}

void explain_identity(const Document& document, NodeIndex object, std::string_view pointer, std::vector<Finding>& out) {
  Finding finding;
  finding.rule = "document/not-an-object";
  finding.pointer = pointer;
  if (document[object].kind != document::Kind::kMap) {
    finding.span = document[object].span();
    finding.message =
        "expected a Kubernetes object (a mapping with apiVersion and kind), not " + describe_value(document, object);
    out.push_back(std::move(finding));
    return;
  }
  if (document.find(object, "apiVersion") == kNoNode && document.find(object, "kind") == kNoNode) {
    finding.message = "the object has neither apiVersion nor kind";
    finding.span = first_key_or_node(document, object);
    out.push_back(std::move(finding));
    return;
  }
  for (const char* name : {"apiVersion", "kind"}) {
    const NodeIndex value = document.find(object, name);
    if (value == kNoNode || document[value].kind == document::Kind::kNull) {
      finding.message = std::string("the object has no ") + name;
      finding.span = value == kNoNode ? first_key_or_node(document, object) : document[value - 1].span();
    } else if (document[value].kind != document::Kind::kString) {
      finding.message = std::string(name) + " must be a string, not " + describe_value(document, value);
      finding.span = document[value].span();
    } else if (document.text(value).empty()) {
      finding.message = std::string(name) + " is empty";
      finding.span = document[value].span();
    } else {
      continue;
    }
    finding.field = name;
    finding.pointer = std::string(pointer) + "/" + name;
    out.push_back(finding);
  }
}

void explain_remarks(const Catalogue& catalogue, const Document& document, NodeIndex object, std::string_view pointer,
                     const ObjectIdentity& identity, const Resolution& resolution, std::vector<Finding>& out) {
  const std::size_t first = out.size();
  catalogue.explain_kind(identity.api_version, identity.kind, resolution, out);
  for (std::size_t i = first; i < out.size(); ++i) {
    // A remark on the kind carries "kind" as its field, all others are on the API version.
    if (out[i].field.empty()) out[i].field = "apiVersion";
    const NodeIndex written = document.find(object, out[i].field);
    // An item of a typed list need not say what it is.
    out[i].span = document[written == kNoNode ? object : written].span();
    out[i].pointer = std::string(pointer) + "/" + out[i].field;
  }
}

}  // namespace kubegate::schema
