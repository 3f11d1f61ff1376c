package bench.features

import rego.v1

deployment := input.review.object

containers := deployment.spec.template.spec.containers

# A complete rule with a default.
default allow := false

allow if {
	deployment.kind == "Deployment"
	deployment.metadata.namespace == "shop"
	deployment.spec.replicas < 10
}

# else.
size := "large" if {
	deployment.spec.replicas > 10
} else := "middle" if {
	deployment.spec.replicas > 2
} else := "small"

# A partial set.
names contains container.name if some container in containers

# A partial object.
images[container.name] := container.image if some container in containers

# References in heads.
ports_of[container.name][port.name] := port.containerPort if {
	some container in containers
	some port in container.ports
}

# A function.
registry(image) := parts[0] if {
	parts := split(image, "/")
	count(parts) > 1
}

registries contains registry(container.image) if some container in containers

# A function of many rules.
cost("a") := 1

cost("b") := 2

cost("c") := 3

cost("web") := 4

cost("log") := 5

costs := {container.name: cost(container.name) | some container in containers}

# Comprehensions.
ports := [port.containerPort | some container in containers; some port in container.ports]

port_names := {port.name | some container in containers; some port in container.ports}

limits := {container.name: container.resources.limits | some container in containers}

# A comprehension in a loop that does not depend on it.
repeated contains name if {
	some container in containers
	known := {label | some label, _ in deployment.metadata.labels}
	name := container.name
	not name in known
}

# every.
all_named if {
	every container in containers {
		container.name != ""
		container.image != ""
	}
}

# some … in over an object.
labelled if {
	some key, value in deployment.metadata.labels
	key == "tier"
	value == "web"
}

# in.
member if {
	"log" in names
	not "nginx" in names
}

# not.
unlabelled if {
	not deployment.metadata.labels["cost-centre"]
	not deployment.metadata.annotations
}

# Unification of patterns.
pairs := [[name, tag] |
	some container in containers
	[_, tag] = split(container.image, ":")
	{"name": name} = {"name": container.name}
]

# with: input, a function, a built-in.
allowed_elsewhere if {
	not allow with input.review.object.metadata.namespace as "prod"
}

joined := concat(", ", [sprintf("%s=%s", [key, value]) | some key, value in deployment.metadata.labels])

fixed_registry(_) := "mirror.example.com"

with_function := found if found := registries with registry as fixed_registry

with_builtin := found if found := registries with split as ["mirror.example.com", "x"]

# Built-ins over strings.
shortened := [upper(trim_prefix(container.name, "web-")) |
	some container in containers
	startswith(container.image, "registry.example.com/")
	not contains(container.image, ":latest")
]

messages contains msg if {
	some container in containers
	msg := sprintf("container <%v> of %v has image %q, port %d", [container.name, deployment.metadata.name, container.image, container.ports[0].containerPort])
}

# regex, glob.
tagged if {
	every container in containers {
		regex.match(`:v[0-9]+\.[0-9]+\.[0-9]+$`, container.image)
	}
}

globbed := [container.name | some container in containers; glob.match("*.example.com/**", ["/"], container.image)]

# Arithmetic and aggregates.
total := 2 * sum([rest |
	some container in containers
	some port in container.ports
	rest := port.containerPort % 1000
])

highest := max([port.containerPort | some container in containers; some port in container.ports])

# Sets and objects.
missing := {"app", "owner", "cost-centre"} - {key | some key, _ in deployment.metadata.labels}

merged := object.union({"team": "none", "tier": "none"}, deployment.metadata.labels)

defaults := [object.get(container, "imagePullPolicy", "IfNotPresent") | some container in containers]

# Quantities.
memory := [units.parse_bytes(container.resources.limits.memory) | some container in containers]

# walk.
walked contains value if {
	walk(deployment.spec, [path, value])
	path[count(path) - 1] == "image"
}

# References by one another.
wanted := {"web": "frontend", "log": "logging"}

teams := {container.name: data.bench.features.wanted[container.name] | some container in containers}

# A join of input with input.
named_ports contains [container.name, other.name] if {
	some container in containers
	some port in container.ports
	some other in containers
	some same in other.ports
	same.name == port.name
}
