// From a tree to Applications. Files that mention Argo CD are read; what they hold is taken in the order of the files:
// clusters and projects first, since Applications and generators ask for them, then Applications as they stand, then
// ApplicationSets, whose template is rendered once for each set of parameters. An Application keeps the node that it
// stands at, or its template, so that what is wrong with it has a place whoever made it.
//
// Reading begins at the roots. A folder that an Application deploys and that lies outside of them is read too (an
// app-of-apps), each folder once, so that circles end.
//
// Tested in tests/validate/gitops/argocd_test.cc.
#include "validate/gitops/argocd.h"

#include <algorithm>
#include <deque>
#include <set>

#include "validate/base/base64.h"
#include "validate/document/path.h"
#include "validate/document/position.h"
#include "validate/document/read.h"
#include "validate/gitops/argocd_parts.h"
#include "validate/source/skip.h"

namespace kubegate::gitops {

namespace {

using document::Document;
using document::Kind;
using document::kNoNode;
using document::NodeIndex;
using source::EntryKind;

constexpr std::uint64_t kMaxFile = std::uint64_t{16} << 20;
constexpr std::size_t kMaxFiles = 200'000;

}  // namespace

namespace argo {

NodeIndex at_path(const Document& document, NodeIndex from, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (from == kNoNode) break;
    from = document.find(from, name);
  }
  return from;
}

std::string text_of(const Document& document, NodeIndex node) {
  return node != kNoNode && document[node].kind == Kind::kString ? std::string(document.text(node)) : std::string();
}

Place place_of(const ArgoDocument& document, NodeIndex node) {
  if (node == kNoNode) return {document.path, 1, 1};
  const document::Position position = document::position_of(document.document, document.document[node].begin);
  return {document.path, position.line, position.column};
}

NodeIndex field_of(const ArgoCd& argocd, const Application& application,
                   std::initializer_list<std::string_view> names) {
  const Document& document = argocd.documents[application.document]->document;
  NodeIndex at = application.root;
  for (const std::string_view name : names) {
    NodeIndex next = kNoNode;
    if (document[at].kind == Kind::kSequence) {
      std::size_t index = static_cast<std::size_t>(std::atoi(std::string(name).c_str()));
      if (index >= document[at].children.count) return at;
      for (next = at + 1; index > 0; --index) next = document.next(next);
    } else {
      next = document.find(at, name);
    }
    if (next == kNoNode) return at;
    at = next;
  }
  return at;
}

namespace {

std::vector<std::string> texts_of(const Value* list) {
  std::vector<std::string> out;
  if (list == nullptr || list->as_list() == nullptr) return out;
  for (const Value& item : *list->as_list()) out.push_back(printed(item));
  return out;
}

const Value* member_of(const Value* value, std::string_view name) {
  return value == nullptr ? nullptr : value->find(name);
}

bool is_true(const Value* value) { return value != nullptr && value->as_bool() != nullptr && *value->as_bool(); }

std::vector<std::pair<std::string, std::string>> pairs_of(const Value* map) {
  std::vector<std::pair<std::string, std::string>> out;
  if (map == nullptr || map->as_map() == nullptr) return out;
  for (const auto& [name, value] : *map->as_map()) out.emplace_back(name, printed(value));
  return out;
}

HelmOptions read_helm(const Value& helm) {
  HelmOptions out;
  out.release_name = helm.text_at("releaseName");
  out.namespace_ = helm.text_at("namespace");
  out.written_value_files = texts_of(helm.find("valueFiles"));
  out.values = helm.text_at("values");
  if (const Value* object = helm.find("valuesObject"); object != nullptr && object->as_map() != nullptr) {
    out.values = yaml_of(*object);
  }
  out.skip_crds = is_true(helm.find("skipCrds"));
  const auto parameters = [&](std::string_view list, std::string_view value, std::vector<HelmParameter>& into) {
    const Value* items = helm.find(list);
    if (items == nullptr || items->as_list() == nullptr) return;
    for (const Value& item : *items->as_list()) {
      const Value* held = item.find(value);
      into.push_back({item.text_at("name"), held == nullptr ? "" : printed(*held), is_true(item.find("forceString"))});
    }
  };
  parameters("parameters", "value", out.parameters);
  parameters("fileParameters", "path", out.file_parameters);
  return out;
}

KustomizeOptions read_kustomize(const Value& value) {
  KustomizeOptions out;
  out.name_prefix = value.text_at("namePrefix");
  out.name_suffix = value.text_at("nameSuffix");
  out.namespace_ = value.text_at("namespace");
  out.images = texts_of(value.find("images"));
  out.components = texts_of(value.find("components"));
  out.common_labels = pairs_of(value.find("commonLabels"));
  out.common_annotations = pairs_of(value.find("commonAnnotations"));
  const auto each = [&](std::string_view list, const auto& take) {
    const Value* items = value.find(list);
    if (items == nullptr || items->as_list() == nullptr) return;
    for (const Value& item : *items->as_list()) take(item);
  };
  each("patches", [&](const Value& item) { out.patches.push_back(yaml_of(item)); });
  each("replicas", [&](const Value& item) {
    const Value* count = item.find("count");
    out.replicas.push_back(item.text_at("name") + "=" + (count == nullptr ? "" : printed(*count)));
  });
  return out;
}

// A path of a repository as Argo CD takes it: from the top, "" is none.
std::string path_in_tree(std::string_view written) {
  while (written.starts_with('/')) written.remove_prefix(1);
  return source::joined_path("", written.empty() ? "." : written).value_or(std::string(written));
}

bool is_own(const ArgoSettings& settings, const source::Tree& tree, const ApplicationSource& source) {
  if (settings.repositories.empty()) {
    return source.repo_url.empty() || source.ref.size() > 0 ||
           tree.kind(path_in_tree(source.path)) == EntryKind::kFolder;
  }
  return std::any_of(settings.repositories.begin(), settings.repositories.end(),
                     [&](const std::string& url) { return same_repository(url, source.repo_url); });
}

ApplicationSource read_source(const Value& value, const source::Tree& tree, const ArgoSettings& settings) {
  ApplicationSource out;
  out.repo_url = value.text_at("repoURL");
  out.path = value.text_at("path");
  out.chart = value.text_at("chart");
  const Value* revision = value.find("targetRevision");
  out.revision = revision == nullptr || revision->is_nil() ? "" : printed(*revision);
  out.ref = value.text_at("ref");
  const Value* directory = value.find("directory");
  out.recurse = is_true(member_of(directory, "recurse"));
  if (directory != nullptr) {
    out.include = directory->text_at("include");
    out.exclude = directory->text_at("exclude");
  }
  out.plugin = value.find("plugin") != nullptr && !value.find("plugin")->is_nil();
  if (const Value* helm = value.find("helm"); helm != nullptr && helm->as_map() != nullptr) out.helm = read_helm(*helm);
  if (const Value* kustomize = value.find("kustomize"); kustomize != nullptr && kustomize->as_map() != nullptr) {
    out.kustomize = read_kustomize(*kustomize);
  }
  if (!out.chart.empty()) {
    out.kind = ApplicationSource::Kind::kChart;
  } else if (!out.ref.empty() && out.path.empty()) {
    out.kind = is_own(settings, tree, out) ? ApplicationSource::Kind::kValues : ApplicationSource::Kind::kElsewhere;
  } else if (!out.path.empty() && is_own(settings, tree, out)) {
    out.kind = ApplicationSource::Kind::kPath;
    out.path = path_in_tree(out.path);
    out.exists = tree.resolve(out.path).kind == EntryKind::kFolder;
    out.is_chart =
        out.exists && tree.kind(out.path.empty() ? "Chart.yaml" : out.path + "/Chart.yaml") == EntryKind::kFile;
  }
  return out;
}

// Values files stand beside the chart, or, as `$ref/path`, in the repository of another source.
void resolve_value_files(Application& application) {
  for (ApplicationSource& source : application.sources) {
    for (const std::string& written : source.helm.written_value_files) {
      if (written.find("://") != written.npos) continue;
      if (!written.starts_with('$')) {
        const bool top = written.starts_with('/');
        const auto path = source::joined_path(top ? "" : source.path, top ? written.substr(1) : written);
        if (source.kind == ApplicationSource::Kind::kPath && path) source.helm.value_files.push_back(*path);
        continue;
      }
      const std::size_t slash = written.find('/');
      const std::string ref = written.substr(1, slash == written.npos ? written.npos : slash - 1);
      for (const ApplicationSource& other : application.sources) {
        const bool own = other.kind == ApplicationSource::Kind::kValues || other.kind == ApplicationSource::Kind::kPath;
        if (other.ref != ref || !own || slash == written.npos) continue;
        if (const auto path = source::joined_path("", written.substr(slash + 1))) {
          source.helm.value_files.push_back(*path);
        }
      }
    }
  }
}

std::string cluster_of(const ArgoCd& argocd, const Destination& destination) {
  for (const ArgoCluster& cluster : argocd.clusters) {
    const bool by_server = !destination.server.empty() && std::find(cluster.servers.begin(), cluster.servers.end(),
                                                                    destination.server) != cluster.servers.end();
    const bool by_name = !destination.name.empty() &&
                         (cluster.name == destination.name || std::find(cluster.names.begin(), cluster.names.end(),
                                                                        destination.name) != cluster.names.end());
    if (by_server || by_name) return cluster.name;
  }
  return {};
}

}  // namespace

Application read_application(const ArgoCd& argocd, const source::Tree& tree, const ArgoSettings& settings,
                             const Value& object, std::size_t document, NodeIndex root) {
  Application out;
  out.document = document;
  out.root = root;
  const Value* metadata = object.find("metadata");
  const Value* spec = object.find("spec");
  if (metadata != nullptr) {
    out.name = metadata->text_at("name");
    out.namespace_ = metadata->text_at("namespace");
  }
  out.place = place_of(*argocd.documents[document], field_of(argocd, out, {"metadata", "name"}));
  if (spec == nullptr) return out;
  out.project = spec->text_at("project");
  if (const Value* sources = spec->find("sources");
      sources != nullptr && sources->as_list() != nullptr && !sources->as_list()->empty()) {
    for (const Value& one : *sources->as_list()) out.sources.push_back(read_source(one, tree, settings));
  } else if (const Value* one = spec->find("source"); one != nullptr && one->as_map() != nullptr) {
    out.sources.push_back(read_source(*one, tree, settings));
  }
  resolve_value_files(out);
  if (const Value* destination = spec->find("destination")) {
    out.destination = {destination->text_at("server"), destination->text_at("name"), destination->text_at("namespace"),
                       ""};
  }
  out.destination.cluster = cluster_of(argocd, out.destination);
  const Value* automated = member_of(spec->find("syncPolicy"), "automated");
  const Value* enabled = member_of(automated, "enabled");
  const bool on = enabled == nullptr || enabled->as_bool() == nullptr || *enabled->as_bool();
  out.prune = on && is_true(member_of(automated, "prune"));
  out.allow_empty = is_true(member_of(automated, "allowEmpty"));
  return out;
}

namespace {

enum class ObjectKind { kNone, kApplication, kProject, kSet, kCluster };

ObjectKind kind_of(const Document& document) {
  if (document.empty() || document[0].kind != Kind::kMap) return ObjectKind::kNone;
  const std::string api = text_of(document, document.find(0, "apiVersion"));
  const std::string kind = text_of(document, document.find(0, "kind"));
  if (api.starts_with("argoproj.io/")) {
    if (kind == "Application") return ObjectKind::kApplication;
    if (kind == "AppProject") return ObjectKind::kProject;
    if (kind == "ApplicationSet") return ObjectKind::kSet;
  }
  const bool secret =
      api == "v1" && kind == "Secret" &&
      text_of(document, at_path(document, 0, {"metadata", "labels", "argocd.argoproj.io/secret-type"})) == "cluster";
  return secret ? ObjectKind::kCluster : ObjectKind::kNone;
}

ArgoCluster cluster_of_secret(const Document& document) {
  const auto field = [&](std::string_view name) {
    const std::string plain = text_of(document, at_path(document, 0, {"stringData", name}));
    if (!plain.empty()) return plain;
    std::string decoded;
    std::size_t bad = 0;
    const std::string data = text_of(document, at_path(document, 0, {"data", name}));
    return decode_base64(data, false, true, decoded, bad) ? decoded : std::string();
  };
  ArgoCluster cluster;
  cluster.of_secret = true;
  cluster.name = field("name");
  cluster.servers = {field("server")};
  cluster.project = field("project");
  const Value metadata = value_of(document, at_path(document, 0, {"metadata"}));
  for (auto& [name, value] : pairs_of(metadata.find("labels"))) cluster.labels[name] = value;
  for (auto& [name, value] : pairs_of(metadata.find("annotations"))) cluster.annotations[name] = value;
  return cluster;
}

class Reader {
 public:
  Reader(ArgoCd& argocd, const source::Tree& tree, const ArgoSettings& settings)
      : argocd_(argocd), tree_(tree), settings_(settings) {}

