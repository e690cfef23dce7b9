package policy

// An Explanation is the full account of a decision: every layer, what decided
// in it, what came closest, and what would have to be added (EV-77).
type Explanation struct {
	Decision Decision
	Layers   []LayerTrace
	Fixes    []Fix // empty when the request is allowed
}

// A LayerTrace says what one layer, or one level of SCPs or RCPs, did.
type LayerTrace struct {
	Layer    Layer
	Level    int     // 0 for the organization's root and on; -1 outside SCP and RCP
	Outcome  Outcome // of this layer alone
	Required bool    // the layer had to allow and no other could in its place
	Grant    Grant   // of resource and trust policies

	// Matched holds the statements that decided: those that deny, else those that allow.
	Matched []StatementTrace
	// Closest holds, when the layer denies implicitly, the Allow statements that
	// fail latest, best first, three at most.
	Closest []StatementTrace
}

// A Grant is the form in which a resource policy allows a caller (EV-30).
type Grant uint8

// The grants, weakest first.
const (
	NoGrant      Grant = iota
	AccountGrant       // delegates to the caller's account: its policies must allow too
	RoleGrant          // stands in for identity policies, limited by boundary and session
	DirectGrant        // grants alone
)

func (g Grant) String() string {
	switch g {
	case AccountGrant:
		return "account"
	case RoleGrant:
		return "role"
	case DirectGrant:
		return "direct"
	case NoGrant:
	}
	return "none"
}

// A StatementTrace names a statement and says how far it matched.
type StatementTrace struct {
	Source   Source
	Sid      string
	Index    int // -1: the policy as a whole could not be used
	Effect   Effect
	Span     Span
	Mismatch *Mismatch // nil when it matched

	score int // how far a statement that failed has matched
}

// An Element is a part of a statement.
type Element uint8

// The elements, in the order in which they are compared.
const (
	ElementAction Element = iota
	ElementResource
	ElementPrincipal
	ElementCondition
)

func (e Element) String() string {
	names := [...]string{"action", "resource", "principal", "condition"}
	if int(e) < len(names) {
		return names[e]
	}
	return "unknown"
}

// A Mismatch is the first element of a statement that did not match.
type Mismatch struct {
	Element  Element
	Negated  bool     // the statement has NotAction, NotResource or NotPrincipal
	Operator string   // of a condition, as written
	Key      string   // of a condition, as written
	Policy   []string // what the statement says
	Request  []string // what the request has
	Absent   bool     // the condition's key is not in the request
}

// A Fix is the smallest addition that makes one layer stop refusing.
type Fix struct {
	Layer     Layer
	Level     int    // as in LayerTrace
	Text      string // what to do, for a person
	Statement string // the statement to add, as JSON; "" when adding does not help
	Source    Source // the policy to change, when there is one
}
