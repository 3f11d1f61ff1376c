// Texts are written as JSON's strings, which YAML reads as they are, so one way of quoting serves both forms.
//
// Tested in tests/validate/config/known_test.cc.
#include "validate/config/known.h"

#include <cstdio>

#include "validate/document/position.h"
#include "validate/document/read.h"

namespace kubegate::config {

namespace {

using document::Document;
using document::Kind;
using document::kNoNode;
using document::NodeIndex;

constexpr struct {
  std::string_view name;
  std::string KnownFinding::*member;
} kFields[] = {
    {"fingerprint", &KnownFinding::fingerprint}, {"rule", &KnownFinding::rule},       {"path", &KnownFinding::path},
    {"object", &KnownFinding::object},           {"message", &KnownFinding::message}, {"reason", &KnownFinding::reason},
};

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04x", byte);
      out += escaped;
    } else {
      out += c;
    }
  }
  return out + '"';
}

Error error_at(const Document& document, const std::string& file, std::uint32_t offset, std::string message) {
  const document::Position at = document::position_of(document, offset);
  return {ErrorCode::kData, file + ":" + std::to_string(at.line) + ":" + std::to_string(at.column), std::move(message)};
}

}  // namespace

Result<std::vector<KnownFinding>> parse_known(std::string_view text, const std::string& file) {
  std::vector<KnownFinding> entries;
  Document document;
  const document::Syntax syntax = document::syntax_of(file);
  const auto slices = document::split(text, syntax);
  if (slices.empty()) return entries;
  document::read(slices.front(), syntax, {}, document);
  if (!document.faults().empty()) {
    return error_at(document, file, document.faults().front().span.begin, document.faults().front().message);
  }
  if (document.empty() || document[0].kind == Kind::kNull) return entries;
  if (slices.size() > 1) return Error{ErrorCode::kData, file, "a list of known findings is one document"};
  if (document[0].kind != Kind::kSequence) {
    return error_at(document, file, document[0].begin, "a list of known findings must be a list");
  }
  document::PositionScan positions(document);
  for (NodeIndex item = 1; item < document[0].children.end; item = document.next(item)) {
    KnownFinding entry;
    const document::Position at = positions.at(document[item].begin);
    entry.line = at.line;
    entry.column = at.column;
    for (const auto& field : kFields) {
      const NodeIndex value = document.find(item, field.name);
      if (value == kNoNode) continue;
      if (document[value].kind != Kind::kString) {
        return error_at(document, file, document[value].begin, std::string(field.name) + " must be a text");
      }
      entry.*field.member = document.text(value);
    }
    if (entry.fingerprint.empty()) {
      return error_at(document, file, document[item].begin, "a known finding needs its fingerprint");
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

std::string print_known(const std::vector<KnownFinding>& entries, const std::string& file) {
  const bool json = document::syntax_of(file) == document::Syntax::kJson;
  if (entries.empty()) return "[]\n";
  std::string text = json ? "[" : "";
  for (const KnownFinding& entry : entries) {
    if (json) text += &entry == &entries.front() ? "\n  {" : ",\n  {";
    bool first = true;
    for (const auto& field : kFields) {
      const std::string& value = entry.*field.member;
      if (value.empty()) continue;
      if (json) {
        text += (first ? "" : ", ") + quoted(field.name) + ": " + quoted(value);
      } else {
        text += (first ? "- " : "  ") + std::string(field.name) + ": " + quoted(value) + "\n";
      }
      first = false;
    }
    if (json) text += "}";
  }
  return json ? text + "\n]\n" : text;
}

}  // namespace kubegate::config
