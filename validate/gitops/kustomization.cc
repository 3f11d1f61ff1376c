// A table says which fields name what; one walk over it reads a kustomization. From all of them come edges: folder →
// what it names. Backwards, the same edges answer the question of a change: a file is reached by the kustomizations that
// name it, a kustomization's folder by those that name the folder, and so on upwards; each folder once, so that cycles,
// which kustomize refuses, end here too. A folder that is named and has no kustomization (a chart) stands for all that
// lies below it.
//
// A file that several kustomizations share through symbolic links is named both by the link and by where it leads: a
// change to either reaches them.
//
// Tested in tests/validate/gitops/kustomization_test.cc.
#include "validate/gitops/kustomization.h"

#include <algorithm>
#include <deque>
#include <set>

#include "validate/document/read.h"

namespace kubegate::gitops {

namespace {

using document::Document;
using document::Kind;
using document::kNoNode;
using document::NodeIndex;
using source::EntryKind;

constexpr std::uint64_t kMaxFile = std::uint64_t{16} << 20;  // bytes of a kustomization
constexpr std::size_t kMaxOverlays = std::size_t{1} << 20;

// What a field holds.
enum class Form : std::uint8_t {
  kPaths,         // a list of paths
  kPathsOrTexts,  // a list, each a path or YAML written in place
  kPathMembers,   // a list of mappings with a member that is a path
  kKeyedPaths,    // a list of mappings with a member that is a list of "path" or "key=path"
};

struct Field {
  std::string_view name;
  Form form;
  std::string_view member;
  Role role;
  bool may_be_remote;
};

constexpr Field kFields[] = {
    {"resources", Form::kPaths, "", Role::kResource, true},
    {"bases", Form::kPaths, "", Role::kResource, true},
    {"components", Form::kPaths, "", Role::kComponent, true},
    {"crds", Form::kPaths, "", Role::kCrd, true},
    {"configurations", Form::kPaths, "", Role::kData, true},
    {"generators", Form::kPathsOrTexts, "", Role::kPlugin, true},
    {"transformers", Form::kPathsOrTexts, "", Role::kPlugin, true},
    {"validators", Form::kPathsOrTexts, "", Role::kPlugin, true},
    {"patchesStrategicMerge", Form::kPathsOrTexts, "", Role::kPatch, false},
    {"patches", Form::kPathMembers, "path", Role::kPatch, false},
    {"patchesJson6902", Form::kPathMembers, "path", Role::kPatch, false},
    {"replacements", Form::kPathMembers, "path", Role::kData, false},
    {"configMapGenerator", Form::kKeyedPaths, "files", Role::kData, true},
    {"configMapGenerator", Form::kKeyedPaths, "envs", Role::kData, true},
    {"configMapGenerator", Form::kPathMembers, "env", Role::kData, true},
    {"secretGenerator", Form::kKeyedPaths, "files", Role::kData, true},
    {"secretGenerator", Form::kKeyedPaths, "envs", Role::kData, true},
    {"secretGenerator", Form::kPathMembers, "env", Role::kData, true},
    {"helmCharts", Form::kPathMembers, "valuesFile", Role::kData, false},
    {"helmCharts", Form::kKeyedPaths, "additionalValuesFiles", Role::kData, false},
    {"helmChartInflationGenerator", Form::kPathMembers, "values", Role::kData, false},
};

// Whether kustomize would fetch it: a URL, or what git takes for one. Asked where no such file is in the tree.
bool is_remote(std::string_view text) {
  for (const std::string_view mark : {"://", "?ref=", "git@", "git::", "//"}) {
    if (text.find(mark) != text.npos) return true;
  }
  for (const std::string_view host : {"github.com/", "gitlab.com/", "bitbucket.org/", "gh:"}) {
    if (text.starts_with(host)) return true;
  }
  return false;
}

bool is_text(std::string_view text) {
  return text.find('\n') != text.npos || text.find(": ") != text.npos || text.starts_with('{');
}

class Collector {
 public:
  Collector(const Document& document, std::string_view folder) : document_(document), folder_(folder) {}

