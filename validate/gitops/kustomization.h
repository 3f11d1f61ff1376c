// Kustomizations: what a kustomization file names, and which folder reaches what through them.
//
// The rules are kustomize's (api/types Kustomization and Component, api/internal/target): what is a file, what a folder,
// what may be a URL, what is text written in place.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "validate/base/finding.h"
#include "validate/document/document.h"
#include "validate/source/tree.h"

namespace kubegate::gitops {

// The names by which kustomize knows its input in a folder.
inline constexpr std::string_view kKustomizationNames[] = {"kustomization.yaml", "kustomization.yml", "Kustomization"};

// How a kustomization uses what it names.
enum class Role : std::uint8_t {
  kResource,   // a file of objects, or a folder with a kustomization
  kComponent,  // a folder with a Component
  kPatch,      // a strategic-merge or JSON 6902 patch
  kCrd,
  kPlugin,  // generators, transformers, validators: a file of their configuration, or a folder with a kustomization
  kData,    // any other file: of a generator, values, configurations, the OpenAPI schema, replacements
  kChart,   // the folder of a Helm chart
};

struct Reference {
  Role role = Role::kResource;
  document::NodeIndex node = 0;  // where it is written
  std::string written;
  std::string path;                 // in the tree; "" where it leads out of it
  bool remote = false;              // a URL: noted, not followed
  bool optional = false;            // it need not be there: a chart that is fetched
  std::string repository, version;  // of such a chart
};

// What a Kustomization or Component that stands in `folder` names, in the order of the file. Never fails: what is not of
// the right type names nothing.
std::vector<Reference> references_of(const document::Document& document, std::string_view folder);

// Whether the root is a Component rather than a Kustomization.
bool is_component(const document::Document& document);

// A folder with a kustomization.
struct Overlay {
  std::string folder;
  std::string file;        // its kustomization
  bool component = false;  // takes part in others, is never built by itself
  struct Edge {
    Role role = Role::kResource;
    std::string path;  // in the tree, without links
  };
  std::vector<Edge> edges;
  std::vector<std::string> remotes;  // URLs
};

// All kustomizations of a tree, and what reaches what. Cycles are harmless: each folder is looked at once.
class Graph {
 public:
  // Those below `roots`, and below the folders that these name. Files that cannot be read or understood have no edges.
  static Graph read(const source::Tree& tree, std::span<const std::string> roots);

  const std::vector<Overlay>& overlays() const { return overlays_; }  // by folder

  // The folders whose kustomization reaches one of the paths, directly or through others, by their names. Paths may be
  // of files that are gone.
  std::vector<std::string> reached_folders(std::span<const std::string> paths) const;
  // Those of them that are built: no Component, and reached by no other kustomization's resources.
  std::vector<std::string> reached_overlays(std::span<const std::string> paths) const;
  // The files that the folder's kustomization reaches, itself and those of others that it goes through among them.
  std::vector<std::string> files_of(std::string_view folder) const;

  // Whether all kustomizations that name the file name it as a patch, and there is one.
  bool is_patch(std::string_view path) const;

  // The one in a folder, which is given without links; null where there is none.
  const Overlay* overlay_in(std::string_view folder) const;
  // Whether it is one that is built: no Component, and reached by no other kustomization.
  bool is_built(const Overlay& overlay) const;

 private:
  std::vector<std::size_t> reached(std::span<const std::string> paths) const;

  struct Naming {
    std::size_t overlay;
    Role role;
  };
  std::vector<Overlay> overlays_;
  std::map<std::string, std::vector<Naming>, std::less<>> named_;  // by what is named
};

// Where `kustomize build` says that an object came from: the path of its annotation config.kubernetes.io/origin; "" where
// it has none, or a remote one.
std::string origin_of(const document::Document& document, document::NodeIndex object);

}  // namespace kubegate::gitops
