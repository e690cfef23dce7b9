package sts_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/regent-iam/regent/internal/federation/oidc"
	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/service/sts"
)

// Of a token's claims, those become condition keys that every provider's do and
// those that AWS names for the very provider. Google alone has azp.
//
// Rules: ST-64 ST-65 TH-93
func TestClaimsThatAreConditionKeys(t *testing.T) {
	t.Parallel()
	claims := map[string]any{
		"iss": "https://x.example", "sub": "subject", "aud": []string{"client", "second"}, "exp": 2, "iat": 1, "azp": "party", "amr": []string{"pwd", "mfa"}, "email": "a@b.example",
		"repository": "acme/app", "repository_id": "42", "actor": "octocat", "ref": "refs/heads/main", "environment": "prod", "job_workflow_ref": "w", "enterprise_id": 7,
		"run_id": "1", "Repository": "evil/app", "project_id": "9", "ref_protected": "true", "user_login": "u", "groups": []string{"admins"},
		"oidc.circleci.com/project-id": "p-1", "google": map[string]any{"organization_number": 77, "compute_engine": map[string]any{"zone": "z"}},
		"kubernetes.io": map[string]any{"namespace": "default", "serviceaccount": map[string]any{"name": "ci"}}, "PrincipalArn": "arn:aws:iam::1:root", "oaud": "forged",
	}
	raw, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	part := base64.RawURLEncoding.EncodeToString
	token, err := oidc.Parse(part([]byte(`{"alg":"ES256","kid":"k"}`)) + "." + part(raw) + "." + part(make([]byte, 64)))
	if err != nil {
		t.Fatal(err)
	}
	const every = "amr=[pwd mfa] aud=client email=a@b.example"
	const github = "actor=octocat amr=[pwd mfa] aud=client email=a@b.example enterprise_id=7 environment=prod job_workflow_ref=w ref=refs/heads/main repository=acme/app repository_id=42 sub=subject"
	for provider, want := range map[string]string{
		"idp.example.com/tenant":                      every + " sub=subject",
		"kubernetes.default.svc.cluster.local":        every + " sub=subject",
		"token.actions.githubusercontent.com":         github,
		"token.actions.githubusercontent.com/acme":    github,
		"token.actions.acme.ghe.com":                  github,
		"github.com/enterprises/acme":                 github,
		"token.actions.githubusercontent.com.evil.io": every + " sub=subject",
		"gitlab.com":                every + " project_id=9 ref_protected=true sub=subject user_login=u",
		"gitlab.com/group":          every + " sub=subject",
		"oidc.circleci.com/org/o-1": every + " oidc.circleci.com/project-id=p-1 sub=subject",
		"accounts.google.com":       "amr=[pwd mfa] aud=party email=a@b.example google/organization_number=77 oaud=client sub=subject",
	} {
		var got []string
		for _, c := range sts.ClaimKeys(provider, token, "client") {
			name, ok := strings.CutPrefix(c.Key, provider+":")
			if !ok {
				t.Errorf("%s has a key %s", provider, c.Key)
			}
			if c.Multi {
				got = append(got, fmt.Sprint(name, "=", c.Values))
			} else {
				got = append(got, name+"="+strings.Join(c.Values, ","))
			}
		}
		if text := strings.Join(got, " "); text != want {
			t.Errorf("%s:\n%s, want\n%s", provider, text, want)
		}
		if !slices.IsSorted(got) {
			t.Errorf("%s: the keys are in no order", provider)
		}
	}
}

// A token that this server made for others is not traded for a role here: not
// under the server's name, nor under another that leads to it.
//
// Rules: TH-49
func TestLaunderingThroughTheOwnIssuer(t *testing.T) {
	t.Parallel()
	p := newIDP(t)
	h := federated(t, p, sts.Config{PublicURL: "https://regent.example.com"})
	root := h.As("root")
	root.Call("iam", "EnableOutboundWebIdentityFederation").OK()
	h.User("alice", prod, allowAll)
	a := h.As("alice").Call("sts", "GetWebIdentityToken", "Audience.member.1", "sts.amazonaws.com", "SigningAlgorithm", "ES384").OK()
	token := a.Get("WebIdentityToken")
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims struct {
		Issuer string `json:"iss"`
	}
	if err := json.Unmarshal(payload, &claims); err != nil || !strings.HasPrefix(claims.Issuer, "https://regent.example.com/") {
		t.Fatalf("%v: %s", err, payload)
	}
	root.Call("iam", "CreateOpenIDConnectProvider", "Url", claims.Issuer, "ClientIDList.member.1", "sts.amazonaws.com").OK()
	root.Call("iam", "CreateRole", "RoleName", "loop", "AssumeRolePolicyDocument",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::`+prod+`:oidc-provider/`+strings.TrimPrefix(claims.Issuer, "https://")+`"},"Action":"sts:AssumeRoleWithWebIdentity"}]}`).OK()
	refused := func(a *servicetest.Answer) {
		t.Helper()
		a.Fails("InvalidIdentityToken", "Tokens that this server issued are not accepted by it.")
	}
	refused(assumeWeb(h, roleARN("loop"), token))
	_, path, _ := strings.Cut(claims.Issuer, "regent.example.com")
	for _, host := range []string{"https://alias.example.com", "https://regent.example.com:443", "https://REGENT.example.com."} {
		refused(assumeWeb(h, roleARN("loop"), p.token(h.Now(), map[string]any{"iss": host + path})))
	}
}
