// What a renderer gets to see is what the graph knows of a folder, and nothing else decides about what comes out: the
// tree's files below the kustomizations that it reaches, an environment without the user's settings, a home folder of
// its own, and no network. So the files' digests are the key by which the output may be kept (source/cache.h).
//
// In a work tree the folder is rendered where it stands. A commit, the index, and what names things from elsewhere that
// were fetched before are laid out in a temporary folder first: as many files as the graph reaches, links as links, with
// the URLs of kustomizations replaced by where the fetched copies stand.
//
// Tested in tests/validate/gitops/render_test.cc.
#include "validate/gitops/render.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <set>

#include "validate/base/digest.h"
#include "validate/document/position.h"
#include "validate/document/read.h"
#include "validate/gitops/vendored.h"
#include "validate/source/program.h"
#include "validate/source/read.h"
#include "validate/source/temporary.h"

namespace kubegate::gitops {

namespace {

namespace fs = std::filesystem;
using document::NodeIndex;
using source::EntryKind;
using source::ProgramRun;

constexpr std::uint64_t kMaxFile = std::uint64_t{256} << 20;
constexpr std::size_t kMaxFiles = std::size_t{1} << 20;  // of one chart

// All files and links below a folder.
void files_below(const source::Tree& tree, const std::string& folder, int depth, std::vector<std::string>& out) {
  const auto entries = tree.list(folder);
  if (!entries.ok() || depth > 64) return;
  for (const source::Entry& entry : *entries) {
    if (out.size() > kMaxFiles) return;
    const std::string path = source::child_of(folder, entry.name);
    entry.kind == EntryKind::kFolder ? files_below(tree, path, depth + 1, out) : out.push_back(path);
  }
}

// The links that lead to a path, and where they lead in the end: each component is looked at once.
struct Way {
  std::vector<std::pair<std::string, std::string>> links;  // path, target
  std::string path;
};
Way way_to(const source::Tree& tree, std::string_view path) {
  constexpr std::size_t kMaxLinks = 40;
  Way way;
  std::string rest(path);
  while (!rest.empty()) {
    const std::size_t slash = rest.find('/');
    const std::string at = source::child_of(way.path, rest.substr(0, slash));
    rest = slash == rest.npos ? "" : rest.substr(slash + 1);
    if (tree.kind(at) != EntryKind::kLink) {
      way.path = at;
      continue;
    }
    const auto target = tree.read(at, 4096);
    const auto next = !target.ok() || target->starts_with('/')
                          ? std::nullopt
                          : source::joined_path(way.path, source::child_of(*target, rest));
    way.links.emplace_back(at, target.ok() ? *target : "");
    if (!next || way.links.size() > kMaxLinks) {
      way.path = at;
      return way;
    }
    rest = *next;
    way.path.clear();
  }
  return way;
}

bool is_kubectl(std::string_view program) { return program.substr(program.rfind('/') + 1).starts_with("kubectl"); }

bool enables_helm(const std::vector<std::string>& arguments) {
  return std::any_of(arguments.begin(), arguments.end(), [](std::string_view argument) {
    return argument == "--enable-helm" || argument == "--enable-helm=true";
  });
}

class FolderRenderer final : public Renderer {
 public:
  FolderRenderer(std::shared_ptr<const source::Tree> tree, std::string top, std::shared_ptr<const Graph> graph,
                 RenderSettings settings)
      : tree_(std::move(tree)), top_(std::move(top)), graph_(std::move(graph)), settings_(std::move(settings)) {}

  Result<Done> prepare() {
    for (const auto& [name, what] : {std::pair(&settings_.kustomize, "kustomize"), {&settings_.helm, "helm"}}) {
      if (name->empty()) continue;
      const std::string found = source::find_program(*name);
      if (found.empty())
        return Error{ErrorCode::kArgument, *name,
                     std::string("there is no such program; it was to be the ") + what + " that renders"};
      *name = fs::absolute(found).string();
    }
    if (settings_.kustomize.empty()) settings_.kustomize = source::find_program("kustomize");
    if (settings_.kustomize.empty()) settings_.kustomize = source::find_program("kubectl");
    if (settings_.helm.empty()) settings_.helm = source::find_program("helm");
    auto vendored = Vendored::read(*tree_, settings_.vendor);
    if (!vendored.ok()) return vendored.error();
    vendored_ = std::move(*vendored);
    return Done{};
  }

