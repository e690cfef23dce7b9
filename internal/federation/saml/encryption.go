package saml

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rsa"
	_ "crypto/sha1" //nolint:gosec // OAEP's default, which asks nothing of it that is broken
	_ "crypto/sha256"
	_ "crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// A Key is a private key that assertions are encrypted to.
type Key struct {
	ID      string
	Private *rsa.PrivateKey
}

// Algorithms of XML Encryption 1.1. PKCS #1 v1.5 as the transport of keys is
// not among them (Bleichenbacher's attack), nor is 3DES.
const (
	oaepMGF1  = nsEncryption + "rsa-oaep-mgf1p"
	oaep      = "http://www.w3.org/2009/xmlenc11#rsa-oaep"
	mgfPrefix = "http://www.w3.org/2009/xmlenc11#mgf1"
)

var ciphers = map[string]struct {
	size   int // of the key, in bytes
	sealed bool
}{
	nsEncryption + "aes128-cbc":                  {16, false},
	nsEncryption + "aes192-cbc":                  {24, false},
	nsEncryption + "aes256-cbc":                  {32, false},
	"http://www.w3.org/2009/xmlenc11#aes128-gcm": {16, true},
	"http://www.w3.org/2009/xmlenc11#aes192-gcm": {24, true},
	"http://www.w3.org/2009/xmlenc11#aes256-gcm": {32, true},
}

var hashes = map[string]crypto.Hash{
	nsSignature + "sha1":                            crypto.SHA1,
	nsEncryption + "sha256":                         crypto.SHA256,
	"http://www.w3.org/2001/04/xmldsig-more#sha384": crypto.SHA384,
	nsEncryption + "sha512":                         crypto.SHA512,
	mgfPrefix + "sha1":                              crypto.SHA1,
	mgfPrefix + "sha256":                            crypto.SHA256,
	mgfPrefix + "sha384":                            crypto.SHA384,
	mgfPrefix + "sha512":                            crypto.SHA512,
}

// maxEncryptedKeys is for how many recipients an assertion may be encrypted.
const maxEncryptedKeys = 4

// decrypt opens an EncryptedAssertion with one of keys, and says which. That
// what comes out is what somebody encrypted is for the signature to say.
func decrypt(e *element, keys []Key) (plain []byte, key string, err error) {
	data, err := e.one(nsEncryption, "EncryptedData")
	if err != nil {
		return nil, "", err
	}
	method, err := data.one(nsEncryption, "EncryptionMethod")
	if err != nil {
		return nil, "", err
	}
	algorithm, ok := ciphers[method.attrs["Algorithm"]]
	if !ok {
		return nil, "", fmt.Errorf("encryption by %q", method.attrs["Algorithm"])
	}
	text, err := cipherValue(data)
	if err != nil {
		return nil, "", err
	}
	wrapped := e.all(nsEncryption, "EncryptedKey")
	if info, err := data.maybe(nsSignature, "KeyInfo"); err != nil {
		return nil, "", err
	} else if info != nil {
		wrapped = append(wrapped, info.all(nsEncryption, "EncryptedKey")...)
	}
	if len(wrapped) == 0 || len(wrapped) > maxEncryptedKeys {
		return nil, "", fmt.Errorf("%d keys", len(wrapped))
	}
	for _, w := range wrapped {
		for _, k := range keys {
			secret, err := unwrap(w, k.Private)
			if err != nil || len(secret) != algorithm.size {
				continue
			}
			plain, err := open(secret, text, algorithm.sealed)
			return plain, k.ID, err
		}
	}
	return nil, "", errors.New("encrypted to none of the provider's keys")
}

func cipherValue(e *element) ([]byte, error) {
	data, err := e.one(nsEncryption, "CipherData")
	if err != nil {
		return nil, err
	}
	value, err := data.one(nsEncryption, "CipherValue")
	if err != nil {
		return nil, err
	}
	text, err := value.content()
	if err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
}

// unwrap decrypts an EncryptedKey.
func unwrap(e *element, private *rsa.PrivateKey) ([]byte, error) {
	method, err := e.one(nsEncryption, "EncryptionMethod")
	if err != nil {
		return nil, err
	}
	options := rsa.OAEPOptions{Hash: crypto.SHA1, MGFHash: crypto.SHA1}
	if digest, err := method.maybe(nsSignature, "DigestMethod"); err != nil {
		return nil, err
	} else if digest != nil {
		options.Hash = hashes[digest.attrs["Algorithm"]]
	}
	if label, err := method.maybe(nsEncryption, "OAEPparams"); err != nil || label != nil {
		return nil, errors.New("a label")
	}
	switch method.attrs["Algorithm"] {
	case oaepMGF1:
	case oaep:
		if mgf, err := method.maybe("http://www.w3.org/2009/xmlenc11#", "MGF"); err != nil {
			return nil, err
		} else if mgf != nil {
			options.MGFHash = hashes[mgf.attrs["Algorithm"]]
		}
	default:
		return nil, fmt.Errorf("a key encrypted by %q", method.attrs["Algorithm"])
	}
	if !options.Hash.Available() || !options.MGFHash.Available() {
		return nil, errors.New("another digest")
	}
	text, err := cipherValue(e)
	if err != nil {
		return nil, err
	}
	return private.Decrypt(nil, text, &options)
}

// open decrypts text, which begins with its initialization vector.
func open(secret, text []byte, sealed bool) ([]byte, error) {
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil, err
	}
	if sealed {
		aead, err := cipher.NewGCM(block)
		if err != nil {
			return nil, err
		}
		if len(text) < aead.NonceSize() {
			return nil, errors.New("too short")
		}
		return aead.Open(nil, text[:aead.NonceSize()], text[aead.NonceSize():], nil)
	}
	if len(text) < 2*aes.BlockSize || len(text)%aes.BlockSize != 0 {
		return nil, errors.New("not whole blocks")
	}
	plain := make([]byte, len(text)-aes.BlockSize)
	cipher.NewCBCDecrypter(block, text[:aes.BlockSize]).CryptBlocks(plain, text[aes.BlockSize:])
	padding := int(plain[len(plain)-1])
	if padding == 0 || padding > aes.BlockSize {
		return nil, errors.New("padding")
	}
	return plain[:len(plain)-padding], nil
}
