// What the parts of check_crd share: places with their paths, schemas by keyword, findings. Private to crd*.cc.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "validate/base/finding.h"
#include "validate/base/lifetime.h"
#include "validate/document/document.h"

namespace kubegate::schema::crd {

using document::Document;
using document::Kind;
using document::kNoNode;
using document::Node;
using document::NodeIndex;

// Where a walk stands: a step from the place above it, which outlives it (both are on the stack). Paths are written
// out only for findings.
struct Place {
  enum class Step : std::uint8_t { kField, kKey, kIndex };  // .name, [name], [0]

  const Place* up = nullptr;  // null: the definition itself
  Step step = Step::kField;
  std::string_view name;
  std::uint32_t index = 0;
  NodeIndex node = kNoNode;  // kNoNode: not written
};

// Calls visit(key, value node) for the pairs of a mapping; nothing for other nodes and kNoNode.
template <class Visit>
void each_pair(const Document& document, NodeIndex map, Visit visit) {
  if (map == kNoNode || document[map].kind != Kind::kMap) return;
  const NodeIndex end = document[map].children.end;
  for (NodeIndex key = map + 1; key < end; key = document.next(key + 1)) visit(document.text(key), key + 1);
}

// Calls visit(index, item node) for the items of a sequence; nothing for other nodes and kNoNode.
template <class Visit>
void each_item(const Document& document, NodeIndex list, Visit visit) {
  if (list == kNoNode || document[list].kind != Kind::kSequence) return;
  const NodeIndex end = document[list].children.end;
  std::uint32_t index = 0;
  for (NodeIndex item = list + 1; item < end; item = document.next(item)) visit(index++, item);
}

// The place of a member that may not be written.
Place member(const Document& document, const Place& up, std::string_view name);
Place member(const Document& document, const Place&& up, std::string_view name) = delete;  // would outlive `up`
inline Place field_of(const Place& up, std::string_view name, NodeIndex node) {
  return {&up, Place::Step::kField, name, 0, node};
}
inline Place key_of(const Place& up, std::string_view name, NodeIndex node) {
  return {&up, Place::Step::kKey, name, 0, node};
}
inline Place item_of(const Place& up, std::uint32_t index, NodeIndex node) {
  return {&up, Place::Step::kIndex, {}, index, node};
}
Place field_of(const Place&& up, std::string_view name, NodeIndex node) = delete;
Place key_of(const Place&& up, std::string_view name, NodeIndex node) = delete;
Place item_of(const Place&& up, std::uint32_t index, NodeIndex node) = delete;

inline bool is_one_of(std::string_view value, std::initializer_list<std::string_view> values) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

// Values as Go has them: null and what is absent or of another type is the zero value.
std::string_view text_of(const Document& document KUBEGATE_LIFETIME_BOUND, NodeIndex node);
bool flag_of(const Document& document, NodeIndex node);
bool is_set(const Document& document, NodeIndex node);             // written, and not null
std::uint32_t count_of(const Document& document, NodeIndex node);  // pairs or items; 0 for scalars

// The keywords of a schema: JSONSchemaProps.
#define KUBEGATE_SCHEMA_KEYWORDS(X)                                                                                  \
  X(kRef, "$ref")                                                                                                    \
  X(kSchema, "$schema") X(kAdditionalItems, "additionalItems") X(kAdditionalProperties, "additionalProperties")      \
      X(kAllOf, "allOf") X(kAnyOf, "anyOf") X(kDefault, "default") X(kDefinitions, "definitions")                    \
          X(kDependencies, "dependencies") X(kDescription, "description") X(kEnum, "enum") X(kExample, "example")    \
              X(kExclusiveMaximum, "exclusiveMaximum") X(kExclusiveMinimum, "exclusiveMinimum")                      \
                  X(kExternalDocs, "externalDocs") X(kFormat, "format") X(kId, "id") X(kItems, "items")              \
                      X(kMaxItems, "maxItems") X(kMaxLength, "maxLength") X(kMaxProperties, "maxProperties")         \
                          X(kMaximum, "maximum") X(kMinItems, "minItems") X(kMinLength, "minLength")                 \
                              X(kMinProperties, "minProperties") X(kMinimum, "minimum") X(kMultipleOf, "multipleOf") \
                                  X(kNot, "not") X(kNullable, "nullable") X(kOneOf, "oneOf") X(kPattern, "pattern")  \
                                      X(kPatternProperties, "patternProperties") X(kProperties, "properties")        \
                                          X(kRequired, "required") X(kTitle, "title") X(kType, "type")               \
                                              X(kUniqueItems, "uniqueItems")                                         \
                                                  X(kEmbeddedResource, "x-kubernetes-embedded-resource")             \
                                                      X(kIntOrString, "x-kubernetes-int-or-string")                  \
                                                          X(kListMapKeys, "x-kubernetes-list-map-keys")              \
                                                              X(kListType, "x-kubernetes-list-type")                 \
                                                                  X(kMapType, "x-kubernetes-map-type")               \
                                                                      X(kPreserveUnknownFields,                      \
                                                                        "x-kubernetes-preserve-unknown-fields")      \
                                                                          X(kValidations, "x-kubernetes-validations")

enum class Keyword : std::uint8_t {
#define KUBEGATE_KEYWORD_NAME(name, text) name,
  KUBEGATE_SCHEMA_KEYWORDS(KUBEGATE_KEYWORD_NAME)
#undef KUBEGATE_KEYWORD_NAME
};

inline constexpr std::string_view kKeywordTexts[] = {
#define KUBEGATE_KEYWORD_TEXT(name, text) text,
    KUBEGATE_SCHEMA_KEYWORDS(KUBEGATE_KEYWORD_TEXT)
#undef KUBEGATE_KEYWORD_TEXT
};
inline constexpr std::size_t kKeywordCount = std::size(kKeywordTexts);

// The values of one schema by keyword, gathered in one pass. Of a node that is no mapping: a schema that says nothing.
class Schema {
 public:
  Schema(const Document& document, NodeIndex node);

