#include "validate/schema/crd_schema.h"

#include <algorithm>

#include "validate/document/path.h"
#include "validate/schema/words.h"

namespace kubegate::schema::crd {

static_assert(std::is_sorted(std::begin(kKeywordTexts), std::end(kKeywordTexts)));

Place member(const Document& document, const Place& up, std::string_view name) {
  return field_of(up, name, up.node == kNoNode ? kNoNode : document.find(up.node, name));
}

std::string_view text_of(const Document& document, NodeIndex node) {
  return node != kNoNode && document[node].kind == Kind::kString ? document.text(node) : std::string_view{};
}

bool flag_of(const Document& document, NodeIndex node) {
  return node != kNoNode && document[node].kind == Kind::kBool && document[node].boolean;
}

bool is_set(const Document& document, NodeIndex node) { return node != kNoNode && document[node].kind != Kind::kNull; }

std::uint32_t count_of(const Document& document, NodeIndex node) {
  return node != kNoNode && document[node].is_collection() ? document[node].children.count : 0;
}

Schema::Schema(const Document& document, NodeIndex node) : document_(document) {
  values_.fill(kNoNode);
  each_pair(document, node, [&](std::string_view key, NodeIndex value) {
    const auto* at = std::lower_bound(std::begin(kKeywordTexts), std::end(kKeywordTexts), key);
    if (at == std::end(kKeywordTexts) || *at != key || document[value].kind == Kind::kNull) return;
    values_[static_cast<std::size_t>(at - std::begin(kKeywordTexts))] = value;
  });
}

bool Schema::says(Keyword keyword) const {
  const NodeIndex value = (*this)[keyword];
  if (value == kNoNode) return false;
  switch (document_[value].kind) {
    case Kind::kNull: return false;
    case Kind::kBool: return document_[value].boolean;
    case Kind::kString: return !document_.text(value).empty();
    case Kind::kMap:
    case Kind::kSequence: return document_[value].children.count != 0;
    default: return true;
  }
}

NodeIndex Schema::property(std::string_view name) const {
  const NodeIndex properties = (*this)[Keyword::kProperties];
  return properties == kNoNode ? kNoNode : document_.find(properties, name);
}

NodeIndex Schema::schema_at(Keyword keyword) const {
  const NodeIndex value = (*this)[keyword];
  return value != kNoNode && document_[value].kind == Kind::kMap ? value : kNoNode;
}

void Report::warning(const char* rule, const Place& at, std::string message) {
  add(rule, at, at, Show::kValue, std::move(message));
  out_.back().severity = Severity::kWarning;
  --errors_;
}

namespace {

void write_paths(const Place& at, std::string& field, std::string& pointer) {
  if (at.up == nullptr) return;
  write_paths(*at.up, field, pointer);
  switch (at.step) {
    case Place::Step::kField:
      if (!field.empty()) field += '.';
      field += at.name;
      document::append_pointer(pointer, at.name);
      break;
    case Place::Step::kKey:
      field += '[';
      field += at.name;
      field += ']';
      document::append_pointer(pointer, at.name);
      break;
    case Place::Step::kIndex:
      field += '[' + std::to_string(at.index) + ']';
      document::append_pointer(pointer, std::to_string(at.index));
      break;
  }
}

}  // namespace

void Report::add(const char* rule, const Place& field, const Place& at, Show show, std::string message) {
  Finding finding;
  finding.rule = rule;
  finding.message = std::move(message);
  finding.span = span_of(at, show);
  finding.pointer = pointer_;
  write_paths(at, finding.field, finding.pointer);
  if (&field != &at) {
    std::string unused;
    finding.field.clear();
    write_paths(field, finding.field, unused);
  }
  finding.targets = targets_;
  out_.push_back(std::move(finding));
  ++errors_;
}

Span Report::span_of(const Place& at, Show show) const {
  if (at.node == kNoNode) return span_of(*at.up, Show::kKey);
  const Node& value = document_[at.node];
  const bool in_map = at.up != nullptr && at.step != Place::Step::kIndex;
  if (in_map && (show == Show::kKey || value.is_collection() || value.kind == Kind::kNull)) {
    return document_[at.node - 1].span();
  }
  if (!in_map && value.kind == Kind::kMap && value.children.count != 0) return document_[at.node + 1].span();
  return value.span();
}

std::string subject(const Document& document, const Place& at) {
  if (at.up == nullptr) return "the definition";
  if (at.step == Place::Step::kKey) return "property " + quote(at.name);
  if (at.step == Place::Step::kIndex) {  // a branch: up is its keyword, above that the schema
    return std::string(at.up->name) + "[" + std::to_string(at.index) + "] of " + subject(document, *at.up->up);
  }
  if (at.name == "items") return "the items of " + subject(document, *at.up);
  if (at.name == "additionalProperties") return "the values of " + subject(document, *at.up);
  if (at.name == "openAPIV3Schema") return "the schema";
  return std::string(at.name) + " of " + subject(document, *at.up);
}

}  // namespace kubegate::schema::crd
