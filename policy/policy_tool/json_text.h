// JSON as it is put together, and what it is printed as.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace kubegate::policy_tool {

// JSON without any white space, part by part.
class JsonText {
 public:
  void open(char bracket);
  void close(char bracket);
  void key(std::string_view name);
  // A value that is JSON already.
  void raw(std::string_view json);
  void text(std::string_view value);
  void member(std::string_view name, std::string_view value);
  std::string take() { return std::move(text_); }

 private:
  void separate();

  std::string text_;
  bool first_ = true;
};

// JSON without white space, spread over lines with `width` blanks a level, as Go's json.Indent does.
std::string indented_json(std::string_view json, std::size_t width);

// The same value as YAML, keys in order.
std::string yaml_of_json(const std::string& json);

}  // namespace kubegate::policy_tool
