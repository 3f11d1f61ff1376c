// JSON and YAML texts as json.unmarshal and yaml.unmarshal take them.
#pragma once

#include <string>
#include <string_view>

#include "policy/rego/builtin.h"

namespace kubegate::rego {

// util.UnmarshalJSON: one value with nothing behind it; false with its message in `error`.
bool unmarshal_json(ValueArena& arena, std::string_view json, Value& out, std::string& error);
// The first document of the text, null of none; false with a message in `error`.
bool unmarshal_yaml(ValueArena& arena, std::string_view yaml, Value& out, std::string& error);

}  // namespace kubegate::rego
