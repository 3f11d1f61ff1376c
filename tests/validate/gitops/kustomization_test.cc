// What a kustomization names, and what reaches what.
#include "validate/gitops/kustomization.h"

#include <gtest/gtest.h>

#include "tests/support/folder.h"
#include "validate/document/read.h"
#include "validate/gitops/surroundings.h"

namespace kubegate::gitops {
namespace {

using Strings = std::vector<std::string>;

document::Document read(const std::string& text) {
  document::Document document;
  document::read({text, 1}, document::Syntax::kYaml, {}, document);
  EXPECT_TRUE(document.complete()) << text;
  return document;
}

struct Named {
  const char* text;
  const char* expected;  // "written=path", " ?" behind optional ones, "!" before remote ones
};

TEST(References, WhatAFieldNames) {
  const Named cases[] = {
      {"resources: [a.yaml, ../base, 'https://example.com/x.yaml', 'github.com/a/b?ref=v1']",
       "a.yaml=o/p/a.yaml ../base=o/base !https://example.com/x.yaml= !github.com/a/b?ref=v1="},
      {"bases: [../../b]\ncomponents: [c]\ncrds: [d.json]", "../../b=b c=o/p/c d.json=o/p/d.json"},
      {"patches:\n- path: p.yaml\n- patch: |\n    - op: add\n", "p.yaml=o/p/p.yaml"},
      {"patchesStrategicMerge:\n- p.yaml\n- |\n  kind: X\n  a: b\n", "p.yaml=o/p/p.yaml"},
      {"patchesJson6902: [{target: {kind: X}, path: j.yaml}]", "j.yaml=o/p/j.yaml"},
      {"configMapGenerator:\n- files: [a.txt, key=b.txt]\n  envs: [c.env]\n  env: d.env\n  literals: [x=y]",
       "a.txt=o/p/a.txt key=b.txt=o/p/b.txt c.env=o/p/c.env d.env=o/p/d.env"},
      {"secretGenerator: [{envs: [s.env]}]", "s.env=o/p/s.env"},
      {"generators: [g.yaml, 'kind: X']\ntransformers: [t]\nvalidators: [v]\nconfigurations: [c.yaml]",
       "g.yaml=o/p/g.yaml t=o/p/t v=o/p/v c.yaml=o/p/c.yaml"},
      {"openapi: {path: s.json}\nreplacements: [{path: r.yaml}, {source: {kind: X}}]",
       "s.json=o/p/s.json r.yaml=o/p/r.yaml"},
      {"helmGlobals: {chartHome: ../charts}\nhelmCharts:\n- name: web\n  valuesFile: v.yaml\n  additionalValuesFiles: "
       "[w.yaml]",
       "../charts/web=o/charts/web v.yaml=o/p/v.yaml w.yaml=o/p/w.yaml"},
      {"helmCharts: [{name: web, repo: 'https://example.com'}]", "charts/web=o/p/charts/web ?"},
      {"resources: [../../../x, /etc/x, 5, null, {a: b}]\npatches: text", "../../../x= /etc/x="},
      {"[a, b]", ""},
  };
  for (const Named& c : cases) {
    const std::string source = c.text;
    const auto document = read(source);
    std::string found;
    for (const Reference& reference : references_of(document, "o/p")) {
      if (!found.empty()) found += ' ';
      // Of "key=path" the path is what is written.
      const std::string_view whole = document.text(reference.node);
      const std::string shown = reference.role == Role::kChart ? reference.written : std::string(whole);
      found += (reference.remote ? "!" : "") + shown + "=" + reference.path + (reference.optional ? " ?" : "");
    }
    EXPECT_EQ(found, c.expected) << c.text;
  }
}

class Graphs : public testing::Test {
 protected:
  Graph read() const { return Graph::read(*source::folder_tree(folder_.path()), Strings{""}); }
  void kustomize(const std::string& folder, const std::string& text) const {
    folder_.add(folder + "/kustomization.yaml", text);
  }
  static Strings overlays(const Graph& graph, const std::string& path) { return graph.reached_overlays(Strings{path}); }

