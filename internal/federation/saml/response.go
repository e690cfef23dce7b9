package saml

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/beevik/etree"
)

// Why a response is refused. Each error of [Verify] is one of these, or a
// failure of what it was given.
var (
	// ErrEncoding reports what is no base64.
	ErrEncoding = errors.New("saml: not base64")
	// ErrResponse reports a document that is no response with one assertion, or
	// one that says that nobody was authenticated.
	ErrResponse = errors.New("saml: not a response of a successful sign-in")
	// ErrSignature reports that what must be signed is not, or not by the
	// provider. What cannot be decrypted is reported so too: a difference would
	// help to decrypt what somebody else was given.
	ErrSignature = errors.New("saml: signature invalid")
	// ErrPlain reports an assertion that should have been encrypted.
	ErrPlain = errors.New("saml: not encrypted")
	// ErrIssuer reports an assertion of somebody else.
	ErrIssuer = errors.New("saml: wrong issuer")
	// ErrAudience reports an assertion that is for somebody else.
	ErrAudience = errors.New("saml: wrong audience")
	// ErrRecipient reports that the subject is not confirmed to the one who sends
	// the response here.
	ErrRecipient = errors.New("saml: subject not confirmed")
	// ErrExpired and ErrStale report an assertion that is over, and one that was
	// issued too long ago; ErrEarly one that is not valid yet.
	ErrExpired = errors.New("saml: expired")
	ErrStale   = errors.New("saml: issued too long ago")
	ErrEarly   = errors.New("saml: not yet valid")
)

// A Provider is whom a response is to be of.
type Provider struct {
	// ID is the provider's unique id, which may be part of the recipient's URL.
	ID       string
	EntityID string
	// Certificates are those that it signs with, in DER.
	Certificates [][]byte
	// Keys returns the private keys that it encrypts to; nil when it has none. It
	// is called for an encrypted assertion only.
	Keys func() ([]Key, error)
	// Encrypts says that its assertions must be encrypted.
	Encrypts bool
	// Endpoints are audiences and recipients to take beside AWS's own.
	Endpoints []string
}

// Verify checks a response in base64, as an identity provider posts it, and
// returns its assertion. Whatever of it is returned was read from bytes that
// the provider signed: the document is read for its form first, then only what
// is left after canonicalization, which is what the signature covers.
//
// Source: SAML V2.0 Core, 2, 3.3.3 and 5; Profiles, 4.1.4.3; IAM User Guide,
// "Configure SAML assertions for the authentication response" (ST-70, TH-94).
func Verify(response string, p *Provider, now time.Time) (*Assertion, error) {
	document, err := base64.StdEncoding.DecodeString(strings.TrimSpace(response))
	if err != nil {
		return nil, ErrEncoding
	}
	root, err := parse(document)
	if err != nil {
		return nil, wrong(ErrResponse, err)
	}
	if err := checkResponse(root); err != nil {
		return nil, wrong(ErrResponse, err)
	}
	e, signed, err := verified(root, document, p)
	if err != nil {
		return nil, err
	}
	a := &Assertion{ResponseCertificate: signed.certificate}
	if e.is(nsAssertion, "EncryptedAssertion") {
		if e, err = a.decrypt(e, p, &signed); err != nil {
			return nil, err
		}
	} else if p.Encrypts {
		return nil, ErrPlain
	} else if e, err = a.verify(e, &signed, p); err != nil {
		return nil, err
	}
	if err := a.read(e); err != nil {
		return nil, wrong(ErrResponse, err)
	}
	return a, a.check(p, now)
}

// wrong says what is wrong: which error it is, and why for a log.
func wrong(kind, why error) error { return fmt.Errorf("%w: %w", kind, why) }

// checkResponse checks the form of a whole document: one successful response
// with one assertion, which is where it belongs, and no signatures but on these
// two.
func checkResponse(root *element) error {
	if !root.is(nsProtocol, "Response") || root.attrs["Version"] != "2.0" {
		return errors.New("no response of SAML 2.0")
	}
	status, err := root.one(nsProtocol, "Status")
	if err != nil {
		return err
	}
	code, err := status.one(nsProtocol, "StatusCode")
	if err != nil {
		return err
	}
	if code.attrs["Value"] != "urn:oasis:names:tc:SAML:2.0:status:Success" {
		return fmt.Errorf("the status %q", code.attrs["Value"])
	}
	assertions := append(root.all(nsAssertion, "Assertion"), root.all(nsAssertion, "EncryptedAssertion")...)
	if len(assertions) != 1 || root.count(nsAssertion, "Assertion")+root.count(nsAssertion, "EncryptedAssertion") != 1 {
		return errors.New("not one assertion")
	}
	places := len(root.all(nsSignature, "Signature")) + len(assertions[0].all(nsSignature, "Signature"))
	if places != root.count(nsSignature, "Signature") {
		return errors.New("a signature in an odd place")
	}
	return nil
}

