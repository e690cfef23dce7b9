package policy

// A Request is everything that a decision depends on besides the policies.
type Request struct {
	Principal *Principal
	Action    string // "s3:GetObject"; case does not matter

	// Resource is the ARN of what is acted on, or "*" for actions that know no
	// resources; it is compared case by case.
	Resource string

	// ResourceAccount owns the resource. It decides whether the request crosses
	// accounts, since not every ARN names an account. For an action without
	// resources it is the caller's own account.
	ResourceAccount string

	// Wildcard says that the action has no resource types: only the lone "*" of a
	// policy matches then, whatever Resource holds (PL-53).
	Wildcard bool

	Context *Context // nil means no keys
}
