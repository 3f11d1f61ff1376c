// Rendering: from a folder of the repository to the manifests that would go to a cluster.
//
// A folder with a kustomization is rendered by an installed `kustomize build`, or `kubectl kustomize` where that is what
// there is; a chart by `helm template`. Nothing is fetched unless the network is allowed: what a kustomization names from
// elsewhere is refused before anything runs, with the line that names it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "validate/base/result.h"
#include "validate/gitops/kustomization.h"
#include "validate/source/cache.h"
#include "validate/source/tree.h"

namespace kubegate::gitops {

struct RenderSettings {
  std::string kustomize;  // path or name of kustomize or kubectl; "": whichever of them PATH has, in this order
  std::vector<std::string> kustomize_arguments;
  std::string helm;  // "": helm
  std::vector<std::string> helm_arguments;
  bool network = false;
  std::chrono::milliseconds time = std::chrono::seconds(60);  // for one folder
  // The folder in the tree of what was fetched before (vendored.h); "": none.
  std::string vendor;
  std::shared_ptr<source::Cache> cache;    // of what was rendered before, here or elsewhere; null: none
  std::shared_ptr<source::Cache> machine;  // of what holds on this machine alone; null: none
};

// What is to be rendered.
struct RenderRequest {
  enum class Kind : std::uint8_t { kKustomization, kChart };
  Kind kind = Kind::kKustomization;
  std::string folder;  // in the tree, without links
  // Of a chart.
  std::string release = "release-name", namespace_ = "default";
  std::vector<std::string> values;                              // files, in the tree; later ones win
  std::string values_text;                                      // YAML; wins over the files
  std::vector<std::pair<std::string, std::string>> parameters;  // --set
  std::vector<std::pair<std::string, std::string>> texts;       // --set-string
  std::string kubernetes_version;                               // "1.29"; "": helm's own
  std::vector<std::string> api_versions;                        // that the cluster serves besides
  bool crds = true;                                             // those of the chart's crds/
  // Of a kustomization: YAML of fields to be laid over it (namePrefix, images, patches, …) as by an overlay above it.
  std::string overlay;
};

// A file that decides about what comes out.
struct RenderInput {
  std::string path;    // in the tree
  std::string digest;  // SHA-256 of what it holds, or where the link leads, in hexadecimal; "": there is no such file
  bool link = false;
};

struct Rendered {
  std::string text;                         // of all objects
  std::string fault;                        // "": it was rendered; otherwise what is wrong, for the user
  std::string_view rule = "render/failed";  // of the fault
  std::string file;  // of the fault: the kustomization that it is about, in the tree; "": the folder as a whole
  std::uint32_t line = 0, column = 0;  // in it
  std::string errors;                  // what the renderer wrote to its standard error
  std::chrono::milliseconds wall{};
  bool isolated = false;  // without any network
  bool cached = false;

  bool ok() const { return fault.empty(); }
};

// Renders folders of one tree; any thread may call any of it.
class Renderer {
 public:
  // `top`: where the tree stands in the file system, absolute; "": nowhere (a commit, the index), and what is rendered
  // is laid out in a temporary folder first. Errors: a program of the settings that is not there. What PATH lacks is the
  // fault of those who need it.
  static Result<std::unique_ptr<Renderer>> make(std::shared_ptr<const source::Tree> tree, std::string top,
                                                std::shared_ptr<const Graph> graph, RenderSettings settings);
  virtual ~Renderer() = default;

  // Errors: kIo, what has nothing to do with the folder: no room for a temporary file, no more processes.
  virtual Result<Rendered> render(const RenderRequest& request) const = 0;

  // The files that decide about what comes out, by path: those that the graph knows, charts and values as a whole, and
  // those that are named and not there.
  virtual std::vector<RenderInput> inputs(const RenderRequest& request) const = 0;

  // The renderer that a request asks for, its version and arguments, digested: "" where there is none.
  virtual std::string identity(const RenderRequest& request) const = 0;
};

// The folders to be rendered below these paths of the tree: one with a kustomization is itself; of another those that
// no kustomization below or above it takes for its base, by name.
std::vector<std::string> overlays_below(const Graph& graph, std::string_view path);

}  // namespace kubegate::gitops
