package record_test

import (
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/record"
	"github.com/regent-iam/regent/internal/session"
)

// Rules: RE-10 RE-11 RE-12 RE-13 RE-14 RE-15
func TestIdentityOfEachKindOfCaller(t *testing.T) {
	const arnOfAna = "arn:aws:iam::444455556666:user/dev/ana"
	issued := at.Add(-time.Minute)
	ana := &identity.User{Account: "444455556666", Name: "ana", Path: "/dev/", ID: "AIDAB1"}
	root := authn.Caller{
		Kind: authn.Root, Account: "111122223333", ARN: "arn:aws:iam::111122223333:root", PrincipalARN: "arn:aws:iam::111122223333:root",
		UserID: "111122223333", AccessKeyID: "AKIAROOT",
	}
	temporaryRoot := root
	temporaryRoot.Session = &session.Session{Kind: session.User, Account: "111122223333", Issued: issued, MFA: issued}
	user := authn.Caller{
		Kind: authn.User, Account: "444455556666", ARN: arnOfAna, PrincipalARN: arnOfAna, PrincipalID: "AIDAB1", UserID: "AIDAB1",
		UserName: "ana", AccessKeyID: "AKIAB1",
	}
	temporaryUser := user
	temporaryUser.AccessKeyID = "ASIAB1"
	temporaryUser.Session = &session.Session{Kind: session.User, Account: "444455556666", PrincipalID: "AIDAB1", Issued: issued}
	role := authn.Caller{
		Kind: authn.RoleSession, Account: "111122223333", ARN: "arn:aws:sts::111122223333:assumed-role/deploy/ana",
		PrincipalARN: "arn:aws:iam::111122223333:role/ops/deploy", PrincipalID: "AROAA1", UserID: "AROAA1:ana", RoleName: "deploy",
		AccessKeyID: "ASIAA1", Session: &session.Session{
			Kind: session.Role, Account: "111122223333", PrincipalID: "AROAA1", RoleName: "deploy", Name: "ana", Issued: issued,
		},
	}
	roleByMFA := role
	roleByMFA.Session = &session.Session{Kind: session.Role, Issued: issued, RecordMFA: true, SourceIdentity: "ana"}
	federated := authn.Caller{
		Kind: authn.FederatedUser, Account: "444455556666", ARN: "arn:aws:sts::444455556666:federated-user/guest",
		PrincipalARN: "arn:aws:sts::444455556666:federated-user/guest", PrincipalID: "AIDAB1", UserID: "444455556666:guest",
		AccessKeyID: "ASIAF1", Session: &session.Session{Kind: session.Federated, PrincipalID: "AIDAB1", Name: "guest", Issued: issued},
	}
	federatedByRoot := federated
	federatedByRoot.PrincipalID = ""

	const (
		session     = `"attributes":{"creationDate":"2026-03-01T09:59:00Z","mfaAuthenticated":"false"}`
		withMFA     = `"attributes":{"creationDate":"2026-03-01T09:59:00Z","mfaAuthenticated":"true"}`
		assumed     = `"type":"AssumedRole","principalId":"AROAA1:ana","arn":"arn:aws:sts::111122223333:assumed-role/deploy/ana","accountId":"111122223333","accessKeyId":"ASIAA1"`
		deploy      = `"sessionIssuer":{"type":"Role","principalId":"AROAA1","arn":"arn:aws:iam::111122223333:role/ops/deploy","accountId":"111122223333","userName":"deploy"}`
		guest       = `"type":"FederatedUser","principalId":"444455556666:guest","arn":"arn:aws:sts::444455556666:federated-user/guest","accountId":"444455556666","accessKeyId":"ASIAF1"`
		rootMembers = `"type":"Root","principalId":"111122223333","arn":"arn:aws:iam::111122223333:root","accountId":"111122223333","accessKeyId":"AKIAROOT"`
	)
	for _, test := range []struct {
		name   string
		caller authn.Caller
		alias  string
		issuer *identity.User
		want   string
	}{
		{"root", root, "", nil, `{` + rootMembers + `}`},
		{"root with an alias", root, "prod", nil, `{` + rootMembers + `,"userName":"prod"}`},
		{"temporary root", temporaryRoot, "prod", nil, `{` + rootMembers + `,"userName":"prod","sessionContext":{` + withMFA + `}}`},
		{"user", user, "prod", nil, `{"type":"IAMUser","principalId":"AIDAB1","arn":"` + arnOfAna + `","accountId":"444455556666","accessKeyId":"AKIAB1","userName":"ana"}`},
		{"temporary user", temporaryUser, "", nil, `{"type":"IAMUser","principalId":"AIDAB1","arn":"` + arnOfAna + `","accountId":"444455556666","accessKeyId":"ASIAB1","userName":"ana","sessionContext":{` + session + `}}`},
		{"role session", role, "prod", nil, `{` + assumed + `,"sessionContext":{` + deploy + `,` + session + `}}`},
		{"role session with MFA", roleByMFA, "", nil, `{` + assumed + `,"sessionContext":{` + deploy + `,` + withMFA + `,"sourceIdentity":"ana"}}`},
		{"federated user", federated, "", ana, `{` + guest + `,"sessionContext":{"sessionIssuer":{"type":"IAMUser","principalId":"AIDAB1","arn":"` + arnOfAna + `","accountId":"444455556666","userName":"ana"},` + session + `}}`},
		{"federated user without the issuer", federated, "", &identity.User{ID: "AIDAOTHER", Name: "eve"}, `{` + guest + `,"sessionContext":{"sessionIssuer":{"type":"IAMUser","principalId":"AIDAB1","accountId":"444455556666"},` + session + `}}`},
		{"federated user of root", federatedByRoot, "", nil, `{` + guest + `,"sessionContext":{"sessionIssuer":{"type":"Root","principalId":"444455556666","arn":"arn:aws:iam::444455556666:root","accountId":"444455556666"},` + session + `}}`},
		{"nobody", authn.Caller{}, "", nil, `{"type":"AWSAccount","principalId":"","accountId":"ANONYMOUS_PRINCIPAL"}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := &record.Event{Identity: record.IdentityOf(&test.caller, test.alias, test.issuer)}
			want(t, written(t, e)["userIdentity"].(map[string]any), test.want)
		})
	}
}

// Rules: RE-10 RE-14 RE-15 RE-16
func TestIdentitiesThatNoKeyHas(t *testing.T) {
	for _, test := range []struct {
		name     string
		identity record.UserIdentity
		want     string
	}{
		{
			"SAML",
			record.UserIdentity{Type: record.TypeSAMLUser, PrincipalID: "q:sub", UserName: "sub", Provider: "q"},
			`{"type":"SAMLUser","principalId":"q:sub","userName":"sub","identityProvider":"q"}`,
		},
		{
			"web identity",
			record.UserIdentity{Type: record.TypeWebIdentityUser, PrincipalID: "idp.example.com:app1:u-42", UserName: "u-42", Provider: "idp.example.com"},
			`{"type":"WebIdentityUser","principalId":"idp.example.com:app1:u-42","userName":"u-42","identityProvider":"idp.example.com"}`,
		},
		{
			"Identity Center",
			record.UserIdentity{Type: record.TypeIdentityCenterUser, AccountID: "1", OnBehalfOf: &record.OnBehalfOf{UserID: "u", IdentityStoreARN: "s"}, CredentialID: "c"},
			`{"type":"IdentityCenterUser","accountId":"1","onBehalfOf":{"userId":"u","identityStoreArn":"s"},"credentialId":"c"}`,
		},
		{"service", record.ServiceIdentity("cloudtrail.amazonaws.com"), `{"type":"AWSService","invokedBy":"cloudtrail.amazonaws.com"}`},
		{"another account's", user().InAnotherAccount(), `{"type":"AWSAccount","principalId":"AIDAB1","accountId":"444455556666"}`},
		{
			"an instance's role, from OIDC",
			record.UserIdentity{Type: record.TypeAssumedRole, InvokedBy: "athena.amazonaws.com", Session: &record.SessionContext{
				WebIdentity: &record.WebIdentity{Provider: "arn:aws:iam::1:oidc-provider/h/p", Attributes: []record.Attribute{{Name: "h/p:aud", Value: "app"}}},
				Created:     at, EC2RoleDelivery: "2.0", AssumedRoot: true,
			}},
			`{"type":"AssumedRole","invokedBy":"athena.amazonaws.com","sessionContext":{"webIdFederationData":{"federatedProvider":"arn:aws:iam::1:oidc-provider/h/p","attributes":{"h/p:aud":"app"}},
				"attributes":{"creationDate":"2026-03-01T10:00:00Z","mfaAuthenticated":"false"},"ec2RoleDelivery":"2.0","assumedRoot":"true"}}`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			want(t, written(t, &record.Event{Identity: test.identity})["userIdentity"].(map[string]any), test.want)
		})
	}
}
