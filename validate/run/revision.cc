// A change is judged by what it reaches. The files that changed are; and since an overlay is what goes to a cluster, so
// are the files of every overlay that reaches one of them: a patch that no longer fits its base is a fault of the pair,
// whichever changed. What policies see of a set (data.inventory) stays the whole of it.
//
// The bytes come from the tree that is judged, each as in that commit or in the index, never from the work tree beside
// it. Only without --staged and --rev is the work tree itself what is judged, and its files are read as ever.
//
// Tested in tests/validate/run/revision_test.cc.
#include "validate/run/revision.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "validate/source/tree_select.h"

namespace kubegate::run {

namespace {

// The order of a walk: by the bytes of each name.
bool walks_before(const std::string& a, const std::string& b) {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    const auto rank = [](char c) { return c == '/' ? 0 : static_cast<unsigned char>(c) + 1; };
    return rank(x) < rank(y);
  });
}

class RevisionInputs final : public Inputs {
 public:
  RevisionInputs(const Revision& revision, std::vector<std::string> judged, std::vector<std::string> ignore)
      : tree_(revision.tree), standpoint_(revision.folder, revision.top), whole_(revision.whole), may_lack_(revision.may_lack),
        changed_(revision.changed), judged_(std::move(judged)), ignore_(std::move(ignore)) {}

  Result<source::Selection> judged(std::span<const std::string> paths) const override {
    if (whole_) return all(paths);
    for (const std::string& written : paths) {
      const auto path = standpoint_.path_of(written);
      if (!path.ok()) return path.error();
      if (!is_known(*path)) return Error{ErrorCode::kArgument, written, "no such file or folder in what is judged"};
    }
    const auto selector = source::TreeSelector::make(tree_, standpoint_, ignore_);
    if (!selector.ok()) return selector.error();
    auto inputs = selector->some(judged_, paths);
    if (!inputs.ok()) return inputs.error();
    return source::Selection::of(std::move(*inputs));
  }

  Result<source::Selection> all(std::span<const std::string> paths) const override {
    std::vector<std::string> there;
    for (const std::string& written : paths) {
      const auto path = standpoint_.path_of(written);
      if (!path.ok()) return path.error();
      // A path whose last file has just gone holds nothing.
      const bool gone = (!whole_ || may_lack_) && tree_->resolve(*path).kind == source::EntryKind::kNone;
      if (!gone) there.push_back(written);
    }
    const auto selector = source::TreeSelector::make(tree_, standpoint_, ignore_);
    if (!selector.ok()) return selector.error();
    auto inputs = selector->all(there);
    if (!inputs.ok()) return inputs.error();
    return source::Selection::of(std::move(*inputs));
  }

 private:
  bool is_known(const std::string& path) const {
    if (path.find_first_of("*?[") != path.npos || tree_->kind(path) != source::EntryKind::kNone) return true;
    if (tree_->resolve(path).kind != source::EntryKind::kNone) return true;
    return std::any_of(changed_.begin(), changed_.end(),
                       [&](const std::string& changed) { return changed == path || changed.starts_with(path + "/"); });
  }

  const std::shared_ptr<const source::Tree> tree_;
  const source::Standpoint standpoint_;
  const bool whole_, may_lack_;
  const std::vector<std::string> changed_, judged_, ignore_;
};

Result<std::vector<source::Change>> changes_of(const source::Repository& repository, const RevisionSettings& settings,
                                               const source::Repository::Revision& tip) {
  source::Repository::Revision from = tip;
  if (!settings.changed_since.empty()) {
    const auto since = repository.find(settings.changed_since);
    if (!since.ok())
      return Error{since.error().code, "--changed-since " + since.error().subject, since.error().message};
    if (tip.id.empty()) {
      return Error{ErrorCode::kArgument, "--changed-since " + since->name, "there is no commit yet on this branch"};
    }
    auto base = repository.merge_base(*since, tip);
    if (!base.ok()) return Error{base.error().code, "--changed-since " + base.error().subject, base.error().message};
    from = std::move(*base);
  }
  if (settings.staged) return repository.changes_to_index(from);
  if (!settings.revision.empty() || repository.work_tree().empty()) return repository.changes(from, tip);
  return repository.changes_to_work_tree(from);
}

}  // namespace

