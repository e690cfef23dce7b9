// Package samltest is a SAML identity provider for tests: it makes responses,
// right ones and every other kind. Only tests import this package.
package samltest

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"fmt"
	"html"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"
)

// A Provider is an identity provider with one key that it signs with.
type Provider struct {
	EntityID    string
	Certificate []byte // DER

	key crypto.Signer
	t   testing.TB
}

// New returns an identity provider with an RSA key of its own.
func New(t testing.TB, entityID string) *Provider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return withKey(t, entityID, key)
}

// NewECDSA is New with a key of an elliptic curve.
func NewECDSA(t testing.TB, entityID string) *Provider {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return withKey(t, entityID, key)
}

func withKey(t testing.TB, entityID string, key crypto.Signer) *Provider {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: entityID},
		NotBefore: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return &Provider{EntityID: entityID, Certificate: der, key: key, t: t}
}

// Metadata is what the provider says of itself.
func (p *Provider) Metadata() string {
	return `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="` + html.EscapeString(p.EntityID) +
		`"><IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor use="signing">` +
		`<KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>` + base64.StdEncoding.EncodeToString(p.Certificate) +
		`</X509Certificate></X509Data></KeyInfo></KeyDescriptor></IDPSSODescriptor></EntityDescriptor>`
}

// A Response is what a response says. The zero values of most members are
// replaced by those of a response that AWS would take at Now.
type Response struct {
	Now        time.Time
	ID         string // of the assertion
	Issuer     string
	Subject    string // XML
	Format     string
	Audience   string
	Recipient  string
	Lasts      time.Duration // five minutes
	SessionEnd time.Time
	Attributes map[string][]string

	// SignResponse and SignAssertion say what is signed, with Method ("" is RSA
	// with SHA-256, or the key's own).
	SignResponse, SignAssertion bool
	Method                      string
	// EncryptTo is whom the assertion is encrypted to, by Cipher ("" is
	// aes256-gcm, else "aes128-cbc").
	EncryptTo *rsa.PublicKey
	Cipher    string
	// Edit changes the assertion before it is signed, Wrap the document after
	// everything is.
	Edit, Wrap func(string) string
}

const (
	nsAssertion = "urn:oasis:names:tc:SAML:2.0:assertion"
	stamp       = "2006-01-02T15:04:05.000Z"
)

// Document makes the response's XML.
func (p *Provider) Document(r Response) string {
	p.t.Helper()
	r.fill(p)
	assertion := r.assertion()
	if r.Edit != nil {
		assertion = r.Edit(assertion)
	}
	if r.SignAssertion {
		assertion = p.Sign(assertion, r.Method)
	}
	if r.EncryptTo != nil {
		assertion = p.encrypt(assertion, r.EncryptTo, r.Cipher)
	}
	document := `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="` + nsAssertion + `" ID="response-` + r.ID +
		`" Version="2.0" IssueInstant="` + r.Now.UTC().Format(stamp) + `" Destination="` + html.EscapeString(r.Recipient) + `"><saml:Issuer>` +
		html.EscapeString(r.Issuer) + `</saml:Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>` +
		assertion + `</samlp:Response>`
	if r.SignResponse {
		document = p.Sign(document, r.Method)
	}
	if r.Wrap != nil {
		document = r.Wrap(document)
	}
	return document
}

// Response makes the response as it is posted.
func (p *Provider) Response(r Response) string {
	p.t.Helper()
	return base64.StdEncoding.EncodeToString([]byte(p.Document(r)))
}

func (r *Response) fill(p *Provider) {
	for _, d := range []struct {
		of    *string
		value string
	}{
		{&r.ID, "id-" + rand.Text()},
		{&r.Issuer, p.EntityID},
		{&r.Subject, "alice@example.com"},
		{&r.Format, "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"},
		{&r.Audience, "urn:amazon:webservices"},
		{&r.Recipient, "https://signin.aws.amazon.com/saml"},
	} {
		if *d.of == "" {
			*d.of = d.value
		}
	}
	if r.Lasts == 0 {
		r.Lasts = 5 * time.Minute
	}
}

