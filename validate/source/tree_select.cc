// A walk of a tree asks the same questions of a name as the walk of a folder in select.cc (skip.h has them), but over
// Tree, and of any path by itself: what is known of a folder (whether a chart lies in it, whether it is among a chart's
// templates) is worked out from the folders above it, and remembered. So the files of a change are told apart as the
// whole walk tells them apart, without the walk.
//
// Tested in tests/validate/source/git_test.cc.
#include "validate/source/tree_select.h"

#include <fnmatch.h>
#include <re2/re2.h>

#include <algorithm>
#include <filesystem>

#include "validate/source/glob.h"
#include "validate/source/ignore.h"

namespace kubegate::source {

namespace {

constexpr int kMaxDepth = 256;  // folders in one another, links followed
constexpr std::size_t kMaxInputs = std::size_t{1} << 22;

std::string_view name_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }

bool lies_below(std::string_view path, std::string_view folder) {
  return folder.empty() || path == folder ||
         (path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/');
}

// Whether the path, or a folder that it lies in, matches the pattern, component by component.
bool matches(std::string_view path, std::string_view pattern) {
  const auto cut = [](std::string_view& text) {
    const std::size_t end = std::min(text.find('/'), text.size());
    const std::string_view first = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return first;
  };
  if (pattern.empty()) return true;
  std::string_view rest = pattern;
  const std::string component(cut(rest));
  if (component == "**") {
    if (matches(path, rest)) return true;
    if (path.empty() || path.front() == '.') return false;
    cut(path);
    return !path.empty() && matches(path, pattern);
  }
  if (path.empty()) return false;
  const std::string name(cut(path));
  return fnmatch(component.c_str(), name.c_str(), FNM_PERIOD) == 0 && matches(path, rest);
}

}  // namespace

Result<std::string> Standpoint::path_of(const std::string& written) const {
  const bool absolute = written.starts_with('/');
  if (absolute && top_.empty())
    return Error{ErrorCode::kArgument, written, "a path from the top of the tree is wanted"};
  if (absolute && !lies_below(written, top_)) {
    return Error{ErrorCode::kArgument, written, "lies outside of the repository " + top_};
  }
  const auto path =
      absolute ? joined_path("", std::string_view(written).substr(top_.size())) : joined_path(folder_, written);
  if (!path) return Error{ErrorCode::kArgument, written, "lies outside of the repository " + top_};
  return *path;
}

std::string Standpoint::shown(std::string_view path) const {
  if (folder_.empty()) return path.empty() ? "." : std::string(path);
  return std::filesystem::path("/" + std::string(path)).lexically_relative("/" + folder_).string();
}

struct TreeSelector::State {
  State(std::shared_ptr<const Tree> of, Standpoint stands) : tree(std::move(of)), standpoint(std::move(stands)) {}

  // What the name of an entry is judged by.
  FolderTraits traits_of(const std::string& folder) {
    const auto known = traits.find(folder);
    if (known != traits.end()) return known->second;
    FolderTraits made;
    made.chart = tree->kind(folder.empty() ? "Chart.yaml" : folder + "/Chart.yaml") != EntryKind::kNone;
    made.workflows = ("/" + folder + "/").find("/.github/workflows/") != std::string::npos;
    if (!folder.empty()) {
      const FolderTraits above = traits_of(std::string(parent_of(folder)));
      made.chart_templates = above.chart_templates || (above.chart && name_of(folder) == "templates");
    }
    traits.emplace(folder, made);
    return made;
  }

  bool ignored(const std::string& shown) const {
    return std::any_of(ignore.begin(), ignore.end(),
                       [&](const auto& expression) { return RE2::PartialMatch(shown, *expression); });
  }

  void skip(const std::string& path, SkipReason reason) {
    put({.path = standpoint.shown(path), .kind = Input::Kind::kSkipped, .reason = reason});
  }

  void put(Input input) {
    if (inputs.size() >= kMaxInputs) return;
    if (seen.insert(input.path).second) inputs.push_back(std::move(input));
  }

  // A file, or a link to one. `named`: on the command line itself.
  void add_file(const std::string& path, bool named) {
    const std::string name(name_of(path));
    if (!named && !has_manifest_extension(name)) return;
    Input input{.path = standpoint.shown(path), .named = named};
    if (ignored(input.path)) return skip(path, SkipReason::kIgnored);
    const Tree::Place place = tree->resolve(path);
    if (place.kind == EntryKind::kSubmodule) return skip(path, SkipReason::kSubmodule);
    if (place.kind == EntryKind::kSpecial) return skip(path, SkipReason::kLink);
    const FolderTraits folder = traits_of(std::string(parent_of(path)));
    if (place.kind != EntryKind::kFile) {
      input.kind = Input::Kind::kFailed;
      input.error = "a symbolic link that leads nowhere";
      return put(std::move(input));
    }
    if (const auto reason = named ? std::nullopt : reason_to_skip(name, folder)) return skip(path, *reason);
    input.chart_template = folder.chart_templates;
    input.kind = Input::Kind::kContent;
    input.content = tree->content(place.path);
    put(std::move(input));
  }

