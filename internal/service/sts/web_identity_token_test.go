package sts_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/regent-iam/regent/internal/federation/issuer"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
)

// unbase reads unpadded base64.
func unbase(t *testing.T, text string) []byte {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// publishedKeys reads an account's issuer as a relying party does, by key id.
func publishedKeys(t *testing.T, h *servicetest.Harness, account identity.AccountID) map[string]map[string]string {
	t.Helper()
	var document issuer.Document
	h.View(func(tx *store.Tx) error {
		settings, err := tx.Settings(account)
		if err != nil {
			return err
		}
		document, err = issuer.Read(tx, public, settings.IssuerID+"/.well-known/jwks.json", h.Now())
		return err
	})
	var set struct{ Keys []map[string]string }
	if err := json.Unmarshal(document, &set); err != nil {
		t.Fatalf("%v in %s", err, document)
	}
	keys := map[string]map[string]string{}
	for _, k := range set.Keys {
		keys[k["kid"]] = k
	}
	return keys
}

// verify checks a token with the standard library alone and returns its claims
// and the id of the key that signed it.
func verify(t *testing.T, keys map[string]map[string]string, token string) (claims map[string]any, kid string) {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("%d parts", len(parts))
	}
	var header map[string]string
	if err := json.Unmarshal(unbase(t, parts[0]), &header); err != nil {
		t.Fatal(err)
	}
	k, signature, signed := keys[header["kid"]], unbase(t, parts[2]), []byte(parts[0]+"."+parts[1])
	if k == nil || k["alg"] != header["alg"] || k["use"] != "sig" || header["typ"] != "JWT" {
		t.Fatalf("the header %v has no key in %v", header, keys)
	}
	number := func(name string) *big.Int { return new(big.Int).SetBytes(unbase(t, k[name])) }
	switch header["alg"] {
	case "ES384":
		sum := sha512.Sum384(signed)
		p, err := ecdsa.ParseUncompressedPublicKey(elliptic.P384(), slices.Concat([]byte{4}, unbase(t, k["x"]), unbase(t, k["y"])))
		if err != nil || k["crv"] != "P-384" || len(signature) != 96 ||
			!ecdsa.Verify(p, sum[:], new(big.Int).SetBytes(signature[:48]), new(big.Int).SetBytes(signature[48:])) {
			t.Fatal("the signature is wrong")
		}
	case "RS256":
		sum := sha256.Sum256(signed)
		if err := rsa.VerifyPKCS1v15(&rsa.PublicKey{N: number("n"), E: int(number("e").Int64())}, crypto.SHA256, sum[:], signature); err != nil {
			t.Fatal(err)
		}
	default:
		t.Fatalf("algorithm %q", header["alg"])
	}
	if err := json.Unmarshal(unbase(t, parts[1]), &claims); err != nil {
		t.Fatal(err)
	}
	return claims, header["kid"]
}

// issuing is a world with an account that issues tokens, an organization, and
// alice, who may have them.
func issuing(t *testing.T) *servicetest.Harness {
	t.Helper()
	h := harness(t)
	h.Account(dev, "root")
	h.User("alice", dev, allowAll)
	h.As("root").Call("iam", "EnableOutboundWebIdentityFederation").OK()
	return h
}

func token(h *servicetest.Harness, who, algorithm string, more ...string) *servicetest.Answer {
	return h.As(who).Call("sts", "GetWebIdentityToken",
		append([]string{"SigningAlgorithm", algorithm, "Audience.member.1", "https://api.example"}, more...)...)
}

