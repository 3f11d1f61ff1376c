// Reading certificates: one pass over the DER, in the order and with the messages of Go's crypto/x509 (parser.go),
// since OPA's users see both. Here are names, times and the frame; x509_keys.cc reads keys, x509_extensions.cc the rest.
// Nothing here decides on trust: that is x509_verify.cc. Tested by the cases of crypto.x509.*.
#include <algorithm>
#include <chrono>

#include "policy/rego/builtins/operands.h"
#include "policy/rego/builtins/x509_read.h"
#include "policy/value/runes.h"

namespace kubegate::rego {
namespace {

// ---- Names ---------------------------------------------------------------------------------------------------------

bool valid_utf8(std::string_view text) {
  while (!text.empty()) {
    const policy::Rune rune = policy::decode_rune(text);
    if (!rune.valid) return false;
    text.remove_prefix(rune.size);
  }
  return true;
}

bool read_name(std::string_view raw, Name& out, std::string& error) {
  Der whole(raw), sequence, set, pair;
  if (!whole.read(Der::kSequence, sequence)) return fail(error, "x509: invalid RDNSequence");
  while (!sequence.empty()) {
    if (!sequence.read(Der::kSet, set)) return fail(error, "x509: invalid RDNSequence");
    while (!set.empty()) {
      NameAttribute attribute;
      std::uint8_t tag;
      std::string_view bytes;
      if (!set.read(Der::kSequence, pair)) return fail(error, "x509: invalid RDNSequence: invalid attribute");
      if (!pair.read_oid(attribute.type)) return fail(error, "x509: invalid RDNSequence: invalid attribute type");
      if (!pair.read_any(tag, bytes)) return fail(error, "x509: invalid RDNSequence: invalid attribute value");
      std::string why;
      if (!read_asn1_text(tag, bytes, attribute.value, why)) {
        return fail(error, "x509: invalid RDNSequence: invalid attribute value: " + why);
      }
      out.push_back(std::move(attribute));
    }
  }
  return true;
}

// ---- Times ---------------------------------------------------------------------------------------------------------

// YYMMDDhhmm[ss] with Z or an offset behind it; a four-digit year and seconds in a GeneralizedTime.
bool read_digits(std::string_view& text, int n, int& out) {
  out = 0;
  if (text.size() < static_cast<std::size_t>(n)) return false;
  for (int i = 0; i < n; ++i) {
    if (text[0] < '0' || text[0] > '9') return false;
    out = out * 10 + (text[0] - '0');
    text.remove_prefix(1);
  }
  return true;
}

bool read_time(std::string_view text, bool utc, std::int64_t& out) {
  int year, month, day, hour, minute, second = 0, offset_hours = 0, offset_minutes = 0;
  if (!read_digits(text, utc ? 2 : 4, year) || !read_digits(text, 2, month) || !read_digits(text, 2, day) ||
      !read_digits(text, 2, hour) || !read_digits(text, 2, minute)) {
    return false;
  }
  if (!(utc && !text.empty() && (text[0] < '0' || text[0] > '9')) && !read_digits(text, 2, second)) return false;
  if (utc) year += year >= 50 ? 1900 : 2000;
  int sign = 0;
  if (text != "Z") {
    if (text.empty() || (text[0] != '+' && text[0] != '-')) return false;
    sign = text[0] == '+' ? 1 : -1;
    text.remove_prefix(1);
    if (!read_digits(text, 2, offset_hours) || !read_digits(text, 2, offset_minutes) || !text.empty()) return false;
  }
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return false;
  out = std::chrono::sys_days(date).time_since_epoch().count() * std::int64_t{86400} + hour * 3600 + minute * 60 +
        second - sign * (offset_hours * 3600 + offset_minutes * 60);
  return true;
}

bool read_time(Der& der, std::int64_t& out, std::string& error) {
  std::string_view text;
  if (der.peek(Der::kUtcTime)) {
    return (der.read(Der::kUtcTime, text) && read_time(text, true, out)) || fail(error, "x509: malformed UTCTime");
  }
  if (der.peek(Der::kGeneralizedTime)) {
    return (der.read(Der::kGeneralizedTime, text) && read_time(text, false, out)) ||
           fail(error, "x509: malformed GeneralizedTime");
  }
  return fail(error, "x509: unsupported time format");
}

bool read_signature(Der& der, std::string& out) {
  std::string_view bits;
  int unused;
  if (!der.read_bits(bits, unused)) return false;
  out = right_aligned(bits, unused);
  return true;
}

}  // namespace

bool is_ia5(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool read_asn1_text(std::uint8_t tag, std::string_view bytes, std::string& out, std::string& error) {
  switch (tag) {
    case Der::kT61String:
      for (const char c : bytes) policy::append_rune(out, static_cast<unsigned char>(c));
      return true;
    case Der::kPrintableString:
      for (const char c : bytes) {
        const bool alnum = (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
        if (!alnum && std::string_view("'()+,-./ :=?*&").find(c) == std::string_view::npos) {
          return fail(error, "invalid PrintableString");
        }
      }
      break;
    case Der::kUtf8String:
      if (!valid_utf8(bytes)) return fail(error, "invalid UTF-8 string");
      break;
    case Der::kBmpString:
      if (bytes.size() % 2 != 0) return fail(error, "invalid BMPString");
      if (bytes.size() >= 2 && bytes.ends_with(std::string_view("\0\0", 2))) bytes.remove_suffix(2);
      for (; !bytes.empty(); bytes.remove_prefix(2)) {
        const std::uint32_t point = static_cast<unsigned char>(bytes[0]) << 8 | static_cast<unsigned char>(bytes[1]);
        if (point >= 0xfffe || (point >= 0xfdd0 && point <= 0xfdef) || (point >= 0xd800 && point <= 0xdfff)) {
          return fail(error, "invalid BMPString");
        }
        policy::append_rune(out, point);
      }
      return true;
    case Der::kIa5String:
      if (!is_ia5(bytes)) return fail(error, "invalid IA5String");
      break;
    case Der::kNumericString:
      if (bytes.find_first_not_of("0123456789 ") != std::string_view::npos) {
        return fail(error, "invalid NumericString");
      }
      break;
    default: return fail(error, "unsupported string type: " + std::to_string(tag));
  }
  out = bytes;
  return true;
}

bool parse_certificate(std::string_view& der, Certificate& out, std::string& error) {
  Der input(der), body, tbs, part;
  if (!input.read_whole(Der::kSequence, out.raw)) return fail(error, "x509: malformed certificate");
  if (!Der(out.raw).read(Der::kSequence, body)) return fail(error, "x509: malformed certificate");
  if (!body.read_whole(Der::kSequence, out.tbs) || !Der(out.tbs).read(Der::kSequence, tbs)) {
    return fail(error, "x509: malformed tbs certificate");
  }
  bool present;
  std::int64_t version = 0;
  if (!tbs.read_optional(Der::constructed(0), part, present) ||
      (present && (!part.read_int64(version) || !part.empty())) || version < 0) {
    return fail(error, "x509: malformed version");
  }
  if (version > 2) return fail(error, "x509: invalid version");
  out.version = version + 1;
  if (!tbs.read_integer(out.serial)) return fail(error, "x509: malformed serial number");
  if (static_cast<unsigned char>(out.serial[0]) & 0x80) return fail(error, "x509: negative serial number");
  std::string_view inner, outer;
  if (!tbs.read(Der::kSequence, inner)) return fail(error, "x509: malformed signature algorithm identifier");
  if (!body.read(Der::kSequence, outer)) return fail(error, "x509: malformed algorithm identifier");
  if (inner != outer) return fail(error, "x509: inner and outer signature algorithm identifiers don't match");
  AlgorithmId algorithm;
  if (!read_algorithm(Der(inner), algorithm, error)) return false;
  out.signature_algorithm = signature_algorithm(algorithm);
  if (!tbs.read_whole(Der::kSequence, out.raw_issuer)) return fail(error, "x509: malformed issuer");
  if (!read_name(out.raw_issuer, out.issuer, error)) return false;
  if (!tbs.read(Der::kSequence, part)) return fail(error, "x509: malformed validity");
  if (!read_time(part, out.not_before, error) || !read_time(part, out.not_after, error)) return false;
  if (!tbs.read_whole(Der::kSequence, out.raw_subject)) return fail(error, "x509: malformed issuer");
  if (!read_name(out.raw_subject, out.subject, error)) return false;
  if (!tbs.read_whole(Der::kSequence, out.key_info)) return fail(error, "x509: malformed spki");
  if (!parse_public_key(out.key_info, out.key, error)) return false;
  if (out.version > 1) {
    std::string_view skipped;
    if (tbs.peek(Der::context(1)) && !tbs.read(Der::context(1), skipped)) {
      return fail(error, "x509: malformed issuerUniqueID");
    }
    if (tbs.peek(Der::context(2)) && !tbs.read(Der::context(2), skipped)) {
      return fail(error, "x509: malformed subjectUniqueID");
    }
    if (out.version == 3) {
      if (!tbs.read_optional(Der::constructed(3), part, present)) return fail(error, "x509: malformed extensions");
      if (present && !read_extensions(part, out, error)) return false;
    }
  }
  if (!read_signature(body, out.signature)) return fail(error, "x509: malformed signature");
  der.remove_prefix(out.raw.size());
  return true;
}

bool parse_certificates(std::string_view der, std::vector<Certificate>& out, std::string& error) {
  while (!der.empty()) {
    out.emplace_back();
    if (!parse_certificate(der, out.back(), error)) return false;
  }
  return true;
}

bool parse_certificate_request(std::string_view der, CertificateRequest& out, std::string& error) {
  constexpr std::string_view kMalformed = "asn1: structure error: malformed certificate request";
  Der input(der), body, tbs, part, attributes, attribute, values;
  if (der.empty()) return fail(error, "asn1: syntax error: sequence truncated");
  if (!input.read_whole(Der::kSequence, out.raw)) return fail(error, kMalformed);
  if (!input.empty()) return fail(error, "asn1: syntax error: trailing data");
  if (!Der(out.raw).read(Der::kSequence, body) || !body.read_whole(Der::kSequence, out.tbs) ||
      !Der(out.tbs).read(Der::kSequence, tbs) || !tbs.read_int64(out.version) ||
      !tbs.read_whole(Der::kSequence, out.raw_subject) || !tbs.read_whole(Der::kSequence, out.key_info)) {
    return fail(error, kMalformed);
  }
  AlgorithmId algorithm;
  if (!body.read(Der::kSequence, part) || !read_algorithm(part, algorithm, error) ||
      !read_signature(body, out.signature)) {
    return fail(error, kMalformed);
  }
  out.signature_algorithm = signature_algorithm(algorithm);
  if (!parse_public_key(out.key_info, out.key, error) || !read_name(out.raw_subject, out.subject, error)) return false;
  bool present;
  if (!tbs.read_optional(Der::constructed(0), attributes, present)) return fail(error, kMalformed);
  out.attributes = attributes.bytes();
  while (!attributes.empty()) {
    Oid type;
    if (!attributes.read(Der::kSequence, attribute)) return fail(error, kMalformed);
    // What is no request for extensions says nothing.
    if (!attribute.read_oid(type) || !is(type, "1.2.840.113549.1.9.14") || !attribute.read(Der::kSet, values)) continue;
    if (!values.read(Der::kSequence, part)) continue;
    while (!part.empty()) {
      Extension extension;
      Der one;
      if (!part.read(Der::kSequence, one) || !read_extension(one, extension, error)) return fail(error, kMalformed);
      for (const Extension& before : out.extensions) {
        if (before.id == extension.id) {
          return fail(error, "x509: certificate request contains duplicate requested extensions");
        }
      }
      out.extensions.push_back(std::move(extension));
    }
  }
  for (const Extension& extension : out.extensions) {
    if (is(extension.id, "2.5.29.17") && !read_alternative_names(extension.value, out.names, error)) return false;
  }
  return true;
}

}  // namespace kubegate::rego
