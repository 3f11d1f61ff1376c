package images_test

import data.images

pod(list) := {"spec": {"containers": [{"name": n, "image": i} | some n, i in list]}}

test_allowed if {
	count(images.violations) == 0 with input as pod({"a": "gcr.io/x:1"})
	images.level == "none" with input as pod({"a": "gcr.io/x:1"})
}

test_denied if {
	v := images.violations with input as pod({"a": "docker.io/x", "b": "quay.io/y:latest"})
	v.a == {`container 0 (a): image "docker.io/x" is of none of ["gcr.io"]`}
} else if { true }

test_levels if images.level == "low" with input as pod({"a": "x"})
test_levels2 if images.level == "medium" with input as pod({"a": "x", "b": "y"}) with data.settings as {"registries": ["z"]}

test_tags if {
	images.all_tagged with input as pod({"a": "x:1"})
	not images.all_tagged with input as pod({"a": "x:latest"})
	images.count_of.images.x == 1 with input as pod({"a": "x"})
	images.exempt("kube-x")
	images.exempt("special")
	"one" in images.plain
	object.get(images.names, "a", null) == null with input as {"spec": {"containers": []}}
}