  const Folder folder_;
};

TEST_F(Graphs, AChangeReachesWhatIncludesIt) {
  kustomize("base/web", "resources: [deploy.yaml]\nconfigMapGenerator: [{files: [x=app.conf]}]\n");
  kustomize("base/db", "resources: [db.yaml]\n");
  kustomize("components/tls", "kind: Component\npatches: [{path: tls.yaml}]\n");
  kustomize("overlays/prod", "resources: [../../base/web, ../../base/db]\npatches: [{path: big.yaml}]\n");
  kustomize("overlays/test", "resources: [../../base/web]\ncomponents: [../../components/tls]\n");
  kustomize("all", "resources: [../overlays/test]\n");
  kustomize("charts", "helmCharts: [{name: shop}]\n");
  folder_.add("charts/charts/shop/templates/a.yaml", "x");
  kustomize("loop/a", "resources: [../b]\n");
  kustomize("loop/b", "resources: [../a, x.yaml]\n");
  const Graph graph = read();
  const std::pair<const char*, Strings> cases[] = {
      {"base/web/deploy.yaml", {"all", "overlays/prod"}},
      {"base/web/app.conf", {"all", "overlays/prod"}},
      {"base/db/db.yaml", {"overlays/prod"}},
      {"base/db/kustomization.yaml", {"overlays/prod"}},
      {"base/db/kustomization.yml", {"overlays/prod"}},
      {"components/tls/tls.yaml", {"all"}},
      {"overlays/prod/big.yaml", {"overlays/prod"}},
      {"overlays/test/kustomization.yaml", {"all"}},
      {"charts/charts/shop/templates/a.yaml", {"charts"}},
      {"loop/b/x.yaml", {}},  // kustomize builds neither
      {"README.md", {}},
  };
  for (const auto& [path, expected] : cases) EXPECT_EQ(overlays(graph, path), expected) << path;
  EXPECT_EQ(graph.reached_folders(Strings{"components/tls/tls.yaml"}),
            (Strings{"all", "components/tls", "overlays/test"}));
  EXPECT_EQ(graph.files_of("all"), (Strings{"all/kustomization.yaml", "base/web/app.conf", "base/web/deploy.yaml",
                                            "base/web/kustomization.yaml", "components/tls/kustomization.yaml",
                                            "components/tls/tls.yaml", "overlays/test/kustomization.yaml"}));
  EXPECT_TRUE(graph.is_patch("overlays/prod/big.yaml"));
  EXPECT_FALSE(graph.is_patch("base/db/db.yaml"));
  EXPECT_FALSE(graph.is_patch("none.yaml"));
}

TEST_F(Graphs, FilesSharedByLinks) {
  folder_.add("shared/a.yaml", "x");
  kustomize("one", "resources: [a.yaml]\n");
  kustomize("two", "resources: [lib/a.yaml]\n");
  std::filesystem::create_symlink("../shared/a.yaml", folder_.path("one/a.yaml"));
  std::filesystem::create_directory_symlink("../shared", folder_.path("two/lib"));
  const Graph graph = read();
  EXPECT_EQ(overlays(graph, "shared/a.yaml"), (Strings{"one", "two"}));
  EXPECT_EQ(overlays(graph, "one/a.yaml"), Strings{"one"});
}

TEST_F(Graphs, OddFilesHaveNoEdges) {
  kustomize("a", "resources: [\n");
  kustomize("b", "");
  kustomize("c", "- 1\n");
  folder_.add("d/Kustomization", "resources: [x.yaml]\n");
  std::filesystem::create_directories(folder_.path("e/kustomization.yaml"));
  EXPECT_EQ(overlays(read(), "d/x.yaml"), Strings{"d"});
}

TEST(Origin, IsWhatTheAnnotationSays) {
  const std::string annotation = "metadata:\n  annotations:\n    config.kubernetes.io/origin: ";
  const std::pair<std::string, const char*> cases[] = {
      {annotation + "|\n      path: ../base/a.yaml\n", "../base/a.yaml"},
      {annotation + "|\n      path: a.yaml\n      repo: https://example.com/x\n", ""},
      {annotation + "|\n      configuredIn: kustomization.yaml\n", ""},
      {annotation + "\"path: 'a.yaml'\"\n", "a.yaml"},
      {annotation + "5\n", ""},
      {"metadata: {}\n", ""},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(origin_of(read(text), 0), expected) << text;
}

std::string found_in(const std::vector<Finding>& findings) {
  std::string lines;
  for (const Finding& finding : findings) {
    lines += std::string(finding.rule) + " " + finding.pointer + ": " + finding.message + "\n";
  }
  return lines;
}

TEST(Surroundings, WhatIsNamedHasToBeThere) {
  const Folder folder;
  folder.add("o/p/a.yaml", "x");
  folder.add("o/p/ingress.yaml", "x");
  folder.add("o/base/kustomization.yaml", "x");
  folder.add("o/empty/x.yaml", "x");
  const Surroundings surroundings(source::folder_tree(folder.path()), "o", {}, nullptr);
  struct Case {
    const char* text;
    const char* expected;
  };
  const Case cases[] = {
      {"resources: [a.yaml, ../base, 'https://example.com/x', ../../../x]", ""},
      {"resources: [ingres.yaml]",
       "kustomization/missing-file /resources/0: there is no file or folder \"ingres.yaml\", did you mean "
       "\"ingress.yaml\"?\n"},
      {"resources: [../empty]",
       "kustomization/missing-file /resources/0: there is no kustomization.yaml in the folder \"../empty\"\n"},
      {"patches: [{path: ../base}]",
       "kustomization/missing-file /patches/0/path: \"../base\" is a folder, not a file\n"},
      {"components: [a.yaml]",
       "kustomization/missing-file /components/0: \"a.yaml\" is a file; a component is a folder with a "
       "kustomization.yaml\n"},
      {"resources: [/x.yaml]",
       "kustomization/missing-file /resources/0: an absolute path: kustomize takes paths from its own folder\n"},
      {"helmCharts: [{name: x, repo: 'https://example.com'}]", ""},
      {"helmCharts: [{name: x}]", "kustomization/missing-file /helmCharts/0/name: there is no chart \"charts/x\"\n"},
      {"bases: [../base]",
       "kustomization/deprecated-field /bases: bases is deprecated: use resources (kustomize edit fix)\n"},
      {"vars: null", ""},
  };
  for (const Case& c : cases) {
    const std::string source = c.text;
    const auto document = read(source);
    std::vector<Finding> findings;
    surroundings.check_references(document, "p/kustomization.yaml", findings);
    EXPECT_EQ(found_in(findings), c.expected) << c.text;
  }
}

TEST(JsonPatch, ItsForm) {
  const std::pair<const char*, const char*> cases[] = {
      {"- {op: add, path: /a, value: 1}\n- {op: remove, path: /a~1b}\n- {op: move, from: /a, path: /b}\n", ""},
      {"- {op: add, path: '', value: null}\n", ""},
      {"- {op: replce, path: /a, value: 1}\n",
       "kustomization/patch /0/op: a JSON patch has no operation \"replce\", did you mean \"replace\"?\n"},
      {"- {op: remove, path: a}\n",
       "kustomization/patch /0/path: a path in a JSON patch starts with \"/\" (RFC 6901)\n"},
      {"- {op: test}\n",
       "kustomization/patch /0: an operation \"test\" needs a path\nkustomization/patch /0: an operation \"test\" "
       "needs a value\n"},
      {"- {op: copy, path: /a}\n", "kustomization/patch /0: an operation \"copy\" needs a from\n"},
      {"- {op: remove, path: /a}\n- 5\n",
       "kustomization/patch /1: an operation of a JSON patch is a mapping with op and path\n"},
      {"- {op: remove, path: /a}\n- {path: /a}\n",
       "kustomization/patch /1: an operation of a JSON patch needs an op: add, remove, replace, move, copy or test\n"},
  };
  for (const auto& [text, expected] : cases) {
    const std::string source = text;
    const auto document = read(source);
    ASSERT_TRUE(is_json_patch(document)) << text;
    std::vector<Finding> findings;
    check_json_patch(document, findings);
    EXPECT_EQ(found_in(findings), expected) << text;
  }
  for (const std::string text : {"a: b\n", "- a\n", "[]\n", "- {a: b}\n"})
    EXPECT_FALSE(is_json_patch(read(text))) << text;
}

}  // namespace
}  // namespace kubegate::gitops
