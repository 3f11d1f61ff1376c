// What Argo CD's objects come to, and what is wrong with them.
#include "validate/gitops/argocd.h"

#include <gtest/gtest.h>

#include "tests/support/folder.h"
#include "validate/document/position.h"

namespace kubegate::gitops {
namespace {

using Strings = std::vector<std::string>;

constexpr const char* kRepository = "https://git.example.com/platform/gitops.git";

class ArgoTest : public testing::Test {
 protected:
  ArgoCd read(const Strings& roots = {""}) const {
    return read_argocd(*source::folder_tree(folder_.path()), roots, settings_);
  }
  // "name project path|chart destination/namespace", one a line.
  static std::string told(const ArgoCd& argocd) {
    std::string out;
    for (const Application& app : argocd.applications) {
      out += app.name;
      for (const ApplicationSource& source : app.sources) {
        out += " " + (source.chart.empty() ? source.path : "chart:" + source.chart);
      }
      out += " > " + app.destination.server + app.destination.name + "/" + app.destination.namespace_ + "\n";
    }
    return out;
  }
  // The rules of the findings, "rule line", but those that nearly every sample has.
  static std::string found(const ArgoCd& argocd, bool all = false) {
    std::string out;
    for (const auto& document : argocd.documents) {
      for (const Finding& finding : document->findings) {
        const bool usual = finding.rule == "argocd/moving-revision" || finding.rule == "argocd/set-deletes" ||
                           finding.rule == "argocd/missing-key";
        if (usual && !all) continue;
        const auto position = document::position_of(document->document, finding.span.begin);
        if (!out.empty()) out += ", ";
        out += std::string(finding.rule) + " " + std::to_string(position.line);
      }
    }
    return out;
  }
  static std::string messages(const ArgoCd& argocd) {
    std::string out;
    for (const auto& document : argocd.documents) {
      for (const Finding& finding : document->findings)
        out += std::string(finding.rule) + ": " + finding.message + "\n";
    }
    return out;
  }

  // A set with these generators and a template over `name` and `path`.
  std::string set(const std::string& generators, const std::string& name, const std::string& path, bool go = true,
                  const std::string& more = "") const {
    return "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: set, namespace: argocd}\nspec:\n" +
           std::string(go ? "  goTemplate: true\n  goTemplateOptions: [missingkey=error]\n" : "") +
           "  syncPolicy: {preserveResourcesOnDeletion: true}\n  generators: " + generators +
           "\n  template:\n    metadata: {name: '" + name + "'}\n    spec:\n      project: default\n" +
           "      source: {repoURL: " + kRepository + ", targetRevision: HEAD, path: '" + path + "'}\n" +
           "      destination: {server: 'https://kubernetes.default.svc', namespace: web}\n" + more;
  }

