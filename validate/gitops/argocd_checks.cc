// What of Argo CD's objects has caused outages, and can be seen without a cluster. A generated Application is checked
// like one that stands in a file; the finding is at the template's field then, and names the Application.
//
// Argo CD's own rules: ValidateRepo and ValidatePermissions (argo-cd util/argo/argo.go), AppProject.IsSourcePermitted and
// IsDestinationPermitted (pkg/apis/application/v1alpha1/types.go).
//
// Tested in tests/validate/gitops/argocd_test.cc, a broken object and its mended twin for each.
#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <tuple>

#include "validate/base/suggest.h"
#include "validate/gitops/argocd_parts.h"

namespace kubegate::gitops::argo {

namespace {

using document::Document;
using document::Kind;
using document::kNoNode;
using document::NodeIndex;
using Names = std::initializer_list<std::string_view>;

// Which Application a finding is about, where the place alone does not say.
std::string about(const Application& application) {
  return application.set.empty() ? "" : " (Application \"" + application.name + "\")";
}

bool is_commit(std::string_view revision) {
  return revision.size() == 40 &&
         std::all_of(revision.begin(), revision.end(), [](unsigned char c) { return std::isxdigit(c) != 0; });
}

// What was meant to be filled in by something before Argo CD sees it. Where it begins; "" where there is none.
std::string placeholder_in(std::string_view text) {
  for (const auto& [open, close] : {std::pair{"${", '}'}, {"{{", '}'}, {"$(", ')'}}) {
    const std::size_t at = text.find(open);
    const std::size_t end = at == text.npos ? at : text.find(close, at);
    if (end != text.npos) return std::string(text.substr(at, end + 1 - at + (open[0] == '{' ? 1 : 0)));
  }
  for (const std::string_view word : {"<no value>", "CHANGEME", "REPLACE_ME"}) {
    if (text.find(word) != text.npos) return std::string(word);
  }
  return {};
}

class Checker {
 public:
  Checker(ArgoCd& argocd, const source::Tree& tree, const Application& application)
      : argocd_(argocd), tree_(tree), app_(application) {}

  void run() {
    const Document& document = argocd_.documents[app_.document]->document;
    several_ = field_of(argocd_, app_, {"spec", "sources"}) != field_of(argocd_, app_, {"spec"}) &&
               document[field_of(argocd_, app_, {"spec", "sources"})].kind == Kind::kSequence;
    if (app_.sources.empty()) {
      find({"spec"}, "argocd/source", Severity::kError, "the Application has no source: nothing says what to deploy");
    }
    for (std::size_t i = 0; i < app_.sources.size(); ++i) check_source(app_.sources[i], std::to_string(i));
    check_destination();
    check_project();
    check_placeholders();
    if (app_.prune && app_.allow_empty) {
      find({"spec", "syncPolicy", "automated", "allowEmpty"}, "argocd/prune-empty", Severity::kError,
           "prune with allowEmpty deletes everything when the path yields nothing by mistake");
    }
    if (app_.parent == app_.name && !app_.name.empty()) {
      find({"metadata", "name"}, "argocd/manages-itself", Severity::kWarning,
           "the Application deploys the file that it stands in: a mistake in it can delete itself and all it deploys");
    }
  }

 private:
  void find(Names names, std::string_view rule, Severity severity, std::string message) {
    find_at(field_of(argocd_, app_, names), rule, severity, std::move(message));
  }
  void find_at(NodeIndex node, std::string_view rule, Severity severity, std::string message) {
    argocd_.find(app_.document, node, rule, severity, message + about(app_));
  }
  NodeIndex in_source(const std::string& index, Names names) const {
    const NodeIndex at =
        several_ ? field_of(argocd_, app_, {"spec", "sources", index}) : field_of(argocd_, app_, {"spec", "source"});
    Application from = app_;
    from.root = at;
    return field_of(argocd_, from, names);
  }

