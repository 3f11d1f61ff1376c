package labels_test

import data.labels

pod(these) := {"kind": "Pod", "metadata": {"labels": these}}

test_complete if {
	print("complete:", labels.required)
	count(labels.deny) == 0 with input as pod({"app": "web", "owner": "shop"})
}

test_missing if {
	labels.deny == {"label app is missing"} with input as pod({"owner": "shop"})
}

test_table[note] if {
	some note, case in {
		"nobody": {"labels": {"app": "a", "owner": "nobody"}, "want": 1},
		"nothing": {"labels": {}, "want": 2},
	}
	count(labels.deny) == case.want with input as pod(case.labels)
}

todo_test_annotations if {
	false
}
