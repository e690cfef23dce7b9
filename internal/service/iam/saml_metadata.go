package iam

import (
	"bytes"
	"compress/gzip"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"

	api "github.com/regent-iam/regent/internal/api/iam"
	"github.com/regent-iam/regent/internal/federation/saml"
	"github.com/regent-iam/regent/internal/seal"
)

const (
	// maxPacked is how many bytes of packed metadata fit into one transaction
	// with everything else that is written (kv.MaxBytes); records have them in
	// base64, a third longer. What passes as a request does.
	maxPacked = 900_000
	// maxMetadata is how many bytes metadata may have at all (IA-59).
	maxMetadata = 10_000_000
)

// metadata is a provider's metadata as it is kept.
type metadata struct {
	*saml.Metadata
	packed []byte
}

// samlDocuments are those that a call about a provider came with; what it came
// without is nil and zero.
type samlDocuments struct {
	metadata   *metadata
	privateKey seal.Secret
}

func readSAML(document, privateKey string) (*samlDocuments, error) {
	docs := &samlDocuments{}
	var err error
	if document != "" {
		if docs.metadata, err = readMetadata(document); err != nil {
			return nil, err
		}
	}
	if privateKey != "" {
		if docs.privateKey, err = readPrivateKey(privateKey); err != nil {
			return nil, err
		}
	}
	return docs, nil
}

// readMetadata parses and packs metadata (IA-59).
func readMetadata(document string) (*metadata, error) {
	m, err := saml.ParseMetadata([]byte(document))
	if err != nil {
		return nil, api.InvalidInput("Could not parse metadata.")
	}
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, document); err != nil {
		return nil, fmt.Errorf("packing metadata: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("packing metadata: %w", err)
	}
	if b.Len() > maxPacked {
		return nil, api.LimitExceeded("The metadata comes to %d bytes when compressed, and Regent keeps at most %d.", b.Len(), maxPacked)
	}
	return &metadata{m, b.Bytes()}, nil
}

// unpack undoes the packing.
func unpack(packed []byte) (string, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return "", fmt.Errorf("unpacking metadata: %w", err)
	}
	document, err := io.ReadAll(io.LimitReader(r, maxMetadata))
	if err != nil {
		return "", fmt.Errorf("unpacking metadata: %w", err)
	}
	return string(document), nil
}

// minRSA is how many bits a private key has at least.
const minRSA = 2048

// readPrivateKey checks that a text is one RSA key in PEM, which is what
// assertions are encrypted to, and returns it in PKCS #8.
func readPrivateKey(text string) (seal.Secret, error) {
	refused := api.InvalidInput("Could not parse private key.")
	block, rest := pem.Decode([]byte(text))
	if block == nil || len(bytes.TrimSpace(rest)) > 0 || len(block.Headers) > 0 {
		return seal.Secret{}, refused
	}
	var key any
	var err error
	switch block.Type {
	case "PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	}
	private, ok := key.(*rsa.PrivateKey)
	if err != nil || !ok || private.N.BitLen() < minRSA {
		return seal.Secret{}, refused // the parser's words may quote the key
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return seal.Secret{}, fmt.Errorf("encoding a private key: %w", err)
	}
	return seal.NewSecret(der), nil
}
