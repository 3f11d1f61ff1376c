package broken

allow if count(1) == 1

deny if unknown(input)

open if x > 1
