// Changed values: a value is immutable, so a change makes anew the containers on its path and shares all else, which
// then still points at the bytes that it came from.
#pragma once

#include <cstdint>
#include <string_view>

#include "policy/value/arena.h"
#include "policy/value/value.h"

namespace kubegate::gatekeeper {

// `object` with `value` under `key`, whose text outlives the result; `object` itself where that changes nothing.
policy::Value with_member(policy::ValueArena& arena, policy::Value object, std::string_view key, policy::Value value);
policy::Value without_member(policy::ValueArena& arena, policy::Value object, std::string_view key);

// `array` with another item i; with i == count(array) behind the last one.
policy::Value with_item(policy::ValueArena& arena, policy::Value array, std::uint32_t i, policy::Value value);

// Whether two values are one: the same container, or equal scalars. Never deep.
bool identical(policy::Value a, policy::Value b);

// Whether two values are equal: as policy::equal, but what they share is not looked into.
bool unchanged(policy::Value a, policy::Value b);

}  // namespace kubegate::gatekeeper
