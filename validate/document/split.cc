// The idea: in YAML a document starts and ends at marker lines, and no marker can hide in quotes or block scalars, so
// a scan over the starts of lines finds all documents before anything is parsed. Lines are looked at one by one only
// until a document has content; from there to its end nothing but a marker counts, and that is a search for four bytes
// at memory speed. In JSON a document is one value, and brackets outside strings tell where it ends. Slices never
// overlap.
//
// A slice is closed at a marker in the state in which a text begins, so a file can be cut there and the halves split
// apart: that is what a reader of windows relies on.
//
// Tested in tests/validate/document/split_test.cc, line by line against the search.
#include "validate/document/split.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <algorithm>
#include <bit>

#include "validate/document/guard.h"

namespace kubegate::document {
namespace {

constexpr std::string_view kBom = "\xef\xbb\xbf";

// `---` or `...` followed by white space or the end of the line.
bool is_marker(std::string_view line, std::string_view marker) {
  if (!line.starts_with(marker)) return false;
  return line.size() == 3 || line[3] == ' ' || line[3] == '\t' || line[3] == '\r' || line[3] == '\n';
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// Nothing but white space and a comment.
bool is_idle(std::string_view line) {
  for (const char c : line) {
    if (!is_blank(c)) return c == '#';
  }
  return true;
}

// The vector passes skip what the loops behind them would skip one by one.
#if defined(__x86_64__)
const bool kHasAvx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt");

// The first place from `at` on where a line feed stands before `-` or `.`; a place near the end where there is none.
// Adds the line feeds in front of it to `line`.
[[gnu::target("avx2,popcnt")]] std::size_t find_start_avx2(std::string_view text, std::size_t at, std::uint32_t& line) {
  const __m256i feed = _mm256_set1_epi8('\n'), dash = _mm256_set1_epi8('-'), dot = _mm256_set1_epi8('.');
  std::uint32_t lines = line;
  for (; at + 65 <= text.size(); at += 64) {
    const auto* const bytes = reinterpret_cast<const __m256i*>(text.data() + at);
    const auto* const behind = reinterpret_cast<const __m256i*>(text.data() + at + 1);
    const __m256i feeds_a = _mm256_cmpeq_epi8(_mm256_loadu_si256(bytes), feed);
    const __m256i feeds_b = _mm256_cmpeq_epi8(_mm256_loadu_si256(bytes + 1), feed);
    const __m256i next_a = _mm256_loadu_si256(behind), next_b = _mm256_loadu_si256(behind + 1);
    const __m256i start_a = _mm256_or_si256(_mm256_cmpeq_epi8(next_a, dash), _mm256_cmpeq_epi8(next_a, dot));
    const __m256i start_b = _mm256_or_si256(_mm256_cmpeq_epi8(next_b, dash), _mm256_cmpeq_epi8(next_b, dot));
    const std::uint64_t feeds = static_cast<std::uint64_t>(_mm256_movemask_epi8(feeds_b)) << 32 |
                                static_cast<unsigned>(_mm256_movemask_epi8(feeds_a));
    const __m256i found_a = _mm256_and_si256(feeds_a, start_a), found_b = _mm256_and_si256(feeds_b, start_b);
    if (!_mm256_testz_si256(_mm256_or_si256(found_a, found_b), _mm256_or_si256(found_a, found_b))) {
      const std::uint64_t found = static_cast<std::uint64_t>(_mm256_movemask_epi8(found_b)) << 32 |
                                  static_cast<unsigned>(_mm256_movemask_epi8(found_a));
      line = lines + static_cast<std::uint32_t>(std::popcount(feeds & ((found & -found) - 1)));
      return at + static_cast<std::size_t>(std::countr_zero(found));
    }
    lines += static_cast<std::uint32_t>(std::popcount(feeds));
  }
  line = lines;
  return at;
}

// Adds the line feeds from `at` on to `count`; where it stopped, near the end.
[[gnu::target("avx2")]] std::size_t count_avx2(std::string_view text, std::size_t at, std::size_t& count) {
  const __m256i feed = _mm256_set1_epi8('\n'), zero = _mm256_setzero_si256();
  while (at + 32 <= text.size()) {
    // A byte of the sum holds up to 255; then they are added across.
    const std::size_t end = at + std::min<std::size_t>((text.size() - at) / 32, 255) * 32;
    __m256i sum = zero;
    for (; at < end; at += 32) {
      const auto* const bytes = reinterpret_cast<const __m256i*>(text.data() + at);
      sum = _mm256_sub_epi8(sum, _mm256_cmpeq_epi8(_mm256_loadu_si256(bytes), feed));
    }
    const __m256i across = _mm256_sad_epu8(sum, zero);
    count += static_cast<std::size_t>(_mm256_extract_epi64(across, 0) + _mm256_extract_epi64(across, 1) +
                                      _mm256_extract_epi64(across, 2) + _mm256_extract_epi64(across, 3));
  }
  return at;
}
#endif

// The next line start behind `from` where `---` or `...` stands; the end where there is none. `line` is the number of the
// line that `from` is in, and then of that one.
std::size_t find_marker(std::string_view text, std::size_t from, std::uint32_t& line) {
  for (std::size_t at = from;;) {
#if defined(__x86_64__)
    if (kHasAvx2) at = find_start_avx2(text, at, line);
#endif
    if (at >= text.size() || text[at] != '\n') at = text.find('\n', at);
    if (at == text.npos) return text.size();
    ++line;
    const std::string_view three = text.substr(++at, 3);
    if (three == "---" || three == "...") return at;
  }
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

std::size_t count_lines(std::string_view text) {
  std::size_t count = 0, at = 0;
#if defined(__x86_64__)
  if (kHasAvx2) at = count_avx2(text, at, count);
#endif
  for (; at < text.size(); ++at) count += text[at] == '\n';
  return count;
}

Splitter::Splitter(std::string_view text, Syntax syntax, std::uint32_t first_line)
    : text_(text), syntax_(syntax), line_(first_line), rest_line_(first_line) {
  if (first_line != 1) return;
  foreign_ = !foreign_encoding(text).empty();
  if (text_.starts_with(kBom)) text_.remove_prefix(kBom.size());
}

std::optional<Slice> Splitter::next() {
  if (foreign_) {
    if (begin_ > 0) return std::nullopt;
    begin_ = text_.size();
    return Slice{text_, 1};
  }
  return syntax_ == Syntax::kJson ? next_json() : next_yaml();
}

std::uint32_t Splitter::line_at(std::size_t offset) {
  line_ += static_cast<std::uint32_t>(count_lines(text_.substr(counted_, offset - counted_)));
  counted_ = offset;
  return line_;
}

std::optional<Slice> Splitter::next_yaml() {
  bool has_content = false;    // something that makes it a document: from here on, only markers matter
  bool has_directive = false;  // a line that belongs to the `---` behind it
  bool bare = true;            // no `---`, no content yet: directives may stand here
  std::uint32_t line_number = line_;
  for (std::size_t at = begin_; at < text_.size();) {
    const char first = text_[at];
    if (first != '-' && first != '.' && first != '%' && !is_blank(first) && first != '#') {
      has_content = true;
      bare = false;
      at = find_marker(text_, at, line_number);
      continue;
    }
    const std::size_t feed = text_.find('\n', at);
    const std::size_t next = feed == text_.npos ? text_.size() : feed + 1;
    const std::string_view line = text_.substr(at, next - at);
    const bool starts = is_marker(line, "---");
    const bool ends = !starts && is_marker(line, "...") && is_idle(line.substr(3));
    if (ends || (starts && !(bare && has_directive))) {
      const Slice slice{text_.substr(begin_, at - begin_), line_};
      begin_ = ends ? next : at;
      line_ = line_number + (ends && feed != text_.npos);
      if (has_content || has_directive) return slice;
      bare = true;
    }
    if (starts) {
      bare = false;
      has_content = !is_idle(line.substr(3));
    } else if (ends) {
      // Nothing of it is left.
    } else if (bare && line.starts_with('%')) {
      has_directive = true;
    } else if (!is_idle(line)) {
      has_content = true;
      bare = false;
    }
    if (has_content) {
      at = find_marker(text_, at, line_number);
    } else {
      at = next;
      ++line_number;
    }
  }
  if (ended_) return std::nullopt;
  ended_ = true;
  rest_ = begin_;
  rest_line_ = line_;
  begin_ = text_.size();
  if (has_content || has_directive) return Slice{text_.substr(rest_), rest_line_};
  return std::nullopt;
}

std::optional<Slice> Splitter::next_json() {
  const std::size_t value = text_.find_first_not_of(" \t\r\n", begin_);
  if (value == text_.npos) return std::nullopt;
  // From the start of its line, so that columns are right; but for a value behind another one on the same line.
  const std::size_t feed = text_.rfind('\n', value);
  const std::size_t begin = feed == text_.npos ? begin_ : std::max(begin_, feed + 1);
  begin_ = json_value_end(text_, value);
  return Slice{text_.substr(begin, begin_ - begin), line_at(begin)};
}

std::vector<Slice> split(std::string_view file, Syntax syntax) {
  std::vector<Slice> slices;
  Splitter splitter(file, syntax);
  while (const auto slice = splitter.next()) slices.push_back(*slice);
  return slices;
}

}  // namespace kubegate::document
