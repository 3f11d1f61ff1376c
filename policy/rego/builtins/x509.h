// X.509 certificates and certificate requests as Go's crypto/x509 reads and shows them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "policy/rego/builtin.h"
#include "policy/rego/builtins/der.h"

namespace kubegate::rego {

// The numbers of x509.PublicKeyAlgorithm. X25519 keys are kUnknown there with a key all the same.
enum class KeyAlgorithm : std::uint8_t { kUnknown, kRsa, kDsa, kEcdsa, kEd25519 };

// The numbers of x509.SignatureAlgorithm.
enum class SignatureAlgorithm : std::uint8_t {
  kUnknown,
  kMd2Rsa,
  kMd5Rsa,
  kSha1Rsa,
  kSha256Rsa,
  kSha384Rsa,
  kSha512Rsa,
  kDsaSha1,
  kDsaSha256,
  kEcdsaSha1,
  kEcdsaSha256,
  kEcdsaSha384,
  kEcdsaSha512,
  kSha256Pss,
  kSha384Pss,
  kSha512Pss,
  kEd25519,
};

// Numbers are big-endian magnitudes.
struct PublicKey {
  KeyAlgorithm algorithm = KeyAlgorithm::kUnknown;
  std::int64_t exponent = 0;  // RSA
  std::string_view modulus;   // RSA
  std::string_view p, q, g;   // DSA
  std::string_view x, y;      // the point of an EC key; y of a DSA key
  std::string_view bytes;     // Ed25519
};

struct NameAttribute {
  Oid type;
  std::string value;
};
using Name = std::vector<NameAttribute>;

struct Extension {
  Oid id;
  bool critical = false;
  std::string_view value;
};

struct AlternativeNames {
  std::vector<std::string_view> dns, emails, ips, uris;
};

struct IpRange {
  std::string_view address, mask;
};
struct NameConstraints {
  std::vector<std::string_view> dns, emails, uris;
  std::vector<IpRange> ips;
};

// Views lie in the DER that was parsed.
struct Certificate {
  std::string_view raw, tbs, key_info, raw_issuer, raw_subject, serial;
  std::string signature;
  SignatureAlgorithm signature_algorithm = SignatureAlgorithm::kUnknown;
  PublicKey key;
  std::int64_t version = 1;
  Name issuer, subject;
  std::int64_t not_before = 0, not_after = 0;  // seconds since 1970
  std::vector<Extension> extensions;
  std::vector<Oid> unhandled_critical;
  int key_usage = 0;
  std::vector<int> usages;  // the numbers of x509.ExtKeyUsage
  std::vector<Oid> unknown_usages;
  bool basic_constraints = false, is_ca = false;
  std::int64_t max_path_length = 0;  // -1: none given
  std::string_view subject_key_id, authority_key_id;
  bool has_subject_key_id = false, has_authority_key_id = false;
  std::vector<std::string_view> ocsp_servers, issuing_urls, crl_points;
  AlternativeNames names;
  bool constraints_critical = false, has_constraints = false;
  NameConstraints permitted, excluded;
  bool has_policies = false;
  std::vector<std::string_view> policies;  // contents of OIDs
  std::vector<std::pair<std::string_view, std::string_view>> policy_mappings;
  std::int64_t require_explicit_policy = 0, inhibit_policy_mapping = 0, inhibit_any_policy = 0;
  bool require_explicit_policy_zero = false, inhibit_policy_mapping_zero = false, inhibit_any_policy_zero = false;
};

struct CertificateRequest {
  std::string_view raw, tbs, key_info, raw_subject;
  std::string signature;
  SignatureAlgorithm signature_algorithm = SignatureAlgorithm::kUnknown;
  PublicKey key;
  std::int64_t version = 0;
  Name subject;
  std::string_view attributes;  // a row of Attributes
  std::vector<Extension> extensions;
  AlternativeNames names;
};

// Each is false with Go's message in `error`. parse_certificate takes one certificate off the front of `der`.
bool parse_certificate(std::string_view& der, Certificate& out, std::string& error);
bool parse_certificates(std::string_view der, std::vector<Certificate>& out, std::string& error);
bool parse_certificate_request(std::string_view der, CertificateRequest& out, std::string& error);
// The text of a string type (x509.parseASN1String); false with Go's message in `error`.
bool read_asn1_text(std::uint8_t tag, std::string_view bytes, std::string& out, std::string& error);
// A SubjectPublicKeyInfo.
bool parse_public_key(std::string_view key_info, PublicKey& out, std::string& error);

// The number of x509.ExtKeyUsage that Go calls `name` with KeyUsage in front ("KeyUsageServerAuth"); -1: none.
int key_usage_number(std::string_view name);
inline constexpr int kAnyUsage = 0, kServerAuth = 1;

// As encoding/json shows x509.Certificate; `with_uris` adds OPA's URIStrings.
Value certificate_value(ValueArena& arena, const Certificate& certificate, bool with_uris);
Value certificate_request_value(ValueArena& arena, const CertificateRequest& request);
Value public_key_value(ValueArena& arena, const PublicKey& key);

// What verification is asked for beyond the chain.
struct VerifyOptions {
  std::string_view dns_name;  // empty: any
  std::int64_t now_ns = 0;
  std::vector<int> usages;  // empty: server authentication
};
// The chain from the last certificate up to the first one, the others being what it may go through; empty: none holds.
std::vector<const Certificate*> verify_chain(const std::vector<Certificate>& certificates,
                                             const VerifyOptions& options);

}  // namespace kubegate::rego
