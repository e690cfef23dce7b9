// Package policy reads, checks, evaluates and explains AWS policy documents.
//
// A document goes through three steps. [Parse] reads it strictly and keeps its
// exact text; [Validate] does the same with the checks, their order and their
// texts that AWS applies when a document of some [Kind] is saved. [Compile]
// makes it ready for matching, and [Layers] holds the compiled policies that
// bear on one request. [Layers.Decide] answers with a [Decision],
// [Layers.Explain] with every reason for it.
//
// The package is pure: it reads no clock, no network, no store and no catalog
// of actions, so the same policies and the same [Request] always give the same
// answer. Deciding allocates nothing. All values but [Context] may be used from
// many goroutines at once after they have been made.
package policy

// A Kind says what a document is attached to. It decides which checks apply on
// save and how the document is matched.
type Kind uint8

// The kinds of document.
const (
	Identity Kind = iota // managed or inline policy of a user, group or role
	Boundary             // permissions boundary
	Session              // session policy
	Trust                // trust policy of a role
	Resource             // policy of any other resource
	Bucket               // policy of an S3 bucket
	SCP                  // service control policy
	RCP                  // resource control policy
)

func (k Kind) String() string {
	names := [...]string{"identity", "boundary", "session", "trust", "resource", "bucket", "scp", "rcp"}
	if int(k) < len(names) {
		return names[k]
	}
	return "unknown"
}

// An Outcome says how a request fared. The zero Outcome denies, so a Decision
// that nobody filled in lets nothing through.
type Outcome uint8

// The outcomes.
const (
	ImplicitDeny Outcome = iota // something that had to allow the request did not
	ExplicitDeny                // a Deny statement matched, or a policy could not be used
	Allow                       // everything that had to allow the request did
)

// String returns the spelling of the IAM policy simulator.
func (o Outcome) String() string {
	switch o {
	case Allow:
		return "allowed"
	case ExplicitDeny:
		return "explicitDeny"
	case ImplicitDeny:
	}
	return "implicitDeny"
}

// A Layer is one of the sets of policies that a decision is made from.
type Layer uint8

// The layers, in the order in which a refusal names them (EV-71).
const (
	LayerNone     Layer = iota // no layer: the zero Decision, and root in its own account
	LayerRCP                   // resource control policies of the resource's account
	LayerSCP                   // service control policies of the caller's account
	LayerResource              // policy of the resource
	LayerTrust                 // trust policy, when the resource is a role
	LayerIdentity              // policies of the caller
	LayerBoundary              // permissions boundary of the caller
	LayerSession               // session policies of the caller
)

func (l Layer) String() string {
	names := [...]string{
		"none", "resource control policy", "service control policy", "resource-based policy", "role trust policy",
		"identity-based policy", "permissions boundary", "session policy",
	}
	if int(l) < len(names) {
		return names[l]
	}
	return "unknown"
}