  void check_source(const ApplicationSource& source, const std::string& index) {
    if (source.repo_url.empty()) {
      find_at(in_source(index, {}), "argocd/source", Severity::kError, "the source has no repoURL");
    } else if (source.path.empty() && source.chart.empty() && source.ref.empty() &&
               source.kind != ApplicationSource::Kind::kPath) {
      find_at(in_source(index, {}), "argocd/source", Severity::kError,
              std::string("the source needs a path or a chart") + (several_ ? ", or a ref" : ""));
    } else if (!source.path.empty() && !source.chart.empty()) {
      find_at(in_source(index, {"chart"}), "argocd/source", Severity::kError,
              "a source has a path or a chart, not both");
    } else if (!source.ref.empty() && !several_) {
      find_at(in_source(index, {"ref"}), "argocd/source", Severity::kError,
              "ref is for an Application with several sources");
    }
    if (!source.ref.empty() && !source.chart.empty()) {
      find_at(in_source(index, {"ref"}), "argocd/source", Severity::kError, "a chart cannot be a ref");
    }
    check_revision(source, index);
    check_path(source, index);
  }

  void check_revision(const ApplicationSource& source, const std::string& index) {
    const NodeIndex node = in_source(index, {"targetRevision"});
    if (!source.chart.empty()) {
      if (source.revision.empty()) {
        find_at(node, "argocd/revision", Severity::kError, "a chart needs a targetRevision: its version");
      } else if (source.revision.find_first_of("*^~<>|") != source.revision.npos) {
        find_at(
            node, "argocd/moving-revision", Severity::kWarning,
            "\"" + source.revision + "\" is a range of versions: which one is deployed may change without a commit");
      }
      return;
    }
    if (source.repo_url.empty() || is_commit(source.revision)) {
      if (source.kind == ApplicationSource::Kind::kPath && is_commit(source.revision)) {
        find_at(node, "argocd/other-revision", Severity::kWarning,
                "commit " + source.revision.substr(0, 12) + " is deployed, which need not be what is judged here");
      }
      return;
    }
    find_at(node, "argocd/moving-revision", Severity::kWarning,
            (source.revision.empty() ? "without a targetRevision HEAD is followed"
                                     : "\"" + source.revision + "\" is no commit") +
                std::string(": what is deployed may change without a commit here"));
  }

  void check_path(const ApplicationSource& source, const std::string& index) {
    if (source.path.find('\\') != source.path.npos) {
      find_at(in_source(index, {"path"}), "argocd/backslash", Severity::kError,
              "a path of a repository is written with /, not \\");
      return;
    }
    if (source.kind == ApplicationSource::Kind::kPath && !source.exists && !source.path.empty()) {
      std::string message = "there is no folder \"" + source.path + "\" in this repository";
      const std::string nearest = nearest_folder(source.path);
      if (!nearest.empty()) message += ", did you mean \"" + nearest + "\"?";
      find_at(in_source(index, {"path"}), "argocd/missing-path", Severity::kError, message);
    }
    const NodeIndex files = in_source(index, {"helm", "valueFiles"});
    const NodeIndex ignore = in_source(index, {"helm", "ignoreMissingValueFiles"});
    const Document& document = argocd_.documents[app_.document]->document;
    const bool may_miss = document[ignore].kind == Kind::kBool && document[ignore].boolean;
    if (may_miss) return;
    for (const std::string& file : source.helm.value_files) {
      if (tree_.resolve(file).kind == source::EntryKind::kFile || !placeholder_in(file).empty()) continue;
      find_at(files, "argocd/missing-values", Severity::kError,
              "there is no values file \"" + file + "\" in this repository");
    }
    for (const std::string& file : source.helm.written_value_files) {
      if (!file.starts_with('$')) continue;
      const std::string ref = file.substr(1, file.find('/') - 1);
      const bool known = std::any_of(app_.sources.begin(), app_.sources.end(),
                                     [&](const ApplicationSource& other) { return other.ref == ref; });
      if (!known) {
        find_at(files, "argocd/missing-values", Severity::kError,
                "the values file \"" + file + "\" is of a ref that no source has");
      }
    }
  }

