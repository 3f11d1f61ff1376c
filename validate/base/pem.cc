// A block runs from the last BEGIN line in front of an END line to that END line; what does not fit is passed over up
// to behind that END, and the search goes on. Mirrors pem.Decode; tested by the cases of crypto.x509.*.
#include "validate/base/pem.h"

#include "validate/base/base64.h"

namespace kubegate {
namespace {

constexpr std::string_view kBegin = "-----BEGIN ", kEnd = "-----END ", kDashes = "-----";

// The line without its end and blanks behind it; `text` goes on behind it.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (end != std::string_view::npos && line.ends_with('\r')) line.remove_suffix(1);
  while (line.ends_with(' ') || line.ends_with('\t')) line.remove_suffix(1);
  return line;
}

// Where the next END stands that begins a line, or follows a BEGIN line at once.
std::size_t find_end(std::string_view text) {
  for (std::size_t at = text.find(kEnd); at != std::string_view::npos; at = text.find(kEnd, at + 1)) {
    if (at > 0 && text[at - 1] == '\n') return at;
  }
  return std::string_view::npos;
}

// Reads the block whose END stands at `end` of `text`; on success `text` is what follows it.
bool read_block(std::string_view& text, std::size_t end, PemBlock& block) {
  const std::size_t begin = text.substr(0, end).rfind(kBegin);
  if (begin == std::string_view::npos || (begin > 0 && text[begin - 1] != '\n')) return false;
  std::string_view body = text.substr(begin + kBegin.size(), end - begin - kBegin.size());
  const std::string_view first = take_line(body);
  if (!first.ends_with(kDashes)) return false;
  block.type = first.substr(0, first.size() - kDashes.size());

  std::string_view rest = text.substr(end + kEnd.size());
  if (!rest.starts_with(block.type)) return false;
  rest.remove_prefix(block.type.size());
  if (!rest.starts_with(kDashes)) return false;
  rest.remove_prefix(kDashes.size());
  if (!take_line(rest).empty()) return false;

  for (std::string_view next = body; take_line(next).find(':') != std::string_view::npos; body = next) {}
  std::string encoded;
  for (const char c : body) {
    if (c != ' ' && c != '\t') encoded += c;
  }
  std::size_t bad;
  block.bytes.clear();
  if (!decode_base64(encoded, false, true, block.bytes, bad)) return false;
  text = rest;
  return true;
}

}  // namespace

bool read_pem(std::string_view& text, PemBlock& block) {
  std::string_view rest = text;
  for (;;) {
    const std::size_t end = find_end(rest);
    if (end == std::string_view::npos) return false;
    if (read_block(rest, end, block)) {
      text = rest;
      return true;
    }
    rest.remove_prefix(end + kEnd.size());
  }
}

}  // namespace kubegate
