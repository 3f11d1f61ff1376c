#include "validate/gitops/render.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "tests/support/folder.h"
#include "validate/gitops/vendored.h"

namespace kubegate::gitops {
namespace {

namespace fs = std::filesystem;

// A stand-in for kustomize, kubectl and helm: it prints the files that kustomization files and charts name, and what it
// was asked.
constexpr std::string_view kTool = R"(#!/bin/sh
case "$1" in
  version) echo v1 ;;
  build|kustomize)
    for folder; do :; done
    echo "tool $*" >&2
    cd "$folder" && cat kustomization.yaml && cat $(sed -n 's/^- //p' kustomization.yaml) ;;
  template) echo "asked: $*"; cat "$3"/templates/* ;;
esac
)";

struct Repository {
  Repository() {
    for (const char* name : {"bin/kustomize", "bin/kubectl", "bin/helm"}) {
      folder.add(name, kTool);
      chmod(folder.path(name).c_str(), 0755);
    }
    folder.add("tree/base/kustomization.yaml", "resources:\n- a.yaml\n");
    folder.add("tree/base/a.yaml", "kind: A\n");
    folder.add("tree/over/kustomization.yaml", "resources:\n- ../base\n- b.yaml\n");
    folder.add("tree/over/b.yaml", "kind: B\n");
    folder.add("tree/chart/Chart.yaml", "name: c\n");
    folder.add("tree/chart/templates/t.yaml", "kind: T\n");
    settings.kustomize = folder.path("bin/kustomize");
    settings.helm = folder.path("bin/helm");
  }

  std::unique_ptr<Renderer> renderer(bool laid_out = false) {
    tree = source::folder_tree(folder.path("tree"));
    const std::string top;
    graph = std::make_shared<const Graph>(Graph::read(*tree, std::span(&top, 1)));
    auto made = Renderer::make(tree, laid_out ? "" : folder.path("tree"), graph, settings);
    EXPECT_TRUE(made.ok()) << made.error().text();
    return made.ok() ? std::move(*made) : nullptr;
  }
  static RenderRequest of(const std::string& name) {
    RenderRequest request;
    request.folder = name;
    return request;
  }
  Rendered render(const std::string& name, bool laid_out = false) {
    const auto rendered = renderer(laid_out)->render(of(name));
    EXPECT_TRUE(rendered.ok()) << rendered.error().text();
    return rendered.ok() ? *rendered : Rendered{};
  }
  // "path" or "path -" of what is not there.
  std::vector<std::string> inputs(const std::string& name) {
    std::vector<std::string> out;
    for (const RenderInput& input : renderer()->inputs(of(name))) {
      out.push_back(input.path + (input.link ? " @" : input.digest.empty() ? " -" : ""));
    }
    return out;
  }

  Folder folder;
  RenderSettings settings;
  std::shared_ptr<const source::Tree> tree;
  std::shared_ptr<const Graph> graph;
};

TEST(Render, WhereItStandsAndLaidOut) {
  Repository repository;
  for (const bool laid_out : {false, true}) {
    const Rendered rendered = repository.render("base", laid_out);
    EXPECT_TRUE(rendered.ok()) << rendered.fault;
    EXPECT_EQ(rendered.text, "resources:\n- a.yaml\nkind: A\n");
    EXPECT_EQ(rendered.errors.substr(0, 11), "tool build ");
  }
}

TEST(Render, LaysOutNoMoreThanTheGraphReaches) {
  Repository repository;
  repository.folder.add("tree/secret.yaml", "kind: Secret\n");
  repository.folder.add("bin/kustomize", "#!/bin/sh\nfor f; do :; done; cd $f/.. && find . ! -type d | sort\n");
  fs::create_symlink("a.yaml", repository.folder.path("tree/base/link.yaml"));
  fs::create_symlink("base", repository.folder.path("tree/alias"));
  repository.folder.add("tree/base/kustomization.yaml", "resources:\n- link.yaml\n");
  repository.folder.add("tree/over/kustomization.yaml", "resources:\n- ../alias\n- b.yaml\n");
  EXPECT_EQ(repository.render("over", true).text,
            "./alias\n./base/a.yaml\n./base/kustomization.yaml\n./base/link.yaml\n./over/b.yaml\n"
            "./over/kustomization.yaml\n");
}

TEST(Render, KubectlIsAskedItsOwnWay) {
  Repository repository;
  repository.settings.kustomize = repository.folder.path("bin/kubectl");
  repository.settings.kustomize_arguments = {"--as-configured"};
  const Rendered rendered = repository.render("base");
  EXPECT_EQ(rendered.errors.substr(0, 31), "tool kustomize --as-configured ");
}

TEST(Render, Charts) {
  Repository repository;
  repository.folder.add("tree/values/v.yaml", "a: 1\n");
  RenderRequest request = Repository::of("chart");
  request.kind = RenderRequest::Kind::kChart;
  request.release = "shop";
  request.namespace_ = "prod";
  request.values = {"values/v.yaml"};
  request.parameters = {{"replicas", "3"}};
  request.kubernetes_version = "1.29";
  const auto rendered = repository.renderer()->render(request);
  ASSERT_TRUE(rendered.ok());
  const std::string top = repository.folder.path("tree");
  EXPECT_EQ(rendered->text, "asked: template shop " + top + "/chart --namespace prod --include-crds --values " + top +
                                "/values/v.yaml --set replicas=3 --kube-version 1.29\nkind: T\n");
  std::vector<std::string> paths;
  for (const RenderInput& input : repository.renderer()->inputs(request)) paths.push_back(input.path);
  EXPECT_EQ(paths, (std::vector<std::string>{"chart/Chart.yaml", "chart/templates/t.yaml", "values/v.yaml"}));
}

TEST(Render, AFailureIsToldInTheToolsWords) {
  Repository repository;
  repository.folder.add("bin/kustomize",
                        "#!/bin/sh\nfor f; do :; done; echo \"Error: $f/x.yaml is bad\" >&2; exit 1\n");
  Rendered rendered = repository.render("base");
  EXPECT_EQ(rendered.fault, "kustomize build failed: Error: base/x.yaml is bad");
  EXPECT_EQ(rendered.text, "");
  repository.folder.add("bin/kustomize", "#!/bin/sh\nsleep 1000\n");
  repository.settings.time = std::chrono::milliseconds(0);
  EXPECT_EQ(repository.render("base").fault, "kustomize build was stopped after 0 s");
}

struct Remote {
  const char *name, *kustomization;
  std::uint32_t line, column;
};

TEST(Render, RefusesWhatWouldHaveToBeFetched) {
  const Remote cases[] = {
      {"a URL", "resources:\n- a.yaml\n- https://example.com/b.yaml\n", 3, 3},
      {"a base", "resources:\n- github.com/o/r//base?ref=v1\n", 2, 3},
      {"a component", "components:\n  - git@github.com:o/r.git\n", 2, 5},
      {"data", "configMapGenerator:\n- files: [x=https://example.com/x]\n", 2, 11},
      {"a chart", "helmCharts:\n- name: web\n  repo: https://example.com\n  version: 1.0.0\n", 2, 9},
  };
  for (const Remote& row : cases) {
    SCOPED_TRACE(row.name);
    Repository repository;
    repository.folder.add("tree/base/kustomization.yaml", row.kustomization);
    Rendered rendered = repository.render("over");
    EXPECT_NE(rendered.fault.find("kubegate.lock"), std::string::npos) << rendered.fault;
    EXPECT_EQ(rendered.file, "base/kustomization.yaml");
    EXPECT_EQ(rendered.line, row.line);
    EXPECT_EQ(rendered.column, row.column);
    EXPECT_EQ(rendered.errors, "") << "it was not run";
    repository.settings.network = true;
    EXPECT_EQ(repository.render("over").file, "") << "not refused";
  }
}

TEST(Render, AChartThatIsThereIsNotFetched) {
  Repository repository;
  repository.folder.add("tree/base/kustomization.yaml",
                        "helmCharts:\n- name: web\n  repo: https://example.com\n  version: 1.0.0\n");
  repository.folder.add("tree/base/charts/web-1.0.0/web/Chart.yaml", "name: web\n");
  EXPECT_EQ(repository.render("base").file, "");
  const auto inputs = repository.inputs("base");
  EXPECT_NE(std::find(inputs.begin(), inputs.end(), "base/charts/web-1.0.0/web/Chart.yaml"), inputs.end());
}

TEST(Render, ItsInputsAreWhatTheGraphKnows) {
  Repository repository;
  repository.folder.add("tree/over/kustomization.yaml",
                        "resources:\n- ../base\n- b.yaml\n- missing.yaml\n- ../alias\n");
  fs::create_symlink("base", repository.folder.path("tree/alias"));
  EXPECT_EQ(
      repository.inputs("over"),
      (std::vector<std::string>{"alias @", "base", "base/Kustomization -", "base/a.yaml", "base/kustomization.yaml",
                                "base/kustomization.yml -", "over/Kustomization -", "over/b.yaml",
                                "over/kustomization.yaml", "over/kustomization.yml -", "over/missing.yaml -"}));
}

TEST(Render, ARendererIsKnownByItsVersionToo) {
  Repository repository;
  const RenderRequest request = Repository::of("base");
  const std::string before = repository.renderer()->identity(request);
  EXPECT_EQ(repository.renderer()->identity(request), before);
  repository.settings.kustomize_arguments = {"--x"};
  EXPECT_NE(repository.renderer()->identity(request), before);
  repository.settings.kustomize_arguments = {};
  // A script that asks another program which one it is.
  repository.folder.add("bin/kustomize", "#!/bin/sh\ncat " + repository.folder.path("which") + "\n");
  repository.folder.add("which", "v1\n");
  const std::string first = repository.renderer()->identity(request);
  repository.folder.add("which", "v2\n");
  EXPECT_NE(repository.renderer()->identity(request), first);
}

TEST(Render, WhatIsToBeRendered) {
  Repository repository;
  repository.folder.add("tree/apps/one/kustomization.yaml", "resources: []\n");
  repository.folder.add("tree/apps/part/kustomization.yaml", "kind: Component\n");
  repository.renderer();
  using Folders = std::vector<std::string>;
  EXPECT_EQ(overlays_below(*repository.graph, ""), (Folders{"apps/one", "over"}));
  EXPECT_EQ(overlays_below(*repository.graph, "apps"), Folders{"apps/one"});
  EXPECT_EQ(overlays_below(*repository.graph, "base"), Folders{"base"}) << "named itself";
  EXPECT_EQ(overlays_below(*repository.graph, "chart"), Folders{});
}

// A cache that counts.
struct Kept final : source::Cache {
  std::optional<std::string> get(const std::string& key) override {
    const auto found = entries.find(key);
    return found == entries.end() ? std::nullopt : std::optional(found->second);
  }
  void put(const std::string& key, std::string_view bytes) override { entries[key] = bytes; }
  std::map<std::string, std::string> entries;
};

struct Change {
  const char* name;
  void (*apply)(Repository&);
};

// Whatever can change what comes out makes a miss, and going back makes a hit.
TEST(Render, IsKeptAsLongAsNothingChanges) {
  const Change cases[] = {
      {"a file of the base", [](Repository& r) { r.folder.add("tree/base/a.yaml", "kind: C\n"); }},
      {"a file of the overlay", [](Repository& r) { r.folder.add("tree/over/b.yaml", "kind: C\n"); }},
      {"a kustomization", [](Repository& r) { r.folder.add("tree/base/kustomization.yaml", "resources: [a.yaml]\n"); }},
      {"another kustomization beside it", [](Repository& r) { r.folder.add("tree/base/kustomization.yml", ""); }},
      {"a file that was missing", [](Repository& r) { r.folder.add("tree/over/missing.yaml", "kind: M\n"); }},
      {"a file that is gone", [](Repository& r) { fs::remove(r.folder.path("tree/over/b.yaml")); }},
      {"a link in a file's place",
       [](Repository& r) {
         fs::rename(r.folder.path("tree/over/b.yaml"), r.folder.path("tree/over/c.yaml"));
         fs::create_symlink("c.yaml", r.folder.path("tree/over/b.yaml"));
       }},
      {"a link that leads elsewhere",
       [](Repository& r) {
         fs::remove(r.folder.path("tree/over/link.yaml"));
         fs::create_symlink("../base/a.yaml", r.folder.path("tree/over/link.yaml"));
       }},
      {"the renderer's arguments", [](Repository& r) { r.settings.kustomize_arguments = {"--x"}; }},
      {"the renderer", [](Repository& r) { r.folder.add("bin/kustomize", std::string(kTool) + "# changed\n"); }},
      {"another renderer",
       [](Repository& r) {
         r.settings.kustomize = r.folder.path("bin/kubectl");
         r.folder.add("bin/kubectl", "#!/bin/sh\necho other\n");
       }},
  };
  for (const Change& change : cases) {
    SCOPED_TRACE(change.name);
    Repository repository;
    repository.folder.add("tree/over/kustomization.yaml",
                          "resources:\n- ../base\n- b.yaml\n- link.yaml\n- missing.yaml\n");
    fs::create_symlink("b.yaml", repository.folder.path("tree/over/link.yaml"));
    repository.folder.add("bin/kustomize", "#!/bin/sh\n[ $1 = version ] || echo \"$@\"\n");
    const auto cache = std::make_shared<Kept>();
    repository.settings.cache = repository.settings.machine = cache;
    const Rendered cold = repository.render("over");
    ASSERT_TRUE(cold.ok()) << cold.fault;
    EXPECT_FALSE(cold.cached);
    const Rendered warm = repository.render("over");
    EXPECT_TRUE(warm.cached);
    EXPECT_EQ(warm.text, cold.text);
    change.apply(repository);
    EXPECT_FALSE(repository.render("over").cached);
  }
}

TEST(Render, WhatFailedOrMayBeFetchedIsNotKept) {
  Repository repository;
  const auto cache = std::make_shared<Kept>();
  repository.settings.cache = cache;
  repository.settings.network = true;
  repository.render("base");
  EXPECT_FALSE(repository.render("base").cached);
  repository.settings.network = false;
  repository.folder.add("bin/kustomize", "#!/bin/sh\n[ $1 = version ] || { echo part; exit 1; }\n");
  repository.render("base");
  EXPECT_FALSE(repository.render("base").cached);
}

// The file changes while it is rendered: what came out may be of either.
TEST(Render, WhatChangedUnderWayIsNotKept) {
  Repository repository;
  repository.settings.cache = std::make_shared<Kept>();
  repository.folder.add("bin/kustomize", "#!/bin/sh\n[ $1 = version ] || echo x$$ > " +
                                             repository.folder.path("tree/base/a.yaml") + "\n");
  const auto renderer = repository.renderer();
  ASSERT_TRUE(renderer->render(Repository::of("base")).ok());
  repository.folder.add("tree/base/a.yaml", "kind: A\n");
  EXPECT_FALSE(repository.render("base").cached);
}

TEST(Render, LaysOverAFolderWhatIsAsked) {
  Repository repository;
  RenderRequest request = Repository::of("base");
  request.overlay = "namePrefix: a-\n";
  const auto rendered = repository.renderer()->render(request);
  ASSERT_TRUE(rendered.ok());
  EXPECT_NE(rendered->text.find("/tree/base\"]\nnamePrefix: a-\n"), std::string::npos) << rendered->text;
}

TEST(Render, UsesWhatWasFetchedBefore) {
  Repository repository;
  repository.settings.vendor = std::string(kVendorFolder);
  repository.folder.add("tree/base/kustomization.yaml", "resources:\n- https://example.com/b.yaml\n");
  const std::string copy = repository.folder.add("tree/vendor/kubegate/b.yaml", "kind: Fetched\n");
  Vendored::Entry entry;
  entry.name = "https://example.com/b.yaml";
  entry.path = "b.yaml";
  entry.digest = digest_of_copy(*source::folder_tree(repository.folder.path("tree")), "vendor/kubegate/b.yaml");
  repository.folder.add("tree/vendor/kubegate/kubegate.lock", print_lock({entry}));
  for (const bool laid_out : {false, true}) {
    const Rendered rendered = repository.render("base", laid_out);
    EXPECT_EQ(rendered.fault, "");
    EXPECT_NE(rendered.text.find("kubegate-vendored-"), std::string::npos);
    EXPECT_EQ(rendered.text.find("https:"), std::string::npos);
    // Whatever in the folder digests has its say in what comes out.
    const auto inputs = repository.inputs("base");
    EXPECT_NE(std::find(inputs.begin(), inputs.end(), "vendor/kubegate/b.yaml"), inputs.end());
  }
  EXPECT_EQ(read_text(repository.folder.path("tree/base/kustomization.yaml")),
            "resources:\n- https://example.com/b.yaml\n");

  repository.folder.add("tree/vendor/kubegate/b.yaml", "kind: Changed\n");
  Rendered rendered = repository.render("base");
  EXPECT_EQ(rendered.rule, "vendor/digest-differs");
  EXPECT_EQ(rendered.line, 2u);
  fs::remove(copy);
  rendered = repository.render("base");
  EXPECT_NE(rendered.fault.find("is not there"), std::string::npos);
  repository.folder.add("tree/vendor/kubegate/kubegate.lock", "kind: Other\n");
  EXPECT_FALSE(Renderer::make(repository.tree, "", repository.graph, repository.settings).ok());
}

TEST(Render, ALockFileLeadsNowhereElse) {
  for (const char* path : {"../x", "/etc/passwd", "a/../../x", ""}) {
    Repository repository;
    Vendored::Entry entry;
    entry.name = "https://example.com/b.yaml";
    entry.path = path;
    repository.folder.add("tree/v/kubegate.lock", print_lock({entry}));
    EXPECT_FALSE(Vendored::read(*source::folder_tree(repository.folder.path("tree")), "v").ok()) << path;
  }
}

}  // namespace
}  // namespace kubegate::gitops
