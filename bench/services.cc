#include "bench/manifests.h"

namespace kubegate::bench {

std::string name_space(const Site& site) {
  return fill(R"(apiVersion: v1
kind: Namespace
metadata:
  labels:
    kubernetes.io/metadata.name: $namespace
    pod-security.kubernetes.io/enforce: restricted
    team: $namespace
  name: $namespace
)",
              {{"namespace", site.team}});
}

std::string service_account(const Site& site, const App& app) {
  return fill(R"(apiVersion: v1
kind: ServiceAccount
metadata:
  annotations:
    eks.amazonaws.com/role-arn: arn:aws:iam::123456789012:role/$cluster-$name
  name: $name
  namespace: $namespace
)",
              {{"cluster", site.cluster}, {"name", app.name}, {"namespace", site.team}});
}

std::string role(Random& random, const Site& site, const App& app) {
  return fill(R"(apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: $name
  namespace: $namespace
rules:
- apiGroups:
  - ""
  resources:
  - configmaps
  - $kind
  verbs:
  - get
  - list
  - watch
- apiGroups:
  - coordination.k8s.io
  resources:
  - leases
  verbs:
  - create
  - get
  - update
)",
              {{"name", app.name}, {"namespace", site.team}, {"kind", random.chance(50) ? "secrets" : "endpoints"}});
}

std::string role_binding(const Site& site, const App& app) {
  return fill(R"(apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: $name
  namespace: $namespace
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: $name
subjects:
- kind: ServiceAccount
  name: $name
  namespace: $namespace
)",
              {{"name", app.name}, {"namespace", site.team}});
}

std::string service(const Site& site, const App& app) {
  return fill(R"(apiVersion: v1
kind: Service
metadata:
  labels:
    $labels
  name: $name
  namespace: $namespace
spec:
  ports:
  - name: http
    port: 80
    protocol: TCP
    targetPort: http
  selector:
    $selector
  type: ClusterIP
)",
              {{"labels", app.labels}, {"name", app.name}, {"namespace", site.team}, {"selector", app.selector}});
}

std::string ingress(Random& random, const Site& site, const App& app) {
  return fill(R"(apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  annotations:
    alb.ingress.kubernetes.io/healthcheck-path: /healthz
    alb.ingress.kubernetes.io/listen-ports: '[{"HTTP": 80}, {"HTTPS": 443}]'
    alb.ingress.kubernetes.io/scheme: $scheme
    alb.ingress.kubernetes.io/target-type: ip
  name: $name
  namespace: $namespace
spec:
  ingressClassName: alb
  rules:
  - host: $name.$region.$environment.example.com
    http:
      paths:
      - backend:
          service:
            name: $name
            port:
              name: http
        path: /
        pathType: Prefix
  tls:
  - hosts:
    - $name.$region.$environment.example.com
    secretName: $name-tls
)",
              {{"scheme", random.chance(50) ? "internal" : "internet-facing"},
               {"name", app.name},
               {"namespace", site.team},
               {"region", site.region},
               {"environment", site.environment}});
}

std::string network_policy(Random& random, const Site& site, const App& app) {
  return fill(R"(apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: $name
  namespace: $namespace
spec:
  egress:
  - to:
    - ipBlock:
        cidr: 10.$net.0.0/16
  ingress:
  - from:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: $peer
    ports:
    - port: http
      protocol: TCP
  podSelector:
    matchLabels:
      $selector
  policyTypes:
  - Ingress
  - Egress
)",
              {{"name", app.name},
               {"namespace", site.team},
               {"net", std::to_string(random.between(16, 200))},
               {"peer", random.chance(50) ? "ingress" : "observability"},
               {"selector", app.selector}});
}

std::string resource_quota(Random& random, const Site& site) {
  return fill(R"(apiVersion: v1
kind: ResourceQuota
metadata:
  name: $namespace
  namespace: $namespace
spec:
  hard:
    limits.memory: $memory
    pods: "$pods"
    requests.cpu: "$cpu"
    requests.memory: $memory
)",
              {{"namespace", site.team},
               {"memory", std::to_string(random.between(4, 40) * 16) + "Gi"},
               {"pods", std::to_string(random.between(5, 50) * 10)},
               {"cpu", std::to_string(random.between(2, 40) * 4)}});
}

std::string limit_range(const Site& site) {
  return fill(R"(apiVersion: v1
kind: LimitRange
metadata:
  name: $namespace
  namespace: $namespace
spec:
  limits:
  - default:
      memory: 256Mi
    defaultRequest:
      cpu: 50m
      memory: 128Mi
    type: Container
)",
              {{"namespace", site.team}});
}

}  // namespace kubegate::bench
