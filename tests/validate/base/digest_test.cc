#include "validate/base/digest.h"

#include <gtest/gtest.h>

namespace kubegate {
namespace {

TEST(Digest, AsPublished) {
  // FIPS 180-4 and RFC 4231 (cases 2 and 6).
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hmac_sha256("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hmac_sha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First"),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Digest, OfSeveralTextsTellsThemApart) {
  const auto of = [](std::string_view a, std::string_view b) { return Digester().add(a).add(b).finish(); };
  EXPECT_EQ(of("a", "b"), of("a", "b"));
  EXPECT_NE(of("ab", ""), of("a", "b"));
  EXPECT_NE(of("", "ab"), of("a", "b"));
}

TEST(Digest, Compares) {
  EXPECT_TRUE(equal_digests("ab", "ab"));
  EXPECT_FALSE(equal_digests("ab", "ac"));
  EXPECT_FALSE(equal_digests("ab", "abc"));
}

}  // namespace
}  // namespace kubegate
