0# METADATA
# title: x
# authors:
# - A B <a@b>
# schemas:
# - input: schema.x
package d

# METADATA
# scope: document
# custom:
#   a: [1, {b: null}]
p := 1

# METADATA
# related_resources:
# - ref: https://example.com
q[x] contains y if { x := 1; y := "\u00e9\n\"" }
