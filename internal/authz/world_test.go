package authz_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/store/kv"
	"github.com/regent-iam/regent/internal/store/kv/memkv"
	"github.com/regent-iam/regent/policy"
)

// The world: an organization of two accounts, and one that stands alone.
const (
	management = identity.AccountID("111122223333")
	member     = identity.AccountID("222233334444")
	lone       = identity.AccountID("444455556666")
	org        = "o-abcdefghij"
	root       = "r-abcd"
)

var now = time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)

type world struct {
	*store.Store
	db    kv.DB
	t     testing.TB
	authz *authz.Authorizer
	org   *identity.Organization
	made  int
}

func newWorld(t testing.TB) *world {
	t.Helper()
	db := memkv.New(memkv.Options{})
	t.Cleanup(func() { _ = db.Close() })
	w := &world{store.New(db), db, t, authz.New(), &identity.Organization{
		ID: org, Management: management, FeatureSet: "ALL", RootID: root,
		Epochs:  map[identity.PolicyType]int{identity.SCP: 1, identity.RCP: 1},
		Enabled: []identity.PolicyType{identity.SCP, identity.RCP},
	}, 0}
	w.update(func(tx *store.Tx) error {
		if err := tx.PutOrganization(w.org); err != nil {
			return err
		}
		for _, id := range []identity.AccountID{management, member, lone} {
			a := &identity.Account{ID: id, Email: string(id) + "@example.com", CanonicalID: string(id), Status: identity.AccountActive}
			if err := tx.CreateAccount(a); err != nil {
				return err
			}
			if id == lone {
				continue
			}
			if err := tx.Join(a, org, root); err != nil {
				return err
			}
		}
		return nil
	})
	return w
}

func (w *world) update(fn func(*store.Tx) error) {
	w.t.Helper()
	if err := w.Update(w.t.Context(), fn); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) view(fn func(*store.Tx) error) {
	w.t.Helper()
	if err := w.View(w.t.Context(), fn); err != nil {
		w.t.Fatal(err)
	}
}

// next returns a number that was not used yet, for unique ids.
func (w *world) next() int {
	w.made++
	return w.made
}

func inline(texts []string) (p identity.Permissions) {
	for i, text := range texts {
		p.PutInline(identity.Document{Name: fmt.Sprint("p", i), Text: text})
	}
	return p
}

// user makes a user with inline policies.
func (w *world) user(account identity.AccountID, name string, policies ...string) *identity.User {
	w.t.Helper()
	u := &identity.User{
		Account: account, Name: identity.UserName(name), Path: "/team/", ID: fmt.Sprintf("AIDA%017d", w.next()), Permissions: inline(policies),
	}
	w.update(func(tx *store.Tx) error { return tx.CreateUser(u) })
	return u
}

// role makes a role with inline policies. Its trust is text, or nobody.
func (w *world) role(account identity.AccountID, name, trust string, policies ...string) *identity.Role {
	w.t.Helper()
	r := &identity.Role{
		Account: account, Name: identity.RoleName(name), Path: "/", ID: fmt.Sprintf("AROA%017d", w.next()), Permissions: inline(policies),
		Trust: identity.ResourcePolicy{Text: trust},
	}
	w.update(func(tx *store.Tx) error { return tx.CreateRole(r) })
	return r
}

// managed makes a managed policy and returns its ARN.
func (w *world) managed(account identity.AccountID, name, text string) string {
	w.t.Helper()
	p := &identity.Policy{
		Account: account, Name: identity.PolicyName(name), Path: "/", ID: fmt.Sprintf("ANPA%017d", w.next()), Default: 1, Last: 1,
		Versions: []identity.PolicyVersion{{Number: 1, Text: text}},
	}
	w.update(func(tx *store.Tx) error { return tx.CreatePolicy(p) })
	return p.ARN().String()
}

// control replaces the control policies of a target: "full" stands for AWS's.
func (w *world) control(t identity.PolicyType, target string, texts ...string) {
	w.t.Helper()
	w.update(func(tx *store.Tx) error {
		var ids []string
		for i, text := range texts {
			if text == "full" {
				ids = append(ids, map[identity.PolicyType]string{identity.SCP: identity.FullAWSAccess, identity.RCP: identity.RCPFullAWSAccess}[t])
				continue
			}
			id := fmt.Sprintf("p-%s%d%d", strings.ReplaceAll(target, "-", ""), w.made, i)
			ids = append(ids, id)
			if err := tx.PutOrganizationPolicy(org, &identity.OrganizationPolicy{ID: id, Type: t, Name: id, Text: text}, ""); err != nil {
				return err
			}
		}
		w.made++
		return tx.SetTargetPolicies(w.org, target, t, ids, time.Time{})
	})
}

