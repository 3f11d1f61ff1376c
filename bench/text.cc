#include "bench/text.h"

#include <cstdio>
#include <cstdlib>

namespace kubegate::bench {

namespace {

bool is_name(char c) { return (c >= 'a' && c <= 'z') || c == '_'; }

// Appends the lines of `block`, each but an empty one behind `indent` spaces.
void append_indented(std::string& out, std::string_view block, std::size_t indent) {
  while (!block.empty()) {
    const std::size_t end = block.find('\n');
    const std::string_view line = block.substr(0, end);
    if (!line.empty()) out.append(indent, ' ').append(line);
    out += '\n';
    if (end == std::string_view::npos) break;
    block.remove_prefix(end + 1);
  }
}

std::string_view value_of(std::string_view name, Values values) {
  for (const auto& [key, value] : values) {
    if (key == name) return value;
  }
  std::fprintf(stderr, "a template asks for $%.*s, which has no value\n", static_cast<int>(name.size()), name.data());
  std::abort();
}

}  // namespace

std::string fill(std::string_view text, Values values) {
  std::string out;
  out.reserve(text.size() * 2);
  std::size_t line = 0;  // where the line of the output begins
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] != '$' || i + 1 == text.size() || !is_name(text[i + 1])) {
      if (text.substr(i, 2) == "$$") ++i;
      out += text[i];
      if (text[i++] == '\n') line = out.size();
      continue;
    }
    std::size_t end = i + 1;
    while (end < text.size() && is_name(text[end])) ++end;
    const std::string_view value = value_of(text.substr(i + 1, end - i - 1), values);
    const bool alone = out.find_first_not_of(' ', line) == std::string::npos && end < text.size() && text[end] == '\n';
    if (alone) {
      const std::size_t indent = out.size() - line;
      out.resize(line);
      append_indented(out, value, indent);
      line = out.size();
      i = end + 1;
    } else {
      out += value;
      i = end;
    }
  }
  return out;
}

}  // namespace kubegate::bench
