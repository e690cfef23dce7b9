package sts

import (
	"bytes"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // the name qualifier is AWS's, and no secret
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	api "github.com/regent-iam/regent/internal/api/sts"
	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/federation/saml"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/session"
)

// A samlProof is what an assertion says of a session, and what of the provider
// was believed for that.
type samlProof struct {
	assertion      *saml.Assertion
	providerID     string
	sessionName    string
	sourceIdentity string
	seconds        int32 // 0 when it does not say
	tags           *passedTags
}

// samlProofOf returns what identifySAML found out.
func samlProofOf(call *dispatch.Call) (*samlProof, error) {
	p, ok := call.Caller.Proof.(*samlProof)
	if !ok || call.Caller.Kind != authn.Federated {
		return nil, errors.New("a caller without a proof")
	}
	return p, nil
}

// standsWith reports whether the provider as it is now would take the proof.
func (p *samlProof) standsWith(now *identity.SAMLProvider) bool {
	a := p.assertion
	trusted := func(certificate []byte) bool {
		return certificate == nil || slices.ContainsFunc(now.Certificates, func(c []byte) bool { return bytes.Equal(c, certificate) })
	}
	signed := a.Certificate != nil || a.ResponseCertificate != nil
	opened := a.Key == "" || slices.ContainsFunc(now.Keys, func(k identity.SAMLPrivateKey) bool { return k.ID == a.Key })
	return now.ID == p.providerID && now.EntityID == a.Issuer && signed && trusted(a.Certificate) && trusted(a.ResponseCertificate) &&
		opened && (a.Key != "" || now.Encryption != encryptionRequired)
}

// openSAMLKeys opens the private keys of a provider.
func openSAMLKeys(ring *seal.Ring, p *identity.SAMLProvider, sealed [][]byte) ([]saml.Key, error) {
	keys := make([]saml.Key, len(sealed))
	for i, box := range sealed {
		der, err := ring.Open(seal.PrivateKey, p.ID+"/"+p.Keys[i].ID, box)
		if err != nil {
			return nil, fmt.Errorf("opening a private key: %w", err)
		}
		key, err := x509.ParsePKCS8PrivateKey(der)
		if err != nil {
			return nil, errors.New("a private key cannot be read") // the parser's words may quote it
		}
		private, ok := key.(*rsa.PrivateKey)
		if !ok {
			return nil, errors.New("a private key is not RSA's")
		}
		keys[i] = saml.Key{ID: p.Keys[i].ID, Private: private}
	}
	return keys, nil
}

// samlAttribute begins the names of the attributes that AWS gives a meaning to.
const samlAttribute = "https://aws.amazon.com/SAML/Attributes/"

// namesPair reports whether the attribute Role lists the role with the provider,
// in either order (ST-71).
func namesPair(a *saml.Assertion, role, provider string) bool {
	return slices.ContainsFunc(a.Attributes[samlAttribute+"Role"], func(value string) bool {
		first, second, ok := strings.Cut(value, ",")
		first, second = strings.TrimSpace(first), strings.TrimSpace(second)
		return ok && (first == role && second == provider || first == provider && second == role)
	})
}

var sessionNames = regexp.MustCompile(`^[a-zA-Z_0-9+=,.@-]{2,64}$`)

// proofOf reads the attributes of an assertion that AWS gives a meaning to
// (ST-71).
func proofOf(a *saml.Assertion, provider *identity.SAMLProvider) (*samlProof, error) {
	p := &samlProof{assertion: a, providerID: provider.ID}
	switch names := a.Attributes[samlAttribute+"RoleSessionName"]; {
	case len(names) != 1 || names[0] == "":
		return nil, invalidToken("RoleSessionName is required in AuthnResponse")
	case !sessionNames.MatchString(names[0]):
		return nil, invalidToken("RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}")
	default:
		p.sessionName = names[0]
	}
	switch sources := a.Attributes[samlAttribute+"SourceIdentity"]; {
	case len(sources) == 0:
	case len(sources) > 1 || !sourceText(sources[0]):
		return nil, invalidToken(`Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"`)
	default:
		p.sourceIdentity = sources[0]
	}
	if durations := a.Attributes[samlAttribute+"SessionDuration"]; len(durations) > 0 {
		var err error
		if len(durations) > 1 {
			durations[0] = "" // none of several is the one
		}
		if p.seconds, err = sessionDuration(durations[0]); err != nil {
			return nil, err
		}
	}
	return p, p.readTags(a)
}