// asUser is a user with an access key.
func asUser(u *identity.User) *authn.Caller {
	name := u.ARN().String()
	return &authn.Caller{
		Kind: authn.User, Account: u.Account, ARN: name, PrincipalARN: name, PrincipalID: u.ID, UserID: u.ID, UserName: u.Name, AccessKeyID: "AKIA1",
	}
}

// with gives a caller temporary credentials.
func with(c *authn.Caller, s session.Session) *authn.Caller {
	temporary := *c
	s.Account, s.PrincipalID = c.Account, c.PrincipalID
	if s.Issued.IsZero() {
		s.Issued = now.Add(-time.Minute)
	}
	s.KeyID = identity.AccessKeyID("ASIA" + rand.Text())
	temporary.Session, temporary.AccessKeyID = &s, s.KeyID
	return &temporary
}

// asSession is a session "s" of a role.
func asSession(r *identity.Role, s session.Session) *authn.Caller {
	s.Kind, s.RoleName, s.Name = session.Role, r.Name, "s"
	return with(&authn.Caller{
		Kind: authn.RoleSession, Account: r.Account, ARN: r.SessionARN("s").String(), PrincipalARN: r.ARN().String(),
		PrincipalID: r.ID, UserID: r.ID + ":s", RoleName: r.Name,
	}, s)
}

// asFederated is a federated user "f" whom u made.
func asFederated(u *identity.User, s session.Session) *authn.Caller {
	s.Kind, s.Name = session.Federated, "f"
	name := "arn:aws:sts::" + string(u.Account) + ":federated-user/f"
	return with(&authn.Caller{
		Kind: authn.FederatedUser, Account: u.Account, ARN: name, PrincipalARN: name, PrincipalID: u.ID, UserID: string(u.Account) + ":f",
	}, s)
}

func asRoot(account identity.AccountID) *authn.Caller {
	name := identity.RootARN(account).String()
	return &authn.Caller{Kind: authn.Root, Account: account, ARN: name, PrincipalARN: name, UserID: string(account)}
}

func request() *authz.Request {
	return &authz.Request{Now: now, SourceIP: netip.MustParseAddr("192.0.2.7"), Secure: true, UserAgent: "agent", Region: "eu-west-1"}
}

// decide decides a need in a view.
func (w *world) decide(c *authn.Caller, n authz.Need) authz.Decision {
	w.t.Helper()
	d, err := w.try(c, n)
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

func (w *world) try(c *authn.Caller, n authz.Need) (d authz.Decision, err error) {
	viewErr := w.View(w.t.Context(), func(tx *store.Tx) error {
		d, err = w.authz.Decide(tx, c, request(), &n)
		return nil
	})
	return d, errors.Join(err, viewErr)
}

// statement writes a policy of one statement.
func statement(effect, action, more string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"` + effect + `","Action":"` + action + `"` + more + `}]}`
}

func allow(action string) string { return statement("Allow", action, `,"Resource":"*"`) }
func deny(action string) string  { return statement("Deny", action, `,"Resource":"*"`) }

// when is allow under a condition.
func when(condition string) string {
	return statement("Allow", "*", `,"Resource":"*","Condition":`+condition)
}

// grants is the policy of a bucket that allows s3:GetObject to a principal.
func grants(principal string) string {
	return statement("Allow", "s3:GetObject", `,"Resource":"*","Principal":`+principal)
}

func refuses(principal string) string {
	return statement("Deny", "s3:GetObject", `,"Resource":"*","Principal":`+principal)
}

func trusts(principal string) string {
	return statement("Allow", "sts:AssumeRole", `,"Principal":`+principal)
}

// object is the need to read an object of a bucket, whose policy is text.
func (w *world) object(owner identity.AccountID, text string) authz.Need {
	n := authz.Need{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k", Account: owner}
	if text != "" {
		n.Policy = &authz.ResourcePolicy{
			ID: fmt.Sprint("bucket", w.next()), Document: identity.ResourcePolicy{Text: text},
			Source: policy.Source{Name: "b", ARN: "arn:aws:s3:::b", Type: policy.Bucket},
		}
	}
	return n
}

// assume is the need to assume a role.
func assume(r *identity.Role) authz.Need {
	return authz.Need{
		Action: "sts:AssumeRole", Resource: r.ARN().String(), Account: r.Account, Trust: true,
		Policy: &authz.ResourcePolicy{
			ID: r.ID, Document: r.Trust, Source: policy.Source{Name: "trust policy", ARN: r.ARN().String(), Type: policy.Trust},
		},
	}
}
