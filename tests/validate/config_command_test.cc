// `.kubegate.yaml`, ignores and known findings through the command; `config show` and `init`.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/folder.h"
#include "tests/support/process.h"

namespace kubegate {
namespace {

using Strings = std::vector<std::string>;

constexpr const char* kHead = "apiVersion: kubegate.dev/v1alpha1\nkind: Config\n";
constexpr const char* kSound = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n";
constexpr const char* kBroken = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndta: {}\n";

class ConfigCommand : public testing::Test {
 protected:
  // The exit code, standard output and standard error of a call in the folder.
  std::string run(const Strings& arguments) const {
    const int code = wait_for(start_process(KUBEGATE_BINARY, arguments, folder_.path(), {}));
    return std::to_string(code) + "|" + read_text(folder_.path("out")) + "|" + read_text(folder_.path("err"));
  }
  void expect(const Strings& arguments, const Strings& parts) const {
    const std::string told = run(arguments);
    EXPECT_TRUE(told.starts_with(parts.front() + "|")) << told;
    for (std::size_t i = 1; i < parts.size(); ++i)
      EXPECT_NE(told.find(parts[i]), told.npos) << parts[i] << "\n" << told;
  }
  void config(const std::string& text) const { folder_.add(".kubegate.yaml", kHead + text); }