  std::vector<Reference> collect() {
    if (document_.empty() || document_[0].kind != Kind::kMap) return {};
    for (const Field& field : kFields) read(field);
    read_open_api();
    read_charts("helmCharts", "name", "repo", "version");
    read_charts("helmChartInflationGenerator", "chartName", "chartRepoUrl", "chartVersion");
    std::stable_sort(out_.begin(), out_.end(), [](const Reference& a, const Reference& b) { return a.node < b.node; });
    return std::move(out_);
  }

 private:
  template <class Visit>
  void each_item(NodeIndex list, const Visit& visit) const {
    if (list == kNoNode || document_[list].kind != Kind::kSequence) return;
    NodeIndex item = list + 1;
    for (std::uint32_t i = 0; i < document_[list].children.count; ++i, item = document_.next(item)) visit(item);
  }

  std::string_view text_at(NodeIndex node) const {
    return node != kNoNode && document_[node].kind == Kind::kString ? document_.text(node) : std::string_view();
  }

  void read(const Field& field) {
    each_item(document_.find(0, field.name), [&](NodeIndex item) {
      switch (field.form) {
        case Form::kPaths: add(item, text_at(item), field); break;
        case Form::kPathsOrTexts:
          if (!is_text(text_at(item))) add(item, text_at(item), field);
          break;
        case Form::kPathMembers: {
          const NodeIndex member = document_.find(item, field.member);
          add(member, text_at(member), field);
          break;
        }
        case Form::kKeyedPaths:
          each_item(document_.find(item, field.member), [&](NodeIndex entry) {
            const std::string_view text = text_at(entry);
            const std::size_t equals = field.member == "files" ? text.find('=') : text.npos;
            add(entry, equals == text.npos ? text : text.substr(equals + 1), field);
          });
          break;
      }
    });
  }

  void read_open_api() {
    const NodeIndex map = document_.find(0, "openapi");
    const NodeIndex path = map == kNoNode ? kNoNode : document_.find(map, "path");
    add(path, text_at(path), {"openapi", Form::kPaths, "", Role::kData, true});
  }

  // A chart lies below chartHome, where kustomize looks before it fetches one.
  void read_charts(std::string_view list, std::string_view name_field, std::string_view repo_field,
                   std::string_view version_field) {
    const NodeIndex globals = document_.find(0, "helmGlobals");
    const NodeIndex global_home = globals == kNoNode ? kNoNode : document_.find(globals, "chartHome");
    each_item(document_.find(0, list), [&](NodeIndex chart) {
      const NodeIndex name = document_.find(chart, name_field);
      const NodeIndex own_home = document_.find(chart, "chartHome");
      std::string_view home = text_at(own_home != kNoNode ? own_home : global_home);
      if (home.empty()) home = "charts";
      if (text_at(name).empty()) return;
      const std::string path = std::string(home) + "/" + std::string(text_at(name));
      add(name, path, {list, Form::kPaths, "", Role::kChart, false});
      if (!out_.empty() && out_.back().role == Role::kChart) {
        out_.back().repository = text_at(document_.find(chart, repo_field));
        out_.back().version = text_at(document_.find(chart, version_field));
        out_.back().optional = !out_.back().repository.empty();
      }
    });
  }

  void add(NodeIndex node, std::string_view written, const Field& field) {
    if (node == kNoNode || written.empty()) return;
    Reference reference;
    reference.role = field.role;
    reference.node = node;
    reference.written = written;
    reference.remote = field.may_be_remote && is_remote(written);
    if (!reference.remote && written.front() != '/') {
      reference.path = source::joined_path(folder_, written).value_or("");
    }
    out_.push_back(std::move(reference));
  }

  const Document& document_;
  const std::string_view folder_;
  std::vector<Reference> out_;
};

// Paths without links. What folders lead to is remembered: many files lie in few of them.
class Resolver {
 public:
  explicit Resolver(const source::Tree& tree) : tree_(tree) {}