  Result<Rendered> render(const RenderRequest& request) const override {
    const bool chart = request.kind == RenderRequest::Kind::kChart;
    if (chart && settings_.helm.empty()) {
      return Error{
          ErrorCode::kIo, request.folder,
          "a chart is rendered by helm, which is not on PATH: install helm (https://helm.sh/docs/intro/install; "
          "the package helm of Homebrew, Alpine and Snap)"};
    }
    if (!chart && settings_.kustomize.empty()) {
      return Error{ErrorCode::kIo, request.folder,
                   "a kustomization is rendered by kustomize or kubectl, and neither is on PATH: install kustomize "
                   "(https://kubectl.docs.kubernetes.io/installation/kustomize; the package kustomize of Homebrew and "
                   "Alpine) or kubectl"};
    }
    Rendered rendered;
    bool elsewhere = false;  // something of it stands in the vendor folder
    if (!chart) {
      check_remotes(request.folder, rendered, elsewhere);
      if (!rendered.ok()) return rendered;
    }
    const std::string key = settings_.cache ? key_of(request, false) : "";
    if (!key.empty()) {
      if (auto kept = settings_.cache->get(key)) {
        rendered.text = std::move(*kept);
        rendered.cached = true;
        return rendered;
      }
    }
    auto place = place_of(request, elsewhere);
    if (!place.ok()) return place.error();

    auto arguments = chart ? chart_arguments(request, *place) : kustomization_arguments(request, *place);
    if (!arguments.ok()) return arguments.error();
    source::Program program;
    program.arguments = std::move(*arguments);
    program.folder = place->top;
    program.environment = environment();
    program.network = settings_.network;
    program.time = settings_.time;
    auto run = source::run_program(program);
    if (!run.ok()) return run.error();
    rendered.text = std::move(run->output);
    rendered.errors = std::move(run->errors);
    rendered.wall = run->wall;
    rendered.isolated = run->isolated;
    rendered.fault = fault_of(program, *run, rendered.errors, place->top);
    if (!rendered.ok()) {
      rendered.text.clear();
    } else if (!key.empty() && key_of(request, true) == key) {  // nothing has changed under way
      settings_.cache->put(key, rendered.text);
    }
    return rendered;
  }

  std::vector<RenderInput> inputs(const RenderRequest& request) const override { return inputs(request, true); }

 private:
  // `again`: files are digested again, also those that were before.
  std::vector<RenderInput> inputs(const RenderRequest& request, bool again) const {
    std::map<std::string, RenderInput> out;
    const auto add = [&](const std::string& path) {
      const Way way = way_to(*tree_, path);
      for (const auto& [link, target] : way.links) out[link] = {link, sha256(target), true};
      if (out.count(way.path) == 0) out[way.path] = {way.path, digest_of(way.path, again), false};
    };
    for (const std::string& path : files_for(request)) add(path);
    std::vector<RenderInput> list;
    for (auto& [path, input] : out) list.push_back(std::move(input));
    return list;
  }

