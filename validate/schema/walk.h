// What check.cc and explain.cc agree on: questions about one node and one shape that both walks ask.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "validate/document/document.h"
#include "validate/schema/table.h"

namespace kubegate::schema {

using document::Document;
using document::Node;
using document::NodeIndex;

// The metadata of custom resources is checked with the native ObjectMeta, which stands in another table.
struct MetaProgram {
  const Table* table = nullptr;
  Index shape = 0;
  VersionMask versions = 0;
};

// Whether the value has the shape's type and format. null is the caller's to judge.
bool check_scalar_type(const Document& document, NodeIndex node, const Shape& shape);

// The bounds, pattern and enumeration of the shape's facts on a value of the right type; value checks (allOf …) not
// included. What fails first, as a FactsRecord bit; kEnum for the enumeration; 0 when all hold.
inline constexpr std::uint32_t kEnum = 1u << 31;
std::uint32_t check_bounds(const Table& table, const Document& document, NodeIndex node, const Shape& shape);

// The fields that the server counts in a mapping: nulls that it drops are out, defaults that it fills in are in.
std::int64_t count_fields(const Table& table, const Document& document, NodeIndex map, const Shape& shape);

// Whether the value equals the JSON text (objects by keys in any order, numbers by value).
bool equals_json(const Document& document, NodeIndex node, std::string_view json);

// Whether two values of one document are equal, as the server compares items of a set.
bool equal_values(const Document& document, NodeIndex a, NodeIndex b);

// An item of a list set or list map that repeats an earlier one, by their places in the list.
struct DuplicateItem {
  NodeIndex item;
  std::uint32_t index;
  std::uint32_t earlier;
};

// Whether an item repeats an earlier one. With `all`, every such item is appended to it; without, the first ends the
// search. A key that an item lacks counts as the default of its schema. Up to 16 items allocate nothing.
bool find_duplicate_items(const Table& table, const Document& document, NodeIndex list, const Shape& shape,
                          std::vector<DuplicateItem>* all);

// The number of characters (code points) of UTF-8 text.
std::int64_t count_characters(std::string_view text);

}  // namespace kubegate::schema
