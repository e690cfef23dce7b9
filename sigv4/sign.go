package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Credentials are what a client signs with.
type Credentials struct {
	// AccessKeyID is the public half.
	AccessKeyID string
	// SecretAccessKey is the secret half.
	SecretAccessKey string
	// SessionToken is sent along when it is not empty.
	SessionToken string
}

// SignOptions say how to sign. The zero Algorithm is Signature Version 4.
type SignOptions struct {
	// Algorithm is HMACSHA256 or ECDSAP256SHA256.
	Algorithm Algorithm
	// Family is the family of the service.
	Family Family
	// Service is the scope's service.
	Service string
	// Region is the scope's region, or with SigV4A the region set.
	Region string
	// Time is the signing time.
	Time time.Time
	// PayloadHash is the hex SHA-256 of the body or one of the constants. Empty
	// means an empty body, and UNSIGNED-PAYLOAD for an S3 presigned URL.
	PayloadHash string
}

// SignHeader signs a client's request in its Authorization header. It sets
// X-Amz-Date, X-Amz-Security-Token, with SigV4A X-Amz-Region-Set, and in S3
// X-Amz-Content-Sha256. It signs every header but those that proxies change.
// It returns the seed signature, for [NewChunkWriter].
func SignHeader(r *http.Request, c Credentials, o SignOptions) (signature string, err error) {
	if o.PayloadHash == "" {
		o.PayloadHash = EmptyPayloadHash
	}
	if r.Header == nil {
		r.Header = make(http.Header)
	}
	r.Header.Del("Authorization")
	r.Header.Set("X-Amz-Date", o.Time.UTC().Format(timeFormat))
	if c.SessionToken != "" {
		r.Header.Set("X-Amz-Security-Token", c.SessionToken)
	}
	if o.Family == FamilyS3 {
		r.Header.Set("X-Amz-Content-Sha256", o.PayloadHash)
	}
	if o.Algorithm == ECDSAP256SHA256 {
		r.Header.Set("X-Amz-Region-Set", o.Region)
	}
	parsed, err := NewRequest(r.Method, r.URL.RequestURI(), clientHost(r), r.Header)
	if err != nil {
		return "", err
	}
	a := newSigner(parsed, CarrierHeader, c, o)
	a.SignedHeaders = headersToSign(r.Header)
	signature, err = a.sign(c)
	if err != nil {
		return "", err
	}
	r.Header.Set("Authorization", algorithmName(o.Algorithm)+" Credential="+a.credential()+
		", SignedHeaders="+strings.Join(a.SignedHeaders, ";")+", Signature="+signature)
	return signature, nil
}

// Presign returns the presigned URL of a client's request; its headers that are
// present must be sent along. expires is rounded down to seconds.
func Presign(r *http.Request, c Credentials, o SignOptions, expires time.Duration) (string, error) {
	q := r.URL.RawQuery
	add := func(name, value string) {
		if q != "" {
			q += "&"
		}
		q = string(appendEscaped([]byte(q+name+"="), value, false))
	}
	a := newSigner(nil, CarrierQuery, c, o)
	a.SignedHeaders = headersToSign(r.Header)
	add("X-Amz-Algorithm", algorithmName(o.Algorithm))
	add("X-Amz-Credential", a.credential())
	add("X-Amz-Date", o.Time.UTC().Format(timeFormat))
	add("X-Amz-Expires", strconv.FormatInt(int64(expires/time.Second), 10))
	add("X-Amz-SignedHeaders", strings.Join(a.SignedHeaders, ";"))
	if o.Algorithm == ECDSAP256SHA256 {
		add("X-Amz-Region-Set", o.Region)
	}
	if c.SessionToken != "" {
		add("X-Amz-Security-Token", c.SessionToken)
	}
	switch {
	case o.PayloadHash != "" && o.Family == FamilyS3:
		add("X-Amz-Content-Sha256", o.PayloadHash)
	case o.Family == FamilyS3:
		a.PayloadHash = UnsignedPayload
	case o.PayloadHash == "":
		a.PayloadHash = EmptyPayloadHash
	}
	return finishURL(r, a, c, q, "X-Amz-Signature")
}