  // Of all that decides about what comes out; "" where there is no renderer.
  std::string key_of(const RenderRequest& request, bool again) const {
    const std::string renderer = identity(request);
    if (renderer.empty() || settings_.network) return "";  // what comes from elsewhere may change there
    Digester digest;
    digest.add("rendered 1").add(renderer).add(static_cast<std::uint64_t>(request.kind)).add(request.folder);
    digest.add(request.release).add(request.namespace_).add(request.values_text).add(request.overlay);
    digest.add(request.kubernetes_version).add(std::uint64_t{request.crds});
    const auto add_list = [&](const auto& list, const auto& add) {
      digest.add(std::uint64_t{list.size()});
      for (const auto& each : list) add(each);
    };
    const auto add_text = [&](const std::string& text) { digest.add(text); };
    const auto add_pair = [&](const auto& pair) { digest.add(pair.first).add(pair.second); };
    add_list(request.values, add_text);
    add_list(request.parameters, add_pair);
    add_list(request.texts, add_pair);
    add_list(request.api_versions, add_text);
    add_list(inputs(request, again), [&](const RenderInput& input) {
      digest.add(input.path).add(input.digest).add(std::uint64_t{input.link});
    });
    return digest.finish();
  }

 public:
  std::string identity(const RenderRequest& request) const override {
    const bool chart = request.kind == RenderRequest::Kind::kChart;
    if ((chart ? settings_.helm : settings_.kustomize).empty()) return "";
    Digester digest;
    if (chart) {
      digest.add(identity_of(settings_.helm));
      for (const std::string& argument : settings_.helm_arguments) digest.add(argument);
    } else {
      digest.add(identity_of(settings_.kustomize));
      for (const std::string& argument : settings_.kustomize_arguments) digest.add(argument);
      if (enables_helm(settings_.kustomize_arguments) && !settings_.helm.empty()) {
        digest.add(identity_of(settings_.helm));
      }
    }
    return digest.finish();
  }

 private:
  // Where a request is rendered: the top of the tree, or of what was laid out of it.
  struct Place {
    std::string top;
  };

  // The kustomizations that a folder's goes through, its own first.
  std::vector<const Overlay*> reached(const std::string& folder) const {
    std::vector<const Overlay*> out;
    std::set<std::string_view> seen;
    const auto enter = [&](std::string_view at) {
      const Overlay* overlay = graph_->overlay_in(at);
      if (overlay != nullptr && seen.insert(overlay->folder).second) out.push_back(overlay);
    };
    enter(folder);
    for (std::size_t i = 0; i < out.size(); ++i) {
      for (const Overlay::Edge& edge : out[i]->edges) enter(edge.path);
    }
    return out;
  }

  // Reads a kustomization and what it names.
  template <class Visit>
  void read(const Overlay& overlay, const Visit& visit) const {
    const auto text = tree_->read(way_to(*tree_, overlay.file).path, kMaxFile);
    if (!text.ok()) return;
    const auto slices = document::split(*text, document::Syntax::kYaml);
    if (slices.empty()) return;
    document::Document document;
    document::Reader reader;
    reader.read(slices.front(), document::Syntax::kYaml, {}, document);
    visit(*text, document, references_of(document, overlay.folder));
  }

  // Where a chart stands that kustomize would otherwise fetch: kustomize looks for one with a version and a repository
  // in chartHome/NAME-VERSION/NAME (HelmChartInflationGenerator's absChartHome).
  bool has_chart(const Reference& reference) const {
    if (tree_->resolve(reference.path).kind == EntryKind::kFolder) return true;
    const std::string home(source::parent_of(reference.path));
    const std::string name = reference.path.substr(home.empty() ? 0 : home.size() + 1);
    return !reference.version.empty() &&
           tree_->resolve(source::child_of(source::child_of(home, name + "-" + reference.version), name)).kind ==
               EntryKind::kFolder;
  }

