// Rendered manifests of public projects, every one of which a real API server 1.29 took (recorded beside the verdicts):
// no false finding.

#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <filesystem>
#include <map>
#include <set>
#include <sstream>

#include "tests/support/oracle.h"
#include "validate/document/read.h"
#include "validate/schema/check.h"

namespace kubegate {
namespace {

namespace fs = std::filesystem;

// The CRDs that the server served.
const std::vector<std::string> kBundles = {"karpenter@v1.0.11",        "argo-cd@v2.14.21",
                                           "external-secrets@v0.9.20", "prometheus-operator@kube-prometheus-v0.18.0",
                                           "gatekeeper@v3.23.1",       "gateway-api@v1.0.0"};

// True findings: what kubegate says and the server does not, "file:line rule", with the reason.
const std::map<std::string, std::string> kTrue = {};

TEST(Corpus, NoFalseFinding) {
  const std::string folder = testing::shared_folder();
  if (folder.empty()) GTEST_SKIP() << "the corpus is not here";
  // Kinds that no CRD served there (404): Istio's, and lists of the client's own.
  std::set<std::string> unserved;
  std::istringstream lines(testing::read_file(folder + "/oracle/rendered.jsonl"));
  for (std::string line; std::getline(lines, line);) {
    rapidjson::Document json;
    json.Parse(line.c_str(), line.size());
    if (json["verdict"]["code"].GetInt() == 404) unserved.insert(json["kind"].GetString());
  }

  auto targets = schema::parse_targets(std::vector<std::string>{"1.29"});
  ASSERT_TRUE(targets.ok());
  auto catalogue = schema::Catalogue::make({*targets, kBundles}, nullptr, nullptr);
  ASSERT_TRUE(catalogue.ok()) << catalogue.error().text();
  std::set<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder + "/corpus/rendered")) {
    if (entry.is_regular_file()) files.insert(entry.path());
  }
  int objects = 0, unknown = 0;
  document::Document read;
  for (const std::string& file : files) {
    const std::string text = testing::read_file(file);
    for (const document::Slice& slice : document::split(text, document::syntax_of(file))) {
      document::read(slice, document::syntax_of(file), document::Limits{}, read);
      std::vector<Finding> findings = read.faults();
      if (!read.empty() && findings.empty()) {
        ++objects;
        schema::check_object(**catalogue, read, 0, "", {}, findings);
      }
      for (const Finding& finding : findings) {
        const schema::ObjectIdentity identity = schema::identity_of(read, 0);
        if (finding.rule == "schema/unknown-kind" &&
            unserved.contains(std::string(identity.api_version) + "/" + std::string(identity.kind))) {
          ++unknown;
          continue;
        }
        const std::string key = fs::path(file).filename().string() + ":" + std::to_string(slice.first_line) + " " +
                                std::string(finding.rule);
        EXPECT_TRUE(kTrue.contains(key)) << key << " " << finding.field << ": " << finding.message;
      }
    }
  }
  EXPECT_GE(objects, 400);
  std::printf("%d objects in %zu files, %d of kinds that nothing serves\n", objects, files.size(), unknown);
}

}  // namespace
}  // namespace kubegate
