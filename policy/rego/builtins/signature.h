// Signatures over messages: of tokens (JWS) and of certificates.
#pragma once

#include <string>
#include <string_view>

#include "policy/rego/builtins/keys.h"

namespace kubegate::rego {

enum class Padding : std::uint8_t { kPkcs1, kPssAnySalt, kPssDigestSalt };  // of RSA

// Whether `signature` (of EC keys: DER) is the key's over `message`. `digest`: nullptr for Ed25519.
bool signature_holds(EVP_PKEY* key, const EVP_MD* digest, Padding padding, std::string_view message,
                     std::string_view signature);

// An algorithm of JWS.
struct JwsAlgorithm {
  std::string_view name;  // "RS256"
  KeyKind kind;           // of the key that it takes
  const EVP_MD* (*digest)();
  Padding padding;
};
// nullptr for a name that is none.
const JwsAlgorithm* find_jws_algorithm(std::string_view name);

std::string hmac(const EVP_MD* digest, std::string_view key, std::string_view message);

// Whether a token's signature (of EC keys: both numbers behind one another) holds for a key of the algorithm's kind.
// As jwx has it: the numbers must be as long as the curve's, the salt of PSS as long as the digest.
bool token_signature_holds(const TokenKey& key, const JwsAlgorithm& algorithm, std::string_view message,
                           std::string_view signature);
// As io.jwt.verify_* have it: numbers and salt of any length, and no private keys.
bool token_signature_holds_loosely(const TokenKey& key, const JwsAlgorithm& algorithm, std::string_view message,
                                   std::string_view signature);

// False when OpenSSL cannot sign with this key.
bool sign_token(const TokenKey& key, const JwsAlgorithm& algorithm, std::string_view message, std::string& out);

}  // namespace kubegate::rego
