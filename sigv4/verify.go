package sigv4

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
)

// SigningKey derives the Signature Version 4 key; date is YYYYMMDD (WI-1).
func SigningKey(secret []byte, date, region, service string) []byte {
	seed := make([]byte, 0, len(secret)+4)
	seed = append(append(seed, "AWS4"...), secret...)
	key := hmacSHA256(seed, []byte(date))
	key = hmacSHA256(key, []byte(region))
	key = hmacSHA256(key, []byte(service))
	return hmacSHA256(key, []byte(terminator))
}

func hmacSHA256(key, data []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(data)
	return h.Sum(nil)
}

// Key derives the verifying key: what VerifyWithKey wants and a caller may
// cache under AccessKeyID and KeyScope. With Signature Version 4 and 2 it is as
// secret as the secret; with SigV4A it is a public key.
func (a *Auth) Key(secret []byte) ([]byte, error) {
	switch a.Algorithm {
	case ECDSAP256SHA256:
		private, err := privateKey(a.AccessKeyID, secret)
		if err != nil {
			return nil, err
		}
		return private.PublicKey.Bytes()
	case HMACSHA1:
		return bytes.Clone(secret), nil
	default:
		return SigningKey(secret, a.ScopeDate, a.Region, a.Service), nil
	}
}

// KeyScope names what Key depends on besides the access key: algorithm, day,
// region and service. All of it but the algorithm is the client's choice, so a
// cache should admit a key only after it has verified.
func (a *Auth) KeyScope() string {
	switch a.Algorithm {
	case ECDSAP256SHA256:
		return "ecdsa"
	case HMACSHA1:
		return "v2"
	default:
		return string(a.appendScope(make([]byte, 0, 64)))
	}
}

// Verify checks the signature. secret is the secret access key; bodyHash is the
// hex SHA-256 of the body, and may be empty for S3, whose Body reader checks it.
// The error is an [*Error].
func (a *Auth) Verify(secret []byte, bodyHash string) error {
	if a.Carrier == CarrierNone || len(secret) == 0 {
		return NewError(BadSignature, a.Family)
	}
	key, err := a.Key(secret)
	if err != nil {
		return NewError(BadSignature, a.Family)
	}
	return a.VerifyWithKey(key, bodyHash)
}

// VerifyWithKey is Verify with a key that Key returned earlier.
func (a *Auth) VerifyWithKey(key []byte, bodyHash string) error {
	a.verified, a.key = false, nil
	if a.Carrier == CarrierNone || len(key) == 0 {
		return NewError(BadSignature, a.Family)
	}
	if !a.bodyHolds(bodyHash) {
		return NewError(bodyKind(a.Family), a.Family)
	}
	if !a.signatureHolds(key, bodyHash) {
		return a.mismatch(bodyHash)
	}
	a.verified, a.key = true, bytes.Clone(key)
	return nil
}

// bodyHolds compares the body's hash with the declared one. Without S3's Body
// reader there must be a hash to compare (WI-5).
func (a *Auth) bodyHolds(bodyHash string) bool {
	if a.Family == FamilyS3 {
		return bodyHash == "" || a.Payload != PayloadHashed || sameToken(a.PayloadHash, bodyHash)
	}
	return isHexHash(bodyHash) && (a.PayloadHash == "" || sameToken(a.PayloadHash, bodyHash))
}

func bodyKind(f Family) Kind {
	if f == FamilyS3 {
		return BadPayload
	}
	return BadSignature
}

func (a *Auth) signatureHolds(key []byte, bodyHash string) bool {
	if a.Carrier == CarrierQueryV2 {
		return a.checkV2(key)
	}
	path, other := a.canonicalPaths()
	hash := a.hashToSign(bodyHash)
	if a.check(key, a.stringToSign(a.canonicalRequest(path, hash)), a.Signature) {
		return true
	}
	return other != "" && a.check(key, a.stringToSign(a.canonicalRequest(other, hash)), a.Signature)
}

// check verifies a hex signature over data with the algorithm's key.
func (a *Auth) check(key, data []byte, signature string) bool {
	if a.Algorithm == ECDSAP256SHA256 {
		return checkECDSA(key, data, signature)
	}
	if len(signature) != 2*sha256.Size {
		return false
	}
	h := hmac.New(sha256.New, key)
	h.Write(data)
	var sum [sha256.Size]byte
	var want [2 * sha256.Size]byte
	hex.Encode(want[:], h.Sum(sum[:0]))
	return subtle.ConstantTimeCompare(want[:], []byte(signature)) == 1
}

// mismatch is the error of a wrong signature. S3 shows what it computed, none
// of which the client does not know but the spelling.
func (a *Auth) mismatch(bodyHash string) *Error {
	e := NewError(BadSignature, a.Family)
	if a.Family != FamilyS3 {
		return e
	}
	canonical, toSign := a.Canonical(bodyHash)
	e.Extra = []Field{
		{"AWSAccessKeyId", a.AccessKeyID},
		{"StringToSign", toSign},
		{"SignatureProvided", a.Signature},
		{"StringToSignBytes", fmt.Sprintf("% x", toSign)},
	}
	if canonical != "" {
		e.Extra = append(e.Extra, Field{"CanonicalRequest", canonical},
			Field{"CanonicalRequestBytes", fmt.Sprintf("% x", canonical)})
	}
	return e
}
