// What each schema node of a definition may say: keywords that OpenAPI has and the server does not, extensions that do
// not fit together, rules (x-kubernetes-validations) but for their CEL, and warnings of what no value can meet.
//
// Tested in tests/validate/schema/crd_test.cc.

#include <algorithm>
#include <optional>

#include "validate/schema/crd_schema.h"
#include "validate/schema/words.h"

namespace kubegate::schema::crd {
namespace {

constexpr char kStructural[] = "crd/structural";
constexpr char kSchemaRule[] = "crd/schema";

bool is_meta_field(std::string_view name) { return is_one_of(name, {"apiVersion", "kind", "metadata"}); }

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\n\v\f\r";
  const std::size_t first = text.find_first_not_of(kSpace);
  return first == std::string_view::npos ? std::string_view{}
                                         : text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

bool has_line_break(std::string_view text) { return text.find_first_of("\r\n") != std::string_view::npos; }

class Keywords {
 public:
  // What holds of a node for where it stands.
  struct Context {
    bool root = false;
    bool inside_meta = false;                  // apiVersion, kind or metadata of an object, or below
    const char* defaults_forbidden = nullptr;  // where: "of a top-level field of an object"
  };

  explicit Keywords(Report& report) : report_(report), document_(report.document()) {}

  // ValidateCustomResourceDefinitionOpenAPISchema
  void check(const Place& at, const Context& context) {
    const Schema schema(document_, at.node);
    check_allowed(at, schema, context);
    check_children(at, schema, context);
    check_map_type(at, schema);
    check_list_type(at, schema);
    check_list_map(at, schema);
    check_rules(at, schema);
    check_bounds(at, schema);
    check_enum(at, schema);
  }

 private:
  void error(const Place& at, std::string message) { report_.error(kStructural, at, std::move(message)); }
  void forbidden(const Place& at, std::string message) {
    report_.error(kStructural, at, std::move(message), Report::Show::kKey);
  }
  std::string subject_of(const Place& at) const { return subject(document_, at); }

  // specStandardValidatorV3.validate
  void check_allowed(const Place& at, const Schema& schema, const Context& context) {
    const std::string_view type = schema.text(Keyword::kType);
    if (!type.empty() && !is_one_of(type, {"array", "boolean", "integer", "number", "object", "string"})) {
      error(keyword_of(at, schema, Keyword::kType),
            "the type must be array, boolean, integer, number, object or string, not " + quote(type) +
                (type == "null" ? ": say nullable: true for what may be null" : ""));
    }
    if (schema.has(Keyword::kDefault) && context.defaults_forbidden != nullptr) {
      forbidden(keyword_of(at, schema, Keyword::kDefault),
                std::string("a default must not be set for ") + context.defaults_forbidden);
    }
    constexpr Keyword kUnsupported[] = {Keyword::kId,
                                        Keyword::kSchema,
                                        Keyword::kRef,
                                        Keyword::kDefinitions,
                                        Keyword::kDependencies,
                                        Keyword::kAdditionalItems,
                                        Keyword::kPatternProperties};
    for (const Keyword keyword : kUnsupported) {
      const bool by_content = keyword == Keyword::kId || keyword == Keyword::kSchema ||
                              keyword == Keyword::kDefinitions || keyword == Keyword::kPatternProperties;
      if (!(by_content ? schema.says(keyword) : schema.has(keyword))) continue;
      const Place place = keyword_of(at, schema, keyword);
      forbidden(place, std::string(place.name) + " is not supported in the schema of a custom resource");
    }
    const NodeIndex items = schema[Keyword::kItems];
    if (items != kNoNode && document_[items].kind == Kind::kSequence && schema.count(Keyword::kItems) != 0) {
      forbidden(keyword_of(at, schema, Keyword::kItems), "items must be one schema for all items, not a list");
    }
    if (context.inside_meta && schema.flag(Keyword::kEmbeddedResource)) {
      forbidden(keyword_of(at, schema, Keyword::kEmbeddedResource),
                "x-kubernetes-embedded-resource must not be used inside of metadata");
    }
    if (schema.flag(Keyword::kUniqueItems)) {
      forbidden(keyword_of(at, schema, Keyword::kUniqueItems),
                "uniqueItems must not be true, for its cost: use x-kubernetes-list-type: set");
    }
    const NodeIndex preserve = schema[Keyword::kPreserveUnknownFields];
    if (preserve != kNoNode && document_[preserve].kind == Kind::kBool && !document_[preserve].boolean) {
      error(keyword_of(at, schema, Keyword::kPreserveUnknownFields),
            "x-kubernetes-preserve-unknown-fields must be true or left out");
    }
  }

