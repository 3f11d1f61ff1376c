// The attributes of a line in a bundle's text: names, order and kinds of value, in one place for printer and parser.
//
// A visitor has a member for each kind of value; it is called for every attribute in the canonical order:
//
//   flag(name, bool&)                    the name alone
//   word(name, std::string&)             a bare name, or a JSON string where the name rules ask for one; "" is absent
//   text(name, std::string&)             always a JSON string; "" is absent
//   json(name, std::string&)             any JSON value, kept as its text; "" is absent
//   names(name, vector<std::string>&)    words with commas between them
//   values(name, vector<std::string>&)   JSON values with commas between them
//   number(name, optional<double>&)
//   count(name, optional<int64_t>&)
//   list(name, optional<ListType>&)
#pragma once

#include "validate/schema/model.h"

namespace kubegate::schema::bundle_text {

// F is Facts or const Facts.
template <class F, class Visitor>
void visit_attributes(F& facts, Visitor&& visitor) {
  visitor.word("format", facts.format);
  visitor.flag("nullable", facts.nullable);
  visitor.flag("preserveUnknown", facts.preserve_unknown_fields);
  visitor.flag("embedded", facts.embedded_resource);
  visitor.list("list", facts.list_type);
  visitor.names("keys", facts.list_map_keys);
  visitor.names("required", facts.required);
  visitor.values("enum", facts.enumeration);
  visitor.text("pattern", facts.pattern);
  visitor.number("min", facts.minimum);
  visitor.number("max", facts.maximum);
  visitor.flag("exclusiveMin", facts.exclusive_minimum);
  visitor.flag("exclusiveMax", facts.exclusive_maximum);
  visitor.number("multipleOf", facts.multiple_of);
  visitor.count("minLength", facts.min_length);
  visitor.count("maxLength", facts.max_length);
  visitor.count("minItems", facts.min_items);
  visitor.count("maxItems", facts.max_items);
  visitor.count("minProperties", facts.min_properties);
  visitor.count("maxProperties", facts.max_properties);
  visitor.flag("uniqueItems", facts.unique_items);
  visitor.json("default", facts.default_value);
  visitor.flag("closed", facts.forbid_additional);
}

// R is Rule or const Rule; the expression stands before the attributes.
template <class R, class Visitor>
void visit_rule_attributes(R& rule, Visitor&& visitor) {
  visitor.text("message", rule.message);
  visitor.text("messageExpression", rule.message_expression);
  visitor.word("reason", rule.reason);
  visitor.text("fieldPath", rule.field_path);
  visitor.flag("optionalOldSelf", rule.optional_old_self);
}

inline constexpr const char* kTypeNames[] = {"any",    "object",  "array",         "string",  "integer",
                                             "number", "boolean", "int-or-string", "quantity"};
inline constexpr const char* kListTypeNames[] = {"set", "map"};

// Of a bare name; anything else is written as a JSON string.
inline bool is_name_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
         c == '.' || c == '/' || c == '-';
}

inline bool is_version_byte(char c) { return (is_name_byte(c) && c != '$' && c != '/') || c == '+'; }

}  // namespace kubegate::schema::bundle_text
