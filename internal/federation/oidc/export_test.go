package oidc

// Seams for tests.
var (
	ParseKeys = parseKeys
	Public    = public
)

// Kept returns how many providers' keys are kept.
func (v *Verifier) Kept() int { return v.cache.order.Len() }
