// Manifests as `kustomize build` writes them: keys in alphabetical order, lists at the column of their key, long texts
// as block scalars. Every one is sound for Kubernetes 1.28 and 1.29 and, for custom resources, for the newest bundle
// of its project; bench/compare shows what the peers say about them.
#pragma once

#include <string>
#include <vector>

#include "bench/text.h"

namespace kubegate::bench {

// Where the objects of one overlay go.
struct Site {
  std::string team;  // also the namespace and the Argo CD project
  std::string environment;
  std::string region;
  std::string cluster;
  unsigned index = 0;  // number of the overlay in its farm
};

// One service of a team, with what its objects have in common.
struct App {
  std::string name;
  std::string image;  // repository without tag
  std::string version;
  std::string port;
  std::string labels;    // block: the labels of its objects, sorted
  std::string selector;  // block: the part of them that selects its pods
};

App make_app(Random& random, const Site& site, unsigned number);

// Each answers one document without its marker. Workloads (workloads.cc):
std::string deployment(Random& random, const Site& site, const App& app);
std::string stateful_set(Random& random, const Site& site, const App& app);
std::string cron_job(Random& random, const Site& site, const App& app);
std::string horizontal_pod_autoscaler(Random& random, const Site& site, const App& app);
std::string pod_disruption_budget(Random& random, const Site& site, const App& app);

// What stands around a workload (services.cc, settings.cc):
std::string name_space(const Site& site);
std::string service_account(const Site& site, const App& app);
std::string role(Random& random, const Site& site, const App& app);
std::string role_binding(const Site& site, const App& app);
std::string config_map(Random& random, const Site& site, const App& app);
std::string generated_config_map(Random& random, const Site& site, unsigned number);
std::string dashboard(Random& random, const Site& site, unsigned number);
std::string access(const Site& site, std::string_view cluster_role, std::string_view group);
std::string persistent_volume_claim(Random& random, const Site& site, unsigned number);
std::string service(const Site& site, const App& app);
std::string ingress(Random& random, const Site& site, const App& app);
std::string network_policy(Random& random, const Site& site, const App& app);
std::string resource_quota(Random& random, const Site& site);
std::string limit_range(const Site& site);

// Custom resources (platform.cc):
std::string service_monitor(Random& random, const Site& site, const App& app);
std::string prometheus_rule(Random& random, const Site& site, const App& app);
std::string external_secret(Random& random, const Site& site, const App& app);
std::string certificate(const Site& site, const App& app);
std::string argo_application(Random& random, const Site& site, const App& app);
std::string argo_project(const Site& site);
std::string node_pool(Random& random, const Site& site);
std::string node_class(Random& random, const Site& site);

// One rendered overlay (overlay.cc): about 49 documents that share a site. Depends on nothing but the arguments.
std::vector<std::string> overlay(std::uint64_t seed, unsigned index);

}  // namespace kubegate::bench