// What a token says of a user, and of a session of a role.
//
// Rules: ST-79 TH-95
func TestWebIdentityTokenClaims(t *testing.T) {
	t.Parallel()
	h := issuing(t)
	h.As("root").Call("iam", "TagUser", "UserName", "alice", "Tags.member.1.Key", "team", "Tags.member.1.Value", "red").OK()
	h.As("root").Call("iam", "CreateRole", "RoleName", "r", "Path", "/ci/", "AssumeRolePolicyDocument", trust("arn:aws:iam::"+dev+":root", ""),
		"Tags.member.1.Key", "Team", "Tags.member.1.Value", "blue", "Tags.member.2.Key", "cost", "Tags.member.2.Value", "1").OK()
	h.As("root").Call("iam", "PutRolePolicy", "RoleName", "r", "PolicyName", "p", "PolicyDocument", allowAll).OK()
	h.View(func(tx *store.Tx) error {
		r, err := tx.Role(dev, "r")
		if err != nil {
			return err
		}
		h.SessionOf("job", session.Session{
			Kind: session.Role, Account: dev, PrincipalID: r.ID, RoleName: r.Name, Name: "job", SourceIdentity: "alice",
			Provider: "arn:aws:iam::" + dev + ":oidc-provider/ci.example", Tags: []identity.Tag{{Key: "team", Value: "green"}},
			Issued: h.Now(), Expires: h.Now().Add(time.Hour),
		})
		return nil
	})
	var id string
	h.View(func(tx *store.Tx) error {
		settings, err := tx.Settings(dev)
		id = settings.IssuerID
		return err
	})
	at := float64(h.Now().Unix())
	rows := []struct {
		who, algorithm string
		more           []string
		want           map[string]any
	}{
		{"alice", "ES384", nil, map[string]any{
			"iss": "https://id.example/_regent/oidc/" + id, "sub": "arn:aws:iam::" + dev + ":user/alice", "aud": "https://api.example",
			"iat": at, "exp": at + 300, "https://sts.amazonaws.com/": map[string]any{
				"aws_account": dev, "source_region": "us-east-1", "principal_id": "arn:aws:iam::" + dev + ":user/alice",
				"principal_tags": map[string]any{"team": "red"},
			},
		}},
		{"job", "RS256", []string{"Audience.member.2", "two", "DurationSeconds", "3600", "Tags.member.1.Key", "run", "Tags.member.1.Value", "7"}, map[string]any{
			"iss": "https://id.example/_regent/oidc/" + id, "sub": "arn:aws:iam::" + dev + ":role/ci/r", "aud": []any{"https://api.example", "two"},
			"iat": at, "exp": at + 3600, "https://sts.amazonaws.com/": map[string]any{
				"aws_account": dev, "source_region": "us-east-1", "principal_id": "arn:aws:iam::" + dev + ":role/ci/r",
				"principal_tags": map[string]any{"team": "green", "cost": "1"}, "request_tags": map[string]any{"run": "7"},
				"original_session_exp": h.Now().Add(time.Hour).Format(time.RFC3339), "source_identity": "alice",
				"federated_provider": "arn:aws:iam::" + dev + ":oidc-provider/ci.example",
			},
		}},
	}
	seen := map[any]bool{}
	for _, row := range rows {
		claims, _ := verify(t, publishedKeys(t, h, dev), token(h, row.who, row.algorithm, row.more...).OK().Get("WebIdentityToken"))
		if jti, ok := claims["jti"].(string); !ok || len(jti) != 36 || seen[jti] {
			t.Errorf("%s: jti %v", row.who, claims["jti"])
		}
		seen[claims["jti"]] = true
		delete(claims, "jti")
		if diff := cmp.Diff(row.want, claims); diff != "" {
			t.Errorf("%s: %s", row.who, diff)
		}
	}
}

// A token says where its account is in the organization.
//
// Rules: ST-79
func TestWebIdentityTokenTellsTheOrganization(t *testing.T) {
	t.Parallel()
	h := issuing(t)
	o := &identity.Organization{ID: "o-exampleorgid", Management: dev, RootID: "r-ab12", FeatureSet: "ALL"}
	h.Update(func(tx *store.Tx) error {
		a, err := tx.Account(dev)
		if err != nil {
			return err
		}
		if err := tx.PutOrganization(o); err != nil {
			return err
		}
		return tx.Join(a, o.ID, o.RootID)
	})
	claims, _ := verify(t, publishedKeys(t, h, dev), token(h, "alice", "ES384").OK().Get("WebIdentityToken"))
	said, _ := claims[issuer.Namespace].(map[string]any)
	if diff := cmp.Diff([]any{"o-exampleorgid", []any{"o-exampleorgid/r-ab12/"}}, []any{said["org_id"], said["ou_path"]}); diff != "" {
		t.Error(diff)
	}
}

