package authz_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/policy"
)

const (
	yes = policy.Allow
	no  = policy.ImplicitDeny
	not = policy.ExplicitDeny
)

// A row is one combination of policies around a caller of account member who
// wants to read an object.
type row struct {
	name     string
	own      []string // inline policies of the user or role
	group    []string // of a group that the user is in
	attached []string // managed policies, by text
	boundary string   // by text; "gone" for one that was deleted
	session  []string // managed session policies by text; nil for none
	inline   string   // session policy
	scp      map[string][]string
	rcp      map[string][]string
	bucket   string
	owner    identity.AccountID // of the bucket; member's own when empty
	kind     authn.Kind
	want     policy.Outcome
	layer    policy.Layer
}

// build makes what a row says, and returns the caller and the need.
func (w *world) build(r *row) (*authn.Caller, authz.Need) {
	for target, texts := range r.scp {
		w.control(identity.SCP, target, texts...)
	}
	for target, texts := range r.rcp {
		w.control(identity.RCP, target, texts...)
	}
	p := inline(r.own)
	for i, text := range r.attached {
		p.Attach(w.managed(member, fmt.Sprint("m", i), text))
	}
	boundary := ""
	switch r.boundary {
	case "":
	case "gone":
		boundary = "arn:aws:iam::222233334444:policy/gone"
	default:
		boundary = w.managed(member, "boundary", r.boundary)
	}
	s := session.Session{Policy: r.inline}
	for i, text := range r.session {
		ref := "arn:aws:iam::222233334444:policy/nothing"
		if text != "gone" {
			ref = w.managed(member, fmt.Sprint("s", i), text)
		}
		s.Policies = append(s.Policies, ref)
	}
	owner := r.owner
	if owner == "" {
		owner = member
	}
	return w.caller(r, p, boundary, s), w.object(owner, r.bucket)
}

func (w *world) caller(r *row, p identity.Permissions, boundary string, s session.Session) *authn.Caller {
	switch r.kind {
	case authn.Root:
		return asRoot(member)
	case authn.Anonymous:
		return &authn.Caller{}
	case authn.RoleSession:
		role := w.role(member, "role", "{}")
		role.Permissions, role.Boundary = p, boundary
		w.update(func(tx *store.Tx) error { return tx.PutRole(role) })
		return asSession(role, s)
	case authn.User, authn.FederatedUser:
	}
	u := w.user(member, "alice")
	u.Permissions, u.Boundary = p, boundary
	w.update(func(tx *store.Tx) error {
		if len(r.group) > 0 {
			g := &identity.Group{Account: member, Name: "devs", ID: "AGPA1", Permissions: inline(r.group)}
			if err := tx.CreateGroup(g); err != nil {
				return err
			}
			u.Groups = []string{g.ID}
		}
		return tx.PutUser(u)
	})
	if r.kind == authn.FederatedUser {
		return asFederated(u, s)
	}
	return asUser(u)
}

const (
	user    = authn.User
	asRole  = authn.RoleSession
	fed     = authn.FederatedUser
	rooted  = authn.Root
	nobody  = authn.Anonymous
	account = string(member)
)

// everyone and friends are principals of bucket policies.
const (
	everyone  = `"*"`
	ofMember  = `{"AWS":"222233334444"}`
	sessionOf = `{"AWS":"arn:aws:sts::222233334444:assumed-role/role/s"}`
)

func get() []string { return []string{allow("s3:GetObject")} }

func rows() []row {
	return slices.Concat(ownRows(), controlRows(), bucketRows())
}

