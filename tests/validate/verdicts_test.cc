// Verdicts from one run to the next through the command: with real policies, in every form of the report, and over HTTP.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <regex>
#include <string>
#include <vector>

#include "tests/support/folder.h"
#include "tests/support/http_server.h"
#include "tests/support/process.h"
#include "validate/base/base64.h"

namespace kubegate {
namespace {

namespace fs = std::filesystem;
using Strings = std::vector<std::string>;

constexpr const char* kForms[] = {"full", "concise", "json", "junit", "sarif", "github", "markdown", "html", "part"};

constexpr const char* kConfig = "apiVersion: kubegate.dev/v1alpha1\nkind: Config\nkubernetesVersions: [\"1.29\"]\n";

// Each Service of a set has a name of its own, as far as the inventory tells; what its label says is a parameter.
constexpr const char* kTemplate = R"(apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata:
  name: k8stest
spec:
  crd:
    spec:
      names: {kind: K8sTest}
      validation:
        openAPIV3Schema:
          type: object
          properties:
            label: {type: string}
  targets:
  - target: admission.k8s.gatekeeper.sh
    rego: |
      package k8stest
      violation[{"msg": msg}] {
        not input.review.object.metadata.labels[input.parameters.label]
        msg := sprintf("label %v is missing", [input.parameters.label])
      }
      violation[{"msg": msg}] {
        other := data.inventory.namespace[ns][_]["Service"][input.review.object.metadata.name]
        ns != input.review.object.metadata.namespace
        msg := sprintf("%v has a Service of this name", [ns])
      }
)";

std::string constraint(const std::string& label, const std::string& match = "") {
  return "apiVersion: constraints.gatekeeper.sh/v1beta1\nkind: K8sTest\nmetadata:\n  name: test\nspec:\n  match:\n"
         "    kinds:\n    - apiGroups: [\"\"]\n      kinds: [Service]\n" +
         match + "  parameters:\n    label: " + label + "\n";
}

std::string service(const std::string& name, const std::string& name_space, const std::string& labels = "{}") {
  return "apiVersion: v1\nkind: Service\nmetadata:\n  name: " + name + "\n  namespace: " + name_space +
         "\n  labels: " + labels + "\nspec:\n  ports:\n  - port: 80\n";
}

class VerdictsCommand : public testing::Test {
 public:
  VerdictsCommand() {
    unsetenv("KUBEGATE_CACHE_KEY");
    lay_out();
  }
  ~VerdictsCommand() override { unsetenv("KUBEGATE_CACHE_KEY"); }

  void lay_out() const {
    write(".kubegate.yaml", kConfig);
    write("policies/template.yaml", kTemplate);
    write("policies/constraint.yaml", constraint("team"));
    write("inventory/other.yaml", service("other", "far"));
    write("set/web.yaml", service("web", "a", "{team: x}"));
    write("set/api.yaml", service("api", "a"));
    write("set/broken.yaml", service("broken", "a", "{team: x}") + "  type: None\n");
    write("set/settings.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\n");
    write("other/own.yaml", service("own", "a", "{team: x}"));
  }
  void write(const std::string& name, std::string_view content) const { folder_.add("tree/" + name, content); }
  std::string path(const std::string& name) const { return folder_.path(name); }

  struct Answer {
    int code;
    std::string out, err;
    bool operator==(const Answer&) const = default;
  };
  Answer run(Strings flags, const char* program = KUBEGATE_BINARY) const {
    Strings all = {"validate", "--policy", "policies", "--inventory", "inventory", "--verbose"};
    all.insert(all.end(), flags.begin(), flags.end());
    if (std::find(all.begin(), all.end(), "--") == all.end()) all.push_back("set");
    std::erase(all, "--");
    const int code = wait_for(start_process(program, all, path("tree"), {"/dev/null", path("out"), path("err")}));
    return {code, std::regex_replace(read_text(path("out")), std::regex(" time=\"[^\"]*\""), ""),
            read_text(path("err"))};
  }
  Answer cached(Strings flags = {}) const {
    flags.insert(flags.end(), {"--cache", path("cache")});
    return run(flags);
  }
  Answer fresh(Strings flags = {}) const {
    flags.push_back("--no-cache");
    return run(flags);
  }

