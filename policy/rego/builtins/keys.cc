// Keys from JWK, PEM and DER. Everything becomes an EVP_PKEY, whose providers check what they are given (points lie on
// their curves); the reasons for a refusal are ours where OPA's come from libraries of its own. Rules:
// topdown/tokens.go, lestrrat-go/jwx (jwk), crypto/x509. Tested by the cases of io.jwt.* and crypto.*.
#include "policy/rego/builtins/keys.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include <algorithm>

#include "validate/base/base64.h"
#include "policy/rego/builtins/der.h"
#include "policy/rego/builtins/operands.h"
#include "validate/base/pem.h"
#include "policy/rego/builtins/x509.h"

namespace kubegate::rego {
namespace {

using ParamBuilder = std::unique_ptr<OSSL_PARAM_BLD, OpensslDeleter<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, OpensslDeleter<OSSL_PARAM_free>>;

bool fail(std::string& error, std::string_view message) {
  error = message;
  return false;
}

PKey make_key(const char* type, OSSL_PARAM_BLD* builder, bool is_private) {
  const Params params(OSSL_PARAM_BLD_to_param(builder));
  const PKeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (params == nullptr || context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, is_private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
    return nullptr;
  }
  return PKey(key);
}

// A member of a JWK in base64url; false only where it is there and is no such text.
bool member_bytes(Value jwk, std::string_view name, std::string& out, bool& present, std::string& error) {
  const Value v = lookup(jwk, Value::string(name));
  present = v.defined() && !v.is_null();
  if (!present) return true;
  std::string why;
  if (v.is_string() && decode_base64url(v.text(), out, why)) return true;
  return fail(error,
              "failed to decode value for key " + std::string(name) + ": expected base64 encoded []byte (string)");
}

// Reads the named members; those in `required` must be there.
struct Members {
  std::string bytes[8];
  bool present[8] = {};
};
bool read_members(Value jwk, std::initializer_list<std::string_view> names, int required, Members& out,
                  std::string& error) {
  int i = 0;
  for (const std::string_view name : names) {
    if (!member_bytes(jwk, name, out.bytes[i], out.present[i], error)) return false;
    if (!out.present[i] && i < required) return fail(error, "required field " + std::string(name) + " is missing");
    ++i;
  }
  return true;
}

// A key whose members are there but do not make one.
bool invalid(std::string& error, std::string_view who, std::string_view why) {
  return fail(error,
              "jwk.Parse: key validation failed: key validation failed: " + std::string(who) + ": " + std::string(why));
}

bool rsa_from_jwk(Value jwk, TokenKey& out, std::string& error) {
  static constexpr const char* kParams[] = {OSSL_PKEY_PARAM_RSA_E,         OSSL_PKEY_PARAM_RSA_N,
                                            OSSL_PKEY_PARAM_RSA_D,         OSSL_PKEY_PARAM_RSA_FACTOR1,
                                            OSSL_PKEY_PARAM_RSA_FACTOR2,   OSSL_PKEY_PARAM_RSA_EXPONENT1,
                                            OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1};
  Members m;
  if (!read_members(jwk, {"e", "n", "d", "p", "q", "dp", "dq", "qi"}, 2, m, error)) return false;
  out.is_private = m.present[2];
  if (out.is_private && !(m.present[3] && m.present[4])) return fail(error, "missing \"q\" value");
  // Either the whole of the Chinese remainder's numbers or none of it.
  const int used = !out.is_private ? 2 : m.present[5] && m.present[6] && m.present[7] ? 8 : 3;
  const ParamBuilder builder(OSSL_PARAM_BLD_new());
  std::vector<BigNumber> numbers;
  for (int i = 0; i < used; ++i) {
    numbers.push_back(big_number(m.bytes[i]));
    if (BN_is_zero(numbers.back().get())) return fail(error, "invalid RSA key");
    OSSL_PARAM_BLD_push_BN(builder.get(), kParams[i], numbers.back().get());
  }
  if (BN_num_bits(numbers[1].get()) > OPENSSL_RSA_MAX_MODULUS_BITS) return fail(error, "RSA modulus is too large");
  out.kind = KeyKind::kRsa;
  out.key = make_key("RSA", builder.get(), out.is_private);
  return out.key != nullptr || fail(error, "invalid RSA key");
}

bool ec_from_jwk(Value jwk, TokenKey& out, std::string& error) {
  const Value curve = lookup(jwk, Value::string("crv"));
  if (!curve.is_string()) return fail(error, "required field crv is missing");
  struct Curve {
    std::string_view name;
    const char* group;
    std::size_t bytes;
  };
  static constexpr Curve kCurves[] = {
      {"P-256", "prime256v1", 32}, {"P-384", "secp384r1", 48}, {"P-521", "secp521r1", 66}};
  const auto* known =
      std::find_if(std::begin(kCurves), std::end(kCurves), [&](const Curve& c) { return c.name == curve.text(); });
  if (known == std::end(kCurves)) {
    return fail(error, "failed to decode value for key crv: unknown EllipticCurveAlgorithm: " + quoted(curve.text()));
  }
  Members m;
  if (!read_members(jwk, {"x", "y", "d"}, 2, m, error)) return false;
  out.is_private = m.present[2];
  std::string point = "\x04";
  for (int i = 0; i < 2; ++i) {
    std::string& coordinate = m.bytes[i];
    if (coordinate.size() != known->bytes) {
      return invalid(error, out.is_private ? "jwk.ECDSAPrivateKey" : "jwk.ECDSAPublicKey",
                     std::string("invalid \"") + "xy"[i] + "\" length (" + std::to_string(coordinate.size()) +
                         ") for curve " + quoted(known->name));
    }
    point += coordinate;
  }
  const ParamBuilder builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, known->group, 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
  const BigNumber d = big_number(m.bytes[2]);
  if (out.is_private) OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, d.get());
  out.kind = KeyKind::kEc;
  out.key = make_key("EC", builder.get(), out.is_private);
  return out.key != nullptr || fail(error, "invalid ECDSA public key: point is not on curve");
}

bool okp_from_jwk(Value jwk, TokenKey& out, std::string& error) {
  const Value curve = lookup(jwk, Value::string("crv"));
  if (!curve.is_string()) return fail(error, "required field crv is missing");
  Members m;
  if (!read_members(jwk, {"x", "d"}, 1, m, error)) return false;
  out.is_private = m.present[1];
  if (curve.text() == "X25519") return true;  // a key, but none to sign with
  if (curve.text() != "Ed25519") {
    return fail(error, "failed to decode value for key crv: unknown EllipticCurveAlgorithm: " + quoted(curve.text()));
  }
  const std::string_view who = out.is_private ? "jwk.OKPPrivateKey" : "jwk.OKPPublicKey";
  if (m.bytes[0].size() != 32) return invalid(error, who, "ed25519: wrong public key size");
  if (out.is_private && m.bytes[1].size() != 32) return invalid(error, who, "ed25519: wrong private key size");
  out.kind = KeyKind::kEd25519;
  out.key.reset(out.is_private ? EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, octets(m.bytes[1]), 32)
                               : EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, octets(m.bytes[0]), 32));
  if (out.key == nullptr) return fail(error, "invalid Ed25519 key");
  if (out.is_private && raw_public(out.key.get()) != m.bytes[0]) {
    return fail(error, "ed25519: invalid x value given d value");
  }
  return true;
}

