#include "provision/gate/key.h"

#include <gtest/gtest.h>

namespace kubegate::gate {
namespace {

// RFC 8410, section 10.1.
constexpr std::string_view kPublic =
    "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC "
    "KEY-----\n";

TEST(Key, ReadsAPublishedKey) {
  const Result<PublicKey> key = PublicKey::read(kPublic);
  ASSERT_TRUE(key.ok()) << key.error().text();
  EXPECT_EQ(key->pem(), kPublic);
  EXPECT_EQ(key->id().size(), 64u);
}

TEST(Key, ComesBackFromItsFile) {
  const Result<PrivateKey> made = PrivateKey::generate();
  ASSERT_TRUE(made.ok()) << made.error().text();
  const Result<PrivateKey> read = PrivateKey::read(made->pem());
  ASSERT_TRUE(read.ok()) << read.error().text();
  EXPECT_EQ(read->pem(), made->pem());
  EXPECT_EQ(read->public_key().id(), made->public_key().id());
}

TEST(Key, SignatureHoldsForOneMessageAndOneKey) {
  const Result<PrivateKey> mine = PrivateKey::generate(), other = PrivateKey::generate();
  ASSERT_TRUE(mine.ok() && other.ok());
  EXPECT_NE(mine->public_key().id(), other->public_key().id());
  const Result<std::string> signature = mine->sign("manifests");
  ASSERT_TRUE(signature.ok());
  EXPECT_TRUE(mine->public_key().verifies("manifests", *signature));
  EXPECT_FALSE(mine->public_key().verifies("manifest", *signature));
  EXPECT_FALSE(other->public_key().verifies("manifests", *signature));
  EXPECT_FALSE(mine->public_key().verifies("manifests", ""));
  for (std::size_t i = 0; i < signature->size(); ++i) {
    std::string changed = *signature;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(mine->public_key().verifies("manifests", changed)) << i;
  }
}

TEST(Key, SaysWhatIsWrongWithAFile) {
  constexpr std::string_view kP256 =
      "-----BEGIN PUBLIC "
      "KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li/hp/"
      "m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==\n-----END PUBLIC KEY-----\n";
  const std::string secret = PrivateKey::generate()->pem();
  const struct {
    std::string_view text, error;
  } publics[] = {
      {"", "is no public key in PEM (-----BEGIN PUBLIC KEY-----)"},
      {"apiVersion: v1", "is no public key in PEM (-----BEGIN PUBLIC KEY-----)"},
      {secret, "is a private key, which stays where records are signed; give the public one (.pub)"},
      {kP256, "is no Ed25519 key"},
  };
  for (const auto& row : publics) {
    const Result<PublicKey> key = PublicKey::read(row.text);
    ASSERT_FALSE(key.ok()) << row.text;
    EXPECT_EQ(key.error().text(), row.error);
  }
  const struct {
    std::string_view text, error;
  } privates[] = {
      {kPublic, "is no private key in PEM (-----BEGIN PRIVATE KEY-----)"},
      {"-----BEGIN ENCRYPTED "
       "PRIVATE KEY-----\nMFM=\n-----END ENCRYPTED "
       "PRIVATE KEY-----\n",
       "has a passphrase, for which nobody is asked; a key in a vault signs by --signer"},
  };
  for (const auto& row : privates) {
    const Result<PrivateKey> key = PrivateKey::read(row.text);
    ASSERT_FALSE(key.ok()) << row.text;
    EXPECT_EQ(key.error().text(), row.error);
  }
}

}  // namespace
}  // namespace kubegate::gate