// readTags reads the session tags of an assertion (ST-41, ST-71).
func (p *samlProof) readTags(a *saml.Assertion) error {
	var tags []api.Tag
	for name, values := range a.Attributes {
		key, ok := strings.CutPrefix(name, samlAttribute+"PrincipalTag:")
		if !ok {
			continue
		}
		if len(values) != 1 || key == "" || !tagText(key, maxTagKey) || !tagText(values[0], maxTagValue) {
			return invalidToken("PrincipalTag in AuthnResponse must have one value, of at most 256 letters, digits, blanks and _.:/=+-@, and a key of at most 128")
		}
		tags = append(tags, api.Tag{Key: key, Value: values[0]})
	}
	slices.SortFunc(tags, func(a, b api.Tag) int { return strings.Compare(a.Key, b.Key) })
	passed, err := tagsOf(tags)
	if err != nil {
		return err
	}
	p.tags = &passedTags{passed: passed, transitive: a.Attributes[samlAttribute+"TransitiveTagKeys"]}
	if len(passed) > maxSessionTags || len(p.tags.transitive) > maxSessionTags {
		return invalidParameter(fmt.Sprintf("A session can have at most %d tags.", maxSessionTags))
	}
	for _, k := range p.tags.transitive {
		same := sameKey(k)
		if !slices.ContainsFunc(passed, func(t identity.Tag) bool { return same(t.Key) }) {
			return invalidParameter("The specified transitive tag key must be included in the requested tags.")
		}
	}
	return nil
}

// nameQualifier tells one provider's subjects from another's (ST-71b).
func nameQualifier(p *identity.SAMLProvider) string {
	sum := sha1.Sum([]byte(p.EntityID + string(p.Account) + "/" + p.Name)) //nolint:gosec // as AWS computes it
	return base64.StdEncoding.EncodeToString(sum[:])
}

// subjectType is saml:sub_type: the end of a format of SAML 2.0, and any other
// whole (ST-71b).
func subjectType(a *saml.Assertion) string {
	return strings.TrimPrefix(a.Format, "urn:oasis:names:tc:SAML:2.0:nameid-format:")
}

// samlClaims are the condition keys of an assertion (ST-71b).
func samlClaims(a *saml.Assertion, p *identity.SAMLProvider) []session.Claim {
	one := func(key, value string) session.Claim { return session.Claim{Key: key, Values: []string{value}} }
	claims := []session.Claim{
		one("saml:aud", a.Recipient), one("saml:iss", a.Issuer), one("saml:doc", string(p.Account)+"/"+p.Name),
		one("saml:namequalifier", nameQualifier(p)), one("saml:sub", a.Subject), one("saml:sub_type", subjectType(a)),
	}
	for _, m := range samlKeys {
		values := a.Attributes[m.attribute]
		if len(values) == 0 || !m.multi && len(values) > 1 {
			continue
		}
		if slices.ContainsFunc(claims, func(c session.Claim) bool { return c.Key == m.key }) {
			continue // said under another name already
		}
		claims = append(claims, session.Claim{Key: m.key, Values: values, Multi: m.multi})
	}
	return claims
}

// lasting are the claims that later requests of the session have too (ST-71b).
func lasting(claims []session.Claim) []session.Claim {
	var kept []session.Claim
	for _, c := range claims {
		switch c.Key {
		case "saml:namequalifier", "saml:sub", "saml:sub_type":
			kept = append(kept, c)
		}
	}
	return kept
}
