// The idea: in YAML a document starts and ends at marker lines, and no marker can hide in quotes or block scalars, so
// a scan over the starts of lines finds all documents before anything is parsed. Lines are looked at one by one only
// until a document has content; from there the next line that begins like a marker is found 16 bytes at a time. In JSON a document is one value, and
// brackets outside strings tell where it ends. Slices never overlap.
//
// Tested in tests/validate/document/split_test.cc.
#include <algorithm>

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

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

// The first line from the start of a line at `line` on that may be a marker: it begins as one. The end of the file where
// there is none.
std::size_t next_candidate(std::string_view file, std::size_t line) {
  const char* const data = file.data();
  if (line < file.size() && (data[line] == '-' || data[line] == '.')) return line;
  std::size_t i = line;
#if defined(__x86_64__)
  for (; i + 17 <= file.size(); i += 16) {
    const __m128i here = _mm_loadu_si128(reinterpret_cast<const __m128i*>(data + i));
    const __m128i next = _mm_loadu_si128(reinterpret_cast<const __m128i*>(data + i + 1));
    const __m128i begins =
        _mm_or_si128(_mm_cmpeq_epi8(next, _mm_set1_epi8('-')), _mm_cmpeq_epi8(next, _mm_set1_epi8('.')));
    const int found = _mm_movemask_epi8(_mm_and_si128(begins, _mm_cmpeq_epi8(here, _mm_set1_epi8('\n'))));
    if (found != 0) return i + static_cast<std::size_t>(__builtin_ctz(static_cast<unsigned>(found))) + 1;
  }
#endif
  for (; i + 1 < file.size(); ++i) {
    if (data[i] == '\n' && (data[i + 1] == '-' || data[i + 1] == '.')) return i + 1;
  }
  return file.size();
}

std::vector<Slice> split_yaml(std::string_view file) {
  std::vector<Slice> slices;
  std::size_t begin = 0;  // of the slice that is open
  std::uint32_t begin_line = 1;
  bool has_content = false;    // something that makes it a document
  bool has_directive = false;  // a line that belongs to the `---` behind it
  bool bare = true;            // no `---`, no content yet: directives may stand here
  const auto close = [&](std::size_t end, std::size_t next, std::uint32_t next_line) {
    if (has_content || has_directive) slices.push_back({file.substr(begin, end - begin), begin_line});
    begin = next;
    begin_line = next_line;
    has_content = has_directive = false;
    bare = true;
  };

  std::uint32_t line_number = 1;
  for (std::size_t i = 0; i < file.size(); ++line_number) {
    if (has_content) {
      const std::size_t candidate = next_candidate(file, i);
      line_number += static_cast<std::uint32_t>(std::count(file.data() + i, file.data() + candidate, '\n'));
      i = candidate;
      if (i == file.size()) break;
    }
    const std::size_t newline = file.find('\n', i);
    const std::size_t next = newline == std::string_view::npos ? file.size() : newline + 1;
    const std::string_view line = file.substr(i, next - i);
    if (is_marker(line, "---")) {
      if (!(bare && has_directive)) close(i, i, line_number);
      bare = false;
      has_content = !is_idle(line.substr(3));
    } else if (is_marker(line, "...") && is_idle(line.substr(3))) {
      close(i, next, line_number + 1);
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

// The end of the JSON value that starts at `begin`; the end of the file where its brackets are not closed or where it
// is none.
std::size_t json_value_end(std::string_view file, std::size_t begin) {
  if (std::string_view("{[\"-0123456789tfn").find(file[begin]) == std::string_view::npos) return file.size();
  std::size_t depth = 0;
  bool bare = false;  // within a number or a word
  for (std::size_t i = begin; i < file.size(); ++i) {
    const char c = file[i];
    if (c == '"') {
      if (bare && depth == 0) return i;
      for (++i; i < file.size() && file[i] != '"'; ++i) {
        if (file[i] == '\\') ++i;
      }
      if (depth == 0) return std::min(i + 1, file.size());
    } else if (c == '{' || c == '[') {
      if (bare && depth == 0) return i;
      ++depth;
    } else if (c == '}' || c == ']') {
      if (depth <= 1) return i + 1;
      --depth;
    } else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      if (bare && depth == 0) return i;
    } else {
      bare = true;
    }
  }
  return file.size();
}

std::vector<Slice> split_json(std::string_view file) {
  std::vector<Slice> slices;
  std::size_t behind = 0;  // the last slice
  std::uint32_t line = 1;  // of `behind`
  while (true) {
    const std::size_t value = file.find_first_not_of(" \t\r\n", behind);
    if (value == std::string_view::npos) return slices;
    line += static_cast<std::uint32_t>(std::count(file.data() + behind, file.data() + value, '\n'));
    // From the start of its line, so that columns are right; but for a value behind another one on the same line.
    const std::size_t newline = file.rfind('\n', value);
    const std::size_t begin = newline == std::string_view::npos ? behind : std::max(behind, newline + 1);
    behind = json_value_end(file, value);
    slices.push_back({file.substr(begin, behind - begin), line});
    line += static_cast<std::uint32_t>(std::count(file.data() + value, file.data() + behind, '\n'));
  }
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

std::vector<Slice> split(std::string_view file, Syntax syntax) {
  if (!foreign_encoding(file).empty()) return {{file, 1}};
  if (file.starts_with(kBom)) file.remove_prefix(kBom.size());
  return syntax == Syntax::kJson ? split_json(file) : split_yaml(file);
}

}  // namespace kubegate::document
