package saml

import (
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"
	"github.com/russellhaering/goxmldsig/etreeutils"
)

// The algorithms that a signature may have. SHA-1 is not among them, since
// collisions of it are for sale, nor is anything with a shared secret.
var (
	signatureMethods = map[string]bool{
		dsig.RSASHA256SignatureMethod: true, dsig.RSASHA384SignatureMethod: true, dsig.RSASHA512SignatureMethod: true,
		dsig.ECDSASHA256SignatureMethod: true, dsig.ECDSASHA384SignatureMethod: true, dsig.ECDSASHA512SignatureMethod: true,
	}
	digestMethods = map[string]bool{
		"http://www.w3.org/2001/04/xmlenc#sha256":       true,
		"http://www.w3.org/2001/04/xmldsig-more#sha384": true,
		"http://www.w3.org/2001/04/xmlenc#sha512":       true,
	}
	// SAML V2.0 Core, 5.4.3 and 5.4.4. There are no comments, so that both forms
	// are the same.
	canonicalizations = map[string]bool{
		string(dsig.CanonicalXML10ExclusiveAlgorithmId):             true,
		string(dsig.CanonicalXML10ExclusiveWithCommentsAlgorithmId): true,
	}
)

// checkSignature checks the form of the signature of e, and reports whether
// there is one: a child of e, of all of e by its ID, with algorithms that are
// allowed and no transforms but those that SAML needs.
func checkSignature(e *element) (signed bool, err error) {
	signature, err := e.maybe(nsSignature, "Signature")
	if err != nil || signature == nil {
		return false, err
	}
	for _, c := range signature.children {
		if !c.is(nsSignature, "SignedInfo") && !c.is(nsSignature, "SignatureValue") && !c.is(nsSignature, "KeyInfo") {
			return false, fmt.Errorf("%s in a signature", c.name.Local)
		}
	}
	if value, err := signature.one(nsSignature, "SignatureValue"); err != nil || len(value.children) > 0 {
		return false, errors.New("no value of a signature")
	}
	info, err := signature.one(nsSignature, "SignedInfo")
	if err != nil {
		return false, err
	}
	if err := algorithm(info, "CanonicalizationMethod", canonicalizations); err != nil {
		return false, err
	}
	if err := algorithm(info, "SignatureMethod", signatureMethods); err != nil {
		return false, err
	}
	reference, err := info.one(nsSignature, "Reference")
	if err != nil {
		return false, err
	}
	if len(info.children) != 3 {
		return false, errors.New("more than one reference in a signature")
	}
	id := e.attrs["ID"]
	if id == "" || reference.attrs["URI"] != "#"+id {
		return false, fmt.Errorf("a signature of %q in what is %q", reference.attrs["URI"], id)
	}
	if err := algorithm(reference, "DigestMethod", digestMethods); err != nil {
		return false, err
	}
	return true, checkTransforms(reference)
}

// algorithm checks the algorithm that the only child of a name gives.
func algorithm(e *element, name string, allowed map[string]bool) error {
	method, err := e.one(nsSignature, name)
	if err != nil {
		return err
	}
	if !allowed[method.attrs["Algorithm"]] {
		return fmt.Errorf("%s %q", name, method.attrs["Algorithm"])
	}
	return nil
}

func checkTransforms(reference *element) error {
	transforms, err := reference.one(nsSignature, "Transforms")
	if err != nil {
		return err
	}
	list := transforms.all(nsSignature, "Transform")
	if len(list) != 2 || len(transforms.children) != 2 ||
		list[0].attrs["Algorithm"] != string(dsig.EnvelopedSignatureAltorithmId) || !canonicalizations[list[1].attrs["Algorithm"]] {
		return errors.New("other transforms than an enveloped signature's")
	}
	return nil
}

// errUnsigned reports that no certificate fits the signature.
var errUnsigned = errors.New("the signature is of none of the provider's certificates")

// verify checks the signature of e, whose form checkSignature found good, with
// the certificates of the provider and no other. It returns the bytes that are
// signed, in canonical form, and the certificate that fits. When a certificate
// ends does not matter: AWS takes no notice of it, and who trusts a provider
// trusts what its metadata says (IAM User Guide, "Create a SAML identity
// provider in IAM").
func verify(e *etree.Element, certificates [][]byte) (signed, certificate []byte, err error) {
	for _, der := range certificates {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, nil, fmt.Errorf("reading a certificate: %w", err)
		}
		trial, err := bare(e, c)
		if err != nil {
			continue
		}
		context := dsig.NewDefaultValidationContext(&dsig.MemoryX509CertificateStore{Roots: []*x509.Certificate{c}})
		context.Clock = dsig.NewFakeClockAt(c.NotBefore)
		root, err := context.Validate(trial)
		if err != nil {
			continue
		}
		// What Validate returns was read from the bytes that it checked. They are in
		// canonical form, so that writing it in that form changes nothing, but for
		// declared prefixes that no name has.
		signed, err := dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("").Canonicalize(root)
		if err != nil {
			return nil, nil, err
		}
		return signed, der, nil
	}
	return nil, nil, errUnsigned
}

// bare returns a copy of e whose signature has no KeyInfo, which would say whom
// to trust, and a value in the form that c's kind of key has in Go. Neither is
// part of what is signed.
func bare(e *etree.Element, c *x509.Certificate) (*etree.Element, error) {
	e = e.Copy()
	for _, signature := range e.ChildElements() {
		if signature.Tag != "Signature" || signature.NamespaceURI() != nsSignature {
			continue
		}
		for _, child := range signature.ChildElements() {
			switch child.Tag {
			case "KeyInfo":
				signature.RemoveChild(child)
			case "SignatureValue":
				value, err := signatureValue(child.Text(), c)
				if err != nil {
					return nil, err
				}
				child.SetText(value)
			}
		}
	}
	return e, nil
}

// signatureValue takes blanks out of a signature, and makes an ASN.1 sequence of
// one by an elliptic curve, which XML has as two numbers (RFC 4050, 3.3).
func signatureValue(text string, c *x509.Certificate) (string, error) {
	value, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		return "", err
	}
	if key, ok := c.PublicKey.(*ecdsa.PublicKey); ok {
		size := (key.Curve.Params().BitSize + 7) / 8
		if len(value) != 2*size {
			return "", errors.New("a signature of another curve")
		}
		pair := struct{ R, S *big.Int }{new(big.Int).SetBytes(value[:size]), new(big.Int).SetBytes(value[size:])}
		if value, err = asn1.Marshal(pair); err != nil {
			return "", err
		}
	}
	return base64.StdEncoding.EncodeToString(value), nil
}

// tree reads a document that parse found good for the signature's sake.
func tree(document []byte) (*etree.Element, error) {
	d := etree.NewDocument()
	if err := d.ReadFromBytes(document); err != nil {
		return nil, err
	}
	if d.Root() == nil {
		return nil, errors.New("no element")
	}
	return d.Root(), nil
}

// child returns the only child of a name, by itself: with the prefixes that it
// has from where it stands.
func child(e *etree.Element, space, local string) (*etree.Element, error) {
	context, err := etreeutils.NSBuildParentContext(e)
	if err != nil {
		return nil, err
	}
	found, err := etreeutils.NSFindOneChildCtx(context, e, space, local)
	if err != nil || found == nil {
		return nil, errors.Join(err, fmt.Errorf("no %s", local))
	}
	scope, err := context.SubContext(e)
	if err != nil {
		return nil, err
	}
	return etreeutils.NSDetatch(scope, found)
}
