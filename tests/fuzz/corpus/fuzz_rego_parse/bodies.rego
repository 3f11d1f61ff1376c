4package c

import future.keywords.not
import rego.v1

p if {
	every k, v in input { k != v; v in {1, 2} }
	walk(input, [path, value])
	print(path, value)
	{"a": [x, y], "b": 1} = value
	$"{x}-{y + 1} \{ {input.z}" == $`a{x}`
	not { x == y; y > 1 }
	true with data.b as 1 with count as g
}

g(_) := {k: v | some k, v in input}

h := rego.metadata.chain()