  // What is named from elsewhere was either fetched before, or is refused.
  void check_remotes(const std::string& folder, Rendered& rendered, bool& elsewhere) const {
    for (const Overlay* overlay : reached(folder)) {
      const bool charts = std::any_of(overlay->edges.begin(), overlay->edges.end(),
                                      [](const Overlay::Edge& edge) { return edge.role == Role::kChart; });
      if (overlay->remotes.empty() && !charts) continue;
      read(*overlay, [&](const std::string&, const document::Document& document, const std::vector<Reference>& named) {
        for (const Reference& reference : named) {
          const bool chart = reference.role == Role::kChart;
          if (chart ? !reference.optional || has_chart(reference) : !reference.remote) continue;
          const Vendored::Entry* entry = vendored_.find(reference);
          if (entry != nullptr && entry->fault.empty()) {
            elsewhere = true;
            continue;
          }
          if ((entry == nullptr && settings_.network) || !rendered.ok()) continue;
          if (entry != nullptr) rendered.rule = "vendor/digest-differs";
          rendered.fault =
              entry != nullptr
                  ? reference.written + ": " + entry->fault
                  : (chart ? "the chart " : "") + reference.written +
                        " would have to be fetched, and the network is not allowed: vendor it (kubegate.lock)"
                        " (--allow-network lets " +
                        (is_kubectl(settings_.kustomize) ? "kubectl" : "kustomize") + " fetch it)";
          rendered.file = overlay->file;
          const auto position = document::position_of(document, document[reference.node].begin);
          rendered.line = position.line;
          rendered.column = position.column;
        }
      });
      if (!rendered.ok()) return;
    }
  }

  std::vector<std::string> files_for(const RenderRequest& request) const {
    std::vector<std::string> out(request.values);
    if (request.kind == RenderRequest::Kind::kChart) {
      files_below(*tree_, way_to(*tree_, request.folder).path, 0, out);
      return out;
    }
    for (const Overlay* overlay : reached(request.folder)) {
      for (const std::string_view name : kKustomizationNames) out.push_back(source::child_of(overlay->folder, name));
      for (const Overlay::Edge& edge : overlay->edges) {
        if (edge.role != Role::kChart) {
          out.push_back(edge.path);
          continue;
        }
        files_below(*tree_, way_to(*tree_, edge.path).path, 0, out);
        // kustomize may look for it in a folder named by its version.
        const std::string home(source::parent_of(edge.path));
        const std::string name = edge.path.substr(home.empty() ? 0 : home.size() + 1);
        const auto entries = tree_->list(home);
        if (!entries.ok()) continue;
        for (const source::Entry& entry : *entries) {
          if (entry.name.starts_with(name + "-")) files_below(*tree_, source::child_of(home, entry.name), 0, out);
        }
      }
      if (!overlay->remotes.empty() || !vendored_.empty()) vendored_.add_files(out);
    }
    return out;
  }

  // Overlays share their bases: a file is digested once for all of them.
  std::string digest_of(const std::string& path, bool again) const {
    if (!again) {
      const std::lock_guard lock(digests_mutex_);
      if (const auto known = digests_.find(path); known != digests_.end()) return known->second;
    }
    std::string digest = digest_of(path);
    const std::lock_guard lock(digests_mutex_);
    digests_.emplace(path, digest);
    return digest;
  }
  std::string digest_of(const std::string& path) const {
    switch (tree_->kind(path)) {
      case EntryKind::kNone: return "";
      case EntryKind::kFile: break;
      default: return "no file";
    }
    const auto bytes = tree_->read(path, kMaxFile);
    return bytes.ok() ? sha256(*bytes) : "unreadable";
  }

  // The digest of a program's bytes, kept under what the file system says of the file: there are many of them.
  std::string contents_of(const std::string& program) const {
    struct stat status {};
    if (stat(program.c_str(), &status) != 0) return "";
    Digester about;
    about.add("program 1").add(program);
    for (const auto number :
         {std::uint64_t{status.st_dev}, std::uint64_t{status.st_ino}, static_cast<std::uint64_t>(status.st_size)}) {
      about.add(number);
    }
    for (const timespec& time : {status.st_mtim, status.st_ctim}) {
      about.add(static_cast<std::uint64_t>(time.tv_sec)).add(static_cast<std::uint64_t>(time.tv_nsec));
    }
    const std::string key = about.finish();
    if (settings_.machine) {
      if (auto kept = settings_.machine->get(key)) return *kept;
    }
    source::Buffer buffer;
    const auto bytes = source::read_file(program, kMaxFile, buffer);
    const std::string digest = bytes.ok() ? sha256(*bytes) : "";
    if (settings_.machine && bytes.ok()) settings_.machine->put(key, digest);
    return digest;
  }