// PresignV2 returns the Signature Version 2 URL of a path-style S3 request.
func PresignV2(r *http.Request, c Credentials, expires time.Time) (string, error) {
	q := r.URL.RawQuery
	if q != "" {
		q += "&"
	}
	q = string(appendEscaped([]byte(q+"AWSAccessKeyId="), c.AccessKeyID, false))
	if c.SessionToken != "" {
		q = string(appendEscaped([]byte(q+"&x-amz-security-token="), c.SessionToken, false))
	}
	q += "&Expires=" + strconv.FormatInt(expires.Unix(), 10)
	a := &Auth{Carrier: CarrierQueryV2, Family: FamilyS3, Algorithm: HMACSHA1}
	return finishURL(r, a, c, q, "Signature")
}

// finishURL signs the URL with query q and adds the signature as parameter name.
func finishURL(r *http.Request, a *Auth, c Credentials, q, name string) (string, error) {
	path, _, _ := strings.Cut(r.URL.RequestURI(), "?")
	parsed, err := NewRequest(r.Method, path+"?"+q, clientHost(r), r.Header)
	if err != nil {
		return "", err
	}
	a.r = parsed
	signature, err := a.sign(c)
	if err != nil {
		return "", err
	}
	q = string(appendEscaped([]byte(q+"&"+name+"="), signature, false))
	return r.URL.Scheme + "://" + clientHost(r) + path + "?" + q, nil
}

// newSigner is the Auth that a verifier will find.
func newSigner(r *Request, carrier Carrier, c Credentials, o SignOptions) *Auth {
	return &Auth{
		Carrier: carrier, Algorithm: o.Algorithm, Family: o.Family, AccessKeyID: c.AccessKeyID,
		Date: o.Time.UTC(), ScopeDate: o.Time.UTC().Format(dateFormat), Region: o.Region, Service: o.Service,
		PayloadHash: o.PayloadHash, r: r,
	}
}

func (a *Auth) credential() string { return a.AccessKeyID + "/" + string(a.appendScope(nil)) }

// sign computes the signature of the request.
func (a *Auth) sign(c Credentials) (string, error) {
	if a.Algorithm == HMACSHA1 {
		return string(signV2([]byte(c.SecretAccessKey), a.stringToSignV2())), nil
	}
	path, _ := a.canonicalPaths()
	return a.signData(c, a.stringToSign(a.canonicalRequest(path, a.PayloadHash)))
}

func (a *Auth) signData(c Credentials, data []byte) (string, error) {
	if a.Algorithm == ECDSAP256SHA256 {
		key, err := privateKey(c.AccessKeyID, []byte(c.SecretAccessKey))
		if err != nil {
			return "", err
		}
		return signECDSA(key, data)
	}
	key := SigningKey([]byte(c.SecretAccessKey), a.ScopeDate, a.Region, a.Service)
	return hex.EncodeToString(hmacSHA256(key, data)), nil
}

func clientHost(r *http.Request) string {
	if r.Host != "" {
		return r.Host
	}
	return r.URL.Host
}

// headersToSign lists host and every header but those that clients and proxies
// add or change under way.
func headersToSign(h http.Header) []string {
	names := []string{"host"}
	for name := range h {
		switch name {
		case "Authorization", "User-Agent", "Expect", "Transfer-Encoding", "Content-Length", "Connection",
			"Accept-Encoding", "X-Amzn-Trace-Id", "Amz-Sdk-Invocation-Id", "Amz-Sdk-Request", "Trailer":
		default:
			names = append(names, lowerToken(name))
		}
	}
	slices.Sort(names)
	return names
}

// SignPostPolicy signs an S3 POST form's base64 policy with a key of
// [SigningKey] (S3-32).
func SignPostPolicy(key []byte, policy string) string {
	return hex.EncodeToString(hmacSHA256(key, []byte(policy)))
}

// VerifyPostPolicy checks the signature of an S3 POST form's base64 policy, as
// sent, with a key of [SigningKey] (S3-32). The error is an [*Error].
func VerifyPostPolicy(key []byte, policy, signature string) error {
	if len(key) != sha256.Size || policy == "" || !hmac.Equal([]byte(SignPostPolicy(key, policy)), []byte(signature)) {
		return NewError(BadSignature, FamilyS3)
	}
	return nil
}

// VerifyPostPolicyV2 is [VerifyPostPolicy] for Signature Version 2 forms.
func VerifyPostPolicyV2(secret []byte, policy, signature string) error {
	if len(secret) == 0 || policy == "" || !hmac.Equal(signV2(secret, []byte(policy)), []byte(signature)) {
		return NewError(BadSignature, FamilyS3)
	}
	return nil
}
