package bench.over_data

import rego.v1

deployment := input.review.object

services := data.inventory.services

pairs := [[container.name, tag] |
	some container in deployment.spec.template.spec.containers
	[_, tag] = split(container.image, ":")
]

# with.
with_data := n if n := count(services) with data.inventory.services as [1, 2, 3]

# Joins: of data with input, with data, with virtual documents.
same_name contains service.port if {
	some service in services
	service.name == deployment.metadata.name
}

same_host contains [service.name, other.name] if {
	some service in services
	service.namespace == "pay"
	some other in services
	other.host == service.host
	other.name != service.name
}

mails contains [service.name, team.mail] if {
	some service in services
	some team in data.inventory.teams
	service.owner == team.id
	service.port > 8040
}

by_owner[service.owner] contains service.name if some service in services

owned contains name if {
	some name in by_owner[deployment.metadata.labels.owner]
}

virtual_join contains [service.name, tag] if {
	some service in services
	some pair in pairs
	pair[0] == service.name
	tag := pair[1]
}

# A loop with work that does not depend on it.
invariant contains service.name if {
	some service in services
	service.host == sprintf("%s-%02d.example.com", [deployment.metadata.namespace, deployment.spec.replicas])
}

# A function called with the same argument again and again.
normal(name) := concat("-", [part | some part in split(lower(name), "-")])

remembered := count([service | some service in services; normal(service.owner) == "team-a"])
