package authz_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/policy"
)

// holds reports whether a condition holds for a request: whether a bucket
// policy that denies under it denies, which binds every caller.
func (w *world) holds(c *authn.Caller, r *authz.Request, owner identity.AccountID, condition string, keys ...authz.Key) bool {
	w.t.Helper()
	n := w.object(owner, statement("Deny", "s3:GetObject", `,"Resource":"*","Principal":"*","Condition":`+condition))
	n.Keys = keys
	var d authz.Decision
	w.view(func(tx *store.Tx) (err error) {
		d, err = w.authz.Decide(tx, c, r, &n)
		return err
	})
	return d.Outcome == policy.ExplicitDeny
}

func equals(key, value string) string { return `{"StringEquals":{"` + key + `":"` + value + `"}}` }

func absent(key string) string { return `{"Null":{"` + key + `":"true"}}` }

// Rules: EV-60
func TestWhoTheCallerIs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	all := allow("*")
	u := w.user(member, "alice", all)
	r := w.role(member, "ci", "{}", all)
	const none = "\x00"
	for _, row := range []struct {
		name                      string
		c                         *authn.Caller
		username, userid, kind, p string
	}{
		{"root", asRoot(member), none, "222233334444", "Account", "arn:aws:iam::222233334444:root"},
		{"user", asUser(u), "alice", u.ID, "User", "arn:aws:iam::222233334444:user/team/alice"},
		{"session of a user", with(asUser(u), session.Session{Kind: session.User}), "alice", u.ID, "User", "arn:aws:iam::222233334444:user/team/alice"},
		{"federated user", asFederated(u, session.Session{Policy: all}), none, "222233334444:f", "FederatedUser", "arn:aws:sts::222233334444:federated-user/f"},
		{"session of a role", asSession(r, session.Session{}), none, r.ID + ":s", "AssumedRole", "arn:aws:iam::222233334444:role/ci"},
		{"nobody", &authn.Caller{}, none, none, "Anonymous", none},
	} {
		for key, want := range map[string]string{
			"aws:username": row.username, "aws:userid": row.userid, "aws:PrincipalType": row.kind, "aws:PrincipalArn": row.p,
		} {
			condition := equals(key, want)
			if want == none {
				condition = absent(key)
			}
			if !w.holds(row.c, request(), member, condition) {
				t.Errorf("%s: not %s", row.name, condition)
			}
		}
	}
}

