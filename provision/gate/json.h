// JSON as the gate reads it: a document of validate/document, by names and without copies.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "validate/document/document.h"

namespace kubegate::gate {

// One value, or none: asking none for a member or a text gives none, so that a path needs one check at its end. A view of
// its JsonDocument.
class JsonNode {
 public:
  JsonNode() = default;
  JsonNode(const document::Document& document, document::NodeIndex node) : document_(&document), node_(node) {}

  explicit operator bool() const { return document_ != nullptr; }
  bool is_array() const { return is(document::Kind::kSequence); }
  bool is_object() const { return is(document::Kind::kMap); }

  JsonNode operator[](std::string_view member) const;
  std::optional<std::string_view> text() const;
  std::optional<bool> boolean() const;
  std::vector<JsonNode> items() const;                                 // of an array
  std::vector<std::pair<std::string_view, JsonNode>> members() const;  // of an object, in their order

 private:
  bool is(document::Kind kind) const { return document_ != nullptr && (*document_)[node_].kind == kind; }

  const document::Document* document_ = nullptr;
  document::NodeIndex node_ = 0;
};

// Reads one JSON value with the bounds of manifests; a member that comes twice is a fault. `json` outlives it.
class JsonDocument {
 public:
  explicit JsonDocument(std::string_view json);
  JsonDocument(const JsonDocument&) = delete;
  JsonDocument& operator=(const JsonDocument&) = delete;

  // Why it cannot be read: "line 1, column 7: …". Empty when it was.
  const std::string& fault() const { return fault_; }
  JsonNode root() const { return document_.empty() ? JsonNode() : JsonNode(document_, 0); }

 private:
  document::Document document_;
  std::string fault_;
};

}  // namespace kubegate::gate
