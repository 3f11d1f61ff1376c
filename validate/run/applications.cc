// An Application is judged as what it puts into its cluster: each of its sources that lies in this repository is rendered
// as Argo CD would (kustomize with the Application's options laid over it, helm with its values, or the files of a
// folder as they are), and told under the Application's name. Rendered text may hold further Applications; they are
// taken in until there are no new ones, which are bounded in number.
//
// What comes from other repositories and registries is not here, so it is not judged; the report of the Applications
// says so by what it does not name.
//
// Tested in tests/validate/run/applications_test.cc.
#include "validate/run/applications.h"

#include <re2/re2.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "validate/gitops/value.h"
#include "validate/gitops/vendored.h"
#include "validate/run/locate.h"
#include "validate/source/git.h"
#include "validate/source/skip.h"

namespace kubegate::run {

namespace {

namespace fs = std::filesystem;
using gitops::ApplicationSource;
using gitops::RenderRequest;
using source::EntryKind;

constexpr std::uint64_t kMaxFile = std::uint64_t{64} << 20;

bool has_kustomization(const source::Tree& tree, const std::string& folder) {
  return std::any_of(std::begin(gitops::kKustomizationNames), std::end(gitops::kKustomizationNames),
                     [&](std::string_view name) {
                       const std::string file = folder.empty() ? std::string(name) : folder + "/" + std::string(name);
                       return tree.kind(file) != EntryKind::kNone;
                     });
}

gitops::Value texts(const std::vector<std::pair<std::string, std::string>>& pairs) {
  gitops::Mapping out;
  for (const auto& [name, value] : pairs) out[name] = gitops::Value::text(value);
  return gitops::Value::map(std::move(out));
}

// The options of an Application as the fields of a kustomization above the folder's own.
std::string overlay_of(const gitops::KustomizeOptions& options) {
  if (options.empty()) return {};
  gitops::Mapping out;
  const auto text = [&](const char* name, const std::string& value) {
    if (!value.empty()) out[name] = gitops::Value::text(value);
  };
  text("namePrefix", options.name_prefix);
  text("nameSuffix", options.name_suffix);
  text("namespace", options.namespace_);
  if (!options.common_annotations.empty()) out["commonAnnotations"] = texts(options.common_annotations);
  if (!options.common_labels.empty()) {
    out["labels"] = gitops::Value::list({gitops::Value::map({{"pairs", texts(options.common_labels)}})});
  }
  gitops::List images, patches, replicas, components;
  // "name=new:tag", "name:tag", "name=new@sha256:…" (kustomize edit set image).
  for (const std::string& image : options.images) {
    gitops::Mapping one;
    const std::size_t equals = image.find('=');
    std::string rest = equals == image.npos ? image : image.substr(equals + 1);
    const std::size_t digest = rest.find('@');
    const std::size_t colon = rest.find(':', rest.rfind('/') == rest.npos ? 0 : rest.rfind('/'));
    std::string name = rest.substr(0, std::min(digest, colon));
    if (digest != rest.npos) {
      one["digest"] = gitops::Value::text(rest.substr(digest + 1));
    } else if (colon != rest.npos) {
      one["newTag"] = gitops::Value::text(rest.substr(colon + 1));
    }
    if (equals != image.npos) {
      one["newName"] = gitops::Value::text(name);
      name = image.substr(0, equals);
    }
    one["name"] = gitops::Value::text(name);
    images.push_back(gitops::Value::map(std::move(one)));
  }
  std::string error;
  for (const std::string& patch : options.patches) patches.push_back(gitops::parse_yaml(patch, error));
  for (const std::string& replica : options.replicas) {
    const std::size_t equals = replica.find('=');
    replicas.push_back(gitops::Value::map({{"name", gitops::Value::text(replica.substr(0, equals))},
                                           {"count", gitops::parse_yaml(replica.substr(equals + 1), error)}}));
  }
  for (const std::string& component : options.components) components.push_back(gitops::Value::text(component));
  const auto list = [&](const char* name, gitops::List items) {
    if (!items.empty()) out[name] = gitops::Value::list(std::move(items));
  };
  list("images", std::move(images));
  list("patches", std::move(patches));
  list("replicas", std::move(replicas));
  list("components", std::move(components));
  return gitops::yaml_of(gitops::Value::map(std::move(out)));
}

}  // namespace

std::vector<gitops::ArgoCluster> argo_clusters(const config::Config& config) {
  std::vector<gitops::ArgoCluster> clusters;
  for (const config::Cluster& said : config.clusters) {
    gitops::ArgoCluster cluster;
    cluster.name = said.name.text;
    cluster.servers = config.texts(config::Key::kServers, said);
    cluster.names = config.texts(config::Key::kDestinations, said);
    clusters.push_back(std::move(cluster));
  }
  return clusters;
}

std::string version_of(const Options& options, const std::string& name) {
  for (const ClusterOptions& cluster : options.clusters) {
    if (cluster.name == name && !cluster.targets.empty()) return cluster.targets.front().name;
  }
  return options.targets.empty() ? std::string() : options.targets.front().name;
}

Result<std::shared_ptr<Applications>> Applications::make(std::span<const std::string> paths, const std::string& folder,
                                                         const ApplicationSettings& settings) {
  std::shared_ptr<Applications> made(new Applications);
  Applications& self = *made;
  std::string top;
  const auto repository = source::Repository::open(folder, settings.revision.git_dir);
  if (settings.revision.empty() && settings.revision.git_dir.empty()) {
    top = repository.ok() && !(*repository)->work_tree().empty() ? (*repository)->work_tree() : folder;
    self.tree_ = source::folder_tree(top);
    std::error_code failed;
    const std::string here = fs::canonical(folder, failed).lexically_relative(top).string();
    self.folder_ = failed || here == "." ? "" : here;
  } else {
    auto read = read_revision(settings.revision, folder);
    if (!read.ok()) return read.error();
    self.revision_ = std::make_shared<const Revision>(std::move(*read));
    self.tree_ = self.revision_->tree;
    self.folder_ = self.revision_->folder;
    if (!settings.revision.staged && settings.revision.revision.empty()) top = self.revision_->top;
  }
  self.argo_.repositories = settings.repositories;
  if (repository.ok()) {
    for (std::string& url : (*repository)->remotes()) self.argo_.repositories.push_back(std::move(url));
  }
  self.argo_.clusters = settings.clusters;

  std::vector<std::string> roots;
  for (const std::string& written : paths) {
    const bool absolute = written.starts_with('/');
    const auto path = absolute ? std::optional(fs::path(written).lexically_relative(top).string())
                               : source::joined_path(self.folder_, written);
    const auto inside = path ? source::joined_path("", *path) : std::nullopt;
    if (!inside) return Error{ErrorCode::kArgument, written, "lies outside of the repository"};
    if (self.tree_->resolve(*inside).kind == EntryKind::kNone) {
      if (settings.revision.may_lack) continue;
      return Error{ErrorCode::kArgument, written, "no such file or folder"};
    }
    roots.push_back(*inside);
  }
  if (paths.empty()) roots.push_back("");
  self.argocd_ = gitops::read_argocd(*self.tree_, roots, self.argo_);

  const std::string whole;
  self.graph_ = std::make_shared<const gitops::Graph>(gitops::Graph::read(*self.tree_, std::span(&whole, 1)));
  gitops::RenderSettings render = settings.render;
  const std::string lock = render.vendor + "/" + std::string(gitops::kLockName);
  if (self.tree_->kind(lock) != EntryKind::kFile) render.vendor.clear();
  auto renderer = gitops::Renderer::make(self.tree_, top, self.graph_, std::move(render));
  if (!renderer.ok()) return renderer.error();
  self.renderer_ = std::move(*renderer);
  return made;
}

Result<Done> Applications::render(const std::function<std::string(const std::string&)>& version) {
  for (std::size_t i = 0; i < argocd_.applications.size(); ++i) {
    // More Applications may come, so it is no place to stay at.
    const gitops::Application application = argocd_.applications[i];
    for (const ApplicationSource& source : application.sources) {
      if (source.kind != ApplicationSource::Kind::kPath || !source.exists) continue;
      const auto done = render_source(i, source, version(application.destination.cluster));
      if (!done.ok()) return done;
    }
  }
  return Done{};
}

Result<Done> Applications::render_source(std::size_t number, const ApplicationSource& source,
                                         const std::string& version) {
  const gitops::Application application = argocd_.applications[number];
  Deployed out;
  out.application = number;
  out.folder = tree_->resolve(source.path).path;
  const gitops::Destination& to = application.destination;
  out.set = "cluster " + (!to.cluster.empty() ? to.cluster : !to.name.empty() ? to.name : to.server);
  out.path = shown(out.folder) + " (" + application.name + ", " + out.set + ")";

  RenderRequest request;
  request.folder = out.folder;
  if (source.plugin) {
    out.rendered.fault = "the Application is rendered by a plugin, which kubegate cannot do";
  } else if (source.is_chart || has_kustomization(*tree_, out.folder)) {
    if (source.is_chart) {
      request.kind = RenderRequest::Kind::kChart;
      request.release = source.helm.release_name.empty() ? application.name : source.helm.release_name;
      request.namespace_ = !source.helm.namespace_.empty() ? source.helm.namespace_ : to.namespace_;
      if (request.namespace_.empty()) request.namespace_ = "default";
      for (const std::string& file : source.helm.value_files) {
        if (tree_->resolve(file).kind == EntryKind::kFile) request.values.push_back(file);
      }
      request.values_text = source.helm.values;
      for (const gitops::HelmParameter& one : source.helm.parameters) {
        (one.force_string ? request.texts : request.parameters).emplace_back(one.name, one.value);
      }
      request.kubernetes_version = version;
      request.crds = !source.helm.skip_crds;
    } else {
      request.overlay = overlay_of(source.kustomize);
    }
    auto rendered = renderer_->render(request);
    if (!rendered.ok()) return rendered.error();
    out.rendered = std::move(*rendered);
  } else {
    out.rendered.text = plain_text(source, out.rendered.fault);
  }
  if (out.rendered.ok()) {
    gitops::add_rendered(argocd_, *tree_, argo_, out.rendered.text, out.folder, application.name);
  }
  contents_.push_back(source::text_content(out.rendered.text));
  deployed_.push_back(std::move(out));
  return Done{};
}

// A folder without kustomization and chart: its files, as they are (argo-cd reposerver, findManifests).
std::string Applications::plain_text(const ApplicationSource& source, std::string& fault) const {
  std::string text;
  std::vector<std::string> open = {tree_->resolve(source.path).path};
  for (std::size_t i = 0; i < open.size() && open.size() < 10'000; ++i) {
    const auto entries = tree_->list(open[i]);
    if (!entries.ok()) continue;
    for (const source::Entry& entry : *entries) {
      const std::string path = open[i].empty() ? entry.name : open[i] + "/" + entry.name;
      if (entry.kind == EntryKind::kFolder && source.recurse && !entry.name.starts_with('.')) open.push_back(path);
      if (entry.kind != EntryKind::kFile || !source::has_manifest_extension(entry.name)) continue;
      const auto read = tree_->read(path, kMaxFile);
      if (!read.ok()) {
        fault = path + ": " + read.error().message;
        return {};
      }
      if (text.size() + read->size() > 4 * kMaxFile) {
        fault = "the folder holds more than is read";
        return {};
      }
      text += "---\n" + *read;
      if (!text.ends_with('\n')) text += '\n';
    }
  }
  return text;
}

std::string Applications::shown(const std::string& path) const {
  if (folder_.empty()) return path.empty() ? "." : path;
  return fs::path("/" + path).lexically_relative("/" + folder_).string();
}

std::vector<report::Resource> Applications::findings() const {
  std::vector<report::Resource> out;
  paths_.clear();
  paths_.reserve(argocd_.documents.size() + deployed_.size());
  for (const auto& document : argocd_.documents) {
    if (document->findings.empty()) continue;
    paths_.push_back(shown(document->path));
    report::Resource resource;
    resource.path = paths_.back();
    const document::Document& at = document->document;
    const auto text = [&](document::NodeIndex from, std::string_view name) {
      const document::NodeIndex node = from == document::kNoNode ? from : at.find(from, name);
      return node != document::kNoNode && at[node].kind == document::Kind::kString ? std::string(at.text(node)) : "";
    };
    const document::NodeIndex metadata = at.find(0, "metadata");
    resource.api_version = text(0, "apiVersion");
    resource.kind = text(0, "kind");
    resource.name = text(metadata, "name");
    resource.namespace_ = text(metadata, "namespace");
    resource.line = at.first_line();
    resource.column = 1;
    std::vector<Finding> findings = document->findings;
    locate(at, findings, resource.findings);
    resource.findings_left_out = findings.size() - std::min(findings.size(), resource.findings.size());
    const bool wrong = std::any_of(resource.findings.begin(), resource.findings.end(),
                                   [](const auto& finding) { return finding.severity == Severity::kError; });
    resource.status = wrong ? report::Status::kInvalid : report::Status::kValid;
    out.push_back(std::move(resource));
  }
  for (const Deployed& deployed : deployed_) {
    if (deployed.rendered.ok()) continue;
    report::LocatedFinding finding;
    finding.rule = deployed.rendered.rule;
    finding.message = deployed.rendered.fault;
    finding.line = std::max(1u, deployed.rendered.line);
    finding.column = std::max(1u, deployed.rendered.column);
    paths_.push_back(deployed.rendered.file.empty() ? deployed.path : shown(deployed.rendered.file));
    report::Resource resource;
    resource.path = paths_.back();
    resource.status = report::Status::kError;
    resource.findings.push_back(std::move(finding));
    out.push_back(std::move(resource));
  }
  return out;
}

Result<source::Selection> Applications::judged(std::span<const std::string> paths) const {
  std::vector<source::Input> inputs;
  for (std::size_t i = 0; i < deployed_.size(); ++i) {
    const Deployed& deployed = deployed_[i];
    if (!deployed.rendered.ok() || std::find(paths.begin(), paths.end(), deployed.set) == paths.end()) continue;
    source::Input input;
    input.path = deployed.path;
    input.kind = source::Input::Kind::kContent;
    input.named = true;
    input.content = contents_[i];
    inputs.push_back(std::move(input));
  }
  return source::Selection::of(std::move(inputs));
}

void Applications::judge(std::shared_ptr<const Applications> applications, Options& options) {
  std::set<std::string> sets;
  for (const Deployed& deployed : applications->deployed_) sets.insert(deployed.set);
  options.paths.assign(sets.begin(), sets.end());
  // Which cluster something goes to is the Application's to say now.
  for (ClusterOptions& cluster : options.clusters) {
    cluster.overlays = {RE2::QuoteMeta(", cluster " + cluster.name + ")") + "$"};
  }
  options.allow_empty |= sets.empty();
  options.surroundings = std::make_shared<const gitops::Surroundings>(applications->tree_, applications->folder_,
                                                                      std::vector<std::string>{}, applications->graph_);
  options.inputs = std::move(applications);
}

}  // namespace kubegate::run
