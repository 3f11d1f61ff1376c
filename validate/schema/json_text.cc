#include "validate/schema/json_text.h"

#include <charconv>

namespace kubegate::schema {
namespace {

using document::Document;
using document::Kind;
using document::Node;
using document::NodeIndex;

template <class Number>
void append_number(std::string& out, Number value) {
  char buffer[32];
  out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
}

void append_value(std::string& out, const Document& document, NodeIndex i) {
  const Node& node = document[i];
  switch (node.kind) {
    case Kind::kNull: out += "null"; return;
    case Kind::kBool: out += node.boolean ? "true" : "false"; return;
    case Kind::kInt: return append_number(out, node.integer);
    case Kind::kFloat: return append_number(out, node.number);
    case Kind::kString: return append_json_string(out, document.text(i));
    case Kind::kMap:
    case Kind::kSequence: break;
  }
  const bool map = node.kind == Kind::kMap;
  out += map ? '{' : '[';
  for (NodeIndex child = i + 1; child < node.children.end; child = document.next(child)) {
    if (child != i + 1) out += ',';
    if (map) {
      append_json_string(out, document.text(child++));
      out += ':';
    }
    append_value(out, document, child);
  }
  out += map ? '}' : ']';
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7f) {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

std::string json_text(const Document& document, NodeIndex node) {
  std::string out;
  append_value(out, document, node);
  return out;
}

}  // namespace kubegate::schema
