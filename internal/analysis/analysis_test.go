package analysis_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/analysis"
	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/store/kv/memkv"
	"github.com/regent-iam/regent/policy"
)

const account = "111122223333"

var now = time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)

// ask asks whether the user of a small account may assume its role, whose trust
// policy has the statements.
func ask(t *testing.T, kind string, statements ...string) analysis.Verdict {
	t.Helper()
	st := store.New(memkv.New(memkv.Options{}))
	role := &identity.Role{
		Account: account, Name: "r", Path: "/", ID: "AROAAAAAAAAAAAAAAAAAA", Created: now, MaxSession: 3600,
		Trust: identity.ResourcePolicy{Text: `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`},
	}
	user := &identity.User{Account: account, Name: "ann", Path: "/", ID: "AIDAAAAAAAAAAAAAAAAAA", Created: now, Tags: []identity.Tag{{Key: "team", Value: "red"}}}
	err := st.Update(t.Context(), func(tx *store.Tx) error {
		if err := tx.CreateAccount(&identity.Account{ID: account, Name: "a", Email: "a@example.com", Status: identity.AccountActive, CanonicalID: "c"}); err != nil {
			return err
		}
		if err := tx.CreateUser(user); err != nil {
			return err
		}
		return tx.CreateRole(role)
	})
	if err != nil {
		t.Fatal(err)
	}
	q := &analysis.Question{
		Facts: authz.Request{Now: now, Secure: true, Region: "us-east-1"}, Need: analysis.AssumeNeed("sts:AssumeRole", role.ARN().String(), account, role),
	}
	switch kind {
	case "user":
		q.Caller, q.MFA = analysis.UserCaller(user), true
	case "role":
		q.Caller = analysis.RoleCaller(role, analysis.SessionName, now)
	case "provider":
		q.Caller = &authn.Caller{Kind: authn.Federated, Account: account, Provider: "arn:aws:iam::111122223333:oidc-provider/id.example"}
		q.Need.Action = "sts:AssumeRoleWithWebIdentity"
	case "service":
		q.Caller = &authn.Caller{Kind: authn.Service, Service: "ec2.amazonaws.com"}
	case "everyone":
		q.Stranger = analysis.Subject{Kind: analysis.Everyone}.Stranger()
	}
	var v analysis.Verdict
	if err := st.View(t.Context(), func(tx *store.Tx) error {
		v, err = analysis.New(authz.New()).Ask(tx, q)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return v
}

// TestConditionsOfEdges shows what each kind of condition makes of an edge.
func TestConditionsOfEdges(t *testing.T) {
	t.Parallel()
	statement := func(effect, principal, condition string) string {
		return fmt.Sprintf(`{"Effect":%q,"Principal":%s,"Action":["sts:AssumeRole","sts:AssumeRoleWithWebIdentity","sts:TagSession","sts:SetSourceIdentity"],"Condition":%s}`, effect, principal, condition)
	}
	allow := func(condition string) string { return statement("Allow", `{"AWS":"*"}`, condition) }
	deny := func(condition string) string { return statement("Deny", `{"AWS":"*"}`, condition) }
	for _, row := range []struct {
		kind       string
		statements []string
		want       string
	}{
		{"user", []string{allow(`{}`)}, "ALLOWED"},
		{"user", []string{allow(`{"StringEquals":{"aws:PrincipalTag/team":"red"}}`)}, "ALLOWED"},
		{"user", []string{allow(`{"StringEquals":{"aws:PrincipalTag/team":"blue"}}`)}, "BLOCKED implicitDeny role trust policy"},
		{"user", []string{allow(`{"StringEquals":{"sts:RoleSessionName":"${aws:username}"}}`)}, "ALLOWED sts:RoleSessionName=ann"},
		{"role", []string{allow(`{"StringEquals":{"sts:RoleSessionName":"${aws:username}"}}`)}, "BLOCKED implicitDeny role trust policy"},
		{"user", []string{allow(`{"StringEquals":{"sts:RoleSessionName":"a b"}}`)}, "BLOCKED implicitDeny role trust policy"},
		{"user", []string{allow(`{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`)}, "ALLOWED aws:MultiFactorAuthPresent=true"},
		{"user", []string{allow(`{"NumericLessThan":{"aws:MultiFactorAuthAge":"300"}}`)}, "ALLOWED aws:MultiFactorAuthPresent=true"},
		{"role", []string{allow(`{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`)}, "BLOCKED implicitDeny role trust policy"},
		{"user", []string{allow(`{}`), deny(`{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}`)}, "ALLOWED aws:MultiFactorAuthPresent=true"},
		{"user", []string{allow(`{}`), deny(`{"Null":{"aws:MultiFactorAuthPresent":"true"}}`)}, "ALLOWED aws:MultiFactorAuthPresent=true"},
		{"user", []string{allow(`{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}`)}, "ALLOWED aws:SourceIp=10.0.0.0"},
		{"user", []string{allow(`{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}`), deny(`{"IpAddress":{"aws:SourceIp":["10.0.0.0/9","10.255.0.0/16"]}}`)}, "ALLOWED aws:SourceIp=10.128.0.0"},
		{"user", []string{allow(`{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}`), deny(`{"IpAddress":{"aws:SourceIp":["10.0.0.0/9","10.128.0.0/9"]}}`)}, "BLOCKED implicitDeny role trust policy"},
		{"user", []string{allow(`{}`), deny(`{"NotIpAddress":{"aws:SourceIp":"2001:db8:1::/48"}}`)}, "ALLOWED aws:SourceIp=2001:db8:1::"},
		{"user", []string{allow(`{"DateGreaterThan":{"aws:CurrentTime":"2030-01-01T00:00:00Z"}}`)}, "ALLOWED aws:CurrentTime=2030-01-01T00:00:01Z"},
		{"user", []string{allow(`{"DateLessThan":{"aws:CurrentTime":"2020-01-01T00:00:00Z"}}`)}, "BLOCKED implicitDeny role trust policy"},
		{"user", []string{allow(`{"NumericGreaterThan":{"aws:EpochTime":"1893456000"}}`)}, "ALLOWED aws:CurrentTime=2030-01-01T00:00:01Z"},
		{"user", []string{allow(`{"StringEquals":{"sts:ExternalId":"x1"}}`), deny(`{"StringNotEquals":{"sts:ExternalId":["x1","x2"]}}`)}, "ALLOWED sts:ExternalId=x1"},
		{"user", []string{allow(`{"StringLike":{"sts:ExternalId":"ab*"}}`)}, "ALLOWED sts:ExternalId=ab"},
		{"user", []string{allow(`{"StringLike":{"sts:ExternalId":"a*"}}`), deny(`{"StringLike":{"sts:ExternalId":"*b"}}`)}, "rough"},
		{"user", []string{allow(`{"StringEquals":{"aws:RequestTag/team":"blue"}}`)}, "ALLOWED aws:RequestTag/team=blue"},
		{"user", []string{allow(`{"StringEquals":{"sts:SourceIdentity":"ann"}}`)}, "ALLOWED sts:SourceIdentity=ann"},
		{"user", []string{allow(`{"StringEquals":{"aws:SourceVpc":"vpc-1"}}`)}, "BLOCKED implicitDeny role trust policy"},
		{"provider", []string{statement("Allow", `{"Federated":"arn:aws:iam::111122223333:oidc-provider/id.example"}`, `{"StringEquals":{"id.example:sub":"repo:a","id.example:aud":"sts"}}`)}, "ALLOWED id.example:aud=sts id.example:sub=repo:a"},
		{"provider", []string{statement("Allow", `{"Federated":"arn:aws:iam::111122223333:oidc-provider/other"}`, `{}`)}, "BLOCKED implicitDeny role trust policy"},
		{"service", []string{statement("Allow", `{"Service":"ec2.amazonaws.com"}`, `{"StringEquals":{"aws:SourceAccount":"111122223333"}}`)}, "ALLOWED aws:SourceAccount=111122223333"},
		{"everyone", []string{allow(`{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}`)}, "ALLOWED aws:PrincipalOrgID=o-1"},
		{"everyone", []string{allow(`{}`), deny(`{}`)}, "BLOCKED explicitDeny role trust policy"},
	} {
		v := ask(t, row.kind, row.statements...)
		got := string(v.Status)
		for _, c := range v.Conditions {
			got += " " + c.String()
		}
		if v.Status == analysis.Blocked {
			got += " " + v.Outcome.String() + " " + v.Layer.String()
		}
		if v.Rough {
			got = "rough"
		}
		if got != row.want {
			t.Errorf("%s, %s: %s, want %s", row.kind, strings.Join(row.statements, ","), got, row.want)
		}
		if (v.Status == analysis.Allowed) != (v.Outcome == policy.Allow) {
			t.Errorf("%+v", v)
		}
	}
}