// No token outlives the session that asked for it, and none is too long to use.
//
// Rules: ST-79
func TestWebIdentityTokenLimits(t *testing.T) {
	t.Parallel()
	h := issuing(t)
	h.As("root").Call("iam", "CreateRole", "RoleName", "r", "AssumeRolePolicyDocument", trust("arn:aws:iam::"+dev+":root", "")).OK()
	h.As("root").Call("iam", "PutRolePolicy", "RoleName", "r", "PolicyName", "p", "PolicyDocument", allowAll).OK()
	h.Session("job", dev, "r") // for an hour
	h.Advance(time.Minute)
	token(h, "job", "ES384", "DurationSeconds", "3541").Fails("SessionDurationEscalationException",
		"The requested token duration would extend beyond the expiration of the session, which is 2026-04-01T13:00:00Z.")
	if a := token(h, "job", "ES384", "DurationSeconds", "3541"); a.Status != 403 {
		t.Errorf("status %d", a.Status)
	}
	token(h, "job", "ES384", "DurationSeconds", "3540").OK()
	var tags []string
	for i := range 50 {
		tags = append(tags, fmt.Sprintf("Tags.member.%d.Key", i+1), fmt.Sprint(i), fmt.Sprintf("Tags.member.%d.Value", i+1), strings.Repeat("x", 256))
	}
	if a := token(h, "alice", "RS256", tags...).Fails("JWTPayloadSizeExceededException"); a.Status != 400 {
		t.Errorf("status %d", a.Status)
	}
	if long := token(h, "alice", "RS256", tags[:160]...).OK().Get("WebIdentityToken"); len(long) > 20_000 {
		t.Errorf("a token of %d characters", len(long))
	}
}

// A key signs for 90 days. The one before is published until the last token under
// it has expired, without its private key, and then it is gone.
//
// Rules: ST-79 TH-24
func TestWebIdentityTokenKeysAreReplacedByAge(t *testing.T) {
	t.Parallel()
	h := issuing(t)
	keyOf := func() string {
		t.Helper()
		signed := token(h, "alice", "ES384").OK().Get("WebIdentityToken")
		_, kid := verify(t, publishedKeys(t, h, dev), signed)
		return kid
	}
	first := keyOf()
	h.Advance(issuer.KeyLife - time.Second)
	if again := keyOf(); again != first {
		t.Errorf("%s took the place of %s early", again, first)
	}
	last := token(h, "alice", "ES384", "DurationSeconds", "3600").OK().Get("WebIdentityToken")
	h.Advance(time.Second)
	second := keyOf()
	if second == first || len(publishedKeys(t, h, dev)) != 3 {
		t.Errorf("%s and %s, of %v", first, second, publishedKeys(t, h, dev))
	}
	h.View(func(tx *store.Tx) error {
		keys, err := tx.IssuerKeys(dev)
		for _, k := range keys.Keys {
			if k.Retired.IsZero() != (k.Sealed != nil) {
				t.Errorf("%s is retired at %v and has a private key: %v", k.ID, k.Retired, k.Sealed != nil)
			}
		}
		return err
	})
	h.Advance(time.Hour) // the token expired a second ago
	verify(t, publishedKeys(t, h, dev), last)
	h.Advance(5 * time.Minute)
	if keys := publishedKeys(t, h, dev); keys[first] != nil || keys[second] == nil {
		t.Errorf("published are %v", keys)
	}
}

// An account that was switched on before it had keys gets them at first use, once
// however many ask.
//
// Rules: TH-24
func TestWebIdentityTokenMakesTheKeyOnce(t *testing.T) {
	t.Parallel()
	h := issuing(t)
	h.Update(func(tx *store.Tx) error { return tx.PutIssuerKeys(&identity.IssuerKeys{Account: dev}) })
	answers := make(chan *servicetest.Answer)
	for range 4 {
		go func() { answers <- token(h, "alice", "ES384") }()
	}
	var kid string
	for range 4 {
		signed := (<-answers).OK().Get("WebIdentityToken")
		_, k := verify(t, publishedKeys(t, h, dev), signed)
		if kid == "" {
			kid = k
		}
		if k != kid {
			t.Errorf("two keys: %s and %s", kid, k)
		}
	}
}
