// What a run judges when it goes by Argo CD's Applications: what each deploys, by what its cluster says. All that goes to
// one cluster is one set.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "validate/base/result.h"
#include "validate/config/config.h"
#include "validate/gitops/argocd.h"
#include "validate/gitops/render.h"
#include "validate/report/report.h"
#include "validate/run/revision.h"
#include "validate/run/run.h"

namespace kubegate::run {

struct ApplicationSettings {
  RevisionSettings revision;
  std::vector<std::string> repositories;      // URLs of this repository, besides its remotes
  std::vector<gitops::ArgoCluster> clusters;  // of the configuration
  gitops::RenderSettings render;
};

// The clusters of the configuration, as Applications name them.
std::vector<gitops::ArgoCluster> argo_clusters(const config::Config& config);
// The first version that a cluster of this name ("": it is not known) is judged by.
std::string version_of(const Options& options, const std::string& cluster);

// What one source of an Application renders to.
struct Deployed {
  std::size_t application = 0;  // of ArgoCd::applications
  std::string folder;           // in the tree
  std::string set;              // "cluster prod": what goes to one cluster
  std::string path;             // as reports show it: "apps/web (web-prod, cluster prod)"
  gitops::Rendered rendered;
};

class Applications final : public Inputs {
 public:
  // Reads what stands below the paths (none: all of the repository), which are those of a command line; `folder` is the
  // working folder, absolute. Errors: paths that lie outside, settings that cannot be used.
  static Result<std::shared_ptr<Applications>> make(std::span<const std::string> paths, const std::string& folder,
                                                    const ApplicationSettings& settings);

  // Renders what the Applications deploy from this repository; what these deploy that are among it, too. `targets` are
  // the versions of a cluster by its name ("" where it is not known). Errors: what keeps any of them from being rendered.
  Result<Done> render(const std::function<std::string(const std::string& cluster)>& version);

  const gitops::ArgoCd& argocd() const { return argocd_; }
  const std::vector<Deployed>& deployed() const { return deployed_; }
  // Null of a work tree without more ado.
  const Revision* revision() const { return revision_.get(); }

  // What is wrong with Argo CD's objects, and with rendering. They view this object.
  std::vector<report::Resource> findings() const;

  // By sets: what goes to each.
  Result<source::Selection> judged(std::span<const std::string> paths) const override;

  // Makes a run judge what is deployed.
  static void judge(std::shared_ptr<const Applications> applications, Options& options);

 private:
  Applications() = default;
  Result<Done> render_source(std::size_t application, const gitops::ApplicationSource& source,
                             const std::string& version);
  std::string plain_text(const gitops::ApplicationSource& source, std::string& fault) const;
  std::string shown(const std::string& path) const;

  std::shared_ptr<const source::Tree> tree_;
  std::shared_ptr<const gitops::Graph> graph_;
  std::unique_ptr<gitops::Renderer> renderer_;
  std::shared_ptr<const Revision> revision_;
  std::string folder_;  // the working folder, in the tree
  gitops::ArgoSettings argo_;
  gitops::ArgoCd argocd_;
  std::vector<Deployed> deployed_;
  std::vector<std::shared_ptr<const source::Content>> contents_;
  mutable std::vector<std::string> paths_;  // what findings() views
};

}  // namespace kubegate::run
