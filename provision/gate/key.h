// Keys that sign records and keys that records are checked with: Ed25519, in the PEM files that `openssl pkey` reads too.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "validate/base/result.h"

typedef struct evp_pkey_st EVP_PKEY;

namespace kubegate::gate {

struct KeyDeleter {
  void operator()(EVP_PKEY* key) const;
};
using KeyHandle = std::unique_ptr<EVP_PKEY, KeyDeleter>;

class PublicKey {
 public:
  // From a PEM text `PUBLIC KEY` (SubjectPublicKeyInfo). Errors: kData, for a text that is none or is no Ed25519 key; one
  // that is a private key says so, since such a file does not belong where records are checked.
  static Result<PublicKey> read(std::string_view pem);

  // 64 hexadecimal digits: SHA-256 of the SubjectPublicKeyInfo in DER.
  const std::string& id() const { return id_; }
  std::string pem() const;
  bool verifies(std::string_view message, std::string_view signature) const;

 private:
  friend class PrivateKey;
  explicit PublicKey(KeyHandle key);

  KeyHandle key_;
  std::string id_;
};

class PrivateKey {
 public:
  static Result<PrivateKey> generate();
  // From a PEM text `PRIVATE KEY` (PKCS #8) without a passphrase. Errors: kData.
  static Result<PrivateKey> read(std::string_view pem);

  PublicKey public_key() const;
  std::string pem() const;
  // 64 bytes.
  Result<std::string> sign(std::string_view message) const;

 private:
  explicit PrivateKey(KeyHandle key) : key_(std::move(key)) {}

  KeyHandle key_;
};

}  // namespace kubegate::gate