  std::string resolve(const std::string& path) {
    const std::string_view parent = source::parent_of(path);
    auto folder = folders_.find(parent);
    if (folder == folders_.end()) {
      const auto place = tree_.resolve(parent);
      folder = folders_.emplace(parent, place.kind == EntryKind::kFolder ? place.path : std::string(parent)).first;
    }
    const std::string_view name = std::string_view(path).substr(parent.empty() ? 0 : parent.size() + 1);
    std::string whole = folder->second.empty() ? std::string(name) : folder->second + "/" + std::string(name);
    if (tree_.kind(whole) != EntryKind::kLink) return whole;
    const auto place = tree_.resolve(whole);
    return place.kind == EntryKind::kFile || place.kind == EntryKind::kFolder ? place.path : whole;
  }

 private:
  const source::Tree& tree_;
  std::map<std::string, std::string, std::less<>> folders_;
};

}  // namespace

std::vector<Reference> references_of(const Document& document, std::string_view folder) {
  return Collector(document, folder).collect();
}

bool is_component(const Document& document) {
  const NodeIndex kind = document.empty() ? kNoNode : document.find(0, "kind");
  return kind != kNoNode && document[kind].kind == Kind::kString && document.text(kind) == "Component";
}

Graph Graph::read(const source::Tree& tree, std::span<const std::string> roots) {
  Graph graph;
  Resolver resolver(tree);
  document::Document document;
  document::Reader reader;
  std::set<std::string> seen;  // folders
  std::deque<std::string> files;
  const auto look_at = [&](const std::string& file) {
    if (seen.size() < kMaxOverlays && seen.insert(std::string(source::parent_of(file))).second) files.push_back(file);
  };
  for (const std::string& root : roots) {
    for (const std::string& file : tree.find(root, kKustomizationNames)) look_at(file);
  }
  for (; !files.empty(); files.pop_front()) {
    Overlay overlay;
    overlay.file = std::move(files.front());
    overlay.folder = source::parent_of(overlay.file);
    auto text = tree.read(resolver.resolve(overlay.file), kMaxFile);
    if (text.ok()) {
      const auto slices = document::split(*text, document::Syntax::kYaml);
      if (!slices.empty()) {
        reader.read(slices.front(), document::Syntax::kYaml, {}, document);
        overlay.component = is_component(document);
        for (Reference& reference : references_of(document, overlay.folder)) {
          if (reference.remote) overlay.remotes.push_back(std::move(reference.written));
          if (reference.path.empty()) continue;
          const std::string resolved = resolver.resolve(reference.path);
          if (resolved != reference.path) overlay.edges.push_back({reference.role, std::move(reference.path)});
          // A folder outside of where the search began has a kustomization too.
          const bool folder = reference.role == Role::kResource || reference.role == Role::kComponent ||
                              reference.role == Role::kPlugin;
          if (folder && seen.count(resolved) == 0 && tree.kind(resolved) == EntryKind::kFolder) {
            for (const std::string_view name : kKustomizationNames) {
              const std::string file = resolved + "/" + std::string(name);
              if (tree.kind(file) == EntryKind::kNone) continue;
              look_at(file);
              break;
            }
          }
          overlay.edges.push_back({reference.role, resolved});
        }
      }
    }
    graph.overlays_.push_back(std::move(overlay));
  }
  std::sort(graph.overlays_.begin(), graph.overlays_.end(),
            [](const Overlay& a, const Overlay& b) { return a.folder < b.folder; });
  for (std::size_t i = 0; i < graph.overlays_.size(); ++i) {
    for (const Overlay::Edge& edge : graph.overlays_[i].edges) graph.named_[edge.path].push_back({i, edge.role});
  }
  return graph;
}

const Overlay* Graph::overlay_in(std::string_view folder) const {
  const auto found = std::lower_bound(overlays_.begin(), overlays_.end(), folder,
                                      [](const Overlay& overlay, std::string_view at) { return overlay.folder < at; });
  return found != overlays_.end() && found->folder == folder ? &*found : nullptr;
}

std::vector<std::size_t> Graph::reached(std::span<const std::string> paths) const {
  std::vector<bool> seen(overlays_.size(), false);
  std::vector<std::size_t> out;
  const auto add_namers = [&](std::string_view path, bool chart_only) {
    const auto found = named_.find(path);
    if (found == named_.end()) return;
    for (const Naming& naming : found->second) {
      if ((chart_only && naming.role != Role::kChart) || seen[naming.overlay]) continue;
      seen[naming.overlay] = true;
      out.push_back(naming.overlay);
    }
  };
  for (const std::string& path : paths) {
    add_namers(path, false);
    const std::string_view folder = source::parent_of(path);
    const std::string_view name = std::string_view(path).substr(folder.empty() ? 0 : folder.size() + 1);
    if (std::find(std::begin(kKustomizationNames), std::end(kKustomizationNames), name) !=
        std::end(kKustomizationNames)) {
      add_namers(folder, false);
      if (const Overlay* own = overlay_in(folder)) {
        const auto number = static_cast<std::size_t>(own - overlays_.data());
        if (!seen[number]) out.push_back(number);
        seen[number] = true;
      }
    }
    for (std::string_view above = folder; !above.empty(); above = source::parent_of(above)) add_namers(above, true);
  }
  for (std::size_t i = 0; i < out.size(); ++i) add_namers(overlays_[out[i]].folder, false);
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<std::string> Graph::reached_folders(std::span<const std::string> paths) const {
  std::vector<std::string> folders;
  for (const std::size_t i : reached(paths)) folders.push_back(overlays_[i].folder);
  return folders;
}

std::vector<std::string> Graph::reached_overlays(std::span<const std::string> paths) const {
  std::vector<std::string> folders;
  for (const std::size_t i : reached(paths)) {
    const Overlay& overlay = overlays_[i];
    if (is_built(overlay)) folders.push_back(overlay.folder);
  }
  return folders;
}

std::vector<std::string> Graph::files_of(std::string_view folder) const {
  std::set<std::string> files, seen;
  std::vector<const Overlay*> open;
  const auto enter = [&](std::string_view at) {
    const Overlay* overlay = overlay_in(at);
    if (overlay != nullptr && seen.insert(overlay->folder).second) open.push_back(overlay);
    return overlay != nullptr;
  };
  enter(folder);
  while (!open.empty()) {
    const Overlay* overlay = open.back();
    open.pop_back();
    files.insert(overlay->file);
    for (const Overlay::Edge& edge : overlay->edges) {
      if (!enter(edge.path) && edge.role != Role::kChart) files.insert(edge.path);
    }
  }
  return {files.begin(), files.end()};
}

bool Graph::is_built(const Overlay& overlay) const {
  return !overlay.component && named_.find(overlay.folder) == named_.end();
}

bool Graph::is_patch(std::string_view path) const {
  const auto found = named_.find(path);
  return found != named_.end() && std::all_of(found->second.begin(), found->second.end(),
                                              [](const Naming& naming) { return naming.role == Role::kPatch; });
}

std::string origin_of(const Document& document, NodeIndex object) {
  constexpr std::string_view kPath = "path:";
  NodeIndex at = document.find(object, "metadata");
  if (at != kNoNode) at = document.find(at, "annotations");
  if (at != kNoNode) at = document.find(at, "config.kubernetes.io/origin");
  if (at == kNoNode || document[at].kind != Kind::kString) return {};
  std::string path;
  for (std::string_view text = document.text(at); !text.empty();) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with("repo:")) return {};
    if (!line.starts_with(kPath)) continue;
    const std::size_t first = line.find_first_not_of(" '\"", kPath.size());
    if (first == line.npos) continue;
    path = line.substr(first, line.find_last_not_of(" '\"\r") + 1 - first);
  }
  return path;
}

}  // namespace kubegate::gitops
