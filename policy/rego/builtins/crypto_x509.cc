// Certificates, requests and private keys for policies: what they are read from (PEM, or base64 of PEM or DER), and
// what of them is shown. Rules: topdown/crypto.go. Tested by cases/x509.txt and the conformance cases crypto*.
#include <openssl/core_names.h>

#include "validate/base/base64.h"
#include "policy/rego/builtins/functions.h"
#include "policy/rego/builtins/keys.h"
#include "policy/rego/builtins/operands.h"
#include "validate/base/pem.h"
#include "policy/rego/builtins/x509.h"

namespace kubegate::rego {
namespace {

bool decode_standard(std::string_view text, std::string& out, std::string& error) {
  std::size_t bad;
  out.clear();
  if (decode_base64(text, false, true, out, bad)) return true;
  error = base64_error(bad);
  return false;
}

// The DER of all certificates of PEM blocks.
bool pem_certificates(std::string_view text, std::string& out, std::string& error) {
  PemBlock block;
  while (read_pem(text, block)) {
    if (block.type != "CERTIFICATE") {
      error = "PEM block type is '" + block.type + "', expected CERTIFICATE";
      return false;
    }
    out += block.bytes;
  }
  return true;
}

// `der` keeps what the certificates view.
bool read_certificates(std::string_view text, std::string& der, std::vector<Certificate>& out, std::string& error) {
  std::string decoded;
  if (!text.starts_with("-----BEGIN")) {
    if (!decode_standard(text, decoded, error)) return false;
    if (!decoded.starts_with("-----BEGIN")) {
      der = std::move(decoded);
      return parse_certificates(der, out, error);
    }
    text = decoded;
  }
  return pem_certificates(text, der, error) && parse_certificates(der, out, error);
}

Value certificates_value(ValueArena& arena, const std::vector<const Certificate*>& certificates, bool with_uris) {
  std::vector<Value> items;
  for (const Certificate* certificate : certificates)
    items.push_back(certificate_value(arena, *certificate, with_uris));
  return make_array(arena, items);
}

Value pair(BuiltinContext& context, Value a, Value b) {
  const Value items[] = {a, b};
  return make_array(context.arena(), items);
}

Value unverified(BuiltinContext& context) { return pair(context, Value::boolean(false), Value::empty_array()); }

std::string_view without_quotes(std::string_view text) {
  while (text.starts_with('"')) text.remove_prefix(1);
  while (text.ends_with('"')) text.remove_suffix(1);
  return text;
}

bool read_usages(BuiltinContext& context, Value given, std::vector<int>& out) {
  if (!given.is_array() && !given.is_set()) {
    context.fail("'KeyUsages' should be an Array or Set");
    return false;
  }
  std::string unknown;
  for (Cursor c(given); c.next();) {
    if (!c.value().is_string()) continue;
    const std::string_view name = without_quotes(c.value().text());
    const int usage = key_usage_number(name);
    if (usage >= 0) {
      out.push_back(usage);
    } else {
      unknown += (unknown.empty() ? "" : " ") + std::string(name);
    }
  }
  if (unknown.empty()) return true;
  context.fail("invalid entries for 'KeyUsages' found: [" + unknown + "]");
  return false;
}

bool read_options(BuiltinContext& context, Value given, VerifyOptions& out) {
  for (Cursor c(given); c.next();) {
    if (!c.key().is_string()) continue;
    const std::string_view name = c.key().text();
    const Value v = c.value();
    std::int64_t number;
    if (name == "DNSName") {
      if (!v.is_string()) return context.fail("'DNSName' should be a string"), false;
      out.dns_name = without_quotes(v.text());
    } else if (name == "CurrentTime") {
      if (!v.is_number()) return context.fail("'CurrentTime' should be a number"), false;
      if (!policy::number_to_int64(v, out.now_ns)) {
        return context.fail("'CurrentTime' should be a valid int64 number"), false;
      }
    } else if (name == "MaxConstraintComparisons") {
      if (!v.is_number()) return context.fail("'MaxConstraintComparisons' should be a number"), false;
      if (!policy::number_to_int64(v, number)) {
        return context.fail("'MaxConstraintComparisons' should be a valid number"), false;
      }
    } else if (name == "KeyUsages") {
      if (!read_usages(context, v, out.usages)) return false;
    } else {
      return context.fail("invalid key option"), false;
    }
  }
  return true;
}

Value verify(BuiltinContext& context, const std::vector<Certificate>& certificates, const VerifyOptions& options,
             bool with_uris) {
  if (certificates.size() < 2) return unverified(context);
  const std::vector<const Certificate*> chain = verify_chain(certificates, options);
  if (chain.empty()) return unverified(context);
  return pair(context, Value::boolean(true), certificates_value(context.arena(), chain, with_uris));
}

// ---- Private keys --------------------------------------------------------------------------------------------------

bool read_private_keys(std::string_view text, std::vector<PrivateKey>& out, std::string& error) {
  std::string decoded, why;
  if (decode_standard(text, decoded, why)) text = decoded;
  PemBlock block;
  while (read_pem(text, block)) {
    PrivateKey key;
    if (block.type == "RSA PRIVATE KEY") {
      if (!parse_pkcs1(block.bytes, key, error)) return false;
    } else if (block.type == "PRIVATE KEY") {
      if (!parse_pkcs8(block.bytes, key, error)) return false;
    } else if (block.type == "EC PRIVATE KEY") {
      if (!parse_ec_key(block.bytes, key, error)) return false;
    } else {
      continue;
    }
    out.push_back(std::move(key));
  }
  return true;
}

Member field(std::string_view name, Value value) { return {Value::string(name), value}; }

Value object(ValueArena& arena, std::vector<Member> members) {
  return make_object(arena, members, policy::EqualKeys::kLast);
}

// As encoding/json shows Go's rsa.PrivateKey, ecdsa.PrivateKey, ed25519.PrivateKey and ecdh.PrivateKey.
Value private_key_value(ValueArena& arena, const PrivateKey& private_key) {
  const EVP_PKEY* key = private_key.key.get();
  const auto number = [&](const char* name) { return big_integer_value(arena, key_number(key, name)); };
  switch (private_key.kind) {
    case KeyKind::kRsa: {
      const Value primes[] = {number(OSSL_PKEY_PARAM_RSA_FACTOR1), number(OSSL_PKEY_PARAM_RSA_FACTOR2)};
      const Value precomputed = object(
          arena,
          {field("Dp", number(OSSL_PKEY_PARAM_RSA_EXPONENT1)), field("Dq", number(OSSL_PKEY_PARAM_RSA_EXPONENT2)),
           field("Qinv", number(OSSL_PKEY_PARAM_RSA_COEFFICIENT1)), field("CRTValues", Value::empty_array())});
      return object(arena, {field("N", number(OSSL_PKEY_PARAM_RSA_N)), field("E", number(OSSL_PKEY_PARAM_RSA_E)),
                            field("D", number(OSSL_PKEY_PARAM_RSA_D)), field("Primes", make_array(arena, primes)),
                            field("Precomputed", precomputed)});
    }
    case KeyKind::kEc:
      return object(arena,
                    {field("Curve", Value::empty_object()), field("X", number(OSSL_PKEY_PARAM_EC_PUB_X)),
                     field("Y", number(OSSL_PKEY_PARAM_EC_PUB_Y)), field("D", number(OSSL_PKEY_PARAM_PRIV_KEY))});
    case KeyKind::kEd25519: return make_string(arena, encode_base64(raw_private(key) + raw_public(key), false, true));
    default: return Value::empty_object();
  }
}

std::string padded(std::string bytes, std::size_t size) {
  if (bytes.size() < size) bytes.insert(0, size - bytes.size(), '\0');
  return bytes;
}

Value private_jwk(ValueArena& arena, const PrivateKey& private_key) {
  const EVP_PKEY* key = private_key.key.get();
  const auto encoded = [&](const std::string& bytes) { return make_string(arena, encode_base64(bytes, true, false)); };
  const auto number = [&](const char* name) { return encoded(key_number(key, name)); };
  if (private_key.kind == KeyKind::kRsa) {
    return object(
        arena, {field("kty", Value::string("RSA")), field("n", number(OSSL_PKEY_PARAM_RSA_N)),
                field("e", number(OSSL_PKEY_PARAM_RSA_E)), field("d", number(OSSL_PKEY_PARAM_RSA_D)),
                field("p", number(OSSL_PKEY_PARAM_RSA_FACTOR1)), field("q", number(OSSL_PKEY_PARAM_RSA_FACTOR2)),
                field("dp", number(OSSL_PKEY_PARAM_RSA_EXPONENT1)), field("dq", number(OSSL_PKEY_PARAM_RSA_EXPONENT2)),
                field("qi", number(OSSL_PKEY_PARAM_RSA_COEFFICIENT1))});
  }
  if (private_key.kind == KeyKind::kEc) {
    const std::size_t size = curve_size(key);
    if (size == 28) return Value();
    const auto coordinate = [&](const char* name) { return encoded(padded(key_number(key, name), size)); };
    const std::string_view name = size == 32 ? "P-256" : size == 48 ? "P-384" : "P-521";
    return object(arena,
                  {field("kty", Value::string("EC")), field("crv", Value::string(name)),
                   field("x", coordinate(OSSL_PKEY_PARAM_EC_PUB_X)), field("y", coordinate(OSSL_PKEY_PARAM_EC_PUB_Y)),
                   field("d", coordinate(OSSL_PKEY_PARAM_PRIV_KEY))});
  }
  const std::string_view curve = private_key.kind == KeyKind::kEd25519 ? "Ed25519" : "X25519";
  return object(arena, {field("kty", Value::string("OKP")), field("crv", Value::string(curve)),
                        field("x", encoded(raw_public(key))), field("d", encoded(raw_private(key)))});
}

// ---- Pairs ---------------------------------------------------------------------------------------------------------

bool read_pair_key(std::string_view text, bool is_pem, PrivateKey& out, std::string& error) {
  PemBlock block;
  if (is_pem) {
    std::string skipped;
    int skips = 0;
    for (;;) {
      if (!read_pem(text, block)) {
        error = skips == 0 ? "tls: failed to find any PEM data in key input"
                : skips == 1 && skipped == "CERTIFICATE"
                    ? "tls: found a certificate rather than a key in the PEM for the private key"
                    : "tls: failed to find PEM block with type ending in \"PRIVATE KEY\" in key input after skipping "
                      "PEM blocks of the following types: [" +
                          skipped + "]";
        return false;
      }
      if (block.type == "PRIVATE KEY" || block.type.ends_with(" PRIVATE KEY")) break;
      skipped += (skips++ == 0 ? "" : " ") + block.type;
    }
  } else {
    block.bytes = text;
  }
  std::string why;
  if (parse_pkcs1(block.bytes, out, why)) return true;
  if (parse_pkcs8(block.bytes, out, why)) {
    if (out.kind != KeyKind::kOther) return true;
    error = "tls: found unknown private key type in PKCS#8 wrapping";
    return false;
  }
  if (parse_ec_key(block.bytes, out, why)) return true;
  error = "tls: failed to parse private key";
  return false;
}

bool read_pair_certificates(std::string_view text, bool is_pem, std::vector<std::string>& out, std::string& error) {
  if (!is_pem) {
    out.emplace_back(text);
    return true;
  }
  PemBlock block;
  std::string skipped;
  int skips = 0;
  while (read_pem(text, block)) {
    if (block.type == "CERTIFICATE") {
      out.push_back(block.bytes);
    } else {
      skipped += (skips++ == 0 ? "" : " ") + block.type;
    }
  }
  if (!out.empty()) return true;
  error = skips == 0 ? "tls: failed to find any PEM data in certificate input"
          : skips == 1 && skipped.ends_with("PRIVATE KEY")
              ? "tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM "
                "inputs may have been switched"
              : "tls: failed to find \"CERTIFICATE\" PEM block in certificate input after skipping PEM blocks of the "
                "following types: [" +
                    skipped + "]";
  return false;
}

}  // namespace

Value eval_crypto_x509_parse_certificates(BuiltinContext& context, Args args) {
  if (!check(context, args, 1, Type::kString)) return Value();
  std::vector<Certificate> certificates;
  std::string der, error;
  if (!read_certificates(args[0].text(), der, certificates, error)) return context.fail(error);
  std::vector<const Certificate*> all;
  for (const Certificate& certificate : certificates) all.push_back(&certificate);
  return certificates_value(context.arena(), all, true);
}

Value eval_crypto_x509_parse_and_verify_certificates(BuiltinContext& context, Args args) {
  if (!check(context, args, 1, Type::kString)) return Value();
  std::vector<Certificate> certificates;
  std::string der, error;
  if (!read_certificates(args[0].text(), der, certificates, error)) return unverified(context);
  VerifyOptions options;
  options.now_ns = context.now_ns();
  return verify(context, certificates, options, true);
}

Value eval_crypto_x509_parse_and_verify_certificates_with_options(BuiltinContext& context, Args args) {
  if (!check_all(context, args, {Type::kString, Type::kObject})) return Value();
  std::vector<Certificate> certificates;
  std::string der, error;
  if (!read_certificates(args[0].text(), der, certificates, error)) return unverified(context);
  VerifyOptions options;
  options.now_ns = context.now_ns();
  if (!read_options(context, args[1], options)) return Value();
  return verify(context, certificates, options, false);
}

Value eval_crypto_x509_parse_certificate_request(BuiltinContext& context, Args args) {
  if (!check(context, args, 1, Type::kString)) return Value();
  std::string der, error;
  if (args[0].text().starts_with("-----BEGIN CERTIFICATE REQUEST-----")) {
    der = args[0].text();
  } else if (!decode_standard(args[0].text(), der, error)) {
    return context.fail(error);
  }
  PemBlock block;
  std::string_view rest = der;
  if (read_pem(rest, block)) {
    if (block.type != "CERTIFICATE REQUEST") return context.fail("invalid PEM-encoded certificate signing request");
    der = std::move(block.bytes);
  }
  CertificateRequest request;
  if (!parse_certificate_request(der, request, error)) return context.fail(error);
  return certificate_request_value(context.arena(), request);
}

Value eval_crypto_x509_parse_rsa_private_key(BuiltinContext& context, Args args) {
  if (!check(context, args, 1, Type::kString)) return Value();
  std::string_view pem = args[0].text();
  if (pem.empty()) return context.fail("input PEM data was empty");
  std::string decoded, error;
  if (!pem.starts_with("-----BEGIN")) {
    if (!decode_standard(pem, decoded, error)) return context.fail(error);
    pem = decoded;
  }
  std::vector<PrivateKey> keys;
  if (!read_private_keys(pem, keys, error)) return context.fail(error);
  if (keys.empty()) return Value::null();
  const Value jwk = private_jwk(context.arena(), keys.front());
  return jwk.defined()
             ? jwk
             : context.fail(
                   "failed to initialize *jwk.ecdsaPrivateKey from *ecdsa.PrivateKey: jwk: failed to get algorithm for "
                   "converting ECDSA private key to JWK: unknown elliptic curve");
}

Value eval_crypto_parse_private_keys(BuiltinContext& context, Args args) {
  if (!check(context, args, 1, Type::kString)) return Value();
  if (args[0].text().empty()) return Value::null();
  std::vector<PrivateKey> keys;
  std::string error;
  if (!read_private_keys(args[0].text(), keys, error)) return context.fail(error);
  std::vector<Value> items;
  for (const PrivateKey& key : keys) items.push_back(private_key_value(context.arena(), key));
  return make_array(context.arena(), items);
}

Value eval_crypto_x509_parse_keypair(BuiltinContext& context, Args args) {
  // OPA names the first operand for both.
  if (!check(context, args, 1, Type::kString)) return Value();
  if (!args[1].is_string()) return wrong_type(context, 1, args[1], {"string"});
  std::string inputs[2], error;
  bool is_pem[2];
  for (std::size_t i = 0; i < 2; ++i) {
    const std::string_view given = args[i].text();
    if (given.starts_with("-----BEGIN ")) {
      inputs[i] = given;
    } else if (!decode_standard(given, inputs[i], error)) {
      return context.fail(error);
    }
    is_pem[i] = inputs[i].starts_with(i == 0 ? "-----BEGIN " : "-----BEGIN");
  }
  std::vector<std::string> certificates;
  Certificate leaf;
  PrivateKey key;
  if (!read_pair_certificates(inputs[0], is_pem[0], certificates, error)) return context.fail(error);
  std::string key_error;
  const bool has_key = read_pair_key(inputs[1], is_pem[1], key, key_error);
  if (!has_key && key_error.starts_with("tls: f") && key_error.find("PEM") != std::string::npos) {
    return context.fail(key_error);
  }
  std::string_view der = certificates.front();
  if (!parse_certificate(der, leaf, error)) return context.fail(error);
  if (!der.empty()) return context.fail("x509: trailing data");
  if (!has_key) return context.fail(key_error);
  const PKey public_key = read_public_key(leaf.key_info);
  if (leaf.key.algorithm == KeyAlgorithm::kUnknown || leaf.key.algorithm == KeyAlgorithm::kDsa ||
      public_key == nullptr) {
    return context.fail("tls: unknown public key algorithm");
  }
  if (EVP_PKEY_get_base_id(public_key.get()) != EVP_PKEY_get_base_id(key.key.get())) {
    return context.fail("tls: private key type does not match public key type");
  }
  if (EVP_PKEY_eq(public_key.get(), key.key.get()) != 1) {
    return context.fail("tls: private key does not match public key");
  }
  ValueArena& arena = context.arena();
  std::vector<Value> encoded;
  for (const std::string& bytes : certificates) encoded.push_back(text(context, encode_base64(bytes, false, true)));
  return object(
      arena,
      {field("Certificate", make_array(arena, encoded)), field("PrivateKey", private_key_value(arena, key)),
       field("SupportedSignatureAlgorithms", Value::null()), field("OCSPStaple", Value::null()),
       field("SignedCertificateTimestamps", Value::null()), field("Leaf", certificate_value(arena, leaf, false))});
}

}  // namespace kubegate::rego
