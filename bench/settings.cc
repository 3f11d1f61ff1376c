#include "bench/manifests.h"

namespace kubegate::bench {

namespace {

// Files that configMapGenerator puts into ConfigMaps; lines of theirs are drawn.
constexpr std::array<std::string_view, 12> kProxyLines = {"client_body_buffer_size 128k;",
                                                          "client_max_body_size 16m;",
                                                          "gzip on;",
                                                          "gzip_types application/json text/css;",
                                                          "keepalive_timeout 65s;",
                                                          "proxy_buffering off;",
                                                          "proxy_connect_timeout 2s;",
                                                          "proxy_http_version 1.1;",
                                                          "proxy_read_timeout 30s;",
                                                          "proxy_set_header Host $host;",
                                                          "proxy_set_header X-Request-Id $request_id;",
                                                          "server_tokens off;"};
constexpr std::array<std::string_view, 8> kPanels = {"Requests", "Error rate", "Latency p99", "Saturation",
                                                     "Restarts", "Memory",     "CPU",         "Queue depth"};
constexpr std::array<std::string_view, 6> kFlags = {"enable-audit-log",       "enable-dark-launch",
                                                    "enable-new-router",      "enable-read-replicas",
                                                    "enable-request-hedging", "enable-tracing"};

// The suffix that kustomize makes from a generated object's content.
std::string content_hash(Random& random) {
  constexpr std::string_view kLetters = "bcdfghjkmtk2456789";
  std::string hash;
  for (int i = 0; i < 10; ++i) hash += kLetters[random.below(kLetters.size())];
  return hash;
}

std::string flags(Random& random) {
  std::string out;
  for (const std::string_view flag : kFlags) {
    if (random.chance(22)) out.append(flag).append(random.chance(50) ? ": \"true\"\n" : ": \"false\"\n");
  }
  return out;
}

std::string proxy_file(Random& random) {
  std::string out = "proxy.conf: |\n";
  for (const std::string_view line : kProxyLines) {
    if (random.chance(75)) out.append("  ").append(line).append("\n");
  }
  return out;
}

}  // namespace

std::string config_map(Random& random, const Site& site, const App& app) {
  // A file of settings as a literal block, now and then with what kustomize must quote or fold over lines.
  std::string motd;
  if (random.chance(4)) {
    motd =
        "  motd: \"maintenance window: Sunday, 02:00 to 04:00 UTC; questions go to the channel\n"
        "    of the team, not to the on-call engineer\\n\"\n";
  }
  return fill(R"(apiVersion: v1
data:
  LOG_LEVEL: $level
  application.yaml: |
    server:
      port: $port
      read-timeout: $timeout
    database:
      url: postgresql://database.$namespace.svc:5432/$name
      pool: $pool
    log:
      level: $level
      format: "%d{ISO8601} %-5p [%t] %c{1}: %m%n"
$motd
kind: ConfigMap
metadata:
  labels:
    $labels
  name: $name-config
  namespace: $namespace
)",
              {{"port", app.port},
               {"timeout", std::to_string(random.between(1, 30)) + "s"},
               {"namespace", site.team},
               {"name", app.name},
               {"pool", std::to_string(random.between(5, 50))},
               {"labels", app.labels},
               {"motd", motd},
               {"level", random.chance(80) ? "info" : "debug"}});
}

std::string generated_config_map(Random& random, const Site& site, unsigned number) {
  return fill(R"(apiVersion: v1
data:
  $flags
  $file
kind: ConfigMap
metadata:
  labels:
    team: $team
  name: settings-$number-$hash
  namespace: $team
)",
              {{"flags", flags(random)},
               {"file", proxy_file(random)},
               {"team", site.team},
               {"number", std::to_string(number)},
               {"hash", content_hash(random)}});
}

std::string dashboard(Random& random, const Site& site, unsigned number) {
  std::string panels;
  for (std::uint64_t left = random.between(2, 10); left > 0; --left) {
    panels += fill(R"({"expr": "rate(requests_total[$minutes]) > 0", "title": "$title", "type": "timeseries"}$comma
)",
                   {{"minutes", std::to_string(random.between(1, 9)) + "m"},
                    {"title", random.pick(kPanels)},
                    {"comma", left > 1 ? "," : ""}});
  }
  return fill(
      R"(apiVersion: v1
data:
  dashboard.json: |-
    {
      "panels": [
        $panels
      ],
      "title": "$team $number",
      "uid": "$hash"
    }
kind: ConfigMap
metadata:
  labels:
    grafana_dashboard: "1"
  name: dashboard-$number
  namespace: $team
)",
      {{"panels", panels}, {"team", site.team}, {"number", std::to_string(number)}, {"hash", content_hash(random)}});
}

std::string access(const Site& site, std::string_view cluster_role, std::string_view group) {
  return fill(R"(apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: $group-$role
  namespace: $team
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: $role
subjects:
- apiGroup: rbac.authorization.k8s.io
  kind: Group
  name: $group
)",
              {{"group", group}, {"role", cluster_role}, {"team", site.team}});
}

std::string persistent_volume_claim(Random& random, const Site& site, unsigned number) {
  return fill(R"(apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: shared-$number
  namespace: $team
spec:
  accessModes:
  - ReadWriteMany
  resources:
    requests:
      storage: $size
  storageClassName: efs
)",
              {{"number", std::to_string(number)},
               {"team", site.team},
               {"size", std::to_string(random.between(1, 50) * 10) + "Gi"}});
}

}  // namespace kubegate::bench