  void read_folder(const std::string& folder, int depth = 0) {
    if (depth > 100 || files_ > kMaxFiles || !folders_.insert(folder).second) return;
    const auto entries = tree_.list(folder);
    if (!entries.ok()) return;
    const bool chart = std::any_of(entries->begin(), entries->end(),
                                   [](const source::Entry& entry) { return entry.name == "Chart.yaml"; });
    for (const source::Entry& entry : *entries) {
      if (entry.name.empty() || entry.name.front() == '.') continue;
      const std::string path = folder.empty() ? entry.name : folder + "/" + entry.name;
      if (entry.kind == EntryKind::kFolder) {
        // A chart's templates are nothing before they are rendered.
        if (!(chart && entry.name == "templates")) read_folder(path, depth + 1);
      } else if (entry.kind == EntryKind::kFile && source::has_manifest_extension(entry.name)) {
        read_file(path);
      }
    }
  }

  void read_file(const std::string& path) {
    if (++files_ > kMaxFiles || !seen_.insert(path).second) return;
    auto text = tree_.read(path, kMaxFile);
    if (text.ok()) read_text(std::move(*text), path, "");
  }

  void read_text(std::string text, const std::string& path, const std::string& parent) {
    if (text.find("argoproj.io") == text.npos) return;
    const auto held = std::make_shared<const std::string>(std::move(text));
    const document::Syntax syntax = document::syntax_of(path);
    for (const document::Slice& slice : document::split(*held, syntax)) {
      if (slice.bytes.find("argoproj.io") == slice.bytes.npos) continue;
      auto one = std::make_unique<ArgoDocument>();
      one->path = path;
      one->text = held;
      document::read(slice, syntax, {}, one->document);
      const ObjectKind kind = kind_of(one->document);
      if (kind == ObjectKind::kNone || (!parent.empty() && is_known(one->document))) continue;
      if (kind == ObjectKind::kCluster) argocd_.clusters.push_back(cluster_of_secret(one->document));
      open_.push_back({argocd_.documents.size(), kind, parent});
      argocd_.documents.push_back(std::move(one));
    }
  }