  void walk(const std::string& folder, int depth) {
    const auto entries = tree->list(tree->resolve(folder).path);
    if (!entries.ok()) {
      return put({.path = standpoint.shown(folder), .kind = Input::Kind::kFailed, .error = entries.error().message});
    }
    for (const Entry& entry : *entries) {
      const std::string path = folder.empty() ? entry.name : folder + "/" + entry.name;
      EntryKind kind = entry.kind;
      if (kind == EntryKind::kLink && depth < kMaxDepth) {
        const Tree::Place place = tree->resolve(path);
        // A folder that is reached again below itself is being walked already.
        if (place.kind == EntryKind::kFolder && lies_below(folder, place.path)) continue;
        if (place.kind == EntryKind::kFolder) kind = EntryKind::kFolder;
      }
      if (kind == EntryKind::kFolder) {
        if (entry.name.front() == '.') {
          skip(path, SkipReason::kHiddenFolder);
        } else if (depth < kMaxDepth && inputs.size() < kMaxInputs) {
          walk(path, depth + 1);
        }
      } else if (kind == EntryKind::kSubmodule) {
        skip(path, SkipReason::kSubmodule);
      } else if (kind == EntryKind::kFile || kind == EntryKind::kLink) {
        add_file(path, false);
      }
    }
  }

  void add(const std::string& path, bool named) {
    const Tree::Place place = tree->resolve(path);
    if (place.kind == EntryKind::kFolder) return walk(path, 0);
    if (place.kind == EntryKind::kSubmodule) return skip(path, SkipReason::kSubmodule);
    add_file(path, named);
  }

  // Of a path that changed: the hidden folder that it lies in stands for it, unless the user named that.
  void add_changed(const std::string& path, std::string_view base) {
    for (std::size_t at = base.empty() ? 0 : base.size() + 1; at < path.size();) {
      const std::size_t slash = path.find('/', at);
      if (slash == path.npos) break;
      if (path[at] == '.') return skip(path.substr(0, slash), SkipReason::kHiddenFolder);
      at = slash + 1;
    }
    const EntryKind kind = tree->kind(path);
    if (kind == EntryKind::kNone || kind == EntryKind::kFolder) return;
    if (kind == EntryKind::kSubmodule) return skip(path, SkipReason::kSubmodule);
    if (kind == EntryKind::kLink && tree->resolve(path).kind == EntryKind::kFolder) return walk(path, 0);
    add_file(path, false);
  }

  std::vector<Input> take() {
    seen.clear();
    return std::exchange(inputs, {});
  }

  const std::shared_ptr<const Tree> tree;
  const Standpoint standpoint;
  std::vector<std::unique_ptr<RE2>> ignore;
  std::map<std::string, FolderTraits> traits;
  std::vector<Input> inputs;
  std::set<std::string> seen;  // their paths
};

TreeSelector::TreeSelector(std::unique_ptr<State> state) : state_(std::move(state)) {}
TreeSelector::TreeSelector(TreeSelector&&) noexcept = default;
TreeSelector& TreeSelector::operator=(TreeSelector&&) noexcept = default;
TreeSelector::~TreeSelector() = default;

Result<TreeSelector> TreeSelector::make(std::shared_ptr<const Tree> tree, Standpoint standpoint,
                                        std::span<const std::string> ignore) {
  auto state = std::make_unique<State>(std::move(tree), std::move(standpoint));
  auto expressions = compile_ignore(ignore);
  if (!expressions.ok()) return expressions.error();
  state->ignore = std::move(*expressions);
  return TreeSelector(std::move(state));
}

Result<std::vector<Input>> TreeSelector::all(std::span<const std::string> paths) const {
  for (const std::string& written : paths) {
    const auto path = state_->standpoint.path_of(written);
    if (!path.ok()) return path.error();
    if (state_->tree->kind(*path) != EntryKind::kNone || state_->tree->resolve(*path).kind != EntryKind::kNone) {
      state_->add(*path, true);
      continue;
    }
    // A pattern: what matches is what a walk finds below its literal beginning.
    const std::size_t glob = path->find_first_of("*?[");
    bool found = false;
    if (glob != path->npos) {
      const std::string base(parent_of(std::string_view(*path).substr(0, glob)));
      State below(state_->tree, state_->standpoint);
      below.walk(base, 0);
      for (Input& input : below.take()) {
        const auto at = state_->standpoint.path_of(input.path);
        if (!at.ok() || !matches(*at, *path)) continue;
        found = true;
        if (state_->ignored(input.path)) {
          input = {.path = std::move(input.path), .kind = Input::Kind::kSkipped, .reason = SkipReason::kIgnored};
        }
        state_->put(std::move(input));
      }
    }
    if (!found) return Error{ErrorCode::kArgument, written, "no such file in the tree that is judged"};
  }
  return state_->take();
}

Result<std::vector<Input>> TreeSelector::some(std::span<const std::string> paths,
                                              std::span<const std::string> within) const {
  std::vector<std::string> bounds;
  for (const std::string& written : within) {
    const auto path = state_->standpoint.path_of(written);
    if (!path.ok()) return path.error();
    bounds.push_back(*path);
  }
  for (const std::string& path : paths) {
    for (const std::string& bound : bounds) {
      const bool glob = has_glob(bound);
      if (glob ? !matches(path, bound) : !lies_below(path, bound)) continue;
      state_->add_changed(path, glob ? std::string_view() : path == bound ? parent_of(bound) : std::string_view(bound));
      break;
    }
  }
  return state_->take();
}

}  // namespace kubegate::source
