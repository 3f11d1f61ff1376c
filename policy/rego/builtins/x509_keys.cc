// The keys and signature algorithms of certificates. Rules: Go's crypto/x509 (x509.go, parser.go). Tested by the cases of
// crypto.x509.*.
#include "validate/base/openssl.h"
#include "policy/rego/builtins/x509_read.h"

namespace kubegate::rego {
namespace {

// The magnitude of a positive INTEGER; false for 0, negative and broken ones.
bool read_positive(Der& der, std::string_view& out) {
  if (!der.read_integer(out) || (static_cast<unsigned char>(out[0]) & 0x80)) return false;
  if (out[0] == 0) out.remove_prefix(1);
  return !out.empty();
}

constexpr std::string_view kNullBytes("\x05\x00", 2);

bool absent_or_null(std::string_view parameters) { return parameters.empty() || parameters == kNullBytes; }

SignatureAlgorithm pss_algorithm(std::string_view parameters) {
  Der whole(parameters), sequence, field, part;
  bool present;
  AlgorithmId hash, mask, mask_hash;
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

// Bytes of a coordinate on the curves that Go knows; 0: another curve.
std::size_t curve_bytes(const Oid& curve) {
  const std::string name = dotted(curve);
  if (name == "1.3.132.0.33") return 28;
  if (name == "1.2.840.10045.3.1.7") return 32;
  if (name == "1.3.132.0.34") return 48;
  if (name == "1.3.132.0.35") return 66;
  return 0;
}

bool read_key(const AlgorithmId& algorithm, std::string_view data, std::string_view key_info, PublicKey& out,
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

}  // namespace

bool read_algorithm(Der der, AlgorithmId& out, std::string& error) {
  if (!der.read_oid(out.oid)) return fail(error, "x509: malformed OID");
  std::uint8_t tag;
  std::string_view contents;
  if (!der.empty() && !der.read_any(tag, contents, &out.parameters)) {
    return fail(error, "x509: malformed parameters");
  }
  return true;
}

SignatureAlgorithm signature_algorithm(const AlgorithmId& algorithm) {
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

bool parse_public_key(std::string_view key_info, PublicKey& out, std::string& error) {
  Der whole(key_info), sequence, part;
  AlgorithmId algorithm;
  std::string_view bits;
  int unused;
  if (!whole.read(Der::kSequence, sequence)) return fail(error, "x509: malformed spki");
  if (!sequence.read(Der::kSequence, part)) return fail(error, "x509: malformed public key algorithm identifier");
  if (!read_algorithm(part, algorithm, error)) return false;
  if (!sequence.read_bits(bits, unused)) return fail(error, "x509: malformed subjectPublicKey");
  return read_key(algorithm, bits, key_info, out, error);
}

}  // namespace kubegate::rego