  // What was read becomes Applications; what these deploy is read in its turn.
  void expand() {
    while (!open_.empty()) {
      std::deque<Open> now;
      now.swap(open_);
      const std::size_t before = argocd_.applications.size();
      for (const Open& open : now) {
        if (argocd_.applications.size() >= settings_.most_applications) break;
        const std::size_t first = argocd_.applications.size();
        if (open.kind == ObjectKind::kApplication) {
          const Value object = value_of(argocd_.documents[open.document]->document, 0);
          argocd_.applications.push_back(read_application(argocd_, tree_, settings_, object, open.document, 0));
          argocd_.applications.back().element = argocd_.applications.back().place;
        } else if (open.kind == ObjectKind::kSet) {
          expand_set(open.document);
        }
        for (std::size_t i = first; i < argocd_.applications.size(); ++i) argocd_.applications[i].parent = open.parent;
      }
      for (std::size_t i = before; i < argocd_.applications.size(); ++i) {
        for (const ApplicationSource& source : argocd_.applications[i].sources) {
          if (source.kind == ApplicationSource::Kind::kPath && source.exists) read_folder(source.path);
        }
      }
    }
  }

  void expand_set(std::size_t number) {
    const Document& document = argocd_.documents[number]->document;
    const NodeIndex spec = document.find(0, "spec");
    const NodeIndex template_node = at_path(document, 0, {"spec", "template"});
    Expansion expansion{argocd_, tree_, settings_, number,
                        text_of(document, at_path(document, 0, {"metadata", "name"}))};
    const auto on = [&](std::string_view name) {
      const NodeIndex node = at_path(document, spec, {name});
      return node != kNoNode && document[node].kind == Kind::kBool && document[node].boolean;
    };
    expansion.go_template = on("goTemplate");
    expansion.nested_selectors = on("applyNestedSelectors");
    for (const std::string& option : texts_of_node(document, at_path(document, spec, {"goTemplateOptions"}))) {
      expansion.strict |= option == "missingkey=error";
    }
    argo::check_set(argocd_, number);
    if (template_node == kNoNode) return;
    const std::size_t findings = argocd_.documents[number]->findings.size();
    const std::vector<ParameterSet> sets = generate(expansion, at_path(document, spec, {"generators"}));
    const Value base = value_of(document, template_node);
    const NodeIndex patch = at_path(document, spec, {"templatePatch"});
    std::size_t made = 0;
    for (const ParameterSet& set : sets) {
      if (argocd_.applications.size() >= settings_.most_applications) {
        expansion.beyond(template_node, "there are more than " + std::to_string(settings_.most_applications) +
                                            " Applications: further ones are not checked");
        break;
      }
      // What the generator's own template says wins; the set's fills in the rest.
      const Value shape = set.over.is_nil() ? base : merged(base, set.over, true);
      // Each Application fails for itself, but one finding a fault of the template will do.
      const std::size_t before = argocd_.documents[number]->findings.size();
      expansion.whole = true;
      Value object = expansion.render_all(shape, set.values, template_node);
      if (patch != kNoNode) apply_patch(expansion, patch, set.values, object);
      auto& all = argocd_.documents[number]->findings;
      drop_repeated(all, findings, before);
      if (!expansion.whole) continue;
      Application application = read_application(argocd_, tree_, settings_, object, number, template_node);
      if (application.namespace_.empty()) {
        application.namespace_ = text_of(document, at_path(document, 0, {"metadata", "namespace"}));
      }
      application.set = expansion.name;
      application.element = set.element;
      argocd_.applications.push_back(std::move(application));
      ++made;
    }
    if (made == 0 && argocd_.documents[number]->findings.size() == findings) {
      argocd_.find(number, at_path(document, spec, {"generators"}), "argocd/no-applications", Severity::kWarning,
                   "the generators yield no Application: those that were there before are deleted");
    }
  }