// Rules: EV-50 EV-55 EV-56 EV-32 TH-38
func ownRows() []row {
	return []row{
		{name: "nothing", kind: user, want: no, layer: policy.LayerIdentity},
		{name: "inline", kind: user, own: get(), want: yes},
		{name: "managed", kind: user, attached: get(), want: yes},
		{name: "of a group", kind: user, group: get(), want: yes},
		{name: "of another action", kind: user, own: []string{allow("s3:PutObject")}, want: no, layer: policy.LayerIdentity},
		{name: "a deny of a group", kind: user, own: get(), group: []string{deny("s3:*")}, want: not, layer: policy.LayerIdentity},
		{name: "a deny among the managed", kind: user, own: get(), attached: []string{deny("s3:*")}, want: not, layer: policy.LayerIdentity},
		{name: "a document that cannot be read", kind: user, own: []string{allow("*"), "{"}, want: not, layer: policy.LayerIdentity},
		{name: "boundary alone", kind: user, boundary: allow("*"), want: no, layer: policy.LayerIdentity},
		{name: "boundary and identity", kind: user, own: get(), boundary: allow("s3:*"), want: yes},
		{name: "boundary silent", kind: user, own: get(), boundary: allow("iam:*"), want: no, layer: policy.LayerBoundary},
		{name: "boundary denies", kind: user, own: get(), boundary: deny("s3:*"), want: not, layer: policy.LayerBoundary},
		{name: "boundary gone", kind: user, own: get(), boundary: "gone", want: no, layer: policy.LayerBoundary},
		{name: "role", kind: asRole, own: get(), want: yes},
		{name: "role bounded", kind: asRole, own: get(), boundary: allow("iam:*"), want: no, layer: policy.LayerBoundary},
		{name: "inline session policy", kind: asRole, own: get(), inline: allow("s3:*"), want: yes},
		{name: "inline session policy silent", kind: asRole, own: get(), inline: allow("iam:*"), want: no, layer: policy.LayerSession},
		{name: "session policy denies", kind: asRole, own: get(), inline: deny("s3:*"), want: not, layer: policy.LayerSession},
		{name: "session policy alone", kind: asRole, inline: allow("*"), want: no, layer: policy.LayerIdentity},
		{name: "managed session policies", kind: asRole, own: get(), session: []string{allow("iam:*"), allow("s3:*")}, want: yes},
		{name: "inline or managed", kind: asRole, own: get(), inline: allow("iam:*"), session: []string{allow("s3:*")}, want: yes},
		{name: "managed session policy gone", kind: asRole, own: get(), session: []string{"gone"}, want: no, layer: policy.LayerSession},
		{name: "one of two gone", kind: asRole, own: get(), session: []string{"gone", allow("s3:*")}, want: yes},
		{name: "federated without a policy", kind: fed, own: get(), want: no, layer: policy.LayerSession},
		{name: "federated", kind: fed, own: get(), inline: allow("*"), want: yes},
		{name: "federated beyond the user", kind: fed, inline: allow("*"), want: no, layer: policy.LayerIdentity},
		{name: "root", kind: rooted, want: yes},
		{name: "nobody", kind: nobody, want: no, layer: policy.LayerResource},
	}
}

