// Package saml reads what SAML identity providers say of themselves and of those
// who sign in. It trusts none of it: whoever may make a provider writes its
// metadata, and anybody can post a response.
package saml

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// ErrMetadata reports a document that is no metadata of one identity provider.
var ErrMetadata = errors.New("saml: not the metadata of an identity provider")

// Metadata is what is needed of an identity provider's metadata to check what
// the provider signs.
type Metadata struct {
	// EntityID is who the provider says it is: the issuer of its assertions.
	EntityID string
	// ValidUntil is when the metadata ends to be true, zero when it does not say.
	ValidUntil time.Time
	// Certificates are those that the provider signs with, in DER: one at least,
	// each once.
	Certificates [][]byte
}

const (
	nsMetadata  = "urn:oasis:names:tc:SAML:2.0:metadata"
	nsProtocol  = "urn:oasis:names:tc:SAML:2.0:protocol"
	maxEntityID = 1024
	maxDepth    = 64
	maxKeys     = 32
)

// ParseMetadata reads a metadata document strictly: UTF-8, one EntityDescriptor
// and nothing beside it, no DOCTYPE and so no entities, no attribute twice.
// Signatures in it are not looked at: who may save it vouches for it. Its errors
// are ErrMetadata. It takes time in proportion to the document.
//
// Source: SAML V2.0 Metadata, 2.3.2, 2.4.1 and 2.4.3 (IA-59).
func ParseMetadata(document []byte) (*Metadata, error) {
	if err := checkForm(document); err != nil {
		return nil, err
	}
	var e entityDescriptor
	if err := xml.Unmarshal(document, &e); err != nil {
		return nil, refused("%v", err)
	}
	if e.ID == "" || len(e.ID) > maxEntityID {
		return nil, refused("entityID of %d bytes", len(e.ID))
	}
	m := &Metadata{EntityID: e.ID}
	if err := m.until(e.ValidUntil); err != nil {
		return nil, err
	}
	for _, role := range e.Roles {
		if !slices.Contains(strings.Fields(role.Protocols), nsProtocol) {
			continue
		}
		if err := m.until(role.ValidUntil); err != nil {
			return nil, err
		}
		for _, k := range role.Keys {
			if err := m.add(k); err != nil {
				return nil, err
			}
		}
	}
	if len(m.Certificates) == 0 {
		return nil, refused("no certificate to check signatures with")
	}
	return m, nil
}

type entityDescriptor struct {
	XMLName    xml.Name `xml:"urn:oasis:names:tc:SAML:2.0:metadata EntityDescriptor"`
	ID         string   `xml:"entityID,attr"`
	ValidUntil string   `xml:"validUntil,attr"`
	Roles      []struct {
		Protocols  string          `xml:"protocolSupportEnumeration,attr"`
		ValidUntil string          `xml:"validUntil,attr"`
		Keys       []keyDescriptor `xml:"urn:oasis:names:tc:SAML:2.0:metadata KeyDescriptor"`
	} `xml:"urn:oasis:names:tc:SAML:2.0:metadata IDPSSODescriptor"`
}

type keyDescriptor struct {
	Use  string `xml:"use,attr"`
	Info struct {
		Data []struct {
			Certificates []string `xml:"http://www.w3.org/2000/09/xmldsig# X509Certificate"`
		} `xml:"http://www.w3.org/2000/09/xmldsig# X509Data"`
	} `xml:"http://www.w3.org/2000/09/xmldsig# KeyInfo"`
}

func refused(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrMetadata, fmt.Sprintf(format, args...))
}

// checkForm refuses what two readers could read differently.
func checkForm(document []byte) error {
	d := xml.NewDecoder(bytes.NewReader(document))
	f := form{}
	for {
		f.offset = d.InputOffset()
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return refused("%v", err)
		}
		if err := f.check(token); err != nil {
			return err
		}
	}
	if f.roots != 1 {
		return refused("%d roots", f.roots)
	}
	return nil
}

// A form is what was seen of a document's form.
type form struct {
	offset       int64 // at which the token began
	depth, roots int
}

func (f *form) check(token xml.Token) error {
	switch t := token.(type) {
	case xml.Directive:
		return refused("a DOCTYPE or another directive")
	case xml.ProcInst:
		if t.Target != "xml" || f.offset != 0 {
			return refused("a processing instruction")
		}
	case xml.CharData:
		if f.depth == 0 && len(bytes.TrimSpace(t)) > 0 {
			return refused("text beside the root")
		}
	case xml.StartElement:
		if f.depth == 0 {
			f.roots++
		}
		if err := checkElement(t, f.depth); err != nil {
			return err
		}
		f.depth++
	case xml.EndElement:
		f.depth--
	}
	return nil
}

func checkElement(e xml.StartElement, depth int) error {
	switch {
	case depth >= maxDepth:
		return refused("more than %d elements in one another", maxDepth)
	case depth > 0 && (e.Name.Local == "EntityDescriptor" || e.Name.Local == "EntitiesDescriptor"):
		return refused("more than one entity")
	}
	// Struct tags do not tell the attributes of two namespaces apart.
	seen := map[string]bool{}
	for _, a := range e.Attr {
		if a.Name.Space == "xmlns" || a.Name.Local == "xmlns" {
			continue
		}
		if seen[a.Name.Local] && e.Name.Space == nsMetadata {
			return refused("attribute %s twice", a.Name.Local)
		}
		seen[a.Name.Local] = true
	}
	return nil
}

// until takes an end of validity: the earliest counts. Times without a zone are
// UTC, as SAML wants them (SAML V2.0 Core, 1.3.3).
func (m *Metadata) until(text string) error {
	if text == "" {
		return nil
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t, err = time.Parse("2006-01-02T15:04:05.999999999", text)
	}
	if err != nil {
		return refused("validUntil is %q", text)
	}
	if m.ValidUntil.IsZero() || t.Before(m.ValidUntil) {
		m.ValidUntil = t.UTC()
	}
	return nil
}

// add takes the certificates of a key that is for signing, or for everything.
func (m *Metadata) add(k keyDescriptor) error {
	switch k.Use {
	case "", "signing":
	case "encryption":
		return nil
	default:
		return refused("a key for %q", k.Use)
	}
	for _, data := range k.Info.Data {
		for _, text := range data.Certificates {
			der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
			if err != nil {
				return refused("a certificate: %v", err)
			}
			if _, err := x509.ParseCertificate(der); err != nil {
				return refused("a certificate: %v", err)
			}
			if slices.ContainsFunc(m.Certificates, func(c []byte) bool { return bytes.Equal(c, der) }) {
				continue
			}
			if len(m.Certificates) == maxKeys {
				return refused("more than %d certificates", maxKeys)
			}
			m.Certificates = append(m.Certificates, der)
		}
	}
	return nil
}
