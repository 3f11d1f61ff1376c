// What a run judges when it renders: overlays and charts instead of the files that they are made of.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "validate/base/result.h"
#include "validate/gitops/render.h"
#include "validate/report/report.h"
#include "validate/run/revision.h"
#include "validate/run/run.h"

namespace kubegate::run {

// One that is rendered.
struct RenderedOverlay {
  gitops::RenderRequest request;
  std::string path;  // as reports show it
  gitops::Rendered rendered;
};

class Rendering final : public Inputs {
 public:
  // What the paths of a command line stand for: a folder with a kustomization or a chart is rendered itself, of another
  // folder all overlays below it that no kustomization takes for its base. `folder` is the working folder, absolute.
  // With `revision` the overlays of that, and where it asks for it those alone that a change reaches. Errors: a path
  // that stands for nothing that could be rendered, settings that cannot be used.
  static Result<std::shared_ptr<Rendering>> make(std::span<const std::string> paths, const std::string& folder,
                                                 const RevisionSettings& revision, gitops::RenderSettings settings);

  // Renders all of them on so many threads (0: as many as the machine has). `tell` gets each when its turn has come, in
  // their order, from one thread at a time. Errors: what keeps any of them from being rendered.
  Result<Done> render(int threads, const std::function<void(const RenderedOverlay&)>& tell);

  const std::vector<RenderedOverlay>& overlays() const { return overlays_; }
  // What came out of the one of this number, after render().
  const source::Content& content(std::size_t number) const { return *contents_[number]; }
  // Null of a work tree without more ado.
  const Revision* revision() const { return revision_.get(); }

  // Those that could not be rendered, as findings. They view this object.
  std::vector<report::Resource> faults() const;

  // By paths as they are shown: what came out of them.
  Result<source::Selection> judged(std::span<const std::string> paths) const override;

  // Makes a run judge what came out, each overlay a set of its own.
  static void judge(std::shared_ptr<const Rendering> rendering, Options& options);

 private:
  Rendering() = default;
  Result<Done> choose(std::span<const std::string> paths);

  std::shared_ptr<const source::Tree> tree_;
  std::shared_ptr<const gitops::Graph> graph_;
  std::unique_ptr<gitops::Renderer> renderer_;
  std::string folder_;                        // the working folder, in the tree
  std::string top_;                           // where the tree stands; "": nowhere
  std::shared_ptr<const Revision> revision_;  // null: the work tree
  std::vector<RenderedOverlay> overlays_;
  std::vector<std::string> fault_paths_;  // of faults(), by overlay
  std::vector<std::shared_ptr<const source::Content>> contents_;
};

}  // namespace kubegate::run
