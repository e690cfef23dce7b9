package record

import (
	"strings"
	"time"

	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/session"
)

// An IdentityType is what kind of caller an event names (RE-10).
type IdentityType string

// The types of identities. The empty type is written as Unknown.
const (
	TypeUnknown            IdentityType = "Unknown"
	TypeRoot               IdentityType = "Root"
	TypeIAMUser            IdentityType = "IAMUser"
	TypeAssumedRole        IdentityType = "AssumedRole"
	TypeFederatedUser      IdentityType = "FederatedUser"
	TypeSAMLUser           IdentityType = "SAMLUser"
	TypeWebIdentityUser    IdentityType = "WebIdentityUser"
	TypeIdentityCenterUser IdentityType = "IdentityCenterUser"
	TypeAWSAccount         IdentityType = "AWSAccount"
	TypeAWSService         IdentityType = "AWSService"
	TypeRole               IdentityType = "Role" // of a session's issuer
)

// AnonymousAccount stands for the account of a caller who did not sign.
const AnonymousAccount identity.AccountID = "ANONYMOUS_PRINCIPAL"

// A UserIdentity says who called. Empty members are left out.
type UserIdentity struct {
	Type        IdentityType
	PrincipalID string
	ARN         string
	AccountID   identity.AccountID
	AccessKeyID identity.AccessKeyID
	UserName    string
	// Provider is the identityProvider of SAML and OIDC users.
	Provider string
	// InvokedBy is the service that called, itself or for the caller (RE-16).
	InvokedBy string
	// Session is nil for long-term keys.
	Session *SessionContext
	// OnBehalfOf is set for users of Identity Center, with CredentialID.
	OnBehalfOf   *OnBehalfOf
	CredentialID string
}

// A SessionContext says where temporary credentials came from (RE-11).
type SessionContext struct {
	// Issuer is nil for sessions of users and root (RE-12).
	Issuer *SessionIssuer
	// WebIdentity is set for role sessions issued by OIDC (RE-14).
	WebIdentity *WebIdentity
	// Created is when the session began, MFA whether with a device (RE-13).
	Created        time.Time
	MFA            bool
	SourceIdentity string
	// EC2RoleDelivery is "1.0" or "2.0" for credentials of an instance (RE-15).
	EC2RoleDelivery string
	// AssumedRoot says that the session is AssumeRoot's.
	AssumedRoot bool
}

// A SessionIssuer is whose permissions a session has.
type SessionIssuer struct {
	Type        IdentityType
	PrincipalID string // without the session's name
	ARN         string
	AccountID   identity.AccountID
	UserName    string
}

// A WebIdentity is what an OIDC provider said of the caller.
type WebIdentity struct {
	Provider   string // ARN
	Attributes []Attribute
}

// An Attribute is a name and a value.
type Attribute struct{ Name, Value string }

// OnBehalfOf names a user of Identity Center.
type OnBehalfOf struct{ UserID, IdentityStoreARN string }

// IdentityOf says who called (RE-10 to RE-15). alias is the alias of the
// caller's account or "": it is root's user name. issuer is the user who issued
// a federated user's credentials; it is nil for all others, and when root did.
// An unsigned caller's is that of S3.
func IdentityOf(c *authn.Caller, alias string, issuer *identity.User) UserIdentity {
	u := UserIdentity{
		PrincipalID: c.UserID, ARN: c.ARN, AccountID: c.Account, AccessKeyID: c.AccessKeyID,
	}
	if c.Session != nil {
		u.Session = sessionOf(c.Session)
	}
	switch c.Kind {
	case authn.Anonymous:
		return UserIdentity{Type: TypeAWSAccount, AccountID: AnonymousAccount}
	case authn.Service:
		return ServiceIdentity(c.Service)
	case authn.Federated: // of no account: a provider vouches for it (RE-10)
		u.AccountID = ""
		u.Type, u.UserName, u.Provider = TypeWebIdentityUser, string(c.UserName), c.Provider
		if strings.Contains(c.Provider, ":saml-provider/") {
			u.Type = TypeSAMLUser
			u.Provider, _, _ = strings.Cut(c.UserID, ":") // the name qualifier, which has no colon
		}
	case authn.Root:
		u.Type, u.UserName = TypeRoot, alias
	case authn.User:
		u.Type, u.UserName = TypeIAMUser, string(c.UserName)
	case authn.RoleSession:
		u.Type = TypeAssumedRole
		if u.Session != nil {
			u.Session.Issuer = &SessionIssuer{TypeRole, c.PrincipalID, c.PrincipalARN, c.Account, string(c.RoleName)}
		}
	case authn.FederatedUser:
		u.Type = TypeFederatedUser
		if u.Session != nil {
			u.Session.Issuer = federator(c, issuer)
		}
	}
	return u
}

// sessionOf says of a session what is not its issuer.
func sessionOf(s *session.Session) *SessionContext {
	return &SessionContext{
		WebIdentity: webIdentityOf(s), Created: s.Issued, MFA: !s.MFA.IsZero() || s.RecordMFA, SourceIdentity: s.SourceIdentity,
		AssumedRoot: s.Kind == session.AssumedRoot,
	}
}

// webIdentityOf is what an OpenID Connect provider said of who got the session,
// nil for all other sessions (RE-14).
func webIdentityOf(s *session.Session) *WebIdentity {
	if !strings.Contains(s.Provider, ":oidc-provider/") {
		return nil
	}
	w := &WebIdentity{Provider: s.Provider}
	for _, c := range s.Claims {
		if !c.Multi && len(c.Values) == 1 {
			w.Attributes = append(w.Attributes, Attribute{c.Key, c.Values[0]})
		}
	}
	return w
}

// federator is who issued a federated user's credentials.
func federator(c *authn.Caller, user *identity.User) *SessionIssuer {
	switch {
	case c.PrincipalID == "":
		return &SessionIssuer{
			Type: TypeRoot, PrincipalID: string(c.Account), ARN: identity.RootARN(c.Account).String(), AccountID: c.Account,
		}
	case user == nil || user.ID != c.PrincipalID:
		return &SessionIssuer{Type: TypeIAMUser, PrincipalID: c.PrincipalID, AccountID: c.Account}
	}
	return &SessionIssuer{TypeIAMUser, user.ID, user.ARN().String(), user.Account, string(user.Name)}
}

// ServiceIdentity is a service calling for itself, such as
// "cloudtrail.amazonaws.com".
func ServiceIdentity(principal string) UserIdentity {
	return UserIdentity{Type: TypeAWSService, InvokedBy: principal}
}

// InAnotherAccount returns what the owner of a resource learns of a caller from
// another account: the unique id and the account (RE-10).
func (u UserIdentity) InAnotherAccount() UserIdentity {
	return UserIdentity{Type: TypeAWSAccount, PrincipalID: u.PrincipalID, AccountID: u.AccountID}
}
