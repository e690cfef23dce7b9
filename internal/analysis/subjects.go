package analysis

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/policy"
)

// A SubjectKind says what a trust policy names.
type SubjectKind string

// The kinds of subjects.
const (
	Everyone  SubjectKind = "EVERYONE"
	Account   SubjectKind = "ACCOUNT"
	User      SubjectKind = "USER"
	Role      SubjectKind = "ROLE"
	Session   SubjectKind = "SESSION"
	Service   SubjectKind = "SERVICE"
	Federated SubjectKind = "FEDERATED"
)

// A Subject is one whom a trust policy names in an Allow statement.
type Subject struct {
	Kind    SubjectKind
	Name    string             // the present ARN of users and roles, the id of accounts, else as it is written
	ID      string             // unique id of users and roles
	Account identity.AccountID // of users, roles, sessions and accounts
}

// Subjects returns whom the role's trust policy names in Allow statements, by
// name, each once. Users and roles that are gone are nobody (PL-26).
func Subjects(tx *store.Tx, r *identity.Role) ([]Subject, error) {
	doc, err := policy.Parse(r.Trust.Text)
	if err != nil {
		return nil, nil //nolint:nilerr // what cannot be read grants nothing
	}
	var out []Subject
	for i := range doc.Statements {
		st := &doc.Statements[i]
		if st.Effect != policy.EffectAllow || st.Principal == nil || st.Principal.Not {
			continue
		}
		for j := range st.Principal.Entries {
			s, ok, err := subject(tx, r, &st.Principal.Entries[j])
			if err != nil {
				return nil, err
			}
			if ok {
				out = append(out, s)
			}
		}
	}
	slices.SortFunc(out, func(a, b Subject) int { return strings.Compare(a.Key(), b.Key()) })
	return slices.CompactFunc(out, func(a, b Subject) bool { return a.Key() == b.Key() }), nil
}

// Key tells subjects apart, and orders them.
func (s Subject) Key() string { return string(s.Kind) + " " + s.Name }

func subject(tx *store.Tx, r *identity.Role, e *policy.PrincipalEntry) (Subject, bool, error) {
	name := e.Value.Text
	switch {
	case e.Type == policy.PrincipalService:
		return Subject{Kind: Service, Name: name}, true, nil
	case e.Type == policy.PrincipalFederated:
		return Subject{Kind: Federated, Name: name}, true, nil
	case e.Type != policy.PrincipalAWS:
		return Subject{}, false, nil
	case name == "*":
		return Subject{Kind: Everyone, Name: name}, true, nil
	case arn.ValidAccount(name):
		return Subject{Kind: Account, Name: name, Account: identity.AccountID(name)}, true, nil
	}
	id := name
	if bound, ok := r.Trust.Bindings[name]; ok {
		id = bound
	} else if a, err := arn.Parse(name); err == nil {
		kind, _ := a.Kind()
		switch {
		case a.Service == "iam" && a.Resource == "root":
			return Subject{Kind: Account, Name: a.Account, Account: identity.AccountID(a.Account)}, true, nil
		case a.Service == "sts" && (kind == "assumed-role" || kind == "federated-user"):
			return Subject{Kind: Session, Name: name, Account: identity.AccountID(a.Account)}, true, nil
		}
		return Subject{}, false, nil // of which no id is known
	}
	return entity(tx, id)
}

// Names reports whether an Allow statement of the role's trust policy may name a
// caller: nobody else can assume the role (EV-40).
func Names(r *identity.Role, c *authn.Caller) bool {
	doc, err := policy.Parse(r.Trust.Text)
	if err != nil {
		return true // which is the engine's to refuse
	}
	for i := range doc.Statements {
		st := &doc.Statements[i]
		if st.Effect != policy.EffectAllow || st.Principal == nil {
			continue
		}
		for _, e := range st.Principal.Entries {
			name := e.Value.Text
			if e.Type != policy.PrincipalAWS {
				continue // a service, or an identity that a provider vouches for
			}
			if name == "*" || name == string(c.Account) || name == c.PrincipalID || r.Trust.Bindings[name] == c.PrincipalID {
				return true
			}
			// An account's root, or a session.
			if a, err := arn.Parse(name); err == nil && a.Account == string(c.Account) && (a.Resource == "root" || a.Service == "sts") {
				return true
			}
		}
	}
	return false
}

// NamesSomebody reports whether an Allow statement of the role's trust policy may
// name a user, a role or a session, or everyone: in the role's account they need
// no policy of their own then, as all others do (EV-40).
func NamesSomebody(r *identity.Role) bool {
	doc, err := policy.Parse(r.Trust.Text)
	if err != nil {
		return true // which is the engine's to refuse
	}
	for i := range doc.Statements {
		st := &doc.Statements[i]
		if st.Effect != policy.EffectAllow || st.Principal == nil {
			continue
		}
		if st.Principal.Not {
			return true
		}
		for _, e := range st.Principal.Entries {
			a, err := arn.Parse(e.Value.Text)
			if e.Type == policy.PrincipalAWS && !arn.ValidAccount(e.Value.Text) && (err != nil || a.Resource != "root") {
				return true
			}
		}
	}
	return false
}

