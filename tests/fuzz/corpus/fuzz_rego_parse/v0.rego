1package old

import future.keywords.in

p[x] { x = 1 } { x = 2 }
p[y] = z { y := "k"; z := {1, 2} | {3} }
q = [x | x = data.a[_]; x >= -1.5e3]
r { not s with input as {"a": []} }
s = true { every_ := 1 } else = false { 1 in [1] }
f(x) = y { y := x[_][0] }
violation[{"msg": msg}] { msg := `raw \n` }
# query
x = data.old.p; y = {a: b | b = x[a]}
