package iam_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	mathrand "math/rand/v2"
	"strings"
	"testing"

	"github.com/regent-iam/regent/catalog"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/store"
)

const samlARN = "arn:aws:iam::111122223333:saml-provider/Corp"

// rsaKey makes a key in PEM.
func rsaKey(t *testing.T) (*rsa.PrivateKey, string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return key, string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
}

// samlMetadata makes metadata with something in it that nobody reads.
func samlMetadata(t *testing.T, filler string) string {
	t.Helper()
	key, _ := rsaKey(t)
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example.com/saml">` +
		`<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor>` +
		`<KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>` + base64.StdEncoding.EncodeToString(der) +
		`</X509Certificate></X509Data></KeyInfo></KeyDescriptor></IDPSSODescriptor><Extensions>` + filler + `</Extensions></EntityDescriptor>`
}

// noise is text that hardly gets shorter when it is compressed, and no longer
// when it is sent.
func noise(n int) string {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	random := mathrand.New(mathrand.NewPCG(1, 2))
	b := make([]byte, n)
	for i := range b {
		b[i] = digits[random.IntN(len(digits))]
	}
	return string(b)
}

// Rules: IA-78 EV-61 EV-63
func TestWhatSAMLProvidersNeed(t *testing.T) {
	t.Parallel()
	h := harness(t)
	h.Account(account, "root")
	document := samlMetadata(t, strings.Repeat("x", 1000))
	h.As("root").Call("iam", "CreateSAMLProvider", "Name", "Corp", "SAMLMetadataDocument", document, "Tags.member.1.Key", "team", "Tags.member.1.Value", "a").OK()
	const (
		p      = "SAMLProviderArn=" + samlARN + " "
		tagged = `{"StringEquals":{"aws:ResourceTag/team":"a"}}`
	)
	checkNeeds(h, []want{
		{"GetSAMLProvider", p, samlARN, tagged},
		{"UpdateSAMLProvider", p + "AssertionEncryptionMode=Allowed", samlARN, tagged},
		{"ListSAMLProviders", "", "*", ""},
		{"ListSAMLProviderTags", p, samlARN, tagged},
		{"TagSAMLProvider", p + "Tags.member.1.Key=k Tags.member.1.Value=v", samlARN, `{"StringEquals":{"aws:RequestTag/k":"v","aws:ResourceTag/team":"a"}}`},
		{"UntagSAMLProvider", p + "TagKeys.member.1=k", samlARN, `{"ForAllValues:StringEquals":{"aws:TagKeys":"k"},"Null":{"aws:TagKeys":"false"}}`},
		{"DeleteSAMLProvider", p, samlARN, tagged},
	})
}

// The longest metadata that a request can carry is kept whole, and goes whole.
//
// Rules: IA-59
func TestLongSAMLMetadata(t *testing.T) {
	t.Parallel()
	h := harness(t)
	h.Account(account, "root")
	root := h.As("root")
	long, short := samlMetadata(t, noise(1_000_000)), samlMetadata(t, noise(1000))
	root.Call("iam", "CreateSAMLProvider", "Name", "Corp", "SAMLMetadataDocument", long).OK()
	get := func() string {
		return root.Call("iam", "GetSAMLProvider", "SAMLProviderArn", samlARN).OK().Get("SAMLMetadataDocument")
	}
	parts := func(want func(int) bool) {
		t.Helper()
		h.View(func(tx *store.Tx) error {
			p, err := tx.SAMLProvider(account, "Corp")
			if err == nil && !want(p.Parts) {
				t.Errorf("%d parts", p.Parts)
			}
			return err
		})
	}
	if get() != long {
		t.Error("what comes back is not what was given")
	}
	parts(func(n int) bool { return n > 2 })
	root.Call("iam", "UpdateSAMLProvider", "SAMLProviderArn", samlARN, "SAMLMetadataDocument", short).OK()
	if get() != short {
		t.Error("what comes back is not what was given last")
	}
	parts(func(n int) bool { return n == 1 })
	root.Call("iam", "UpdateSAMLProvider", "SAMLProviderArn", samlARN, "SAMLMetadataDocument", long).OK()
	if get() != long {
		t.Error("what comes back is not what was given last")
	}
	root.Call("iam", "CreateSAMLProvider", "Name", "Other", "SAMLMetadataDocument", samlMetadata(t, noise(1<<20))).Fails("RequestEntityTooLarge")
	root.Call("iam", "DeleteSAMLProvider", "SAMLProviderArn", samlARN).OK()
	h.View(func(tx *store.Tx) error {
		packed, err := tx.SAMLMetadata(&identity.SAMLProvider{Account: account, Name: "Corp", Parts: 1})
		if !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%d bytes are left, %v", len(packed), err)
		}
		return nil
	})
}

