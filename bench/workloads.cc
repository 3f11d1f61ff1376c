#include <algorithm>

#include "bench/manifests.h"

namespace kubegate::bench {

namespace {

constexpr std::array<std::string_view, 6> kMemory = {"128Mi", "256Mi", "384Mi", "512Mi", "1Gi", "1536Mi"};
constexpr std::array<std::string_view, 6> kCpu = {"50m", "100m", "150m", "250m", "500m", "1"};
constexpr std::array<std::string_view, 8> kVariables = {
    "CACHE_TTL_SECONDS",           "FEATURE_FLAGS",   "HTTP_MAX_CONNECTIONS", "KAFKA_CONSUMER_GROUP", "LOG_FORMAT",
    "OTEL_EXPORTER_OTLP_ENDPOINT", "REQUEST_TIMEOUT", "SHUTDOWN_GRACE_PERIOD"};
constexpr std::array<std::string_view, 8> kSettings = {"\"300\"", "checkout_v2,new_pricing",
                                                       "\"512\"", "orders-consumer",
                                                       "json",    "http://otel-collector.observability:4317",
                                                       "2500ms",  "15s"};

constexpr std::string_view kContainer = R"(- args:
  - --config=/etc/app/application.yaml
  - --port=$port
  env:
  - name: LOG_LEVEL
    value: info
  $variables
  image: $image:$version
  imagePullPolicy: IfNotPresent
  livenessProbe:
    httpGet:
      path: /healthz
      port: http
    initialDelaySeconds: $delay
    periodSeconds: 10
  name: $name
  ports:
  - containerPort: $port
    name: http
  readinessProbe:
    httpGet:
      path: /readyz
      port: http
    periodSeconds: 5
  resources:
    limits:
      memory: $memory
    requests:
      cpu: $cpu
      memory: $memory
  $security
  volumeMounts:
  - mountPath: /etc/app
    name: config
    readOnly: true
)";

constexpr std::array<std::string_view, 3> kSidecars = {
    R"(- image: docker.io/envoyproxy/envoy:v1.29.1
  name: proxy
  ports:
  - containerPort: 15001
    name: proxy
  resources:
    limits:
      memory: 128Mi
    requests:
      cpu: 50m
      memory: 128Mi
)",
    R"(- args:
  - --config.file=/etc/agent/config.yaml
  image: docker.io/grafana/agent:v0.40.2
  name: agent
  ports:
  - containerPort: 12345
    name: http-metrics
    protocol: TCP
)",
    R"(- command:
  - /bin/sh
  - -c
  - |
    set -eu
    while sleep 60; do
      /usr/local/bin/reload --if-changed /etc/app
    done
  image: docker.io/library/busybox:1.36.1
  name: reloader
)"};

constexpr std::string_view kPodSpec = R"(containers:
$containers
$spread
securityContext:
  fsGroup: 1000
  runAsNonRoot: true
  runAsUser: 1000
  seccompProfile:
    type: RuntimeDefault
serviceAccountName: $name
$tolerations
volumes:
- configMap:
    name: $name-config
  name: config
)";

constexpr std::string_view kRestricted = R"(securityContext:
  allowPrivilegeEscalation: false
  capabilities:
    drop:
    - ALL
  readOnlyRootFilesystem: true
)";

// Some environment variables of the table, in its order.
std::string variables(Random& random) {
  std::string out;
  for (std::size_t i = 0; i < kVariables.size(); ++i) {
    if (!random.chance(25)) continue;
    out.append("- name: ").append(kVariables[i]).append("\n  value: ").append(kSettings[i]).append("\n");
  }
  if (random.chance(40)) {
    out += "- name: DATABASE_PASSWORD\n  valueFrom:\n    secretKeyRef:\n      key: password\n      name: database\n";
  }
  return out;
}

std::string containers(Random& random, const App& app) {
  const std::string_view memory = random.pick(kMemory);
  std::string out = fill(kContainer, {{"port", app.port},
                                      {"variables", variables(random)},
                                      {"image", app.image},
                                      {"version", app.version},
                                      {"delay", std::to_string(random.between(1, 6) * 5)},
                                      {"name", app.name},
                                      {"memory", memory},
                                      {"cpu", random.pick(kCpu)},
                                      {"security", random.chance(60) ? kRestricted : ""}});
  for (const std::string_view sidecar : kSidecars) {
    if (random.chance(12)) out += sidecar;
  }
  return out;
}

