// The idea: in YAML a document starts and ends at marker lines, and no marker can hide in quotes or block scalars, so
// a scan over the starts of lines finds all documents before anything is parsed. In JSON a document is one value, and
// brackets outside strings tell where it ends. Slices never overlap, and each starts at the start of a line in YAML.
//
// Tested in tests/validate/document/split_test.cc.
#include <cstring>

#include "validate/document/guard.h"
#include "validate/document/read.h"

namespace kubegate::document {
namespace {

constexpr std::string_view kBom = "\xef\xbb\xbf";

// `---` or `...` followed by white space or the end of the line.
bool is_marker(std::string_view line, std::string_view marker) {
  if (!line.starts_with(marker)) return false;
  return line.size() == 3 || line[3] == ' ' || line[3] == '\t' || line[3] == '\r' || line[3] == '\n';
}

// Nothing but white space and a comment.
bool is_idle(std::string_view line) {
  const std::size_t first = line.find_first_not_of(" \t\r\n");
  return first == std::string_view::npos || line[first] == '#';
}

std::vector<Slice> split_yaml(std::string_view file) {
  std::vector<Slice> slices;
  std::size_t begin = 0;            // of the slice that is open
  std::uint32_t begin_line = 1;
  bool has_content = false;         // something that makes it a document
  bool has_directive = false;       // a line that belongs to the `---` behind it
  bool marked = false;              // it starts with `---`
  bool bare = true;                 // no `---`, no content yet: directives may stand here
  const auto close = [&](std::size_t end, std::size_t next, std::uint32_t next_line) {
    if (has_content || (has_directive && !marked)) slices.push_back({file.substr(begin, end - begin), begin_line});
    begin = next;
    begin_line = next_line;
    has_content = has_directive = marked = false;
    bare = true;
  };

  std::uint32_t line_number = 1;
  for (std::size_t i = 0; i < file.size(); ++line_number) {
    const std::size_t newline = file.find('\n', i);
    const std::size_t next = newline == std::string_view::npos ? file.size() : newline + 1;
    const std::string_view line = file.substr(i, next - i);
    if (is_marker(line, "---")) {
      if (!(bare && has_directive)) close(i, i, line_number);
      marked = true;
      bare = false;
      has_content = !is_idle(line.substr(3));
    } else if (is_marker(line, "...")) {
      close(next, next, line_number + 1);
    } else if (bare && line.starts_with('%')) {
      has_directive = true;
    } else if (!is_idle(line)) {
      has_content = true;
      bare = false;
    }
    i = next;
  }
  close(file.size(), file.size(), line_number);
  return slices;
}

}  // namespace

Syntax syntax_of(std::string_view path) {
  constexpr std::string_view kSuffix = ".json";
  if (path.size() < kSuffix.size()) return Syntax::kYaml;
  path.remove_prefix(path.size() - kSuffix.size());
  for (std::size_t i = 0; i < kSuffix.size(); ++i) {
    const char c = path[i] >= 'A' && path[i] <= 'Z' ? static_cast<char>(path[i] - 'A' + 'a') : path[i];
    if (c != kSuffix[i]) return Syntax::kYaml;
  }
  return Syntax::kJson;
}

std::vector<Slice> split(std::string_view file, Syntax) {
  if (!foreign_encoding(file).empty()) return {{file, 1}};
  if (file.starts_with(kBom)) file.remove_prefix(kBom.size());
  return split_yaml(file);
}

}  // namespace kubegate::document