// Rules: IA-59 TH-102
func TestSAMLPrivateKeys(t *testing.T) {
	t.Parallel()
	h := harness(t)
	h.Account(account, "root")
	root := h.As("root")
	document := samlMetadata(t, strings.Repeat("x", 1000))
	first, firstPEM := rsaKey(t)
	_, secondPEM := rsaKey(t)
	made := root.Call("iam", "CreateSAMLProvider", "Name", "Corp", "SAMLMetadataDocument", document, "AddPrivateKey", firstPEM, "AssertionEncryptionMode", "Required").OK()
	if strings.Contains(made.Body, "PRIVATE") {
		t.Error("the answer has the key")
	}
	update := func(parameters ...string) func(...string) {
		a := root.Call("iam", "UpdateSAMLProvider", append([]string{"SAMLProviderArn", samlARN}, parameters...)...)
		return func(fails ...string) {
			t.Helper()
			if len(fails) == 0 {
				a.OK()
			} else {
				a.Fails(fails[0], fails[1:]...)
			}
		}
	}
	keys := func() []string {
		a := root.Call("iam", "GetSAMLProvider", "SAMLProviderArn", samlARN).OK()
		if strings.Contains(a.Body, "PRIVATE") {
			t.Error("the answer has the key")
		}
		return a.All("PrivateKeyList.member.KeyId")
	}
	ids := keys()
	if len(ids) != 1 || len(ids[0]) != 24 {
		t.Fatal(ids)
	}
	h.View(func(tx *store.Tx) error {
		p, err := tx.SAMLProvider(account, "Corp")
		if err != nil {
			return err
		}
		sealed, err := tx.SAMLPrivateKey(p, ids[0])
		if err != nil {
			return err
		}
		if bytes.Contains(sealed, x509.MarshalPKCS1PrivateKey(first)) {
			t.Error("the key lies open")
		}
		der, err := h.Ring.Open(seal.PrivateKey, p.ID+"/"+ids[0], sealed)
		if err != nil {
			return err
		}
		if key, err := x509.ParsePKCS8PrivateKey(der); err != nil || !first.Equal(key) {
			t.Errorf("another key: %v", err)
		}
		return nil
	})
	update("RemovePrivateKey", ids[0])("InvalidInput", "Assertion encryption cannot be required of a provider that has no private key.")
	update("AddPrivateKey", secondPEM)()
	update("AddPrivateKey", secondPEM)("LimitExceeded", "Cannot exceed quota for PrivateKeysPerSAMLProvider: 2")
	update("AddPrivateKey", firstPEM, "RemovePrivateKey", ids[0])()
	if now := keys(); len(now) != 2 || now[0] == ids[0] || now[1] == ids[0] {
		t.Errorf("%v after %v", now, ids)
	}
	ids = keys()
	update("RemovePrivateKey", ids[0], "AssertionEncryptionMode", "Allowed")()
	update("RemovePrivateKey", ids[1])()
	if now := keys(); len(now) != 0 {
		t.Errorf("%v are left", now)
	}
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"not PEM": "key", "two": firstPEM + secondPEM, "broken": strings.Replace(firstPEM, "M", "N", 1),
		"encrypted": string(pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: []byte("x")})),
		"public":    string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(&first.PublicKey)})),
		"short":     string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(small)})),
	} {
		if a := root.Call("iam", "UpdateSAMLProvider", "SAMLProviderArn", samlARN, "AddPrivateKey", text); a.Message != "Could not parse private key." {
			t.Errorf("%s: %q %q", name, a.Code, a.Message)
		}
	}
}

// Rules: IA-44 IA-76
func TestSAMLQuotas(t *testing.T) {
	t.Parallel()
	h := harness(t)
	h.Account(account, "root")
	root := h.As("root")
	for i := range catalog.SAMLProvidersPerAccount.Default() {
		h.Update(func(tx *store.Tx) error {
			return tx.CreateSAMLProvider(&identity.SAMLProvider{Account: account, Name: fmt.Sprint("p", i)})
		})
	}
	document := samlMetadata(t, strings.Repeat("x", 1000))
	root.Call("iam", "CreateSAMLProvider", "Name", "Corp", "SAMLMetadataDocument", document).Fails("LimitExceeded", "Cannot exceed quota for SAMLProvidersPerAccount: 100")
	if got := entries(root.Call("iam", "GetAccountSummary").OK())["Providers"]; got != "100" {
		t.Errorf("the summary counts %s providers", got)
	}
	root.Call("iam", "DeleteSAMLProvider", "SAMLProviderArn", "arn:aws:iam::111122223333:saml-provider/p0").OK()
	root.Call("iam", "CreateSAMLProvider", "Name", "Corp", "SAMLMetadataDocument", document).OK()
}