// The error of a JSON value that is not what the probe of a key's type wants.
bool probe_error(std::string& error, std::string_view why) {
  return fail(error, "jwk.Parse: failed to probe data: probe: failed to unmarshal data: " + std::string(why));
}

constexpr std::string_view kProbe = R"(struct { Kty string "json:\"kty\""; D json.RawMessage "json:\"d,omitempty\"" })";

std::string_view json_type(Value v) { return v.is_boolean() ? "bool" : type_name(v.type()); }

// `error` is what stands behind "jwk.ParseKey: ".
bool key_from_jwk(Value jwk, TokenKey& out, std::string& error) {
  if (!jwk.is_object() && !jwk.is_null()) {
    return probe_error(error, "json: cannot unmarshal " + std::string(json_type(jwk)) + " into Go value of type " +
                                  std::string(kProbe));
  }
  const Value type = lookup(jwk, Value::string("kty"));
  if (type.defined() && !type.is_string() && !type.is_null()) {
    return probe_error(
        error, "json: cannot unmarshal " + std::string(json_type(type)) + " into Go struct field .kty of type string");
  }
  const std::string_view kind = type.is_string() ? type.text() : "";
  const bool secret = lookup(jwk, Value::string("d")).defined();
  struct Kind {
    std::string_view name, public_type, private_type;
    bool (*read)(Value jwk, TokenKey& out, std::string& error);
  };
  static constexpr auto kSymmetric = [](Value oct, TokenKey& key, std::string& why) {
    Members m;
    if (!read_members(oct, {"k"}, 1, m, why)) return false;
    key.kind = KeyKind::kSecret;
    key.is_private = true;
    key.secret = std::move(m.bytes[0]);
    return true;
  };
  static constexpr Kind kKinds[] = {{"RSA", "*jwk.rsaPublicKey", "*jwk.rsaPrivateKey", rsa_from_jwk},
                                    {"EC", "*jwk.ecdsaPublicKey", "*jwk.ecdsaPrivateKey", ec_from_jwk},
                                    {"OKP", "*jwk.okpPublicKey", "*jwk.okpPrivateKey", okp_from_jwk},
                                    {"oct", "*jwk.symmetricKey", "*jwk.symmetricKey", kSymmetric}};
  const auto* known = std::find_if(std::begin(kKinds), std::end(kKinds), [&](const Kind& k) { return k.name == kind; });
  if (known == std::end(kKinds)) return fail(error, "invalid key type from JSON (" + std::string(kind) + ")");
  out.go_type = secret ? known->private_type : known->public_type;
  const auto text_member = [&](std::string_view name, std::string& into) {
    const Value v = lookup(jwk, Value::string(name));
    if (!v.defined()) return true;
    if (!v.is_string()) return fail(error, "failed to decode value for key " + std::string(name));
    into = v.text();
    return true;
  };
  if (text_member("alg", out.algorithm) && text_member("kid", out.id) && known->read(jwk, out, error)) return true;
  if (!error.starts_with("jwk.Parse: ")) {
    const std::string into = "failed to unmarshal JSON into key (" + std::string(out.go_type) + "): ";
    error = into + into + error;
  }
  return false;
}

