// All overlays are rendered before the first of them is judged. Rendering takes a hundred times as long as judging, so
// nothing is won by doing both at once; and policies see a set as a whole, CRDs of one overlay serve the others.
//
// What fails is a finding of that overlay, at the line of its kustomization where that is known; the others are judged
// all the same.
//
// Tested in tests/validate/render_command_test.cc.
#include "validate/run/rendering.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>
#include <thread>

#include "validate/gitops/vendored.h"
#include "validate/run/pipeline.h"

namespace kubegate::run {

namespace {

namespace fs = std::filesystem;
using gitops::RenderRequest;
using source::EntryKind;

std::string shown(const std::string& path, const std::string& from) {
  if (from.empty()) return path.empty() ? "." : path;
  return fs::path("/" + path).lexically_relative("/" + from).string();
}

// Whether a path is a folder or lies in it.
bool lies_in(std::string_view path, std::string_view folder) {
  return folder.empty() || path == folder || (path.starts_with(folder) && path[folder.size()] == '/');
}

// The nearest folder of what was fetched, upwards as far as the repository goes.
std::string vendor_folder(const source::Tree& tree, const std::string& from, const std::string& name) {
  for (std::string_view at = from;; at = source::parent_of(at)) {
    const std::string above = at.empty() ? "" : std::string(at) + "/";
    const std::string lock = above + name + "/" + std::string(gitops::kLockName);
    if (!name.empty() && tree.kind(lock) == EntryKind::kFile) return above + name;
    if (at.empty() || tree.kind(above + ".git") != EntryKind::kNone) return "";
  }
}

}  // namespace

Result<std::shared_ptr<Rendering>> Rendering::make(std::span<const std::string> paths, const std::string& folder,
                                                   const RevisionSettings& revision, gitops::RenderSettings settings) {
  std::shared_ptr<Rendering> made(new Rendering);
  Rendering& self = *made;
  if (revision.empty() && revision.git_dir.empty()) {
    self.top_ = "/";
    self.tree_ = source::folder_tree("/");
    self.folder_ = folder.substr(std::min<std::size_t>(1, folder.size()));
    settings.vendor = vendor_folder(*self.tree_, self.folder_, settings.vendor);
  } else {
    auto read = read_revision(revision, folder);
    if (!read.ok()) return read.error();
    self.revision_ = std::make_shared<const Revision>(std::move(*read));
    self.tree_ = self.revision_->tree;
    self.folder_ = self.revision_->folder;
    // A commit and the index stand nowhere in the file system.
    if (!revision.staged && revision.revision.empty()) self.top_ = self.revision_->top;
  }
  if (const auto chosen = self.choose(paths); !chosen.ok()) return chosen.error();
  auto renderer = gitops::Renderer::make(self.tree_, self.top_, self.graph_, std::move(settings));
  if (!renderer.ok()) return renderer.error();
  self.renderer_ = std::move(*renderer);
  return made;
}

Result<Done> Rendering::choose(std::span<const std::string> paths) {
  const std::string here = ".";
  if (paths.empty()) paths = std::span(&here, 1);
  std::vector<std::string> roots;
  for (const std::string& written : paths) {
    std::optional<std::string> path;
    if (!written.starts_with('/')) {
      path = source::joined_path(folder_, written);
    } else if (revision_ == nullptr) {
      path = source::joined_path("", written);
    } else if (lies_in(written, revision_->top) && !revision_->top.empty()) {
      path = source::joined_path("", std::string_view(written).substr(revision_->top.size()));
    }
    if (!path) return Error{ErrorCode::kArgument, written, "lies outside of what is judged"};
    const auto place = tree_->resolve(*path);
    if (place.kind == EntryKind::kNone && revision_ == nullptr) {
      return Error{ErrorCode::kArgument, written, "no such file or folder"};
    }
    roots.push_back(place.path);
  }
  graph_ = revision_ != nullptr ? revision_->graph : nullptr;
  if (graph_ == nullptr) {
    const std::string top;
    const auto where = revision_ != nullptr ? std::span(&top, 1) : std::span<const std::string>(roots);
    graph_ = std::make_shared<const gitops::Graph>(gitops::Graph::read(*tree_, where));
  }

  std::set<std::string> chosen;
  const auto add = [&](RenderRequest::Kind kind, const std::string& folder) {
    if (!chosen.insert(folder).second) return;
    RenderedOverlay overlay;
    overlay.request.kind = kind;
    overlay.request.folder = folder;
    overlay.path = shown(folder, folder_);
    overlays_.push_back(std::move(overlay));
  };
  for (std::size_t i = 0; i < roots.size(); ++i) {
    const std::string& root = roots[i];
    if (revision_ != nullptr && !revision_->whole) {
      for (const std::string& folder : revision_->overlays) {
        if (lies_in(folder, root)) add(RenderRequest::Kind::kKustomization, folder);
      }
      continue;
    }
    const auto folders = gitops::overlays_below(*graph_, root);
    for (const std::string& folder : folders) add(RenderRequest::Kind::kKustomization, folder);
    if (!folders.empty()) continue;
    if (tree_->kind(root.empty() ? "Chart.yaml" : root + "/Chart.yaml") == EntryKind::kNone) {
      if (revision_ != nullptr && revision_->may_lack) continue;
      return Error{ErrorCode::kArgument, paths[i], "has no kustomization and no chart that could be rendered"};
    }
    add(RenderRequest::Kind::kChart, root);
    overlays_.back().request.release = root.substr(root.rfind('/') + 1);
  }
  return Done{};
}

Result<Done> Rendering::render(int threads, const std::function<void(const RenderedOverlay&)>& tell) {
  std::size_t count =
      threads > 0 ? static_cast<std::size_t>(threads) : std::max(1u, std::thread::hardware_concurrency());
  count = std::clamp<std::size_t>(overlays_.size(), 1, count);
  std::vector<std::size_t> slots(slots_for(count));
  std::vector<std::optional<Error>> failed(overlays_.size());
  std::size_t taken = 0;
  Steps steps;
  steps.take = [&](std::size_t slot) {
    if (taken == overlays_.size()) return false;
    slots[slot] = taken++;
    return true;
  };
  steps.work = [&](std::size_t slot, std::size_t) {
    RenderedOverlay& overlay = overlays_[slots[slot]];
    auto rendered = renderer_->render(overlay.request);
    if (rendered.ok()) {
      overlay.rendered = std::move(*rendered);
    } else {
      failed[slots[slot]] = rendered.error();
    }
  };
  steps.give = [&](std::size_t slot) {
    if (!failed[slots[slot]]) tell(overlays_[slots[slot]]);
  };
  steps.is_more = [&] { return taken < overlays_.size(); };
  run_pipeline(count, steps);
  for (const auto& error : failed) {
    if (error) return *error;
  }
  for (RenderedOverlay& overlay : overlays_) {
    const std::string& file = overlay.rendered.file;
    fault_paths_.push_back(file.empty() ? overlay.path : shown(file, folder_));
    contents_.push_back(source::text_content(std::move(overlay.rendered.text)));
  }
  return Done{};
}

std::vector<report::Resource> Rendering::faults() const {
  std::vector<report::Resource> out;
  for (std::size_t i = 0; i < overlays_.size(); ++i) {
    const gitops::Rendered& rendered = overlays_[i].rendered;
    if (rendered.ok()) continue;
    report::LocatedFinding finding;
    finding.rule = rendered.rule;
    finding.message = rendered.fault;
    finding.line = std::max(1u, rendered.line);
    finding.column = std::max(1u, rendered.column);
    report::Resource resource;
    resource.path = fault_paths_[i];
    resource.status = report::Status::kError;
    resource.findings.push_back(std::move(finding));
    out.push_back(std::move(resource));
  }
  return out;
}

Result<source::Selection> Rendering::judged(std::span<const std::string> paths) const {
  std::vector<source::Input> inputs;
  for (std::size_t i = 0; i < overlays_.size(); ++i) {
    const RenderedOverlay& overlay = overlays_[i];
    if (!overlay.rendered.ok() || std::find(paths.begin(), paths.end(), overlay.path) == paths.end()) continue;
    source::Input input;
    input.path = overlay.path;
    input.kind = source::Input::Kind::kContent;
    input.named = true;  // it is what goes to the cluster: nothing in it is skipped
    input.content = contents_[i];
    inputs.push_back(std::move(input));
  }
  return source::Selection::of(std::move(inputs));
}

void Rendering::judge(std::shared_ptr<const Rendering> rendering, Options& options) {
  options.paths.clear();
  for (const RenderedOverlay& overlay : rendering->overlays_) options.paths.push_back(overlay.path);
  // A change that reaches no overlay is a sound one; so is an overlay that has nothing in it where others have.
  options.allow_empty |= rendering->revision_ != nullptr && !rendering->revision_->whole;
  options.surroundings = std::make_shared<const gitops::Surroundings>(rendering->tree_, rendering->folder_,
                                                                      std::vector<std::string>{}, rendering->graph_);
  options.inputs = std::move(rendering);
}

}  // namespace kubegate::run
