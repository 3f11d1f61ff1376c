// JSON texts as json.unmarshal takes them.
#pragma once

#include <string>
#include <string_view>

#include "policy/rego/builtin.h"

namespace kubegate::rego {

// util.UnmarshalJSON: one value with nothing behind it; false with its message in `error`.
bool unmarshal_json(ValueArena& arena, std::string_view json, Value& out, std::string& error);

}  // namespace kubegate::rego
