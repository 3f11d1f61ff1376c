// Owners of OpenSSL's objects.
#pragma once

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <string_view>

namespace kubegate {

template <auto kFree>
struct OpensslDeleter {
  template <class T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using BigNumber = std::unique_ptr<BIGNUM, OpensslDeleter<BN_clear_free>>;
using PKey = std::unique_ptr<EVP_PKEY, OpensslDeleter<EVP_PKEY_free>>;
using PKeyContext = std::unique_ptr<EVP_PKEY_CTX, OpensslDeleter<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, OpensslDeleter<EVP_MD_CTX_free>>;
using X509Certificate = std::unique_ptr<X509, OpensslDeleter<X509_free>>;

inline const unsigned char* octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
inline unsigned char* octets(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

inline BigNumber big_number(std::string_view magnitude) {
  return BigNumber(BN_bin2bn(octets(magnitude), static_cast<int>(magnitude.size()), nullptr));
}

// A key of a SubjectPublicKeyInfo in DER; nullptr when OpenSSL refuses it.
inline PKey read_public_key(std::string_view key_info) {
  const unsigned char* at = octets(key_info);
  return PKey(d2i_PUBKEY(nullptr, &at, static_cast<long>(key_info.size())));
}

}  // namespace kubegate
