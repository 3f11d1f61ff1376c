// The extensions of certificates, those that Go knows and no others. Rules: Go's crypto/x509 (parser.go), whose order
// of checks and messages stay. Tested by the cases of crypto.x509.*.
#include <algorithm>

#include "policy/rego/builtins/operands.h"
#include "policy/rego/builtins/uri.h"
#include "policy/rego/builtins/x509_read.h"

namespace kubegate::rego {
namespace {

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

}  // namespace

bool read_extension(Der der, Extension& out, std::string& error) {
  if (!der.read_oid(out.id)) return fail(error, "x509: malformed extension OID field");
  if (der.peek(Der::kBoolean) && !der.read_boolean(out.critical)) {
    return fail(error, "x509: malformed extension critical field");
  }
  if (!der.read(Der::kOctetString, out.value)) return fail(error, "x509: malformed extension value field");
  return true;
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

int key_usage_number(std::string_view name) {
  if (!name.starts_with("KeyUsage")) return -1;
  name.remove_prefix(8);
  for (std::size_t i = 0; i < std::size(kUsages); ++i) {
    if (kUsages[i].second == name) return static_cast<int>(i);
  }
  return -1;
}

}  // namespace kubegate::rego
