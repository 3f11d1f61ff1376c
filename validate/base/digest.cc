#include "validate/base/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstdint>
#include <new>

namespace kubegate {

namespace {

std::string hexadecimal(const unsigned char* bytes, std::size_t size) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * size);
  for (std::size_t i = 0; i < size; ++i) {
    text += kDigits[bytes[i] >> 4];
    text += kDigits[bytes[i] & 15];
  }
  return text;
}

// Fetched once: OpenSSL looks a digest up by its name each time that it is asked for one.
const EVP_MD* sha256_method() {
  static const EVP_MD* const method = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  if (method == nullptr) throw std::bad_alloc();
  return method;
}

}  // namespace

std::string sha256(std::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest, &size, sha256_method(), nullptr) != 1) throw std::bad_alloc();
  return hexadecimal(digest, size);
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (HMAC(sha256_method(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest, &size) == nullptr) {
    throw std::bad_alloc();
  }
  return hexadecimal(digest, size);
}

bool equal_digests(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

struct Digester::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~State() { EVP_MD_CTX_free(context); }
};

Digester::Digester(bool wanted) {
  if (!wanted) return;
  state_ = std::make_unique<State>();
  if (state_->context == nullptr || EVP_DigestInit_ex(state_->context, sha256_method(), nullptr) != 1) {
    throw std::bad_alloc();
  }
}

Digester::~Digester() = default;

Digester& Digester::add(std::string_view text) {
  if (state_ == nullptr) return *this;
  add(std::uint64_t{text.size()});
  if (EVP_DigestUpdate(state_->context, text.data(), text.size()) != 1) throw std::bad_alloc();
  return *this;
}

Digester& Digester::add(std::uint64_t number) {
  if (state_ == nullptr) return *this;
  unsigned char bytes[8];
  for (unsigned char& byte : bytes) {
    byte = static_cast<unsigned char>(number);
    number >>= 8;
  }
  if (EVP_DigestUpdate(state_->context, bytes, sizeof bytes) != 1) throw std::bad_alloc();
  return *this;
}

std::string Digester::finish() {
  if (state_ == nullptr) return "";
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (EVP_DigestFinal_ex(state_->context, digest, &size) != 1) throw std::bad_alloc();
  return hexadecimal(digest, size);
}

}  // namespace kubegate
