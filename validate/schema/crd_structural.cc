// Structural schemas: a skeleton that says of every field what it is, and value checks that only say more about it.
//
// The server prunes, defaults and coerces by the skeleton (type, properties, items, additionalProperties, extensions),
// so that has to be readable without looking into allOf, anyOf, oneOf and not; what stands inside those may only
// restrict values. Two walks say so: one over the skeleton (check_invariants), one over the value checks
// (check_nested). A third (check_completeness) holds value checks at the root to fields that the skeleton names.
//
// One idiom is excepted: `anyOf: [{type: integer}, {type: string}]`, alone or as the first member of allOf.
//
// Tested in tests/validate/schema/crd_test.cc.

#include <re2/re2.h>

#include <unordered_set>

#include "validate/schema/crd_schema.h"
#include "validate/schema/words.h"

namespace kubegate::schema::crd {
namespace {

constexpr char kRule[] = "crd/structural";

enum class Level { kRoot, kItem, kField };

class Structural {
 public:
  explicit Structural(Report& report) : report_(report), document_(report.document()) {}

  // validateStructuralInvariants
  void check_invariants(const Place& at, Level level) {
    const Schema schema(document_, at.node);
    check_children(at, schema, level);
    check_extensions(at, schema);
    check_value(at, schema, is_int_or_string(schema[Keyword::kAnyOf]), starts_with_int_or_string(schema));
    check_type(at, schema, level);
    if (level == Level::kRoot || schema.flag(Keyword::kEmbeddedResource)) check_object_fields(at, schema);
    check_metadata(at, schema, level);
    if (schema.flag(Keyword::kEmbeddedResource)) check_embedded(at, schema);
  }

  // validateStructuralCompleteness. The server starts it at the root only, so value checks further inside may name
  // fields that nothing defines.
  void check_completeness(const Place& at) { check_branches(at, at); }

 private:
  void error(const Place& at, std::string message) { report_.error(kRule, at, std::move(message)); }
  void forbidden(const Place& at, std::string message) {
    report_.error(kRule, at, std::move(message), Report::Show::kKey);
  }
  std::string subject_of(const Place& at) const { return subject(document_, at); }

  void check_children(const Place& at, const Schema& schema, Level level) {
    const Place items = keyword_of(at, schema, Keyword::kItems);
    if (schema.text(Keyword::kType) == "array" && !schema.has(Keyword::kItems)) {
      error(items, "missing items of " + subject_of(at) + ": a list needs a schema for what it holds");
    }
    if (schema.items() != kNoNode) check_invariants(items, Level::kItem);

    const Place properties = keyword_of(at, schema, Keyword::kProperties);
    each_pair(document_, properties.node, [&](std::string_view name, NodeIndex property) {
      check_invariants(key_of(properties, name, property), Level::kField);
    });

    const Place additional = keyword_of(at, schema, Keyword::kAdditionalProperties);
    if (additional.node != kNoNode && level == Level::kRoot) {
      forbidden(additional, "additionalProperties must not be used at the root of the schema");
    }
    if (schema.additional() != kNoNode) check_invariants(additional, Level::kField);
  }

  void check_extensions(const Place& at, const Schema& schema) {
    if (!schema.flag(Keyword::kIntOrString)) return;
    for (const Keyword keyword : {Keyword::kPreserveUnknownFields, Keyword::kEmbeddedResource}) {
      if (!schema.flag(keyword)) continue;
      const Place extension = keyword_of(at, schema, keyword);
      error(extension, std::string(extension.name) + " excludes x-kubernetes-int-or-string");
    }
  }

  void check_type(const Place& at, const Schema& schema, Level level) {
    const Place type = keyword_of(at, schema, Keyword::kType);
    const std::string_view name = schema.text(Keyword::kType);
    if (schema.flag(Keyword::kEmbeddedResource)) {
      if (name != "object") {
        error(type, "the type of " + subject_of(at) + " must be object: it holds an embedded resource");
      }
    } else if (name.empty() && !schema.flag(Keyword::kIntOrString) && !schema.flag(Keyword::kPreserveUnknownFields)) {
      error(type, "missing type of " + subject_of(at) + ": a structural schema needs one" +
                      (level == Level::kRoot ? " at its root (object)" : " for every field and item"));
    } else if (level == Level::kRoot && !name.empty() && name != "object") {
      error(type, "the type at the root of the schema must be object, not " + quote(name));
    }
  }

