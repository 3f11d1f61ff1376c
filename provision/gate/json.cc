#include "provision/gate/json.h"

#include "validate/document/position.h"
#include "validate/document/read.h"

namespace kubegate::gate {

using document::Kind;
using document::NodeIndex;

JsonNode JsonNode::operator[](std::string_view member) const {
  if (!is_object()) return {};
  const NodeIndex value = document_->find(node_, member);
  return value == document::kNoNode ? JsonNode() : JsonNode(*document_, value);
}

std::optional<std::string_view> JsonNode::text() const {
  if (!is(Kind::kString)) return std::nullopt;
  return document_->text(node_);
}

std::optional<bool> JsonNode::boolean() const {
  if (!is(Kind::kBool)) return std::nullopt;
  return (*document_)[node_].boolean;
}

std::vector<JsonNode> JsonNode::items() const {
  std::vector<JsonNode> out;
  if (!is_array()) return out;
  const NodeIndex end = (*document_)[node_].children.end;
  for (NodeIndex item = node_ + 1; item < end; item = document_->next(item)) out.emplace_back(*document_, item);
  return out;
}

std::vector<std::pair<std::string_view, JsonNode>> JsonNode::members() const {
  std::vector<std::pair<std::string_view, JsonNode>> out;
  if (!is_object()) return out;
  const NodeIndex end = (*document_)[node_].children.end;
  for (NodeIndex key = node_ + 1; key < end; key = document_->next(key + 1)) {
    out.emplace_back(document_->text(key), JsonNode(*document_, key + 1));
  }
  return out;
}

JsonDocument::JsonDocument(std::string_view json) {
  const std::vector<document::Slice> slices = document::split(json, document::Syntax::kJson);
  if (slices.size() != 1) {
    fault_ = slices.empty() ? "it is empty" : "there is more than one JSON value";
    return;
  }
  document::read(slices[0], document::Syntax::kJson, document::Limits{}, document_);
  for (const Finding& finding : document_.faults()) {
    const document::Position at = document::position_of(document_, finding.span.begin);
    fault_ = "line " + std::to_string(at.line) + ", column " + std::to_string(at.column) + ": " + finding.message;
    return;
  }
}

}  // namespace kubegate::gate
