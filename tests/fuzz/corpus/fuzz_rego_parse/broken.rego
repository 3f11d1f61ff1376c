0package f
p := {"a": [1, (2 + "x", `
q if { x := 1; x := 2; y
