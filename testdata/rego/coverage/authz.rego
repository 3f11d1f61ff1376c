package authz
import rego.v1

allow if input.method in {"GET", "HEAD"}
allow if {
	input.role == "admin"
	not deny
}
deny if object.get(input, "blocked", false) == true
reason := msg if { not allow; msg := "no" } else := "yes"
user_ok(u) if {
	u.age >= 18
	u.name
}
total := s if { s := sum_of([1,2,3]) }
sum_of(xs) := sum(xs)
nested := [y | x := [1,2,3][_]; x > 1; y := x * 2 + 1]
obj[k] := v if { some k, v in {"a": 1, "b": 2}; v > 1 }
templ := $"x is {1 + 1}"
