// Reading certificates: one pass over the DER, in the order and with the messages of Go's crypto/x509 (parser.go),
// since OPA's users see both. Nothing here decides on trust: that is x509_verify.cc. Tested by the cases of
// crypto.x509.*.
#include <algorithm>
#include <chrono>

#include "policy/rego/builtins/openssl.h"
#include "policy/rego/builtins/operands.h"
#include "policy/rego/builtins/uri.h"
#include "policy/rego/builtins/x509.h"
#include "policy/value/runes.h"

namespace kubegate::rego {
namespace {

bool fail(std::string& error, std::string_view message) {
  error = message;
  return false;
}

bool is(const Oid& oid, std::string_view text) { return dotted(oid) == text; }

bool is_ia5(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// The magnitude of a positive INTEGER; false for 0, negative and broken ones.
bool read_positive(Der& der, std::string_view& out) {
  if (!der.read_integer(out) || (static_cast<unsigned char>(out[0]) & 0x80)) return false;
  if (out[0] == 0) out.remove_prefix(1);
  return !out.empty();
}

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

// ---- Algorithms and keys -------------------------------------------------------------------------------------------

struct Algorithm {
  Oid oid;
  std::string_view parameters;  // a whole element, or empty
};

bool read_algorithm(Der der, Algorithm& out, std::string& error) {
  if (!der.read_oid(out.oid)) return fail(error, "x509: malformed OID");
  std::uint8_t tag;
  std::string_view contents;
  if (!der.empty() && !der.read_any(tag, contents, &out.parameters)) {
    return fail(error, "x509: malformed parameters");
  }
  return true;
}

constexpr std::string_view kNullBytes("\x05\x00", 2);

bool absent_or_null(std::string_view parameters) { return parameters.empty() || parameters == kNullBytes; }

SignatureAlgorithm pss_algorithm(std::string_view parameters) {
  Der whole(parameters), sequence, field, part;
  bool present;
  Algorithm hash, mask, mask_hash;
  std::string error;
  std::int64_t salt = 0, trailer = 1;
  if (!whole.read(Der::kSequence, sequence)) return SignatureAlgorithm::kUnknown;
  if (!sequence.read_optional(Der::constructed(0), field, present) || !present || !field.read(Der::kSequence, part) ||
      !read_algorithm(part, hash, error)) {
    return SignatureAlgorithm::kUnknown;
  }
  if (!sequence.read_optional(Der::constructed(1), field, present) || !present || !field.read(Der::kSequence, part) ||
      !read_algorithm(part, mask, error)) {
    return SignatureAlgorithm::kUnknown;
  }
  Der inner(mask.parameters);
  if (!inner.read(Der::kSequence, part) || !read_algorithm(part, mask_hash, error)) return SignatureAlgorithm::kUnknown;
  if (!sequence.read_optional(Der::constructed(2), field, present) || (present && !field.read_int64(salt))) {
    return SignatureAlgorithm::kUnknown;
  }
  if (!sequence.read_optional(Der::constructed(3), field, present) || (present && !field.read_int64(trailer))) {
    return SignatureAlgorithm::kUnknown;
  }
  if (!absent_or_null(hash.parameters) || !is(mask.oid, "1.2.840.113549.1.1.8") || mask_hash.oid != hash.oid ||
      !absent_or_null(mask_hash.parameters) || trailer != 1) {
    return SignatureAlgorithm::kUnknown;
  }
  if (is(hash.oid, "2.16.840.1.101.3.4.2.1") && salt == 32) return SignatureAlgorithm::kSha256Pss;
  if (is(hash.oid, "2.16.840.1.101.3.4.2.2") && salt == 48) return SignatureAlgorithm::kSha384Pss;
  if (is(hash.oid, "2.16.840.1.101.3.4.2.3") && salt == 64) return SignatureAlgorithm::kSha512Pss;
  return SignatureAlgorithm::kUnknown;
}

SignatureAlgorithm signature_algorithm(const Algorithm& algorithm) {
  using enum SignatureAlgorithm;
  static constexpr std::pair<std::string_view, SignatureAlgorithm> kKnown[] = {
      {"1.2.840.113549.1.1.4", kMd5Rsa},
      {"1.2.840.113549.1.1.5", kSha1Rsa},
      {"1.3.14.3.2.29", kSha1Rsa},
      {"1.2.840.113549.1.1.11", kSha256Rsa},
      {"1.2.840.113549.1.1.12", kSha384Rsa},
      {"1.2.840.113549.1.1.13", kSha512Rsa},
      {"1.2.840.10040.4.3", kDsaSha1},
      {"2.16.840.1.101.3.4.3.2", kDsaSha256},
      {"1.2.840.10045.4.1", kEcdsaSha1},
      {"1.2.840.10045.4.3.2", kEcdsaSha256},
      {"1.2.840.10045.4.3.3", kEcdsaSha384},
      {"1.2.840.10045.4.3.4", kEcdsaSha512},
      {"1.3.101.112", kEd25519},
  };
  const std::string name = dotted(algorithm.oid);
  if (name == "1.2.840.113549.1.1.10") return pss_algorithm(algorithm.parameters);
  for (const auto& [oid, known] : kKnown) {
    if (name == oid) return known == kEd25519 && !algorithm.parameters.empty() ? kUnknown : known;
  }
  return kUnknown;
}

// Bytes of a coordinate on the curves that Go knows; 0: another curve.
std::size_t curve_bytes(const Oid& curve) {
  const std::string name = dotted(curve);
  if (name == "1.3.132.0.33") return 28;
  if (name == "1.2.840.10045.3.1.7") return 32;
  if (name == "1.3.132.0.34") return 48;
  if (name == "1.3.132.0.35") return 66;
  return 0;
}

bool read_key(const Algorithm& algorithm, std::string_view data, std::string_view key_info, PublicKey& out,
              std::string& error) {
  const std::string oid = dotted(algorithm.oid);
  Der der(data), parameters(algorithm.parameters), sequence;
  if (oid == "1.2.840.113549.1.1.1") {
    if (algorithm.parameters != kNullBytes) return fail(error, "x509: RSA key missing NULL parameters");
    out.algorithm = KeyAlgorithm::kRsa;
    if (!der.read(Der::kSequence, sequence)) return fail(error, "x509: invalid RSA public key");
    std::string_view modulus;
    Der ahead = sequence;
    if (!ahead.read_integer(modulus)) return fail(error, "x509: invalid RSA modulus");
    const bool positive = read_positive(sequence, out.modulus);
    if (!ahead.read_int64(out.exponent)) return fail(error, "x509: invalid RSA public exponent");
    if (!positive) return fail(error, "x509: RSA modulus is not a positive number");
    if (out.exponent <= 0) return fail(error, "x509: RSA public exponent is not a positive number");
    return true;
  }
  if (oid == "1.2.840.10045.2.1") {
    Oid curve;
    out.algorithm = KeyAlgorithm::kEcdsa;
    if (!parameters.read_oid(curve)) return fail(error, "x509: invalid ECDSA parameters");
    const std::size_t size = curve_bytes(curve);
    if (size == 0) return fail(error, "x509: unsupported elliptic curve");
    if (data.empty() || data[0] != 4) return fail(error, "ecdsa: public key must be an uncompressed point");
    if (data.size() != 1 + 2 * size || read_public_key(key_info) == nullptr) {
      return fail(error, "P" + std::to_string(size == 66 ? 521 : size * 8) + " point not on curve");
    }
    out.x = data.substr(1, size);
    out.y = data.substr(1 + size);
    return true;
  }
  if (oid == "1.3.101.112") {
    out.algorithm = KeyAlgorithm::kEd25519;
    if (!algorithm.parameters.empty()) return fail(error, "x509: Ed25519 key encoded with illegal parameters");
    if (data.size() != 32) return fail(error, "x509: wrong Ed25519 public key size");
    out.bytes = data;
    return true;
  }
  if (oid == "1.2.840.10040.4.1") {
    out.algorithm = KeyAlgorithm::kDsa;
    if (!read_positive(der, out.y)) return fail(error, "x509: invalid DSA public key");
    if (!parameters.read(Der::kSequence, sequence) || !read_positive(sequence, out.p) ||
        !read_positive(sequence, out.q) || !read_positive(sequence, out.g)) {
      return fail(error, "x509: invalid DSA parameters");
    }
    return true;
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

// ---- Extensions ----------------------------------------------------------------------------------------------------

bool read_extension(Der der, Extension& out, std::string& error) {
  if (!der.read_oid(out.id)) return fail(error, "x509: malformed extension OID field");
  if (der.peek(Der::kBoolean) && !der.read_boolean(out.critical)) {
    return fail(error, "x509: malformed extension critical field");
  }
  if (!der.read(Der::kOctetString, out.value)) return fail(error, "x509: malformed extension value field");
  return true;
}

// domainNameValid.
bool domain_valid(std::string_view domain, bool constraint) {
  if (domain.empty()) return true;
  if (domain.ends_with('.')) return false;
  if (constraint && domain.starts_with('.')) domain.remove_prefix(1);
  char before = '.';
  for (const char c : domain) {
    if (static_cast<unsigned char>(c) < 33 || static_cast<unsigned char>(c) > 126 || (c == '.' && before == '.')) {
      return false;
    }
    before = c;
  }
  return !domain.empty();
}

bool read_alternative_names(std::string_view value, AlternativeNames& out, std::string& error) {
  Der whole(value), sequence;
  if (!whole.read(Der::kSequence, sequence)) return fail(error, "x509: invalid subject alternative names");
  while (!sequence.empty()) {
    std::uint8_t tag;
    std::string_view name;
    if (!sequence.read_any(tag, name)) return fail(error, "x509: invalid subject alternative name");
    if (tag == Der::context(1)) {
      if (!is_ia5(name)) return fail(error, "x509: SAN rfc822Name is malformed");
      out.emails.push_back(name);
    } else if (tag == Der::context(2)) {
      if (!is_ia5(name)) return fail(error, "x509: SAN dNSName is malformed");
      out.dns.push_back(name);
    } else if (tag == Der::context(6)) {
      if (!is_ia5(name)) return fail(error, "x509: SAN uniformResourceIdentifier is malformed");
      Uri uri;
      std::string why;
      if (!parse_uri(name, uri, why)) {
        return fail(error, "x509: cannot parse URI " + quoted(name) + ": parse " + quoted(name) + ": " + why);
      }
      if (!domain_valid(uri.host, false)) {
        return fail(error, "x509: cannot parse URI " + quoted(name) + ": invalid domain");
      }
      out.uris.push_back(name);
    } else if (tag == Der::context(7)) {
      if (name.size() != 4 && name.size() != 16) {
        return fail(error, "x509: cannot parse IP address of length " + std::to_string(name.size()));
      }
      out.ips.push_back(name);
    }
  }
  return true;
}

bool mask_valid(std::string_view mask) {
  bool zero = false;
  for (const char c : mask) {
    const auto b = static_cast<unsigned char>(c);
    if (zero ? b != 0 : ((b ^ 0xff) & ((b ^ 0xff) + 1)) != 0) return false;
    zero = zero || b != 0xff;
  }
  return true;
}

bool read_constraints(Der subtrees, NameConstraints& out, bool& unhandled, std::string& error) {
  while (!subtrees.empty()) {
    Der sequence;
    std::uint8_t tag;
    std::string_view value;
    if (!subtrees.read(Der::kSequence, sequence) || !sequence.read_any(tag, value)) {
      return fail(error, "x509: invalid NameConstraints extension");
    }
    const bool text = tag == Der::context(1) || tag == Der::context(2) || tag == Der::context(6);
    if (text && !is_ia5(value)) {
      return fail(error,
                  "x509: invalid constraint value: x509: " + quoted(value) + " cannot be encoded as an IA5String");
    }
    if (tag == Der::context(2)) {
      if (!domain_valid(value, true)) return fail(error, "x509: failed to parse dnsName constraint " + quoted(value));
      out.dns.push_back(value);
    } else if (tag == Der::context(7)) {
      if (value.size() != 8 && value.size() != 32) {
        return fail(error, "x509: IP constraint contained value of length " + std::to_string(value.size()));
      }
      const IpRange range{value.substr(0, value.size() / 2), value.substr(value.size() / 2)};
      if (!mask_valid(range.mask)) return fail(error, "x509: IP constraint contained invalid mask");
      out.ips.push_back(range);
    } else if (tag == Der::context(1)) {
      const std::size_t at = value.find('@');
      if (!domain_valid(at == std::string_view::npos ? value : value.substr(at + 1), at == std::string_view::npos)) {
        return fail(error, "x509: failed to parse rfc822Name constraint " + quoted(value));
      }
      out.emails.push_back(value);
    } else if (tag == Der::context(6)) {
      if (!domain_valid(value, true)) return fail(error, "x509: failed to parse URI constraint " + quoted(value));
      out.uris.push_back(value);
    } else {
      unhandled = true;
    }
  }
  return true;
}

bool read_name_constraints(const Extension& extension, Certificate& out, bool& unhandled, std::string& error) {
  Der whole(extension.value), top, permitted, excluded;
  bool has_permitted, has_excluded;
  if (!whole.read(Der::kSequence, top) || !whole.empty() ||
      !top.read_optional(Der::constructed(0), permitted, has_permitted) ||
      !top.read_optional(Der::constructed(1), excluded, has_excluded) || !top.empty()) {
    return fail(error, "x509: invalid NameConstraints extension");
  }
  if (permitted.empty() && excluded.empty()) return fail(error, "x509: empty name constraints extension");
  out.constraints_critical = extension.critical;
  out.has_constraints = true;
  return read_constraints(permitted, out.permitted, unhandled, error) &&
         read_constraints(excluded, out.excluded, unhandled, error);
}

constexpr std::pair<std::string_view, std::string_view> kUsages[] = {
    {"2.5.29.37.0", "Any"},
    {"1.3.6.1.5.5.7.3.1", "ServerAuth"},
    {"1.3.6.1.5.5.7.3.2", "ClientAuth"},
    {"1.3.6.1.5.5.7.3.3", "CodeSigning"},
    {"1.3.6.1.5.5.7.3.4", "EmailProtection"},
    {"1.3.6.1.5.5.7.3.5", "IPSECEndSystem"},
    {"1.3.6.1.5.5.7.3.6", "IPSECTunnel"},
    {"1.3.6.1.5.5.7.3.7", "IPSECUser"},
    {"1.3.6.1.5.5.7.3.8", "TimeStamping"},
    {"1.3.6.1.5.5.7.3.9", "OCSPSigning"},
    {"1.3.6.1.4.1.311.10.3.3", "MicrosoftServerGatedCrypto"},
    {"2.16.840.1.113730.4.1", "NetscapeServerGatedCrypto"},
    {"1.3.6.1.4.1.311.2.1.22", "MicrosoftCommercialCodeSigning"},
    {"1.3.6.1.4.1.311.61.1.1", "MicrosoftKernelCodeSigning"},
};

bool read_usages(Der der, Certificate& out, std::string& error) {
  Der sequence;
  if (!der.read(Der::kSequence, sequence)) return fail(error, "x509: invalid extended key usages");
  while (!sequence.empty()) {
    Oid oid;
    if (!sequence.read_oid(oid)) return fail(error, "x509: invalid extended key usages");
    const std::string name = dotted(oid);
    const auto* known =
        std::find_if(std::begin(kUsages), std::end(kUsages), [&](const auto& usage) { return usage.first == name; });
    if (known != std::end(kUsages)) {
      out.usages.push_back(static_cast<int>(known - kUsages));
    } else {
      out.unknown_usages.push_back(std::move(oid));
    }
  }
  return true;
}

bool read_crl_points(Der der, Certificate& out, std::string& error) {
  Der sequence, point, name, names;
  if (!der.read(Der::kSequence, sequence)) return fail(error, "x509: invalid CRL distribution points");
  while (!sequence.empty()) {
    bool present;
    if (!sequence.read(Der::kSequence, point) || !point.read_optional(Der::constructed(0), name, present)) {
      return fail(error, "x509: invalid CRL distribution point");
    }
    if (!present) continue;
    if (!name.read(Der::constructed(0), names)) return fail(error, "x509: invalid CRL distribution point");
    std::string_view uri;
    while (names.peek(Der::context(6))) {
      if (!names.read(Der::context(6), uri)) return fail(error, "x509: invalid CRL distribution point");
      out.crl_points.push_back(uri);
    }
  }
  return true;
}

bool read_policies(Der der, Certificate& out, std::string& error) {
  constexpr std::string_view kInvalid = "x509: invalid certificate policies";
  Der sequence, policy;
  if (!der.read(Der::kSequence, sequence)) return fail(error, kInvalid);
  out.has_policies = true;
  while (!sequence.empty()) {
    std::string_view oid;
    if (!sequence.read(Der::kSequence, policy) || !policy.read(Der::kOid, oid) || oid.empty() ||
        std::find(out.policies.begin(), out.policies.end(), oid) != out.policies.end()) {
      return fail(error, kInvalid);
    }
    out.policies.push_back(oid);
  }
  return true;
}

bool read_policy_constraints(Der der, Certificate& out, std::string& error) {
  constexpr std::string_view kInvalid = "x509: invalid policy constraints extension";
  Der sequence;
  if (!der.read(Der::kSequence, sequence)) return fail(error, kInvalid);
  if (sequence.peek(Der::context(0))) {
    if (!sequence.read_int64(out.require_explicit_policy, Der::context(0))) return fail(error, kInvalid);
    out.require_explicit_policy_zero = out.require_explicit_policy == 0;
  }
  if (sequence.peek(Der::context(1))) {
    if (!sequence.read_int64(out.inhibit_policy_mapping, Der::context(1))) return fail(error, kInvalid);
    out.inhibit_policy_mapping_zero = out.inhibit_policy_mapping == 0;
  }
  return true;
}

bool read_information_access(const Extension& extension, Certificate& out, std::string& error) {
  constexpr std::string_view kInvalid = "x509: invalid authority info access";
  if (extension.critical) return fail(error, "x509: authority info access incorrectly marked critical");
  Der whole(extension.value), sequence, access;
  if (!whole.read(Der::kSequence, sequence)) return fail(error, kInvalid);
  while (!sequence.empty()) {
    Oid method;
    std::string_view uri;
    if (!sequence.read(Der::kSequence, access) || !access.read_oid(method)) return fail(error, kInvalid);
    if (!access.peek(Der::context(6))) continue;
    if (!access.read(Der::context(6), uri)) return fail(error, kInvalid);
    if (is(method, "1.3.6.1.5.5.7.48.1")) out.ocsp_servers.push_back(uri);
    if (is(method, "1.3.6.1.5.5.7.48.2")) out.issuing_urls.push_back(uri);
  }
  return true;
}

// One of 2.5.29.*; `unhandled` where Go knows nothing of it.
bool read_standard_extension(const Extension& extension, Certificate& out, bool& unhandled, std::string& error) {
  Der der(extension.value), sequence;
  switch (extension.id[3]) {
    case 14:
      if (extension.critical) return fail(error, "x509: subject key identifier incorrectly marked critical");
      out.has_subject_key_id = true;
      return der.read(Der::kOctetString, out.subject_key_id) || fail(error, "x509: invalid subject key identifier");
    case 15: {
      std::string_view bits;
      int unused;
      if (!der.read_bits(bits, unused)) return fail(error, "x509: invalid key usage");
      for (std::size_t i = 0; i < 9 && i / 8 < bits.size(); ++i) {
        if (bits[i / 8] & (0x80 >> i % 8)) out.key_usage |= 1 << i;
      }
      return true;
    }
    case 17:
      if (!read_alternative_names(extension.value, out.names, error)) return false;
      unhandled = out.names.dns.empty() && out.names.emails.empty() && out.names.ips.empty() && out.names.uris.empty();
      return true;
    case 19:
      if (!der.read(Der::kSequence, sequence) || (sequence.peek(Der::kBoolean) && !sequence.read_boolean(out.is_ca))) {
        return fail(error, "x509: invalid basic constraints");
      }
      out.max_path_length = -1;
      if (sequence.peek(Der::kInteger) && (!sequence.read_int64(out.max_path_length) || out.max_path_length < 0)) {
        return fail(error, "x509: invalid basic constraints");
      }
      out.basic_constraints = true;
      return true;
    case 30: return read_name_constraints(extension, out, unhandled, error);
    case 31: return read_crl_points(der, out, error);
    case 32: return read_policies(der, out, error);
    case 33: {
      Der mapping;
      std::string_view issuer, subject;
      if (!der.read(Der::kSequence, sequence)) return fail(error, "x509: invalid policy mappings extension");
      while (!sequence.empty()) {
        if (!sequence.read(Der::kSequence, mapping) || !mapping.read(Der::kOid, issuer) ||
            !mapping.read(Der::kOid, subject)) {
          return fail(error, "x509: invalid policy mappings extension");
        }
        out.policy_mappings.emplace_back(issuer, subject);
      }
      return true;
    }
    case 35:
      if (extension.critical) return fail(error, "x509: authority key identifier incorrectly marked critical");
      if (!der.read(Der::kSequence, sequence)) return fail(error, "x509: invalid authority key identifier");
      if (!sequence.peek(Der::context(0))) return true;
      out.has_authority_key_id = true;
      return sequence.read(Der::context(0), out.authority_key_id) ||
             fail(error, "x509: invalid authority key identifier");
    case 36: return read_policy_constraints(der, out, error);
    case 37: return read_usages(der, out, error);
    case 54:
      if (!der.read_int64(out.inhibit_any_policy)) return fail(error, "x509: invalid inhibit any policy extension");
      out.inhibit_any_policy_zero = out.inhibit_any_policy == 0;
      return true;
    default: unhandled = true; return true;
  }
}

bool read_extensions(Der der, Certificate& out, std::string& error) {
  Der sequence, one;
  if (!der.read(Der::kSequence, sequence)) return fail(error, "x509: malformed extensions");
  while (!sequence.empty()) {
    Extension extension;
    if (!sequence.read(Der::kSequence, one)) return fail(error, "x509: malformed extension");
    if (!read_extension(one, extension, error)) return false;
    for (const Extension& before : out.extensions) {
      if (before.id == extension.id) {
        return fail(error, "x509: certificate contains duplicate extension with OID " + quoted(dotted(extension.id)));
      }
    }
    out.extensions.push_back(std::move(extension));
  }
  for (const Extension& extension : out.extensions) {
    const Oid& id = extension.id;
    bool unhandled = false;
    if (id.size() == 4 && id[0] == 2 && id[1] == 5 && id[2] == 29) {
      if (!read_standard_extension(extension, out, unhandled, error)) return false;
    } else if (is(id, "1.3.6.1.5.5.7.1.1")) {
      if (!read_information_access(extension, out, error)) return false;
    } else {
      unhandled = true;
    }
    if (extension.critical && unhandled) out.unhandled_critical.push_back(id);
  }
  return true;
}

bool read_signature(Der& der, std::string& out) {
  std::string_view bits;
  int unused;
  if (!der.read_bits(bits, unused)) return false;
  out = right_aligned(bits, unused);
  return true;
}

}  // namespace

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

int key_usage_number(std::string_view name) {
  if (!name.starts_with("KeyUsage")) return -1;
  name.remove_prefix(8);
  for (std::size_t i = 0; i < std::size(kUsages); ++i) {
    if (kUsages[i].second == name) return static_cast<int>(i);
  }
  return -1;
}

bool parse_public_key(std::string_view key_info, PublicKey& out, std::string& error) {
  Der whole(key_info), sequence, part;
  Algorithm algorithm;
  std::string_view bits;
  int unused;
  if (!whole.read(Der::kSequence, sequence)) return fail(error, "x509: malformed spki");
  if (!sequence.read(Der::kSequence, part)) return fail(error, "x509: malformed public key algorithm identifier");
  if (!read_algorithm(part, algorithm, error)) return false;
  if (!sequence.read_bits(bits, unused)) return fail(error, "x509: malformed subjectPublicKey");
  return read_key(algorithm, bits, key_info, out, error);
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
  Algorithm algorithm;
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
  Algorithm algorithm;
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
