// The farm is a ruler: it must not change unseen, and nothing in it may be wrong.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "bench/manifests.h"
#include "validate/base/hash.h"
#include "validate/document/document.h"
#include "validate/document/read.h"

namespace kubegate::bench {
namespace {

TEST(Fill, ReplacesNamesAndIndentsBlocks) {
  EXPECT_EQ(fill("a: $x-$y\n", {{"x", "1"}, {"y", "2"}}), "a: 1-2\n");
  EXPECT_EQ(fill("a:\n  $block\nb: 1\n", {{"block", "c: 1\nd:\n  e: 2\n"}}), "a:\n  c: 1\n  d:\n    e: 2\nb: 1\n");
  EXPECT_EQ(fill("a:\n  $block\nb: 1\n", {{"block", ""}}), "a:\nb: 1\n") << "an empty block takes its line away";
  EXPECT_EQ(fill("a:\n  $block\n", {{"block", "no break"}}), "a:\n  no break\n");
  EXPECT_EQ(fill("$block\n", {{"block", "a\n\nb\n"}}), "a\n\nb\n");
  EXPECT_EQ(fill("$$x: 5 $ 6\n", {}), "$x: 5 $ 6\n");
}

TEST(Farm, IsTheSameEverywhere) {
  std::string text;
  for (unsigned i = 0; i < 3; ++i) {
    for (const std::string& document : overlay(1, i)) text += document;
  }
  // Measurements in bench/NOTES.md are of this farm. Who changes it on purpose starts a new table there.
  EXPECT_EQ(hash_key(text), 476109655u) << text.size() << " bytes";
}

TEST(Farm, HasTheSizeThatItsHeaderSays) {
  std::size_t documents = 0, nodes = 0, bytes = 0;
  document::Document document;
  for (unsigned i = 0; i < 500; ++i) {
    const std::vector<std::string> texts = overlay(1, i);
    documents += texts.size();
    for (const std::string& text : texts) {
      bytes += text.size();
      if (i % 10 != 0) continue;  // reading is the slow part
      document::read({text, 1}, document::Syntax::kYaml, document::Limits{}, document);
      ASSERT_TRUE(document.faults().empty()) << document.faults()[0].message << "\n" << text;
      nodes += document.size();
    }
  }
  EXPECT_NEAR(static_cast<double>(documents), 24500, 250);
  EXPECT_NEAR(static_cast<double>(bytes), 14.3e6, 0.2e6);
  EXPECT_NEAR(static_cast<double>(nodes * 10), 924000, 30000);
}

TEST(Farm, OverlaysDependOnSeedAndIndexAlone) {
  EXPECT_EQ(overlay(1, 7), overlay(1, 7));
  EXPECT_NE(overlay(1, 7), overlay(1, 8));
  EXPECT_NE(overlay(1, 7), overlay(2, 7));
}

}  // namespace
}  // namespace kubegate::bench
