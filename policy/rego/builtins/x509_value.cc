// Certificates as values: every exported field of Go's x509.Certificate, as encoding/json shows it. Byte slices are
// base64, big integers plain numbers, slices that were never made null. Field names and shapes are crypto/x509's and
// crypto/x509/pkix's.
#include <arpa/inet.h>
#include <openssl/crypto.h>

#include <chrono>
#include <cstdio>
#include <new>

#include "validate/base/base64.h"
#include "policy/rego/builtins/keys.h"
#include "validate/base/openssl.h"
#include "policy/rego/builtins/operands.h"
#include "policy/rego/builtins/uri.h"
#include "policy/rego/builtins/x509.h"
#include "policy/value/runes.h"

namespace kubegate::rego {
namespace {

class Maker {
 public:
  explicit Maker(ValueArena& arena) : arena_(arena) {}

  // Bytes that are no UTF-8 become U+FFFD.
  Value text(std::string_view text) {
    std::string out;
    while (!text.empty()) {
      const policy::Rune rune = policy::decode_rune(text);
      policy::append_rune(out, rune.code);
      text.remove_prefix(rune.size);
    }
    return make_string(arena_, out);
  }
  Value bytes(std::string_view bytes) { return text(encode_base64(bytes, false, true)); }
  Value bytes_or_null(bool there, std::string_view view) { return there ? bytes(view) : Value::null(); }
  Value number(std::string_view magnitude) { return big_integer_value(arena_, magnitude); }

  // null where there are none.
  template <class List, class Make>
  Value list(const List& list, Make make) {
    if (list.empty()) return Value::null();
    std::vector<Value> items;
    for (const auto& item : list) items.push_back(make(item));
    return make_array(arena_, items);
  }
  Value texts(const std::vector<std::string_view>& views) {
    return list(views, [&](std::string_view view) { return text(view); });
  }
  Value oid(const Oid& oid) {
    return list(oid, [](std::int64_t arc) { return Value::integer(arc); });
  }
  Value oids(const std::vector<Oid>& all) {
    return list(all, [&](const Oid& one) { return oid(one); });
  }
  Value object(std::vector<Member> members) { return make_object(arena_, members, policy::EqualKeys::kLast); }
  ValueArena& arena() { return arena_; }

