package sigv4

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math/big"
	"strings"
)

// maxCounter bounds the search for a private key. A candidate fails once in
// 2^32 or so; 254 failures do not happen.
const maxCounter = 254

// privateKey derives SigV4A's key of an access key (WI-42).
func privateKey(accessKeyID string, secret []byte) (*ecdsa.PrivateKey, error) {
	curve := elliptic.P256()
	limit := new(big.Int).Sub(curve.Params().N, big.NewInt(2))
	hmacKey := append([]byte("AWS4A"), secret...)
	for counter := 1; counter <= maxCounter; counter++ {
		input := []byte("\x00\x00\x00\x01AWS4-ECDSA-P256-SHA256\x00")
		input = append(input, accessKeyID...)
		input = append(input, byte(counter), 0, 0, 1, 0)
		candidate := new(big.Int).SetBytes(hmacSHA256(hmacKey, input))
		if candidate.Cmp(limit) > 0 {
			continue
		}
		d := candidate.Add(candidate, big.NewInt(1))
		return ecdsa.ParseRawPrivateKey(curve, d.FillBytes(make([]byte, 32)))
	}
	return nil, errors.New("no private key derives from the secret")
}

// checkECDSA verifies a hex DER signature. Chunk signatures come padded with
// "*" to one length.
func checkECDSA(key, data []byte, signature string) bool {
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), key)
	if err != nil {
		return false
	}
	der, err := hex.DecodeString(signature)
	if err != nil {
		return false
	}
	sum := sha256.Sum256(data)
	return ecdsa.VerifyASN1(public, sum[:], der)
}

// signECDSA signs data and returns the hex DER signature.
func signECDSA(key *ecdsa.PrivateKey, data []byte) (string, error) {
	sum := sha256.Sum256(data)
	der, err := ecdsa.SignASN1(rand.Reader, key, sum[:])
	if err != nil {
		return "", err
	}
	return hex.EncodeToString(der), nil
}

// trimPadding removes the padding of a SigV4A chunk signature. What the next
// chunk's string to sign names is the signature without it.
func trimPadding(signature string) string { return strings.TrimRight(signature, "*") }
