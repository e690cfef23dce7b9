package saml_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/federation/saml"
)

// certificate makes a certificate, in DER and as metadata has it.
func certificate(t testing.TB) (der []byte, text string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		t.Fatal(err)
	}
	der, err = x509.CreateCertificate(rand.Reader, &x509.Certificate{SerialNumber: serial}, &x509.Certificate{SerialNumber: serial}, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return der, base64.StdEncoding.EncodeToString(der)
}

const (
	head     = `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="https://idp.example.com/saml"%s>`
	idp      = `<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"%s>`
	key      = `<md:KeyDescriptor%s><ds:KeyInfo><ds:X509Data><ds:X509Certificate>%s</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`
	tail     = `</md:IDPSSODescriptor></md:EntityDescriptor>`
	anything = `<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example.com/sso"/>`
)

// Rules: IA-59
func TestParseMetadata(t *testing.T) {
	der1, text1 := certificate(t)
	der2, text2 := certificate(t)
	broken := text1[:40] + "\n  " + text1[40:] + " <!-- the end -->"
	document := `<?xml version="1.0" encoding="UTF-8"?>` + "\n<!-- ours -->" +
		fmt.Sprintf(head, ` validUntil="2030-01-02T03:04:05.5Z" cacheDuration="PT1H"`) +
		`<md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol" validUntil="2001-01-01T00:00:00Z">` + fmt.Sprintf(key, "", "not one of ours") + `</md:SPSSODescriptor>` +
		fmt.Sprintf(idp, ` validUntil="2029-01-02T03:04:05"`) + fmt.Sprintf(key, ` use="signing"`, broken) + fmt.Sprintf(key, ``, text2) +
		fmt.Sprintf(key, ` use="encryption"`, "not looked at") + fmt.Sprintf(key, ` use="signing"`, text1) + anything + tail + "\n"
	m, err := saml.ParseMetadata([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	if m.EntityID != "https://idp.example.com/saml" || !m.ValidUntil.Equal(time.Date(2029, 1, 2, 3, 4, 5, 0, time.UTC)) {
		t.Errorf("%s until %v", m.EntityID, m.ValidUntil)
	}
	if len(m.Certificates) != 2 || !bytes.Equal(m.Certificates[0], der1) || !bytes.Equal(m.Certificates[1], der2) {
		t.Errorf("%d certificates", len(m.Certificates))
	}
}

// Rules: IA-59
func TestHostileMetadata(t *testing.T) {
	_, text := certificate(t)
	signing := fmt.Sprintf(key, ` use="signing"`, text)
	begin, role := fmt.Sprintf(head, ""), fmt.Sprintf(idp, "")
	good := begin + role + signing + tail
	if _, err := saml.ParseMetadata([]byte(good)); err != nil {
		t.Fatal(err)
	}
	var many strings.Builder
	for range 33 {
		_, other := certificate(t)
		fmt.Fprintf(&many, key, "", other)
	}
	for name, document := range map[string]string{
		"empty":                      "",
		"text":                       "hello",
		"DOCTYPE":                    `<!DOCTYPE x>` + good,
		"entities":                   `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>` + strings.Replace(good, text, "&b;", 1),
		"unknown entity":             strings.Replace(good, text, text+"&x;", 1),
		"external entity":            `<!DOCTYPE x SYSTEM "file:///etc/passwd">` + good,
		"instruction":                `<?xml-stylesheet href="x"?>` + good,
		"late declaration":           good + `<?xml version="1.0"?>`,
		"other encoding":             `<?xml version="1.0" encoding="UTF-16"?>` + good,
		"bad UTF-8":                  strings.Replace(good, "idp.example.com", "idp\xff.example.com", 1),
		"two roots":                  good + good,
		"text behind":                good + "x",
		"nested entity":              begin + good + role + signing + tail,
		"several entities":           `<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">` + good + good + `</md:EntitiesDescriptor>`,
		"one of several":             `<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">` + good + `</md:EntitiesDescriptor>`,
		"other namespace":            strings.Replace(good, "SAML:2.0:metadata", "SAML:1.0:metadata", 1),
		"other protocol":             strings.Replace(good, "SAML:2.0:protocol", "SAML:1.1:protocol", 1),
		"no entityID":                strings.Replace(good, ` entityID="https://idp.example.com/saml"`, "", 1),
		"long entityID":              strings.Replace(good, "idp.example.com", strings.Repeat("x", 1025), 1),
		"entityID twice":             fmt.Sprintf(head, ` entityID="https://evil.example.com"`) + role + signing + tail,
		"entityID of two namespaces": fmt.Sprintf(head, ` md:entityID="https://evil.example.com"`) + role + signing + tail,
		"no role":                    begin + "</md:EntityDescriptor>",
		"no key":                     begin + role + tail,
		"encryption only":            begin + role + fmt.Sprintf(key, ` use="encryption"`, text) + tail,
		"other use":                  begin + role + fmt.Sprintf(key, ` use="fun"`, text) + signing + tail,
		"no base64":                  begin + role + fmt.Sprintf(key, "", "?") + tail,
		"no certificate":             begin + role + fmt.Sprintf(key, "", "aGVsbG8=") + tail,
		"many certificates":          begin + role + many.String() + tail,
		"no time":                    fmt.Sprintf(head, ` validUntil="tomorrow"`) + role + signing + tail,
		"deep":                       begin + strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100) + role + signing + tail,
		"not closed":                 strings.TrimSuffix(good, "</md:EntityDescriptor>"),
	} {
		if m, err := saml.ParseMetadata([]byte(document)); !errors.Is(err, saml.ErrMetadata) || m != nil {
			t.Errorf("%s: %+v, %v", name, m, err)
		}
	}
}

// A document of the size that a request can have takes no time to speak of.
func BenchmarkParseMetadata(b *testing.B) {
	_, text := certificate(b)
	document := []byte(fmt.Sprintf(head, "") + strings.Repeat(`<md:Organization a="b"><c>d</c></md:Organization>`, 20_000) + fmt.Sprintf(idp, "") + fmt.Sprintf(key, "", text) + tail)
	b.SetBytes(int64(len(document)))
	for b.Loop() {
		if _, err := saml.ParseMetadata(document); err != nil {
			b.Fatal(err)
		}
	}
}
