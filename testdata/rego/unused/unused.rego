package unused

import data.other

allow if {
	x := 1
	input.y
}
