package iam_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/regent-iam/regent/catalog"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
)

const issuerARN = "arn:aws:iam::111122223333:oidc-provider/idp.example.com/x"

// Rules: IA-78 EV-61 EV-63
func TestWhatOIDCProvidersNeed(t *testing.T) {
	t.Parallel()
	h := harness(t)
	h.Account(account, "root")
	h.As("root").Call("iam", "CreateOpenIDConnectProvider", "Url", "https://idp.example.com/x", "Tags.member.1.Key", "team", "Tags.member.1.Value", "a").OK()
	const (
		p      = "OpenIDConnectProviderArn=" + issuerARN + " "
		tagged = `{"StringEquals":{"aws:ResourceTag/team":"a"}}`
	)
	checkNeeds(h, []want{
		{"CreateOpenIDConnectProvider", "Url=https://new.example.com/y", "arn:aws:iam::111122223333:oidc-provider/new.example.com/y", ""},
		{"GetOpenIDConnectProvider", p, issuerARN, tagged},
		{"ListOpenIDConnectProviders", "", "*", ""},
		{"ListOpenIDConnectProviderTags", p, issuerARN, tagged},
		{"AddClientIDToOpenIDConnectProvider", p + "ClientID=c", issuerARN, tagged},
		{"RemoveClientIDFromOpenIDConnectProvider", p + "ClientID=c", issuerARN, tagged},
		{"UpdateOpenIDConnectProviderThumbprint", p + "ThumbprintList.member.1=" + strings.Repeat("0", 40), issuerARN, tagged},
		{"TagOpenIDConnectProvider", p + "Tags.member.1.Key=k Tags.member.1.Value=v", issuerARN, `{"StringEquals":{"aws:RequestTag/k":"v","aws:ResourceTag/team":"a"}}`},
		{"UntagOpenIDConnectProvider", p + "TagKeys.member.1=k", issuerARN, `{"ForAllValues:StringEquals":{"aws:TagKeys":"k"},"Null":{"aws:TagKeys":"false"}}`},
		{"DeleteOpenIDConnectProvider", p, issuerARN, tagged},
	})
}

// However many callers add client ids at once, a provider has the hundred that
// it may have, and the account the hundred providers.
//
// Rules: IA-44 IA-76 TH-25
func TestOIDCQuotas(t *testing.T) {
	t.Parallel()
	h := harness(t)
	h.Account(account, "root")
	root := h.As("root")
	root.Call("iam", "CreateOpenIDConnectProvider", "Url", "https://idp.example.com/x").OK()
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for j := range 26 {
				a := root.Call("iam", "AddClientIDToOpenIDConnectProvider", "OpenIDConnectProviderArn", issuerARN, "ClientID", fmt.Sprint(i, "-", j))
				if a.Code != "" && (a.Code != "LimitExceeded" || a.Message != "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100") {
					t.Errorf("%s: %s", a.Code, a.Message)
				}
			}
		})
	}
	wg.Wait()
	if n := len(root.Call("iam", "GetOpenIDConnectProvider", "OpenIDConnectProviderArn", issuerARN).OK().All("ClientIDList.member")); n != 100 {
		t.Errorf("%d client ids", n)
	}
	for i := range catalog.OpenIDConnectProvidersPerAccount.Default() - 1 {
		h.Update(func(tx *store.Tx) error {
			return tx.CreateOIDCProvider(&identity.OIDCProvider{Account: account, Issuer: fmt.Sprint("idp", i, ".example.com")})
		})
	}
	root.Call("iam", "CreateOpenIDConnectProvider", "Url", "https://more.example.com").
		Fails("LimitExceeded", "Cannot exceed quota for OpenIdConnectProvidersPerAccount: 100")
	if n := len(root.Call("iam", "ListOpenIDConnectProviders").OK().All("Arn")); n != 100 {
		t.Errorf("%d providers", n)
	}
	if got := entries(root.Call("iam", "GetAccountSummary").OK())["Providers"]; got != "100" {
		t.Errorf("the summary counts %s providers", got)
	}
	root.Call("iam", "DeleteOpenIDConnectProvider", "OpenIDConnectProviderArn", issuerARN).OK()
	root.Call("iam", "CreateOpenIDConnectProvider", "Url", "https://more.example.com").OK()
}