  void check_children(const Place& at, const Schema& schema, const Context& context) {
    Context inner = context;
    inner.root = false;
    const Place additional = keyword_of(at, schema, Keyword::kAdditionalProperties);
    if (additional.node != kNoNode) {
      const bool allows_all = flag_of(document_, additional.node);
      if (schema.count(Keyword::kProperties) != 0 && !allows_all) {
        forbidden(additional,
                  "properties and additionalProperties exclude each other: an object has named fields or is a map");
      }
      Context values = inner;
      if (context.inside_meta) values.defaults_forbidden = "the values of a map in metadata";
      if (schema.additional() != kNoNode) check(additional, values);
    }
    const Place properties = keyword_of(at, schema, Keyword::kProperties);
    const bool is_object = context.root || schema.flag(Keyword::kEmbeddedResource);
    each_pair(document_, properties.node, [&](std::string_view name, NodeIndex property) {
      Context field = inner;
      if (is_object && is_meta_field(name)) {
        field.inside_meta = true;
        if (context.root) field.defaults_forbidden = "the apiVersion, kind and metadata of the custom resource";
      }
      check(key_of(properties, name, property), field);
    });
    if (schema.items() != kNoNode) check(keyword_of(at, schema, Keyword::kItems), inner);
    for (const Keyword keyword : {Keyword::kAllOf, Keyword::kAnyOf, Keyword::kOneOf}) {
      const Place list = keyword_of(at, schema, keyword);
      each_item(document_, list.node,
                [&](std::uint32_t index, NodeIndex branch) { check(item_of(list, index, branch), inner); });
    }
    if (schema.has(Keyword::kNot)) check(keyword_of(at, schema, Keyword::kNot), inner);
  }

  void check_map_type(const Place& at, const Schema& schema) {
    if (!schema.has(Keyword::kMapType)) return;
    const Place map_type = keyword_of(at, schema, Keyword::kMapType);
    if (schema.text(Keyword::kType) != "object") {
      error(keyword_of(at, schema, Keyword::kType), "x-kubernetes-map-type needs type: object");
    }
    if (const std::string_view written = schema.text(Keyword::kMapType); !is_one_of(written, {"atomic", "granular"})) {
      error(map_type, "x-kubernetes-map-type must be atomic or granular, not " + quote(written));
    }
  }

  void check_list_type(const Place& at, const Schema& schema) {
    const Place list_type = keyword_of(at, schema, Keyword::kListType);
    const std::string_view written = schema.text(Keyword::kListType);
    const Place items = keyword_of(at, schema, Keyword::kItems);
    if (list_type.node != kNoNode) {
      if (schema.text(Keyword::kType) != "array") {
        error(keyword_of(at, schema, Keyword::kType), "x-kubernetes-list-type needs type: array");
      } else if (written == "set" && schema.items() != kNoNode) {
        check_set_items(items);
      }
      if (!is_one_of(written, {"atomic", "set", "map"})) {
        error(list_type, "x-kubernetes-list-type must be atomic, set or map, not " + quote(written));
      }
    }
    if (schema.count(Keyword::kListMapKeys) != 0 && written != "map") {
      error(list_type, "x-kubernetes-list-map-keys needs x-kubernetes-list-type: map");
    }
    if (is_one_of(written, {"set", "map"}) && schema.items() != kNoNode) {
      const Schema item(document_, items.node);
      if (item.flag(Keyword::kNullable)) {
        forbidden(keyword_of(items, item, Keyword::kNullable),
                  "the items of a list " + std::string(written) + " cannot be nullable");
      }
    }
  }