  // A program is told by what it says of itself too: what stands on PATH may be a script that looks for another.
  std::string identity_of(const std::string& program) const {
    const std::lock_guard lock(identity_mutex_);
    std::string& known = identities_[program];
    if (!known.empty()) return known;
    Digester digest;
    digest.add(contents_of(program));
    source::Program version;
    version.arguments = {program, "version"};
    if (is_kubectl(program)) version.arguments.push_back("--client");
    version.environment = environment();
    version.time = settings_.time;
    const auto run = source::run_program(version);
    if (run.ok()) digest.add(run->output);
    return known = digest.finish();
  }

  // The folder for all that programs write besides: it goes with the renderer.
  std::string scratch() const {
    const std::lock_guard lock(scratch_mutex_);
    if (!scratch_) {
      auto made = source::TemporaryFolder::make();
      if (!made.ok()) return "";
      scratch_.emplace(std::move(*made));
      std::error_code failed;
      for (const char* name : {"home", "tmp", "tree"}) fs::create_directory(fs::path(scratch_->path()) / name, failed);
    }
    return scratch_->path();
  }

  // Nothing of the user's that could change what comes out, or where from. Who allows the network gets what it takes:
  // proxies, certificates, and the home folder with its credentials.
  std::vector<std::string> environment() const {
    const std::string folder = scratch();
    std::vector<std::string> out = {"LC_ALL=C.UTF-8",
                                    "TMPDIR=" + folder + "/tmp",
                                    "KUBECONFIG=" + folder + "/home/none",
                                    "GIT_TERMINAL_PROMPT=0",
                                    "HELM_CACHE_HOME=" + folder + "/home/cache",
                                    "HELM_CONFIG_HOME=" + folder + "/home/config",
                                    "HELM_DATA_HOME=" + folder + "/home/data"};
    const auto keep = [&](const char* name) {
      if (const char* value = std::getenv(name)) out.push_back(std::string(name) + "=" + value);
    };
    keep("PATH");
    if (!settings_.network) {
      out.push_back("HOME=" + folder + "/home");
      return out;
    }
    for (const char* name : {"HOME", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
                             "SSL_CERT_FILE", "SSL_CERT_DIR", "SSH_AUTH_SOCK", "GIT_SSH_COMMAND"}) {
      keep(name);
    }
    return out;
  }

  Result<Place> place_of(const RenderRequest& request, bool elsewhere) const {
    const std::string folder = scratch();
    if (folder.empty()) return Error{ErrorCode::kIo, "TMPDIR", "no temporary folder can be made"};
    if (!top_.empty() && !elsewhere) return Place{top_};
    const std::lock_guard lock(layout_mutex_);
    const std::string top = folder + "/tree";
    for (const std::string& path : files_for(request)) {
      if (const auto laid = lay_out(top, path); !laid.ok()) return laid.error();
    }
    for (const Overlay* overlay : reached(request.folder)) {
      if (const auto mended = put_vendored(top, *overlay); !mended.ok()) return mended.error();
    }
    std::error_code failed;
    fs::create_directories(fs::path(top) / request.folder, failed);
    return Place{top};
  }

  // One file, and the links on the way to it.
  Result<Done> lay_out(const std::string& top, const std::string& path) const {
    if (!laid_.insert(path).second) return Done{};
    const Way way = way_to(*tree_, path);
    std::error_code failed;
    for (const auto& [link, target] : way.links) {
      if (!laid_.insert("link:" + link).second) continue;
      const fs::path at = fs::path(top) / link;
      fs::create_directories(at.parent_path(), failed);
      // A link that leads out of the tree is none of the tree's: it leads nowhere.
      fs::create_symlink(target.starts_with('/') ? "/nonexistent" : target, at, failed);
    }
    if (tree_->kind(way.path) == EntryKind::kFolder) {
      fs::create_directories(fs::path(top) / way.path, failed);
      return Done{};
    }
    if (tree_->kind(way.path) != EntryKind::kFile) return Done{};
    const auto bytes = tree_->read(way.path, kMaxFile);
    if (!bytes.ok()) return Error{bytes.error().code, way.path, bytes.error().message};
    return source::write_laid_out(fs::path(top) / way.path, *bytes);
  }

