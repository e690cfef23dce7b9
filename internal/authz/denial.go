package authz

import (
	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/policy"
)

// A Denial is the error of a need that was not allowed. Its text is AWS's
// (EV-70 to EV-75) and tells no more than the caller may know.
type Denial struct { //nolint:errname // a denial is what it is; it becomes an error on the way out
	Need     Need
	Decision Decision
	Message  string
}

func (d *Denial) Error() string { return d.Message }

// Deny returns the Denial of a need.
func Deny(c *authn.Caller, n *Need, d Decision) *Denial {
	if c.Kind == authn.Federated { // ST-66, ST-71
		return &Denial{*n, d, "Not authorized to perform " + n.Action}
	}
	message := "User: " + c.ARN + " is not authorized to perform: " + n.Action + " on resource: " + n.Resource
	return &Denial{*n, d, message + Reason(n, d)}
}

// Reason returns the suffix of a refusal that says which layer refused, or
// "" where the caller may not know (EV-72, EV-73).
func Reason(n *Need, d Decision) string {
	if n.Trust && (!d.Same || d.Layer == policy.LayerTrust) && d.Layer != policy.LayerSCP && d.Layer != policy.LayerRCP {
		return ""
	}
	if !d.Near {
		return ""
	}
	return d.Reason(n.Action)
}

// Allowed reports whether the need may be met. It is the one place where an
// outcome becomes a yes.
func (d Decision) Allowed() bool { return d.Outcome == policy.Allow }
