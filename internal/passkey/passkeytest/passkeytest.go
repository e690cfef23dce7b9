// Package passkeytest is an authenticator and the part of a browser that speaks
// to it, for tests: it makes passkeys and answers with them, truthfully or not.
package passkeytest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
)

// An Authenticator holds one passkey. Its fields are what it says of itself,
// and may be changed to lies.
type Authenticator struct {
	Host   string // that it believes it is asked for
	Origin string // of the page that asks
	// Count is what it says next; 0 for one that does not count.
	Count uint32
	// Type is the kind of ceremony that it answers as, "" for the right one.
	Type string
	// CrossOrigin says that the page that asks is framed by another.
	CrossOrigin bool
	// Format is that of its attestation, "" for none.
	Format string
	// Absent says that nobody touched it.
	Absent bool

	ID  []byte
	key *ecdsa.PrivateKey
}

// New returns an authenticator with a new key, for pages of an origin.
func New(host, origin string) *Authenticator {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic("passkeytest: " + err.Error())
	}
	a := &Authenticator{Host: host, Origin: origin, Count: 1, ID: make([]byte, 32), key: key}
	_, _ = rand.Read(a.ID)
	return a
}

// Create answers the options of a creation.
func (a *Authenticator) Create(options json.RawMessage) json.RawMessage {
	client := a.client("webauthn.create", options)
	format := a.Format
	if format == "" {
		format = "none"
	}
	var object bytes.Buffer
	object.WriteByte(0xa3)
	text(&object, "fmt")
	text(&object, format)
	text(&object, "attStmt")
	object.WriteByte(0xa0)
	text(&object, "authData")
	blob(&object, a.data(true))
	return a.answer(map[string]any{
		"clientDataJSON": encode(client), "attestationObject": encode(object.Bytes()), "transports": []string{"internal"},
	})
}

// Get answers the options of a request.
func (a *Authenticator) Get(options json.RawMessage) json.RawMessage {
	client := a.client("webauthn.get", options)
	data := a.data(false)
	sum := sha256.Sum256(client)
	digest := sha256.Sum256(append(bytes.Clone(data), sum[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, a.key, digest[:])
	if err != nil {
		panic("passkeytest: " + err.Error())
	}
	return a.answer(map[string]any{
		"clientDataJSON": encode(client), "authenticatorData": encode(data), "signature": encode(signature),
	})
}

func (a *Authenticator) answer(response map[string]any) json.RawMessage {
	raw, err := json.Marshal(map[string]any{
		"id": encode(a.ID), "rawId": encode(a.ID), "type": "public-key", "response": response, "clientExtensionResults": map[string]any{},
	})
	if err != nil {
		panic("passkeytest: " + err.Error())
	}
	return raw
}

func (a *Authenticator) client(kind string, options json.RawMessage) []byte {
	var asked struct {
		Challenge string `json:"challenge"`
	}
	if err := json.Unmarshal(options, &asked); err != nil || asked.Challenge == "" {
		panic(fmt.Sprintf("passkeytest: options %s: %v", options, err))
	}
	if a.Type != "" {
		kind = a.Type
	}
	raw, err := json.Marshal(map[string]any{"type": kind, "challenge": asked.Challenge, "origin": a.Origin, "crossOrigin": a.CrossOrigin})
	if err != nil {
		panic("passkeytest: " + err.Error())
	}
	return raw
}

// data is what the authenticator says of itself, and of a new key.
func (a *Authenticator) data(created bool) []byte {
	const present, attested = 0x01, 0x40
	host := sha256.Sum256([]byte(a.Host))
	var flags byte
	if !a.Absent {
		flags |= present
	}
	if created {
		flags |= attested
	}
	data := binary.BigEndian.AppendUint32(append(host[:], flags), a.Count)
	if a.Count > 0 {
		a.Count++
	}
	if !created {
		return data
	}
	data = append(data, make([]byte, 16)...) // of no known make
	data = binary.BigEndian.AppendUint16(data, uint16(len(a.ID)))
	data = append(data, a.ID...)
	point, err := a.key.PublicKey.Bytes()
	if err != nil {
		panic("passkeytest: " + err.Error())
	}
	var key bytes.Buffer
	key.Write([]byte{0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21}) // EC2, ES256, P-256, x
	blob(&key, point[1:33])
	key.WriteByte(0x22) // y
	blob(&key, point[33:])
	return append(data, key.Bytes()...)
}

// text and blob write CBOR.
func text(b *bytes.Buffer, s string) {
	b.WriteByte(0x60 | byte(len(s)))
	b.WriteString(s)
}

func blob(b *bytes.Buffer, p []byte) {
	b.WriteByte(0x59)
	_ = binary.Write(b, binary.BigEndian, uint16(len(p))) // a buffer does not fail
	b.Write(p)
}

func encode(p []byte) string { return base64.RawURLEncoding.EncodeToString(p) }
