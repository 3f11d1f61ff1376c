// Digests and message authentication codes, computed by OpenSSL. Rules: topdown/crypto.go.
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "validate/base/base64.h"
#include "policy/rego/builtins/functions.h"
#include "policy/rego/builtins/operands.h"
#include "policy/rego/builtins/signature.h"

namespace kubegate::rego {
namespace {

Value digest(BuiltinContext& context, Args args, const EVP_MD* algorithm) {
  if (!check(context, args, 1, Type::kString)) return Value();
  const std::string_view message = args[0].text();
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (EVP_Digest(message.data(), message.size(), out, &size, algorithm, nullptr) != 1) {
    return context.fail("the digest is not available");
  }
  return text(context, encode_hex({reinterpret_cast<const char*>(out), size}));
}

Value authenticate(BuiltinContext& context, Args args, const EVP_MD* algorithm) {
  if (!check_all(context, args, {Type::kString, Type::kString})) return Value();
  const std::string_view message = args[0].text(), key = args[1].text();
  const std::string mac = hmac(algorithm, key, message);
  if (mac.empty()) return context.fail("the digest is not available");
  return text(context, encode_hex(mac));
}

}  // namespace

Value eval_crypto_md5(BuiltinContext& context, Args args) { return digest(context, args, EVP_md5()); }
Value eval_crypto_sha1(BuiltinContext& context, Args args) { return digest(context, args, EVP_sha1()); }
Value eval_crypto_sha256(BuiltinContext& context, Args args) { return digest(context, args, EVP_sha256()); }

Value eval_crypto_hmac_md5(BuiltinContext& context, Args args) { return authenticate(context, args, EVP_md5()); }
Value eval_crypto_hmac_sha1(BuiltinContext& context, Args args) { return authenticate(context, args, EVP_sha1()); }
Value eval_crypto_hmac_sha256(BuiltinContext& context, Args args) { return authenticate(context, args, EVP_sha256()); }
Value eval_crypto_hmac_sha512(BuiltinContext& context, Args args) { return authenticate(context, args, EVP_sha512()); }

Value eval_crypto_hmac_equal(BuiltinContext& context, Args args) {
  if (!check_all(context, args, {Type::kString, Type::kString})) return Value();
  const std::string_view a = args[0].text(), b = args[1].text();
  return Value::boolean(a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0);
}

}  // namespace kubegate::rego