// Rules: EV-61 EV-62
func TestKeysOfEveryRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	all := allow("*")
	u := w.user(member, "alice", all)
	outsider := w.user(lone, "bob", all)
	key, nobody := asUser(u), &authn.Caller{}
	issued := with(key, session.Session{Kind: session.User, Issued: now.Add(-90 * time.Second), SourceIdentity: "sid"})
	plain := &authz.Request{Now: now, Region: "us-east-1"}
	const path = org + "/" + root + "/"
	for _, row := range []struct {
		c         *authn.Caller
		r         *authz.Request
		owner     identity.AccountID
		condition string
	}{
		{key, request(), member, equals("aws:CurrentTime", "2026-04-01T12:00:00Z")},
		{key, request(), member, `{"DateEquals":{"aws:CurrentTime":"2026-04-01T12:00:00Z"}}`},
		{key, request(), member, `{"NumericEquals":{"aws:EpochTime":"1775044800"}}`},
		{key, request(), member, `{"Bool":{"aws:SecureTransport":"true"}}`},
		{key, plain, member, `{"Bool":{"aws:SecureTransport":"false"}}`},
		{key, request(), member, `{"Bool":{"aws:ViaAWSService":"false"}}`},
		{key, request(), member, `{"Bool":{"aws:PrincipalIsAWSService":"false"}}`},
		{key, request(), member, equals("aws:RequestedRegion", "eu-west-1")},
		{key, request(), member, `{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}`},
		{key, &authz.Request{Now: now, SourceIP: netip.MustParseAddr("2001:db8::1")}, member, `{"IpAddress":{"aws:SourceIp":"2001:db8::/32"}}`},
		{key, plain, member, absent("aws:SourceIp")},
		{key, request(), member, equals("aws:UserAgent", "agent")},
		{key, plain, member, absent("aws:UserAgent")},
		{key, &authz.Request{Now: now, Referer: "https://x.example/"}, member, equals("aws:Referer", "https://x.example/")},
		{key, plain, member, absent("aws:Referer")},
		{key, request(), member, equals("aws:PrincipalAccount", "222233334444")},
		{key, request(), member, equals("aws:PrincipalOrgID", org)},
		{key, request(), member, `{"ForAnyValue:StringEquals":{"aws:PrincipalOrgPaths":"` + path + `"}}`},
		{asUser(outsider), request(), lone, absent("aws:PrincipalOrgID")},
		{asUser(outsider), request(), lone, absent("aws:PrincipalOrgPaths")},
		{key, request(), member, equals("aws:ResourceAccount", "222233334444")},
		{key, request(), management, equals("aws:ResourceAccount", "111122223333")},
		{key, request(), management, equals("aws:ResourceOrgID", org)},
		{key, request(), management, `{"ForAnyValue:StringEquals":{"aws:ResourceOrgPaths":"` + path + `"}}`},
		{key, request(), lone, absent("aws:ResourceOrgID")},
		{key, request(), lone, absent("aws:ResourceOrgPaths")},
		{key, request(), member, absent("aws:TokenIssueTime")},
		{issued, request(), member, equals("aws:TokenIssueTime", "2026-04-01T11:58:30.000Z")},
		{issued, request(), member, `{"DateLessThan":{"aws:TokenIssueTime":"2026-04-01T12:00:00Z"}}`},
		{issued, request(), member, equals("aws:SourceIdentity", "sid")},
		{key, request(), member, absent("aws:SourceIdentity")},
		{key, request(), member, absent("aws:PrincipalTag/Team")},

		{nobody, request(), member, equals("aws:PrincipalAccount", "anonymous")},
		{nobody, request(), member, absent("aws:PrincipalOrgID")},
		{nobody, request(), member, absent("aws:PrincipalIsAWSService")},
		{nobody, request(), member, absent("aws:MultiFactorAuthPresent")},
		{nobody, request(), member, `{"StringNotEquals":{"aws:PrincipalOrgID":"` + org + `"}}`},
		{nobody, request(), member, `{"ForAllValues:StringEquals":{"aws:PrincipalOrgPaths":"x"}}`},
		{nobody, request(), member, equals("aws:ResourceOrgID", org)},
	} {
		if !w.holds(row.c, row.r, row.owner, row.condition) {
			t.Errorf("%s at %s: not %s", row.c.ARN, row.owner, row.condition)
		}
	}
}

// Rules: EV-61 EV-63
func TestKeysOfTheNeed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := asUser(w.user(member, "alice", allow("*")))
	tags := []identity.Tag{{Key: "Team", Value: "red"}, {Key: "cost", Value: ""}}
	keys := append(authz.TagKeys(tags, "aws:ResourceTag/", "iam:ResourceTag/"), authz.RequestTags(tags)...)
	keys = append(keys, authz.One("iam:PolicyARN", "arn:aws:iam::aws:policy/X"), authz.Many("s3:one", "1"))
	for _, condition := range []string{
		equals("aws:ResourceTag/team", "red"), equals("iam:ResourceTag/Team", "red"), equals("aws:ResourceTag/cost", ""),
		equals("aws:RequestTag/TEAM", "red"), `{"ForAllValues:StringEquals":{"aws:TagKeys":["Team","cost"]}}`,
		`{"ArnEquals":{"iam:PolicyARN":"arn:aws:iam::aws:policy/X"}}`, `{"ForAnyValue:StringEquals":{"s3:one":["1","2"]}}`,
	} {
		if !w.holds(c, request(), member, condition, keys...) {
			t.Errorf("not %s", condition)
		}
	}
	if w.holds(c, request(), member, `{"ForAllValues:StringEquals":{"aws:TagKeys":["Team"]}}`, keys...) {
		t.Error("aws:TagKeys has one value of two")
	}
	if len(authz.RequestTags(nil)) != 0 {
		t.Error("a request without tags has tag keys")
	}
}