 private:
  struct Open {
    std::size_t document;
    ObjectKind kind;
    std::string parent;
  };

  // Whether an object of this kind and name was read already: what a renderer passes on unchanged was, from its file.
  bool is_known(const Document& document) const {
    const auto same = [&](const Document& other, std::initializer_list<std::string_view> names) {
      return text_of(document, at_path(document, 0, names)) == text_of(other, at_path(other, 0, names));
    };
    return std::any_of(argocd_.documents.begin(), argocd_.documents.end(), [&](const auto& one) {
      const std::string space = text_of(one->document, at_path(one->document, 0, {"metadata", "namespace"}));
      return same(one->document, {"kind"}) && same(one->document, {"metadata", "name"}) &&
             (space.empty() || same(one->document, {"metadata", "namespace"}));
    });
  }

  static std::vector<std::string> texts_of_node(const Document& document, NodeIndex node) {
    if (node == kNoNode) return {};
    const Value value = value_of(document, node);
    return texts_of(&value);
  }

  // Findings behind `before` that say what one behind `from` says already.
  static void drop_repeated(std::vector<Finding>& all, std::size_t from, std::size_t before) {
    std::set<std::pair<std::string, std::uint32_t>> said;
    for (std::size_t i = from; i < std::min(before, all.size()); ++i) said.insert({all[i].message, all[i].span.begin});
    std::size_t kept = before;
    for (std::size_t i = before; i < all.size(); ++i) {
      if (!said.insert({all[i].message, all[i].span.begin}).second) continue;
      if (kept != i) all[kept] = std::move(all[i]);
      ++kept;
    }
    all.resize(std::min(kept, all.size()));
  }

