// Argo CD: what the Applications, AppProjects and ApplicationSets of a tree come to, offline.
//
// ApplicationSets are expanded as their controller expands them (argo-cd applicationset/generators, /utils): list, git
// (over the tree, so that the work tree, the index and a commit work alike), clusters, matrix and merge; what needs a
// network or a cluster is a counted warning. What an Application deploys from this repository is a path of the tree.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "validate/base/finding.h"
#include "validate/document/document.h"
#include "validate/gitops/value.h"
#include "validate/source/tree.h"

namespace kubegate::gitops {

// A file of the tree that holds something of Argo CD, one document each, and what is wrong with it.
struct ArgoDocument {
  std::string path;
  std::shared_ptr<const std::string> text;
  document::Document document;
  std::vector<Finding> findings;  // without targets
};

struct Place {
  std::string file;  // in the tree; "" is nowhere
  std::uint32_t line = 0, column = 0;
};

struct HelmParameter {
  std::string name, value;
  bool force_string = false;
};

struct HelmOptions {
  std::string release_name;
  std::string namespace_;
  std::vector<std::string> value_files;          // in the tree, in their order
  std::vector<std::string> written_value_files;  // as the Application names them, URLs among them
  std::string values;                            // YAML: valuesObject, or values
  std::vector<HelmParameter> parameters, file_parameters;
  bool skip_crds = false;
};

struct KustomizeOptions {
  std::string name_prefix, name_suffix, namespace_;
  std::vector<std::string> images, components;
  std::vector<std::pair<std::string, std::string>> common_labels, common_annotations;
  std::vector<std::string> patches;   // each a YAML text of an item of `patches`
  std::vector<std::string> replicas;  // name=count

  bool empty() const {
    return name_prefix.empty() && name_suffix.empty() && namespace_.empty() && images.empty() && components.empty() &&
           common_labels.empty() && common_annotations.empty() && patches.empty() && replicas.empty();
  }
};

struct ApplicationSource {
  enum class Kind : std::uint8_t {
    kPath,       // a folder of this tree: `path`
    kChart,      // a chart of a registry: `repo_url` and `chart`
    kElsewhere,  // another repository
    kValues,     // `ref` alone: files that other sources name
  };
  Kind kind = Kind::kElsewhere;
  std::string repo_url, path, chart, revision, ref;
  bool exists = false;           // kPath: the folder is there
  bool is_chart = false;         // and is a Helm chart
  bool recurse = false;          // directory.recurse
  std::string include, exclude;  // directory.include and .exclude
  bool plugin = false;           // rendered by a plugin: kubegate cannot
  HelmOptions helm;
  KustomizeOptions kustomize;
};

struct Destination {
  std::string server, name, namespace_;
  std::string cluster;  // of the configuration, or of the clusters' secrets; "" where it is not known
};

struct Application {
  std::string name, namespace_, project;
  std::vector<ApplicationSource> sources;
  Destination destination;
  std::string set;     // the ApplicationSet that it comes from; "" is none
  std::string parent;  // the Application that deploys its file, or the set's; "" is none
  Place place;         // of the Application, or of the set's template
  Place element;       // of what generated it
  bool prune = false, allow_empty = false;

  std::size_t document = 0;      // of ArgoCd::documents
  document::NodeIndex root = 0;  // in it: the Application, or the template
};

// A cluster that Applications may go to.
struct ArgoCluster {
  std::string name;
  std::vector<std::string> servers;  // URLs
  std::vector<std::string> names;    // by which Argo CD knows it, besides `name`
  std::map<std::string, std::string, std::less<>> labels, annotations;
  std::string project;
  bool of_secret = false;  // it stands in the tree as Argo CD's secret, so its labels are known
};

struct ArgoSettings {
  std::vector<std::string>
      repositories;                   // URLs of this repository; none: every repository whose paths are here is this
  std::vector<ArgoCluster> clusters;  // of the configuration; none: nothing is said about clusters
  std::size_t most_applications = 5000;
};

struct ArgoCd {
  std::vector<std::unique_ptr<ArgoDocument>> documents;  // by path
  std::vector<Application> applications;                 // by place, then by element
  std::vector<ArgoCluster> clusters;                     // the configuration's, then those of secrets
  std::size_t not_expanded = 0;                          // generators that need more than the tree

  // Adds a finding at a node of a document.
  void find(std::size_t document, document::NodeIndex node, std::string_view rule, Severity severity,
            std::string message);
};

// Whether two URLs name one repository: by host and path, whatever the scheme, user and ".git".
bool same_repository(std::string_view a, std::string_view b);

// Reads what stands below `roots` of the tree ("" is all), and what the Applications there deploy from it. Never fails:
// what is wrong is among the findings.
ArgoCd read_argocd(const source::Tree& tree, std::span<const std::string> roots, const ArgoSettings& settings);

// Reads the objects of a text that a renderer made for an Application, whose name is `parent`, into what is known
// already: an app-of-apps. True: there were any that are new.
bool add_rendered(ArgoCd& argocd, const source::Tree& tree, const ArgoSettings& settings, std::string text,
                  const std::string& path, const std::string& parent);

}  // namespace kubegate::gitops
