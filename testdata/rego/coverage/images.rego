# METADATA
# title: Images
package images

import data.settings
import data.helpers

default registries := ["gcr.io"]

registries := settings.registries if settings.registries

violations[id] contains msg if {
	some i, container in input.spec.containers
	id := container.name
	not helpers.allowed(container.image, registries)
	msg := sprintf("container %d (%s): image %q is of none of %v", [i, id, container.image, registries])
}

count_of.images[name] := n if {
	some container in input.spec.containers
	name := container.image
	n := count([c | some c in input.spec.containers; c.image == name])
}

level := "high" if {
	count(violations) > 2
} else := "medium" if {
	count(violations) > 1
} else := "low" if count(violations) > 0

else := "none"

names := {c.name: object.get(c, "image", "") |
	some c in input.spec.containers
	c.name != ""
}

all_tagged if {
	every c in input.spec.containers {
		contains(c.image, ":")
		not endswith(c.image, ":latest")
	}
}

exempt(x) if startswith(x, "kube-")
exempt("special")

never_called(x) := y if {
	y := {"a": x, "b": [x, x + 1]}
	y.b[1] > 3
}

plain contains "one"