  const Folder folder_;
  ArgoSettings settings_{{kRepository}, {}};
};

// The git, list, matrix and merge cases follow the samples of Argo CD's own documentation
// (argo-cd docs/operator-manual/applicationset/Generators-*.md).
TEST_F(ArgoTest, Generators) {
  for (const char* path :
       {"apps/web/prod/kustomization.yaml", "apps/db/prod/kustomization.yaml", "apps/old/k.txt", "hidden/.x/a.yaml"}) {
    folder_.add(path, "{}\n");
  }
  folder_.add("clusters/a/config.json", R"({"cluster": {"name": "a", "zone": 2}, "tags": ["x", "y"]})");
  folder_.add("clusters/b/config.json", R"({"cluster": {"name": "b", "zone": 1000000}, "tags": []})");
  folder_.add("clusters/many.yaml", "- {cluster: {name: c}}\n- {cluster: {name: d}}\n");
  const std::string git = std::string("git: {repoURL: ") + kRepository + ", ";
  const auto g = [&](const char* rest) { return "[{" + git + rest + "}}]"; };
  const struct {
    std::string generators;
    bool go;
    const char *name, *path, *expected;
  } cases[] = {
      {"[{list: {elements: [{env: dev}, {env: prod}]}}]", true, "web-{{ .env }}", "apps/{{ .env }}",
       "web-dev apps/dev, web-prod apps/prod"},
      {"[{list: {elements: [{env: dev, values: {p: x}}]}}]", false, "web-{{env}}", "apps/{{ values.p }}",
       "web-dev apps/x"},
      {"[{list: {elements: [], elementsYaml: '[{env: a}, {env: b}]'}}]", true, "{{ .env }}", "x", "a x, b x"},
      {g("directories: [{path: apps/*}]"), true, "{{ .path.basename }}", "{{ .path.path }}",
       "db apps/db, old apps/old, web apps/web"},
      {g("directories: [{path: apps/*}, {path: apps/old, exclude: true}]"), false, "{{path.basename}}-{{path[0]}}",
       "{{path}}", "db-apps apps/db, web-apps apps/web"},
      {g("directories: [{path: apps/*/*}]"), true, "{{ index .path.segments 1 }}-{{ last .path.segments }}",
       "{{ .path.path }}", "db-prod apps/db/prod, web-prod apps/web/prod"},
      {g("directories: [{path: 'hidden/*'}]"), true, "a", "b", ""},
      {g("directories: [{path: apps/web}], pathParamPrefix: my, values: {v: '{{ .my.path.basename }}-x'}"), true,
       "{{ .values.v }}", "{{ .my.path.path }}", "web-x apps/web"},
      {g("files: [{path: 'clusters/**/config.json'}]"), true, "{{ .cluster.name }}-{{ .cluster.zone }}",
       "{{ .path.path }}", "a-2 clusters/a, b-1e+06 clusters/b"},
      {g("files: [{path: 'clusters/*.json'}]"), false, "{{cluster.name}}-{{tags.0}}-{{path.filename}}", "{{path}}",
       "a-x-config.json clusters/a, b-{{tags.0}}-config.json clusters/b"},
      {g("files: [{path: clusters/many.yaml}]"), true, "{{ .cluster.name }}", "{{ .path.path }}",
       "c clusters, d clusters"},
      {g("files: [{path: clusters}, {path: 'clusters/b/*', exclude: true}]"), true, "{{ .cluster.name }}", "x",
       "a x, c x, d x"},
      {"[{matrix: {generators: [{list: {elements: [{e: a}, {e: b}]}}, {list: {elements: [{f: '{{ .e }}1'}, {f: "
       "z}]}}]}}]",
       true, "{{ .e }}-{{ .f }}", "x", "a-a1 x, a-z x, b-b1 x, b-z x"},
      {"[{matrix: {generators: [{list: {elements: [{e: apps}]}}, {" + git + "directories: [{path: '{{e}}/w*'}]}}]}}]",
       false, "{{e}}-{{path.basename}}", "{{path}}", "apps-web apps/web"},
      {"[{merge: {mergeKeys: [e], generators: [{list: {elements: [{e: a, r: '1'}, {e: b, r: '1'}]}}, "
       "{list: {elements: [{e: b, r: '2'}, {e: c, r: '3'}]}}]}}]",
       true, "{{ .e }}{{ .r }}", "x", "a1 x, b2 x"},
      {"[{matrix: {generators: [{list: {elements: [{z: q}]}}, {merge: {mergeKeys: [e], generators: [{list: {elements: "
       "[{e: a, r: '1'}]}}, {list: {elements: [{e: a, r: '2'}]}}]}}]}}]",
       true, "{{ .z }}{{ .e }}{{ .r }}", "x", "qa2 x"},
      {"[{list: {elements: [{e: a}, {e: b}]}, selector: {matchLabels: {e: b}}}]", true, "{{ .e }}", "x", "b x"},
      {"[{list: {elements: [{e: a}, {e: b}]}, selector: {matchExpressions: [{key: e, operator: NotIn, values: [b]}]}}]",
       true, "{{ .e }}", "x", "a x"},
  };
  for (const auto& c : cases) {
    folder_.add("set.yaml", set(c.generators, c.name, c.path, c.go));
    const ArgoCd argocd = read({"set.yaml"});
    std::string made;
    for (const Application& app : argocd.applications) {
      if (!made.empty()) made += ", ";
      made += app.name + " " + app.sources.at(0).path;
      EXPECT_EQ(app.set, "set");
      EXPECT_EQ(app.place.file, "set.yaml");
      EXPECT_EQ(app.namespace_, "argocd");
    }
    EXPECT_EQ(made, c.expected) << c.generators << "\n" << messages(argocd);
  }
}

TEST_F(ArgoTest, FaultsOfGenerators) {
  folder_.add("bad.json", "{");
  const struct {
    std::string generators;
    bool go;
    const char* message;
  } cases[] = {
      {"[{lists: {}}]", true, "argocd/generator: there is no generator \"lists\", did you mean \"list\"?"},
      {"[{}]", true, "argocd/generator: the generator is empty"},
      {"[{list: {elements: [{e: 1}]}}]", false, "argocd/generator: \"e\" must be a string: without goTemplate all"},
      {"[{list: {elements: [5]}}]", true, "argocd/generator: an element of a list generator must be a mapping"},
      {"[{matrix: {generators: [{list: {elements: [{e: a}]}}]}}]", true,
       "argocd/generator: a matrix generator combines"},
      {"[{merge: {generators: [{list: {}}, {list: {}}]}}]", true,
       "argocd/generator: a merge generator needs mergeKeys"},
      {"[{git: {repoURL: 'https://git.example.com/platform/gitops'}}]", true,
       "argocd/generator: a git generator needs directories or files"},
      {"[{git: {repoURL: 'https://git.example.com/platform/gitops', files: [{path: bad.json}]}}]", true,
       "argocd/generator: the file bad.json of a git generator is neither"},
      {"[{git: {repoURL: 'https://git.example.com/other', directories: [{path: x}]}}]", true,
       "argocd/not-expandable: what a git generator finds in another repository"},
      {"[{pullRequest: {github: {}}}]", true, "argocd/not-expandable: what a pullRequest generator yields"},
      {"[{clusters: {}}]", true, "argocd/not-expandable: which clusters there are is not known"},
      {"[{list: {elements: [{}]}}]", true,
       "argocd/template: the template {{ .e }} fails: map has no entry for key \"e\""},
      {"[{list: {elements: []}}]", true, "argocd/no-applications: the generators yield no Application"},
      {"[{matrix: {generators: [{list: {elements: [{e: a}]}}, {matrix: {generators: [{list: {elements: [{f: a}]}}, "
       "{matrix: {generators: []}}]}}]}}]",
       true, "argocd/generator: a matrix generator inside a nested one"},
  };
  for (const auto& c : cases) {
    folder_.add("set.yaml", set(c.generators, "{{ .e }}", "x", c.go));
    const ArgoCd argocd = read({"set.yaml"});
    EXPECT_NE(messages(argocd).find(c.message), std::string::npos) << c.generators << "\n" << messages(argocd);
  }
}

TEST_F(ArgoTest, Clusters) {
  const auto secret = [&](const std::string& name, const std::string& labels) {
    return "apiVersion: v1\nkind: Secret\nmetadata:\n  name: " + name +
           "\n  labels: {argocd.argoproj.io/secret-type: cluster" + labels + "}\nstringData: {name: " + name +
           ", server: 'https://" + name + "'}\n---\n";
  };
  folder_.add("secrets.yaml", secret("eu", ", env: prod") + secret("us", ", env: dev"));
  folder_.add("set.yaml", set("[{clusters: {selector: {matchLabels: {env: prod}}, values: {v: '{{ .name }}1'}}}]",
                              "{{ .nameNormalized }}-{{ .metadata.labels.env }}-{{ .values.v }}", "x"));
  EXPECT_EQ(told(read()), "eu-prod-eu1 x > https://kubernetes.default.svc/web\n");
  folder_.add("set.yaml", set("[{clusters: {}}]", "{{name}}", "{{server}}", false));
  EXPECT_EQ(told(read()),
            "eu https:/eu > https://kubernetes.default.svc/web\n"
            "in-cluster https:/kubernetes.default.svc > https://kubernetes.default.svc/web\n"
            "us https:/us > https://kubernetes.default.svc/web\n");
}

TEST_F(ArgoTest, TemplatePatchAndTheGeneratorsOwnTemplate) {
  folder_.add("apps/a/k.yaml", "{}");
  folder_.add("set.yaml",
              set("[{list: {elements: [{e: a, prune: true}, {e: b, prune: false}]}}]", "{{ .e }}", "apps/a", true,
                  "  templatePatch: |\n    {{- if .prune }}\n    spec:\n      source: {targetRevision: v1}\n"
                  "      syncPolicy: {automated: {prune: true}}\n    {{- end }}\n"));
  ArgoCd argocd = read({"set.yaml"});
  ASSERT_EQ(argocd.applications.size(), 2u) << messages(argocd);
  EXPECT_TRUE(argocd.applications[0].prune);
  EXPECT_EQ(argocd.applications[0].sources[0].revision, "v1");
  EXPECT_EQ(argocd.applications[0].sources[0].path, "apps/a");
  EXPECT_FALSE(argocd.applications[1].prune);
  folder_.add("set.yaml",
              set("[{list: {elements: [{e: a}], template: {metadata: {}, spec: {destination: {namespace: own}}}}}]",
                  "{{ .e }}", "apps/a"));
  argocd = read({"set.yaml"});
  ASSERT_EQ(argocd.applications.size(), 1u) << messages(argocd);
  EXPECT_EQ(argocd.applications[0].destination.namespace_, "own");
}

TEST_F(ArgoTest, SeveralSourcesAndWhatHelmAndKustomizeGet) {
  folder_.add("charts/web/Chart.yaml", "name: web\n");
  folder_.add("values/prod.yaml", "{}\n");
  folder_.add("app.yaml", std::string(R"(apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web, namespace: argocd}
spec:
  project: default
  destination: {server: https://kubernetes.default.svc, namespace: web}
  sources:
  - repoURL: https://charts.example.com
    chart: web
    targetRevision: 1.2.3
    helm:
      valueFiles: [$values/values/prod.yaml]
      parameters: [{name: image.tag, value: "1.4"}, {name: on, value: "true", forceString: true}]
      valuesObject: {replicas: 2}
  - repoURL: git@git.example.com:platform/gitops
    targetRevision: HEAD
    ref: values
  - repoURL: https://git.example.com/platform/gitops
    path: charts/web
    targetRevision: HEAD
    helm: {releaseName: r, valueFiles: [../../values/prod.yaml]}
    kustomize: {namePrefix: a-, images: [web=x:1], patches: [{patch: 'op: x'}], replicas: [{name: w, count: 3}]}
)"));
  const ArgoCd argocd = read();
  ASSERT_EQ(argocd.applications.size(), 1u);
  EXPECT_EQ(found(argocd), "");
  const auto& sources = argocd.applications[0].sources;
  ASSERT_EQ(sources.size(), 3u);
  EXPECT_EQ(sources[0].kind, ApplicationSource::Kind::kChart);
  EXPECT_EQ(sources[0].helm.value_files, Strings{"values/prod.yaml"});
  EXPECT_EQ(sources[0].helm.values, "replicas: 2");
  ASSERT_EQ(sources[0].helm.parameters.size(), 2u);
  EXPECT_EQ(sources[0].helm.parameters[0].value, "1.4");
  EXPECT_TRUE(sources[0].helm.parameters[1].force_string);
  EXPECT_EQ(sources[1].kind, ApplicationSource::Kind::kValues);
  EXPECT_EQ(sources[2].kind, ApplicationSource::Kind::kPath);
  EXPECT_TRUE(sources[2].is_chart);
  EXPECT_EQ(sources[2].helm.value_files, Strings{"values/prod.yaml"});
  EXPECT_EQ(sources[2].kustomize.name_prefix, "a-");
  EXPECT_EQ(sources[2].kustomize.replicas, Strings{"w=3"});
}

TEST_F(ArgoTest, AppsOfAppsAreFollowedAndCirclesEnd) {
  const auto app = [](const std::string& name, const std::string& path) {
    return "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: " + name +
           "}\nspec:\n  project: default\n  source: {repoURL: " + kRepository +
           ", targetRevision: " + "HEAD, path: " + path + "}\n  destination: {server: https://x, namespace: " + name +
           "}\n";
  };
  folder_.add("root.yaml", app("root", "apps"));
  folder_.add("apps/a.yaml", app("a", "more"));
  folder_.add("more/b.yaml", app("b", "apps"));
  const ArgoCd argocd = read({"root.yaml"});
  ASSERT_EQ(argocd.applications.size(), 3u);
  EXPECT_EQ(argocd.applications[0].parent, "");
  EXPECT_EQ(argocd.applications[1].name, "a");
  EXPECT_EQ(argocd.applications[1].parent, "root");
  EXPECT_EQ(argocd.applications[2].parent, "a");
}

// One line each: what replaces what in a sound Application or set, and what is found then.
TEST_F(ArgoTest, Checks) {
  folder_.add("apps/web/k.yaml", "{}\n");
  folder_.add("projects.yaml", std::string(R"(apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: {name: shop}
spec:
  sourceRepos: ['https://git.example.com/*/*', 'https://charts.example.com']
  destinations: [{server: https://prod, namespace: 'web*'}, {server: https://prod, namespace: '!web-secret'}]
)"));
  settings_.clusters = {{"prod", {"https://prod"}, {}, {}, {}, "", false}};
  const std::string app = std::string(R"(apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: web
spec:
  project: shop
  source:
    repoURL: https://git.example.com/platform/gitops
    targetRevision: 0123456789abcdef0123456789abcdef01234567
    path: apps/web
  destination:
    server: https://prod
    namespace: web
  syncPolicy:
    automated: {prune: true, allowEmpty: false}
)");
  const struct {
    const char *from, *to, *found;
  } cases[] = {
      {"", "", "argocd/other-revision 9"},
      {"    path: apps/web\n", "", "argocd/source 8"},
      {"    path: apps/web\n", "    chart: web\n", ""},
      {"    path: apps/web\n", "    path: apps/web\n    chart: web\n", "argocd/source 11"},
      {"    targetRevision: 0123456789abcdef0123456789abcdef01234567\n    path: apps/web\n", "    chart: web\n",
       "argocd/revision 8"},
      {"    targetRevision: 0123456789abcdef0123456789abcdef01234567\n    path: apps/web\n",
       "    targetRevision: 1.x || 2.x\n    chart: web\n", "argocd/moving-revision 9"},
      {"    repoURL: https://git.example.com/platform/gitops\n", "", "argocd/source 8"},
      {"path: apps/web", "path: apps/wed", "argocd/other-revision 9, argocd/missing-path 10"},
      {"path: apps/web", "path: apps\\web", "argocd/other-revision 9, argocd/backslash 10"},
      {"0123456789abcdef0123456789abcdef01234567", "main", "argocd/moving-revision 9"},
      {"    targetRevision: 0123456789abcdef0123456789abcdef01234567\n", "", "argocd/moving-revision 8"},
      {"project: shop", "project: shp", "argocd/other-revision 9, argocd/unknown-project 6"},
      {"https://git.example.com/platform/gitops", "https://elsewhere.example.com/x", "argocd/source-not-permitted 8"},
      {"namespace: web", "namespace: db", "argocd/other-revision 9, argocd/destination-not-permitted 12"},
      {"namespace: web", "namespace: web-secret", "argocd/other-revision 9, argocd/destination-not-permitted 12"},
      {"server: https://prod", "server: https://prd",
       "argocd/other-revision 9, argocd/unknown-cluster 12, argocd/destination-not-permitted 12"},
      {"server: https://prod", "name: prod", "argocd/other-revision 9"},
      {"server: https://prod", "name: prdo",
       "argocd/other-revision 9, argocd/unknown-cluster 12, argocd/destination-not-permitted 12"},
      {"    server: https://prod\n", "", "argocd/other-revision 9, argocd/destination 12"},
      {"server: https://prod", "server: https://prod\n    name: prod",
       "argocd/other-revision 9, argocd/destination 12"},
      {"allowEmpty: false", "allowEmpty: true", "argocd/other-revision 9, argocd/prune-empty 15"},
      {"namespace: web", "namespace: web${STAGE}", "argocd/other-revision 9, argocd/placeholder 13"},
      {"path: apps/web", "path: apps/{{env}}",
       "argocd/other-revision 9, argocd/missing-path 10, argocd/placeholder 10"},
      {"path: apps/web", "path: apps/web\n    helm: {valueFiles: [none.yaml]}",
       "argocd/other-revision 9, argocd/missing-values 11"},
      {"path: apps/web", "path: apps/web\n    helm: {valueFiles: [none.yaml], ignoreMissingValueFiles: true}",
       "argocd/other-revision 9"},
      {"path: apps/web", "path: apps/web\n    ref: values", "argocd/source 11, argocd/other-revision 9"},
  };
  for (const auto& c : cases) {
    std::string text = app;
    const std::string from = c.from;
    if (!from.empty()) {
      ASSERT_NE(text.find(from), std::string::npos) << from;
      text.replace(text.find(from), from.size(), c.to);
    }
    folder_.add("app.yaml", text);
    const ArgoCd argocd = read();
    EXPECT_EQ(found(argocd, true), c.found) << c.from << " -> " << c.to << "\n" << messages(argocd);
  }
}

TEST_F(ArgoTest, ChecksOfSeveralTogether) {
  folder_.add("apps/web/k.yaml", "{}\n");
  const auto app = [](const std::string& name, const std::string& path, const std::string& space) {
    return "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: " + name +
           "}\nspec:\n  project: default\n  source: {repoURL: " + kRepository +
           ", targetRevision: HEAD, path: " + path + "}\n  destination: {server: https://x, namespace: " + space +
           "}\n";
  };
  folder_.add("a.yaml", app("a", "apps/web", "one"));
  folder_.add("b.yaml", app("b", "apps/web", "two"));
  EXPECT_EQ(found(read()), "");
  folder_.add("b.yaml", app("b", "apps/web", "one"));
  EXPECT_EQ(found(read()), "argocd/two-owners 3");
  folder_.add("b.yaml", app("a", "apps/web", "two"));
  EXPECT_EQ(found(read()), "argocd/duplicate-name 3");
  folder_.add("b.yaml", app("b", "self", "two"));
  folder_.add("self/own.yaml", app("own", "self", "three"));
  EXPECT_EQ(found(read()), "argocd/manages-itself 3");
}

TEST_F(ArgoTest, ChecksOfSets) {
  folder_.add("x/k.yaml", "{}\n");
  const std::string good = set("[{list: {elements: [{e: a}]}}]", "{{ .e }}", "x");
  const struct {
    const char *from, *to, *found;
  } cases[] = {
      {"", "", "argocd/moving-revision 13"},
      {"  goTemplateOptions: [missingkey=error]\n", "", "argocd/missing-key 5, argocd/moving-revision 12"},
      {"preserveResourcesOnDeletion: true", "applicationsSync: create-update", "argocd/moving-revision 13"},
      {"preserveResourcesOnDeletion: true", "applicationsSync: sync",
       "argocd/set-deletes 7, argocd/moving-revision 13"},
      {"[{e: a}]", "[{e: a}, {e: a}]",
       "argocd/moving-revision 13, argocd/moving-revision 13, argocd/duplicate-name 10"},
  };
  for (const auto& c : cases) {
    std::string text = good;
    const std::string from = c.from;
    if (!from.empty()) text.replace(text.find(from), from.size(), c.to);
    folder_.add("set.yaml", text);
    const ArgoCd argocd = read({"set.yaml"});
    EXPECT_EQ(found(argocd, true), c.found) << c.from << " -> " << c.to << "\n" << messages(argocd);
  }
}

TEST(SameRepository, WhateverTheFormOfTheUrl) {
  EXPECT_TRUE(same_repository("https://github.com/a/b.git", "git@github.com:a/b"));
  EXPECT_TRUE(same_repository("ssh://git@Host:22/a/b/", "https://host/a/b.git"));
  EXPECT_TRUE(same_repository("https://user:pass@host/a/b", "host/a/b"));
  EXPECT_FALSE(same_repository("https://github.com/a/b", "https://github.com/a/c"));
  EXPECT_FALSE(same_repository("https://github.com/a/b", "https://gitlab.com/a/b"));
}

}  // namespace
}  // namespace kubegate::gitops
