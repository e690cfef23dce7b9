package sigv4

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// findQuery finds a credential in the order of the query and JSON services
// (§5.2 steps 2 to 9).
func (a *Auth) findQuery() error {
	var p parts
	var date string
	var err error
	if a.Carrier == CarrierHeader {
		p, date, err = a.queryHeaderParts()
	} else {
		p, date, err = a.queryParamParts()
	}
	if err != nil {
		return err
	}
	if !a.setAlgorithm(p.algorithm) {
		return fail(UnsupportedAlgorithm, a.Family, "Unsupported AWS 'algorithm': '"+p.algorithm+"'.")
	}
	a.Signature = p.signature
	if err := a.queryDate(date); err != nil {
		return err
	}
	a.setSignedHeaders(p.signedHeaders)
	if !a.signsHost() {
		return NewError(HostNotSigned, a.Family)
	}
	if names := a.unsigned(); len(names) > 0 {
		return fail(HeadersNotSigned, a.Family, "'"+names[0]+"' must be a 'SignedHeader' in the AWS Authorization.")
	}
	term, ok := a.setCredential(p.credential)
	if !ok {
		shape, n := "keyid/date/region/service/term", 5
		if a.Algorithm == ECDSAP256SHA256 {
			shape, n = "keyid/date/service/term", 4
		}
		return fail(BadCredential, a.Family, fmt.Sprintf("Credential must have exactly %d slash-delimited elements, e.g. %s, got '%s'", n, shape, p.credential))
	}
	if a.Algorithm == ECDSAP256SHA256 && !a.setRegionSet() {
		return fail(Incomplete, a.Family, "Authorization header requires existence of a 'X-Amz-Region-Set' header. Authorization="+p.algorithm)
	}
	if err := a.queryScope(term); err != nil {
		return err
	}
	if err := a.queryTime(); err != nil {
		return err
	}
	if err := a.setToken(); err != nil {
		return err
	}
	return a.queryPayload()
}

// queryHeaderParts takes the Authorization header apart (steps 2 and 3).
func (a *Auth) queryHeaderParts() (p parts, date string, err error) {
	header := a.r.Header.Get("Authorization")
	if !strings.HasPrefix(header, "AWS4-") {
		return parts{}, "", NewError(MissingAuth, a.Family)
	}
	algorithm, rest, _ := strings.Cut(header, " ")
	p, bad, ok := splitParts(rest)
	p.algorithm = algorithm
	if !ok {
		return parts{}, "", fail(Incomplete, a.Family, fmt.Sprintf("'%s' not a valid key=value pair (missing equal-sign) in Authorization header: '%s'.", bad, header))
	}
	var message strings.Builder
	for _, part := range [...]struct{ name, value string }{
		{"Credential", p.credential}, {"Signature", p.signature}, {"SignedHeaders", p.signedHeaders},
	} {
		if part.value == "" {
			fmt.Fprintf(&message, "Authorization header requires '%s' parameter. ", part.name)
		}
	}
	date = a.r.Header.Get("X-Amz-Date")
	if date == "" {
		date = a.r.Header.Get("Date")
	}
	if date == "" {
		message.WriteString("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ")
	}
	if message.Len() > 0 {
		return parts{}, "", fail(Incomplete, a.Family, message.String()+"Authorization="+header)
	}
	return p, date, nil
}

// queryParamParts takes the query's parameters together (step 3).
func (a *Auth) queryParamParts() (p parts, date string, err error) {
	var message strings.Builder
	take := func(name string) string {
		value := a.r.Query.Get(name)
		if value == "" {
			fmt.Fprintf(&message, "AWS query-string parameters must include '%s'. ", name)
		}
		return value
	}
	p.algorithm = take("X-Amz-Algorithm")
	p.credential = take("X-Amz-Credential")
	p.signature = take("X-Amz-Signature")
	p.signedHeaders = take("X-Amz-SignedHeaders")
	date = take("X-Amz-Date")
	if message.Len() > 0 {
		return parts{}, "", fail(IncompleteQuery, a.Family, message.String()+"Re-examine the query-string parameters.")
	}
	return p, date, nil
}

// splitParts splits the components of an Authorization header. Each may stand
// once and nothing else may; bad is the component at fault.
func splitParts(s string) (p parts, bad string, ok bool) {
	for piece := range strings.SplitSeq(s, ",") {
		piece = strings.TrimSpace(piece)
		name, value, equals := strings.Cut(piece, "=")
		if piece == "" && strings.TrimSpace(s) == "" {
			return p, "", true
		}
		var into *string
		switch name {
		case "Credential":
			into = &p.credential
		case "SignedHeaders":
			into = &p.signedHeaders
		case "Signature":
			into = &p.signature
		}
		if into == nil || !equals || *into != "" {
			return p, piece, false
		}
		*into = value
	}
	return p, "", true
}

