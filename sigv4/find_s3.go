package sigv4

import (
	"strconv"
	"strings"
	"time"
)

// findS3Header finds a credential in S3's order (S3-21): grammar, skew, scope's
// region and day, unsigned headers, payload.
func (a *Auth) findS3Header() error {
	header := a.r.Header.Get("Authorization")
	algorithm, rest, _ := strings.Cut(header, " ")
	switch {
	case algorithm == "AWS":
		return NewError(UnsupportedMechanism, a.Family)
	case !a.setAlgorithm(algorithm):
		return NewError(UnsupportedAuth, a.Family, Field{"ArgumentName", "Authorization"}, Field{"ArgumentValue", header})
	}
	p, _, ok := splitParts(rest)
	if !ok || p.credential == "" || p.signedHeaders == "" || p.signature == "" {
		return NewError(Incomplete, a.Family)
	}
	a.Signature = p.signature
	if err := a.s3Credential(p.credential); err != nil {
		return err
	}
	if a.Date, ok = a.s3HeaderDate(); !ok {
		return NewError(BadDate, a.Family)
	}
	if !a.fresh(func(now time.Time) bool { return within(now, a.Date, a.expect.Skew) }) {
		return NewError(Skewed, a.Family,
			Field{"RequestTime", a.Date.Format(timeFormat)},
			Field{"ServerTime", isoTime(a.expect.Now)},
			Field{"MaxAllowedSkewMilliseconds", strconv.FormatInt(a.expect.Skew.Milliseconds(), 10)})
	}
	return a.s3Rest(p.signedHeaders)
}

// s3HeaderDate reads the date: x-amz-date beats Date (S3-24).
func (a *Auth) s3HeaderDate() (time.Time, bool) {
	if _, ok := a.r.Header["X-Amz-Date"]; ok {
		return parseDate(a.r.Header.Get("X-Amz-Date"))
	}
	return parseHTTPDate(a.r.Header.Get("Date"))
}

// findS3Query finds a presigned URL's credential in S3's order (S3-26).
func (a *Auth) findS3Query() error {
	q := a.r.Query
	for _, name := range [...]string{"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-Date", "X-Amz-SignedHeaders", "X-Amz-Expires"} {
		if !q.Has(name) {
			return NewError(IncompleteQuery, a.Family)
		}
	}
	if !a.setAlgorithm(q.Get("X-Amz-Algorithm")) {
		return fail(IncompleteQuery, a.Family, `X-Amz-Algorithm only supports "AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256"`)
	}
	a.Signature = q.Get("X-Amz-Signature")
	if err := a.s3Credential(q.Get("X-Amz-Credential")); err != nil {
		return err
	}
	var ok bool
	if a.Date, ok = parseDate(q.Get("X-Amz-Date")); !ok {
		return fail(IncompleteQuery, a.Family, `X-Amz-Date must be in the ISO8601 Long Format "yyyyMMdd'T'HHmmss'Z'"`)
	}
	var message string
	if a.Expires, message = parseExpires(q.Get("X-Amz-Expires")); message != "" {
		return fail(BadExpires, a.Family, message)
	}
	a.ExpiresAt = a.Date.Add(a.Expires)
	if err := a.s3Window(); err != nil {
		return err
	}
	return a.s3Rest(q.Get("X-Amz-SignedHeaders"))
}

// s3Window checks a presigned URL's validity. Both ends must hold for one and
// the same clock.
func (a *Auth) s3Window() error {
	if a.fresh(func(now time.Time) bool { return !a.Date.After(now.Add(a.expect.Skew)) && now.Before(a.ExpiresAt) }) {
		return nil
	}
	now := a.expect.Now
	if a.Date.After(now.Add(a.expect.Skew)) {
		return NewError(NotYetValid, a.Family,
			Field{"RequestTime", a.Date.Format(timeFormat)}, Field{"ServerTime", isoTime(now)})
	}
	return NewError(Expired, a.Family,
		Field{"X-Amz-Expires", strconv.FormatInt(int64(a.Expires/time.Second), 10)},
		Field{"Expires", isoTime(a.ExpiresAt)}, Field{"ServerTime", isoTime(now)})
}