  // A strategic merge patch: mappings are merged, null deletes, lists are replaced but for finalizers, which are added.
  static Value patched(const Value& base, const Value& patch, std::string_view name, int depth) {
    if (name == "finalizers" && base.as_list() != nullptr && patch.as_list() != nullptr) {
      List all = *base.as_list();
      for (const Value& item : *patch.as_list()) {
        const bool there = std::any_of(all.begin(), all.end(), [&](const Value& one) { return deep_equal(one, item); });
        if (!there) all.push_back(item);
      }
      return Value::list(std::move(all));
    }
    if (base.as_map() == nullptr || patch.as_map() == nullptr || depth > kMaxValueDepth) return patch;
    Mapping all = *base.as_map();
    for (const auto& [key, value] : *patch.as_map()) {
      if (value.is_nil()) {
        all.erase(key);
      } else {
        all[key] = patched(all[key], value, key, depth + 1);
      }
    }
    return Value::map(std::move(all));
  }

  void apply_patch(Expansion& expansion, NodeIndex node, const Value& parameters, Value& object) {
    const std::string written = text_of(expansion.source().document, node);
    // templatePatch is rendered as the set says, and needs goTemplate in any case of use.
    const std::string text = expansion.render(written, parameters, node);
    if (!expansion.whole) return;
    std::string error;
    const Value patch = parse_yaml(text, error);
    if (patch.is_nil() && error.empty()) return;
    if (patch.as_map() == nullptr) {
      expansion.whole = false;
      argocd_.find(expansion.document, node, "argocd/template", Severity::kError,
                   "templatePatch does not yield a mapping" + (error.empty() ? "" : ": " + error));
      return;
    }
    const std::string project = object.find("spec") == nullptr ? "" : object.find("spec")->text_at("project");
    object = patched(object, patch, "", 0);
    const Value* spec = object.find("spec");
    if (spec == nullptr || spec->text_at("project") == project) return;
    expansion.whole = false;
    argocd_.find(expansion.document, node, "argocd/template", Severity::kError,
                 "templatePatch changes the project, which Argo CD refuses");
  }