// entity returns the user or role that has a unique id.
func entity(tx *store.Tx, id string) (Subject, bool, error) {
	present, ok, err := tx.PrincipalARN(id)
	if err != nil || !ok {
		return Subject{}, false, err
	}
	a, err := arn.Parse(present)
	if err != nil {
		return Subject{}, false, fmt.Errorf("analysis of %s: %w", present, err)
	}
	s := Subject{Kind: User, Name: present, ID: id, Account: identity.AccountID(a.Account)}
	if kind, _ := a.Kind(); kind == "role" {
		s.Kind = Role
	}
	return s, true, nil
}

// SessionName is what the sessions that nobody has are called.
const SessionName = "analysis"

// UserCaller returns the caller that a user with a long-term key is.
func UserCaller(u *identity.User) *authn.Caller {
	name := u.ARN().String()
	return &authn.Caller{
		Kind: authn.User, Account: u.Account, ARN: name, PrincipalARN: name, PrincipalID: u.ID, UserID: u.ID, UserName: u.Name,
	}
}

// RoleCaller returns the caller that a session of the role is.
func RoleCaller(r *identity.Role, name string, now time.Time) *authn.Caller {
	return &authn.Caller{
		Kind: authn.RoleSession, Account: r.Account, ARN: r.SessionARN(name).String(), PrincipalARN: r.ARN().String(),
		PrincipalID: r.ID, UserID: r.ID + ":" + name, RoleName: r.Name,
		Session: &session.Session{
			Kind: session.Role, Account: r.Account, PrincipalID: r.ID, RoleName: r.Name, Name: name, Issued: now, Expires: now.Add(time.Hour),
		},
	}
}

// Stranger returns the principal that a subject is when nothing of it may be
// read but what the trust policy says.
func (s Subject) Stranger() *policy.Principal {
	p := &policy.Principal{Kind: policy.User, Account: string(s.Account)}
	switch s.Kind {
	case User:
		p.ARN, p.ID = s.Name, s.ID
	case Role:
		p.Kind, p.Issuer, p.ID = policy.RoleSession, s.Name, s.ID
		p.ARN = "arn:" + identity.Partition + ":sts::" + string(s.Account) + ":assumed-role/" + s.Name[strings.LastIndexByte(s.Name, '/')+1:] + "/" + SessionName
	case Session:
		p.Kind, p.ARN = policy.RoleSession, s.Name
		if strings.Contains(s.Name, ":federated-user/") {
			p.Kind = policy.FederatedUser
		}
	case Everyone, Account, Service, Federated:
	}
	return p
}

// AssumeNeed is what assuming a role needs, but for what the caller chooses.
// Trust is nil where the role's trust policy may not be read.
func AssumeNeed(action, roleARN string, account identity.AccountID, r *identity.Role) authz.Need {
	n := authz.Need{
		Action: action, Resource: roleARN, Account: account, Trust: true,
		Keys: []authz.Key{authz.One("sts:RoleSessionName", SessionName)},
	}
	if r != nil {
		n.Policy = authz.TrustPolicy(r)
		n.Keys = append(n.Keys, authz.TagKeys(r.Tags, "aws:ResourceTag/", "iam:ResourceTag/")...)
	}
	return n
}

// About reports whether a document allows something that may be an action.
func About(d *policy.Document, action string) bool {
	return slices.ContainsFunc(d.Statements, func(s policy.Statement) bool { return s.Effect == policy.EffectAllow && about(&s, action) })
}

// Resources returns the resources of the Allow statements that may be about an
// action, "*" for what is said by exception.
func Resources(list []*policy.Policy, action string) []string {
	var out []string
	for _, p := range list {
		if p == nil || p.Document() == nil {
			continue
		}
		for i := range p.Document().Statements {
			s := &p.Document().Statements[i]
			if s.Effect != policy.EffectAllow || !about(s, action) {
				continue
			}
			if s.NotResource {
				out = append(out, "*")
			}
			for _, r := range s.Resources {
				if !s.NotResource {
					out = append(out, r.Text)
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// RolePattern says where the roles are that a resource of a policy means: in an
// account, "" for more than one, and which, if it is literally the one.
func RolePattern(pattern string) (account, name string, literal bool) {
	segments, n := arn.Split(pattern)
	if n < arn.Segments || !arn.ValidAccount(segments[4]) {
		return "", "", false
	}
	if strings.ContainsAny(pattern, "*?$") {
		return segments[4], "", false
	}
	return segments[4], pattern[strings.LastIndexByte(pattern, '/')+1:], true
}
