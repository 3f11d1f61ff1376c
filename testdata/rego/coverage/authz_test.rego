package authz_test
import rego.v1
import data.authz
test_get if authz.allow with input.method as "GET"
test_admin if authz.allow with input as {"role": "admin", "method": "POST"}
test_reason if { authz.reason == "no" with input as {} ; authz.reason == "yes" with input as {"method": "GET"} }
test_sum if authz.total == 6
test_nested if authz.nested == [5, 7]
test_obj if { authz.obj == {"b": 2}; authz.obj.b == 2 }
test_table[name] if {
	some name, tc in {"old": {"u": {"age": 20, "name": "x"}, "want": true}, "young": {"u": {"age": 3, "name": "y"}, "want": false}}
	got := {1 | authz.user_ok(tc.u)}
	(count(got) == 1) == tc.want
}