// Rules: EV-64 ST-51
func TestMFAIdioms(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.user(member, "alice")
	r := w.role(member, "ci", "{}")
	proved := session.Session{Kind: session.User, MFA: now.Add(-2 * time.Minute)}
	callers := map[string]*authn.Caller{
		"key": asUser(u), "session": with(asUser(u), session.Session{Kind: session.User}), "mfa": with(asUser(u), proved),
		"role": asSession(r, session.Session{MFA: now, RecordMFA: true}),
	}
	for _, row := range []struct {
		name, condition string
		holds           map[string]bool
	}{
		{"Bool true", `{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`, map[string]bool{"mfa": true}},
		{"BoolIfExists true", `{"BoolIfExists":{"aws:MultiFactorAuthPresent":"true"}}`, map[string]bool{"mfa": true, "key": true}},
		{"Bool false", `{"Bool":{"aws:MultiFactorAuthPresent":"false"}}`, map[string]bool{"session": true, "role": true}},
		{"BoolIfExists false", `{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}`, map[string]bool{"session": true, "role": true, "key": true}},
		{"Null false", `{"Null":{"aws:MultiFactorAuthPresent":"false"}}`, map[string]bool{"mfa": true, "session": true, "role": true}},
		{"age", `{"NumericEquals":{"aws:MultiFactorAuthAge":"120"}}`, map[string]bool{"mfa": true}},
		{"no age", absent("aws:MultiFactorAuthAge"), map[string]bool{"key": true, "session": true, "role": true}},
	} {
		for name, c := range callers {
			if got := w.holds(c, request(), member, row.condition); got != row.holds[name] {
				t.Errorf("%s: %s: %v", row.name, name, got)
			}
		}
	}
}

// Rules: ST-40 EV-61
func TestSessionTagsComeBeforeTheRolesOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.role(member, "ci", "{}")
	r.Tags = []identity.Tag{{Key: "Team", Value: "role"}, {Key: "Keep", Value: "kept"}}
	w.update(func(tx *store.Tx) error { return tx.PutRole(r) })
	u := w.user(member, "alice")
	u.Tags = []identity.Tag{{Key: "Team", Value: "user"}}
	w.update(func(tx *store.Tx) error { return tx.PutUser(u) })
	tags := []identity.Tag{{Key: "TEAM", Value: "session"}, {Key: "New", Value: "n"}}
	for _, row := range []struct {
		name string
		c    *authn.Caller
		want map[string]string
	}{
		{"role", asSession(r, session.Session{}), map[string]string{"Team": "role", "Keep": "kept"}},
		{"tagged session", asSession(r, session.Session{Tags: tags}), map[string]string{"team": "session", "keep": "kept", "new": "n"}},
		{"user", asUser(u), map[string]string{"team": "user"}},
		{"session of a user", with(asUser(u), session.Session{Kind: session.User}), map[string]string{"Team": "user"}},
		{"federated user", asFederated(u, session.Session{Tags: tags, Policy: allow("*")}), map[string]string{"Team": "session", "New": "n"}},
	} {
		for key, want := range row.want {
			if !w.holds(row.c, request(), member, equals("aws:PrincipalTag/"+key, want)) {
				t.Errorf("%s: aws:PrincipalTag/%s is not %q", row.name, key, want)
			}
		}
	}
	r.Tags = nil
	w.update(func(tx *store.Tx) error { return tx.PutRole(r) })
	if !w.holds(asSession(r, session.Session{Tags: tags}), request(), member, absent("aws:PrincipalTag/Keep")) {
		t.Error("a tag that the role lost is still there")
	}
}

// A need without resources matches the lone star alone.
//
// Rules: PL-53
func TestActionsWithoutResources(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	narrow := statement("Allow", "organizations:ListRoots", `,"Resource":"arn:aws:organizations::*:root/*"`)
	n := authz.Need{Action: "organizations:ListRoots", Resource: "*"}
	if d := w.decide(asUser(w.user(member, "a", narrow)), n); d.Outcome != policy.ImplicitDeny {
		t.Errorf("%s", d.Outcome)
	}
	if d := w.decide(asUser(w.user(member, "b", allow("organizations:ListRoots"))), n); !d.Allowed() {
		t.Errorf("%s", d.Outcome)
	}
}