// Rules: EV-10 EV-11 EV-12 EV-20 EV-22
func controlRows() []row {
	s3, iam := allow("s3:*"), allow("iam:*")
	rcp := statement("Deny", "s3:*", `,"Resource":"*","Principal":"*"`)
	return []row{
		{name: "SCP of two levels", kind: user, own: get(), scp: map[string][]string{root: {s3}, account: {s3}}, want: yes},
		{name: "a union inside a level", kind: user, own: get(), scp: map[string][]string{root: {iam, s3}}, want: yes},
		{name: "a level that is silent", kind: user, own: get(), scp: map[string][]string{root: {iam}}, want: no, layer: policy.LayerSCP},
		{name: "the account's level silent", kind: user, own: get(), scp: map[string][]string{account: {iam}}, want: no, layer: policy.LayerSCP},
		{name: "a level with none", kind: user, own: get(), scp: map[string][]string{account: {}}, want: no, layer: policy.LayerSCP},
		{name: "an SCP denies", kind: user, own: get(), scp: map[string][]string{account: {"full", deny("s3:*")}}, want: not, layer: policy.LayerSCP},
		{name: "an SCP cannot be read", kind: user, own: get(), scp: map[string][]string{root: {"full", "{"}}, want: not, layer: policy.LayerSCP},
		{name: "an SCP alone grants nothing", kind: user, scp: map[string][]string{root: {"full"}}, want: no, layer: policy.LayerIdentity},
		{name: "a session under an SCP", kind: asRole, own: get(), scp: map[string][]string{account: {iam}}, want: no, layer: policy.LayerSCP},
		{name: "a federated user under an SCP", kind: fed, own: get(), inline: allow("*"), scp: map[string][]string{account: {iam}}, want: no, layer: policy.LayerSCP},
		{name: "root under an SCP", kind: rooted, scp: map[string][]string{account: {iam}}, want: no, layer: policy.LayerSCP},
		{name: "nobody under an SCP", kind: nobody, bucket: grants(everyone), scp: map[string][]string{account: {iam}}, want: yes},
		{name: "an SCP of the management account", kind: user, own: get(), scp: map[string][]string{string(management): {iam}}, want: yes},

		{name: "RCP denies", kind: user, own: get(), rcp: map[string][]string{account: {"full", rcp}}, want: not, layer: policy.LayerRCP},
		{name: "RCP of the root denies", kind: user, own: get(), rcp: map[string][]string{root: {"full", rcp}}, want: not, layer: policy.LayerRCP},
		{name: "RCP denies root", kind: rooted, rcp: map[string][]string{root: {"full", rcp}}, want: not, layer: policy.LayerRCP},
		{name: "RCP denies nobody in particular", kind: nobody, bucket: grants(everyone), rcp: map[string][]string{root: {"full", rcp}}, want: not, layer: policy.LayerRCP},
		{name: "RCP leaves outside resources", kind: user, own: get(), owner: lone, bucket: grants(ofMember), rcp: map[string][]string{root: {"full", rcp}}, want: yes},
		{name: "RCP leaves the management account's", kind: user, own: get(), owner: management, bucket: grants(ofMember), rcp: map[string][]string{root: {"full", rcp}}, want: yes},
		{name: "RCP and SCP deny", kind: user, own: get(), rcp: map[string][]string{root: {"full", rcp}}, scp: map[string][]string{root: {"full", deny("*")}}, want: not, layer: policy.LayerRCP},
		{name: "explicit before implicit", kind: user, own: []string{deny("*")}, scp: map[string][]string{root: {iam}}, want: not, layer: policy.LayerIdentity},
	}
}

// Rules: EV-31 EV-33 EV-35 EV-34
func bucketRows() []row {
	return []row{
		{name: "the bucket grants everyone", kind: user, bucket: grants(everyone), want: yes},
		{name: "the bucket grants the account", kind: user, bucket: grants(ofMember), want: no, layer: policy.LayerIdentity},
		{name: "the bucket grants the session", kind: asRole, bucket: grants(sessionOf), want: yes},
		{name: "the bucket grants the session past its policy", kind: asRole, bucket: grants(sessionOf), inline: allow("iam:*"), want: yes},
		{name: "the bucket grants past a boundary", kind: user, bucket: grants(everyone), boundary: allow("iam:*"), want: yes},
		{name: "a boundary's deny counts all the same", kind: user, bucket: grants(everyone), boundary: deny("*"), want: not, layer: policy.LayerBoundary},
		{name: "the bucket denies", kind: user, own: get(), bucket: refuses(everyone), want: not, layer: policy.LayerResource},
		{name: "the bucket denies the account", kind: user, own: get(), bucket: refuses(ofMember), want: not, layer: policy.LayerResource},
		{name: "the bucket denies root", kind: rooted, bucket: refuses(ofMember), want: not, layer: policy.LayerResource},
		{name: "a bucket policy that cannot be read", kind: user, own: get(), bucket: "{", want: not, layer: policy.LayerResource},
		{name: "another's bucket, silent", kind: user, own: get(), owner: lone, want: no, layer: policy.LayerResource},
		{name: "another's bucket, open to all", kind: user, owner: lone, bucket: grants(everyone), want: no, layer: policy.LayerIdentity},
		{name: "another's bucket, both", kind: user, own: get(), owner: lone, bucket: grants(everyone), want: yes},
		{name: "root at another's bucket", kind: rooted, owner: lone, want: no, layer: policy.LayerResource},
		{name: "root at another's open bucket", kind: rooted, owner: lone, bucket: grants(ofMember), want: yes},
		{name: "nobody at an open bucket", kind: nobody, bucket: grants(everyone), want: yes},
		{name: "nobody at an account's bucket", kind: nobody, bucket: grants(ofMember), want: no, layer: policy.LayerResource},
		{name: "a bucket of an account that is not there", kind: user, own: get(), owner: "999999999999", want: no, layer: policy.LayerResource},
	}
}

