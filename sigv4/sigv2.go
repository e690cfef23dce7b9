package sigv4

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// findV2 finds a Signature Version 2 URL's credential (S3-28). It signs little,
// so it opens little: reading and writing a plain object (WI-34, TH-15).
func (a *Auth) findV2() error {
	if a.Family != FamilyS3 {
		return NewError(MissingAuth, a.Family)
	}
	if a.expect.NoV2 {
		return NewError(UnsupportedMechanism, a.Family)
	}
	a.Algorithm, a.Service = HMACSHA1, "s3"
	q := a.r.Query
	a.AccessKeyID = q.Get("AWSAccessKeyId")
	// A "+" that was not escaped arrives as a blank.
	a.Signature = strings.ReplaceAll(q.Get("Signature"), " ", "+")
	expires := q.Get("Expires")
	if a.AccessKeyID == "" || a.Signature == "" || expires == "" {
		return NewError(IncompleteV2, a.Family)
	}
	seconds, err := strconv.ParseInt(expires, 10, 64)
	if err != nil || seconds < 0 || seconds > 1<<40 || strconv.FormatInt(seconds, 10) != expires {
		return fail(IncompleteV2, a.Family, "Invalid date (should be seconds since epoch): "+expires)
	}
	a.ExpiresAt = time.Unix(seconds, 0).UTC()
	if !a.fresh(func(now time.Time) bool { return now.Before(a.ExpiresAt) && a.ExpiresAt.Sub(now) <= MaxExpires }) {
		if a.ExpiresAt.Sub(a.expect.Now) > MaxExpires {
			return fail(RefusedV2, a.Family, "A Signature Version 2 URL may expire at most 604800 seconds ahead.")
		}
		return NewError(Expired, a.Family, Field{"Expires", isoTime(a.ExpiresAt)}, Field{"ServerTime", isoTime(a.expect.Now)})
	}
	if !a.plainV2() {
		return NewError(RefusedV2, a.Family)
	}
	if err := a.setToken(); err != nil {
		return err
	}
	return a.payloadV2()
}

// plainV2 reports whether the request reads or writes a plain object with
// parameters that Signature Version 2 signs, and no others (S3-29).
func (a *Auth) plainV2() bool {
	switch a.r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPut:
	default:
		return false
	}
	if _, copies := a.r.Header["X-Amz-Copy-Source"]; copies {
		return false
	}
	if !a.namesObject() {
		return false
	}
	for i := range a.r.Query.pairs {
		if p := &a.r.Query.pairs[i]; !a.allowedV2(p) {
			return false
		}
	}
	return true
}

// namesObject reports whether the path has a key in it.
func (a *Auth) namesObject() bool {
	key := a.r.Path[1:]
	if a.expect.Bucket == "" {
		_, key, _ = strings.Cut(key, "/")
	}
	return key != ""
}

func (a *Auth) allowedV2(p *Pair) bool {
	switch p.Name {
	case "AWSAccessKeyId", "Signature", "Expires":
		return true
	case "versionId", "response-content-type", "response-content-language", "response-expires",
		"response-cache-control", "response-content-disposition", "response-content-encoding":
		// Raw names are what is signed, so they must be the plain ones.
		return p.RawName == p.Name
	case "content-type", "content-md5":
		return a.sameAsHeader(p)
	}
	if !hasTokenPrefix(p.Name, "x-amz-") || sameToken(p.Name, "x-amz-copy-source") {
		return false
	}
	return sameToken(p.Name, "x-amz-security-token") || a.sameAsHeader(p)
}

// sameAsHeader reports whether a parameter that acts as a header does not
// contradict the header itself.
func (a *Auth) sameAsHeader(p *Pair) bool {
	values, ok := a.r.Header[http.CanonicalHeaderKey(p.Name)]
	return !ok || len(values) == 1 && values[0] == p.Value
}

// payloadV2 takes the payload mode: unsigned unless x-amz-content-sha256, which
// is signed like every x-amz-* header, says a hash.
func (a *Auth) payloadV2() error {
	value, declared := a.declaredPayload()
	if !declared {
		value = UnsignedPayload
	}
	return a.setPayload(value)
}

// headerV2 is the value of a header or of the parameter that stands for it.
func (a *Auth) headerV2(name string) string {
	if values := a.r.Header[http.CanonicalHeaderKey(name)]; len(values) > 0 {
		return strings.TrimSpace(values[0])
	}
	return a.r.Query.Get(name)
}

// stringToSignV2 builds Signature Version 2's string (WI-34): method, MD5, type,
// expiry, the x-amz-* headers, and the resource with its bucket.
func (a *Auth) stringToSignV2() []byte {
	r := a.r
	out := make([]byte, 0, 512)
	for _, line := range [...]string{r.Method, a.headerV2("content-md5"), a.headerV2("content-type"), r.Query.Get("Expires")} {
		out = append(append(out, line...), '\n')
	}
	amz := make(map[string]string)
	for i := range r.Query.pairs {
		if p := &r.Query.pairs[i]; hasTokenPrefix(p.Name, "x-amz-") {
			amz[lowerToken(p.Name)] = strings.TrimSpace(p.Value)
		}
	}
	for name, values := range r.Header {
		if hasTokenPrefix(name, "x-amz-") {
			trimmed := make([]string, len(values))
			for i, v := range values {
				trimmed[i] = strings.TrimSpace(v)
			}
			amz[lowerToken(name)] = strings.Join(trimmed, ",")
		}
	}
	names := make([]string, 0, len(amz))
	for name := range amz {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		out = append(append(append(append(out, name...), ':'), amz[name]...), '\n')
	}
	return a.appendResourceV2(out)
}

func (a *Auth) appendResourceV2(out []byte) []byte {
	if a.expect.Bucket != "" {
		out = append(append(out, '/'), a.expect.Bucket...)
	}
	out = append(out, a.r.Path...)
	var signed []Pair
	for p := range a.r.Query.All() {
		if p.Name == "versionId" || strings.HasPrefix(p.Name, "response-") {
			signed = append(signed, p)
		}
	}
	slices.SortStableFunc(signed, func(x, y Pair) int { return strings.Compare(x.Name, y.Name) })
	for i, p := range signed {
		separator := byte('&')
		if i == 0 {
			separator = '?'
		}
		out = append(append(out, separator), p.Name...)
		if p.HasEquals {
			out = append(append(out, '='), p.Value...)
		}
	}
	return out
}

// checkV2 compares the signature, in constant time.
func (a *Auth) checkV2(secret []byte) bool {
	return subtle.ConstantTimeCompare(signV2(secret, a.stringToSignV2()), []byte(a.Signature)) == 1
}

func signV2(secret, data []byte) []byte {
	h := hmac.New(sha1.New, secret)
	h.Write(data)
	return base64.StdEncoding.AppendEncode(nil, h.Sum(nil))
}
