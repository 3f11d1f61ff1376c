// Verdicts from one run to the next, in the process: whatever a verdict hangs on changes, and it must not be the old one.
#include "validate/run/verdicts.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <optional>

#include "tests/validate/run/support.h"
#include "validate/report/outputs.h"
#include "validate/run/clusters.h"

namespace kubegate::run {
namespace {

namespace fs = std::filesystem;

class Map final : public source::Cache {
 public:
  std::optional<std::string> get(const std::string& key) override {
    const auto found = entries.find(key);
    return found == entries.end() ? std::nullopt : std::optional(found->second);
  }
  void put(const std::string& key, std::string_view bytes) override {
    entries[key] = bytes;
    ++puts;
  }
  std::map<std::string, std::string> entries;
  int puts = 0;
};

// What stands for policies: a warning for each object, and what `inputs` says is what it hangs on.
class Policy final : public Check {
 public:
  std::optional<std::string> inputs(std::string_view) const override { return digest; }
  schema::ObjectVerdict check(const document::Document& document, const Object& object, const schema::Resolution&,
                              Memory*, std::vector<Finding>& out) const override {
    ++asked;
    Finding finding;
    finding.rule = "policy/Test/test";
    finding.severity = Severity::kWarning;
    finding.message = text;
    finding.span = document[object.node].span();
    if (!text.empty()) out.push_back(std::move(finding));
    schema::ObjectVerdict verdict;
    verdict.may_differ = may_differ;
    return verdict;
  }
  std::optional<std::string> digest = "one";
  std::string text = "seen";
  bool may_differ = false;
  mutable int asked = 0;
};

constexpr const char* kWeb =
    "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  ports:\n  - port: eighty\n  unknwon: 1\n";
constexpr const char* kQueue = "apiVersion: example.com/v1\nkind: Queue\nmetadata:\n  name: q\nspec:\n  size: 1\n";
constexpr const char* kScaler = "apiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata:\n  name: n\nspec: {}\n";

std::string crd(const std::string& type) {
  return "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: queues.example.com\n"
         "spec:\n  group: example.com\n  scope: Namespaced\n  names: {kind: Queue, plural: queues}\n  versions:\n"
         "  - name: v1\n    served: true\n    storage: true\n    schema:\n      openAPIV3Schema:\n        type: "
         "object\n"
         "        properties:\n          spec:\n            type: object\n            properties:\n"
         "              size: {type: " +
         type + "}\n";
}

// A repository, the settings of a run over it, and what earlier runs kept.
struct Ground {
  Ground() {
    folder.add("set/web.yaml", kWeb);
    folder.add("set/queue.yaml", kQueue);
    folder.add("set/pool.yaml", kScaler);
    folder.add("set/plain.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: plain}\n");
    folder.add("crds/queue.yaml", crd("integer"));
    options = options_for({folder.path("set")});
    options.crds = {folder.path("crds/queue.yaml")};
    options.allow_empty = true;
    options.policies = policy;
  }

  // All that a report could tell.
  std::string told(bool with_verdicts) {
    // By one name, whatever the paths are.
    options.verdicts = with_verdicts ? std::make_shared<Verdicts>(cache, std::vector<std::string>{"the run"}) : nullptr;
    policy->asked = 0;
    report::Sink sink;
    report::OutputOptions output_options;
    output_options.verbose = true;
    for (const schema::Target& target : all_targets(options)) output_options.targets.push_back(target.name);
    const auto output = report::make_output(report::Format::kPart, output_options, sink);
    const auto outcome = validate(options, *output);
    EXPECT_TRUE(outcome.ok()) << outcome.error().text();
    return sink.text();
  }