func TestDecisions(t *testing.T) {
	t.Parallel()
	for _, r := range rows() {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c, n := w.build(&r)
			for _, pass := range []string{"cold", "warm"} {
				d := w.decide(c, n)
				if d.Outcome != r.want || r.want != yes && d.Layer != r.layer || d.Allowed() != (r.want == yes) {
					t.Errorf("%s: %s by %s, want %s by %s", pass, d.Outcome, d.Layer, r.want, r.layer)
				}
			}
			w.view(func(tx *store.Tx) error {
				e, err := w.authz.Explain(tx, c, request(), &n)
				if err == nil && e.Decision.Outcome != r.want {
					t.Errorf("the explanation says %s", e.Decision.Outcome)
				}
				return err
			})
		})
	}
}

// Rules: EV-13
func TestControlPoliciesOfATypeThatIsOffDoNotCount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, n := w.build(&row{kind: user, own: get(), scp: map[string][]string{account: {allow("iam:*")}}})
	if d := w.decide(c, n); d.Allowed() {
		t.Fatal("the SCP does not count")
	}
	w.org.Enabled = []identity.PolicyType{identity.RCP}
	w.update(func(tx *store.Tx) error { return tx.PutOrganization(w.org) })
	if d := w.decide(c, n); !d.Allowed() {
		t.Errorf("%s by %s", d.Outcome, d.Layer)
	}
}

// Rules: EV-10 EV-20
func TestTheManagementAccountAndLinkedRolesAreExempt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.control(identity.SCP, root, "full", deny("*"))
	w.control(identity.RCP, root, "full", statement("Deny", "s3:*", `,"Resource":"*","Principal":"*"`))
	manager := asUser(w.user(management, "m", allow("*")))
	if d := w.decide(manager, w.object(management, "")); !d.Allowed() {
		t.Errorf("management: %s by %s", d.Outcome, d.Layer)
	}
	if d := w.decide(manager, w.object(member, grants(everyone))); d.Layer != policy.LayerRCP {
		t.Errorf("management at a member's bucket: %s by %s", d.Outcome, d.Layer)
	}
	linked := w.role(member, "AWSServiceRoleForX", "{}", allow("*"))
	linked.Path = "/aws-service-role/x.amazonaws.com/"
	w.update(func(tx *store.Tx) error { return tx.PutRole(linked) })
	if d := w.decide(asSession(linked, session.Session{}), w.object(member, "")); !d.Allowed() {
		t.Errorf("a linked role: %s by %s", d.Outcome, d.Layer)
	}
	outsider := asUser(w.user(lone, "o", allow("*")))
	if d := w.decide(outsider, authz.Need{Action: "iam:ListUsers", Resource: "*"}); !d.Allowed() {
		t.Errorf("an account outside: %s by %s", d.Outcome, d.Layer)
	}
}

