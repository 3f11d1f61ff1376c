// Keys of tokens and certificates: JWK, PEM and DER, held as OpenSSL's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "policy/rego/builtin.h"
#include "validate/base/openssl.h"

namespace kubegate::rego {

enum class KeyKind : std::uint8_t { kSecret, kRsa, kEc, kEd25519, kOther };

// A key that tokens are signed or verified with.
struct TokenKey {
  KeyKind kind = KeyKind::kOther;
  std::string secret;  // kSecret
  PKey key;            // all else; never null for kRsa, kEc and kEd25519
  bool is_private = false;
  std::string_view go_type;   // what errors call a JWK's: "*jwk.rsaPublicKey"
  std::string algorithm, id;  // "alg" and "kid" of a JWK, "" where it has none
};

// A JWK or a set of them (jwk.Parse); false with the reason in `error`. All keys must be readable.
bool parse_jwks(ValueArena& arena, std::string_view json, std::vector<TokenKey>& out, std::string& error);

// What a token's `cert` may be: a PEM certificate, a PEM public key, or JWKs; false with OPA's message in `error`.
bool parse_verification_keys(ValueArena& arena, std::string_view text, std::vector<TokenKey>& out, std::string& error);

// A private key as Go's x509 reads it. kOther is X25519.
struct PrivateKey {
  KeyKind kind = KeyKind::kOther;
  PKey key;
};
// PKCS #1 (RSA), SEC 1 (EC) and PKCS #8 in DER; false with the reason in `error`.
bool parse_pkcs1(std::string_view der, PrivateKey& out, std::string& error);
bool parse_ec_key(std::string_view der, PrivateKey& out, std::string& error);
bool parse_pkcs8(std::string_view der, PrivateKey& out, std::string& error);

// A number of the key (OSSL_PKEY_PARAM_RSA_N, …) as a magnitude; "" when the key has none of that name.
std::string key_number(const EVP_PKEY* key, const char* name);
// Bytes of the private or public part of an Ed25519 or X25519 key.
std::string raw_private(const EVP_PKEY* key);
std::string raw_public(const EVP_PKEY* key);
// Bytes of a coordinate of an EC key's curve.
std::size_t curve_size(const EVP_PKEY* key);

// A non-negative integer of any size.
Value big_integer_value(ValueArena& arena, std::string_view magnitude);

}  // namespace kubegate::rego
