// kubegate against recorded verdicts of real API servers (1.28, 1.29 and 1.35): what a server refused at decoding is
// refused here at the same field, what it refused of a custom resource's structure too, a kind that it does not serve
// is a finding, and what it accepted has no error.
//
// Not judged by this room, and only counted: native objects that the server refused with 422 (server rules), and rules
// of custom resources in CEL.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>

#include "tests/support/oracle.h"
#include "validate/document/read.h"
#include "validate/schema/check.h"
#include "validate/schema/explain.h"

namespace kubegate {
namespace {

using testing::OracleCase;
using testing::Verdict;

// The project versions whose CRDs the servers served.
const std::vector<std::string> kBundles = {"karpenter@v1.0.11", "argo-cd@v2.14.21", "external-secrets@v0.9.20",
                                           "prometheus-operator@kube-prometheus-v0.13.0", "gatekeeper@v3.23.1"};

// Disagreements that stand, by the id of the line, each with its reason. In all versions.
constexpr const char* kPruned =
    "a mapping where a scalar belongs: the server prunes it first and names the keys in it as unknown fields; here the "
    "value itself has the wrong type";
const std::map<std::string, const char*> kNamed = {
    {"ccb5bea76e43", kPruned}, {"f740af98a745", kPruned}, {"af0250f22aa5", kPruned}, {"3575a4896025", kPruned},
    {"08f2da13e842", kPruned}, {"884c2061887e", kPruned}, {"fe4436d5aebe", kPruned}, {"0d1d4a6519c2", kPruned},
    {"2e166fbbc5bb", kPruned}, {"2556a79d21cf", kPruned}, {"e42c61e1995e", kPruned}, {"b8ac435947cb", kPruned},
    {"5c77e18049ce", kPruned}, {"36547a919394", kPruned}, {"0d23831efcec", kPruned}, {"995072ebe2c0", kPruned},
    {"afe53632f53e", kPruned}, {"9bbdf940d0ae", kPruned}, {"9f73cad08ae8", kPruned}, {"4baca8753482", kPruned},
    {"33dadfa415bd", kPruned}, {"e3851d86ccb8", kPruned}, {"0bd7334678ec", kPruned}, {"70efdf3219e4", kPruned},
    {"31fe27ca4772", kPruned}, {"97190694ae45", kPruned}, {"a82191c9c832", kPruned}, {"760da02a3455", kPruned},
};

bool is_custom(const std::string& kind) {
  static const std::set<std::string> kGroups = {"karpenter.sh",          "karpenter.k8s.aws",
                                                "argoproj.io",           "external-secrets.io",
                                                "monitoring.coreos.com", "templates.gatekeeper.sh"};
  return kGroups.contains(kind.substr(0, kind.find('/')));
}

// The causes of a 422 that are the schema's: not the metadata's, not a CEL rule's.
std::vector<std::string> structural_fields(const Verdict& verdict) {
  std::vector<std::string> fields;
  for (const Verdict::Cause& cause : verdict.causes) {
    if (cause.field.starts_with("metadata") || cause.field == "<nil>") continue;
    const bool structural = cause.reason != "FieldValueInvalid" || cause.message.find(" in body ") != std::string::npos;
    if (structural) fields.push_back(cause.field);
  }
  return fields;
}

struct Tally {
  int agree = 0, all = 0;
  void count(bool agrees) { agree += agrees, ++all; }
};

TEST(Oracle, AgreesWithRealServers) {
  if (testing::oracle_create().empty()) GTEST_SKIP() << "recorded verdicts are not here";
  Result<std::vector<schema::Target>> targets = schema::parse_targets(std::vector<std::string>{"1.28", "1.29", "1.35"});
  ASSERT_TRUE(targets.ok());
  auto catalogue = schema::Catalogue::make({*targets, kBundles}, nullptr, nullptr);
  ASSERT_TRUE(catalogue.ok()) << catalogue.error().text();

  std::map<std::string, Tally> by_category, by_kind;
  Tally native_422, custom_rules, total;
  std::map<std::string, int> unnamed;
  int named = 0;
  document::Document object;
  for (const OracleCase& one : testing::oracle_create()) {
    document::read({one.object, 1}, document::Syntax::kJson, document::Limits{}, object);
    ASSERT_TRUE(object.faults().empty()) << one.id;
    std::vector<Finding> findings;
    schema::check_object(**catalogue, object, 0, "", {}, findings);
    for (std::size_t i = 0; i < targets->size(); ++i) {
      const std::string& version = (*targets)[i].name;
      const Verdict& verdict = one.verdicts.at(version);
      std::vector<const Finding*> errors;
      for (const Finding& finding : findings) {
        // The servers ran with every API switched on, so "off by default" does not speak of them.
        const bool off =
            finding.rule == "schema/not-served" && finding.message.find("off by default") != std::string::npos;
        if (finding.severity == Severity::kError && (finding.targets >> i & 1) && !off) errors.push_back(&finding);
      }
      std::vector<std::string> fields = verdict.fields;
      // The metadata of a custom resource is decoded by itself, so the decoder's path starts there.
      if (is_custom(one.kind) && verdict.message.find("Go struct field ObjectMeta.") != std::string::npos) {
        for (std::string& field : fields) {
          if (!field.starts_with("metadata")) field = "metadata." + field;
        }
      }
      bool agrees = false;
      if (verdict.code == 201) {
        agrees = errors.empty();
      } else if (verdict.code == 404) {
        agrees = std::any_of(errors.begin(), errors.end(), [](const Finding* f) {
          return f->rule == "schema/not-served" || f->rule == "schema/unknown-kind";
        });
      } else {
        if (verdict.code == 422) {
          if (!is_custom(one.kind)) {
            native_422.count(!errors.empty());
            continue;
          }
          fields = structural_fields(verdict);
          if (fields.empty()) {
            custom_rules.count(!errors.empty());
            continue;
          }
        }
        agrees = !errors.empty() && std::all_of(fields.begin(), fields.end(), [&](const std::string& field) {
          return std::any_of(errors.begin(), errors.end(),
                             [&](const Finding* f) { return testing::same_field(f->field, field); });
        });
      }
      by_category[one.category + " " + std::to_string(verdict.code)].count(agrees);
      by_kind[one.kind].count(agrees);
      total.count(agrees);
      const std::string key = one.id + " " + version;
      if (agrees) {
        EXPECT_FALSE(kNamed.contains(one.id)) << key << " agrees now: take it off the list";
        continue;
      }
      if (kNamed.contains(one.id)) {
        ++named;
        continue;
      }
      const std::string what = one.kind + " " + std::to_string(verdict.code) + " " + one.category;
      if (++unnamed[what] <= 2 || std::getenv("KUBEGATE_ORACLE_ALL") != nullptr) {
        std::string ours;
        for (const Finding* f : errors) ours += "\n    " + f->field + ": " + f->message;
        std::string theirs;
        for (const std::string& field : fields) theirs += " " + field;
        std::printf("%s %s %s\n  server:%s | %s\n  kubegate:%s\n", key.c_str(), what.c_str(), one.base.c_str(),
                    theirs.c_str(), verdict.message.c_str(), ours.c_str());
      }
    }
  }
  auto print = [](const std::string& name, const Tally& tally) {
    std::printf("%6d of %6d  %6.2f %%  %s\n", tally.agree, tally.all, tally.all ? 100.0 * tally.agree / tally.all : 0.0,
                name.c_str());
  };
  for (const auto& [name, tally] : by_category) print(name, tally);
  for (const auto& [name, tally] : by_kind) print(name, tally);
  print("native objects that server rules refuse (counted, not judged here)", native_422);
  print("custom resources that metadata or CEL rules refuse (counted, not judged here)", custom_rules);
  print("in all", total);
  std::printf("%6d disagreements, %d named\n", total.all - total.agree, named);
  EXPECT_GE(total.agree, total.all * 0.99);
  for (const auto& [what, count] : unnamed) ADD_FAILURE() << count << " unnamed: " << what;
}

// The hot walk and the cold walk are two; on every recorded object they say the same.
TEST(Oracle, VerdictAndWordsAgree) {
  if (testing::oracle_create().empty()) GTEST_SKIP() << "recorded verdicts are not here";
  Result<std::vector<schema::Target>> targets = schema::parse_targets(std::vector<std::string>{"1.28", "1.29", "1.35"});
  ASSERT_TRUE(targets.ok());
  auto catalogue = schema::Catalogue::make({*targets, kBundles}, nullptr, nullptr);
  ASSERT_TRUE(catalogue.ok());
  document::Document object;
  for (const OracleCase& one : testing::oracle_create()) {
    document::read({one.object, 1}, document::Syntax::kJson, document::Limits{}, object);
    const schema::ObjectIdentity identity = schema::identity_of(object, 0);
    const schema::Resolution resolution = (*catalogue)->resolve(identity.api_version, identity.kind);
    if (resolution.table == nullptr) continue;
    schema::MetaProgram meta;
    if (resolution.source != schema::Resolution::Source::kNative) {
      const schema::Resolution native = (*catalogue)->object_meta();
      meta = {native.table, native.shape, native.versions};
    }
    const schema::VersionMask failed =
        schema::check_shape(object, 0, *resolution.table, resolution.shape, resolution.versions, meta, true, nullptr);
    std::vector<Finding> findings;
    schema::explain_object(**catalogue, object, 0, "", identity, resolution, meta, {}, findings);
    TargetMask explained = 0;
    for (const Finding& finding : findings) explained |= finding.targets;
    EXPECT_EQ((*catalogue)->to_targets(resolution, failed), explained) << one.id;
  }
}

}  // namespace
}  // namespace kubegate
