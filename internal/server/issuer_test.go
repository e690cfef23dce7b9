package server_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/regent-iam/regent/internal/server"
)

// An issuer is read by anybody, and what it says of its address is what was
// configured, whatever host a request names.
//
// Rules: ST-79 TH-95
func TestIssuerDocumentsDoNotFollowTheHost(t *testing.T) {
	t.Parallel()
	const public = "https://id.example"
	w := begin(t, server.Options{InMemory: true, PublicURL: public})
	root := w.root()
	answer := must(t)(root.Query(t.Context(), "iam", "EnableOutboundWebIdentityFederation"))
	_, rest, _ := strings.Cut(answer, "<IssuerIdentifier>")
	issuer, _, _ := strings.Cut(rest, "</IssuerIdentifier>")
	path, ok := strings.CutPrefix(issuer, public)
	if !ok {
		t.Fatalf("the issuer is %q", issuer)
	}
	get := func(method, target string, header http.Header) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, target, nil)
		r.Host, r.RemoteAddr = "id.example", "203.0.113.9:1"
		for name, values := range header {
			if name == "Host" {
				r.Host = values[0]
				continue
			}
			r.Header[name] = values
		}
		return w.ask(r)
	}
	const discovery, keys = "/.well-known/openid-configuration", "/.well-known/jwks.json"
	want := map[string]any{
		"issuer": issuer, "jwks_uri": issuer + keys, "response_types_supported": []any{"id_token"}, "subject_types_supported": []any{"public"},
		"id_token_signing_alg_values_supported": []any{"ES384", "RS256"},
		"claims_supported":                      []any{"iss", "sub", "aud", "exp", "iat", "jti", "https://sts.amazonaws.com/"},
	}
	for name, header := range map[string]http.Header{
		"plain": nil, "host": {"Host": {"evil.example"}}, "forwarded host": {"X-Forwarded-Host": {"evil.example"}},
		"forwarded": {"Forwarded": {"host=evil.example;proto=http"}}, "scheme": {"X-Forwarded-Proto": {"http"}},
		"prefix": {"X-Forwarded-Prefix": {"/evil"}}, "original": {"X-Original-Url": {"/evil"}, "X-Rewrite-Url": {"/evil"}},
	} {
		a := get(http.MethodGet, path+discovery, header)
		var got map[string]any
		if err := json.Unmarshal(a.Body.Bytes(), &got); err != nil || a.Code != http.StatusOK {
			t.Errorf("%s: %d %v", name, a.Code, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	a := get(http.MethodGet, path+keys, nil)
	if a.Code != http.StatusOK || a.Header().Get("Cache-Control") != "public, max-age=300" || a.Header().Get("Content-Type") != "application/json" {
		t.Errorf("%d %v", a.Code, a.Header())
	}
	var set struct{ Keys []map[string]string }
	if err := json.Unmarshal(a.Body.Bytes(), &set); err != nil || len(set.Keys) != 2 {
		t.Errorf("%v, keys %v", err, set.Keys)
	}
	for _, k := range set.Keys {
		if k["d"] != "" || k["kid"] == "" || k["alg"] != "ES384" && k["alg"] != "RS256" {
			t.Errorf("a published key is %v", k)
		}
	}
	if a := get(http.MethodPost, path+keys, nil); a.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", a.Code)
	}
	for _, target := range []string{
		path, path + "/", "/_regent/oidc/", "/_regent/oidc/0b5c1d7e-1111-4222-8333-123456789abc" + keys, path + "/.well-known", path + "//.well-known/jwks.json",
	} {
		if a := get(http.MethodGet, target, nil); a.Code != http.StatusNotFound || a.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d, %s", target, a.Code, a.Header().Get("Cache-Control"))
		}
	}
	must(t)(root.Query(t.Context(), "iam", "DisableOutboundWebIdentityFederation"))
	for _, name := range []string{discovery, keys} {
		if a := get(http.MethodGet, path+name, nil); a.Code != http.StatusNotFound {
			t.Errorf("%s of an issuer that is off: %d", name, a.Code)
		}
	}
}