  void check_set_items(const Place& items) {
    const Schema item(document_, items.node);
    const std::string_view type = item.text(Keyword::kType);
    if (type == "array" && item.has(Keyword::kListType) && item.text(Keyword::kListType) != "atomic") {
      error(keyword_of(items, item, Keyword::kListType),
            "a list in a list set must have x-kubernetes-list-type: atomic");
    }
    if (type == "object" && item.text(Keyword::kMapType) != "atomic") {
      error(keyword_of(items, item, Keyword::kMapType), "an object in a list set needs x-kubernetes-map-type: atomic");
    }
  }

  // With validateMapListKeysMapSet.
  void check_list_map(const Place& at, const Schema& schema) {
    if (schema.text(Keyword::kListType) != "map") return;
    const Place keys = keyword_of(at, schema, Keyword::kListMapKeys);
    const Place items = keyword_of(at, schema, Keyword::kItems);
    if (schema.count(Keyword::kListMapKeys) == 0) {
      error(keys, "x-kubernetes-list-type: map needs x-kubernetes-list-map-keys");
    }
    if (items.node == kNoNode) {
      error(items, "x-kubernetes-list-type: map needs a schema for the items");
    }
    if (schema.items() == kNoNode) return;  // a list of schemas is an error by itself
    const Schema item(document_, items.node);
    if (const std::string_view type = item.text(Keyword::kType); type != "object") {
      error(keyword_of(items, item, Keyword::kType), "the items of a list map must have type: object");
      return;
    }
    const Place properties = keyword_of(items, item, Keyword::kProperties);
    std::vector<std::string_view> seen;
    each_item(document_, keys.node, [&](std::uint32_t index, NodeIndex node) {
      const std::string_view name = text_of(document_, node);
      const Place key = item_of(keys, index, node);
      if (std::find(seen.begin(), seen.end(), name) != seen.end()) {
        report_.error_as(kStructural, keys, key, "x-kubernetes-list-map-keys names " + quote(name) + " twice");
        return;
      }
      seen.push_back(name);
      const NodeIndex property = item.property(name);
      if (property == kNoNode) {
        report_.error_as(kStructural, keys, key,
                         "x-kubernetes-list-map-keys names " + quote(name) + ", which is no property of the items");
        return;
      }
      check_list_map_key(item, key_of(properties, name, property));
    });
  }

  void check_list_map_key(const Schema& item, const Place& at) {
    const Schema property(document_, at.node);
    const std::string_view type = property.text(Keyword::kType);
    if (type == "array" || type == "object") {
      error(keyword_of(at, property, Keyword::kType),
            subject_of(at) + " is a key of a list map: its type must be a scalar, not " + std::string(type));
    }
    bool required = false;
    each_item(document_, item[Keyword::kRequired],
              [&](std::uint32_t, NodeIndex name) { required |= text_of(document_, name) == at.name; });
    if (!required && !property.has(Keyword::kDefault)) {
      error(keyword_of(at, property, Keyword::kDefault),
            subject_of(at) + " is a key of a list map: it must be required or have a default");
    }
    if (property.flag(Keyword::kNullable)) {
      forbidden(keyword_of(at, property, Keyword::kNullable),
                subject_of(at) + " is a key of a list map: it cannot be nullable");
    }
  }

  void check_rules(const Place& at, const Schema& schema) {
    const Place rules = keyword_of(at, schema, Keyword::kValidations);
    each_item(document_, rules.node,
              [&](std::uint32_t index, NodeIndex node) { check_rule(at.node, item_of(rules, index, node)); });
  }

