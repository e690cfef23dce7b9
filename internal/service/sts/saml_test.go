package sts_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/federation/saml/samltest"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/store"
)

const (
	samlEntity   = "https://idp.example.com/saml"
	samlProvider = "arn:aws:iam::" + dev + ":saml-provider/Corp"
	samlRole     = "arn:aws:iam::" + dev + ":role/team/federated"
	attribute    = "https://aws.amazon.com/SAML/Attributes/"
	notAllowed   = "Not authorized to perform sts:AssumeRoleWithSAML"
)

func trustSAML(actions, conditions string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"` + samlProvider + `"},"Action":[` + actions + `]` + conditions + `}]}`
}

// A samlWorld is an account that trusts an identity provider.
type samlWorld struct {
	*servicetest.Harness

	t   *testing.T
	idp *samltest.Provider
}

// federation has the provider Corp and the role federated with a trust policy.
func federation(t *testing.T, trust string) *samlWorld {
	t.Helper()
	return federationIn(t, harness(t), trust)
}

func federationIn(t *testing.T, h *servicetest.Harness, trust string) *samlWorld {
	t.Helper()
	h.Account(dev, "root")
	w := &samlWorld{h, t, samltest.New(t, samlEntity)}
	h.As("root").Call("iam", "CreateSAMLProvider", "Name", "Corp", "SAMLMetadataDocument", w.idp.Metadata()).OK()
	h.As("root").Call("iam", "CreateRole", "RoleName", "federated", "Path", "/team/", "MaxSessionDuration", "7200", "AssumeRolePolicyDocument", trust,
		"Tags.member.1.Key", "dept", "Tags.member.1.Value", "role").OK()
	return w
}

// response is what the identity provider says by default: one role and a name.
func (w *samlWorld) response(change ...func(*samltest.Response)) string {
	w.t.Helper()
	r := samltest.Response{Now: w.Now(), SignAssertion: true, Attributes: map[string][]string{
		attribute + "Role":            {samlRole + "," + samlProvider},
		attribute + "RoleSessionName": {"alice@example.com"},
	}}
	for _, c := range change {
		c(&r)
	}
	return w.idp.Response(r)
}

// says sets an attribute of a response; no values take it out.
func says(name string, values ...string) func(*samltest.Response) {
	return func(r *samltest.Response) {
		r.Attributes = maps.Clone(r.Attributes)
		r.Attributes[name] = values
		if len(values) == 0 {
			delete(r.Attributes, name)
		}
	}
}

func (w *samlWorld) assume(response string, more ...string) *servicetest.Answer {
	w.t.Helper()
	return w.As(servicetest.Unsigned).Call("sts", "AssumeRoleWithSAML",
		append([]string{"RoleArn", samlRole, "PrincipalArn", samlProvider, "SAMLAssertion", response}, more...)...)
}

const allSAML = `"sts:AssumeRoleWithSAML","sts:TagSession","sts:SetSourceIdentity"`

// What the answer says, and what later requests of the session know.
//
// Rules: ST-10 ST-12 ST-40 ST-41 ST-47 ST-70 ST-71 ST-71b EV-52
func TestAssumeRoleWithSAML(t *testing.T) {
	t.Parallel()
	w := federation(t, trustSAML(allSAML, ""))
	sum := sha1.Sum([]byte(samlEntity + dev + "/Corp"))
	qualifier := base64.StdEncoding.EncodeToString(sum[:])
	w.As("root").Call("iam", "PutRolePolicy", "RoleName", "federated", "PolicyName", "p", "PolicyDocument",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"},{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*","Condition":{
			"StringEquals":{"saml:sub":"alice@example.com","saml:sub_type":"persistent","saml:namequalifier":"`+qualifier+`",
				"aws:FederatedProvider":"`+samlProvider+`","aws:PrincipalTag/Dept":"eng","aws:PrincipalTag/team":"a","aws:SourceIdentity":"alice"},
			"Null":{"saml:iss":"true","saml:aud":"true","saml:doc":"true","saml:cn":"true"}}}]}`).OK()
	a := w.assume(w.response(
		says(attribute+"Role", "arn:aws:iam::"+dev+":role/x,"+samlProvider, samlProvider+", "+samlRole), // in the other order
		says(attribute+"PrincipalTag:Dept", "eng"), says(attribute+"PrincipalTag:team", "a"),
		says(attribute+"TransitiveTagKeys", "team"), says(attribute+"SourceIdentity", "alice"), says("urn:oid:2.5.4.3", "Alice"),
	)).OK()
	for path, want := range map[string]string{
		"AssumedRoleUser.Arn": "arn:aws:sts::" + dev + ":assumed-role/federated/alice@example.com",
		"Subject":             "alice@example.com", "SubjectType": "persistent", "Issuer": samlEntity,
		"Audience": "https://signin.aws.amazon.com/saml", "NameQualifier": qualifier, "SourceIdentity": "alice", "PackedPolicySize": "1",
		"Expiration": w.Now().Add(time.Hour).Format(time.RFC3339),
	} {
		if got := a.Get(path); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	if id := a.Get("AssumedRoleId"); !strings.HasPrefix(id, "AROA") || !strings.HasSuffix(id, ":alice@example.com") {
		t.Errorf("AssumedRoleId is %q", id)
	}
	actor(w.Harness, "alice", a)
	w.As("alice").Call("iam", "ListUsers").OK()
	w.As("alice").Call("sts", "GetCallerIdentity").OK()

	// The transitive tag goes on to the next role, which also sees saml:sub.
	w.As("root").Call("iam", "CreateRole", "RoleName", "next", "AssumeRolePolicyDocument",
		trust(samlRole, `,"Condition":{"StringEquals":{"aws:RequestTag/team":"a","saml:sub":"alice@example.com"},"Null":{"aws:RequestTag/Dept":"true"}}`)).OK()
	w.As("root").Call("iam", "UpdateAssumeRolePolicy", "RoleName", "next", "PolicyDocument", trust(samlRole, `,"Condition":{"StringEquals":{"saml:sub":"alice@example.com"}}`)).OK()
	w.As("root").Call("iam", "PutRolePolicy", "RoleName", "federated", "PolicyName", "all", "PolicyDocument", allowAll).OK()
	w.As("alice").Call("sts", "AssumeRole", "RoleArn", "arn:aws:iam::"+dev+":role/next", "RoleSessionName", "next").OK()
}

