// Most files ask nothing. A file is taken for what it says it is, and only one with findings asks whether it is a patch;
// the kustomizations around are read then, once for the whole run. A run in which everything is sound never looks.
//
// Tested in tests/validate/gitops/surroundings_test.cc and tests/validate/run/kustomization_test.cc.
#include "validate/gitops/surroundings.h"

#include <algorithm>
#include <array>

#include "validate/base/suggest.h"
#include "validate/document/path.h"

namespace kubegate::gitops {

namespace {

using document::Document;
using document::Kind;
using document::kNoNode;
using document::NodeIndex;
using source::EntryKind;

// Fields that kustomize warns of, or has marked as deprecated in its types, and what took their place.
constexpr std::array<std::string_view, 2> kDeprecated[] = {
    {"bases", "resources"},   {"commonLabels", "labels"},     {"helmChartInflationGenerator", "helmCharts"},
    {"imageTags", "images"},  {"patchesJson6902", "patches"}, {"patchesStrategicMerge", "patches"},
    {"vars", "replacements"},
};

Finding finding_at(const Document& document, NodeIndex node, std::string_view rule, std::string message) {
  Finding finding;
  finding.rule = rule;
  finding.message = std::move(message);
  finding.span = document[node].span();
  finding.pointer = document::pointer_to(document, node);
  return finding;
}

std::string_view text_of(const Document& document, NodeIndex node) {
  return node != kNoNode && document[node].kind == Kind::kString ? document.text(node) : std::string_view();
}

std::string_view noun_of(Role role) {
  switch (role) {
    case Role::kResource: return "file or folder";
    case Role::kComponent: return "folder";
    case Role::kPatch: return "patch";
    case Role::kCrd: return "file";
    case Role::kPlugin: return "file or folder";
    case Role::kData: return "file";
    case Role::kChart: return "chart";
  }
  return "file";
}

bool has_kustomization(const source::Tree& tree, const std::string& folder) {
  return std::any_of(std::begin(kKustomizationNames), std::end(kKustomizationNames), [&](std::string_view name) {
    return tree.kind(folder + "/" + std::string(name)) != EntryKind::kNone;
  });
}

}  // namespace

Surroundings::Surroundings(std::shared_ptr<const source::Tree> tree, std::string folder, std::vector<std::string> roots,
                           std::shared_ptr<const Graph> graph)
    : tree_(std::move(tree)), folder_(std::move(folder)), roots_(std::move(roots)), graph_(std::move(graph)) {}

std::string Surroundings::in_tree(std::string_view path) const {
  return source::joined_path(path.starts_with('/') ? std::string_view() : folder_, path).value_or("");
}

bool Surroundings::is_patch(std::string_view path) const {
  std::call_once(read_, [&] {
    if (graph_ != nullptr) return;
    std::vector<std::string> roots;
    for (const std::string& root : roots_) {
      const source::Tree::Place place = tree_->resolve(in_tree(root));
      if (place.kind == EntryKind::kFolder) {
        roots.push_back(place.path);
        continue;
      }
      // Who names a file alone works in the folder around it: any kustomization there may name the file too.
      const bool here = !folder_.empty() && place.path.starts_with(folder_ + "/");
      roots.push_back(here ? folder_ : std::string(source::parent_of(place.path)));
    }
    graph_ = std::make_shared<const Graph>(Graph::read(*tree_, roots));
  });
  const std::string place = in_tree(path);
  return graph_->is_patch(place) || graph_->is_patch(tree_->resolve(place).path);
}

void Surroundings::check_references(const Document& document, std::string_view path, std::vector<Finding>& out) const {
  if (document.empty() || document[0].kind != Kind::kMap) return;
  for (const auto& [name, successor] : kDeprecated) {
    const NodeIndex value = document.find(0, name);
    if (value == kNoNode || document[value].kind == Kind::kNull) continue;
    Finding finding =
        finding_at(document, value, "kustomization/deprecated-field",
                   std::string(name) + " is deprecated: use " + std::string(successor) + " (kustomize edit fix)");
    finding.severity = Severity::kWarning;
    finding.span = document[value - 1].span();
    finding.field = name;
    out.push_back(std::move(finding));
  }
  const std::string folder(source::parent_of(in_tree(path)));
  for (const Reference& reference : references_of(document, folder)) check_exists(document, reference, out);
}

void Surroundings::check_exists(const Document& document, const Reference& reference, std::vector<Finding>& out) const {
  if (reference.remote) return;
  const auto tell = [&](std::string message) {
    out.push_back(finding_at(document, reference.node, "kustomization/missing-file", std::move(message)));
  };
  if (reference.written.starts_with('/')) return tell("an absolute path: kustomize takes paths from its own folder");
  if (reference.path.empty()) return;  // above the top of the tree: not ours to tell
  const source::Tree::Place place = tree_->resolve(reference.path);
  if (place.kind == EntryKind::kFolder) {
    const bool wants_file =
        reference.role == Role::kPatch || reference.role == Role::kData || reference.role == Role::kCrd;
    if (wants_file) return tell("\"" + reference.written + "\" is a folder, not a file");
    if (reference.role != Role::kChart && !has_kustomization(*tree_, place.path)) {
      tell("there is no kustomization.yaml in the folder \"" + reference.written + "\"");
    }
    return;
  }
  if (place.kind == EntryKind::kFile && reference.role == Role::kComponent) {
    return tell("\"" + reference.written + "\" is a file; a component is a folder with a kustomization.yaml");
  }
  // What a submodule or a link out of the tree holds cannot be seen from here.
  if (place.kind != EntryKind::kNone || reference.optional) return;
  for (std::string_view above = place.path; !above.empty(); above = source::parent_of(above)) {
    if (tree_->kind(above) == EntryKind::kSubmodule) return;
  }
  std::string message = "there is no " + std::string(noun_of(reference.role)) + " \"" + reference.written + "\"";
  const auto entries = tree_->list(tree_->resolve(source::parent_of(reference.path)).path);
  if (entries.ok()) {
    std::vector<std::string_view> names;
    for (const source::Entry& entry : *entries) names.push_back(entry.name);
    const std::size_t slash = reference.written.rfind('/');
    const std::size_t begin = slash == std::string::npos ? 0 : slash + 1;
    const std::string_view nearest = nearest_name(std::string_view(reference.written).substr(begin), names);
    if (!nearest.empty())
      message += ", did you mean \"" + reference.written.substr(0, begin) + std::string(nearest) + "\"?";
  }
  tell(std::move(message));
}

bool is_json_patch(const Document& document) {
  if (document.empty() || document[0].kind != Kind::kSequence || document[0].children.count == 0) return false;
  return document.find(1, "op") != kNoNode;
}

void check_json_patch(const Document& document, std::vector<Finding>& out) {
  constexpr std::string_view kRule = "kustomization/patch";
  NodeIndex item = 1;
  for (std::uint32_t i = 0; i < document[0].children.count; ++i, item = document.next(item)) {
    const auto tell = [&](NodeIndex node, std::string message) {
      out.push_back(finding_at(document, node, kRule, std::move(message)));
    };
    if (document[item].kind != Kind::kMap) {
      tell(item, "an operation of a JSON patch is a mapping with op and path");
      continue;
    }
    const NodeIndex op = document.find(item, "op");
    const std::string_view name = text_of(document, op);
    constexpr std::string_view kOperations[] = {"add", "remove", "replace", "move", "copy", "test"};
    if (op == kNoNode) {
      tell(item, "an operation of a JSON patch needs an op: add, remove, replace, move, copy or test");
    } else if (std::find(std::begin(kOperations), std::end(kOperations), name) == std::end(kOperations)) {
      const std::string_view nearest = nearest_name(name, kOperations);
      tell(op, "a JSON patch has no operation \"" + std::string(name) + "\"" +
                   (nearest.empty() ? std::string() : ", did you mean \"" + std::string(nearest) + "\"?"));
    }
    const auto check_path = [&](std::string_view key) {
      const NodeIndex path = document.find(item, key);
      if (path == kNoNode) {
        tell(item, "an operation \"" + std::string(name) + "\" needs a " + std::string(key));
      } else if (document[path].kind != Kind::kString ||
                 !(document.text(path).empty() || document.text(path)[0] == '/')) {
        tell(path, "a path in a JSON patch starts with \"/\" (RFC 6901)");
      }
    };
    check_path("path");
    if (name == "move" || name == "copy") check_path("from");
    const bool wants_value = name == "add" || name == "replace" || name == "test";
    if (wants_value && document.find(item, "value") == kNoNode) {
      tell(item, "an operation \"" + std::string(name) + "\" needs a value");
    }
  }
}

void keep_findings_of_patch(std::vector<Finding>& findings) {
  constexpr std::string_view kOfWholes[] = {"schema/required",   "schema/combination", "schema/null",
                                            "schema/properties", "schema/items",       "schema/duplicate-item"};
  std::erase_if(findings, [&](const Finding& finding) {
    const bool directive =
        finding.rule == "schema/unknown-field" && finding.pointer.compare(finding.pointer.rfind('/') + 1, 1, "$") == 0;
    // A "/" in a directive's name ($setElementOrder/ports) is written ~1 in a pointer.
    return directive || std::find(std::begin(kOfWholes), std::end(kOfWholes), finding.rule) != std::end(kOfWholes);
  });
}

}  // namespace kubegate::gitops