  ArgoCd& argocd_;
  const source::Tree& tree_;
  const ArgoSettings& settings_;
  std::deque<Open> open_;
  std::set<std::string> folders_, seen_;
  std::size_t files_ = 0;
};

// Of the Applications from `first` on: who deploys the files that they stand in.
void find_parents(ArgoCd& argocd) {
  for (Application& application : argocd.applications) {
    if (!application.parent.empty()) continue;
    const std::string& file = argocd.documents[application.document]->path;
    std::size_t longest = 0;
    for (const Application& other : argocd.applications) {
      for (const ApplicationSource& source : other.sources) {
        const bool below = source.kind == ApplicationSource::Kind::kPath && source.exists &&
                           file.starts_with(source.path.empty() ? "" : source.path + "/");
        const bool direct = source.recurse || source.path == source::parent_of(file);
        if (!below || !direct) continue;
        // One that deploys its own file is told so, whoever else does.
        const bool own = &other == &application;
        if (!own && !application.parent.empty() && source.path.size() <= longest) continue;
        longest = own ? file.size() : source.path.size();
        application.parent = other.name;
      }
    }
  }
}

}  // namespace

}  // namespace argo

void ArgoCd::find(std::size_t document, NodeIndex node, std::string_view rule, Severity severity, std::string message) {
  ArgoDocument& at = *documents[document];
  Finding finding;
  finding.rule = rule;
  finding.severity = severity;
  finding.message = std::move(message);
  if (node == kNoNode) node = 0;
  finding.span = at.document[node].span();
  finding.pointer = document::pointer_to(at.document, node);
  at.findings.push_back(std::move(finding));
}