// Rules: EV-21
func TestResourceControlPoliciesLeaveIAMAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.control(identity.RCP, root, "full", statement("Deny", "*", `,"Resource":"*","Principal":"*"`))
	u := asUser(w.user(member, "u", allow("*")))
	for action, want := range map[string]policy.Outcome{
		"iam:GetUser": yes, "organizations:ListRoots": yes, "s3:GetObject": not, "sts:AssumeRole": not, "kms:Decrypt": not, "S3": yes,
	} {
		if d := w.decide(u, authz.Need{Action: action, Resource: "arn:aws:x:::y"}); d.Outcome != want {
			t.Errorf("%s: %s by %s, want %s", action, d.Outcome, d.Layer, want)
		}
	}
}

// Rules: EV-40 EV-41 EV-42 EV-43 EV-44 EV-46
func TestTrust(t *testing.T) {
	t.Parallel()
	const action = "sts:AssumeRole"
	for _, r := range []struct {
		name     string
		from     identity.AccountID
		trust    string // with %s for the caller's ARN
		bind     bool   // the ARN means the caller
		own      string
		boundary string
		want     policy.Outcome
		layer    policy.Layer
	}{
		{name: "nobody trusted", from: member, trust: trusts(`{"AWS":"444455556666"}`), own: allow("*"), want: no, layer: policy.LayerTrust},
		{name: "the account, no policy", from: member, trust: trusts(ofMember), want: no, layer: policy.LayerIdentity},
		{name: "the account", from: member, trust: trusts(ofMember), own: allow(action), want: yes},
		{name: "the user", from: member, trust: trusts(`{"AWS":"%s"}`), bind: true, want: yes},
		{name: "the user, who was made again", from: member, trust: trusts(`{"AWS":"%s"}`), want: no, layer: policy.LayerTrust},
		{name: "the user, bounded", from: member, trust: trusts(`{"AWS":"%s"}`), bind: true, boundary: allow("iam:*"), want: no, layer: policy.LayerBoundary},
		{name: "everybody", from: member, trust: trusts(everyone), want: yes},
		{name: "a deny in the trust", from: member, trust: statement("Deny", action, `,"Principal":"*"`), own: allow("*"), want: not, layer: policy.LayerTrust},
		{name: "from outside, no policy", from: lone, trust: trusts(`{"AWS":"%s"}`), bind: true, want: no, layer: policy.LayerIdentity},
		{name: "from outside", from: lone, trust: trusts(`{"AWS":"%s"}`), bind: true, own: allow(action), want: yes},
		{name: "from outside, by account", from: lone, trust: trusts(`{"AWS":"arn:aws:iam::444455556666:root"}`), own: allow(action), want: yes},
		{name: "from outside, of another resource", from: lone, trust: trusts(everyone), own: statement("Allow", action, `,"Resource":"arn:aws:iam::222233334444:role/other"`), want: no, layer: policy.LayerIdentity},
	} {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			u := w.user(r.from, "alice")
			if r.own != "" {
				u.Permissions = inline([]string{r.own})
			}
			if r.boundary != "" {
				u.Boundary = w.managed(r.from, "b", r.boundary)
			}
			w.update(func(tx *store.Tx) error { return tx.PutUser(u) })
			name := u.ARN().String()
			text := r.trust
			if r.bind || text == trusts(`{"AWS":"%s"}`) {
				text = fmt.Sprintf(text, name)
			}
			role := w.role(member, "target", text)
			role.Trust.Bindings = map[string]string{name: "AIDA00000000000000OLD"}
			if r.bind {
				role.Trust.Bindings[name] = u.ID
			}
			w.update(func(tx *store.Tx) error { return tx.PutRole(role) })
			if d := w.decide(asUser(u), assume(role)); d.Outcome != r.want || r.want != yes && d.Layer != r.layer {
				t.Errorf("%s by %s, want %s by %s", d.Outcome, d.Layer, r.want, r.layer)
			}
		})
	}
}

