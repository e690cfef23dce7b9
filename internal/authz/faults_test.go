package authz_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"testing"

	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/store/kv"
	"github.com/regent-iam/regent/policy"
)

var errFault = errors.New("the disk is on fire")

// A faulty database fails one read of each transaction, the one whose turn it
// is; a turn below zero never comes. Each view is of a revision of its own, so
// that none has at hand what another read.
type faulty struct {
	kv.DB
	turn  int
	hit   bool
	views kv.Revision
}

func (f *faulty) View(ctx context.Context, fn func(kv.Reader) error) error {
	f.views++
	return f.DB.View(ctx, func(r kv.Reader) error { return fn(&faultyReader{Reader: r, of: f, at: f.views}) })
}

type faultyReader struct {
	kv.Reader
	of    *faulty
	at    kv.Revision
	reads int
}

func (r *faultyReader) Revision() kv.Revision { return r.at }

func (r *faultyReader) fails() bool {
	r.reads++
	if r.reads-1 != r.of.turn {
		return false
	}
	r.of.hit = true
	return true
}

func (r *faultyReader) Get(key string) ([]byte, bool, error) {
	if r.fails() {
		return nil, false, errFault
	}
	return r.Reader.Get(key)
}

func (r *faultyReader) Scan(prefix, after string) iter.Seq2[kv.Entry, error] {
	if r.fails() {
		return func(yield func(kv.Entry, error) bool) { yield(kv.Entry{}, errFault) }
	}
	return r.Reader.Scan(prefix, after)
}

// TestAReadThatFailsNeverAllows: whichever record cannot be read, there is no
// decision, and what was kept before it failed does not become one after.
//
// Rules: TH-26 TH-38
func TestAReadThatFailsNeverAllows(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	f := &faulty{DB: w.db, turn: -1}
	w.Store = store.New(f)
	bounded := w.user(member, "bounded", allow("*"))
	bounded.Boundary = w.managed(member, "boundary", allow("iam:*"))
	bounded.Attach(w.managed(member, "attached", allow("*")))
	grouped := w.user(member, "grouped", allow("*"))
	group := &identity.Group{Account: member, Name: "g", ID: "AGPA1", Permissions: inline([]string{deny("*")})}
	role := w.role(member, "ci", "{}", allow("*"))
	w.update(func(tx *store.Tx) error {
		return errors.Join(tx.PutUser(bounded), tx.CreateGroup(group), tx.AddToGroup(group, grouped))
	})
	limits := w.managed(member, "limits", allow("iam:*"))
	callers := map[string]*authn.Caller{
		"a boundary":       asUser(bounded),
		"a group":          asUser(grouped),
		"a session policy": asSession(role, session.Session{Policies: []string{limits}}),
		"an SCP":           asUser(w.user(member, "limited", allow("*"))),
		"an RCP":           asUser(w.user(management, "stranger", allow("*"))),
	}
	for what, c := range callers {
		switch what {
		case "an SCP":
			w.control(identity.SCP, root, "full", deny("s3:*"))
		default:
			w.control(identity.SCP, root, "full")
		}
		rcp := []string{"full"}
		if what == "an RCP" {
			rcp = append(rcp, statement("Deny", "s3:*", `,"Resource":"*","Principal":"*"`))
		}
		w.control(identity.RCP, string(member), rcp...)
		n := w.object(member, grants(everyone))
		n.Policy = nil
		if what == "an RCP" {
			n = w.object(member, grants(everyone))
		}
		f.turn = -1
		if d := w.decide(c, n); d.Allowed() {
			t.Errorf("%s does not deny: %v", what, d.Outcome)
		}
		for _, warm := range []bool{false, true} {
			f.turn, f.hit = 0, true
			for ; f.hit; f.turn++ {
				if f.hit = false; !warm {
					w.authz.Clear()
				}
				d, err := w.try(c, n)
				if d.Allowed() || f.hit && err == nil {
					t.Errorf("%s, read %d fails: %v, %v", what, f.turn, d.Outcome, err)
				}
				// The same caches once the disk is well again.
				turn := f.turn
				f.turn = -1
				if d, err := w.try(c, n); err != nil || d.Allowed() {
					t.Errorf("%s, after read %d failed: %v, %v", what, turn, d.Outcome, err)
				}
				f.turn = turn
			}
			if f.turn < 2 {
				t.Errorf("%s: %d reads", what, f.turn)
			}
		}
	}
}

// TestNobodyIsAServiceByName: a user, a role, a session, a federated user or a
// path that is called like a service, an account or everybody is none of them.
//
// Rules: TH-41
func TestNobodyIsAServiceByName(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const service = "s3.amazonaws.com"
	user, role := w.user(management, service), w.role(management, service, "{}")
	named := asSession(role, session.Session{})
	named.ARN, named.UserID = role.SessionARN(service).String(), role.ID+":"+service
	federated := asFederated(user, session.Session{Policy: allow("*")})
	federated.ARN = "arn:aws:sts::" + string(management) + ":federated-user/" + service
	callers := map[string]*authn.Caller{"user": asUser(user), "role": asSession(role, session.Session{}), "session": named, "federated": federated, "anybody": {}, "root": asRoot(management)}
	principals := []string{
		`{"Service":"s3.amazonaws.com"}`, `{"Service":["s3.amazonaws.com","ec2.amazonaws.com"]}`, `{"Federated":"s3.amazonaws.com"}`,
		`{"Federated":"arn:aws:iam::111122223333:user/team/s3.amazonaws.com"}`, `{"CanonicalUser":"111122223333"}`, `{"AWS":"s3.amazonaws.com"}`,
	}
	for name, c := range callers {
		for _, p := range principals {
			for _, action := range []string{"s3:GetObject", "sts:AssumeRole"} {
				n := authz.Need{
					Action: action, Resource: "arn:aws:s3:::bucket/key", Account: member, Trust: action == "sts:AssumeRole",
					Policy: &authz.ResourcePolicy{ID: fmt.Sprint(w.next()), Source: policy.Source{Type: policy.Bucket}, Document: identity.ResourcePolicy{
						Text: statement("Allow", action, `,"Resource":"*","Principal":`+p),
					}},
				}
				if n.Trust {
					n.Policy.Source.Type, n.Policy.Document.Text = policy.Trust, statement("Allow", action, `,"Principal":`+p)
				}
				if d := w.decide(c, n); d.Allowed() {
					t.Errorf("%s is taken for %s of %s", name, p, action)
				}
			}
		}
	}
}