  // Puts what a kustomization names from elsewhere beside it, and its name for the URL.
  Result<Done> put_vendored(const std::string& top, const Overlay& overlay) const {
    if (vendored_.empty() || !laid_.insert("vendored:" + overlay.folder).second) return Done{};
    Result<Done> done = Done{};
    read(overlay,
         [&](const std::string& text, const document::Document& document, const std::vector<Reference>& named) {
           std::string mended = text;
           const std::size_t shift = static_cast<std::size_t>(document.source().data() - text.data());
           // From the end, so that places further in front stay right.
           for (auto reference = named.rbegin(); reference != named.rend() && done.ok(); ++reference) {
             const bool chart = reference->role == Role::kChart;
             if (chart ? has_chart(*reference) : !reference->remote) continue;
             const Vendored::Entry* entry = vendored_.find(*reference);
             if (entry == nullptr) continue;
             if (chart) {
               const std::string home(source::parent_of(reference->path));
               const std::string name = reference->path.substr(home.empty() ? 0 : home.size() + 1);
               const std::string in =
                   reference->version.empty() ? home : source::child_of(home, name + "-" + reference->version);
               done = vendored_.lay_out(*entry, fs::path(top) / in / name);
               continue;
             }
             const std::string name =
                 "kubegate-vendored-" + sha256(reference->written).substr(0, 16) + (entry->is_folder() ? "" : ".yaml");
             done = vendored_.lay_out(*entry, fs::path(top) / overlay.folder / name);
             const auto& node = document[reference->node];
             const std::string inner = entry->inner.empty() ? name : name + "/" + entry->inner;
             // Generators name files as key=path: the key stays.
             const std::string_view written(mended.data() + shift + node.begin, node.length);
             const std::size_t at = written.find(reference->written);
             if (at == written.npos) {
               mended.replace(shift + node.begin, node.length, inner);
             } else {
               mended.replace(shift + node.begin + at, reference->written.size(), inner);
             }
           }
           if (done.ok() && mended != text) done = source::write_laid_out(fs::path(top) / overlay.file, mended);
         });
    return done;
  }

  Result<std::vector<std::string>> kustomization_arguments(const RenderRequest& request, const Place& place) const {
    std::string folder = (fs::path(place.top) / request.folder).string();
    if (!request.overlay.empty()) {
      // Laid over the folder from beside it all: kustomize takes bases by relative paths alone.
      const std::string own = scratch() + "/tmp/over-" + sha256(request.folder + "\n" + request.overlay).substr(0, 16);
      std::error_code failed;
      const fs::path base = fs::canonical(folder, failed);
      fs::create_directories(own, failed);
      const std::string relative = base.lexically_relative(fs::canonical(own, failed)).string();
      const auto written = source::write_laid_out(fs::path(own) / "kustomization.yaml",
                                                  "resources: [\"" + relative + "\"]\n" + request.overlay);
      if (!written.ok()) return written.error();
      folder = own;
    }
    std::vector<std::string> out = {settings_.kustomize, is_kubectl(settings_.kustomize) ? "kustomize" : "build"};
    out.insert(out.end(), settings_.kustomize_arguments.begin(), settings_.kustomize_arguments.end());
    if (enables_helm(settings_.kustomize_arguments) && !settings_.helm.empty()) {
      out.insert(out.end(), {"--helm-command", settings_.helm});
    }
    out.push_back(folder);
    return out;
  }

