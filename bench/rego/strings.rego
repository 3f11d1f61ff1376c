package bench.strings

import rego.v1

# String interpolation.
interpolated contains msg if {
	some container in input.review.object.spec.template.spec.containers
	msg := $"container {container.name} has image {container.image}"
}