 private:
  ValueArena& arena_;
};

Member field(std::string_view name, Value value) { return {Value::string(name), value}; }

Value name_value(Maker& make, const Name& name) {
  static constexpr std::pair<std::int64_t, std::string_view> kLists[] = {
      {6, "Country"},       {7, "Locality"},      {8, "Province"},
      {9, "StreetAddress"}, {10, "Organization"}, {11, "OrganizationalUnit"},
      {17, "PostalCode"},
  };
  const auto standard = [](const NameAttribute& attribute, std::int64_t last) {
    return attribute.type == Oid{2, 5, 4, last};
  };
  std::vector<Member> members;
  for (const auto& [last, key] : kLists) {
    std::vector<std::string_view> values;
    for (const NameAttribute& attribute : name) {
      if (standard(attribute, last)) values.push_back(attribute.value);
    }
    members.push_back(field(key, make.texts(values)));
  }
  std::string_view common, serial;
  for (const NameAttribute& attribute : name) {
    if (standard(attribute, 3)) common = attribute.value;
    if (standard(attribute, 5)) serial = attribute.value;
  }
  members.push_back(field("CommonName", make.text(common)));
  members.push_back(field("SerialNumber", make.text(serial)));
  members.push_back(field("Names", make.list(name, [&](const NameAttribute& attribute) {
    return make.object({field("Type", make.oid(attribute.type)), field("Value", make.text(attribute.value))});
  })));
  members.push_back(field("ExtraNames", Value::null()));
  return make.object(std::move(members));
}

Value time_value(Maker& make, std::int64_t seconds) {
  const std::chrono::sys_seconds at{std::chrono::seconds(seconds)};
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(at - day);
  char text[40];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
  return make.text(text);
}

Value extensions_value(Maker& make, const std::vector<Extension>& extensions) {
  return make.list(extensions, [&](const Extension& extension) {
    return make.object({field("Id", make.oid(extension.id)), field("Critical", Value::boolean(extension.critical)),
                        field("Value", make.bytes(extension.value))});
  });
}

std::string address(std::string_view bytes) {
  char text[64];
  if (bytes.size() == 16 && bytes.starts_with(std::string_view("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12))) {
    bytes.remove_prefix(12);
  }
  const char* shown = inet_ntop(bytes.size() == 4 ? AF_INET : AF_INET6, bytes.data(), text, sizeof text);
  return shown == nullptr ? "" : shown;
}

Value uri_value(Maker& make, std::string_view text) {
  Uri uri;
  std::string error;
  parse_uri(text, uri, error);  // it went well when the certificate was read
  const bool plain_path = escape_path(uri.path) == uri.raw_path;
  const bool plain_fragment = escape_path(uri.fragment) == uri.raw_fragment;
  return make.object(
      {field("Scheme", make.text(uri.scheme)), field("Opaque", make.text(uri.opaque)),
       field("User", uri.has_user ? Value::empty_object() : Value::null()), field("Host", make.text(uri.authority)),
       field("Path", make.text(uri.path)), field("RawPath", make.text(plain_path ? "" : uri.raw_path)),
       field("OmitHost", Value::boolean(!uri.has_host && uri.path.starts_with('/') && !uri.scheme.empty())),
       field("ForceQuery", Value::boolean(uri.force_query)), field("RawQuery", make.text(uri.query)),
       field("Fragment", make.text(uri.fragment)),
       field("RawFragment", make.text(plain_fragment ? "" : uri.raw_fragment))});
}

void add_alternative_names(Maker& make, const AlternativeNames& names, std::vector<Member>& members) {
  members.push_back(field("DNSNames", make.texts(names.dns)));
  members.push_back(field("EmailAddresses", make.texts(names.emails)));
  members.push_back(
      field("IPAddresses", make.list(names.ips, [&](std::string_view ip) { return make.text(address(ip)); })));
  members.push_back(field("URIs", make.list(names.uris, [&](std::string_view uri) { return uri_value(make, uri); })));
}

void add_constraints(Maker& make, const NameConstraints& constraints, std::string_view prefix,
                     std::vector<Member>& members) {
  const auto add = [&](std::string_view name, Value value) {
    members.push_back({make.text(std::string(prefix) + std::string(name)), value});
  };
  add("DNSDomains", make.texts(constraints.dns));
  add("EmailAddresses", make.texts(constraints.emails));
  add("URIDomains", make.texts(constraints.uris));
  add("IPRanges", make.list(constraints.ips, [&](const IpRange& range) {
    return make.object({field("IP", make.text(address(range.address))), field("Mask", make.bytes(range.mask))});
  }));
}

// The arcs of an OID of any size, with dots.
std::string dotted_contents(std::string_view contents) {
  Oid oid;
  return parse_oid(contents, oid) ? dotted(oid) : "";
}

Value policy_identifiers(Maker& make, const Certificate& certificate) {
  if (!certificate.has_policies) return Value::null();
  std::vector<Value> items;
  for (const std::string_view policy : certificate.policies) {
    Oid oid;
    if (parse_oid(policy, oid)) items.push_back(make.oid(oid));
  }
  return make_array(make.arena(), items);
}

// The attributes of a request that parse as rows of name attributes: what asks for extensions, in effect.
Value attributes_value(Maker& make, std::string_view attributes) {
  std::vector<Value> out;
  Der rest(attributes), attribute, set, row, pair;
  while (rest.read(Der::kSequence, attribute)) {
    Oid type;
    if (!attribute.read_oid(type) || !attribute.read(Der::kSet, set)) continue;
    std::vector<Value> rows;
    bool sound = true;
    while (sound && !set.empty()) {
      sound = set.read(Der::kSequence, row);
      std::vector<Value> pairs;
      while (sound && !row.empty()) {
        Oid id;
        std::uint8_t tag = 0;
        std::string_view bytes;
        sound = row.read(Der::kSequence, pair) && pair.read_oid(id) && pair.read_any(tag, bytes);
        std::string shown, error;
        Value value = Value::null();
        if (tag == Der::kOctetString) {
          value = make.bytes(bytes);
        } else if (tag == Der::kBoolean) {
          value = Value::boolean(bytes != std::string_view("\0", 1));
        } else if (read_asn1_text(tag, bytes, shown, error)) {
          value = make.text(shown);
        }
        pairs.push_back(make.object({field("Type", make.oid(id)), field("Value", value)}));
      }
      rows.push_back(make_array(make.arena(), pairs));
    }
    if (!sound) continue;
    out.push_back(make.object({field("Type", make.oid(type)), field("Value", make_array(make.arena(), rows))}));
  }
  return out.empty() ? Value::null() : make_array(make.arena(), out);
}

// What certificates and requests have in common.
template <class Signed>
std::vector<Member> signed_fields(Maker& make, const Signed& in) {
  return {field("Raw", make.bytes(in.raw)),
          field("RawSubjectPublicKeyInfo", make.bytes(in.key_info)),
          field("RawSubject", make.bytes(in.raw_subject)),
          field("Signature", make.bytes(in.signature)),
          field("SignatureAlgorithm", Value::integer(static_cast<int>(in.signature_algorithm))),
          field("PublicKeyAlgorithm", Value::integer(static_cast<int>(in.key.algorithm))),
          field("PublicKey", public_key_value(make.arena(), in.key)),
          field("Version", Value::integer(in.version)),
          field("Subject", name_value(make, in.subject)),
          field("Extensions", extensions_value(make, in.extensions)),
          field("ExtraExtensions", Value::null())};
}

}  // namespace

Value big_integer_value(ValueArena& arena, std::string_view magnitude) {
  char* digits = BN_bn2dec(big_number(magnitude).get());
  if (digits == nullptr) throw std::bad_alloc();
  const Value value = make_number(arena, digits);
  OPENSSL_free(digits);
  return value;
}

Value public_key_value(ValueArena& arena, const PublicKey& key) {
  Maker make(arena);
  switch (key.algorithm) {
    case KeyAlgorithm::kRsa:
      return make.object({field("N", make.number(key.modulus)), field("E", Value::integer(key.exponent))});
    case KeyAlgorithm::kEcdsa:
      return make.object(
          {field("Curve", Value::empty_object()), field("X", make.number(key.x)), field("Y", make.number(key.y))});
    case KeyAlgorithm::kDsa:
      return make.object({field("P", make.number(key.p)), field("Q", make.number(key.q)),
                          field("G", make.number(key.g)), field("Y", make.number(key.y))});
    case KeyAlgorithm::kEd25519: return make.bytes(key.bytes);
    case KeyAlgorithm::kUnknown: break;
  }
  return Value::null();
}

Value certificate_value(ValueArena& arena, const Certificate& in, bool with_uris) {
  Maker make(arena);
  std::vector<Member> members = signed_fields(make, in);
  const auto add = [&](std::string_view name, Value value) { members.push_back(field(name, value)); };
  const auto flag = [&](std::string_view name, bool value) { add(name, Value::boolean(value)); };
  const auto number = [&](std::string_view name, std::int64_t value) { add(name, Value::integer(value)); };
  add("RawTBSCertificate", make.bytes(in.tbs));
  add("RawIssuer", make.bytes(in.raw_issuer));
  add("SerialNumber", make.number(in.serial));
  add("Issuer", name_value(make, in.issuer));
  add("NotBefore", time_value(make, in.not_before));
  add("NotAfter", time_value(make, in.not_after));
  number("KeyUsage", in.key_usage);
  add("UnhandledCriticalExtensions", make.oids(in.unhandled_critical));
  add("ExtKeyUsage", make.list(in.usages, [](int usage) { return Value::integer(usage); }));
  add("UnknownExtKeyUsage", make.oids(in.unknown_usages));
  flag("BasicConstraintsValid", in.basic_constraints);
  flag("IsCA", in.is_ca);
  number("MaxPathLen", in.max_path_length);
  flag("MaxPathLenZero", in.basic_constraints && in.max_path_length == 0);
  add("SubjectKeyId", make.bytes_or_null(in.has_subject_key_id, in.subject_key_id));
  add("AuthorityKeyId", make.bytes_or_null(in.has_authority_key_id, in.authority_key_id));
  add("OCSPServer", make.texts(in.ocsp_servers));
  add("IssuingCertificateURL", make.texts(in.issuing_urls));
  add_alternative_names(make, in.names, members);
  flag("PermittedDNSDomainsCritical", in.constraints_critical);
  add_constraints(make, in.permitted, "Permitted", members);
  add_constraints(make, in.excluded, "Excluded", members);
  add("CRLDistributionPoints", make.texts(in.crl_points));
  add("PolicyIdentifiers", policy_identifiers(make, in));
  add("Policies", make.list(in.policies, [&](std::string_view oid) { return make.text(dotted_contents(oid)); }));
  add("PolicyMappings", make.list(in.policy_mappings, [&](const auto& mapping) {
    return make.object({field("IssuerDomainPolicy", make.text(dotted_contents(mapping.first))),
                        field("SubjectDomainPolicy", make.text(dotted_contents(mapping.second)))});
  }));
  number("InhibitAnyPolicy", in.inhibit_any_policy);
  flag("InhibitAnyPolicyZero", in.inhibit_any_policy_zero);
  number("InhibitPolicyMapping", in.inhibit_policy_mapping);
  flag("InhibitPolicyMappingZero", in.inhibit_policy_mapping_zero);
  number("RequireExplicitPolicy", in.require_explicit_policy);
  flag("RequireExplicitPolicyZero", in.require_explicit_policy_zero);
  if (with_uris) add("URIStrings", make.texts(in.names.uris));
  return make.object(std::move(members));
}

Value certificate_request_value(ValueArena& arena, const CertificateRequest& in) {
  Maker make(arena);
  std::vector<Member> members = signed_fields(make, in);
  members.push_back(field("RawTBSCertificateRequest", make.bytes(in.tbs)));
  members.push_back(field("Attributes", attributes_value(make, in.attributes)));
  add_alternative_names(make, in.names, members);
  return make.object(std::move(members));
}

}  // namespace kubegate::rego