  // A kind and apiVersion that the schema mentions are strings.
  void check_object_fields(const Place& at, const Schema& schema) {
    const Place properties = keyword_of(at, schema, Keyword::kProperties);
    for (const char* name : {"kind", "apiVersion"}) {
      const NodeIndex node = schema.property(name);
      if (node == kNoNode) continue;
      const Schema property(document_, node);
      if (property.text(Keyword::kType) == "string") continue;
      const Place place = key_of(properties, name, node);
      error(keyword_of(place, property, Keyword::kType), "the type of " + subject_of(place) + " must be string");
    }
  }

  // validateStructuralMetadataInvariants
  void check_metadata(const Place& at, const Schema& schema, Level level) {
    const NodeIndex node = schema.property("metadata");
    if (node == kNoNode) return;
    const Place properties = keyword_of(at, schema, Keyword::kProperties);
    const Place place = key_of(properties, "metadata", node);
    const Schema metadata(document_, node);
    if ((level == Level::kRoot || schema.flag(Keyword::kEmbeddedResource)) &&
        metadata.text(Keyword::kType) != "object") {
      error(keyword_of(place, metadata, Keyword::kType), "the type of property \"metadata\" must be object");
    }
    if (level != Level::kRoot) return;
    for (std::size_t i = 0; i < kKeywordCount; ++i) {
      const Keyword keyword = static_cast<Keyword>(i);
      // A default is checked with all others.
      if (keyword == Keyword::kType || keyword == Keyword::kDefault || keyword == Keyword::kExternalDocs ||
          keyword == Keyword::kExample || keyword == Keyword::kProperties || !metadata.says(keyword)) {
        continue;
      }
      const Place fault = keyword_of(place, metadata, keyword);
      report_.error_as(kRule, place, fault, std::string(fault.name) + kMetadataFault, Report::Show::kKey);
    }
    const Place fields = keyword_of(place, metadata, Keyword::kProperties);
    each_pair(document_, fields.node, [&](std::string_view name, NodeIndex field) {
      if (name == "name" || name == "generateName") return;
      report_.error_as(kRule, place, key_of(fields, name, field), quote(name) + kMetadataFault, Report::Show::kKey);
    });
  }
  static constexpr char kMetadataFault[] =
      " must not be said of the root's metadata: a schema may restrict its name and generateName only";

  void check_embedded(const Place& at, const Schema& schema) {
    if (schema.has(Keyword::kAdditionalProperties)) {
      forbidden(keyword_of(at, schema, Keyword::kAdditionalProperties),
                "additionalProperties must not be used with x-kubernetes-embedded-resource");
    }
    if (!schema.flag(Keyword::kPreserveUnknownFields) && schema.count(Keyword::kProperties) == 0) {
      error(keyword_of(at, schema, Keyword::kProperties),
            "missing properties of " + subject_of(at) +
                ": an embedded resource needs them, or x-kubernetes-preserve-unknown-fields");
    }
  }

  // Whether the list is [{type: integer}, {type: string}].
  bool is_int_or_string(NodeIndex list) const {
    bool equal = count_of(document_, list) == 2;
    each_item(document_, list, [&](std::uint32_t index, NodeIndex item) {
      const Schema branch(document_, item);
      equal = equal && branch.text(Keyword::kType) == (index == 0 ? "integer" : "string");
      for (std::size_t i = 0; i < kKeywordCount; ++i) {
        const Keyword keyword = static_cast<Keyword>(i);
        equal = equal && (keyword == Keyword::kType || !branch.says(keyword));
      }
    });
    return equal;
  }

  bool starts_with_int_or_string(const Schema& schema) const {
    bool found = false;
    each_item(document_, schema[Keyword::kAllOf], [&](std::uint32_t index, NodeIndex item) {
      if (index == 0) found = is_int_or_string(Schema(document_, item)[Keyword::kAnyOf]);
    });
    return found;
  }

  // validateValueValidation
  void check_value(const Place& at, const Schema& schema, bool skip_any_of, bool skip_first_any_of) {
    const Place any_of = keyword_of(at, schema, Keyword::kAnyOf);
    if (!skip_any_of) {
      each_item(document_, any_of.node,
                [&](std::uint32_t index, NodeIndex branch) { check_nested(item_of(any_of, index, branch), false); });
    }
    const Place all_of = keyword_of(at, schema, Keyword::kAllOf);
    each_item(document_, all_of.node, [&](std::uint32_t index, NodeIndex branch) {
      check_nested(item_of(all_of, index, branch), skip_first_any_of && index == 0);
    });
    const Place one_of = keyword_of(at, schema, Keyword::kOneOf);
    each_item(document_, one_of.node,
              [&](std::uint32_t index, NodeIndex branch) { check_nested(item_of(one_of, index, branch), false); });
    if (schema.has(Keyword::kNot)) check_nested(keyword_of(at, schema, Keyword::kNot), false);
    check_pattern(at, schema);
  }

