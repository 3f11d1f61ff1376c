package bench.container_limits

missing(object, field) {
	not object[field]
}

missing(object, field) {
	object[field] == ""
}

canonify_cpu(original) := new {
	is_number(original)
	new := original * 1000
}

canonify_cpu(original) := new {
	not is_number(original)
	endswith(original, "m")
	new := to_number(replace(original, "m", ""))
}

canonify_cpu(original) := new {
	not is_number(original)
	not endswith(original, "m")
	regex.match("^[0-9]+(\\.[0-9]+)?$", original)
	new := to_number(original) * 1000
}

memory_multiple("E") := 1000000000000000000000

memory_multiple("P") := 1000000000000000000

memory_multiple("T") := 1000000000000000

memory_multiple("G") := 1000000000000

memory_multiple("M") := 1000000000

memory_multiple("k") := 1000000

memory_multiple("") := 1000

memory_multiple("m") := 1

memory_multiple("Ki") := 1024000

memory_multiple("Mi") := 1048576000

memory_multiple("Gi") := 1073741824000

memory_multiple("Ti") := 1099511627776000

memory_multiple("Pi") := 1125899906842624000

memory_multiple("Ei") := 1152921504606846976000

suffix(memory) := suffix {
	not is_string(memory)
	suffix := ""
}

suffix(memory) := suffix {
	is_string(memory)
	count(memory) > 1
	suffix := substring(memory, count(memory) - 2, -1)
	memory_multiple(suffix)
}

suffix(memory) := suffix {
	is_string(memory)
	count(memory) > 0
	suffix := substring(memory, count(memory) - 1, -1)
	memory_multiple(suffix)
	not two_letters(memory)
}

two_letters(memory) {
	count(memory) > 1
	memory_multiple(substring(memory, count(memory) - 2, -1))
}

canonify_memory(original) := new {
	is_number(original)
	new := original * 1000
}

canonify_memory(original) := new {
	not is_number(original)
	unit := suffix(original)
	raw := replace(original, unit, "")
	regex.match("^[0-9]+(\\.[0-9]+)?$", raw)
	new := to_number(raw) * memory_multiple(unit)
}

violation[{"msg": msg}] {
	container := input.review.object.spec.template.spec.containers[_]
	not container.resources.limits
	msg := sprintf("container <%v> has no resource limits", [container.name])
}

violation[{"msg": msg}] {
	container := input.review.object.spec.template.spec.containers[_]
	missing(container.resources.limits, "cpu")
	msg := sprintf("container <%v> has no cpu limit", [container.name])
}

violation[{"msg": msg}] {
	container := input.review.object.spec.template.spec.containers[_]
	missing(container.resources.limits, "memory")
	msg := sprintf("container <%v> has no memory limit", [container.name])
}

violation[{"msg": msg}] {
	container := input.review.object.spec.template.spec.containers[_]
	original := container.resources.limits.cpu
	cpu := canonify_cpu(original)
	most := canonify_cpu(input.parameters.cpu)
	cpu > most
	msg := sprintf("container <%v> cpu limit <%v> is higher than the maximum allowed of <%v>", [container.name, original, input.parameters.cpu])
}

violation[{"msg": msg}] {
	container := input.review.object.spec.template.spec.containers[_]
	original := container.resources.limits.memory
	memory := canonify_memory(original)
	most := canonify_memory(input.parameters.memory)
	memory > most
	msg := sprintf("container <%v> memory limit <%v> is higher than the maximum allowed of <%v>", [container.name, original, input.parameters.memory])
}