// The kind of a key, which must be one that Go knows.
KeyKind kind_of(const EVP_PKEY* key) {
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA: return KeyKind::kRsa;
    case EVP_PKEY_EC: return KeyKind::kEc;
    case EVP_PKEY_ED25519: return KeyKind::kEd25519;
    default: return KeyKind::kOther;
  }
}

bool key_of_info(std::string_view key_info, std::vector<TokenKey>& out) {
  TokenKey key;
  key.key = read_public_key(key_info);
  if (key.key != nullptr) key.kind = kind_of(key.key.get());
  out.push_back(std::move(key));
  return true;
}

bool read_private(int type, std::string_view der, PKey& out) {
  const unsigned char* at = octets(der);
  out.reset(d2i_PrivateKey(type, nullptr, &at, static_cast<long>(der.size())));
  return out != nullptr && at == octets(der) + der.size();
}

}  // namespace

bool parse_jwks(ValueArena& arena, std::string_view json, std::vector<TokenKey>& out, std::string& error) {
  constexpr std::string_view kSole = "jwk.Parse: failed to parse sole key: jwk.ParseKey: ";
  constexpr std::string_view kSet = "jwk.Parse: failed to unmarshal JWK set: ";
  Value v;
  std::string why;
  std::size_t end;
  const bool read = policy::parse_json(arena, json, v, why, &end);
  if (!read) probe_error(why, std::string(why));
  const Value keys = v.is_object() ? lookup(v, Value::string("keys")) : Value();
  if (!keys.defined()) {
    out.emplace_back();
    return (read && key_from_jwk(v, out.back(), why)) || fail(error, std::string(kSole) + why);
  }
  if (!keys.is_array()) {
    return fail(error, std::string(kSet) + "failed to decode \"keys\": expected '[' but got " +
                           (keys.is_string() ? std::string(keys.text()) : to_json(keys)));
  }
  for (std::uint32_t i = 0; i < count(keys); ++i) {
    out.emplace_back();
    if (!key_from_jwk(element(keys, i), out.back(), why)) {
      return fail(error, std::string(kSet) + "failed to decode key #" + std::to_string(i) +
                             " in \"keys\": jwk.ParseKey: " + why);
    }
  }
  return true;
}

