// The page holds what was found, as text that cannot become part of the page, in a bounded size. What a reader sees and
// clicks is tested in a browser by ci/e2e.
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <string>

#include "tests/validate/report/sample.h"

namespace kubegate::report {
namespace {

using namespace testing;
using rapidjson::Value;

OutputOptions options() {
  OutputOptions made;
  made.targets = {"1.28", "1.29"};
  return made;
}

struct Page {
  std::string text;
  rapidjson::Document findings, report;
};

// What stands in the element <script type="application/json" id="…">.
std::string data_of(const std::string& page, const std::string& id) {
  const std::string open = "<script type=\"application/json\" id=\"" + id + "\">";
  const std::size_t begin = page.find(open);
  EXPECT_NE(begin, std::string::npos);
  return page.substr(begin + open.size(), page.find("</script>", begin) - begin - open.size());
}

Page page_of(const std::vector<Resource>& resources, const Summary& summary) {
  Page page;
  page.text = written(Format::kHtml, options(), resources, summary);
  page.findings.Parse(data_of(page.text, "findings").c_str());
  page.report.Parse(data_of(page.text, "report").c_str());
  EXPECT_FALSE(page.findings.HasParseError()) << page.findings.GetErrorOffset();
  EXPECT_FALSE(page.report.HasParseError()) << page.report.GetErrorOffset();
  return page;
}

TEST(Html, HoldsFindingsAndTotals) {
  const Page page = page_of(sample_resources(), sample_summary());
  ASSERT_EQ(page.findings.Size(), 5u);
  const Value& api = page.findings[0];
  EXPECT_STREQ(api[0].GetString(), "overlays/primary/api.yaml");
  EXPECT_STREQ(api[1].GetString(), "Deployment api");
  const Value& first = api[2][0];
  const Value& rule = page.report["rules"][first[0].GetUint()];
  EXPECT_STREQ(rule["id"].GetString(), "schema/unknown-field");
  EXPECT_STRNE(rule["mend"].GetString(), "");
  EXPECT_EQ(first[2].GetUint(), 41u);
  EXPECT_STREQ(first[7].GetString(), "  ");
  EXPECT_STREQ(first[8].GetString(), "replica");
  EXPECT_STREQ(first[9].GetString(), ": 3");
  EXPECT_STREQ(api[2][1][5].GetString(), "1.29");
  EXPECT_EQ(page.report["errors"].GetUint(), 7u);
  EXPECT_FALSE(page.report["passed"].GetBool());
  EXPECT_EQ(page.report["unlisted"].GetUint(), 2u);
  ASSERT_EQ(page.report["folders"].Size(), 2u);
  EXPECT_STREQ(page.report["folders"][1][0].GetString(), "overlays/primary");
  EXPECT_EQ(page.report["folders"][1][1].GetUint(), 4u);
  EXPECT_EQ(page.report["folders"][1][2].GetUint(), 1u);
  EXPECT_STREQ(page.report["unread"][0].GetString(), "overlays/primary/closed.yaml: Permission denied");
}

TEST(Html, NeedsNoNetwork) {
  const Page page = page_of({}, {});
  for (const char* part : {" src=", " href=", "@import", "url(", "fetch(", "innerHTML ="}) {
    EXPECT_EQ(page.text.find(part), std::string::npos) << part;
  }
  EXPECT_NE(page.text.find("default-src 'none'"), std::string::npos);
}

TEST(Html, WhatManifestsSayStaysText) {
  const std::string hostile = "</script><script>alert(1)</script><!--<b>\u202e\x01";
  const std::size_t scripts = times(page_of({}, {}).text, "<script");
  LocatedFinding found = finding("policy/<b>", Severity::kError, hostile, 1, 1,
                                 {hostile, 0, static_cast<std::uint32_t>(hostile.size()), false, false}, "", hostile);
  Resource told = resource(hostile, hostile, hostile, hostile, 1, Status::kInvalid, {found});
  Resource closed = resource(hostile, "", "", "", 0, Status::kError, {}, hostile);
  const Page page = page_of({told, closed}, sample_summary());
  EXPECT_EQ(times(page.text, "<script"), scripts);
  EXPECT_EQ(times(page.text, "</script>"), scripts);
  EXPECT_EQ(page.text.find("\u202e"), std::string::npos);
  EXPECT_STREQ(page.findings[0][2][0][4].GetString(), "</script><script>alert(1)</script><!--<b>\\u{202e}\\x01");
}

TEST(Html, SourceLinesAreWindows) {
  LocatedFinding found = finding("schema/type", Severity::kError, "m", 1, 1001,
                                 {std::string(1000, 'a') + "日本" + std::string(1000, 'b'), 1000, 6, false, false});
  const Page page = page_of({resource("a", "v1", "Pod", "p", 1, Status::kInvalid, {found})}, {});
  const Value& told = page.findings[0][2][0];
  EXPECT_EQ(std::string(told[7].GetString()), "…" + std::string(80, 'a'));
  EXPECT_STREQ(told[8].GetString(), "日本");
  EXPECT_EQ(std::string(told[9].GetString()), std::string(80, 'b') + "…");
}

// 1,000 files of 100 findings each, of ordinary texts: all are listed, the later ones without their lines.
TEST(Html, AHundredThousandFindingsAreListed) {
  const Resource api = sample_resources()[1];
  std::vector<std::string> paths;
  for (int i = 0; i < 1000; ++i) paths.push_back("overlays/cluster-" + std::to_string(i) + "/all.yaml");
  std::vector<Resource> resources;
  for (const std::string& path : paths) {
    Resource told = api;
    told.path = path;
    told.findings.assign(100, api.findings[0]);
    resources.push_back(std::move(told));
  }
  const Page page = page_of(resources, sample_summary());
  EXPECT_LT(page.text.size(), std::size_t{26} << 20);
  std::size_t findings = 0;
  for (const Value& told : page.findings.GetArray()) findings += told[2].Size();
  EXPECT_EQ(findings, 100000u);
  EXPECT_EQ(page.findings[0][2][0].Size(), 10u);
  EXPECT_EQ(page.findings[999][2][0].Size(), 7u);
  EXPECT_EQ(page.report["unlisted"].GetUint(), 0u);
}

TEST(Html, WhatDoesNotFitIsCounted) {
  const std::string long_text(3000, '"');
  Resource told = resource("a/b.yaml", "v1", "Pod", long_text, 1, Status::kInvalid);
  told.findings.assign(200, finding("schema/type", Severity::kError, long_text, 1, 1,
                                    {long_text, 0, 3000, false, false}, "", long_text));
  const Page page = page_of(std::vector<Resource>(20, told), sample_summary());
  EXPECT_LT(page.text.size(), std::size_t{26} << 20);
  std::size_t findings = 0;
  for (const Value& listed : page.findings.GetArray()) findings += listed[2].Size();
  EXPECT_GT(findings, 1000u);
  EXPECT_LT(findings, 4000u);
  EXPECT_EQ(findings + page.report["unlisted"].GetUint(), 4000u);
  EXPECT_EQ(page.report["rules"][0]["errors"].GetUint(), 4000u);
  EXPECT_EQ(page.report["folders"][0][1].GetUint(), 4000u);
}

}  // namespace
}  // namespace kubegate::report
