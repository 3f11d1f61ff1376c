package bench.allowed_repos

containers[container] {
	container := input.review.object.spec.template.spec.containers[_]
}

containers[container] {
	container := input.review.object.spec.template.spec.initContainers[_]
}

violation[{"msg": msg}] {
	container := containers[_]
	not strings.any_prefix_match(container.image, input.parameters.repos)
	msg := sprintf("container <%v> has an invalid image repo <%v>, allowed repos are %v", [container.name, container.image, input.parameters.repos])
}