  void check_pattern(const Place& at, const Schema& schema) {
    const std::string_view pattern = schema.text(Keyword::kPattern);
    if (pattern.empty() || sound_patterns_.contains(pattern)) return;
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(std::int64_t{64} << 20);  // Go has no such bound
    const RE2 compiled(re2::StringPiece(pattern.data(), pattern.size()), options);
    if (compiled.ok()) {
      sound_patterns_.insert(pattern);
      return;
    }
    report_.error("crd/schema", keyword_of(at, schema, Keyword::kPattern),
                  "the pattern is no valid regular expression: " + compiled.error());
  }

  // validateNestedValueValidation: what must not be said inside allOf, anyOf, oneOf and not.
  void check_nested(const Place& at, bool skip_any_of) {
    const Schema schema(document_, at.node);
    check_value(at, schema, skip_any_of, false);
    if (schema.items() != kNoNode) check_nested(keyword_of(at, schema, Keyword::kItems), false);
    const Place properties = keyword_of(at, schema, Keyword::kProperties);
    each_pair(document_, properties.node, [&](std::string_view name, NodeIndex property) {
      const Place place = key_of(properties, name, property);
      check_nested(place, false);
      if (name == "metadata") forbidden(place, "metadata must not be restricted inside allOf, anyOf, oneOf and not");
    });
    constexpr Keyword kForbidden[] = {
        Keyword::kType,
        Keyword::kDefault,
        Keyword::kTitle,
        Keyword::kDescription,
        Keyword::kNullable,
        Keyword::kPreserveUnknownFields,
        Keyword::kEmbeddedResource,
        Keyword::kIntOrString,
        Keyword::kListMapKeys,
        Keyword::kListType,
        Keyword::kMapType,
        Keyword::kValidations,
    };
    for (const Keyword keyword : kForbidden) {
      // A default of false or "" is a default.
      if (keyword == Keyword::kDefault ? schema.has(keyword) : schema.says(keyword)) forbid_nested(at, schema, keyword);
    }
    if (schema.has(Keyword::kAdditionalProperties)) forbid_nested(at, schema, Keyword::kAdditionalProperties);
  }

  void forbid_nested(const Place& at, const Schema& schema, Keyword keyword) {
    const Place place = keyword_of(at, schema, keyword);
    forbidden(place, std::string(place.name) +
                         " must not be said inside allOf, anyOf, oneOf and not: a structural schema "
                         "says it outside of them");
  }

  // validateValueValidationCompleteness
  void check_branches(const Place& value, const Place& skeleton) {
    const Schema schema(document_, value.node);
    for (const Keyword keyword : {Keyword::kAllOf, Keyword::kAnyOf, Keyword::kOneOf}) {
      const Place list = keyword_of(value, schema, keyword);
      each_item(document_, list.node,
                [&](std::uint32_t index, NodeIndex branch) { check_branch(item_of(list, index, branch), skeleton); });
    }
    if (schema.has(Keyword::kNot)) check_branch(keyword_of(value, schema, Keyword::kNot), skeleton);
  }

  // validateNestedValueValidationCompleteness
  void check_branch(const Place& value, const Place& skeleton) {
    if (skeleton.node == kNoNode) {
      error(skeleton, "missing schema of " + subject_of(skeleton) +
                          ": allOf, anyOf, oneOf or not restricts it, which does not say what it is");
      return;
    }
    check_branches(value, skeleton);
    const Schema checks(document_, value.node);
    const Schema schema(document_, skeleton.node);
    if (checks.items() != kNoNode) {
      Place items = keyword_of(skeleton, schema, Keyword::kItems);
      items.node = schema.items();
      check_branch(keyword_of(value, checks, Keyword::kItems), items);
    }
    const Place checked = keyword_of(value, checks, Keyword::kProperties);
    const Place properties = keyword_of(skeleton, schema, Keyword::kProperties);
    each_pair(document_, checked.node, [&](std::string_view name, NodeIndex check) {
      check_branch(key_of(checked, name, check), key_of(properties, name, schema.property(name)));
    });
  }

  Report& report_;
  const Document& document_;
  std::unordered_set<std::string_view> sound_patterns_;  // quantities alone stand a thousand times in some definitions
};

}  // namespace

void check_structural(const Place& at, Report& report) {
  Structural structural(report);
  structural.check_invariants(at, Level::kRoot);
  structural.check_completeness(at);
}

}  // namespace kubegate::schema::crd
