#include "policy/policy_tool/json_text.h"

#include "policy/gatekeeper/review.h"
#include "policy/rego/builtin.h"
#include "policy/rego_tool/present.h"
#include "policy/value/arena.h"
#include "policy/value/value.h"

namespace kubegate::policy_tool {

void JsonText::open(char bracket) {
  separate();
  text_ += bracket;
  first_ = true;
}

void JsonText::close(char bracket) {
  text_ += bracket;
  first_ = false;
}

void JsonText::key(std::string_view name) {
  separate();
  text_ += rego_tool::json_text(name) + ":";
  first_ = true;
}

void JsonText::raw(std::string_view json) {
  separate();
  text_ += json;
}

void JsonText::text(std::string_view value) { raw(rego_tool::json_text(value)); }

void JsonText::member(std::string_view name, std::string_view value) {
  key(name);
  text(value);
}

void JsonText::separate() {
  if (!first_) text_ += ',';
  first_ = false;
}

std::string indented_json(std::string_view json, std::size_t width) {
  std::string out;
  std::size_t depth = 0;
  const auto line = [&] { out.append(1, '\n').append(width * depth, ' '); };
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (c == '"') {
      std::size_t end = i + 1;
      while (json[end] != '"') end += json[end] == '\\' ? 2 : 1;
      out += json.substr(i, end + 1 - i);
      i = end;
    } else if (c == '{' || c == '[') {
      out += c;
      if (json[i + 1] == '}' || json[i + 1] == ']') {
        out += json[++i];
      } else {
        ++depth;
        line();
      }
    } else if (c == '}' || c == ']') {
      --depth;
      line();
      out += c;
    } else if (c == ',') {
      out += c;
      line();
    } else {
      out += c;
      if (c == ':') out += ' ';
    }
  }
  return out;
}

std::string yaml_of_json(const std::string& json) {
  policy::ValueArena arena;
  policy::Value value;
  std::string error;
  if (!policy::parse_json(arena, json, value, error)) return {};
  rego::BuiltinContext context(arena);
  const policy::Value text = rego::call_builtin(*rego::find_builtin("yaml.marshal"), context, {&value, 1});
  return std::string(gatekeeper::text_of(text));
}

}  // namespace kubegate::policy_tool
