// JUnit as kubeconform's readers take it: counts, names, and text that XML can hold.
#include <gtest/gtest.h>

#include <string>

#include "tests/validate/report/sample.h"

namespace kubegate::report {
namespace {

using namespace testing;

std::string junit_of(const std::vector<Resource>& resources) {
  OutputOptions options;
  options.targets = {"1.28", "1.29"};
  return written(Format::kJunit, options, resources, sample_summary());
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(Junit, CountsCasesByStatus) {
  const std::string text = junit_of(sample_resources());
  EXPECT_TRUE(has(text, " tests=\"9\" failures=\"2\" disabled=\"2\" errors=\"3\">"));
  EXPECT_TRUE(has(text,
                  "<testsuite name=\"overlays/primary/api.yaml\" id=\"1\" tests=\"2\" failures=\"1\" errors=\"0\" "
                  "disabled=\"0\" skipped=\"0\">"));
}

TEST(Junit, NamesAreKubeconforms) {
  Resource told = resource("a.yaml", "apps/v1", "Deployment", "web", 3, Status::kValid);
  EXPECT_TRUE(has(junit_of({told}),
                  "<testcase name=\"web\" classname=\"Deployment@apps/v1\" file=\"a.yaml\" line=\"3\">"
                  "</testcase>"));
  told.namespace_ = "shop";
  EXPECT_TRUE(has(junit_of({told}), "<testcase name=\"shop/web\" "));
}

TEST(Junit, TextIsFitForXml) {
  const std::string hostile = "<a b=\"c\">&\n\t\r\x01\xff]]>\uffff";
  const std::string text =
      junit_of({resource(hostile, "v1", "Pod", hostile, 1, Status::kInvalid,
                         {finding("schema/type", Severity::kError, hostile, 1, 1, {hostile, 0, 1, false, false})})});
  EXPECT_TRUE(has(text, "<testcase name=\"&lt;a b=&quot;c&quot;&gt;&amp;&#xA;&#x9;&#xD;\ufffd\ufffd]]&gt;\ufffd\""));
  for (const char c : text) EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20 || c == '\n');
}

TEST(Junit, NothingAtAll) {
  const std::string text = junit_of({});
  EXPECT_TRUE(has(text, "<testsuites name=\"kubegate\" time=\""));
  EXPECT_TRUE(has(text, " tests=\"0\" failures=\"0\" disabled=\"0\" errors=\"0\">\n</testsuites>\n"));
}

}  // namespace
}  // namespace kubegate::report
