#include "policy/rego/builtins/der.h"

#include <limits>

namespace kubegate::rego {
namespace {
std::uint8_t byte(std::string_view text, std::size_t i) { return static_cast<std::uint8_t>(text[i]); }
}  // namespace

bool Der::read_any(std::uint8_t& tag, std::string_view& contents, std::string_view* whole) {
  if (bytes_.size() < 2 || (byte(bytes_, 0) & 0x1f) == 0x1f) return false;
  std::size_t header = 2, length = byte(bytes_, 1);
  if (length & 0x80) {
    const std::size_t n = length & 0x7f;
    if (n == 0 || n > 4 || bytes_.size() < 2 + n) return false;
    length = 0;
    for (std::size_t i = 0; i < n; ++i) length = length << 8 | byte(bytes_, 2 + i);
    if (length < 128 || length >> ((n - 1) * 8) == 0) return false;  // a shorter form would do
    header += n;
  }
  if (bytes_.size() - header < length) return false;
  tag = byte(bytes_, 0);
  contents = bytes_.substr(header, length);
  if (whole != nullptr) *whole = bytes_.substr(0, header + length);
  bytes_.remove_prefix(header + length);
  return true;
}

bool Der::read(std::uint8_t tag, std::string_view& contents) {
  if (!peek(tag)) return false;
  std::uint8_t found;
  return read_any(found, contents);
}

bool Der::read(std::uint8_t tag, Der& contents) {
  std::string_view view;
  if (!read(tag, view)) return false;
  contents = Der(view);
  return true;
}

bool Der::read_whole(std::uint8_t tag, std::string_view& whole) {
  if (!peek(tag)) return false;
  std::uint8_t found;
  std::string_view contents;
  return read_any(found, contents, &whole);
}

bool Der::read_optional(std::uint8_t tag, Der& contents, bool& present) {
  present = peek(tag);
  return !present || read(tag, contents);
}

bool Der::read_integer(std::string_view& contents, std::uint8_t tag) {
  Der rest = *this;
  if (!rest.read(tag, contents) || contents.empty()) return false;
  if (contents.size() > 1) {
    const bool high = byte(contents, 1) & 0x80;
    if ((byte(contents, 0) == 0 && !high) || (byte(contents, 0) == 0xff && high)) return false;
  }
  *this = rest;
  return true;
}

bool Der::read_int64(std::int64_t& out, std::uint8_t tag) {
  Der rest = *this;
  std::string_view contents;
  if (!rest.read_integer(contents, tag) || contents.size() > 8) return false;
  std::uint64_t value = byte(contents, 0) & 0x80 ? ~std::uint64_t{0} : 0;
  for (std::size_t i = 0; i < contents.size(); ++i) value = value << 8 | byte(contents, i);
  out = static_cast<std::int64_t>(value);
  *this = rest;
  return true;
}

bool Der::read_boolean(bool& out) {
  Der rest = *this;
  std::string_view contents;
  if (!rest.read(kBoolean, contents) || contents.size() != 1) return false;
  if (byte(contents, 0) != 0 && byte(contents, 0) != 0xff) return false;
  out = byte(contents, 0) != 0;
  *this = rest;
  return true;
}

bool Der::read_oid(Oid& out) {
  Der rest = *this;
  std::string_view contents;
  if (!rest.read(kOid, contents) || !parse_oid(contents, out)) return false;
  *this = rest;
  return true;
}

bool Der::read_bits(std::string_view& bytes, int& unused) {
  Der rest = *this;
  std::string_view contents;
  if (!rest.read(kBitString, contents) || contents.empty()) return false;
  unused = byte(contents, 0);
  bytes = contents.substr(1);
  if (unused > 7 || (unused > 0 && (bytes.empty() || byte(bytes, bytes.size() - 1) & ((1 << unused) - 1)))) {
    return false;
  }
  *this = rest;
  return true;
}

bool parse_oid(std::string_view contents, Oid& out) {
  out.clear();
  if (contents.empty()) return false;
  std::int64_t arc = 0;
  bool fresh = true;
  for (std::size_t i = 0; i < contents.size(); ++i) {
    const std::uint8_t b = byte(contents, i);
    if (fresh && b == 0x80) return false;
    fresh = false;
    arc = arc << 7 | (b & 0x7f);
    if (arc > std::numeric_limits<std::int32_t>::max()) return false;
    if (b & 0x80) continue;
    if (out.empty()) {
      out.push_back(arc < 80 ? arc / 40 : 2);
      out.push_back(arc < 80 ? arc % 40 : arc - 80);
    } else {
      out.push_back(arc);
    }
    arc = 0;
    fresh = true;
  }
  return fresh;
}

std::string dotted(const Oid& oid) {
  std::string out;
  for (const std::int64_t arc : oid) {
    if (!out.empty()) out += '.';
    out += std::to_string(arc);
  }
  return out;
}

std::string right_aligned(std::string_view bytes, int unused) {
  std::string out(bytes);
  if (unused == 0) return out;
  for (std::size_t i = out.size(); i-- > 0;) {
    const int high = i > 0 ? byte(bytes, i - 1) << (8 - unused) : 0;
    out[i] = static_cast<char>(high | byte(bytes, i) >> unused);
  }
  return out;
}

}  // namespace kubegate::rego
