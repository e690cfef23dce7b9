package oidc

import (
	"encoding/base64"
	"iter"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json"

	"github.com/regent-iam/regent/arn"
)

// A Token is a JSON Web Token that was read. Nothing that it says is true until
// Verify has succeeded.
type Token struct {
	// Issuer is iss as the token has it.
	Issuer  string
	Subject string // 1 to 255 bytes
	// Audiences is aud; a single one is a list of one.
	Audiences []string
	Expires   int64 // seconds since the epoch
	Issued    int64
	NotBefore int64 // 0 when the token does not say

	claims    map[string]json.RawMessage
	signature *jose.JSONWebSignature
	algorithm jose.SignatureAlgorithm
	key       string // kid
}

// algorithms are those that AWS takes (ST-61). All are asymmetric: "none" and
// the HMACs, whose key a provider publishes, are not among them (TH-92).
func algorithms() []jose.SignatureAlgorithm {
	return []jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512, jose.ES256, jose.ES384, jose.ES512}
}

// maxToken is the longest token, in bytes; STS takes no longer one.
const maxToken = 20000

// Limits of claims. ST-68 has that of the subject.
const (
	maxSubject  = 255
	maxAudience = 255
)

// Parse reads a token in its compact form. Its errors are ErrToken and
// MissingClaimError. What two readers could understand differently is refused:
// members that are there twice, names in another case, critical extensions, and
// keys that the token brings along.
func Parse(text string) (*Token, error) {
	if len(text) > maxToken || strings.Count(text, ".") != 2 {
		return nil, ErrToken
	}
	t := new(Token)
	if !t.readHeader(text[:strings.IndexByte(text, '.')]) {
		return nil, ErrToken
	}
	var err error
	if t.signature, err = jose.ParseSignedCompact(text, algorithms()); err != nil {
		return nil, ErrToken
	}
	t.algorithm = jose.SignatureAlgorithm(t.signature.Signatures[0].Protected.Algorithm)
	t.key = t.signature.Signatures[0].Protected.KeyID
	if err := json.Unmarshal(t.signature.UnsafePayloadWithoutVerification(), &t.claims); err != nil || t.claims == nil {
		return nil, ErrToken
	}
	return t, t.readClaims()
}

// readHeader checks the header before anything of it is used.
func (t *Token) readHeader(segment string) bool {
	raw, err := base64.RawURLEncoding.DecodeString(segment)
	if err != nil {
		return false
	}
	var header map[string]json.RawMessage
	if err := json.Unmarshal(raw, &header); err != nil {
		return false
	}
	for _, name := range []string{"crit", "b64", "jwk", "jku", "x5c", "x5u", "enc", "zip"} {
		if _, ok := header[name]; ok {
			return false
		}
	}
	if raw, ok := header["typ"]; ok {
		typ, ok := text(raw)
		// A token of another kind, such as one of logout, is no proof of who
		// somebody is.
		switch strings.TrimPrefix(arn.Fold(typ), "application/") {
		case "jwt", "at+jwt":
		default:
			ok = false
		}
		return ok
	}
	return true
}

// A MissingClaimError names a claim that a token must have and has not.
type MissingClaimError struct{ Claim string }

func (e *MissingClaimError) Error() string { return "oidc: the token has no claim " + e.Claim }

// readClaims reads the claims that every token has (ST-63).
func (t *Token) readClaims() error {
	for _, name := range []string{"iss", "sub", "aud", "exp", "iat"} {
		if raw, ok := t.claims[name]; !ok || string(raw) == "null" {
			return &MissingClaimError{name}
		}
	}
	var ok [6]bool
	t.Issuer, ok[0] = text(t.claims["iss"])
	t.Subject, ok[1] = text(t.claims["sub"])
	t.Audiences, ok[2] = texts(t.claims["aud"])
	t.Expires, ok[3] = integer(t.claims["exp"])
	t.Issued, ok[4] = integer(t.claims["iat"])
	ok[5] = true
	if raw, has := t.claims["nbf"]; has {
		t.NotBefore, ok[5] = integer(raw)
	}
	if slices.Contains(ok[:], false) || t.Subject == "" || len(t.Subject) > maxSubject || len(t.Audiences) == 0 {
		return ErrToken
	}
	for _, a := range t.Audiences {
		if a == "" || len(a) > maxAudience {
			return ErrToken
		}
	}
	return nil
}

// Audience returns the audience that the token was made for: the first of its
// own that is among the client ids of a provider (ST-64).
func (t *Token) Audience(clients []string) (string, bool) {
	for _, a := range t.Audiences {
		if slices.Contains(clients, a) {
			return a, true
		}
	}
	return "", false
}

