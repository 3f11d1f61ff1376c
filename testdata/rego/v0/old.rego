package old

deny[msg] {
	not input.ok
	msg := "not ok"
}
