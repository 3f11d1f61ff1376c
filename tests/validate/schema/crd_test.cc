// CustomResourceDefinitions against written cases, against recorded verdicts of real API servers, and against published
// definitions, all of which a server takes.

#include "validate/schema/crd.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "tests/support/expect.h"
#include "tests/support/oracle.h"
#include "validate/document/read.h"
#include "validate/schema/catalogue.h"
#include "validate/schema/check.h"

namespace kubegate {
namespace {

using testing::OracleCase;
using testing::Verdict;

const schema::Catalogue& catalogue() {
  static const std::shared_ptr<const schema::Catalogue> made = [] {
    auto targets = schema::parse_targets(std::vector<std::string>{"1.28", "1.29", "1.35"});
    return *schema::Catalogue::make({*targets, {}}, nullptr, nullptr);
  }();
  return *made;
}

// "/spec/versions/0/name" as "spec.versions.0.name", and fields the same way, whose map keys the decoder spells with
// dots and the validation in brackets.
std::string plain(std::string text) {
  std::string out;
  for (char c : text) {
    if (c == '[' || c == '/') {
      if (!out.empty() && out.back() != '.') out += '.';
    } else if (c != ']') {
      out += c;
    }
  }
  return out;
}

std::vector<Finding> check(const document::Document& document) {
  std::vector<Finding> findings;
  schema::check_crd(document, 0, "", 5, findings);
  for (const Finding& finding : findings) {
    EXPECT_EQ(finding.targets, 5u);
    EXPECT_TRUE(finding.rule.starts_with("crd/")) << finding.rule;
    // The pointer is the field's path, or leads further to what the server names as a whole.
    EXPECT_TRUE(plain(finding.pointer.substr(1)).starts_with(plain(finding.field)))
        << finding.pointer << " " << finding.field;
  }
  return findings;
}

TEST(Crd, FindsWhatTheCasesSay) {
  EXPECT_GT(testing::expect_findings_in(KUBEGATE_SOURCE_DIR "/tests/validate/schema/crd_cases.yaml", check), 20);
}

TEST(Crd, PointsIntoLists) {
  const std::string text = "items:\n- {spec: {group: example}}\n";
  document::Document list;
  document::read({text, 1}, document::Syntax::kYaml, document::Limits{}, list);
  std::vector<Finding> findings;
  schema::check_crd(list, list.find(0, "items") + 1, "/items/0", 1, findings);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].pointer, "/items/0/spec/group");
  EXPECT_EQ(findings[0].field, "spec.group");
}

// The server's field as the file has it. Where all versions have the same schema, columns or subresources, the server
// moves them up into the spec and speaks of that.
std::string as_written(std::string field) {
  const auto replace = [&](std::string_view from, std::string_view to) {
    if (field.starts_with(from)) field = std::string(to) + field.substr(from.size());
  };
  replace("spec.validation.", "spec.versions[0].schema.");
  replace("spec.additionalPrinterColumns", "spec.versions[0].additionalPrinterColumns");
  replace("spec.subresources", "spec.versions[0].subresources");
  if (field.ends_with(".JSONPath")) field.replace(field.size() - 8, 8, "jsonPath");
  return field;
}

// The status follows from the storage version, which the server creates it from.
bool is_consequence(const Verdict::Cause& cause) { return cause.field == "status.storedVersions"; }

// Fields that the server names and we do not, each with the reason; all in objects that are refused for others.
struct Missed {
  const char* id;
  const char* field;
};
constexpr Missed kMissed[] = {
    // Without a plural or a group there is nothing to hold the name to.
    {"01129d41e743", "metadata.name"},
    {"ccf2dc2f6c72", "metadata.name"},
    // The type is unknown; that the default is not of it says nothing more.
    {"2a395569357c", "spec.versions[0].schema.openAPIV3Schema.properties[spec].properties[mode].default"},
    {"a3559f61284e", "spec.versions[0].schema.openAPIV3Schema.properties[spec].properties[max].default"},
};

