package passkey_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/passkey"
	"github.com/regent-iam/regent/internal/passkey/passkeytest"
)

const host, origin = "regent.example", "https://regent.example"

// challenge draws a challenge.
func challenge() []byte {
	b := make([]byte, 32)
	_, _ = rand.Read(b)
	return b
}

func party() passkey.Party { return passkey.Party{Host: host, Origin: origin} }

func alice(devices ...*identity.MFADevice) *passkey.Holder {
	return &passkey.Holder{Account: "111122223333", UserID: "AIDAALICE", Name: "alice", Devices: devices}
}

// made has an authenticator make a passkey for a holder.
func made(t *testing.T, h *passkey.Holder, a *passkeytest.Authenticator) (*identity.MFADevice, error) {
	t.Helper()
	c := challenge()
	options, err := party().Create(h, c)
	if err != nil {
		t.Fatal(err)
	}
	answer := a.Create(options)
	if got := passkey.ChallengeOf(answer); !bytes.Equal(got, c) {
		t.Errorf("the challenge was %x, and is %x", c, got)
	}
	k, err := party().Created(h, c, answer)
	if err != nil {
		return nil, err
	}
	k.Of = "user/alice"
	return &identity.MFADevice{Account: h.Account, UserID: h.UserID, Name: "laptop-1", Passkey: k}, nil
}

