package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
)

const (
	xaesNonce = 24
	xaesTag   = 16
)

// xaes is XAES-256-GCM (C2SP): from the first half of a 192-bit nonce it derives the AES-256-GCM key of each
// message, so that nonces can be random for any number of messages (TH-45).
type xaes struct {
	block  cipher.Block
	subkey [aes.BlockSize]byte // CMAC's K1
}

// newXAES takes a key of 32 bytes.
func newXAES(key []byte) (*xaes, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	x := &xaes{block: block}
	block.Encrypt(x.subkey[:], x.subkey[:])
	// Doubling in GF(2^128), in constant time.
	var carry byte
	for i := len(x.subkey) - 1; i >= 0; i-- {
		next := x.subkey[i] >> 7
		x.subkey[i] = x.subkey[i]<<1 | carry
		carry = next
	}
	x.subkey[len(x.subkey)-1] ^= byte(subtle.ConstantTimeSelect(int(carry), 0b10000111, 0))
	return x, nil
}

// message returns the cipher for messages whose nonce begins with prefix, 12 bytes.
func (x *xaes) message(prefix []byte) (cipher.AEAD, error) {
	var key [2 * aes.BlockSize]byte
	for i := range 2 {
		half := key[i*aes.BlockSize : (i+1)*aes.BlockSize]
		copy(half, []byte{0, byte(i + 1), 'X', 0})
		copy(half[4:], prefix)
		subtle.XORBytes(half, half, x.subkey[:])
		x.block.Encrypt(half, half)
	}
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// seal appends the sealed plaintext to dst.
func (x *xaes) seal(dst, nonce, plaintext, additional []byte) ([]byte, error) {
	aead, err := x.message(nonce[:12])
	if err != nil {
		return nil, err
	}
	return aead.Seal(dst, nonce[12:], plaintext, additional), nil
}

// open returns the plaintext.
func (x *xaes) open(nonce, ciphertext, additional []byte) ([]byte, error) {
	aead, err := x.message(nonce[:12])
	if err != nil {
		return nil, err
	}
	return aead.Open(nil, nonce[12:], ciphertext, additional)
}