  std::string nearest_folder(const std::string& path) const {
    const std::string parent(source::parent_of(path));
    const auto entries = tree_.list(parent);
    if (!entries.ok()) return {};
    std::vector<std::string_view> names;
    for (const source::Entry& entry : *entries) {
      if (entry.kind == source::EntryKind::kFolder) names.push_back(entry.name);
    }
    const std::string name = path.substr(parent.empty() ? 0 : parent.size() + 1);
    const std::string nearest(nearest_name(name, names));
    return nearest.empty() || parent.empty() ? nearest : parent + "/" + nearest;
  }

  void check_destination() {
    const Destination& to = app_.destination;
    if (to.server.empty() && to.name.empty()) {
      find({"spec", "destination"}, "argocd/destination", Severity::kError, "the destination needs a server or a name");
    } else if (!to.server.empty() && !to.name.empty()) {
      find({"spec", "destination"}, "argocd/destination", Severity::kError,
           "the destination has a server and a name: Argo CD wants one of them");
    } else if (to.cluster.empty() && !argocd_.clusters.empty() && placeholder_in(to.server + to.name).empty()) {
      const bool by_name = to.server.empty();
      std::vector<std::string_view> names;
      for (const ArgoCluster& cluster : argocd_.clusters) names.push_back(cluster.name);
      const std::string_view nearest = by_name ? nearest_name(to.name, names) : std::string_view();
      find({"spec", "destination", by_name ? "name" : "server"}, "argocd/unknown-cluster", Severity::kWarning,
           "no cluster is known as \"" + (by_name ? to.name : to.server) + "\"" +
               (nearest.empty() ? "" : ", did you mean \"" + std::string(nearest) + "\"?"));
    }
  }

  void check_project();
  void check_placeholders() {
    // Values of charts hold templates of their own.
    const auto check = [&](const std::string& text, NodeIndex node, std::string_view what) {
      const std::string found = placeholder_in(text);
      if (found.empty()) return;
      find_at(node, "argocd/placeholder", Severity::kError,
              "\"" + found + "\" in the " + std::string(what) + " was not filled in: Argo CD takes it as it is");
    };
    check(app_.name, field_of(argocd_, app_, {"metadata", "name"}), "name");
    check(app_.project, field_of(argocd_, app_, {"spec", "project"}), "project");
    check(app_.destination.server, field_of(argocd_, app_, {"spec", "destination", "server"}), "destination");
    check(app_.destination.name, field_of(argocd_, app_, {"spec", "destination", "name"}), "destination");
    check(app_.destination.namespace_, field_of(argocd_, app_, {"spec", "destination", "namespace"}), "destination");
    for (std::size_t i = 0; i < app_.sources.size(); ++i) {
      const std::string index = std::to_string(i);
      check(app_.sources[i].repo_url, in_source(index, {"repoURL"}), "repoURL");
      check(app_.sources[i].path, in_source(index, {"path"}), "path");
      check(app_.sources[i].revision, in_source(index, {"targetRevision"}), "targetRevision");
    }
  }