bool parse_verification_keys(ValueArena& arena, std::string_view text, std::vector<TokenKey>& out, std::string& error) {
  PemBlock block;
  std::string_view rest = text;
  if (read_pem(rest, block)) {
    if (!rest.empty()) return fail(error, "extra data after a PEM certificate block");
    std::string why;
    if (block.type == "CERTIFICATE") {
      Certificate certificate;
      std::string_view der = block.bytes;
      if (!parse_certificate(der, certificate, why) || (!der.empty() && !fail(why, "x509: trailing data"))) {
        return fail(error, "failed to parse a PEM certificate: " + why);
      }
      return key_of_info(certificate.key_info, out);
    }
    if (block.type == "PUBLIC KEY") {
      PublicKey key;
      if (!parse_public_key(block.bytes, key, why)) return fail(error, "failed to parse a PEM public key: " + why);
      return key_of_info(block.bytes, out);
    }
    return fail(error, "failed to extract a Key from the PEM certificate");
  }
  std::vector<TokenKey> keys;
  std::string why;
  if (!parse_jwks(arena, text, keys, why))
    return fail(error, "failed to parse a JWK key (set): jwk.ParseString: failed to parse string: " + why);
  static constexpr std::string_view kAlgorithms[] = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256",
                                                     "ES384", "ES512", "HS256", "HS384", "HS512", "EdDSA"};
  for (TokenKey& key : keys) {
    const bool known =
        std::find(std::begin(kAlgorithms), std::end(kAlgorithms), key.algorithm) != std::end(kAlgorithms);
    if (key.algorithm.empty() || known) out.push_back(std::move(key));
  }
  return true;
}

bool parse_pkcs1(std::string_view der, PrivateKey& out, std::string& error) {
  out.kind = KeyKind::kRsa;
  return read_private(EVP_PKEY_RSA, der, out.key) || fail(error, "x509: failed to parse private key");
}

bool parse_ec_key(std::string_view der, PrivateKey& out, std::string& error) {
  out.kind = KeyKind::kEc;
  if (!read_private(EVP_PKEY_EC, der, out.key)) return fail(error, "x509: failed to parse EC private key");
  return curve_size(out.key.get()) != 0 || fail(error, "x509: unknown elliptic curve");
}

bool parse_pkcs8(std::string_view der, PrivateKey& out, std::string& error) {
  Der whole(der), sequence, algorithm;
  std::int64_t version;
  Oid oid;
  if (!whole.read(Der::kSequence, sequence) || !sequence.read_int64(version) ||
      !sequence.read(Der::kSequence, algorithm) || !algorithm.read_oid(oid)) {
    return fail(error, "x509: failed to parse private key");
  }
  const std::string name = dotted(oid);
  if (name != "1.2.840.113549.1.1.1" && name != "1.2.840.10045.2.1" && name != "1.3.101.112" && name != "1.3.101.110") {
    return fail(error, "x509: PKCS#8 wrapping contained private key with unknown algorithm: " + name);
  }
  const unsigned char* at = octets(der);
  PKCS8_PRIV_KEY_INFO* info = d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, static_cast<long>(der.size()));
  if (info != nullptr) out.key.reset(EVP_PKCS82PKEY(info));
  PKCS8_PRIV_KEY_INFO_free(info);
  if (out.key == nullptr) return fail(error, "x509: failed to parse private key embedded in PKCS#8");
  out.kind = kind_of(out.key.get());
  if (out.kind == KeyKind::kEc && curve_size(out.key.get()) == 0) {
    return fail(error, "x509: failed to parse EC private key embedded in PKCS#8: x509: unknown elliptic curve");
  }
  return true;
}

std::string key_number(const EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &number) != 1) return "";
  const BigNumber owner(number);
  std::string out(static_cast<std::size_t>(BN_num_bytes(number)), '\0');
  BN_bn2bin(number, octets(out));
  return out;
}

std::string raw_private(const EVP_PKEY* key) {
  std::string out(32, '\0');
  std::size_t size = out.size();
  return EVP_PKEY_get_raw_private_key(key, octets(out), &size) == 1 ? out : "";
}

std::string raw_public(const EVP_PKEY* key) {
  std::string out(32, '\0');
  std::size_t size = out.size();
  return EVP_PKEY_get_raw_public_key(key, octets(out), &size) == 1 ? out : "";
}

std::size_t curve_size(const EVP_PKEY* key) {
  char name[64];
  std::size_t size;
  if (EVP_PKEY_get_group_name(key, name, sizeof name, &size) != 1) return 0;
  const std::string_view curve(name, size);
  if (curve == "prime256v1" || curve == "P-256") return 32;
  if (curve == "secp224r1" || curve == "P-224") return 28;
  if (curve == "secp384r1" || curve == "P-384") return 48;
  if (curve == "secp521r1" || curve == "P-521") return 66;
  return 0;
}

}  // namespace kubegate::rego