func (r *Response) assertion() string {
	var attributes strings.Builder
	for _, name := range slices.Sorted(maps.Keys(r.Attributes)) {
		attributes.WriteString(`<saml:Attribute Name="` + html.EscapeString(name) + `">`)
		for _, v := range r.Attributes[name] {
			attributes.WriteString(`<saml:AttributeValue xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string">` +
				html.EscapeString(v) + `</saml:AttributeValue>`)
		}
		attributes.WriteString(`</saml:Attribute>`)
	}
	session := ""
	if !r.SessionEnd.IsZero() {
		session = ` SessionNotOnOrAfter="` + r.SessionEnd.UTC().Format(stamp) + `"`
	}
	now, end := r.Now.UTC().Format(stamp), r.Now.Add(r.Lasts).UTC().Format(stamp)
	return fmt.Sprintf(`<saml:Assertion xmlns:saml="%s" ID="%s" Version="2.0" IssueInstant="%s"><saml:Issuer>%s</saml:Issuer>`+
		`<saml:Subject><saml:NameID Format="%s">%s</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">`+
		`<saml:SubjectConfirmationData Recipient="%s" NotOnOrAfter="%s"/></saml:SubjectConfirmation></saml:Subject>`+
		`<saml:Conditions NotBefore="%s" NotOnOrAfter="%s"><saml:AudienceRestriction><saml:Audience>%s</saml:Audience></saml:AudienceRestriction></saml:Conditions>`+
		`<saml:AuthnStatement AuthnInstant="%s"%s/><saml:AttributeStatement>%s</saml:AttributeStatement></saml:Assertion>`,
		nsAssertion, r.ID, now, html.EscapeString(r.Issuer), html.EscapeString(r.Format), r.Subject, html.EscapeString(r.Recipient), end, now, end,
		html.EscapeString(r.Audience), now, session, attributes.String())
}

// Sign signs the root of a document, with the signature behind the issuer.
func (p *Provider) Sign(document, method string) string {
	p.t.Helper()
	d := etree.NewDocument()
	if err := d.ReadFromString(document); err != nil {
		p.t.Fatal(err)
	}
	context, err := dsig.NewSigningContext(p.key, [][]byte{p.Certificate})
	if err != nil {
		p.t.Fatal(err)
	}
	context.Canonicalizer = dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("")
	if method == "" {
		method = dsig.RSASHA256SignatureMethod
		if _, ok := p.key.(*ecdsa.PrivateKey); ok {
			method = dsig.ECDSASHA256SignatureMethod
		}
	}
	if err := context.SetSignatureMethod(method); err != nil {
		p.t.Fatal(err)
	}
	root := d.Root()
	signature, err := context.ConstructSignature(root, true)
	if err != nil {
		p.t.Fatal(err)
	}
	if key, ok := p.key.(*ecdsa.PrivateKey); ok {
		p.raw(signature, key)
	}
	root.InsertChildAt(1, signature)
	text, err := d.WriteToString()
	if err != nil {
		p.t.Fatal(err)
	}
	return text
}

// raw writes the value of a signature as XML has it: two numbers.
func (p *Provider) raw(signature *etree.Element, key *ecdsa.PrivateKey) {
	p.t.Helper()
	for _, e := range signature.ChildElements() {
		if e.Tag != "SignatureValue" {
			continue
		}
		der, err := base64.StdEncoding.DecodeString(e.Text())
		if err != nil {
			p.t.Fatal(err)
		}
		var pair struct{ R, S *big.Int }
		if _, err := asn1.Unmarshal(der, &pair); err != nil {
			p.t.Fatal(err)
		}
		size := (key.Params().BitSize + 7) / 8
		value := append(pair.R.FillBytes(make([]byte, size)), pair.S.FillBytes(make([]byte, size))...)
		e.SetText(base64.StdEncoding.EncodeToString(value))
	}
}

func (p *Provider) encrypt(plain string, to *rsa.PublicKey, by string) string {
	p.t.Helper()
	algorithm, size := "http://www.w3.org/2009/xmlenc11#aes256-gcm", 32
	if by != "" {
		algorithm, size = "http://www.w3.org/2001/04/xmlenc#"+by, 16
	}
	secret := make([]byte, size)
	_, _ = rand.Read(secret)
	block, err := aes.NewCipher(secret)
	if err != nil {
		p.t.Fatal(err)
	}
	var text []byte
	if by == "" {
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			p.t.Fatal(err)
		}
		text = aead.Seal(nil, nil, []byte(plain), nil)
	} else {
		padding := aes.BlockSize - len(plain)%aes.BlockSize
		padded := append([]byte(plain), make([]byte, padding)...)
		padded[len(padded)-1] = byte(padding)
		text = make([]byte, aes.BlockSize+len(padded))
		_, _ = rand.Read(text[:aes.BlockSize])
		cipher.NewCBCEncrypter(block, text[:aes.BlockSize]).CryptBlocks(text[aes.BlockSize:], padded)
	}
	wrapped, err := rsa.EncryptOAEP(sha1.New(), rand.Reader, to, secret, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	encode := base64.StdEncoding.EncodeToString
	return `<saml:EncryptedAssertion><xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" Type="http://www.w3.org/2001/04/xmlenc#Element">` +
		`<xenc:EncryptionMethod Algorithm="` + algorithm + `"/><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><xenc:EncryptedKey>` +
		`<xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"/><xenc:CipherData><xenc:CipherValue>` + encode(wrapped) +
		`</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo><xenc:CipherData><xenc:CipherValue>` + encode(text) +
		`</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData></saml:EncryptedAssertion>`
}
