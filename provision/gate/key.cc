#include "provision/gate/key.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "validate/base/base64.h"

namespace kubegate::gate {
namespace {

struct BioDeleter {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
struct DigestDeleter {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Bio = std::unique_ptr<BIO, BioDeleter>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, DigestDeleter>;

const unsigned char* octets(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

Bio bio_of(std::string_view text) { return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

std::string text_of(const Bio& bio) {
  char* begin = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &begin);
  return {begin, static_cast<std::size_t>(size)};
}

// Nobody is asked for a passphrase: a key that has one cannot be read.
int no_passphrase(char*, int, int, void*) { return -1; }

bool is_ed25519(const KeyHandle& key) { return EVP_PKEY_get_base_id(key.get()) == EVP_PKEY_ED25519; }

Error data_error(std::string message) {
  ERR_clear_error();
  return {ErrorCode::kData, "", std::move(message)};
}

Error internal_error(const char* what) {
  ERR_clear_error();
  return {ErrorCode::kInternal, "", std::string("OpenSSL cannot ") + what};
}

}  // namespace

void KeyDeleter::operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }

PublicKey::PublicKey(KeyHandle key) : key_(std::move(key)) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key_.get(), &der);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  if (size > 0) EVP_Digest(der, static_cast<std::size_t>(size), digest, &length, EVP_sha256(), nullptr);
  OPENSSL_free(der);
  id_ = encode_hex({reinterpret_cast<const char*>(digest), length});
}

Result<PublicKey> PublicKey::read(std::string_view pem) {
  if (pem.find("PRIVATE KEY-----") != std::string_view::npos) {
    return data_error("is a private key, which stays where records are signed; give the public one (.pub)");
  }
  KeyHandle key(PEM_read_bio_PUBKEY(bio_of(pem).get(), nullptr, no_passphrase, nullptr));
  if (!key) return data_error("is no public key in PEM (-----BEGIN PUBLIC KEY-----)");
  if (!is_ed25519(key)) return data_error("is no Ed25519 key");
  return PublicKey(std::move(key));
}

std::string PublicKey::pem() const {
  const Bio out(BIO_new(BIO_s_mem()));
  PEM_write_bio_PUBKEY(out.get(), key_.get());
  return text_of(out);
}

bool PublicKey::verifies(std::string_view message, std::string_view signature) const {
  const DigestContext context(EVP_MD_CTX_new());
  const bool verified =
      EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key_.get()) == 1 &&
      EVP_DigestVerify(context.get(), octets(signature), signature.size(), octets(message), message.size()) == 1;
  ERR_clear_error();
  return verified;
}

Result<PrivateKey> PrivateKey::generate() {
  KeyHandle key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  if (!key) return internal_error("make a key");
  return PrivateKey(std::move(key));
}

Result<PrivateKey> PrivateKey::read(std::string_view pem) {
  KeyHandle key(PEM_read_bio_PrivateKey(bio_of(pem).get(), nullptr, no_passphrase, nullptr));
  if (!key) {
    if (pem.find("ENCRYPTED") != std::string_view::npos) {
      return data_error("has a passphrase, for which nobody is asked; a key in a vault signs by --signer");
    }
    return data_error("is no private key in PEM (-----BEGIN PRIVATE KEY-----)");
  }
  if (!is_ed25519(key)) return data_error("is no Ed25519 key");
  return PrivateKey(std::move(key));
}

PublicKey PrivateKey::public_key() const {
  EVP_PKEY_up_ref(key_.get());
  return PublicKey(KeyHandle(key_.get()));
}

std::string PrivateKey::pem() const {
  const Bio out(BIO_new(BIO_s_secmem()));
  PEM_write_bio_PKCS8PrivateKey(out.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return text_of(out);
}

Result<std::string> PrivateKey::sign(std::string_view message) const {
  const DigestContext context(EVP_MD_CTX_new());
  std::string signature(64, '\0');
  std::size_t size = signature.size();
  if (EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, octets(message),
                     message.size()) != 1 ||
      size != signature.size()) {
    return internal_error("sign");
  }
  return signature;
}

}  // namespace kubegate::gate