  // kNoNode where the keyword is not written or null.
  NodeIndex operator[](Keyword keyword) const { return values_[static_cast<std::size_t>(keyword)]; }
  bool has(Keyword keyword) const { return (*this)[keyword] != kNoNode; }
  std::string_view text(Keyword keyword) const { return text_of(document_, (*this)[keyword]); }
  bool flag(Keyword keyword) const { return flag_of(document_, (*this)[keyword]); }
  std::uint32_t count(Keyword keyword) const { return count_of(document_, (*this)[keyword]); }
  // Neither absent nor false, "", [] or {}.
  bool says(Keyword keyword) const;
  // The node of a property's schema; kNoNode when there is none.
  NodeIndex property(std::string_view name) const;
  // The schema of all items, or of all other values; kNoNode where it is absent or no schema.
  NodeIndex items() const { return schema_at(Keyword::kItems); }
  NodeIndex additional() const { return schema_at(Keyword::kAdditionalProperties); }

 private:
  NodeIndex schema_at(Keyword keyword) const;

  const Document& document_;
  std::array<NodeIndex, kKeywordCount> values_;
};

inline Place keyword_of(const Place& up, const Schema& schema, Keyword keyword) {
  return {&up, Place::Step::kField, kKeywordTexts[static_cast<std::size_t>(keyword)], 0, schema[keyword]};
}
Place keyword_of(const Place&& up, const Schema& schema, Keyword keyword) = delete;

// Where findings go.
class Report {
 public:
  Report(const Document& document, std::string_view pointer, TargetMask targets, std::vector<Finding>& out)
      : document_(document), pointer_(pointer), targets_(targets), out_(out) {}

  const Document& document() const { return document_; }

  // What a finding shows: the value (of a mapping, a list and null: its key; of what is not written: the key of what
  // would hold it), or the key of what may not be there at all.
  enum class Show : std::uint8_t { kValue, kKey };

  void error(const char* rule, const Place& at, std::string message, Show show = Show::kValue) {
    add(rule, at, at, show, std::move(message));
  }
  // The server names `field` where the fault is at `at`.
  void error_as(const char* rule, const Place& field, const Place& at, std::string message, Show show = Show::kValue) {
    add(rule, field, at, show, std::move(message));
  }
  void warning(const char* rule, const Place& at, std::string message);

  int errors() const { return errors_; }

 private:
  void add(const char* rule, const Place& field, const Place& at, Show show, std::string message);
  Span span_of(const Place& at, Show show) const;

  const Document& document_;
  const std::string_view pointer_;
  const TargetMask targets_;
  std::vector<Finding>& out_;
  int errors_ = 0;
};

// The schema at `at` as a noun: property "ports", the items of property "ports", the schema of version v1.
std::string subject(const Document& document, const Place& at);

// ---- The parts. `at` is the schema of a version. ------------------------------------------------------------------

// ValidateStructural of pkg/apiserver/schema (crd_structural.cc).
void check_structural(const Place& at, Report& report);

// ValidateCustomResourceDefinitionOpenAPISchema (crd_keywords.cc).
void check_keywords(const Place& at, Report& report);

// ValidateDefaults of pkg/apiserver/schema/defaulting (crd_defaults.cc). `crd` is the definition.
void check_defaults(const Place& at, NodeIndex crd, std::string_view version, Report& report);

// What a path such as .spec.name or .spec['a b'] leads to: ValidFieldPath of pkg/apiserver/schema/cel (crd_paths.cc).
struct FieldPath {
  std::string fault;  // what is wrong with it; "" when it leads somewhere
  std::vector<std::string> steps;
  NodeIndex schema = kNoNode;  // of what it leads to; kNoNode: a value of any kind
};
FieldPath follow_path(const Document& document, NodeIndex schema, std::string_view path, bool brackets);

}  // namespace kubegate::schema::crd
