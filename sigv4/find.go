package sigv4

import (
	"errors"
	"slices"
	"strings"
	"time"
)

// ErrAnonymous is matched (errors.Is) by Find's error when the request carries
// no credential of any form. In S3 that is an anonymous caller: use [Anonymous].
var ErrAnonymous = errors.New("request carries no credential")

// Find finds the one credential of r and checks its grammar, scope and time in
// the documented order of e.Family (§5.2; S3-20 to S3-30). Errors are [*Error].
func Find(r *Request, e Expect) (*Auth, error) {
	if e.Skew <= 0 {
		e.Skew = DefaultSkew
	}
	a := &Auth{Family: e.Family, r: r, expect: e}
	seen := carriersOf(r)
	switch {
	case seen.count() > 1:
		err := NewError(BothAuth, e.Family)
		if e.Family == FamilyS3 {
			err.Extra = []Field{{"ArgumentName", "Authorization"}, {"ArgumentValue", r.Header.Get("Authorization")}}
		}
		return nil, err
	case seen.header:
		a.Carrier = CarrierHeader
	case seen.query:
		a.Carrier = CarrierQuery
	case seen.v2:
		a.Carrier = CarrierQueryV2
	default:
		err := NewError(MissingAuth, e.Family)
		err.anonymous = true
		return nil, err
	}
	if err := a.refuseRepeats(); err != nil {
		return nil, err
	}
	if err := a.find(); err != nil {
		return nil, err
	}
	return a, nil
}

// find dispatches on family and carrier.
func (a *Auth) find() error {
	switch {
	case a.Carrier == CarrierQueryV2:
		return a.findV2()
	case a.Family == FamilyS3 && a.Carrier == CarrierHeader:
		return a.findS3Header()
	case a.Family == FamilyS3:
		return a.findS3Query()
	default:
		return a.findQuery()
	}
}

// Anonymous returns the Auth of an S3 request for which Find returned
// [ErrAnonymous]. Its Body works, its Verify never succeeds.
func Anonymous(r *Request, e Expect) (*Auth, error) {
	if carriersOf(r).count() != 0 || e.Family != FamilyS3 {
		return nil, NewError(MissingAuth, e.Family)
	}
	a := &Auth{Family: e.Family, r: r, expect: e, Payload: PayloadUnsigned}
	if values := r.Header["X-Amz-Content-Sha256"]; len(values) > 1 {
		return nil, a.repeated("x-amz-content-sha256")
	} else if len(values) == 0 {
		return a, nil
	}
	// Signed chunks need a seed signature and are refused like any STREAMING
	// form out of place (S3-25).
	if err := a.setPayload(r.Header.Get("X-Amz-Content-Sha256")); err != nil {
		return nil, err
	}
	return a, nil
}

// ScopeService returns the service that the request's credential claims to be
// scoped to, for routing only (WI-50); "s3" for Signature Version 2. Nothing is
// verified; Find does so with Expect.Service.
func ScopeService(r *Request) (service string, ok bool) {
	var credential string
	switch seen := carriersOf(r); {
	case seen.count() != 1:
		return "", false
	case seen.v2:
		// Signature alone is also a parameter of SAML's redirect binding.
		return "s3", r.Query.Has("AWSAccessKeyId")
	case seen.query:
		credential = r.Query.Get("X-Amz-Credential")
	default:
		_, rest, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
		credential, _, _ = strings.Cut(rest, ",")
	}
	scope := strings.TrimSpace(credential)
	if strings.Count(scope, "/") < 3 {
		return "", false
	}
	scope = scope[:strings.LastIndexByte(scope, '/')]
	return scope[strings.LastIndexByte(scope, '/')+1:], true
}

// carriers are the places of a request where something like a credential stands.
type carriers struct{ header, query, v2 bool }

// carriersOf looks at the names only. Whatever resembles a credential counts, in
// any case and with any value, so that no reader behind us finds one that was
// not verified (TH-9).
func carriersOf(r *Request) carriers {
	var c carriers
	_, c.header = r.Header["Authorization"]
	for i := range r.Query.pairs {
		switch name := r.Query.pairs[i].Name; len(name) {
		case len("X-Amz-Algorithm"): // and of X-Amz-Signature
			c.query = c.query || sameToken(name, "x-amz-algorithm") || sameToken(name, "x-amz-signature")
		case len("X-Amz-Credential"):
			c.query = c.query || sameToken(name, "x-amz-credential")
		case len("AWSAccessKeyId"):
			c.v2 = c.v2 || sameToken(name, "awsaccesskeyid")
		case len("Signature"):
			c.v2 = c.v2 || sameToken(name, "signature")
		}
	}
	return c
}

