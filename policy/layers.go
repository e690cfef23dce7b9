package policy

// Layers holds the policies that bear on one request. The zero Layers allows
// nothing but what root does in its own account.
//
// A nil policy in any of the lists is one that could not be read; it denies
// everything, as a policy that [Compile] could not use does.
type Layers struct {
	// Identity holds the inline and attached policies of the caller, of every
	// group of the user, or of the session's role (EV-55).
	Identity []*Policy

	// Boundary limits the caller when HasBoundary is set or Boundary is not nil.
	// A boundary that is set and gone allows nothing (TH-38).
	Boundary    *Policy
	HasBoundary bool

	// Session limits the caller to the union of these when HasSession is set or
	// there are any. Policies that are gone are left out (TH-38).
	Session    []*Policy
	HasSession bool

	// SCP holds the policies of each level from the organization's root to the
	// caller's account (EV-11). Nil: they do not apply (EV-10).
	SCP [][]*Policy

	// RCP holds the policies of each level down to the resource's account. Nil:
	// they do not apply (EV-20).
	RCP [][]*Policy

	// Resource holds the resource's own policies, mostly one.
	Resource []*Policy

	// Trust says that the resource is a role and the action one of those that the
	// trust policy in Resource governs: it must allow (EV-40), and boundary and
	// session must allow whatever form its grant has (EV-44). Root never
	// passes (EV-45).
	Trust bool

	// RestrictPublic says that a bucket's policy is public and restricted: its
	// Allow statements count for the owner's account and for services, and turn
	// into an explicit deny for all others (S3-65). It concerns policies of
	// kind Bucket only.
	RestrictPublic bool
}

// A Decision says how a request fared and what settled it.
type Decision struct {
	Outcome Outcome
	Layer   Layer   // what refused, or what granted
	Policy  *Policy // the policy of the deciding statement; nil when nothing matched
	Index   int     // that statement's place in Policy's document, -1 for the whole policy
}