  Folder folder_;
};

TEST_F(ConfigCommand, FaultsAreFindings) {
  folder_.add("a.yaml", kSound);
  const struct {
    const char* text;
    Strings parts;
  } cases[] = {
      {"kubernetesVersion: [\"1.29\"]\n",
       {"1", ".kubegate.yaml:3:1: error: ", "did you mean \"kubernetesVersions\"", "[config/unknown-field]"}},
      {"kubernetesVersions: [1.30]\n", {"1", ".kubegate.yaml:3:22: error: ", "[config/type]"}},
      {"kubernetesVersions: [\"1.92\"]\n", {"1", ".kubegate.yaml:3:22: error: ", "[config/value]"}},
      {"crds: [none/]\n", {"1", ".kubegate.yaml:3:8: error: there is no such file or folder", "[config/value]"}},
      {"crdBundles: [karpentr@v1.0.11]\n", {"1", "no such bundle", "[config/value]"}},
      {"outputs: [jsn]\n", {"1", "did you mean json?", "[config/value]"}},
      {"clusters:\n- overlays: [a]\n", {"1", ".kubegate.yaml:4:", "[config/required]"}},
      {"clusters: [{name: a}, {name: a}]\n", {"1", "two clusters have the name a", "[config/value]"}},
      {"metadata: {name: a}\n", {"1", "a configuration has no metadata"}},
      {"a: [\n", {"1", "[document/syntax]"}},
  };
  for (const auto& c : cases) {
    config(c.text);
    expect({"validate", "a.yaml"}, c.parts);
    expect({"validate", "--no-config", "a.yaml"}, {"0", "all valid"});
  }
  folder_.add(".kubegate.yaml", "kind: Config\n");
  expect({"validate", "a.yaml"}, {"1", "apiVersion", "[config/required]"});
  expect({"validate", "--config", "none.yaml", "a.yaml"}, {"2", "kubegate: none.yaml: No such file"});
}

TEST_F(ConfigCommand, SettingsHoldAndFlagsWin) {
  folder_.add("a.yaml", kBroken);
  config("kubernetesVersions: [\"1.30\"]\nskip: [ConfigMap]\nallowEmpty: true\n");
  expect({"validate", "a.yaml"}, {"0", "1.30: nothing checked; 1 object skipped"});
  expect({"validate", "--skip", "Secret", "a.yaml"}, {"1", "1.30: 1 error"});
  config("strict: false\noutputs: [concise]\n");
  expect({"validate", "a.yaml"}, {"0", "1.28 and 1.29: all valid"});
  expect({"validate", "--strict", "--kubernetes-version", "1.31", "a.yaml"}, {"1", "[schema/unknown-field]\n1 file"});
  config("exclude: [\"a.*\"]\n");
  folder_.add("dir/a.yaml", kBroken);
  folder_.add("dir/b.yaml", kSound);
  expect({"validate", "dir"}, {"0", "1 file, 1 object"});
}

TEST_F(ConfigCommand, Clusters) {
  folder_.add("overlays/old/a.yaml",
              "apiVersion: flowcontrol.apiserver.k8s.io/v1beta2\nkind: FlowSchema\n"
              "metadata:\n  name: a\nspec:\n  priorityLevelConfiguration:\n    name: x\n");
  folder_.add("overlays/new/a.yaml", read_text(folder_.path("overlays/old/a.yaml")));
  config(
      "clusters:\n- name: old\n  kubernetesVersions: [\"1.28\"]\n  overlays: [overlays/old]\n"
      "- name: new\n  kubernetesVersions: [\"1.29\"]\n  overlays: [overlays/n*]\n");
  expect({"validate", "--output", "concise", "overlays"},
         {"1", "overlays/new/a.yaml:1:13: error: flowcontrol", "(1.29 only)\n",
          "[schema/dropped-next] (1.28 only)\n2 files, 2 objects, 1.28 and 1.29: 1 error, 1 warning\n"});
  // A file that goes to both is judged for both, once.
  config(
      "clusters:\n- name: old\n  kubernetesVersions: [\"1.28\"]\n  overlays: [overlays]\n"
      "- name: new\n  kubernetesVersions: [\"1.29\", \"1.30\"]\n  overlays: [overlays/new]\n");
  expect({"validate", "overlays"}, {"1", "(1.29, 1.30 only)", "2 files, 2 objects, 1.28, 1.29 and 1.30: 1 error"});
}

TEST_F(ConfigCommand, Ignores) {
  folder_.add("a.yaml", std::string(kBroken) + "---\n" + kSound);
  folder_.add("b.yaml",
              "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: b\ndta: {} # kubegate:ignore schema/* a reason\n");
  folder_.add("c.yaml", "# kubegate:ignore schema/type gone\n" + std::string(kSound));
  folder_.add("d.yaml",
              "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: d\n  annotations:\n"
              "    kubegate.dev/ignore: schema/type gone\n");
  expect({"validate", "a.yaml", "b.yaml"}, {"1", "2 files, 3 objects, 1.28 and 1.29: 1 error, 1 ignored\n"});
  expect({"validate", "b.yaml"}, {"0", "no errors, 1 ignored\n"});
  expect({"validate", "--verbose", "b.yaml"}, {"0", "b.yaml:5:1: ignored: unknown field", "(a reason)"});
  expect({"validate", "c.yaml"}, {"0", "c.yaml:1:1: warning: there is no finding of schema/type", "[ignore/unused]"});
  expect({"validate", "d.yaml"}, {"0", "d.yaml:6:26: warning: ", "[ignore/unused]"});
  expect({"validate", "--output", "json", "b.yaml"}, {"0", "\"reason\": \"a reason\"", "\"ignored\": 1,"});
  expect({"validate", "--output", "sarif", "b.yaml"},
         {"0", "\"suppressions\":[{\"kind\":\"inSource\",\"justification\":\"a reason\"}]"});
  expect({"validate", "--output", "junit", "b.yaml"}, {"0", "failures=\"0\"", "(ignored: a reason)"});
  for (const char* form : {"github", "markdown", "html"})
    expect({"validate", "--output", form, "b.yaml"}, {"0", "1 ignored"});
}

TEST_F(ConfigCommand, KnownFindings) {
  folder_.add("a.yaml", kBroken);
  expect({"validate", "--write-known", "known.yaml", "a.yaml"}, {"0", "no errors, 1 known\n"});
  expect({"validate", "--known", "known.yaml", "a.yaml"}, {"0", "no errors, 1 known\n"});
  config("knownFindings: known.yaml\n");
  expect({"validate", "a.yaml"}, {"0", "1 known"});
  expect({"validate", "--output", "sarif", "a.yaml"}, {"0", "\"suppressions\":[{\"kind\":\"external\"}]"});
  // Moved, and with another beside it.
  folder_.add("a.yaml", "# moved\n" + std::string(kBroken) + "mroe: 1\n");
  expect({"validate", "a.yaml"}, {"1", "a.yaml:7:1: error: ", "1 error, 1 known\n"});
  // Mended; not looked at; gone.
  folder_.add("a.yaml", kSound);
  folder_.add("b.yaml", kSound);
  expect({"validate", "a.yaml"}, {"0", "known.yaml:1:3: warning: this is found no more in a.yaml", "[known/unused]"});
  expect({"validate", "b.yaml"}, {"0", "all valid\n"});
  std::filesystem::remove(folder_.path("a.yaml"));
  expect({"validate", "b.yaml"}, {"0", "a.yaml is gone"});
  expect({"validate", "--known", "none.yaml", "b.yaml"}, {"2", "--known none.yaml: No such file"});
}

TEST_F(ConfigCommand, Show) {
  config("crds: [crds]\nclusters:\n- name: prod\n  kubernetesVersions: [\"1.31\"]\n");
  folder_.add("crds/x", "");
  expect({"config", "show", "--skip", "Secret"},
         {"0", "crds                      crds                              .kubegate.yaml:3:8\n",
          "skip                      Secret                            flag --skip\n",
          "strict                    true                              default\n",
          "  kubernetesVersions      1.31                              .kubegate.yaml:6:24\n"});
  expect({"config", "show", "--output", "json"}, {"0", "\"origin\": \".kubegate.yaml:3:8\""});
  expect({"config", "schema"}, {"0", "\"title\": \"kubegate's configuration\""});
  config("crd: [crds]\n");
  expect({"config", "show"}, {"1", "[config/unknown-field]"});
}

TEST_F(ConfigCommand, Init) {
  folder_.add("repository/overlays/prod/kustomization.yaml", "resources: [../../base]\n");
  folder_.add("repository/base/kustomization.yaml", "resources: [a.yaml]\n");
  folder_.add("repository/crds/a.yaml", "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n");
  folder_.add("repository/.github/workflows/x.yaml", "run: kubeconform -kubernetes-version 1.30.2\n");
  folder_.add(
      "repository/apps/prod.yaml",
      "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  destination: {server: 'https://p.example.com'}\n"
      "  source: {path: overlays/prod}\n");
  folder_.add("repository/.pre-commit-config.yaml", "repos: []\n");
  expect({"init", "--dry-run", "repository"}, {"0", "overlays: overlays/prod\n", "would write .kubegate.yaml"});
  EXPECT_FALSE(std::filesystem::exists(folder_.path("repository/.kubegate.yaml")));
  expect({"init", "repository"}, {"0", "wrote .kubegate.yaml", ".pre-commit-config.yaml is there and stays"});
  EXPECT_EQ(read_text(folder_.path("repository/.pre-commit-config.yaml")), "repos: []\n");
  const std::string written = read_text(folder_.path("repository/.kubegate.yaml"));
  for (const char* part :
       {"- \"1.30\"\n", "crds:\n- \"crds\"\n", "- name: \"p.example.com\"\n", "  overlays:\n  - \"overlays/prod\"\n"}) {
    EXPECT_NE(written.find(part), written.npos) << part << written;
  }
  expect({"config", "show", "--config", "repository/.kubegate.yaml"}, {"0"});
  expect({"init", "repository"}, {"2", "--force writes them anew"});
  expect({"init", "--force", "repository"}, {"0", "wrote .kubegate.yaml"});
}

}  // namespace
}  // namespace kubegate