  // The entries of the cache; a file that was written anew has another number.
  std::vector<std::pair<std::string, ino_t>> entries() const {
    std::vector<std::pair<std::string, ino_t>> found;
    if (!fs::exists(path("cache"))) return found;
    for (const auto& each : fs::recursive_directory_iterator(path("cache"))) {
      struct stat status {};
      if (each.is_regular_file() && stat(each.path().c_str(), &status) == 0) {
        found.emplace_back(each.path().string(), status.st_ino);
      }
    }
    std::sort(found.begin(), found.end());
    return found;
  }

  Folder folder_;
};

TEST_F(VerdictsCommand, EveryFormTellsTheSame) {
  for (const char* form : kForms) {
    const Strings flags = {"--output", form};
    const Answer alone = fresh(flags);
    EXPECT_EQ(alone.code, 1) << alone.err;
    EXPECT_NE(alone.out.find("label team is missing"), std::string::npos) << alone.out;
    EXPECT_EQ(cached(flags), alone) << form;
    const auto kept = entries();
    EXPECT_EQ(kept.size(), 1u);
    EXPECT_EQ(cached(flags), alone) << form;
    EXPECT_EQ(entries(), kept) << "a verdict was missing";
  }
}

TEST_F(VerdictsCommand, HangOnAllThatDecides) {
  struct Change {
    const char* name;
    void (*apply)(VerdictsCommand&);
    Strings flags;
  };
  const Change cases[] = {
      {"a parameter", [](VerdictsCommand& t) { t.write("policies/constraint.yaml", constraint("owner")); }, {}},
      {"a match",
       [](VerdictsCommand& t) {
         t.write("policies/constraint.yaml", constraint("team", "    excludedNamespaces: [a]\n"));
       },
       {}},
      {"the policy's code",
       [](VerdictsCommand& t) {
         t.write("policies/template.yaml", std::regex_replace(kTemplate, std::regex("is missing"), "is not there"));
       },
       {}},
      {"a second constraint",
       [](VerdictsCommand& t) {
         t.write("policies/more.yaml", std::regex_replace(constraint("x"), std::regex("name: test"), "name: more"));
       },
       {}},
      {"a mutator",
       [](VerdictsCommand& t) {
         t.write("policies/mutator.yaml",
                 "apiVersion: mutations.gatekeeper.sh/v1\nkind: AssignMetadata\nmetadata:\n  name: m\nspec:\n"
                 "  location: metadata.labels.team\n  parameters:\n    assign:\n      value: x\n");
       },
       {}},
      {"the inventory", [](VerdictsCommand& t) { t.write("inventory/other.yaml", service("api", "far")); }, {}},
      {"another file of the set", [](VerdictsCommand& t) { t.write("set/new.yaml", service("api", "near")); }, {}},
      {"what is in one set",
       [](VerdictsCommand& t) { t.write("other/new.yaml", service("api", "near")); },
       {"set", "other", "--"}},
      {"a file", [](VerdictsCommand& t) { t.write("set/web.yaml", service("web", "a")); }, {}},
      {"a version", [](VerdictsCommand&) {}, {"--kubernetes-version", "1.28"}},
      {"the settings",
       [](VerdictsCommand& t) { t.write(".kubegate.yaml", std::string(kConfig) + "skip: [Service]\n"); },
       {}},
      {"a rule of the library", [](VerdictsCommand&) {}, {"--rules", "team/required-labels"}},
      {"known findings",
       [](VerdictsCommand& t) {
         t.fresh({"--write-known", t.path("known.yaml")});
       },
       {"--known", "../known.yaml"}},
      {"an ignore",
       [](VerdictsCommand& t) {
         t.write("set/api.yaml", "# kubegate:ignore policy/K8sTest/test because\n" + service("api", "a"));
       },
       {}},
      {"a shard", [](VerdictsCommand&) {}, {"--shard", "1/2"}},
      {"order", [](VerdictsCommand&) {}, {"set/web.yaml", "set", "--"}},
  };
  for (const Change& change : cases) {
    SCOPED_TRACE(change.name);
    fs::remove_all(path("tree"));
    fs::remove_all(path("cache"));
    lay_out();
    Strings flags = {"--output", "json"};
    const bool whole = std::find(change.flags.begin(), change.flags.end(), "other") != change.flags.end();
    if (whole) flags.insert(flags.end(), change.flags.begin(), change.flags.end());
    const Answer before = cached(flags);
    EXPECT_EQ(cached(flags), before);
    change.apply(*this);
    if (!whole) flags.insert(flags.end(), change.flags.begin(), change.flags.end());
    const Answer now = fresh(flags);
    EXPECT_NE(now.out, before.out) << "this changes nothing, and so tests nothing";
    EXPECT_EQ(cached(flags), now);
    EXPECT_EQ(cached(flags), now);
  }
}

// A policy that asks for the time says what it says today.
TEST_F(VerdictsCommand, OfAPolicyThatReadsTheClockAreNotKept) {
  write("policies/template.yaml",
        std::regex_replace(kTemplate, std::regex("msg := sprintf\\(\"label"), "time.now_ns() > 0\n        $&"));
  EXPECT_EQ(cached(), fresh());
  EXPECT_TRUE(entries().empty());
}

// Another build with the same version number is another tool.
TEST_F(VerdictsCommand, OfAnotherBuildAreNone) {
  const Answer first = cached();
  std::string program = read_text(KUBEGATE_BINARY);
  const std::size_t note = program.find(std::string("\x14\0\0\0\3\0\0\0GNU\0", 12));
  ASSERT_NE(note, program.npos);
  program[note + 12] = static_cast<char>(program[note + 12] ^ 1);
  const std::string copy = folder_.add("kubegate", program);
  fs::permissions(copy, fs::perms::owner_all);
  EXPECT_EQ(run({"--cache", path("cache")}, copy.c_str()), first);
  EXPECT_EQ(entries().size(), 2u);
}

TEST_F(VerdictsCommand, WhatIsDamagedCostsTime) {
  const Answer alone = fresh();
  cached();
  ASSERT_EQ(entries().size(), 1u);
  const std::string file = entries()[0].first, sound = read_text(file);
  for (std::size_t at = 0; at < sound.size(); at += sound.size() / 23) {
    std::string damaged = sound;
    damaged[at] = static_cast<char>(damaged[at] ^ 4);
    for (const std::string& entry : {damaged, sound.substr(0, at)}) {
      std::ofstream(file, std::ios::binary) << entry;
      EXPECT_EQ(cached(), alone) << at;
    }
  }
}

// One machine hands its verdicts to another.
TEST_F(VerdictsCommand, AreSharedOverHttp) {
  const Answer alone = fresh();
  Server first({plain("", "", "404 Not Found"), plain("", "", "204 No Content")});
  setenv("KUBEGATE_CACHE_KEY", "secret", 1);
  EXPECT_EQ(cached({"--cache-url", first.url("/ac")}), alone);
  const std::string put = first.requests().at(1), entry = put.substr(put.find("\r\n\r\n") + 4);
  EXPECT_TRUE(put.starts_with("PUT /ac/")) << put;

  fs::remove_all(path("cache"));
  write(".kubegate.yaml", std::string(kConfig) + "cache:\n  url: " + Server({}).url() + "\n");  // the flag wins
  Server second({plain(entry)});
  EXPECT_EQ(cached({"--cache-url", second.url("/ac")}), alone);  // nothing is put: all was there
  EXPECT_EQ(second.requests().size(), 1u);
  EXPECT_EQ(entries().size(), 1u);  // for the next run of this machine

  // Who does not know the secret cannot make entries up.
  fs::remove_all(path("cache"));
  setenv("KUBEGATE_CACHE_KEY", "another", 1);
  Server third({plain(entry), plain("")});
  const Answer poisoned = cached({"--cache-url", third.url("/ac")});
  EXPECT_EQ(poisoned.code, alone.code);
  EXPECT_EQ(poisoned.out, alone.out);
  EXPECT_EQ(poisoned.err,
            "kubegate: the cache " + third.url("/ac") + ": an entry was not written with the key that this run has\n");
  EXPECT_TRUE(third.requests().at(1).starts_with("PUT /ac/"));
}

TEST_F(VerdictsCommand, WithoutAKeyTheUrlIsNotUsed) {
  const Answer alone = fresh();
  const Answer told = cached({"--cache-url", "http://127.0.0.1:1"});
  EXPECT_EQ(told.code, alone.code);
  EXPECT_EQ(told.out, alone.out);
  EXPECT_EQ(told.err,
            "kubegate: the cache's URL is not used: KUBEGATE_CACHE_KEY, by which its entries are authenticated, is not "
            "set\n");
}

}  // namespace
}  // namespace kubegate
