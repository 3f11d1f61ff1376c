2package e
import rego.v1
p := input["a"][data.x[_]].b[[1, 2]][{"k": v}] if v := {1}
p.q.r contains "x"
q := {"a": {"b": set()}}.a.b | {x | some x in [1, 2]}
r := -1.0e-3 / .5 if { input.x = y; y = z; [z, w] = [1, "a"]; w == concat(",", ["a"]) }
s if not p.q[_]
and_ := 1 & 2
