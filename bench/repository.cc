// kubegate_repository DIR OVERLAYS: a git repository of kustomize overlays to measure with. Each overlay has a
// kustomization, a patch and three manifests; ten bases are shared. Branch main holds it, change-1, change-10 and
// change-100 hold a commit more, which changes a manifest in so many overlays; three manifests are staged.
#include <git2.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace {

void must(int failed) {
  if (failed < 0) throw std::runtime_error(git_error_last() ? git_error_last()->message : "libgit2");
}

class Maker {
 public:
  explicit Maker(std::string folder) : folder_(std::move(folder)) {
    must(git_libgit2_init());
    git_repository_init_options options;
    git_repository_init_options_init(&options, GIT_REPOSITORY_INIT_OPTIONS_VERSION);
    options.flags = GIT_REPOSITORY_INIT_MKPATH | GIT_REPOSITORY_INIT_MKDIR;
    options.initial_head = "main";
    must(git_repository_init_ext(&repository_, folder_.c_str(), &options));
    must(git_repository_index(&index_, repository_));
  }
  ~Maker() {
    git_index_free(index_);
    git_repository_free(repository_);
  }

  // Writes a file and stages it.
  void write(const std::string& path, const std::string& text) {
    const std::filesystem::path file = std::filesystem::path(folder_) / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
    must(git_index_add_bypath(index_, path.c_str()));
  }

  void save() { must(git_index_write(index_)); }

  void commit(const std::string& reference) {
    git_oid tree_id, id, parent_id;
    must(git_index_write_tree(&tree_id, index_));
    git_tree* tree = nullptr;
    must(git_tree_lookup(&tree, repository_, &tree_id));
    git_signature* who = nullptr;
    must(git_signature_new(&who, "bench", "bench@example.com", 1700000000, 0));
    git_commit* parent = nullptr;
    if (git_reference_name_to_id(&parent_id, repository_, "refs/heads/main") == 0) {
      must(git_commit_lookup(&parent, repository_, &parent_id));
    }
    const git_commit* parents[] = {parent};
    must(git_commit_create(&id, repository_, reference.c_str(), who, who, nullptr, "made for measuring", tree,
                           parent == nullptr ? 0 : 1, parents));
    git_commit_free(parent);
    git_signature_free(who);
    git_tree_free(tree);
  }

  // The index becomes what the branch holds.
  void go_back(const char* reference) {
    git_object* object = nullptr;
    must(git_revparse_single(&object, repository_, (std::string(reference) + "^{tree}").c_str()));
    must(git_index_read_tree(index_, reinterpret_cast<git_tree*>(object)));
    git_object_free(object);
  }

 private:
  const std::string folder_;
  git_repository* repository_ = nullptr;
  git_index* index_ = nullptr;
};

std::string config_map(const std::string& name, int version) {
  return "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: " + name + "\ndata:\n  version: \"" +
         std::to_string(version) + "\"\n";
}

std::string service(const std::string& name) {
  return "apiVersion: v1\nkind: Service\nmetadata:\n  name: " + name +
         "\nspec:\n  selector:\n    app: web\n  ports:\n  - name: http\n    port: 80\n    targetPort: 8080\n";
}

std::string deployment(const std::string& name) {
  return "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: " + name +
         "\nspec:\n  replicas: 2\n  selector:\n    matchLabels:\n      app: web\n  template:\n    metadata:\n      "
         "labels:\n"
         "        app: web\n    spec:\n      containers:\n      - name: web\n        image: "
         "registry.example.com/web:1.4.2\n"
         "        ports:\n        - containerPort: 8080\n";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: kubegate_repository DIR OVERLAYS\n", stderr);
    return 2;
  }
  try {
    const int overlays = std::atoi(argv[2]);
    Maker maker(argv[1]);
    for (int i = 0; i < 10; ++i) {
      const std::string base = "base/b" + std::to_string(i);
      maker.write(base + "/kustomization.yaml", "resources:\n- deploy.yaml\n- service.yaml\n");
      maker.write(base + "/deploy.yaml", deployment("web"));
      maker.write(base + "/service.yaml", service("web"));
    }
    const auto overlay = [](int i) { return "overlays/o" + std::to_string(i); };
    for (int i = 0; i < overlays; ++i) {
      maker.write(overlay(i) + "/kustomization.yaml",
                  "resources:\n- ../../base/b" + std::to_string(i % 10) +
                      "\n- config.yaml\n- service.yaml\npatches:\n- path: replicas.yaml\n");
      maker.write(overlay(i) + "/config.yaml", config_map("o" + std::to_string(i), 1));
      maker.write(overlay(i) + "/service.yaml", service("own"));
      maker.write(overlay(i) + "/replicas.yaml",
                  "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 5\n");
    }
    maker.commit("refs/heads/main");
    for (const int changed : {1, 10, 100, 3}) {
      for (int i = 0; i < changed && i < overlays; ++i) {
        maker.write(overlay(i) + "/config.yaml", config_map("o" + std::to_string(i), 2));
      }
      if (changed == 3) break;
      maker.commit("refs/heads/change-" + std::to_string(changed));
      maker.go_back("main");
    }
    maker.save();
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "kubegate_repository: %s\n", error.what());
    return 1;
  }
}