  Result<std::vector<std::string>> chart_arguments(const RenderRequest& request, const Place& place) const {
    std::vector<std::string> out = {settings_.helm,  "template",
                                    request.release, (fs::path(place.top) / request.folder).string(),
                                    "--namespace",   request.namespace_};
    if (request.crds) out.push_back("--include-crds");
    for (const std::string& file : request.values) {
      out.insert(out.end(), {"--values", (fs::path(place.top) / file).string()});
    }
    if (!request.values_text.empty()) {
      const std::string file = scratch() + "/tmp/values-" + sha256(request.values_text).substr(0, 16) + ".yaml";
      const auto written = source::write_laid_out(file, request.values_text);
      if (!written.ok()) return written.error();
      out.insert(out.end(), {"--values", file});
    }
    for (const auto& [name, value] : request.parameters) out.insert(out.end(), {"--set", name + "=" + value});
    for (const auto& [name, value] : request.texts) out.insert(out.end(), {"--set-string", name + "=" + value});
    if (!request.kubernetes_version.empty()) out.insert(out.end(), {"--kube-version", request.kubernetes_version});
    for (const std::string& version : request.api_versions) out.insert(out.end(), {"--api-versions", version});
    out.insert(out.end(), settings_.helm_arguments.begin(), settings_.helm_arguments.end());
    return out;
  }

  // What a failed run comes to: what the tool says, without the paths of folders that are temporary.
  std::string fault_of(const source::Program& program, const ProgramRun& run, std::string errors,
                       const std::string& top) const {
    if (run.ok()) return "";
    const std::string tool = fs::path(program.arguments[0]).filename().string() + " " + program.arguments[1];
    for (std::size_t at; (at = errors.find(top + "/")) != errors.npos;) errors.erase(at, top.size() + 1);
    while (!errors.empty() && (errors.back() == '\n' || errors.back() == ' ')) errors.pop_back();
    switch (run.end) {
      case ProgramRun::End::kTime:
        return tool + " was stopped after " + std::to_string(program.time.count() / 1000) + " s";
      case ProgramRun::End::kOutput:
        return tool + " was stopped: it wrote more than " + std::to_string(program.max_output >> 20) + " MiB";
      case ProgramRun::End::kSignal:
        return tool + " was ended by signal " + std::to_string(run.code) + (errors.empty() ? "" : ": " + errors);
      case ProgramRun::End::kExited: break;
    }
    return tool + " failed" + (errors.empty() ? ", with exit status " + std::to_string(run.code) : ": " + errors);
  }

  const std::shared_ptr<const source::Tree> tree_;
  const std::string top_;
  const std::shared_ptr<const Graph> graph_;
  RenderSettings settings_;
  Vendored vendored_;
  mutable std::mutex scratch_mutex_, layout_mutex_, identity_mutex_, digests_mutex_;
  mutable std::optional<source::TemporaryFolder> scratch_;
  mutable std::set<std::string> laid_;  // what stands in the layout
  mutable std::map<std::string, std::string> identities_, digests_;
};

}  // namespace

Result<std::unique_ptr<Renderer>> Renderer::make(std::shared_ptr<const source::Tree> tree, std::string top,
                                                 std::shared_ptr<const Graph> graph, RenderSettings settings) {
  auto renderer =
      std::make_unique<FolderRenderer>(std::move(tree), std::move(top), std::move(graph), std::move(settings));
  if (const auto prepared = renderer->prepare(); !prepared.ok()) return prepared.error();
  return std::unique_ptr<Renderer>(std::move(renderer));
}

std::vector<std::string> overlays_below(const Graph& graph, std::string_view path) {
  if (const Overlay* overlay = graph.overlay_in(path); overlay != nullptr) return {overlay->folder};
  std::vector<std::string> out;
  for (const Overlay& overlay : graph.overlays()) {
    const bool inside = path.empty() || overlay.folder.starts_with(std::string(path) + "/");
    if (inside && graph.is_built(overlay)) out.push_back(overlay.folder);
  }
  return out;
}

}  // namespace kubegate::gitops
