package policy

// A PrincipalKind says who makes a request.
type PrincipalKind uint8

// The kinds of caller. The zero kind is anonymous, who has no policies.
const (
	Anonymous     PrincipalKind = iota
	Root                        // an account's root user, or a session of it
	User                        // an IAM user, also through GetSessionToken (EV-3)
	RoleSession                 // a session of a role
	FederatedUser               // a session from GetFederationToken
	Service                     // an AWS service
	Federated                   // an OIDC or SAML identity that has no session yet (EV-52)
)

func (k PrincipalKind) String() string {
	names := [...]string{"anonymous", "root", "user", "role session", "federated user", "service", "federated identity"}
	if int(k) < len(names) {
		return names[k]
	}
	return "unknown"
}

// A Principal is the caller of a request, as principal elements see it (PL-31).
type Principal struct {
	Kind    PrincipalKind
	Account string // twelve digits; "" for anonymous callers, services and federated identities

	// ARN is what messages show: of the user, of the root user, or of the session
	// ("arn:aws:sts::A:assumed-role/r/s", "arn:aws:sts::A:federated-user/n").
	ARN string

	// ID is the unique id of the user, of the session's role, or of the user who
	// issued a federated session. Principal elements that name users and roles
	// match by it alone (PL-26).
	ID string

	// Issuer is the ARN, path included, of the session's role or of the user who
	// issued a federated session.
	Issuer string

	Services  []string // names of a calling service: "ec2.amazonaws.com"
	Provider  string   // ARN or domain of the identity provider of a federated identity
	Canonical string   // canonical id of the account, where the service has such
}