TEST(Crd, AgreesWithRealServers) {
  if (testing::oracle_create().empty()) GTEST_SKIP() << "recorded verdicts are not here";
  struct Tally {
    int agree = 0, all = 0;
  };
  std::map<std::string, Tally> tallies;
  document::Document object;
  for (const OracleCase& one : testing::oracle_create()) {
    if (one.kind != "apiextensions.k8s.io/v1/CustomResourceDefinition") continue;
    document::read({one.object, 1}, document::Syntax::kJson, document::Limits{}, object);
    std::vector<Finding> findings;
    schema::check_object(catalogue(), object, 0, "", {}, findings);
    std::erase_if(findings, [](const Finding& finding) { return finding.severity != Severity::kError; });
    const bool decodes = findings.empty();
    std::vector<Finding> ours = check(object);
    std::erase_if(ours, [](const Finding& finding) { return finding.severity != Severity::kError; });
    for (const auto& [version, verdict] : one.verdicts) {
      Tally& tally = tallies[std::to_string(verdict.code) + " " + one.category];
      ++tally.all;
      if (verdict.code == 400) {
        tally.agree += !decodes;  // the rest is the schema check's to be tested for
        continue;
      }
      if (verdict.code == 201) {
        tally.agree += decodes && ours.empty();
        for (const Finding& finding : ours) {
          ADD_FAILURE() << one.id << " accepted, but: " << finding.field << ": " << finding.message;
        }
        continue;
      }
      std::vector<Finding> all = findings;
      all.insert(all.end(), ours.begin(), ours.end());
      bool agrees = !all.empty();
      for (const Verdict::Cause& cause : verdict.causes) {
        const std::string field = as_written(cause.field);
        const bool have = is_consequence(cause) || std::any_of(all.begin(), all.end(), [&](const Finding& finding) {
                            // What is missing as a whole is said once: the server goes through all that is in it.
                            return plain(finding.field) == plain(field) ||
                                   (finding.rule == "schema/required" && field.starts_with(finding.field + "."));
                          });
        const bool named = std::any_of(std::begin(kMissed), std::end(kMissed), [&](const Missed& missed) {
          return one.id == missed.id && field == missed.field;
        });
        agrees &= have || named;
        if (!have && !named) {
          ADD_FAILURE() << one.id << " " << version << " missed: " << cause.field << ": " << cause.message;
        }
        if (have && named) ADD_FAILURE() << one.id << " " << version << " is named, but found: " << cause.field;
      }
      // Nothing beside what the server says, which lists all faults.
      for (const Finding& finding : all) {
        const bool said = std::any_of(verdict.causes.begin(), verdict.causes.end(), [&](const Verdict::Cause& cause) {
          const std::string field = as_written(cause.field);
          return plain(finding.field) == plain(field) || field.starts_with(finding.field + ".");
        });
        if (!said) {
          ADD_FAILURE() << one.id << " " << version << " beside the server: " << finding.field << ": "
                        << finding.message;
        }
      }
      tally.agree += agrees;
    }
  }
  for (const auto& [name, tally] : tallies) std::printf("%4d of %4d  %s\n", tally.agree, tally.all, name.c_str());
  EXPECT_GT(tallies.size(), 10u);
}

// Every CustomResourceDefinition of a folder, without a finding.
void expect_sound(const std::string& folder, int least) {
  int definitions = 0;
  document::Document document;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const std::string extension = entry.path().extension().string();
    if (!entry.is_regular_file() || (extension != ".yaml" && extension != ".yml")) continue;
    const std::string text = testing::read_file(entry.path());
    if (text.find("CustomResourceDefinition") == std::string::npos) continue;
    for (const document::Slice& slice : document::split(text, document::Syntax::kYaml)) {
      document::read(slice, document::Syntax::kYaml, document::Limits{}, document);
      const schema::ObjectIdentity identity = schema::identity_of(document, 0);
      if (identity.kind != "CustomResourceDefinition" || identity.api_version != "apiextensions.k8s.io/v1") continue;
      ++definitions;
      for (const Finding& finding : check(document)) {
        ADD_FAILURE() << entry.path() << " " << identity.name << " " << finding.field << ": " << finding.message;
      }
    }
  }
  std::printf("%d definitions in %s\n", definitions, folder.c_str());
  EXPECT_GE(definitions, least);
}

TEST(Crd, PublishedDefinitionsAreSound) {
  if (testing::shared_folder().empty()) GTEST_SKIP() << "published definitions are not here";
  expect_sound(testing::shared_folder() + "/crds", 140);
  expect_sound(testing::shared_folder() + "/corpus/rendered", 1);
}

}  // namespace
}  // namespace kubegate
