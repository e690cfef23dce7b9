package dispatch

import (
	"slices"
	"strings"

	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/sigv4"
)

// mayCall holds services to what knows of them (EV-36), and temporary credentials
// to what AWS lets them call (ST-72). The rules are those of the credentials' kind
// and come before any policy.
func mayCall(c *authn.Caller, service, operation string, family sigv4.Family) error {
	if c.Kind == authn.Service && !slices.Contains(serviceCalls(), service+":"+operation) {
		return denied(family, "Cannot call "+operation+" with the credentials of a service")
	}
	if c.Session == nil {
		return nil
	}
	switch verdictOn(c.Session, service, operation) {
	case callable:
		return nil
	case refused:
		return denied(family, "Cannot call "+operation+" with session credentials")
	case invalid:
	}
	e := sigv4.NewError(sigv4.UnknownKey, family)
	e.Message = strings.TrimSuffix(e.Message, ".") // as IAM says it
	return e
}

// A verdict says whether credentials of a kind may make a call at all.
type verdict int

const (
	invalid  verdict = iota // they are none that the service knows
	refused                 // they cannot make this call
	callable                // if policies allow
)

func verdictOn(s *session.Session, service, operation string) verdict {
	switch s.Kind {
	case session.Role, session.User, session.Federated, session.Console, session.AssumedRoot, session.Delegated:
	default:
		return invalid
	}
	switch service {
	case "iam":
		return onIAM(s, operation)
	case "sts":
		return onSTS(s.Kind, operation)
	case "regent":
		// What callers may ask about themselves is no part of a root's task, and
		// none of what was lent.
		if s.Kind == session.AssumedRoot || s.Kind == session.Delegated {
			return refused
		}
	}
	return callable
}

func onIAM(s *session.Session, operation string) verdict {
	switch {
	case s.Kind == session.Federated, s.Kind == session.User && s.MFA.IsZero():
		return invalid
	case s.Kind == session.Delegated && strings.Contains(operation, "Delegation"):
		return refused // what was lent is not lent on
	}
	return callable
}

func onSTS(k session.Kind, operation string) verdict {
	may := operation == "GetCallerIdentity"
	switch k {
	case session.Role, session.Console:
		may = operation != "GetFederationToken" && operation != "GetSessionToken"
	case session.User, session.Delegated:
		may = may || operation == "AssumeRole"
	case session.Federated, session.AssumedRoot:
	}
	if may {
		return callable
	}
	return refused
}