  void check_rule(NodeIndex schema, const Place& rule) {
    const auto fault = [&](const Place& at, std::string message) {
      report_.error(kSchemaRule, at, std::move(message));
    };
    const Place expression = member(document_, rule, "rule"), message = member(document_, rule, "message");
    const std::string_view said = text_of(document_, message.node), text = text_of(document_, expression.node);
    if (trim(text).empty()) {
      // That it is absent is the OpenAPI's to say; of null items that says nothing.
      if (expression.node != kNoNode || document_[rule.node].kind == Kind::kNull) {
        fault(expression, "a rule must not be empty");
      }
    } else if (!said.empty() && trim(said).empty()) {
      fault(message, "the message of a rule must not be blank");
    } else if (has_line_break(trim(said))) {
      fault(message, "the message of a rule must be one line");
    } else if (has_line_break(trim(text)) && said.empty()) {
      fault(message, "a rule of several lines needs a message");
    }
    const Place message_expression = member(document_, rule, "messageExpression");
    if (const std::string_view written = text_of(document_, message_expression.node);
        !written.empty() && trim(written).empty()) {
      fault(message_expression, "messageExpression must not be blank");
    }
    const Place reason = member(document_, rule, "reason");
    if (is_set(document_, reason.node) &&
        !is_one_of(text_of(document_, reason.node),
                   {"FieldValueRequired", "FieldValueForbidden", "FieldValueInvalid", "FieldValueDuplicate"})) {
      fault(reason,
            "the reason of a rule must be FieldValueInvalid, FieldValueForbidden, FieldValueRequired or "
            "FieldValueDuplicate, not " +
                quote(text_of(document_, reason.node)));
    }
    const Place field_path = member(document_, rule, "fieldPath");
    const std::string_view path = text_of(document_, field_path.node);
    if (path.empty()) return;
    if (has_line_break(path)) {
      fault(field_path, "fieldPath must be one line");
    } else if (const FieldPath followed = follow_path(document_, schema, path, true); !followed.fault.empty()) {
      fault(field_path, "fieldPath " + quote(path) + " leads nowhere: " + followed.fault);
    }
  }

  // ---- Warnings: the server takes such a schema, and then no value of the field. ----

  std::optional<double> number(const Schema& schema, Keyword keyword) const {
    const NodeIndex node = schema[keyword];
    if (node == kNoNode) return std::nullopt;
    if (document_[node].kind == Kind::kInt) return static_cast<double>(document_[node].integer);
    if (document_[node].kind == Kind::kFloat) return document_[node].number;
    return std::nullopt;
  }

  void check_bounds(const Place& at, const Schema& schema) {
    constexpr std::pair<Keyword, Keyword> kBounds[] = {
        {Keyword::kMinimum, Keyword::kMaximum},
        {Keyword::kMinLength, Keyword::kMaxLength},
        {Keyword::kMinItems, Keyword::kMaxItems},
        {Keyword::kMinProperties, Keyword::kMaxProperties},
    };
    for (const auto& [least, most] : kBounds) {
      const std::optional<double> from = number(schema, least), to = number(schema, most);
      if (!from || !to || *from <= *to) continue;
      const Place place = keyword_of(at, schema, least);
      report_.warning(kSchemaRule, place,
                      std::string(place.name) + " is more than " + std::string(keyword_of(at, schema, most).name) +
                          ": no value can meet both");
    }
    if (const std::optional<double> step = number(schema, Keyword::kMultipleOf); step && *step <= 0) {
      report_.warning(kSchemaRule, keyword_of(at, schema, Keyword::kMultipleOf),
                      "multipleOf must be more than 0: the server refuses every number otherwise");
    }
  }

  void check_enum(const Place& at, const Schema& schema) {
    const std::string_view type = schema.text(Keyword::kType);
    const Place values = keyword_of(at, schema, Keyword::kEnum);
    each_item(document_, values.node, [&](std::uint32_t index, NodeIndex value) {
      const Kind kind = document_[value].kind;
      const bool fits = type == "string"    ? kind == Kind::kString
                        : type == "boolean" ? kind == Kind::kBool
                        : type == "integer" ? kind == Kind::kInt
                        : type == "number"  ? kind == Kind::kInt || kind == Kind::kFloat
                                            : true;
      if (fits || (kind == Kind::kNull && schema.flag(Keyword::kNullable))) return;
      report_.warning(kSchemaRule, item_of(values, index, value),
                      "no value of " + subject_of(at) + " can be " + describe_value(document_, value) +
                          ": its type is " + std::string(type));
    });
  }

  Report& report_;
  const Document& document_;
};

}  // namespace

void check_keywords(const Place& at, Report& report) { Keywords(report).check(at, {.root = true}); }

}  // namespace kubegate::schema::crd