// Rules: ST-70 ST-71 ST-2 EV-52 TH-59 TH-94
func TestAssumeRoleWithSAMLRefuses(t *testing.T) {
	t.Parallel()
	w := federation(t, trustSAML(allSAML, ""))
	mallory := samltest.New(t, samlEntity)
	w.Account(prod, "other")
	w.As("other").Call("iam", "CreateRole", "RoleName", "foreign", "AssumeRolePolicyDocument", trustSAML(allSAML, "")).OK()
	w.As("other").Call("iam", "CreateSAMLProvider", "Name", "Corp", "SAMLMetadataDocument", w.idp.Metadata()).OK()
	foreign := "arn:aws:iam::" + prod + ":role/foreign"
	const invalid = "InvalidIdentityToken"
	for name, test := range map[string]struct {
		response      string
		code, message string
		parameters    []string
	}{
		"a role's ARN that is none":   {w.response(), "ValidationError", "arn:aws:iam::444455556666::x is invalid", []string{"RoleArn", "arn:aws:iam::444455556666::x"}},
		"a provider that is not here": {w.response(), invalid, "Specified provider doesn't exist.", []string{"PrincipalArn", samlProvider + "2"}},
		"a provider in another case":  {w.response(), invalid, "Specified provider doesn't exist.", []string{"PrincipalArn", strings.ToLower(samlProvider)}},
		"no provider":                 {w.response(), invalid, "Specified provider doesn't exist.", []string{"PrincipalArn", samlRole}},
		"no base64":                   {"<samlp:Response/>", invalid, "Invalid base64 SAMLResponse", nil},
		"no response":                 {"PGEvPg==", invalid, "Your request included an invalid SAML response.", nil},
		"unsigned":                    {w.response(func(r *samltest.Response) { r.SignAssertion = false }), invalid, "Response signature invalid", nil},
		"signed by somebody":          {mallory.Response(samltest.Response{Now: w.Now(), SignResponse: true}), invalid, "Response signature invalid", nil},
		"another issuer":              {w.response(func(r *samltest.Response) { r.Issuer = "https://x.example" }), invalid, "Issuer not present in specified provider", nil},
		"another audience":            {w.response(func(r *samltest.Response) { r.Audience = "https://x.example" }), invalid, "Response does not contain the required audience.", nil},
		"another recipient":           {w.response(func(r *samltest.Response) { r.Recipient = "https://x.example" }), invalid, "Response does not contain the required recipient.", nil},
		"expired":                     {w.response(func(r *samltest.Response) { r.Lasts = time.Nanosecond }), "ExpiredTokenException", "Response has expired", nil},
		"stale": {w.response(func(r *samltest.Response) {
			r.Now, r.Lasts = w.Now().Add(-10*time.Minute), time.Hour
		}), "ExpiredTokenException", "Token must be redeemed within 5 minutes of issuance", nil},
		"early":                 {w.response(func(r *samltest.Response) { r.Now = w.Now().Add(time.Hour) }), invalid, "Response is not yet valid.", nil},
		"no pair":               {w.response(says(attribute + "Role")), "AccessDenied", notAllowed, nil},
		"half a pair":           {w.response(says(attribute+"Role", samlRole)), "AccessDenied", notAllowed, nil},
		"another pair":          {w.response(says(attribute+"Role", samlRole+"2,"+samlProvider)), "AccessDenied", notAllowed, nil},
		"a name in lower case":  {w.response(says(attribute+"Role"), says(strings.ToLower(attribute)+"role", samlRole+","+samlProvider)), "AccessDenied", notAllowed, nil},
		"a role that is gone":   {w.response(says(attribute+"Role", samlRole+"2,"+samlProvider)), "AccessDenied", notAllowed, []string{"RoleArn", samlRole + "2"}},
		"a role elsewhere":      {w.response(says(attribute+"Role", foreign+","+samlProvider)), "AccessDenied", notAllowed, []string{"RoleArn", foreign}},
		"a provider elsewhere":  {w.response(says(attribute+"Role", samlRole+","+strings.Replace(samlProvider, dev, prod, 1))), "AccessDenied", notAllowed, []string{"PrincipalArn", strings.Replace(samlProvider, dev, prod, 1)}},
		"no session name":       {w.response(says(attribute + "RoleSessionName")), invalid, "RoleSessionName is required in AuthnResponse", nil},
		"two session names":     {w.response(says(attribute+"RoleSessionName", "alice", "bob")), invalid, "RoleSessionName is required in AuthnResponse", nil},
		"a short session name":  {w.response(says(attribute+"RoleSessionName", "a")), invalid, "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}", nil},
		"an odd session name":   {w.response(says(attribute+"RoleSessionName", "alice/bob")), invalid, "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}", nil},
		"AWS's source identity": {w.response(says(attribute+"SourceIdentity", "AWS:x")), invalid, `Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"`, nil},
		"two source identities": {w.response(says(attribute+"SourceIdentity", "alice", "bob")), invalid, `Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"`, nil},
		"a tag of two values":   {w.response(says(attribute+"PrincipalTag:team", "a", "b")), invalid, "", nil},
		"a tag with an odd key": {w.response(says(attribute+"PrincipalTag:te*m", "a")), invalid, "", nil},
		"the same tag twice":    {w.response(says(attribute+"PrincipalTag:team", "a"), says(attribute+"PrincipalTag:Team", "a")), "InvalidParameterValue", "Duplicate tag keys found. Please note that Tag keys are case insensitive.", nil},
		"a transitive non-tag":  {w.response(says(attribute+"TransitiveTagKeys", "team")), "InvalidParameterValue", "The specified transitive tag key must be included in the requested tags.", nil},
		"a policy that is none": {w.response(), "MalformedPolicyDocument", "", []string{"Policy", "{"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := w.assume(test.response, test.parameters...)
			if test.message == "" {
				a.Fails(test.code)
			} else {
				a.Fails(test.code, test.message)
			}
		})
	}
	// Nobody's signature is looked at here, and nobody's is needed.
	w.As("root").Call("sts", "AssumeRoleWithSAML", "RoleArn", samlRole, "PrincipalArn", samlProvider, "SAMLAssertion", w.response()).Fails("InvalidAction")
}

