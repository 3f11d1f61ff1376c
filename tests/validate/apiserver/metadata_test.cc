// Metadata against written cases and against recorded verdicts of real API servers.

#include "validate/apiserver/metadata.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <new>
#include <set>

#include "tests/support/expect.h"
#include "tests/support/oracle.h"
#include "validate/document/read.h"
#include "validate/schema/catalogue.h"
#include "validate/schema/check.h"

namespace {
std::size_t g_allocations = 0;
}

#if defined(__GNUC__) && !defined(__clang__)
// g++ inlines the operators into the library's code and then takes them for a mismatched pair.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
#endif

// Counts what this program allocates.
void* operator new(std::size_t size) {
  ++g_allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace kubegate::apiserver {
namespace {

using schema::Catalogue;
using testing::OracleCase;
using testing::Verdict;

const Catalogue& catalogue() {
  static const std::shared_ptr<const Catalogue> made = [] {
    auto targets = schema::parse_targets(std::vector<std::string>{"1.28", "1.29", "1.35"});
    return *Catalogue::make({*targets, {}}, nullptr, nullptr);
  }();
  return *made;
}

// All that a run does about an object's metadata.
std::vector<Finding> check(const document::Document& object) {
  const schema::ObjectIdentity identity = schema::identity_of(object, 0);
  const schema::Resolution resolution = catalogue().resolve(identity.api_version, identity.kind);
  std::vector<Finding> findings;
  check_metadata(object, 0, "", metadata_rules(resolution), kAllTargets, findings);
  return findings;
}

TEST(Metadata, FindsWhatTheCasesSay) {
  EXPECT_GT(testing::expect_findings_in(KUBEGATE_SOURCE_DIR "/tests/validate/apiserver/metadata_cases.yaml", check),
            25);
}

TEST(Metadata, AnnotationsHaveABound) {
  for (const std::size_t bytes : {262140, 262141}) {
    const std::string text =
        "{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"x\",\"annotations\":{"
        "\"ab\":\"" +
        std::string(bytes, 'x') + "\",\"cd\":\"\"}}}";
    document::Document object;
    document::read({text, 1}, document::Syntax::kJson, document::Limits{}, object);
    EXPECT_EQ(check(object).size(), bytes == 262140 ? 0u : 1u);
  }
}

TEST(Metadata, ASoundObjectAllocatesNothing) {
  const std::string text =
      "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: a-name-that-is-longer-than-what-fits-a-short-string\n"
      "  generateName: a-name-that-is-longer-than-what-fits-a-short-string-\n  namespace: team-a\n"
      "  labels: {app.kubernetes.io/name: a-name-that-is-longer-than-what-fits-a-short-string}\n"
      "  annotations: {Example.COM/a-name-that-is-longer-than-what-fits-a-short-string: x}\n"
      "  finalizers: [example.com/a-name-that-is-longer-than-what-fits-a-short-string]\n"
      "  ownerReferences: [{apiVersion: v1, kind: Pod, name: x, uid: y, controller: true}]\n";
  document::Document object;
  document::read({text, 1}, document::Syntax::kYaml, document::Limits{}, object);
  const schema::Resolution resolution = catalogue().resolve("apps/v1", "Deployment");
  std::vector<Finding> findings;
  const std::size_t before = g_allocations;
  check_metadata(object, 0, "", metadata_rules(resolution), kAllTargets, findings);
  EXPECT_EQ(g_allocations, before);
  EXPECT_TRUE(findings.empty());
}

TEST(Metadata, PointsIntoLists) {
  const std::string text =
      "kind: List\napiVersion: v1\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {labels: {a/: x}}}\n";
  document::Document list;
  document::read({text, 1}, document::Syntax::kYaml, document::Limits{}, list);
  std::vector<Finding> findings;
  check_metadata(list, list.find(0, "items") + 1, "/items/0", metadata_rules("", "ConfigMap", true, false), 2,
                 findings);
  ASSERT_EQ(findings.size(), 2u);
  EXPECT_EQ(findings[0].pointer, "/items/0/metadata/labels/a~1");
  EXPECT_EQ(findings[1].pointer, "/items/0/metadata/name");
  EXPECT_EQ(findings[0].targets, 2u);
  EXPECT_EQ(findings[0].rule, "server/metadata");
}

// What the server says of a field below metadata that is not the metadata's, by the words of its message.
constexpr const char* kOtherRules[] = {
    "metadata.taints",                     // how the server spells spec.taints of a Node
    "will not able to create pod",         // an indexed Job: its rule is the Job's
    "must be spec.names.plural",           // a CustomResourceDefinition: crd/names
    "kubernetes.io/service-account.name",  // a Secret of that type
    "pod-security.kubernetes.io/",         // values that the PodSecurity admission plugin knows, on a Namespace
};

bool is_other_rule(const Verdict::Cause& cause) {
  return std::any_of(std::begin(kOtherRules), std::end(kOtherRules), [&](const char* words) {
    return cause.field.find(words) != std::string::npos || cause.message.find(words) != std::string::npos;
  });
}

// Labels that are not the written ones: the server reports those of a ReplicationController's and a Job's template as
// the object's own, and labels a Namespace with its name, which may be no label value.
bool is_of_other_labels(const OracleCase& one, const Verdict::Cause& cause) {
  return cause.field == "metadata.labels" && one.category != "labels" &&
         (one.kind == "batch/v1/Job" || one.kind == "v1/ReplicationController" || one.kind == "v1/Namespace");
}

TEST(Metadata, AgreesWithRealServers) {
  if (testing::oracle_create().empty()) GTEST_SKIP() << "recorded verdicts are not here";
  int accepted = 0, refused = 0, found = 0, other = 0;
  std::map<std::string, int> missed;
  document::Document object;
  for (const OracleCase& one : testing::oracle_create()) {
    document::read({one.object, 1}, document::Syntax::kJson, document::Limits{}, object);
    const std::vector<Finding> findings = check(object);
    for (const auto& [version, verdict] : one.verdicts) {
      if (verdict.code == 201) {
        ++accepted;
        for (const Finding& finding : findings) {
          EXPECT_NE(finding.severity, Severity::kError) << one.id << " " << one.kind << ": " << finding.message;
        }
      }
      if (verdict.code != 422) continue;
      std::set<std::string> theirs;
      for (const Verdict::Cause& cause : verdict.causes) {
        if (!cause.field.starts_with("metadata")) continue;
        if (is_other_rule(cause) || is_of_other_labels(one, cause)) {
          ++other;
        } else {
          theirs.insert(cause.field);
        }
      }
      refused += static_cast<int>(theirs.size());
      for (const std::string& field : theirs) {
        const bool have = std::any_of(findings.begin(), findings.end(), [&](const Finding& finding) {
          return finding.field == field || finding.field.starts_with(field + "[") ||
                 field.starts_with(finding.field + "[");
        });
        found += have;
        if (!have && ++missed[one.kind + " " + field] <= 3) ADD_FAILURE() << one.id << " " << one.kind << " " << field;
      }
      // And nothing beside what the server says: 422 lists all faults of the object.
      for (const Finding& finding : findings) {
        if (finding.severity == Severity::kWarning) continue;
        const bool said = std::any_of(verdict.causes.begin(), verdict.causes.end(), [&](const Verdict::Cause& cause) {
          return cause.field.starts_with("metadata") &&
                 (finding.field.starts_with(cause.field) || cause.field.starts_with(finding.field));
        });
        EXPECT_TRUE(said) << one.id << " " << one.kind << " " << version << ": " << finding.message;
      }
    }
  }
  std::printf("accepted %d without a finding; refused fields %d, found %d; %d faults of other rules\n", accepted,
              refused, found, other);
  EXPECT_GT(refused, 500);
}

}  // namespace
}  // namespace kubegate::apiserver
