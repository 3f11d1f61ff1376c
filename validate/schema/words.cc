#include "validate/schema/words.h"

#include <charconv>

#include "validate/schema/format.h"

namespace kubegate::schema {

using document::Document;
using document::Kind;
using document::Node;
using document::NodeIndex;
using document::Style;

std::string quote(std::string_view text) {
  constexpr std::size_t kLongest = 80;
  std::string out = "\"";
  std::size_t shown = text.size();
  if (shown > kLongest) {
    shown = kLongest;
    while (shown > 0 && (static_cast<unsigned char>(text[shown]) & 0xc0) == 0x80) --shown;  // not inside a character
  }
  for (char c : text.substr(0, shown)) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
          constexpr char kHex[] = "0123456789abcdef";
          out += "\\x";
          out += kHex[static_cast<unsigned char>(c) >> 4];
          out += kHex[c & 15];
        } else {
          out += c;
        }
    }
  }
  if (shown < text.size()) out += "…";
  return out + "\"";
}

namespace {

std::string number_text(const Node& node) {
  char buffer[32];
  const auto result = node.kind == Kind::kInt ? std::to_chars(buffer, buffer + sizeof buffer, node.integer)
                                              : std::to_chars(buffer, buffer + sizeof buffer, node.number);
  return std::string(buffer, result.ptr);
}

}  // namespace

std::string describe_value(const Document& document, NodeIndex index) {
  const Node& node = document[index];
  switch (node.kind) {
    case Kind::kNull: return "null";
    case Kind::kBool: return node.boolean ? "the boolean true" : "the boolean false";
    case Kind::kInt:
    case Kind::kFloat: return "the number " + number_text(node);
    case Kind::kString: return "the string " + quote(document.text(index));
    case Kind::kMap: return "a mapping";
    case Kind::kSequence: return "a list";
  }
  return {};
}

std::string describe_type(const Shape& shape) {
  switch (shape.type) {
    case Type::kAny: return "any value";
    case Type::kObject: return "a mapping";
    case Type::kArray: return "a list";
    case Type::kString: {
      const std::string_view format = describe_format(shape.format);
      return format.empty() ? "a string" : std::string(format);
    }
    case Type::kInteger: {
      const std::string_view format = describe_format(shape.format);
      return format.empty() ? "a whole number" : std::string(format);
    }
    case Type::kNumber: return "a number";
    case Type::kBoolean: return "true or false";
    case Type::kIntOrString: return "a whole number or a string";
    case Type::kQuantity: return "a quantity such as 100m or 1.5Gi";
    case Type::kReference: break;
  }
  return {};
}

std::string hint_for_type(const Document& document, NodeIndex index, const Shape& shape) {
  const Node& node = document[index];
  const std::string_view written = document.source().substr(node.begin, node.length);
  const bool plain = node.style == Style::kPlain;
  if (shape.type == Type::kString && plain && (node.kind == Kind::kInt || node.kind == Kind::kFloat)) {
    const std::string value = number_text(node);
    if (value != written) return "YAML reads " + std::string(written) + " as " + value + ": put it in quotes";
    return "put it in quotes";
  }
  if (shape.type == Type::kString && plain && node.kind == Kind::kBool) {
    if (written != "true" && written != "false") {
      return "YAML reads " + std::string(written) + " as " + (node.boolean ? "true" : "false") + ": put it in quotes";
    }
    return "put it in quotes";
  }
  if (node.kind != Kind::kString || plain) return {};
  // A quoted scalar where the bare one would do.
  const std::string_view text = document.text(index);
  if (shape.type == Type::kBoolean && (text == "true" || text == "false")) return "remove the quotes";
  if (shape.type == Type::kInteger || shape.type == Type::kNumber) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc() && end == text.data() + text.size()) return "remove the quotes";
  }
  return {};
}

}  // namespace kubegate::schema