  Folder folder;
  std::shared_ptr<Policy> policy = std::make_shared<Policy>();
  std::shared_ptr<Map> cache = std::make_shared<Map>();
  Options options;
};

TEST(Verdicts, AreTheSameTheSecondTime) {
  Ground setup;
  for (const bool verbose : {false, true}) {
    setup.options.verbose = verbose;
    for (const char* text : {"", "no"}) {
      setup.policy->text = text;
      setup.policy->digest = text;
      const std::string alone = setup.told(false);
      EXPECT_NE(alone.find("unknwon"), alone.npos) << alone;
      EXPECT_EQ(setup.told(true), alone);
      EXPECT_EQ(setup.policy->asked, 4);
      const int puts = setup.cache->puts;
      EXPECT_EQ(setup.told(true), alone);
      EXPECT_EQ(setup.policy->asked, 0);
      EXPECT_EQ(setup.cache->puts, puts);
    }
  }
}

TEST(Verdicts, HangOnAllThatDecides) {
  struct Change {
    const char* name;
    int judged;  // objects that must be judged again, at least
    void (*apply)(Ground&);
    void (*before)(Ground&) = nullptr;  // the first run
  };
  const auto bare = [](Ground& s) { s.options.crds.clear(); };
  const Change cases[] = {
      {"a byte of a file", 1,
       [](Ground& s) { s.folder.add("set/plain.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: Plain}\n"); }},
      {"a line in front", 1, [](Ground& s) { s.folder.add("set/web.yaml", "\n" + std::string(kWeb)); }},
      {"an ignore", 1,
       [](Ground& s) { s.folder.add("set/web.yaml", "# kubegate:ignore schema/type no\n" + std::string(kWeb)); }},
      {"a file's path", 1,
       [](Ground& s) { fs::rename(s.folder.path("set/plain.yaml"), s.folder.path("set/kustomization.yaml")); }},
      {"a new file", 1, [](Ground& s) { s.folder.add("set/more.yaml", kWeb); }},
      {"a file less", 0, [](Ground& s) { fs::remove(s.folder.path("set/web.yaml")); }},
      {"strict", 4, [](Ground& s) { s.options.strict = false; }},
      {"verbose", 4, [](Ground& s) { s.options.verbose = true; }, [](Ground& s) { s.policy->text = ""; }},
      {"missing schemas", 4, [](Ground& s) { s.options.ignore_missing_schemas = true; }, bare},
      {"skip", 3, [](Ground& s) { s.options.skip = {"Service"}; }},
      {"reject", 3, [](Ground& s) { s.options.reject = {"ConfigMap"}; }},
      {"skip is not reject", 3, [](Ground& s) { s.options.reject = {"Queue"}; }},
      {"targets", 4, [](Ground& s) { s.options.targets = targets({"1.29"}); }},
      {"later targets", 4,
       [](Ground& s) {
         s.options.targets = targets({"1.29", "1.30"});
       }},
      {"what a CRD says", 4, [](Ground& s) { s.folder.add("crds/queue.yaml", crd("string")); }},
      {"no CRD", 4, [](Ground& s) { s.options.crds.clear(); }},
      {"another CRD", 4,
       [](Ground& s) {
         s.folder.add("crds/more/queue.yaml", crd("string"));
         s.options.crds.push_back(s.folder.path("crds/more"));
       }},
      {"a CRD among the files", 0, [](Ground& s) { s.folder.add("set/crd.yaml", crd("string")); }},
      {"a pinned bundle", 4, [](Ground& s) { s.options.crd_bundles = {"karpenter@v0.37.8"}; }},
      {"a cluster", 4,
       [](Ground& s) {
         ClusterOptions cluster;
         cluster.name = "one";
         cluster.overlays = {"set/"};
         cluster.targets = targets({"1.29"});
         s.options.clusters_root = s.folder.path();
         s.options.clusters.push_back(cluster);
       }},
      {"a cluster's CRDs", 1,
       [](Ground& s) {
         ClusterOptions cluster;
         cluster.name = "one";
         cluster.overlays = {"queue"};
         cluster.targets = targets();
         s.options.clusters_root = s.folder.path();
         s.options.clusters.push_back(cluster);
       }},
      {"depth", 0, [](Ground& s) { s.options.limits.depth = 3; }, bare},
      {"nodes", 0, [](Ground& s) { s.options.limits.nodes = 5; }, bare},
      {"size of a document", 0, [](Ground& s) { s.options.limits.document_bytes = 20; }, bare},
      {"size of a file", 0, [](Ground& s) { s.options.limits.file_bytes = 20; }, bare},
      {"policies", 4,
       [](Ground& s) {
         s.policy->digest = "two";
         s.policy->text = "no";
       }},
      {"the clock", 4,
       [](Ground& s) {
         s.policy->digest = std::nullopt;
         s.policy->text = "no";
       }},
      {"no policies", 0, [](Ground& s) { s.options.policies = nullptr; }},
      {"a patch", 1, [](Ground& s) { s.folder.add("set/kustomization.yaml", "patches:\n- path: web.yaml\n"); }},
      {"named", 0, [](Ground& s) { s.options.paths.push_back(s.folder.path("set/values.yaml")); },
       [](Ground& s) { s.folder.add("set/values.yaml", "a: 1\n"); }},
      {"order", 0,
       [](Ground& s) {
         s.options.paths = {s.folder.path("set/web.yaml"), s.folder.path("set/plain.yaml"), s.folder.path("set")};
       }},
      {"ignored files", 0, [](Ground& s) { s.options.ignore_patterns = {"web"}; }},
  };
  for (const Change& change : cases) {
    SCOPED_TRACE(change.name);
    Ground setup;
    if (change.before != nullptr) change.before(setup);
    const std::string before = setup.told(true);
    change.apply(setup);
    const std::string fresh = setup.told(false);
    EXPECT_EQ(setup.told(true), fresh);
    EXPECT_GE(setup.policy->asked, change.judged);
    EXPECT_NE(fresh, before) << "this changes nothing, and so tests nothing";
    EXPECT_EQ(setup.told(true), fresh);
  }
}

TEST(Verdicts, ThatMayDifferAreNotKept) {
  Ground setup;
  setup.policy->may_differ = true;
  for (int i = 0; i < 2; ++i) {
    setup.told(true);
    EXPECT_EQ(setup.policy->asked, 4);
  }
}

// What defines kinds and what hangs on files around is judged each time, and the rest is not.
TEST(Verdicts, SomeFilesHaveNone) {
  Ground setup;
  setup.folder.add("set/kustomization.yaml", "resources:\n- absent.yaml\n");
  setup.folder.add("set/crd.yaml", crd("integer"));
  setup.told(true);
  EXPECT_EQ(setup.policy->asked, 5);
  setup.told(true);
  EXPECT_EQ(setup.policy->asked, 1);
  setup.folder.add("set/absent.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n");
  const std::string told = setup.told(true);
  EXPECT_EQ(told.find("absent.yaml\\\""), told.npos) << told;
}

// A run with a file that cannot be read keeps nothing.
TEST(Verdicts, OfARunThatFailedAreNotKept) {
  Ground setup;
  setup.options.paths.push_back(setup.folder.path("none"));
  setup.told(true);
  EXPECT_EQ(setup.cache->puts, 0);
}

// What no run has asked for in a while goes, what one has asked for stays.
TEST(Verdicts, AreForgotten) {
  Ground setup;
  setup.policy->digest = "0";
  setup.told(true);
  const std::size_t one = setup.cache->entries.begin()->second.size();
  for (int i = 1; i <= 60; ++i) {
    setup.policy->digest = std::to_string(i);
    setup.told(true);
  }
  const std::size_t size = setup.cache->entries.begin()->second.size();
  EXPECT_GT(size, 10 * one);
  EXPECT_LT(size, 30 * one);
  setup.policy->digest = "55";
  setup.told(true);
  EXPECT_EQ(setup.policy->asked, 0);
}

// Of what was kept any byte may be another, and it may end anywhere: a cache vouches for its bytes, but nothing else
// than time hangs on that it does.
TEST(Verdicts, TakeWhateverTheyAreGiven) {
  Ground setup;
  setup.policy->text = "no";
  const std::string fresh = setup.told(true);
  auto& [name, entry] = *setup.cache->entries.begin();
  const std::string sound = entry;
  for (std::size_t i = 0; i < sound.size(); i += 3) {
    entry = sound.substr(0, i);
    EXPECT_EQ(setup.told(true), fresh) << i;
  }
  for (std::size_t i = 0; i < sound.size(); i += 3) {
    for (const char bit : {'\x01', '\x80'}) {
      entry = sound;
      entry[i] = static_cast<char>(entry[i] ^ bit);
      setup.told(true);
    }
  }
}

}  // namespace
}  // namespace kubegate::run