Result<Revision> read_revision(const RevisionSettings& settings, const std::string& folder) {
  if (settings.staged && !settings.revision.empty()) {
    return Error{ErrorCode::kArgument, "", "--staged and --rev each say what is judged: give one of them"};
  }
  const auto repository = source::Repository::open(folder, settings.git_dir);
  if (!repository.ok()) return repository.error();
  const source::Repository& git = **repository;
  const bool bare = git.work_tree().empty();
  if (settings.staged && bare) {
    return Error{ErrorCode::kArgument, "--staged", "a bare repository has nothing staged: give --rev"};
  }

  Revision revision;
  revision.top = git.work_tree();
  revision.whole = (settings.changed_since.empty() && !settings.staged) || settings.may_lack;
  revision.may_lack = settings.may_lack;
  if (!bare) {
    std::error_code failed;
    const auto here = std::filesystem::canonical(folder, failed).lexically_relative(revision.top);
    // From outside (--git-dir) paths are told from the top.
    if (!failed && !here.empty() && here != "." && *here.begin() != "..") revision.folder = here.string();
  }
  auto tip = settings.revision.empty() ? git.head() : git.find(settings.revision);
  if (!tip.ok()) return Error{tip.error().code, "--rev " + tip.error().subject, tip.error().message};

  if (settings.staged) {
    auto tree = git.index();
    if (!tree.ok()) return tree.error();
    revision.tree = std::move(*tree);
  } else if (bare || !settings.revision.empty()) {
    if (tip->id.empty()) return Error{ErrorCode::kArgument, "HEAD", "there is no commit yet: give --rev"};
    auto tree = git.tree(*tip);
    if (!tree.ok()) return tree.error();
    revision.tree = std::move(*tree);
  } else {
    revision.tree = source::folder_tree(revision.top);
  }
  if (revision.whole) return revision;

  const auto changes = changes_of(git, settings, *tip);
  if (!changes.ok()) return changes.error();
  for (const source::Change& change : *changes) revision.changed.push_back(change.path);
  std::sort(revision.changed.begin(), revision.changed.end(), walks_before);
  if (!revision.changed.empty()) {
    const std::string top;
    revision.graph = std::make_shared<const gitops::Graph>(gitops::Graph::read(*revision.tree, std::span(&top, 1)));
    revision.overlays = revision.graph->reached_overlays(revision.changed);
  }
  return revision;
}

bool holds(const Revision& revision, const std::string& written) {
  const auto path = source::Standpoint(revision.folder, revision.top).path_of(written);
  if (!path.ok()) return false;
  return path->find_first_of("*?[") != path->npos || revision.tree->resolve(*path).kind != source::EntryKind::kNone;
}

void judge_revision(const Revision& revision, Options& options) {
  if (options.paths.empty()) options.paths = {revision.top.empty() ? "." : revision.top};
  std::set<std::string> judged(revision.changed.begin(), revision.changed.end());
  for (const std::string& overlay : revision.overlays) {
    for (std::string& file : revision.graph->files_of(overlay)) judged.insert(std::move(file));
  }
  std::vector<std::string> sorted(judged.begin(), judged.end());
  std::sort(sorted.begin(), sorted.end(), walks_before);
  options.surroundings = std::make_shared<const gitops::Surroundings>(revision.tree, revision.folder,
                                                                      std::vector<std::string>{"/"}, revision.graph);
  // A commit without any manifest is a sound one.
  options.allow_empty |= !revision.whole;
  options.inputs = std::make_shared<const RevisionInputs>(revision, std::move(sorted), options.ignore_patterns);
}

}  // namespace kubegate::run
