// Paths into a schema, as rules (fieldPath) and selectable fields write them: `.spec.name`, `['a.b'].c`.
//
// They name fields and map keys, never items. A step into an object with properties must be one of them; below
// additionalProperties anything goes. As on the server, '.' and '[' are what separates, and a quoted key is read whole.
// Tested in tests/validate/schema/crd_test.cc.

#include "validate/schema/crd_schema.h"
#include "validate/schema/words.h"

namespace kubegate::schema::crd {
namespace {

// The next of '.', '[', ']', a quoted key with its quotes, or the text up to one of them; "" at the end.
std::string_view next_token(std::string_view& rest) {
  std::size_t length = 0;
  if (!rest.empty() && rest.front() == '\'') {
    for (length = 1; length < rest.size() && !(rest[length] == '\'' && rest[length - 1] != '\\');) ++length;
    length = std::min(length + 1, rest.size());
  } else {
    length = rest.find_first_of(".[]");
    if (length == 0) length = 1;
    length = std::min(length, rest.size());
  }
  const std::string_view token = rest.substr(0, length);
  rest.remove_prefix(length);
  return token;
}

// A key without its quotes and escapes; false for an escape that does not exist (unescapeSingleQuote).
bool unquote(std::string_view token, std::string& out) {
  constexpr std::string_view kEscapes = "abfnrtv'\\";
  constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v'\\";
  token = token.substr(1, token.size() - 2);
  for (std::size_t i = 0; i < token.size(); ++i) {
    if (token[i] != '\\') {
      out += token[i];
      continue;
    }
    const std::size_t at = ++i < token.size() ? kEscapes.find(token[i]) : std::string_view::npos;
    if (at == std::string_view::npos) return false;
    out += kMeanings[at];
  }
  return true;
}

}  // namespace

FieldPath follow_path(const Document& document, NodeIndex root, std::string_view path, bool brackets) {
  FieldPath result;
  result.schema = root;
  const auto fail = [&](std::string why) {
    result.fault = std::move(why);
    return result;
  };
  for (std::string_view rest = path; !rest.empty();) {
    const std::string_view separator = next_token(rest);
    if (separator != "." && separator != "[") return fail("expected '.' or '[' before " + quote(separator));
    if (separator == "[" && !brackets) return fail("keys in brackets are not allowed here");
    const std::string_view token = next_token(rest);
    if (token.empty()) return fail("it ends where a name is expected");
    std::string name;
    if (separator == "[") {
      if (token.size() < 2 || token.front() != '\'' || token.back() != '\'') {
        return fail("expected a key in single quotes");
      }
      if (!unquote(token, name)) return fail("unknown escape in " + quote(token));
      if (next_token(rest) != "]") return fail("expected ']' behind " + quote(token));
    } else {
      name = token;
    }
    const Schema schema(document, result.schema);
    if (schema.count(Keyword::kProperties) != 0) {
      result.schema = schema.property(name);
      if (result.schema == kNoNode) return fail("there is no field " + quote(name));
    } else if (schema.has(Keyword::kAdditionalProperties)) {
      result.schema = schema.additional();
    } else {
      return fail("there is no field " + quote(name));
    }
    result.steps.push_back(std::move(name));
  }
  return result;
}

}  // namespace kubegate::schema::crd