bool same_repository(std::string_view a, std::string_view b) {
  const auto bare = [](std::string_view url) {
    if (const std::size_t scheme = url.find("://"); scheme != url.npos) {
      url.remove_prefix(scheme + 3);
    }
    const std::size_t slash = url.find('/');
    if (const std::size_t user = url.substr(0, slash).rfind('@'); user != url.npos) url.remove_prefix(user + 1);
    std::string out(url);
    // git@host:path, and host:port/path.
    const std::size_t colon = out.find(':');
    if (colon != out.npos && colon < out.find('/')) {
      const std::size_t end = out.find('/', colon);
      const bool port = end != out.npos && end > colon + 1 &&
                        std::all_of(out.begin() + static_cast<std::ptrdiff_t>(colon) + 1,
                                    out.begin() + static_cast<std::ptrdiff_t>(end),
                                    [](unsigned char c) { return std::isdigit(c) != 0; });
      if (port) {
        out.erase(colon, end - colon);
      } else {
        out[colon] = '/';
      }
    }
    while (out.ends_with('/')) out.pop_back();
    if (out.ends_with(".git")) out.resize(out.size() - 4);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
  };
  return bare(a) == bare(b);
}

ArgoCd read_argocd(const source::Tree& tree, std::span<const std::string> roots, const ArgoSettings& settings) {
  ArgoCd argocd;
  argocd.clusters = settings.clusters;
  argo::Reader reader(argocd, tree, settings);
  for (const std::string& root : roots) {
    const auto place = tree.resolve(root);
    if (place.kind == EntryKind::kFolder) reader.read_folder(place.path);
    if (place.kind == EntryKind::kFile) reader.read_file(place.path);
  }
  reader.expand();
  argo::find_parents(argocd);
  for (std::size_t i = 0; i < argocd.applications.size(); ++i) {
    argo::check_application(argocd, tree, argocd.applications[i]);
  }
  argo::check_together(argocd);
  return argocd;
}

bool add_rendered(ArgoCd& argocd, const source::Tree& tree, const ArgoSettings& settings, std::string text,
                  const std::string& path, const std::string& parent) {
  const std::size_t before = argocd.applications.size();
  argo::Reader reader(argocd, tree, settings);
  reader.read_text(std::move(text), path, parent);
  reader.expand();
  for (std::size_t i = before; i < argocd.applications.size(); ++i) {
    argo::check_application(argocd, tree, argocd.applications[i]);
  }
  return argocd.applications.size() > before;
}

}  // namespace kubegate::gitops
