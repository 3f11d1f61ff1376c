#include "bench/manifests.h"

namespace kubegate::bench {

std::string service_monitor(Random& random, const Site& site, const App& app) {
  return fill(R"(apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  labels:
    release: kube-prometheus-stack
  name: $name
  namespace: $namespace
spec:
  endpoints:
  - interval: $interval
    path: /metrics
    port: http
    relabelings:
    - action: replace
      sourceLabels:
      - __meta_kubernetes_pod_node_name
      targetLabel: node
  selector:
    matchLabels:
      $selector
)",
              {{"name", app.name},
               {"namespace", site.team},
               {"interval", random.chance(70) ? "30s" : "15s"},
               {"selector", app.selector}});
}

std::string prometheus_rule(Random& random, const Site& site, const App& app) {
  return fill(R"(apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  labels:
    release: kube-prometheus-stack
  name: $name
  namespace: $namespace
spec:
  groups:
  - name: $name.availability
    rules:
    - alert: HighErrorRate
      annotations:
        description: '{{ $$value | humanizePercentage }} of the requests to {{ $$labels.service }} fail.'
        summary: $name answers with errors
      expr: |-
        sum by (service) (rate(http_requests_total{namespace="$namespace",code=~"5.."}[5m]))
          / sum by (service) (rate(http_requests_total{namespace="$namespace"}[5m])) > 0.0$percent
      for: 10m
      labels:
        severity: critical
        team: $namespace
    - expr: sum(rate(http_requests_total{namespace="$namespace"}[5m])) by (service)
      record: service:http_requests:rate5m
)",
              {{"name", app.name}, {"namespace", site.team}, {"percent", std::to_string(random.between(1, 9))}});
}

std::string external_secret(Random& random, const Site& site, const App& app) {
  return fill(R"(apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata:
  name: $name-$use
  namespace: $namespace
spec:
  data:
  - remoteRef:
      key: $environment/$namespace/$name
      property: username
    secretKey: username
  - remoteRef:
      key: $environment/$namespace/$name
      property: password
    secretKey: password
  refreshInterval: 1h
  secretStoreRef:
    kind: ClusterSecretStore
    name: aws-secrets-manager
  target:
    creationPolicy: Owner
    name: $name-$use
)",
              {{"name", app.name},
               {"use", random.chance(60) ? "database" : "queue"},
               {"namespace", site.team},
               {"environment", site.environment}});
}

std::string certificate(const Site& site, const App& app) {
  return fill(
      R"(apiVersion: cert-manager.io/v1
kind: Certificate
metadata:
  name: $name
  namespace: $namespace
spec:
  dnsNames:
  - $name.$region.$environment.example.com
  issuerRef:
    group: cert-manager.io
    kind: ClusterIssuer
    name: letsencrypt
  secretName: $name-tls
)",
      {{"name", app.name}, {"namespace", site.team}, {"region", site.region}, {"environment", site.environment}});
}

std::string argo_application(Random& random, const Site& site, const App& app) {
  return fill(R"(apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  annotations:
    argocd.argoproj.io/sync-wave: "$wave"
  finalizers:
  - resources-finalizer.argocd.argoproj.io/foreground
  name: $cluster-$name
  namespace: argocd
spec:
  destination:
    name: $cluster
    namespace: $namespace
  project: $namespace
  source:
    kustomize:
      images:
      - $image:$version
    path: overlays/$environment/$name
    repoURL: https://git.example.com/platform/gitops.git
    targetRevision: main
  syncPolicy:
    automated:
      prune: true
      selfHeal: true
    retry:
      backoff:
        duration: 5s
        factor: 2
        maxDuration: 3m
      limit: 5
    syncOptions:
    - CreateNamespace=true
    - ServerSideApply=true
)",
              {{"wave", std::to_string(random.below(5))},
               {"cluster", site.cluster},
               {"name", app.name},
               {"namespace", site.team},
               {"image", app.image},
               {"version", app.version},
               {"environment", site.environment}});
}

std::string argo_project(const Site& site) {
  return fill(R"(apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata:
  name: $namespace
  namespace: argocd
spec:
  clusterResourceWhitelist:
  - group: ""
    kind: Namespace
  destinations:
  - namespace: $namespace
    server: '*'
  sourceRepos:
  - https://git.example.com/platform/gitops.git
)",
              {{"namespace", site.team}});
}

std::string node_pool(Random& random, const Site& site) {
  return fill(R"(apiVersion: karpenter.sh/v1
kind: NodePool
metadata:
  name: $cluster-$namespace
spec:
  disruption:
    budgets:
    - nodes: 10%
    consolidateAfter: 1m
    consolidationPolicy: WhenEmptyOrUnderutilized
  limits:
    cpu: $cpu
    memory: $memory
  template:
    metadata:
      labels:
        team: $namespace
    spec:
      expireAfter: 720h
      nodeClassRef:
        group: karpenter.k8s.aws
        kind: EC2NodeClass
        name: $cluster-$namespace
      requirements:
      - key: karpenter.sh/capacity-type
        operator: In
        values:
        - $capacity
      - key: karpenter.k8s.aws/instance-category
        operator: In
        values:
        - c
        - m
        - r
      - key: karpenter.k8s.aws/instance-generation
        operator: Gt
        values:
        - "5"
      taints:
      - effect: NoSchedule
        key: dedicated
        value: services
)",
              {{"cluster", site.cluster},
               {"namespace", site.team},
               {"cpu", std::to_string(random.between(4, 64) * 16)},
               {"memory", std::to_string(random.between(4, 64) * 64) + "Gi"},
               {"capacity", random.chance(60) ? "spot" : "on-demand"}});
}

std::string node_class(Random& random, const Site& site) {
  return fill(R"(apiVersion: karpenter.k8s.aws/v1
kind: EC2NodeClass
metadata:
  name: $cluster-$namespace
spec:
  amiSelectorTerms:
  - alias: al2023@v20240807
  blockDeviceMappings:
  - deviceName: /dev/xvda
    ebs:
      deleteOnTermination: true
      encrypted: true
      volumeSize: $size
      volumeType: gp3
  metadataOptions:
    httpEndpoint: enabled
    httpPutResponseHopLimit: 1
    httpTokens: required
  role: $cluster-node
  securityGroupSelectorTerms:
  - tags:
      karpenter.sh/discovery: $cluster
  subnetSelectorTerms:
  - tags:
      karpenter.sh/discovery: $cluster
  tags:
    team: $namespace
)",
              {{"cluster", site.cluster},
               {"namespace", site.team},
               {"size", std::to_string(random.between(2, 20) * 10) + "Gi"}});
}

}  // namespace kubegate::bench