// Text returns a claim that is a string.
func (t *Token) Text(claim string) (string, bool) { return text(t.claims[claim]) }

// Texts returns a claim that is a string or a list of strings.
func (t *Token) Texts(claim string) ([]string, bool) { return texts(t.claims[claim]) }

// Decode reads a claim into v as encoding/json would, but for names, which
// must have the right case, and members that are there twice, which are errors.
// It reports false when there is no such claim.
func (t *Token) Decode(claim string, v any) (bool, error) {
	raw, ok := t.claims[claim]
	if !ok {
		return false, nil
	}
	if err := json.Unmarshal(raw, v); err != nil {
		return true, ErrToken
	}
	return true, nil
}

// Names yields the names of all claims, in no order.
func (t *Token) Names() iter.Seq[string] {
	return func(yield func(string) bool) {
		for name := range t.claims {
			if !yield(name) {
				return
			}
		}
	}
}

// Scalars returns the claims that are one string, number or truth value, with
// the value as policies have it. The members of an object are claims with a
// slash in their name, "google/organization_number".
func (t *Token) Scalars() map[string]string {
	out := map[string]string{}
	for name, raw := range t.claims {
		if value, ok := scalar(raw); ok {
			out[name] = value
			continue
		}
		var members map[string]json.RawMessage
		if len(raw) == 0 || raw[0] != '{' || json.Unmarshal(raw, &members) != nil {
			continue
		}
		for member, raw := range members {
			if _, there := t.claims[name+"/"+member]; there {
				continue // which says the same in another way
			}
			if value, ok := scalar(raw); ok {
				out[name+"/"+member] = value
			}
		}
	}
	return out
}

// scalar is a value as policies have it: an integer in its digits.
func scalar(raw json.RawMessage) (string, bool) {
	if s, ok := text(raw); ok {
		return s, true
	}
	if n, ok := integer(raw); ok {
		return strconv.FormatInt(n, 10), true
	}
	s := string(raw)
	return s, s == "true" || s == "false"
}

func text(raw json.RawMessage) (string, bool) {
	if len(raw) == 0 || raw[0] != '"' {
		return "", false
	}
	var s string
	err := json.Unmarshal(raw, &s)
	return s, err == nil
}

func texts(raw json.RawMessage) ([]string, bool) {
	if s, ok := text(raw); ok {
		return []string{s}, true
	}
	var parts []json.RawMessage
	if len(raw) == 0 || raw[0] != '[' || json.Unmarshal(raw, &parts) != nil {
		return nil, false
	}
	list := make([]string, len(parts))
	for i := range parts {
		var ok bool
		if list[i], ok = text(parts[i]); !ok {
			return nil, false
		}
	}
	return list, true
}

// integer reads a number that is written in digits alone: AWS takes no
// fractions and no exponents (ST-63).
func integer(raw json.RawMessage) (int64, bool) {
	n, err := strconv.ParseInt(string(raw), 10, 64)
	return n, err == nil && string(raw) == strconv.FormatInt(n, 10)
}

// ProviderName returns the name of the provider that a token says it is from:
// its issuer without the scheme, which has to be https. Nothing else of it is
// changed: issuers are compared byte by byte (ST-60, TH-93).
func (v *Verifier) ProviderName(t *Token) (string, bool) {
	u, ok := v.endpoint(t.Issuer)
	if !ok || u.RawQuery != "" || u.ForceQuery {
		return "", false
	}
	name := t.Issuer[len(u.Scheme)+len("://"):]
	// A bare word would make the keys of its claims those of a service: "saml:sub".
	return name, strings.ContainsAny(name, ".:/")
}

// SameHost reports whether two URLs are of one host and port, whatever their
// spelling. A URL that cannot be read is of none.
func SameHost(a, b string) bool {
	x, ok := origin(a)
	y, also := origin(b)
	return ok && also && x == y
}

func origin(text string) (string, bool) {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" {
		return "", false
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[u.Scheme]
	}
	return arn.Fold(strings.TrimSuffix(u.Hostname(), ".")) + ":" + port, true
}

// endpoint reads a URL that Regent may go to as far as its form shows: https,
// or http to this machine where that is allowed.
func (v *Verifier) endpoint(text string) (*url.URL, bool) {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.User != nil || u.Opaque != "" || strings.Contains(text, "#") {
		return nil, false
	}
	if !strings.HasPrefix(text, u.Scheme+"://") { // the scheme in lower case
		return nil, false
	}
	return u, u.Scheme == "https" || u.Scheme == "http" && v.options.LoopbackHTTP && isLoopback(u.Hostname())
}

// isLoopback reports whether a host is this machine by its name.
func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}
