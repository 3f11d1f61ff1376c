package bench.features

import rego.v1

deployment := input.review.object

containers := deployment.spec.template.spec.containers

# A complete rule.
default allow := false

allow if {
	deployment.kind == "Deployment"
	deployment.metadata.namespace == "shop"
	deployment.spec.replicas < 10
}

# A partial set.
names contains container.name if some container in containers

# A partial object.
images[container.name] := container.image if some container in containers

# A function.
registry(image) := parts[0] if {
	parts := split(image, "/")
	count(parts) > 1
}

registries contains registry(container.image) if some container in containers

# Comprehensions.
ports := [port.containerPort | some container in containers; some port in container.ports]

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

# with.
allowed_elsewhere if {
	not allow with input.review.object.metadata.namespace as "prod"
}

# Built-ins over strings.
shortened := [upper(trim_prefix(container.name, "web-")) |
	some container in containers
	startswith(container.image, "registry.example.com/")
	not contains(container.image, ":latest")
]

# regex.
tagged if {
	every container in containers {
		regex.match(`:v[0-9]+\.[0-9]+\.[0-9]+$`, container.image)
	}
}

# References by one another.
wanted := {"web": "frontend", "log": "logging"}

teams := {container.name: data.bench.features.wanted[container.name] | some container in containers}