std::string pod_spec(Random& random, const App& app) {
  const std::string spread = fill(R"(topologySpreadConstraints:
- labelSelector:
    matchLabels:
      $selector
  maxSkew: 1
  topologyKey: topology.kubernetes.io/zone
  whenUnsatisfiable: ScheduleAnyway
)",
                                  {{"selector", app.selector}});
  return fill(kPodSpec, {{"containers", containers(random, app)},
                         {"name", app.name},
                         {"spread", random.chance(30) ? std::string_view(spread) : std::string_view()},
                         {"tolerations", random.chance(30) ? "tolerations:\n- effect: NoSchedule\n  key: dedicated\n"
                                                             "  operator: Equal\n  value: services\n"
                                                           : ""}});
}

}  // namespace

std::string deployment(Random& random, const Site& site, const App& app) {
  return fill(
      R"(apiVersion: apps/v1
kind: Deployment
metadata:
  labels:
    $labels
  name: $name
  namespace: $namespace
spec:
  replicas: $replicas
  revisionHistoryLimit: 3
  selector:
    matchLabels:
      $selector
  $strategy
  template:
    metadata:
      annotations:
        prometheus.io/port: "$port"
        prometheus.io/scrape: "true"
      labels:
        $labels
    spec:
      $pod
)",
      {{"labels", app.labels},
       {"name", app.name},
       {"namespace", site.team},
       {"replicas", std::to_string(random.between(2, 9))},
       {"selector", app.selector},
       {"port", app.port},
       {"strategy", random.chance(50) ? "strategy:\n  rollingUpdate:\n    maxSurge: 25%\n    maxUnavailable: 0\n"
                                        "  type: RollingUpdate\n"
                                      : ""},
       {"pod", pod_spec(random, app)}});
}

std::string stateful_set(Random& random, const Site& site, const App& app) {
  return fill(R"(apiVersion: apps/v1
kind: StatefulSet
metadata:
  labels:
    $labels
  name: $name
  namespace: $namespace
spec:
  podManagementPolicy: Parallel
  replicas: 3
  selector:
    matchLabels:
      $selector
  serviceName: $name
  template:
    metadata:
      labels:
        $labels
    spec:
      $pod
  updateStrategy:
    rollingUpdate:
      partition: 0
    type: RollingUpdate
  volumeClaimTemplates:
  - metadata:
      name: data
    spec:
      accessModes:
      - ReadWriteOnce
      resources:
        requests:
          storage: $size
      storageClassName: gp3
)",
              {{"labels", app.labels},
               {"name", app.name},
               {"namespace", site.team},
               {"selector", app.selector},
               {"pod", pod_spec(random, app)},
               {"size", std::to_string(random.between(1, 20) * 10) + "Gi"}});
}

std::string cron_job(Random& random, const Site& site, const App& app) {
  return fill(R"(apiVersion: batch/v1
kind: CronJob
metadata:
  labels:
    $labels
  name: $name-cleanup
  namespace: $namespace
spec:
  concurrencyPolicy: Forbid
  failedJobsHistoryLimit: 1
  jobTemplate:
    spec:
      backoffLimit: 2
      template:
        spec:
          containers:
          - args:
            - cleanup
            - --older-than=$age
            image: $image:$version
            name: cleanup
            resources:
              limits:
                memory: 256Mi
              requests:
                cpu: 100m
                memory: 256Mi
          restartPolicy: OnFailure
          serviceAccountName: $name
      ttlSecondsAfterFinished: 86400
  schedule: $minute $hour * * *
  successfulJobsHistoryLimit: 1
  timeZone: Etc/UTC
)",
              {{"labels", app.labels},
               {"name", app.name},
               {"namespace", site.team},
               {"age", std::to_string(random.between(7, 90)) + "d"},
               {"image", app.image},
               {"version", app.version},
               {"minute", std::to_string(random.below(60))},
               {"hour", std::to_string(random.below(24))}});
}

std::string horizontal_pod_autoscaler(Random& random, const Site& site, const App& app) {
  const std::uint64_t least = random.between(2, 4);
  return fill(R"(apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  labels:
    $labels
  name: $name
  namespace: $namespace
spec:
  maxReplicas: $most
  metrics:
  - resource:
      name: cpu
      target:
        averageUtilization: $utilization
        type: Utilization
    type: Resource
  minReplicas: $least
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: $name
)",
              {{"labels", app.labels},
               {"name", app.name},
               {"namespace", site.team},
               {"most", std::to_string(least + random.between(2, 20))},
               {"utilization", std::to_string(random.between(10, 18) * 5)},
               {"least", std::to_string(least)}});
}

std::string pod_disruption_budget(Random& random, const Site& site, const App& app) {
  return fill(R"(apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  labels:
    $labels
  name: $name
  namespace: $namespace
spec:
  $bound
  selector:
    matchLabels:
      $selector
)",
              {{"labels", app.labels},
               {"name", app.name},
               {"namespace", site.team},
               {"selector", app.selector},
               {"bound", random.chance(50) ? "maxUnavailable: 1" : "minAvailable: 50%"}});
}

}  // namespace kubegate::bench