func TestAPasskeyIsMadeAndAskedFor(t *testing.T) {
	t.Parallel()
	a := passkeytest.New(host, origin)
	device, err := made(t, alice(&identity.MFADevice{Name: "phone"}), a)
	if err != nil {
		t.Fatal(err)
	}
	if got := device.Serial(); got != "arn:aws:iam::111122223333:u2f/user/alice/laptop-1" {
		t.Errorf("its serial number is %s", got)
	}
	raw, err := json.Marshal(device) // as it is kept
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		kept := new(identity.MFADevice)
		if err := json.Unmarshal(raw, kept); err != nil {
			t.Fatal(err)
		}
		h := alice(&identity.MFADevice{Name: "phone"}, kept)
		c := challenge()
		options, err := party().Ask(h, c)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(options), `"userVerification":"discouraged"`) {
			t.Errorf("the options: %s", options)
		}
		now, err := party().Answered(h, c, a.Get(options))
		if err != nil {
			t.Fatal(err)
		}
		if now.Passkey.Count <= kept.Passkey.Count || now.Name != kept.Name {
			t.Errorf("%+v after %+v", now.Passkey, kept.Passkey)
		}
		if raw, err = json.Marshal(now); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWhatMakesNoPasskey(t *testing.T) {
	t.Parallel()
	for name, lie := range map[string]func(*passkeytest.Authenticator){
		"another host":                func(a *passkeytest.Authenticator) { a.Host = "evil.example" },
		"a page of a name below":      func(a *passkeytest.Authenticator) { a.Origin = "https://bucket.regent.example" },
		"a page of another port":      func(a *passkeytest.Authenticator) { a.Origin = origin + ":8443" },
		"a page without TLS":          func(a *passkeytest.Authenticator) { a.Origin = "http://regent.example" },
		"an origin in other letters":  func(a *passkeytest.Authenticator) { a.Origin = "https://Regent.example" },
		"a framed page":               func(a *passkeytest.Authenticator) { a.CrossOrigin = true },
		"an answer to a request":      func(a *passkeytest.Authenticator) { a.Type = "webauthn.get" },
		"nobody there":                func(a *passkeytest.Authenticator) { a.Absent = true },
		"an attestation to be parsed": func(a *passkeytest.Authenticator) { a.Format = "tpm" },
	} {
		a := passkeytest.New(host, origin)
		lie(a)
		if _, err := made(t, alice(), a); !errors.Is(err, passkey.ErrRefused) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// One that is there already, and one of another ceremony.
	a := passkeytest.New(host, origin)
	device, err := made(t, alice(), a)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := made(t, alice(device), a); !errors.Is(err, passkey.ErrRefused) {
		t.Errorf("the same again: %v", err)
	}
	one, two := challenge(), challenge()
	options, err := party().Create(alice(), two)
	if err != nil {
		t.Fatal(err)
	}
	for name, answer := range map[string]json.RawMessage{
		"another challenge": passkeytest.New(host, origin).Create(options), "nothing": nil, "no answer": json.RawMessage(`{}`), "no JSON": json.RawMessage(`x`),
		"too much": json.RawMessage(`"` + strings.Repeat("x", 100_000) + `"`),
	} {
		if _, err := party().Created(alice(), one, answer); !errors.Is(err, passkey.ErrRefused) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, answer := range []string{"", "x", "{}", `{"response":{"clientDataJSON":"x"}}`, `{"response":{"clientDataJSON":"e30"}}`, `{"response":1}`} {
		if got := passkey.ChallengeOf(json.RawMessage(answer)); len(got) != 0 {
			t.Errorf("%s is to %x", answer, got)
		}
	}
}

// TestAPasskeyAnswersToItsOwnOriginOnly: a page of a bucket's host, which may ask
// for the passkeys of the host above it, gets an answer that is of no use.
//
// Rules: TH-84
func TestAPasskeyAnswersToItsOwnOriginOnly(t *testing.T) {
	t.Parallel()
	for name, lie := range map[string]func(*passkeytest.Authenticator){
		"a page of a name below":     func(a *passkeytest.Authenticator) { a.Origin = "https://bucket.regent.example" },
		"a page of a name above":     func(a *passkeytest.Authenticator) { a.Origin = "https://example" },
		"a page of another port":     func(a *passkeytest.Authenticator) { a.Origin = origin + ":8443" },
		"a page without TLS":         func(a *passkeytest.Authenticator) { a.Origin = "http://regent.example" },
		"an origin in other letters": func(a *passkeytest.Authenticator) { a.Origin = "https://REGENT.example" },
		"an origin and more":         func(a *passkeytest.Authenticator) { a.Origin = origin + "/" },
		"no origin":                  func(a *passkeytest.Authenticator) { a.Origin = "null" },
		"another host":               func(a *passkeytest.Authenticator) { a.Host = "evil.example" },
		"a framed page":              func(a *passkeytest.Authenticator) { a.CrossOrigin = true },
		"an answer to a creation":    func(a *passkeytest.Authenticator) { a.Type = "webauthn.create" },
		"nobody there":               func(a *passkeytest.Authenticator) { a.Absent = true },
		"another key": func(a *passkeytest.Authenticator) {
			id := a.ID
			*a = *passkeytest.New(host, origin)
			a.ID, a.Count = id, 9
		},
		"another passkey": func(a *passkeytest.Authenticator) { a.ID = []byte("another") },
	} {
		a := passkeytest.New(host, origin)
		device, err := made(t, alice(), a)
		if err != nil {
			t.Fatal(err)
		}
		c := challenge()
		options, err := party().Ask(alice(device), c)
		if err != nil {
			t.Fatal(err)
		}
		lie(a)
		if _, err := party().Answered(alice(device), c, a.Get(options)); !errors.Is(err, passkey.ErrRefused) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhatProvesNothing(t *testing.T) {
	t.Parallel()
	a := passkeytest.New(host, origin)
	device, err := made(t, alice(), a)
	if err != nil {
		t.Fatal(err)
	}
	h := alice(device)
	one, two := challenge(), challenge()
	asked, err := party().Ask(h, one)
	if err != nil {
		t.Fatal(err)
	}
	other, err := party().Ask(h, two)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range [][]byte{one, nil, {}} {
		if _, err := party().Answered(h, c, a.Get(other)); !errors.Is(err, passkey.ErrRefused) {
			t.Errorf("an answer to another challenge than %x: %v", c, err)
		}
	}
	elsewhere := passkey.Party{Host: "other.example", Origin: "https://other.example"}
	if _, err := elsewhere.Answered(h, one, a.Get(asked)); !errors.Is(err, passkey.ErrRefused) {
		t.Errorf("at another host: %v", err)
	}
	if _, err := elsewhere.Ask(h, one); !errors.Is(err, passkey.ErrNone) {
		t.Errorf("asked at another host: %v", err)
	}
	if _, err := party().Ask(alice(&identity.MFADevice{Name: "phone"}), one); !errors.Is(err, passkey.ErrNone) {
		t.Errorf("asked without one: %v", err)
	}
	for _, address := range []string{"127.0.0.1", "::1", ""} {
		if _, err := (passkey.Party{Host: address, Origin: "http://" + address}).Create(h, one); !errors.Is(err, passkey.ErrHost) {
			t.Errorf("at %q: %v", address, err)
		}
	}
}

// TestACountThatGoesBackIsACopy: of two that count, one is not the device's.
func TestACountThatGoesBackIsACopy(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name        string
		kept, shown uint32
		want        error
	}{
		{"ahead", 5, 6, nil},
		{"far ahead", 5, 5000, nil},
		{"the same", 5, 5, passkey.ErrCloned},
		{"behind", 5, 4, passkey.ErrCloned},
		{"it stopped counting", 5, 0, passkey.ErrCloned},
		{"it does not count", 0, 0, nil},
		{"it begins to", 0, 1, nil},
	} {
		a := passkeytest.New(host, origin)
		device, err := made(t, alice(), a)
		if err != nil {
			t.Fatal(err)
		}
		device.Passkey.Count = row.kept
		c := challenge()
		options, err := party().Ask(alice(device), c)
		if err != nil {
			t.Fatal(err)
		}
		a.Count = row.shown
		now, err := party().Answered(alice(device), c, a.Get(options))
		if !errors.Is(err, row.want) {
			t.Errorf("%s: %v, want %v", row.name, err, row.want)
		}
		if err == nil && now.Passkey.Count != row.shown {
			t.Errorf("%s: %d is kept", row.name, now.Passkey.Count)
		}
	}
}

func TestHostOf(t *testing.T) {
	t.Parallel()
	for from, want := range map[string]string{
		"https://regent.example": "regent.example", "https://regent.example:8443": "regent.example", "http://localhost:8700": "localhost", "http://[::1]:8700": "::1", "http://[::1]": "::1",
	} {
		if got := passkey.HostOf(from); got != want {
			t.Errorf("%s: %s", from, got)
		}
	}
}