// s3Credential checks the credential's grammar, service and terminal (S3-22).
func (a *Auth) s3Credential(credential string) error {
	kind, mismatch, prefix := BadCredential, ScopeMismatch, malformed
	if a.Carrier == CarrierQuery {
		kind, mismatch, prefix = BadCredentialQuery, ScopeMismatchQuery, malformedQuery
	}
	term, ok := a.setCredential(credential)
	if !ok {
		shape := `"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request"`
		if a.Algorithm == ECDSAP256SHA256 {
			shape = `"<YOUR-AKID>/YYYYMMDD/SERVICE/aws4_request"`
		}
		return fail(kind, a.Family, prefix+"the Credential is mal-formed; expecting "+shape+".")
	}
	if _, err := time.Parse(dateFormat, a.ScopeDate); err != nil || len(a.ScopeDate) != len(dateFormat) {
		return fail(kind, a.Family, prefix+"incorrect date format "+quoted(a.ScopeDate)+`. This date in the credential must be in the format "yyyyMMdd".`)
	}
	if a.expect.Service == "" || a.Service != a.expect.Service {
		return fail(mismatch, a.Family, prefix+"incorrect service "+quoted(a.Service)+". This endpoint belongs to "+quoted(a.expect.Service)+".")
	}
	if term != terminator {
		return fail(mismatch, a.Family, prefix+"incorrect terminal "+quoted(term)+". This endpoint uses "+quoted(terminator)+".")
	}
	return nil
}

func quoted(s string) string { return `"` + s + `"` }

// s3Rest is what header and query have in common behind the time.
func (a *Auth) s3Rest(signedHeaders string) error {
	mismatch, prefix := ScopeMismatch, malformed
	if a.Carrier == CarrierQuery {
		mismatch, prefix = ScopeMismatchQuery, malformedQuery
	}
	region := a.Region
	if a.Algorithm == ECDSAP256SHA256 {
		if !a.setRegionSet() {
			return fail(mismatch, a.Family, prefix+"the region set is missing")
		}
		region = strings.Join(a.RegionSet, ",")
	}
	if !a.regionHolds() {
		return fail(mismatch, a.Family, prefix+"the region '"+region+"' is wrong; expecting '"+a.expect.Region+"'", Field{"Region", a.expect.Region})
	}
	if day := a.Date.Format(dateFormat); a.ScopeDate != day {
		if a.Carrier == CarrierQuery {
			return fail(mismatch, a.Family, "Invalid credential date "+quoted(a.ScopeDate)+". This date is not the same as X-Amz-Date: "+quoted(day)+".")
		}
		return fail(mismatch, a.Family, prefix+"Invalid credential date. Date is not the same as X-Amz-Date.")
	}
	a.setSignedHeaders(signedHeaders)
	if !a.signsHost() {
		return NewError(HostNotSigned, a.Family, Field{"HeadersNotSigned", "host"})
	}
	if names := a.unsigned(); len(names) > 0 {
		return NewError(HeadersNotSigned, a.Family, Field{"HeadersNotSigned", strings.Join(names, ", ")})
	}
	if err := a.setToken(); err != nil {
		return err
	}
	return a.s3Payload()
}

// s3Payload takes the payload mode. A presigned URL that says nothing leaves
// its payload unsigned (WI-31); a header must say (S3-25).
func (a *Auth) s3Payload() error {
	value, declared := a.declaredPayload()
	switch {
	case declared:
		return a.setPayload(value)
	case a.Carrier == CarrierQuery:
		return a.setPayload(UnsignedPayload)
	default:
		return NewError(MissingPayloadHash, a.Family)
	}
}

// setPayload reads a payload hash or constant. The streaming forms need a route
// that takes them, and those with signed chunks a header of their algorithm.
func (a *Auth) setPayload(value string) error {
	a.PayloadHash = value
	ecdsa := false
	switch value {
	case UnsignedPayload:
		a.Payload = PayloadUnsigned
		return nil
	case StreamingUnsignedTrailer:
		a.Payload = PayloadChunkedUnsigned
		if !a.expect.Streaming {
			return NewError(StreamingNotAllowed, a.Family)
		}
		return nil
	case StreamingSigned:
		a.Payload = PayloadChunkedSigned
	case StreamingSignedTrailer:
		a.Payload = PayloadChunkedSignedTrailer
	case StreamingSignedECDSA:
		a.Payload, ecdsa = PayloadChunkedSigned, true
	case StreamingSignedECDSATrailer:
		a.Payload, ecdsa = PayloadChunkedSignedTrailer, true
	default:
		a.Payload = PayloadHashed
		if !isHexHash(value) {
			return NewError(InvalidPayloadHash, a.Family,
				Field{"ArgumentName", "x-amz-content-sha256"}, Field{"ArgumentValue", value})
		}
		return nil
	}
	if !a.expect.Streaming || a.Carrier != CarrierHeader || ecdsa != (a.Algorithm == ECDSAP256SHA256) {
		return NewError(StreamingNotAllowed, a.Family)
	}
	return nil
}
