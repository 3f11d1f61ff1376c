// Reading declared types: a recursive descent over OPA's notation of types, on texts of the table alone.
#include "policy/rego/builtin.h"

namespace kubegate::rego {
namespace {

class TypeReader {
 public:
  explicit TypeReader(std::string_view text) : text_(text) {}

  DeclaredType read() {
    DeclaredType type;
    const std::string_view word = name();
    if (word == "array") {
      type.kind = DeclaredType::Kind::kArray;
    } else if (word == "object") {
      type.kind = DeclaredType::Kind::kObject;
    } else if (word == "set") {
      type.kind = DeclaredType::Kind::kSet;
    } else if (word == "null") {
      type.kind = DeclaredType::Kind::kNull;
    } else if (word == "boolean") {
      type.kind = DeclaredType::Kind::kBoolean;
    } else if (word == "number") {
      type.kind = DeclaredType::Kind::kNumber;
    } else if (word == "string") {
      type.kind = DeclaredType::Kind::kString;
    }
    if (take("<")) {
      do {
        if (type.kind == DeclaredType::Kind::kObject) {
          type.keys.emplace_back(name());
          take(": ");
        }
        type.parts.push_back(read());
      } while (take(", "));
      take(">");
    }
    if (take("[")) {
      type.dynamic.push_back(read());
      if (take(": ")) type.dynamic.push_back(read());
      take("]");
    }
    return type;
  }

  bool take(std::string_view token) {
    if (text_.substr(0, token.size()) != token) return false;
    text_.remove_prefix(token.size());
    return true;
  }
  bool done() const { return text_.empty(); }

 private:
  std::string_view name() {
    std::size_t n = 0;
    while (n < text_.size() && text_[n] >= 'a' && text_[n] <= 'z') ++n;
    const std::string_view word = text_.substr(0, n);
    text_.remove_prefix(n);
    return word;
  }

  std::string_view text_;
};

}  // namespace

DeclaredType parse_type(std::string_view text) { return TypeReader(text).read(); }

std::vector<DeclaredType> argument_types(const BuiltinDeclaration& builtin) {
  std::vector<DeclaredType> types;
  TypeReader reader(builtin.args);
  while (!reader.done()) {
    types.push_back(reader.read());
    reader.take("; ");
  }
  return types;
}

DeclaredType result_type(const BuiltinDeclaration& builtin) {
  if (!builtin.result.empty()) return parse_type(builtin.result);
  DeclaredType nothing;
  nothing.kind = DeclaredType::Kind::kNull;
  return nothing;
}

}  // namespace kubegate::rego