// A proof is what is known to be signed: a document for the signature's sake,
// and the certificate that fits it; no certificate when nothing is.
type proof struct {
	tree        *etree.Element
	certificate []byte
}

// verified checks the signature of the response if there is one, and returns
// its assertion as the signed bytes have it.
func verified(root *element, document []byte, p *Provider) (*element, proof, error) {
	signed := proof{}
	is, err := checkSignature(root)
	if err != nil {
		return nil, signed, wrong(ErrSignature, err)
	}
	if signed.tree, err = tree(document); err != nil {
		return nil, signed, wrong(ErrResponse, err)
	}
	if is {
		var bytes []byte
		if bytes, signed.certificate, err = verify(signed.tree, p.Certificates); err != nil {
			return nil, signed, wrong(ErrSignature, err)
		}
		if root, err = parse(bytes); err == nil {
			err = checkResponse(root)
		}
		if err != nil {
			return nil, signed, wrong(ErrResponse, err)
		}
		if signed.tree, err = tree(bytes); err != nil {
			return nil, signed, wrong(ErrResponse, err)
		}
	}
	if issuer, err := root.maybe(nsAssertion, "Issuer"); err != nil {
		return nil, signed, wrong(ErrResponse, err)
	} else if issuer != nil {
		if name, err := issuer.content(); err != nil || name != p.EntityID {
			return nil, signed, ErrIssuer
		}
	}
	return append(root.all(nsAssertion, "Assertion"), root.all(nsAssertion, "EncryptedAssertion")...)[0], signed, nil
}

// verify checks the signature of the assertion e, which the response's may take
// the place of, and returns e as the signed bytes have it.
func (a *Assertion) verify(e *element, within *proof, p *Provider) (*element, error) {
	is, err := checkSignature(e)
	if err != nil {
		return nil, wrong(ErrSignature, err)
	}
	if !is {
		if within.certificate == nil {
			return nil, wrong(ErrSignature, errors.New("nothing is signed"))
		}
		return e, nil
	}
	alone := within.tree
	if alone.Tag != "Assertion" {
		if alone, err = child(alone, nsAssertion, "Assertion"); err != nil {
			return nil, wrong(ErrSignature, err)
		}
	}
	bytes, certificate, err := verify(alone, p.Certificates)
	if err != nil {
		return nil, wrong(ErrSignature, err)
	}
	a.Certificate = certificate
	signed, err := parse(bytes)
	if err != nil || !signed.is(nsAssertion, "Assertion") || signed.attrs["ID"] != e.attrs["ID"] {
		return nil, wrong(ErrSignature, errors.New("something else is signed"))
	}
	return signed, nil
}

// decrypt opens an encrypted assertion. If the response is signed, so is what
// was encrypted; if it is not, the assertion in it must be.
func (a *Assertion) decrypt(e *element, p *Provider, within *proof) (*element, error) {
	if p.Keys == nil {
		return nil, wrong(ErrSignature, errors.New("the provider has no key"))
	}
	keys, err := p.Keys()
	if err != nil {
		return nil, err
	}
	plain, key, err := decrypt(e, keys)
	if err != nil {
		return nil, wrong(ErrSignature, err)
	}
	a.Key = key
	assertion, err := parse(plain)
	if err != nil {
		return nil, wrong(ErrSignature, err)
	}
	if !assertion.is(nsAssertion, "Assertion") || assertion.count(nsAssertion, "Assertion") != 1 || assertion.count(nsAssertion, "EncryptedAssertion") != 0 ||
		assertion.count(nsSignature, "Signature") != len(assertion.all(nsSignature, "Signature")) {
		return nil, wrong(ErrSignature, errors.New("not one assertion was encrypted"))
	}
	inner := proof{certificate: within.certificate}
	if inner.tree, err = tree(plain); err != nil {
		return nil, wrong(ErrSignature, err)
	}
	return a.verify(assertion, &inner, p)
}