// queryDate reads the date (step 5).
func (a *Auth) queryDate(s string) error {
	parse := parseDate
	if a.Carrier == CarrierHeader && a.r.Header.Get("X-Amz-Date") == "" {
		parse = parseHTTPDate
	}
	var ok bool
	if a.Date, ok = parse(s); !ok {
		return fail(BadDate, a.Family, "Date must be in ISO-8601 'basic format'. Got '"+s+"'. See http://en.wikipedia.org/wiki/ISO_8601")
	}
	return nil
}

// queryScope checks the scope, all complaints in one text (step 8).
func (a *Auth) queryScope(term string) error {
	var complaints []string
	if !a.regionHolds() {
		region := a.Region
		if a.Algorithm == ECDSAP256SHA256 {
			region = strings.Join(a.RegionSet, ",")
		}
		complaints = append(complaints, "Credential should be scoped to a valid region, not '"+region+"'.")
	}
	if a.expect.Service == "" || a.Service != a.expect.Service {
		complaints = append(complaints, "Credential should be scoped to correct service: '"+a.expect.Service+"'.")
	}
	if term != terminator {
		complaints = append(complaints, "Credential should be scoped with a valid terminator: 'aws4_request', not '"+term+"'.")
	}
	if day := a.Date.Format(dateFormat); a.ScopeDate != day {
		complaints = append(complaints, fmt.Sprintf("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '%s' != '%s', from '%s'.",
			a.ScopeDate, day, a.Date.Format(timeFormat)))
	}
	if len(complaints) > 0 {
		return fail(ScopeMismatch, a.Family, strings.Join(complaints, " "))
	}
	return nil
}

// queryTime checks freshness (step 9). A presigned URL of these services holds
// as long as a header does, whatever its X-Amz-Expires says: STS does so, and
// EKS tokens, which say 60 seconds, live by it (WI-32, TH-14).
func (a *Auth) queryTime() error {
	if a.Carrier == CarrierQuery {
		a.ExpiresAt = a.Date.Add(a.expect.Skew)
		if a.r.Query.Has("X-Amz-Expires") {
			seconds, message := parseExpires(a.r.Query.Get("X-Amz-Expires"))
			if message != "" {
				return fail(BadExpires, a.Family, message)
			}
			a.Expires = seconds
		}
	}
	if a.fresh(func(now time.Time) bool { return within(now, a.Date, a.expect.Skew) }) {
		return nil
	}
	now, minutes := a.expect.Now.UTC(), int(a.expect.Skew/time.Minute)
	if a.Date.Before(now) {
		return fail(Expired, a.Family, fmt.Sprintf("Signature expired: %s is now earlier than %s (%s - %d min.)",
			a.Date.Format(timeFormat), now.Add(-a.expect.Skew).Format(timeFormat), now.Format(timeFormat), minutes))
	}
	return fail(NotYetValid, a.Family, fmt.Sprintf("Signature not yet current: %s is still later than %s (%s + %d min.)",
		a.Date.Format(timeFormat), now.Add(a.expect.Skew).Format(timeFormat), now.Format(timeFormat), minutes))
}

// within reports whether date lies no further than skew from now.
func within(now, date time.Time, skew time.Duration) bool {
	d := now.Sub(date)
	return -skew <= d && d <= skew
}

// parseExpires reads X-Amz-Expires (WI-30); message is the complaint, if any.
func parseExpires(s string) (d time.Duration, message string) {
	n, err := strconv.ParseInt(s, 10, 64)
	switch {
	case err != nil:
		return 0, "X-Amz-Expires should be a number"
	case n < 1:
		return 0, "X-Amz-Expires must be non-negative"
	case n > int64(MaxExpires/time.Second):
		return 0, "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds"
	}
	return time.Duration(n) * time.Second, ""
}

// queryPayload takes the declared hash, if any. Only a hash will do here: the
// constants are for S3 (WI-5, TH-13).
func (a *Auth) queryPayload() error {
	a.Payload = PayloadHashed
	value, declared := a.declaredPayload()
	if !declared {
		return nil
	}
	if !isHexHash(value) {
		return NewError(InvalidPayloadHash, a.Family)
	}
	a.PayloadHash = value
	return nil
}

// declaredPayload returns what x-amz-content-sha256 says. A presigned URL's own
// parameter comes first.
func (a *Auth) declaredPayload() (value string, ok bool) {
	if a.Carrier == CarrierQuery {
		i := slices.IndexFunc(a.r.Query.pairs, func(p Pair) bool { return sameToken(p.Name, "x-amz-content-sha256") })
		if i >= 0 {
			return a.r.Query.pairs[i].Value, true
		}
	}
	values, ok := a.r.Header["X-Amz-Content-Sha256"]
	if !ok || len(values) == 0 {
		return "", false
	}
	return values[0], true
}

// isHexHash reports whether s is a SHA-256 in hex.
func isHexHash(s string) bool {
	if len(s) != 64 {
		return false
	}
	for i := range len(s) {
		if unhex(s[i]) < 0 {
			return false
		}
	}
	return true
}
