// What an overlay holds, and how many of each: a team's namespace, some services with everything that usually stands
// around a service, and the team's part of the platform. The chances below are set so that 500 overlays come to about
// 24,500 documents, 924,000 nodes and 14.3 MB: the farm on which bench/NOTES.md compares one day with the next.
#include "bench/manifests.h"

namespace kubegate::bench {

namespace {

constexpr std::array<std::string_view, 8> kTeams = {"payments", "checkout", "catalog", "search",
                                                    "identity", "shipping", "pricing", "messaging"};
constexpr std::array<std::string_view, 4> kEnvironments = {"dev", "staging", "prod", "dr"};
constexpr std::array<std::string_view, 4> kRegions = {"eu-west-1", "eu-central-1", "us-east-1", "ap-south-1"};
constexpr std::array<std::string_view, 10> kRoles = {"api",      "worker",   "gateway",    "scheduler", "indexer",
                                                     "consumer", "frontend", "reconciler", "exporter",  "notifier"};

}  // namespace

App make_app(Random& random, const Site& site, unsigned number) {
  App app;
  app.name = site.team + "-" + std::string(kRoles[number % kRoles.size()]);
  if (number >= kRoles.size()) app.name.append("-").append(std::to_string(number / kRoles.size()));
  app.image = "registry.example.com/" + site.team + "/" + app.name;
  app.version = fill("$major.$minor.$patch", {{"major", std::to_string(random.between(1, 9))},
                                              {"minor", std::to_string(random.below(40))},
                                              {"patch", std::to_string(random.below(20))}});
  app.port = std::to_string(8000 + random.below(100));
  app.selector = fill("app.kubernetes.io/instance: $cluster\napp.kubernetes.io/name: $name\n",
                      {{"cluster", site.cluster}, {"name", app.name}});
  app.labels = app.selector + fill("app.kubernetes.io/part-of: $team\n", {{"team", site.team}});
  return app;
}

std::vector<std::string> overlay(std::uint64_t seed, unsigned index) {
  Random random(seed ^ (0x6b75626567617465ull * (index + 1)));  // overlays do not depend on one another
  Site site;
  site.index = index;
  site.team = std::string(random.pick(kTeams)) + "-" + std::to_string(index);
  site.environment = random.pick(kEnvironments);
  site.region = random.pick(kRegions);
  site.cluster = site.environment + "-" + site.region;

  std::vector<std::string> documents;
  const auto add = [&documents](std::string document) { documents.push_back(std::move(document)); };
  add(name_space(site));
  add(resource_quota(random, site));
  add(limit_range(site));
  add(argo_project(site));
  add(access(site, "edit", site.team));
  add(access(site, "view", "everyone"));

  const unsigned apps = static_cast<unsigned>(random.between(2, 3) + random.chance(5));
  for (unsigned i = 0; i < apps; ++i) {
    const App app = make_app(random, site, i);
    const bool stateful = random.chance(15);
    add(service_account(site, app));
    add(config_map(random, site, app));
    add(service(site, app));
    add(stateful ? stateful_set(random, site, app) : deployment(random, site, app));
    if (!stateful && random.chance(65)) add(horizontal_pod_autoscaler(random, site, app));
    if (random.chance(70)) add(pod_disruption_budget(random, site, app));
    if (random.chance(60)) add(network_policy(random, site, app));
    if (random.chance(60)) add(service_monitor(random, site, app));
    if (random.chance(50)) add(external_secret(random, site, app));
    if (random.chance(25)) {
      add(role(random, site, app));
      add(role_binding(site, app));
    }
    if (random.chance(30)) {
      add(ingress(random, site, app));
      add(certificate(site, app));
    }
    if (random.chance(15)) add(prometheus_rule(random, site, app));
    if (random.chance(15)) add(cron_job(random, site, app));
    if (random.chance(20)) add(argo_application(random, site, app));
  }

  unsigned number = 0;
  for (std::uint64_t left = random.between(8, 14); left > 0; --left) add(generated_config_map(random, site, number++));
  for (std::uint64_t left = random.between(5, 9); left > 0; --left) add(dashboard(random, site, number++));
  for (std::uint64_t left = random.below(5); left > 0; --left) add(persistent_volume_claim(random, site, number++));
  if (random.chance(50)) {
    add(node_pool(random, site));
    add(node_class(random, site));
  }
  return documents;
}

}  // namespace kubegate::bench