func (c carriers) count() int {
	n := 0
	for _, set := range [...]bool{c.header, c.query, c.v2} {
		if set {
			n++
		}
	}
	return n
}

// refuseRepeats refuses what authentication reads when it came twice (TH-2).
func (a *Auth) refuseRepeats() error {
	for _, name := range [...]string{"Authorization", "X-Amz-Date", "X-Amz-Security-Token", "X-Amz-Content-Sha256", "X-Amz-Region-Set", "Date", "Content-Type"} {
		if len(a.r.Header[name]) > 1 {
			return a.repeated(name)
		}
	}
	if a.Carrier == CarrierHeader {
		return nil
	}
	pairs := a.r.Query.pairs
	for i := range pairs {
		name := pairs[i].Name
		if a.Carrier == CarrierQuery && !hasTokenPrefix(name, "x-amz-") {
			continue
		}
		for j := range i {
			if sameToken(pairs[j].Name, name) {
				return a.repeated(name)
			}
		}
	}
	return nil
}

func (a *Auth) repeated(name string) *Error {
	e := fail(Repeated, a.Family, "'"+name+"' must not be given more than once.")
	if a.Family == FamilyS3 {
		e.Extra = []Field{{"ArgumentName", name}}
	}
	return e
}

// parts are the texts of a credential as found in its carrier.
type parts struct{ algorithm, credential, signedHeaders, signature string }

// scope splits a credential and stores it. It reports false unless the
// credential has the parts that the algorithm wants: SigV4A's has no region.
func (a *Auth) setCredential(credential string) (term string, ok bool) {
	p := strings.Split(credential, "/")
	if a.Algorithm == ECDSAP256SHA256 {
		if len(p) != 4 {
			return "", false
		}
		p = slices.Insert(p, 2, "")
	}
	if len(p) != 5 || p[0] == "" {
		return "", false
	}
	a.AccessKeyID, a.ScopeDate, a.Region, a.Service = p[0], p[1], p[2], p[3]
	return p[4], true
}

// setAlgorithm stores the algorithm and reports whether it is known.
func (a *Auth) setAlgorithm(name string) bool {
	switch name {
	case "AWS4-HMAC-SHA256":
		a.Algorithm = HMACSHA256
	case "AWS4-ECDSA-P256-SHA256":
		a.Algorithm = ECDSAP256SHA256
	default:
		return false
	}
	return true
}

func algorithmName(a Algorithm) string {
	if a == ECDSAP256SHA256 {
		return "AWS4-ECDSA-P256-SHA256"
	}
	return "AWS4-HMAC-SHA256"
}

// setSignedHeaders lower-cases, sorts and de-duplicates (S3-23).
func (a *Auth) setSignedHeaders(list string) {
	a.SignedHeaders = make([]string, 0, 8)
	for name := range strings.SplitSeq(list, ";") {
		if name = lowerToken(strings.TrimSpace(name)); name != "" {
			a.SignedHeaders = append(a.SignedHeaders, name)
		}
	}
	slices.Sort(a.SignedHeaders)
	a.SignedHeaders = slices.Compact(a.SignedHeaders)
}

func (a *Auth) signs(name string) bool { return slices.Contains(a.SignedHeaders, name) }

func (a *Auth) signsHost() bool { return a.signs("host") || a.signs(":authority") }

// unsigned returns the names, in lower case and sorted, of headers that must be
// signed and are not: every x-amz-* (S3 exempts x-amz-content-sha256, S3-23),
// and a content-type other than the protocol's (WI-4, TH-8).
func (a *Auth) unsigned() []string {
	var names []string
	for name := range a.r.Header {
		if hasTokenPrefix(name, "x-amz-") && !a.signsFold(name) {
			if a.Family == FamilyS3 && name == "X-Amz-Content-Sha256" {
				continue
			}
			names = append(names, lowerToken(name))
		}
	}
	if a.Family != FamilyS3 && a.expect.ContentType != "" && !a.signs("content-type") {
		media, _, _ := strings.Cut(a.r.Header.Get("Content-Type"), ";")
		if media = strings.TrimSpace(media); media != "" && !sameToken(media, a.expect.ContentType) {
			names = append(names, "content-type")
		}
	}
	slices.Sort(names)
	return names
}

