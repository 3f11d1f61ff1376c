0package a.b["c"]

import data.lib as l
import input.x

default allow := false

allow if {
	x.user == "a"
	some i, v in input.items
	not l.denied[v]
} else := "maybe" if count(input.items) > 2

deny contains msg if {
	some name
	input.labels[name]
	msg := sprintf("%v", [name])
}

table[k].v := n if some k, n in input.t

f([a, {"b": c}], "x") := a + (c * 2) - 1 % 3
default f(_, _) := 0
# query
data.a.b.c.table[k].v = n; k != "x" with input.t as {"a": 1}
