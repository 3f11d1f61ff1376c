// Value: what the templates of ApplicationSets compute with, as Go's templates see it.
//
// Parameters come from YAML and JSON through Go's encoding/json, so every number among them is a float64; whole numbers
// (kInt) come from the templates' own literals and functions alone. Lists are shared and never change; mappings are
// shared and do (sprig's `set`), as Go's maps.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "validate/document/document.h"

namespace kubegate::gitops {

class Value;
using List = std::vector<Value>;
using Mapping = std::map<std::string, Value, std::less<>>;

class Value {
 public:
  Value() = default;  // Go's nil: nothing, or null
  static Value boolean(bool value) { return Value(Held(value)); }
  static Value integer(std::int64_t value) { return Value(Held(value)); }
  static Value number(double value) { return Value(Held(value)); }
  static Value text(std::string value) { return Value(Held(std::move(value))); }
  static Value list(List items) { return Value(Held(std::make_shared<const List>(std::move(items)))); }
  static Value map(Mapping members = {}) { return Value(Held(std::make_shared<Mapping>(std::move(members)))); }

  bool is_nil() const { return held_.index() == 0; }
  const bool* as_bool() const { return std::get_if<bool>(&held_); }
  const std::int64_t* as_int() const { return std::get_if<std::int64_t>(&held_); }
  const double* as_float() const { return std::get_if<double>(&held_); }
  const std::string* as_text() const { return std::get_if<std::string>(&held_); }
  const List* as_list() const;
  // Shared: what is set in it, all who hold it see.
  Mapping* as_map() const;

  // The member of a mapping; null where this is none, or has none of the name.
  const Value* find(std::string_view name) const;
  // The text of a member; "" where there is none.
  std::string text_at(std::string_view name) const;

 private:
  using Held = std::variant<std::monostate, bool, std::int64_t, double, std::string, std::shared_ptr<const List>,
                            std::shared_ptr<Mapping>>;
  explicit Value(Held held) : held_(std::move(held)) {}
  Held held_;
};

// Deeper values are cut off: what a template computes may be as deep as it likes.
inline constexpr int kMaxValueDepth = 200;
// And what is printed of one ends here, bytes.
inline constexpr std::size_t kMaxPrinted = std::size_t{1} << 20;

// The value of a node.
Value value_of(const document::Document& document, document::NodeIndex node, int depth = 0);
// The first document of a YAML text, or a message of what is wrong with it in `error`.
Value parse_yaml(std::string_view text, std::string& error);

// As fmt.Sprint prints it (%v); nil as `<nil>`.
std::string printed(const Value& value);
// As encoding/json writes it; `indent` "" is one line.
std::string json_of(const Value& value, std::string_view indent = "");
// Block YAML with sorted keys and without a line break at the end.
std::string yaml_of(const Value& value);

// Go's kind of it: "string", "float64", "map", "slice", "invalid".
std::string_view kind_name(const Value& value);
// Whether sprig's `empty` and the templates' `if` take it for nothing.
bool is_empty(const Value& value);
bool deep_equal(const Value& a, const Value& b, int depth = 0);

// `with` laid over `base`: members of mappings one by one, all else replaced (mergo.Merge with override). Where not
// `override`, what `base` has and is not empty stays.
Value merged(const Value& base, const Value& with, bool override, int depth = 0);

}  // namespace kubegate::gitops