// signsFold is signs for a name in canonical case; it does not allocate.
func (a *Auth) signsFold(name string) bool {
	for _, s := range a.SignedHeaders {
		if sameToken(s, name) {
			return true
		}
	}
	return false
}

// setToken takes the session token from header or query. Both are covered by
// the signature: a header that is not signed was refused before (TH-17).
func (a *Auth) setToken() error {
	_, inHeader := a.r.Header["X-Amz-Security-Token"]
	var inQuery bool
	var value string
	for i := range a.r.Query.pairs {
		if p := &a.r.Query.pairs[i]; sameToken(p.Name, "x-amz-security-token") {
			if inQuery {
				return NewError(TokenTwice, a.Family)
			}
			inQuery, value = true, p.Value
		}
	}
	switch {
	case inHeader && inQuery:
		return NewError(TokenTwice, a.Family)
	case inHeader:
		a.Token, a.TokenIn = a.r.Header.Get("X-Amz-Security-Token"), CarrierHeader
	case inQuery:
		a.Token, a.TokenIn = value, CarrierQuery
	}
	if a.TokenIn != CarrierNone && a.Token == "" {
		return NewError(WrongToken, a.Family) // neither a token nor none
	}
	return nil
}

// setRegionSet takes SigV4A's regions, from the carrier of the signature.
func (a *Auth) setRegionSet() bool {
	list := a.r.Header.Get("X-Amz-Region-Set")
	if a.Carrier == CarrierQuery {
		list = a.r.Query.Get("X-Amz-Region-Set")
	}
	for region := range strings.SplitSeq(list, ",") {
		if region = strings.TrimSpace(region); region != "" {
			a.RegionSet = append(a.RegionSet, region)
		}
	}
	return len(a.RegionSet) > 0
}

// regionHolds reports whether the scope covers the expected region.
func (a *Auth) regionHolds() bool {
	want := a.expect.Region
	if a.Algorithm != ECDSAP256SHA256 {
		return a.Region != "" && (want == "" || a.Region == want)
	}
	return want == "" || slices.ContainsFunc(a.RegionSet, func(r string) bool {
		prefix, wild := strings.CutSuffix(r, "*")
		return r == want || wild && strings.HasPrefix(want, prefix)
	})
}

// fresh reports whether holds is true of Now or of AlsoNow.
func (a *Auth) fresh(holds func(now time.Time) bool) bool {
	return holds(a.expect.Now) || !a.expect.AlsoNow.IsZero() && holds(a.expect.AlsoNow)
}

// parseDate reads the time of X-Amz-Date: ISO 8601 basic, exactly.
func parseDate(s string) (time.Time, bool) {
	if len(s) != len(timeFormat) || s[8] != 'T' || s[15] != 'Z' {
		return time.Time{}, false
	}
	var part [6]int
	for i, at := range [...][2]int{{0, 4}, {4, 6}, {6, 8}, {9, 11}, {11, 13}, {13, 15}} {
		for _, c := range []byte(s[at[0]:at[1]]) {
			if c < '0' || c > '9' {
				return time.Time{}, false
			}
			part[i] = part[i]*10 + int(c-'0')
		}
	}
	if part[3] > 23 || part[4] > 59 || part[5] > 59 {
		return time.Time{}, false
	}
	t := time.Date(part[0], time.Month(part[1]), part[2], part[3], part[4], part[5], 0, time.UTC)
	// A day that the month does not have comes out as another.
	return t, t.Year() == part[0] && int(t.Month()) == part[1] && t.Day() == part[2]
}

// parseHTTPDate reads a Date header: ISO 8601 basic or RFC 1123 (WI-6).
func parseHTTPDate(s string) (time.Time, bool) {
	if t, ok := parseDate(s); ok {
		return t, true
	}
	for _, layout := range [...]string{"Mon, 02 Jan 2006 15:04:05 GMT", time.RFC1123Z} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}
