package iam_test

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/mfa"
	"github.com/regent-iam/regent/internal/passkey"
	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/store"
)

// newPasskey is a passkey as sign-in has it after a browser made it for somebody.
func newPasskey(of, userID, name string) *identity.MFADevice {
	return &identity.MFADevice{
		Account: account, UserID: userID, Name: name, Path: "/",
		Passkey: &identity.Passkey{Of: of, Host: "localhost", ID: []byte(name), PublicKey: []byte("key")},
	}
}

func offer(t *testing.T, ring *seal.Ring, d *identity.MFADevice, now time.Time) string {
	t.Helper()
	text, err := passkey.Offer(ring, d, now)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func enablePasskey(h *servicetest.Harness, by, user, serial, offer string) *servicetest.Answer {
	return h.As(by).With(passkey.OfferHeader, offer).
		Call("iam", "EnableMFADevice", "UserName", user, "SerialNumber", serial, "AuthenticationCode1", "000000", "AuthenticationCode2", "000000")
}

func userID(h *servicetest.Harness, name string) (id string) {
	h.View(func(tx *store.Tx) error {
		u, err := tx.User(account, identity.UserName(name))
		if err == nil {
			id = u.ID
		}
		return err
	})
	return id
}

// TestPasskeysAreDevices: they are enabled over the road by whoever may, listed
// beside virtual devices, and gone when they are deactivated.
//
// Rules: IA-54 CO-3
func TestPasskeysAreDevices(t *testing.T) {
	h := harness(t)
	h.Account(account, "root")
	h.User("alice", account, "")
	h.User("admin", account, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*MFADevice*","Resource":"*"}]}`)
	key := newPasskey("user/alice", userID(h, "alice"), "laptop-ABC")
	const serial = "arn:aws:iam::111122223333:u2f/user/alice/laptop-ABC"
	if key.Serial() != serial {
		t.Fatalf("its serial number is %s", key.Serial())
	}
	enablePasskey(h, "alice", "alice", serial, offer(t, h.Ring, key, h.Now())).Fails("AccessDenied")
	enablePasskey(h, "admin", "alice", serial, offer(t, h.Ring, key, h.Now())).OK()
	enablePasskey(h, "admin", "alice", serial, offer(t, h.Ring, key, h.Now())).Fails("EntityAlreadyExists")
	phone := newDevice(t, h.As("root"), "phone")
	phone.enable(h, "root", "alice").OK()

	a := h.As("admin").Call("iam", "ListMFADevices", "UserName", "alice").OK()
	if got := a.All("SerialNumber"); !slices.Equal(got, []string{phone.serial, serial}) {
		t.Errorf("alice's devices: %v", got)
	}
	if got := h.As("admin").Call("iam", "GetMFADevice", "UserName", "alice", "SerialNumber", serial).OK().Get("UserName"); got != "alice" {
		t.Errorf("it is the device of %q", got)
	}
	for _, status := range []string{"Any", "Assigned", "Unassigned"} {
		if got := h.As("root").Call("iam", "ListVirtualMFADevices", "AssignmentStatus", status).OK().All("SerialNumber"); slices.Contains(got, serial) {
			t.Errorf("%s: a passkey is among the virtual devices: %v", status, got)
		}
	}

	// What is about codes, or about virtual devices, knows of no passkey.
	for _, call := range [][]string{
		{"DeleteVirtualMFADevice"},
		{"ListMFADeviceTags"},
		{"TagMFADevice", "Tags.member.1.Key", "k", "Tags.member.1.Value", "v"},
		{"UntagMFADevice", "TagKeys.member.1", "k"},
		{"ResyncMFADevice", "UserName", "alice", "AuthenticationCode1", "000000", "AuthenticationCode2", "000000"},
		{"EnableMFADevice", "UserName", "alice", "AuthenticationCode1", "000000", "AuthenticationCode2", "000000"},
	} {
		h.As("root").Call("iam", call[0], append(call[1:], "SerialNumber", serial)...).Fails("NoSuchEntity")
	}
	h.View(func(tx *store.Tx) error {
		d, err := tx.Device(account, "laptop-ABC")
		if err != nil {
			return err
		}
		if err := mfa.Check(h.Ring, d, "000000", h.Now()); err == nil || d.Failures != 0 {
			t.Errorf("a code of a passkey: %v, %d failures", err, d.Failures)
		}
		return nil
	})

	h.As("admin").Call("iam", "DeactivateMFADevice", "UserName", "alice", "SerialNumber", serial).OK()
	if got := h.As("admin").Call("iam", "ListMFADevices", "UserName", "alice").OK().All("SerialNumber"); !slices.Equal(got, []string{phone.serial}) {
		t.Errorf("alice's devices: %v", got)
	}
	h.As("admin").Call("iam", "GetMFADevice", "UserName", "alice", "SerialNumber", serial).Fails("NoSuchEntity")
	h.As("admin").Call("iam", "DeactivateMFADevice", "UserName", "alice", "SerialNumber", serial).Fails("NoSuchEntity")
	enablePasskey(h, "admin", "alice", serial, offer(t, h.Ring, key, h.Now())).OK() // the name is free again
}

// Rules: IA-54
func TestAnOfferOfAPasskeyIsForOneHolderAndAMinute(t *testing.T) {
	h := harness(t)
	h.Account(account, "root")
	h.Account("444455556666", "stranger")
	h.User("alice", account, "")
	h.User("bob", account, "")
	key := newPasskey("user/alice", userID(h, "alice"), "laptop-ABC")
	good := offer(t, h.Ring, key, h.Now())
	other, err := seal.NewRing(seal.NewMaster(), seal.NewInstanceID())
	if err != nil {
		t.Fatal(err)
	}
	foreign := newPasskey("user/alice", userID(h, "alice"), "laptop-ABC")
	foreign.Account = "444455556666"
	for name, call := range map[string]*servicetest.Answer{
		"for another user":          enablePasskey(h, "root", "bob", key.Serial(), good),
		"for root":                  enablePasskey(h, "root", "root", key.Serial(), good),
		"under another number":      enablePasskey(h, "root", "alice", key.Serial()+"x", good),
		"sealed by another":         enablePasskey(h, "root", "alice", key.Serial(), offer(t, other, key, h.Now())),
		"of another account":        enablePasskey(h, "root", "alice", foreign.Serial(), offer(t, h.Ring, foreign, h.Now())),
		"nonsense":                  enablePasskey(h, "root", "alice", key.Serial(), "x"),
		"of a minute ago":           enablePasskey(h, "root", "alice", key.Serial(), offer(t, h.Ring, key, h.Now().Add(-time.Minute))),
		"of what is no passkey":     enablePasskey(h, "root", "alice", key.Serial(), offer(t, h.Ring, &identity.MFADevice{Account: account, UserID: key.UserID}, h.Now())),
		"a session of its own kind": enablePasskey(h, "root", "alice", key.Serial(), mustSeal(t, h.Ring)),
	} {
		t.Log(name)
		call.Fails("InvalidAuthenticationCode")
	}
	rootKey := newPasskey("root-account", identity.RootUser, "yubi-ABC")
	if rootKey.Serial() != "arn:aws:iam::111122223333:u2f/root-account/yubi-ABC" {
		t.Errorf("root's is %s", rootKey.Serial())
	}
	enablePasskey(h, "root", "root", rootKey.Serial(), offer(t, h.Ring, rootKey, h.Now())).OK()
	for i := range 8 {
		k := newPasskey("user/alice", userID(h, "alice"), "key-"+strconv.Itoa(i))
		enablePasskey(h, "root", "alice", k.Serial(), offer(t, h.Ring, k, h.Now())).OK()
	}
	enablePasskey(h, "root", "alice", key.Serial(), good).Fails("LimitExceeded", "Cannot exceed quota for MFADevicesPerUser: 8")
}

// mustSeal is a half-done sign-in, which is sealed for the same purpose.
func mustSeal(t *testing.T, ring *seal.Ring) string {
	t.Helper()
	text, err := ring.SealString(seal.SignIn, "pending", []byte(`{"device":{"passkey":{}},"until":"2100-01-01T00:00:00Z"}`))
	if err != nil {
		t.Fatal(err)
	}
	return text
}
