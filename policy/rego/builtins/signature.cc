#include "policy/rego/builtins/signature.h"

#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>

#include <algorithm>

namespace kubegate::rego {
namespace {

using EcSignature = std::unique_ptr<ECDSA_SIG, OpensslDeleter<ECDSA_SIG_free>>;

bool set_padding(EVP_PKEY_CTX* context, Padding padding) {
  if (padding == Padding::kPkcs1) return true;
  const int salt = padding == Padding::kPssAnySalt ? RSA_PSS_SALTLEN_AUTO : RSA_PSS_SALTLEN_DIGEST;
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, salt) == 1;
}

// The DER of a signature that is its two numbers behind one another.
std::string ec_der(std::string_view numbers) {
  const std::size_t half = numbers.size() / 2;
  BigNumber r = big_number(numbers.substr(0, half)), s = big_number(numbers.substr(half));
  const EcSignature signature(ECDSA_SIG_new());
  if (ECDSA_SIG_set0(signature.get(), r.get(), s.get()) == 1) {
    static_cast<void>(r.release());
    static_cast<void>(s.release());
  }
  const int size = i2d_ECDSA_SIG(signature.get(), nullptr);
  std::string out(static_cast<std::size_t>(std::max(size, 0)), '\0');
  unsigned char* at = octets(out);
  if (size > 0) i2d_ECDSA_SIG(signature.get(), &at);
  return out;
}

bool holds(const TokenKey& key, const JwsAlgorithm& algorithm, Padding padding, std::string_view message,
           std::string_view signature) {
  if (key.kind != algorithm.kind) return false;
  if (key.kind == KeyKind::kSecret) {
    const std::string mac = hmac(algorithm.digest(), key.secret, message);
    return mac.size() == signature.size() && CRYPTO_memcmp(mac.data(), signature.data(), mac.size()) == 0;
  }
  const EVP_MD* digest = algorithm.digest == nullptr ? nullptr : algorithm.digest();
  if (key.kind == KeyKind::kEc) {
    return signature_holds(key.key.get(), digest, padding, message, ec_der(signature));
  }
  return signature_holds(key.key.get(), digest, padding, message, signature);
}

constexpr JwsAlgorithm kAlgorithms[] = {
    {"RS256", KeyKind::kRsa, EVP_sha256, Padding::kPkcs1},
    {"RS384", KeyKind::kRsa, EVP_sha384, Padding::kPkcs1},
    {"RS512", KeyKind::kRsa, EVP_sha512, Padding::kPkcs1},
    {"PS256", KeyKind::kRsa, EVP_sha256, Padding::kPssDigestSalt},
    {"PS384", KeyKind::kRsa, EVP_sha384, Padding::kPssDigestSalt},
    {"PS512", KeyKind::kRsa, EVP_sha512, Padding::kPssDigestSalt},
    {"ES256", KeyKind::kEc, EVP_sha256, Padding::kPkcs1},
    {"ES384", KeyKind::kEc, EVP_sha384, Padding::kPkcs1},
    {"ES512", KeyKind::kEc, EVP_sha512, Padding::kPkcs1},
    {"HS256", KeyKind::kSecret, EVP_sha256, Padding::kPkcs1},
    {"HS384", KeyKind::kSecret, EVP_sha384, Padding::kPkcs1},
    {"HS512", KeyKind::kSecret, EVP_sha512, Padding::kPkcs1},
    {"EdDSA", KeyKind::kEd25519, nullptr, Padding::kPkcs1},
};

}  // namespace

bool signature_holds(EVP_PKEY* key, const EVP_MD* digest, Padding padding, std::string_view message,
                     std::string_view signature) {
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* parameters = nullptr;
  return EVP_DigestVerifyInit(context.get(), &parameters, digest, nullptr, key) == 1 &&
         set_padding(parameters, padding) &&
         EVP_DigestVerify(context.get(), octets(signature), signature.size(), octets(message), message.size()) == 1;
}

const JwsAlgorithm* find_jws_algorithm(std::string_view name) {
  const auto* at = std::find_if(std::begin(kAlgorithms), std::end(kAlgorithms),
                                [&](const JwsAlgorithm& algorithm) { return algorithm.name == name; });
  return at == std::end(kAlgorithms) ? nullptr : at;
}

std::string hmac(const EVP_MD* digest, std::string_view key, std::string_view message) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  // An empty key has an address all the same: without one HMAC() would go on with the key before.
  const void* key_bytes = key.empty() ? "" : key.data();
  if (HMAC(digest, key_bytes, static_cast<int>(key.size()), octets(message), message.size(), out, &size) == nullptr) {
    return "";
  }
  return std::string(reinterpret_cast<const char*>(out), size);
}

bool token_signature_holds(const TokenKey& key, const JwsAlgorithm& algorithm, std::string_view message,
                           std::string_view signature) {
  if (key.kind == KeyKind::kEc && signature.size() != 2 * curve_size(key.key.get())) return false;
  return holds(key, algorithm, algorithm.padding, message, signature);
}

bool token_signature_holds_loosely(const TokenKey& key, const JwsAlgorithm& algorithm, std::string_view message,
                                   std::string_view signature) {
  const Padding padding = algorithm.padding == Padding::kPssDigestSalt ? Padding::kPssAnySalt : algorithm.padding;
  return !key.is_private && holds(key, algorithm, padding, message, signature);
}

bool sign_token(const TokenKey& key, const JwsAlgorithm& algorithm, std::string_view message, std::string& out) {
  if (key.kind == KeyKind::kSecret) {
    out = hmac(algorithm.digest(), key.secret, message);
    return true;
  }
  const EVP_MD* digest = algorithm.digest == nullptr ? nullptr : algorithm.digest();
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* parameters = nullptr;
  std::size_t size = 0;
  if (EVP_DigestSignInit(context.get(), &parameters, digest, nullptr, key.key.get()) != 1 ||
      !set_padding(parameters, algorithm.padding) ||
      EVP_DigestSign(context.get(), nullptr, &size, octets(message), message.size()) != 1) {
    return false;
  }
  std::string signature(size, '\0');
  if (EVP_DigestSign(context.get(), octets(signature), &size, octets(message), message.size()) != 1) return false;
  signature.resize(size);
  if (key.kind != KeyKind::kEc) {
    out = std::move(signature);
    return true;
  }
  const unsigned char* at = octets(signature);
  const EcSignature numbers(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(signature.size())));
  const int width = static_cast<int>(curve_size(key.key.get()));
  out.assign(static_cast<std::size_t>(2 * width), '\0');
  return numbers != nullptr && BN_bn2binpad(ECDSA_SIG_get0_r(numbers.get()), octets(out), width) == width &&
         BN_bn2binpad(ECDSA_SIG_get0_s(numbers.get()), octets(out) + width, width) == width;
}

}  // namespace kubegate::rego