  ArgoCd& argocd_;
  const source::Tree& tree_;
  const Application& app_;
  bool several_ = false;
};

bool permits_source(const Document& document, NodeIndex list, const std::string& url) {
  if (list == kNoNode || document[list].kind != Kind::kSequence) return false;
  bool any = false;
  NodeIndex item = list + 1;
  for (std::uint32_t i = 0; i < document[list].children.count; ++i, item = document.next(item)) {
    const std::string pattern = text_of(document, item);
    if (pattern.starts_with('!')) {
      if (glob_matches(pattern.substr(1), url) || same_repository(pattern.substr(1), url)) return false;
    } else {
      any |= glob_matches(pattern, url, '/') || pattern == "*" || same_repository(pattern, url);
    }
  }
  return any;
}

bool permits_destination(const Document& document, NodeIndex list, const ArgoCd& argocd, const Destination& to) {
  if (list == kNoNode || document[list].kind != Kind::kSequence) return false;
  std::vector<std::string> servers = {to.server}, names = {to.name};
  for (const ArgoCluster& cluster : argocd.clusters) {
    if (cluster.name != to.cluster || to.cluster.empty()) continue;
    servers.insert(servers.end(), cluster.servers.begin(), cluster.servers.end());
    names.push_back(cluster.name);
  }
  const auto some = [](const std::string& pattern, const std::vector<std::string>& texts) {
    return std::any_of(texts.begin(), texts.end(), [&](const std::string& text) {
      return !text.empty() && !pattern.empty() && glob_matches(pattern, text);
    });
  };
  bool any = false;
  NodeIndex item = list + 1;
  for (std::uint32_t i = 0; i < document[list].children.count; ++i, item = document.next(item)) {
    const std::string server = text_of(document, at_path(document, item, {"server"}));
    const std::string name = text_of(document, at_path(document, item, {"name"}));
    const std::string space = text_of(document, at_path(document, item, {"namespace"}));
    const auto positive = [](const std::string& text) { return text.starts_with('!') ? text.substr(1) : text; };
    const bool denies = server.starts_with('!') || name.starts_with('!') || space.starts_with('!');
    const bool where = some(positive(server), servers) || some(positive(name), names);
    const bool in = to.namespace_.empty() || glob_matches(positive(space), to.namespace_);
    if (denies) {
      const bool hits = (server.starts_with('!') || name.starts_with('!') ? where : true) &&
                        (space.starts_with('!') ? in : true) && (where || space.starts_with('!'));
      if (hits && where) return false;
    } else {
      any |= where && in;
    }
  }
  return any;
}

void Checker::check_project() {
  if (app_.project.empty() || !placeholder_in(app_.project).empty()) return;
  std::vector<std::string> names;
  for (const auto& one : argocd_.documents) {
    const Document& document = one->document;
    if (text_of(document, document.find(0, "kind")) != "AppProject") continue;
    const std::string name = text_of(document, at_path(document, 0, {"metadata", "name"}));
    names.push_back(name);
    if (name != app_.project) continue;
    const NodeIndex sources = at_path(document, 0, {"spec", "sourceRepos"});
    for (std::size_t i = 0; i < app_.sources.size(); ++i) {
      const std::string& url = app_.sources[i].repo_url;
      if (url.empty() || permits_source(document, sources, url)) continue;
      find_at(in_source(std::to_string(i), {"repoURL"}), "argocd/source-not-permitted", Severity::kError,
              "the project \"" + name + "\" does not permit the repository " + url);
    }
    const NodeIndex destinations = at_path(document, 0, {"spec", "destinations"});
    const bool says = !app_.destination.server.empty() || !app_.destination.name.empty();
    if (says && !permits_destination(document, destinations, argocd_, app_.destination)) {
      find({"spec", "destination"}, "argocd/destination-not-permitted", Severity::kError,
           "the project \"" + name + "\" does not permit the destination " +
               (app_.destination.server.empty() ? app_.destination.name : app_.destination.server) +
               (app_.destination.namespace_.empty() ? "" : ", namespace " + app_.destination.namespace_));
    }
    return;
  }
  // Argo CD makes the project "default" by itself. Without any project here they are kept elsewhere.
  if (names.empty() || app_.project == "default") return;
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  const std::string_view nearest = nearest_name(app_.project, candidates);
  find({"spec", "project"}, "argocd/unknown-project", Severity::kError,
       "there is no project \"" + app_.project + "\"" +
           (nearest.empty() ? "" : ", did you mean \"" + std::string(nearest) + "\"?"));
}

}  // namespace

void check_application(ArgoCd& argocd, const source::Tree& tree, const Application& application) {
  Checker(argocd, tree, application).run();
}

void check_set(ArgoCd& argocd, std::size_t number) {
  const Document& document = argocd.documents[number]->document;
  const NodeIndex spec = document.find(0, "spec");
  if (spec == kNoNode) return;
  const auto is_on = [&](Names names) {
    const NodeIndex node = at_path(document, spec, names);
    return node != kNoNode && document[node].kind == Kind::kBool && document[node].boolean;
  };
  bool strict = false;
  const NodeIndex options = at_path(document, spec, {"goTemplateOptions"});
  if (options != kNoNode && document[options].kind == Kind::kSequence) {
    NodeIndex item = options + 1;
    for (std::uint32_t i = 0; i < document[options].children.count; ++i, item = document.next(item)) {
      strict |= text_of(document, item) == "missingkey=error";
    }
  }
  if (is_on({"goTemplate"}) && !strict) {
    argocd.find(number, at_path(document, spec, {"goTemplate"}), "argocd/missing-key", Severity::kWarning,
                "without goTemplateOptions: [missingkey=error] a parameter that is missing becomes \"<no value>\"");
  }
  const std::string sync = text_of(document, at_path(document, spec, {"syncPolicy", "applicationsSync"}));
  if (!is_on({"syncPolicy", "preserveResourcesOnDeletion"}) && sync != "create-only" && sync != "create-update") {
    const NodeIndex policy = at_path(document, spec, {"syncPolicy"});
    argocd.find(number, policy == kNoNode ? at_path(document, 0, {"metadata", "name"}) : policy, "argocd/set-deletes",
                Severity::kWarning,
                "an Application that the generators no longer yield is deleted with all it deployed: set "
                "syncPolicy.preserveResourcesOnDeletion: true, or applicationsSync: create-update");
  }
}

void check_together(ArgoCd& argocd) {
  // Names: Argo CD refuses a set with two of one name; elsewhere the later object replaces the earlier.
  std::map<std::pair<std::string, std::string>, std::size_t> names;
  for (std::size_t i = 0; i < argocd.applications.size(); ++i) {
    const Application& one = argocd.applications[i];
    if (one.name.empty()) continue;
    const auto [found, is_new] = names.emplace(std::pair{one.namespace_, one.name}, i);
    if (is_new) continue;
    const Application& first = argocd.applications[found->second];
    const Place& there = first.set.empty() ? first.place : first.element;
    argocd.find(one.document, field_of(argocd, one, {"metadata", "name"}), "argocd/duplicate-name", Severity::kError,
                "two Applications have the name \"" + one.name + "\": the other is of " + there.file + ":" +
                    std::to_string(there.line));
  }
  // One path that two Applications send to one namespace of one cluster: they fight over its objects.
  std::map<std::tuple<std::string, std::string, std::string>, std::size_t> owners;
  for (std::size_t i = 0; i < argocd.applications.size(); ++i) {
    const Application& one = argocd.applications[i];
    const std::string to =
        one.destination.cluster.empty() ? one.destination.server + one.destination.name : one.destination.cluster;
    std::set<std::string> own;
    for (const ApplicationSource& source : one.sources) {
      const bool plain =
          source.kustomize.name_prefix.empty() && source.kustomize.name_suffix.empty() && !source.is_chart;
      if (source.kind != ApplicationSource::Kind::kPath || !source.exists || !plain ||
          !own.insert(source.path).second) {
        continue;
      }
      const auto [found, is_new] = owners.emplace(std::tuple{source.path, to, one.destination.namespace_}, i);
      const Application& first = argocd.applications[found->second];
      if (is_new || first.name == one.name) continue;
      argocd.find(one.document, field_of(argocd, one, {"metadata", "name"}), "argocd/two-owners", Severity::kError,
                  "the Applications \"" + first.name + "\" and \"" + one.name + "\" both deploy " + source.path +
                      " to one place: each undoes what the other does");
    }
  }
}

}  // namespace kubegate::gitops::argo
