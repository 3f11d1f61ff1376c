# METADATA
# title: Labels that every workload carries
package labels

import data.team.owners

required := {"app", "owner"}

deny contains msg if {
	some label in missing
	msg := sprintf("label %v is missing", [label])
}

deny contains msg if {
	owner := input.metadata.labels.owner
	not known(owner)
	msg := sprintf("owner %q is not known", [owner])
}

missing := required - {label | input.metadata.labels[label]}

known(owner) if owner in owners.names

never if {
	input.never
	1 == 1
}