// Rules: EV-46 EV-51
func TestASessionOfARoleIsNotTrustedByIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	role := w.role(member, "self", trusts(`{"AWS":"444455556666"}`), allow("*"))
	if d := w.decide(asSession(role, session.Session{}), assume(role)); d.Layer != policy.LayerTrust || d.Allowed() {
		t.Errorf("%s by %s", d.Outcome, d.Layer)
	}
	role.Trust = identity.ResourcePolicy{Text: trusts(`{"AWS":"` + role.ARN().String() + `"}`), Bindings: map[string]string{role.ARN().String(): role.ID}}
	w.update(func(tx *store.Tx) error { return tx.PutRole(role) })
	if d := w.decide(asSession(role, session.Session{}), assume(role)); !d.Allowed() {
		t.Errorf("%s by %s", d.Outcome, d.Layer)
	}
}

// Rules: EV-53
func TestADeletedPrincipalDecidesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	role := w.role(member, "ci", "{}", allow("*"))
	c := asSession(role, session.Session{})
	need := authz.Need{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k"}
	if d := w.decide(c, need); !d.Allowed() {
		t.Fatalf("%s", d.Outcome)
	}
	role.Permissions = inline([]string{deny("*")})
	w.update(func(tx *store.Tx) error { return tx.PutRole(role) })
	if d := w.decide(c, need); d.Outcome != not { // a session has what its role has now
		t.Errorf("%s", d.Outcome)
	}
	w.update(func(tx *store.Tx) error { return tx.DeleteRole(role) })
	w.made += 100
	w.role(member, "ci", "{}", allow("*")) // of the same name, and somebody else
	if d, err := w.try(c, need); err == nil || d.Allowed() {
		t.Errorf("%s, %v", d.Outcome, err)
	}
}

// Rules: EV-11 OR-24
func TestEveryLevelDownToTheAccountMustAllow(t *testing.T) {
	t.Parallel()
	const unit = "ou-abcd-12345678"
	s3 := allow("s3:*")
	for _, row := range []struct {
		name                string
		root, unit, account []string
		want                policy.Outcome
	}{
		{"full everywhere", []string{"full"}, []string{"full"}, []string{"full"}, yes},
		{"the unit has S3 only", []string{"full"}, []string{s3}, []string{"full"}, no},
		{"a deny beside full", []string{"full"}, []string{"full"}, []string{"full", deny("sts:*")}, not},
		{"a deny above", []string{"full", deny("sts:*")}, []string{"full"}, []string{"full"}, not},
	} {
		w := newWorld(t)
		w.update(func(tx *store.Tx) error {
			return tx.PutUnit(org, &identity.OrganizationalUnit{ID: unit, Name: "u", Parent: root})
		})
		c := asUser(w.user(member, "alice", allow("*")))
		need := authz.Need{Action: "sts:AssumeRole", Resource: "arn:aws:iam::222233334444:role/r"}
		w.control(identity.SCP, unit, deny("*")) // of a unit that the account is not in
		if d := w.decide(c, need); !d.Allowed() {
			t.Errorf("%s: before the move: %s", row.name, d.Outcome)
		}
		w.update(func(tx *store.Tx) error {
			a, err := tx.Account(member)
			if err != nil {
				return err
			}
			return tx.Join(a, org, unit)
		})
		if d := w.decide(c, need); d.Layer != policy.LayerSCP || d.Outcome != not { // the move counts at once
			t.Errorf("%s: after the move: %s by %s", row.name, d.Outcome, d.Layer)
		}
		w.control(identity.SCP, root, row.root...)
		w.control(identity.SCP, unit, row.unit...)
		w.control(identity.SCP, account, row.account...)
		if d := w.decide(c, need); d.Outcome != row.want || row.want != yes && d.Layer != policy.LayerSCP {
			t.Errorf("%s: %s by %s, want %s", row.name, d.Outcome, d.Layer, row.want)
		}
	}
}