// The trust policy decides by what the assertion says, and by nothing else.
//
// Rules: ST-10 ST-42 ST-47 ST-71b EV-52 TH-35
func TestTrustOfSAML(t *testing.T) {
	t.Parallel()
	only := func(condition string) string {
		return trustSAML(`"sts:AssumeRoleWithSAML"`, `,"Condition":{"StringEquals":{`+condition+`}}`)
	}
	for name, test := range map[string]struct {
		trust  string
		change []func(*samltest.Response)
		ok     bool
		want   string
	}{
		"recipient":          {only(`"SAML:aud":"https://signin.aws.amazon.com/saml"`), nil, true, ""},
		"another recipient":  {only(`"saml:aud":"urn:amazon:webservices"`), nil, false, notAllowed},
		"issuer":             {only(`"saml:iss":"` + samlEntity + `"`), nil, true, ""},
		"provider":           {only(`"saml:doc":"` + dev + `/Corp"`), nil, true, ""},
		"session name":       {only(`"sts:RoleSessionName":"alice@example.com"`), nil, true, ""},
		"the role's tag":     {only(`"aws:ResourceTag/dept":"role","iam:ResourceTag/dept":"role"`), nil, true, ""},
		"cn":                 {trustSAML(`"sts:AssumeRoleWithSAML"`, `,"Condition":{"ForAnyValue:StringEquals":{"saml:cn":"Alice"}}`), []func(*samltest.Response){says("urn:oid:2.5.4.3", "Alice")}, true, ""},
		"another cn":         {trustSAML(`"sts:AssumeRoleWithSAML"`, `,"Condition":{"ForAnyValue:StringEquals":{"saml:cn":"Bob"}}`), []func(*samltest.Response){says("urn:oid:2.5.4.3", "Alice")}, false, notAllowed},
		"mail":               {only(`"saml:mail":"a@x"`), []func(*samltest.Response){says("0.9.2342.19200300100.1.3", "a@x")}, true, ""},
		"affiliation":        {trustSAML(`"sts:AssumeRoleWithSAML"`, `,"Condition":{"ForAnyValue:StringEquals":{"saml:edupersonaffiliation":"staff"}}`), []func(*samltest.Response){says("urn:oid:1.3.6.1.4.1.5923.1.1.1.1", "member", "staff")}, true, ""},
		"whole format":       {only(`"saml:sub_type":"urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"`), []func(*samltest.Response){func(r *samltest.Response) { r.Format = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress" }}, true, ""},
		"MFA":                {trustSAML(`"sts:AssumeRoleWithSAML"`, `,"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`), nil, false, notAllowed},
		"a tag":              {trustSAML(`"sts:AssumeRoleWithSAML","sts:TagSession"`, `,"Condition":{"StringEquals":{"aws:RequestTag/team":"a"}}`), []func(*samltest.Response){says(attribute+"PrincipalTag:team", "a")}, true, ""},
		"no TagSession":      {trustSAML(`"sts:AssumeRoleWithSAML"`, ""), []func(*samltest.Response){says(attribute+"PrincipalTag:team", "a")}, false, "Not authorized to perform sts:TagSession"},
		"no source identity": {trustSAML(`"sts:AssumeRoleWithSAML"`, ""), []func(*samltest.Response){says(attribute+"SourceIdentity", "alice")}, false, "Not authorized to perform sts:SetSourceIdentity"},
		"source identity":    {trustSAML(allSAML, `,"Condition":{"StringEquals":{"sts:SourceIdentity":"alice"}}`), []func(*samltest.Response){says(attribute+"SourceIdentity", "alice")}, true, ""},
		"AssumeRole":         {trustSAML(`"sts:AssumeRole"`, ""), nil, false, notAllowed},
		"the account":        {strings.Replace(trust("arn:aws:iam::"+dev+":root", ""), "sts:AssumeRole", "sts:AssumeRoleWithSAML", 1), nil, false, notAllowed},
		"another provider":   {strings.Replace(trustSAML(allSAML, ""), "/Corp", "/Other", 1), nil, false, notAllowed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := federation(t, test.trust)
			a := w.assume(w.response(test.change...))
			if test.ok {
				a.OK()
			} else {
				a.Fails("AccessDenied", test.want)
			}
		})
	}
}

// Rules: ST-20 ST-22 ST-23
func TestDurationOfSAMLSessions(t *testing.T) {
	t.Parallel()
	w := federation(t, trustSAML(allSAML, ""))
	for name, test := range map[string]struct {
		attribute string
		end       time.Duration
		asked     string
		want      time.Duration
	}{
		"default":                   {"", 0, "", time.Hour},
		"asked":                     {"", 0, "7200", 2 * time.Hour},
		"asked, but the attribute":  {"1800", 0, "7200", 30 * time.Minute},
		"asked, and a long one":     {"43200", 0, "7200", 2 * time.Hour},
		"a short attribute":         {"900", 0, "", 15 * time.Minute},
		"the end of the session":    {"", 20 * time.Minute, "", 20 * time.Minute},
		"a session with a late end": {"1800", 20 * time.Hour, "3600", 30 * time.Minute},
	} {
		var change []func(*samltest.Response)
		if test.attribute != "" {
			change = append(change, says(attribute+"SessionDuration", test.attribute))
		}
		if test.end != 0 {
			change = append(change, func(r *samltest.Response) { r.SessionEnd = w.Now().Add(test.end) })
		}
		var more []string
		if test.asked != "" {
			more = []string{"DurationSeconds", test.asked}
		}
		if got, want := w.assume(w.response(change...), more...).OK().Get("Expiration"), w.Now().Add(test.want).Format(time.RFC3339); got != want {
			t.Errorf("%s: until %s, want %s", name, got, want)
		}
	}
	w.assume(w.response(), "DurationSeconds", "7201").Fails("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	w.assume(w.response(), "DurationSeconds", "899").Fails("ValidationError")
	for _, wrong := range []string{"899", "43201", "an hour", ""} {
		w.assume(w.response(says(attribute+"SessionDuration", wrong))).Fails("InvalidIdentityToken")
	}
}

// An assertion makes one session, however many ask at the same time, and a
// refused call does not use it up.
//
// Rules: TH-94
func TestAnAssertionServesOnce(t *testing.T) {
	t.Parallel()
	w := federation(t, trustSAML(allSAML, `,"Condition":{"StringEquals":{"aws:ResourceTag/open":"yes"}}`))
	const used = "The SAML assertion was used before."
	first := w.response()
	w.assume(first).Fails("AccessDenied", notAllowed)
	w.As("root").Call("iam", "TagRole", "RoleName", "federated", "Tags.member.1.Key", "open", "Tags.member.1.Value", "yes").OK()
	w.assume(first, "DurationSeconds", "43200").Fails("ValidationError")
	w.assume(first).OK()
	w.assume(first).Fails("InvalidIdentityToken", used)
	w.Advance(4 * time.Minute)
	w.assume(first).Fails("InvalidIdentityToken", used)
	w.assume(w.response()).OK()
	w.Advance(time.Minute)
	w.assume(first).Fails("ExpiredTokenException")

	second := w.response()
	answers := make([]*servicetest.Answer, 8)
	var group sync.WaitGroup
	for i := range answers {
		group.Go(func() { answers[i] = w.assume(second) })
	}
	group.Wait()
	served := 0
	for _, a := range answers {
		if a.Status == 200 {
			served++
		} else {
			a.Fails("InvalidIdentityToken", used)
		}
	}
	if served != 1 {
		t.Errorf("served %d times", served)
	}
}

// What the provider is now counts: its certificate, its metadata, whether it
// wants encryption, whether it and its account are there.
//
// Rules: ST-70 ST-71c EV-52 TH-94
func TestTheProviderAsItIsNow(t *testing.T) {
	t.Parallel()
	w := federation(t, trustSAML(allSAML, ""))
	before := w.response()
	w.idp = samltest.New(t, samlEntity)
	w.As("root").Call("iam", "UpdateSAMLProvider", "SAMLProviderArn", samlProvider, "SAMLMetadataDocument", w.idp.Metadata()).OK()
	w.assume(before).Fails("InvalidIdentityToken", "Response signature invalid")
	w.assume(w.response()).OK()

	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	encrypted := func(r *samltest.Response) { r.EncryptTo = &private.PublicKey }
	w.assume(w.response(encrypted)).Fails("InvalidIdentityToken", "Response signature invalid")
	w.As("root").Call("iam", "UpdateSAMLProvider", "SAMLProviderArn", samlProvider, "AddPrivateKey",
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), "AssertionEncryptionMode", "Allowed").OK()
	w.assume(w.response(encrypted)).OK()
	w.assume(w.response()).OK()
	w.As("root").Call("iam", "UpdateSAMLProvider", "SAMLProviderArn", samlProvider, "AssertionEncryptionMode", "Required").OK()
	w.assume(w.response(encrypted)).OK()
	w.assume(w.response(encrypted, func(r *samltest.Response) { r.Cipher = "aes128-cbc" })).OK()
	w.assume(w.response()).Fails("InvalidIdentityToken", "The specified provider requires encrypted assertions.")

	w.Update(func(tx *store.Tx) error {
		a, err := tx.Account(dev)
		if err != nil {
			return err
		}
		a.Status = identity.AccountSuspended
		return tx.PutAccount(a)
	})
	w.assume(w.response(encrypted)).Fails("AccessDenied", notAllowed)
	w.Update(func(tx *store.Tx) error {
		a, err := tx.Account(dev)
		if err != nil {
			return err
		}
		a.Status = identity.AccountActive
		return tx.PutAccount(a)
	})
	w.As("root").Call("iam", "DeleteSAMLProvider", "SAMLProviderArn", samlProvider).OK()
	w.assume(w.response(encrypted)).Fails("InvalidIdentityToken", "Specified provider doesn't exist.")
}

// The caller is nobody of the organization: what its service control policies
// deny does not count, and what resource control policies deny does.
//
// Rules: EV-14 EV-52
func TestControlPoliciesAndSAML(t *testing.T) {
	t.Parallel()
	h := organized(t)
	idp := samltest.New(t, samlEntity)
	const provider, role = "arn:aws:iam::" + member + ":saml-provider/Corp", "arn:aws:iam::" + member + ":role/federated"
	h.As("owner").Call("iam", "CreateSAMLProvider", "Name", "Corp", "SAMLMetadataDocument", idp.Metadata()).OK()
	h.As("owner").Call("iam", "CreateRole", "RoleName", "federated", "AssumeRolePolicyDocument", strings.ReplaceAll(trustSAML(allSAML, ""), dev, member)).OK()
	assume := func() *servicetest.Answer {
		return h.As(servicetest.Unsigned).Call("sts", "AssumeRoleWithSAML", "RoleArn", role, "PrincipalArn", provider, "SAMLAssertion", idp.Response(samltest.Response{
			Now: h.Now(), SignResponse: true,
			Attributes: map[string][]string{attribute + "Role": {role + "," + provider}, attribute + "RoleSessionName": {"alice"}},
		}))
	}
	root := h.As("root")
	attach := func(kind, document string) {
		t.Helper()
		root.Call("organizations", "EnablePolicyType", "RootId", root.Call("organizations", "ListRoots").OK().Get("Roots.Id"), "PolicyType", kind)
		policy := root.Call("organizations", "CreatePolicy", "Type", kind, "Name", kind, "Description", "", "Content", document).OK().Get("PolicySummary.Id")
		root.Call("organizations", "AttachPolicy", "PolicyId", policy, "TargetId", member).OK()
	}
	attach("SERVICE_CONTROL_POLICY", `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`)
	h.As("owner").Call("iam", "ListUsers").Fails("AccessDenied")
	actor(h, "alice", assume().OK())
	h.As("alice").Call("iam", "ListUsers").Fails("AccessDenied")
	attach("RESOURCE_CONTROL_POLICY", `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRoleWithSAML","Resource":"*","Condition":{"StringEquals":{"saml:sub":"alice@example.com"}}}]}`)
	assume().Fails("AccessDenied", notAllowed)
}

// The record names the user as the provider does, the role and the provider,
// and never holds the assertion.
//
// Rules: RE-10 RE-25 RE-30 TH-102
func TestRecordOfSAML(t *testing.T) {
	t.Parallel()
	w := federation(t, trustSAML(allSAML, ""))
	tell := []func(*samltest.Response){
		says(attribute+"PrincipalTag:team", "a"), says(attribute+"TransitiveTagKeys", "team"), says(attribute+"SourceIdentity", "alice"),
		func(r *samltest.Response) { r.ID = "id-1" },
	}
	response := w.response(tell...)
	a := w.assume(response).OK()
	w.assume(w.response(tell...), "DurationSeconds", "43200").Fails("ValidationError")
	events := w.Events("AssumeRoleWithSAML")
	if len(events) != 2 {
		t.Fatalf("%d events", len(events))
	}
	for _, e := range events {
		text, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), response[:40]) || strings.Contains(string(text), a.Get("SecretAccessKey")) || strings.Contains(strings.ToLower(string(text)), `"samlassertion"`) {
			t.Errorf("a secret is recorded: %s", text)
		}
		sum := sha1.Sum([]byte(samlEntity + dev + "/Corp"))
		qualifier := base64.StdEncoding.EncodeToString(sum[:])
		who, _ := e["userIdentity"].(map[string]any)
		want := map[string]any{"type": "SAMLUser", "principalId": qualifier + ":alice@example.com", "userName": "alice@example.com", "identityProvider": qualifier}
		if !maps.Equal(who, want) {
			t.Errorf("userIdentity is %v, want %v", who, want)
		}
		resources, err := json.Marshal(e["resources"])
		if err != nil {
			t.Fatal(err)
		}
		if want := `[{"ARN":"` + samlRole + `","accountId":"` + dev + `","type":"AWS::IAM::Role"},{"ARN":"` + samlProvider + `","accountId":"` + dev + `","type":"AWS::IAM::SAMLProvider"}]`; string(resources) != want {
			t.Errorf("resources are %s, want %s", resources, want)
		}
		parameters, _ := e["requestParameters"].(map[string]any)
		delete(parameters, "durationSeconds")
		told, err := json.Marshal(parameters)
		if err != nil {
			t.Fatal(err)
		}
		if want := `{"principalArn":"` + samlProvider + `","principalTags":{"team":"a"},"roleArn":"` + samlRole +
			`","roleSessionName":"alice@example.com","sAMLAssertionID":"id-1","sourceIdentity":"alice","transitiveTagKeys":["team"]}`; string(told) != want {
			t.Errorf("requestParameters are %s, want %s", told, want)
		}
		if e["recipientAccountId"] != dev || e["readOnly"] != true {
			t.Errorf("recipient %v, read only %v", e["recipientAccountId"], e["readOnly"])
		}
	}
}
