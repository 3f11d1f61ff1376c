// The farm is a ruler: it must not change unseen, and nothing in it may be wrong.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bench/faults.h"
#include "bench/manifests.h"
#include "validate/base/hash.h"
#include "validate/document/document.h"
#include "validate/document/read.h"
#include "validate/schema/catalogue.h"
#include "validate/schema/check.h"

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

// What is found in a document, by a run for 1.28 and 1.29: rule and message of each finding.
class Farm : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    schema::CatalogueOptions options;
    options.targets = schema::parse_targets(std::vector<std::string>{"1.28", "1.29"}).value();
    catalogue_ = schema::Catalogue::make(options, nullptr, nullptr).value();
  }

  static std::vector<std::string> findings_of(std::string_view text) {
    document::Document document;
    document::read({text, 1}, document::Syntax::kYaml, document::Limits{}, document);
    std::vector<Finding> found = document.faults();
    schema::check_object(*catalogue_, document, 0, "", {}, found);
    std::vector<std::string> out;
    for (const Finding& finding : found) out.push_back(std::string(finding.rule) + ": " + finding.message);
    return out;
  }

  static inline std::shared_ptr<const schema::Catalogue> catalogue_;
};

TEST_F(Farm, IsTheSameEverywhere) {
  std::string text;
  for (unsigned i = 0; i < 3; ++i) {
    for (const std::string& document : overlay(1, i)) text += document;
  }
  // Measurements in bench/NOTES.md are of this farm. Who changes it on purpose starts a new table there.
  EXPECT_EQ(hash_key(text), 2033858311u) << text.size() << " bytes";
}

TEST_F(Farm, HasTheSizeThatItsHeaderSays) {
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

TEST_F(Farm, IsSound) {
  for (unsigned i = 0; i < 60; ++i) {
    for (const std::string& text : overlay(1, i)) ASSERT_EQ(findings_of(text), std::vector<std::string>{}) << text;
  }
}

TEST_F(Farm, APlantedFaultIsOneFindingOfItsRule) {
  std::map<const Fault*, int> planted;
  for (unsigned i = 0; i < 12; ++i) {
    for (const std::string& text : overlay(1, i)) {
      for (const Fault& fault : kFaults) {
        if (!fault.fits(text)) continue;
        ++planted[&fault];
        const std::vector<std::string> found = findings_of(fault.planted(text));
        ASSERT_EQ(found.size(), 1u) << testing::PrintToString(found) << "\n" << fault.planted(text);
        ASSERT_EQ(found[0].substr(0, found[0].find(':')), fault.rule) << found[0] << "\n" << fault.planted(text);
      }
    }
  }
  EXPECT_EQ(planted.size(), kFaults.size()) << "a fault that fits nowhere";
}

TEST_F(Farm, OverlaysDependOnSeedAndIndexAlone) {
  EXPECT_EQ(overlay(1, 7), overlay(1, 7));
  EXPECT_NE(overlay(1, 7), overlay(1, 8));
  EXPECT_NE(overlay(1, 7), overlay(2, 7));
}

}  // namespace
}  // namespace kubegate::bench
