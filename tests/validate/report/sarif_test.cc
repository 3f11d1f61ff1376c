// SARIF as its readers take it: what refers to what, places, URIs, and fingerprints that survive a moved line. The
// published schema is held to it by ci/e2e.
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <set>
#include <string>

#include "tests/validate/report/sample.h"

namespace kubegate::report {
namespace {

using namespace testing;
using rapidjson::Value;

constexpr auto kError = Severity::kError;

OutputOptions options() {
  OutputOptions made;
  made.targets = {"1.28", "1.29"};
  made.version = "0.1.0";
  made.folder = "/repository/deploy";
  made.root = "/repository";
  return made;
}

rapidjson::Document parsed(const std::string& text) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseValidateEncodingFlag>(text.data(), text.size());
  EXPECT_FALSE(document.HasParseError()) << document.GetErrorOffset();
  return document;
}

rapidjson::Document sarif_of(const std::vector<Resource>& resources) {
  return parsed(written(Format::kSarif, options(), resources, sample_summary()));
}

const Value& run_of(const rapidjson::Document& document) { return document["runs"][0]; }
const Value& place_of(const Value& result) { return result["locations"][0]["physicalLocation"]; }

std::string fingerprint_of(const Resource& told, std::size_t i = 0) {
  const auto document = sarif_of({told});
  const Value& results = run_of(document)["results"];
  return results[static_cast<rapidjson::SizeType>(i)]["partialFingerprints"]["kubegate/v1"].GetString();
}

Resource deployment(LocatedFinding found, std::string_view path = "a.yaml") {
  return resource(path, "apps/v1", "Deployment", "web", 1, Status::kInvalid, {std::move(found)});
}
LocatedFinding unknown(std::string message = "unknown field \"a\"", std::string pointer = "/spec/a") {
  return finding("schema/unknown-field", kError, std::move(message), 4, 3, {"  a: 1", 2, 1, false, false},
                 std::move(pointer), "spec.a");
}

TEST(Sarif, RunsResultsAndRulesReferToEachOther) {
  const auto document = sarif_of(sample_resources());
  EXPECT_STREQ(document["version"].GetString(), "2.1.0");
  const Value& run = run_of(document);
  EXPECT_STREQ(run["columnKind"].GetString(), "unicodeCodePoints");
  const Value& driver = run["tool"]["driver"];
  EXPECT_STREQ(driver["name"].GetString(), "kubegate");
  EXPECT_STREQ(driver["semanticVersion"].GetString(), "0.1.0");
  const Value& rules = driver["rules"];
  std::set<std::string> ids;
  for (const Value& rule : rules.GetArray()) {
    EXPECT_TRUE(ids.insert(rule["id"].GetString()).second);
    for (const char* name : {"shortDescription", "fullDescription"}) EXPECT_STRNE(rule[name]["text"].GetString(), "");
    EXPECT_NE(std::string(rule["help"]["markdown"].GetString()).find("## How to mend"), std::string::npos);
    EXPECT_EQ(std::string(rule["helpUri"].GetString()).find("https://"), 0u);
    EXPECT_TRUE(rule["defaultConfiguration"].HasMember("level"));
    EXPECT_GT(rule["properties"]["tags"].Size(), 0u);
  }
  std::size_t findings = 0;
  for (const Resource& told : sample_resources()) findings += told.findings.size();
  const Value& results = run["results"];
  ASSERT_EQ(results.Size(), findings);
  for (const Value& result : results.GetArray()) {
    ASSERT_LT(result["ruleIndex"].GetUint(), rules.Size());
    EXPECT_EQ(result["ruleId"], rules[result["ruleIndex"].GetUint()]["id"]);
    EXPECT_EQ(place_of(result)["artifactLocation"]["uriBaseId"], "%SRCROOT%");
  }
  const Value& only = results[1]["properties"]["kubernetesVersions"];
  ASSERT_EQ(only.Size(), 1u);
  EXPECT_STREQ(only[0].GetString(), "1.29");
  EXPECT_STREQ(results[2]["level"].GetString(), "warning");
}

TEST(Sarif, WhatCouldNotBeReadIsANotification) {
  const auto document = sarif_of(sample_resources());
  const Value& invocation = run_of(document)["invocations"][0];
  EXPECT_FALSE(invocation["executionSuccessful"].GetBool());
  const Value& notes = invocation["toolExecutionNotifications"];
  ASSERT_EQ(notes.Size(), 2u);
  EXPECT_STREQ(notes[0]["message"]["text"].GetString(), "2 more findings here are counted but not shown");
  EXPECT_STREQ(notes[0]["level"].GetString(), "note");
  EXPECT_STREQ(notes[1]["message"]["text"].GetString(), "Permission denied");
  EXPECT_STREQ(notes[1]["level"].GetString(), "error");

  const std::string text = written(Format::kSarif, options(), {}, {});
  EXPECT_TRUE(run_of(parsed(text))["invocations"][0]["executionSuccessful"].GetBool());
}

TEST(Sarif, ManyNotificationsAreBounded) {
  std::vector<Resource> resources(5000, resource("a", "", "", "", 0, Status::kError, {}, "Permission denied"));
  const auto document = sarif_of(resources);
  const Value& notes = run_of(document)["invocations"][0]["toolExecutionNotifications"];
  ASSERT_EQ(notes.Size(), 1001u);
  EXPECT_STREQ(notes[1000]["message"]["text"].GetString(), "4000 more notifications are not listed");
}

TEST(Sarif, Regions) {
  struct Case {
    Excerpt excerpt;
    std::uint32_t column, end;
    const char* snippet;
    bool context;
  };
  const Case cases[] = {
      {{"  replica: 3", 2, 7, false, false}, 3, 10, "replica", true},
      {{"größe: über", 9, 5, false, false}, 8, 12, "über", true},
      {{"🚀: 東京", 6, 6, false, false}, 4, 6, "東京", true},
      {{"abc", 3, 0, false, false}, 4, 4, "", true},
      {{"abc", 1, 1, true, false}, 700, 701, "b", false},
      {{"abc", 1, 1, false, true}, 2, 3, "b", false},
      {{"", 0, 0, false, false}, 1, 1, "", false},
  };
  for (const Case& c : cases) {
    const auto document = sarif_of({deployment(finding("schema/type", kError, "m", 7, c.column, c.excerpt))});
    const Value& place = place_of(run_of(document)["results"][0]);
    const Value& region = place["region"];
    EXPECT_EQ(region["startLine"].GetUint(), 7u);
    EXPECT_EQ(region["endLine"].GetUint(), 7u);
    EXPECT_EQ(region["startColumn"].GetUint(), c.column);
    EXPECT_EQ(region["endColumn"].GetUint(), c.end) << c.excerpt.text;
    EXPECT_STREQ(region["snippet"]["text"].GetString(), c.snippet);
    EXPECT_EQ(place.HasMember("contextRegion"), c.context) << c.excerpt.text;
  }
  const auto document = sarif_of({resource("large.yaml", "", "", "", 0, Status::kError,
                                           {finding("document/limit", kError, "too large", 1, 1, {})})});
  EXPECT_FALSE(place_of(run_of(document)["results"][0]).HasMember("region"));
}

TEST(Sarif, Uris) {
  const std::pair<const char*, const char*> cases[] = {
      {"a.yaml", "deploy/a.yaml"},
      {"./x/../a.yaml", "deploy/a.yaml"},
      {"../base/a.yaml", "base/a.yaml"},
      {"/repository/a.yaml", "a.yaml"},
      {"a b#c?d%[ä].yaml", "deploy/a%20b%23c%3Fd%25%5B%C3%A4%5D.yaml"},
      {"a:b", "deploy/a%3Ab"},
      {"stdin", "stdin"},
      {"../../elsewhere/a b.yaml", "file:///elsewhere/a%20b.yaml"},
      {"/repository-of-another/a.yaml", "file:///repository-of-another/a.yaml"},
  };
  for (const auto& [path, uri] : cases) {
    const auto document = sarif_of({deployment(unknown(), path)});
    const Value& artifact = place_of(run_of(document)["results"][0])["artifactLocation"];
    EXPECT_STREQ(artifact["uri"].GetString(), uri) << path;
    EXPECT_EQ(artifact.HasMember("uriBaseId"), std::string_view(uri).find("file:") != 0) << path;
  }
}

TEST(Sarif, LogicalLocations) {
  Resource told = deployment(unknown());
  told.namespace_ = "shop";
  const auto document = sarif_of({told});
  const Value& places = run_of(document)["results"][0]["locations"][0]["logicalLocations"];
  EXPECT_STREQ(places[0]["fullyQualifiedName"].GetString(), "apps/v1/Deployment/shop/web");
  EXPECT_STREQ(places[1]["fullyQualifiedName"].GetString(), "apps/v1/Deployment/shop/web#spec.a");
}

TEST(Sarif, FingerprintsSurviveWhatMoves) {
  const std::string before = fingerprint_of(deployment(unknown("duplicate key \"a\": line 7 sets it already")));
  EXPECT_EQ(before.size(), 18u);
  LocatedFinding moved = unknown("duplicate key \"a\": line 1123 sets it already");
  moved.line = 77;
  moved.column = 5;
  moved.excerpt = {"    a: 1", 4, 1, false, false};
  EXPECT_EQ(fingerprint_of(deployment(moved)), before);
  // What stands above it gained a finding.
  Resource two = deployment(unknown("another thing"));
  two.findings.push_back(moved);
  EXPECT_EQ(fingerprint_of(two, 1), before);
}

TEST(Sarif, FingerprintsTellApart) {
  const Resource base = deployment(unknown());
  std::set<std::string> all = {fingerprint_of(base)};
  const auto add = [&](const Resource& told) {
    EXPECT_TRUE(all.insert(fingerprint_of(told)).second) << told.path << " " << told.findings[0].message;
  };
  add(deployment(unknown("unknown field \"b\"")));
  add(deployment(unknown("unknown field \"a\"", "/spec/b")));
  add(deployment(unknown(), "b.yaml"));
  for (std::string Resource::*member : {&Resource::name, &Resource::namespace_, &Resource::kind}) {
    Resource other = base;
    other.*member = "other";
    add(other);
  }
  Resource other_rule = base;
  other_rule.findings[0].rule = "schema/required";
  add(other_rule);
  // Where one part ends and the next begins counts.
  Resource shifted = base;
  shifted.findings[0].pointer = "/spec/au";
  shifted.findings[0].message = "nknown field \"a\"";
  add(shifted);

  Resource twice = base;
  twice.findings.push_back(twice.findings[0]);
  const std::string first = fingerprint_of(twice, 0), second = fingerprint_of(twice, 1);
  EXPECT_EQ(first, fingerprint_of(base));
  EXPECT_EQ(first.substr(0, 16), second.substr(0, 16));
  EXPECT_EQ(second.substr(16), ":1");
}

// The digits are in files that users keep: a change needs another name than kubegate/v1.
TEST(Sarif, FingerprintsAreForEver) { EXPECT_EQ(fingerprint_of(deployment(unknown())), "3ee4dc729395fe4d:0"); }

TEST(Sarif, ARuleWithoutAPageHasItsIdAlone) {
  LocatedFinding found = unknown();
  found.rule = "policy/K8sAllowedRepos/prod-repos";
  const auto document = sarif_of({deployment(found)});
  const Value& rule = run_of(document)["tool"]["driver"]["rules"][0];
  EXPECT_STREQ(rule["id"].GetString(), "policy/K8sAllowedRepos/prod-repos");
  EXPECT_STREQ(rule["name"].GetString(), "PolicyK8sAllowedReposProdRepos");
  EXPECT_FALSE(rule.HasMember("help"));
}

TEST(Sarif, WhateverBytesItHoldsItIsJson) {
  std::string bytes;
  for (int c = 0; c < 256; ++c) bytes += static_cast<char>(c);
  LocatedFinding found = finding("schema/type", kError, bytes, 1, 1, {bytes, 0, 256, false, false}, bytes, bytes);
  Resource told = resource(bytes, bytes, bytes, bytes, 1, Status::kInvalid, {found});
  const auto document = sarif_of({told});
  EXPECT_EQ(run_of(document)["results"].Size(), 1u);
}

}  // namespace
}  // namespace kubegate::report
