package failing_test

items := [1, 2, 3]

test_sum if {
	total := sum(items)
	print("total is", total)
	total == 7
	count(items) == 3
}

test_every if {
	every item in items {
		item > 0
		item < 3
	}
}

test_false := false

test_twice if true

test_twice if {
	not items
}

test_table[note] if {
	some note, case in {
		"one": {"a": 1, "want": 1},
		"two": {"a": 2, "want": 3},
		"three": {"a": 3, "want": 3},
	}
	case.a == case.want
}

one := 1

one := 2

test_error if one == 1

test_passes if one_is_not_read

one_is_not_read := true
