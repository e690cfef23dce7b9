package iam_test

import (
	"bytes"
	"encoding/base32"
	"encoding/base64"
	"fmt"
	"image/png"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/mfa"
	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/store"
)

const account = "111122223333"

// A device is a virtual MFA device as its holder's app has it.
type device struct {
	serial string
	seed   []byte
}

func newDevice(t *testing.T, by *servicetest.Caller, name string, more ...string) device {
	t.Helper()
	a := by.Call("iam", "CreateVirtualMFADevice", append([]string{"VirtualMFADeviceName", name}, more...)...).OK()
	text, err := base64.StdEncoding.DecodeString(a.Get("Base32StringSeed"))
	if err != nil {
		t.Fatal(err)
	}
	seed, err := base32.StdEncoding.DecodeString(string(text))
	if err != nil {
		t.Fatal(err)
	}
	return device{a.Get("SerialNumber"), seed}
}

// pair are the codes of the step that is now, and of the next.
func (d device) pair(h *servicetest.Harness) (first, second string) {
	return mfa.Code(d.seed, h.Now()), mfa.Code(d.seed, h.Now().Add(30*time.Second))
}

func (d device) enable(h *servicetest.Harness, by, user string) *servicetest.Answer {
	first, second := d.pair(h)
	return h.As(by).Call("iam", "EnableMFADevice", "UserName", user, "SerialNumber", d.serial, "AuthenticationCode1", first, "AuthenticationCode2", second)
}

const wrongCode = "Authentication code for device is not valid."

// Rules: IA-21 IA-31 IA-54 IA-61
func TestCreateVirtualMFADevice(t *testing.T) {
	h := harness(t)
	h.Account(account, "root")
	a := h.As("root").Call("iam", "CreateVirtualMFADevice", "VirtualMFADeviceName", "phone", "Path", "/team/").OK()
	if got := a.Get("SerialNumber"); got != "arn:aws:iam::111122223333:mfa/team/phone" {
		t.Errorf("serial number %s", got)
	}
	seed, err := base64.StdEncoding.DecodeString(a.Get("Base32StringSeed"))
	if err != nil || len(seed) != 64 || strings.Trim(string(seed), "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") != "" {
		t.Errorf("seed %q (%v), want 64 characters of base32", seed, err)
	}
	code, err := base64.StdEncoding.DecodeString(a.Get("QRCodePNG"))
	if err != nil {
		t.Fatal(err)
	}
	if picture, err := png.Decode(bytes.NewReader(code)); err != nil || picture.Bounds().Dx() < 100 {
		t.Errorf("the QR code is no picture: %v", err)
	}
	h.As("root").Call("iam", "CreateVirtualMFADevice", "VirtualMFADeviceName", "Phone").
		Fails("EntityAlreadyExists", "MFADevice entity at the same path and name already exists.")
	h.As("root").Call("iam", "CreateVirtualMFADevice", "VirtualMFADeviceName", "tagged", "Tags.member.1.Key", "aws:x", "Tags.member.1.Value", "y").
		Fails("InvalidInput")

	h.User("maker", account, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:CreateVirtualMFADevice","Resource":"arn:aws:iam::*:mfa/mine*"}]}`)
	maker := h.As("maker")
	newDevice(t, maker, "mine")
	maker.Call("iam", "CreateVirtualMFADevice", "VirtualMFADeviceName", "yours").Fails("AccessDenied")
	maker.Call("iam", "CreateVirtualMFADevice", "VirtualMFADeviceName", "mine2", "Tags.member.1.Key", "k", "Tags.member.1.Value", "v").Fails("AccessDenied")
}

// Rules: IA-13 IA-40 IA-54
func TestMFADeviceFromMakingToDeleting(t *testing.T) {
	h := harness(t)
	h.Account(account, "root")
	h.User("alice", account, "")
	h.User("bob", account, "")
	root := h.As("root")
	d := newDevice(t, root, "phone")
	newDevice(t, root, "spare")
	first, second := d.pair(h)
	codes := []string{"AuthenticationCode1", first, "AuthenticationCode2", second}

	root.Call("iam", "EnableMFADevice", append(codes, "UserName", "nobody", "SerialNumber", d.serial)...).
		Fails("NoSuchEntity", "The user with name nobody cannot be found.")
	for _, unknown := range []string{"arn:aws:iam::111122223333:mfa/other", "arn:aws:iam::444455556666:mfa/phone", "GAHT12345678", "arn:aws:iam::111122223333:mfa/x/phone"} {
		root.Call("iam", "EnableMFADevice", append(codes, "UserName", "alice", "SerialNumber", unknown)...).
			Fails("NoSuchEntity", "VirtualMFADevice with serial number "+unknown+" doesn't exist.")
	}
	root.Call("iam", "EnableMFADevice", "UserName", "alice", "SerialNumber", d.serial, "AuthenticationCode1", "12345", "AuthenticationCode2", second).
		Fails("ValidationError")
	root.Call("iam", "EnableMFADevice", "UserName", "alice", "SerialNumber", d.serial, "AuthenticationCode1", second, "AuthenticationCode2", first).
		Fails("InvalidAuthenticationCode", wrongCode)
	d.enable(h, "root", "alice").OK()

	// One device, one holder.
	h.Advance(time.Minute)
	d.enable(h, "root", "bob").Fails("EntityAlreadyExists")
	list := root.Call("iam", "ListMFADevices", "UserName", "alice").OK()
	if list.Get("SerialNumber") != d.serial || list.Get("member.UserName") != "alice" || list.Get("EnableDate") != "2026-04-01T12:00:00Z" {
		t.Errorf("list: %s", list.Body)
	}
	get := root.Call("iam", "GetMFADevice", "SerialNumber", d.serial, "UserName", "alice").OK()
	if get.Get("UserName") != "alice" || get.Get("EnableDate") != "2026-04-01T12:00:00Z" {
		t.Errorf("get: %s", get.Body)
	}
	for _, operation := range []string{"GetMFADevice", "DeactivateMFADevice"} {
		root.Call("iam", operation, "SerialNumber", d.serial, "UserName", "bob").Fails("NoSuchEntity")
	}
	for status, want := range map[string]string{"Assigned": "mfa/phone", "Unassigned": "mfa/spare", "Any": "mfa/phone mfa/spare", "": "mfa/phone mfa/spare"} {
		parameters := []string{"AssignmentStatus", status}
		if status == "" {
			parameters = nil
		}
		a := root.Call("iam", "ListVirtualMFADevices", parameters...).OK()
		got := strings.ReplaceAll(strings.Join(a.All("SerialNumber"), " "), "arn:aws:iam::111122223333:", "")
		if got != want {
			t.Errorf("%q devices: %s, want %s", status, got, want)
		}
		if status == "Assigned" && a.Get("User.UserName") != "alice" || len(a.All("Base32StringSeed")) > 0 {
			t.Errorf("%q devices: %s", status, a.Body)
		}
	}

	// What is in use stays.
	root.Call("iam", "DeleteVirtualMFADevice", "SerialNumber", d.serial).
		Fails("DeleteConflict", "MFA VirtualDevice in use. Must deactivate first.")
	root.Call("iam", "DeleteAccessKey", "UserName", "alice", "AccessKeyId", root.Call("iam", "ListAccessKeys", "UserName", "alice").Get("AccessKeyId")).OK()
	root.Call("iam", "DeleteUser", "UserName", "alice").Fails("DeleteConflict")
	root.Call("iam", "DeactivateMFADevice", "UserName", "alice", "SerialNumber", d.serial).OK()
	root.Call("iam", "DeactivateMFADevice", "UserName", "alice", "SerialNumber", d.serial).Fails("NoSuchEntity")
	root.Call("iam", "DeleteUser", "UserName", "alice").OK()
	d.enable(h, "root", "bob").OK() // the device outlived its holder
	root.Call("iam", "DeactivateMFADevice", "UserName", "bob", "SerialNumber", d.serial).OK()
	root.Call("iam", "DeleteVirtualMFADevice", "SerialNumber", d.serial).OK()
	root.Call("iam", "DeleteVirtualMFADevice", "SerialNumber", d.serial).
		Fails("NoSuchEntity", "VirtualMFADevice with serial number "+d.serial+" doesn't exist.")
}

// A wrong pair is counted though the call fails, so that guessing is slowed
// down, and the right codes do not help before the time is up.
//
// Rules: TH-50 IA-54
func TestWrongPairsAreCounted(t *testing.T) {
	for _, operation := range []string{"EnableMFADevice", "ResyncMFADevice"} {
		t.Run(operation, func(t *testing.T) {
			h := harness(t)
			h.Account(account, "root")
			h.User("alice", account, "")
			root := h.As("root")
			d := newDevice(t, root, "phone")
			if operation == "ResyncMFADevice" {
				d.enable(h, "root", "alice").OK()
				h.Advance(time.Minute)
			}
			call := func(first, second string) *servicetest.Answer {
				return root.Call("iam", operation, "UserName", "alice", "SerialNumber", d.serial, "AuthenticationCode1", first, "AuthenticationCode2", second)
			}
			first, second := d.pair(h)
			for i := range 6 {
				call(second, first).Fails("InvalidAuthenticationCode", wrongCode)
				h.View(func(tx *store.Tx) error {
					d, err := tx.Device(account, "phone")
					if err == nil && d.Failures != i+1 {
						t.Errorf("%d failures after %d", d.Failures, i+1)
					}
					return err
				})
			}
			call(first, second).Fails("InvalidAuthenticationCode", wrongCode)
			h.Advance(time.Second)
			call(first, second).OK()
			call(first, second).Fails(map[string]string{"EnableMFADevice": "EntityAlreadyExists", "ResyncMFADevice": "InvalidAuthenticationCode"}[operation])
		})
	}
}

// Rules: IA-54 ST-50
func TestResync(t *testing.T) {
	h := harness(t)
	h.Account(account, "root")
	h.User("alice", account, "")
	root := h.As("root")
	d := newDevice(t, root, "phone")
	d.enable(h, "root", "alice").OK()
	h.Advance(time.Hour)
	late := h.Now().Add(-4 * time.Minute) // the device's clock
	session := func(at time.Time) *servicetest.Answer {
		return h.As("alice").Call("sts", "GetSessionToken", "SerialNumber", d.serial, "TokenCode", mfa.Code(d.seed, at))
	}
	session(late).Fails("AccessDenied")
	root.Call("iam", "ResyncMFADevice", "UserName", "bob", "SerialNumber", d.serial, "AuthenticationCode1", "111111", "AuthenticationCode2", "222222").Fails("NoSuchEntity")
	root.Call("iam", "ResyncMFADevice", "UserName", "alice", "SerialNumber", d.serial,
		"AuthenticationCode1", mfa.Code(d.seed, late), "AuthenticationCode2", mfa.Code(d.seed, late.Add(30*time.Second))).OK()
	h.Advance(time.Minute)
	session(late.Add(time.Minute)).OK()
}

// Rules: IA-44
func TestMFADevicesPerUser(t *testing.T) {
	h := harness(t)
	h.Account(account, "root")
	h.User("alice", account, "")
	root := h.As("root")
	for i := range 8 {
		newDevice(t, root, fmt.Sprint("d", i)).enable(h, "root", "alice").OK()
	}
	newDevice(t, root, "d8").enable(h, "root", "alice").Fails("LimitExceeded", "Cannot exceed quota for MFADevicesPerUser: 8")
	a := root.Call("iam", "ListMFADevices", "UserName", "alice", "MaxItems", "5").OK()
	b := root.Call("iam", "ListMFADevices", "UserName", "alice", "Marker", a.Get("Marker")).OK()
	got := strings.ReplaceAll(strings.Join(append(a.All("SerialNumber"), b.All("SerialNumber")...), " "), "arn:aws:iam::111122223333:mfa/", "")
	if got != "d0 d1 d2 d3 d4 d5 d6 d7" {
		t.Errorf("devices %s", got)
	}
	v := root.Call("iam", "ListVirtualMFADevices", "MaxItems", "6").OK()
	w := root.Call("iam", "ListVirtualMFADevices", "Marker", v.Get("Marker")).OK()
	if len(v.All("SerialNumber")) != 6 || len(w.All("SerialNumber")) != 3 || w.Get("IsTruncated") != "false" {
		t.Errorf("pages of %d and %d devices", len(v.All("SerialNumber")), len(w.All("SerialNumber")))
	}
}

// Rules: IA-5 IA-76
func TestMFAOfRoot(t *testing.T) {
	h := harness(t)
	h.Account(account, "root")
	root := h.As("root")
	d := newDevice(t, root, "root-account-mfa-device")
	d.enable(h, "root", "root").OK()
	if got := root.Call("iam", "ListMFADevices").OK().Get("SerialNumber"); got != d.serial {
		t.Errorf("root's device is %s", got)
	}
	if got := root.Call("iam", "ListVirtualMFADevices").OK().Get("User.Arn"); got != "arn:aws:iam::111122223333:root" {
		t.Errorf("the device is of %s", got)
	}
	summary := root.Call("iam", "GetAccountSummary").OK()
	if got := entries(summary); got["AccountMFAEnabled"] != "1" || got["MFADevicesInUse"] != "1" {
		t.Errorf("summary %v", got)
	}
	h.User("admin", account, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`)
	h.As("admin").Call("iam", "DeactivateMFADevice", "UserName", "root", "SerialNumber", d.serial).Fails("NoSuchEntity")
	h.As("admin").Call("iam", "DeactivateMFADevice", "SerialNumber", d.serial).Fails("NoSuchEntity")
	h.User("Root", account, "")
	root.Call("iam", "DeactivateMFADevice", "UserName", "root", "SerialNumber", d.serial).Fails("NoSuchEntity")
	root.Call("iam", "DeactivateMFADevice", "SerialNumber", d.serial).OK()
	d2 := newDevice(t, root, "second")
	d2.enable(h, "root", "root").OK() // a user of that name comes first
	if got := root.Call("iam", "ListMFADevices", "UserName", "Root").OK().Get("SerialNumber"); got != d2.serial {
		t.Errorf("the user's device is %s", got)
	}
}

// entries returns the map in an answer.
func entries(a *servicetest.Answer) map[string]string {
	keys, values := a.All("entry.key"), a.All("entry.value")
	out := make(map[string]string, len(keys))
	for i, k := range keys {
		out[k] = values[i]
	}
	return out
}

// Rules: IA-14 IA-60 IA-78 EV-63
func TestTagsOfMFADevices(t *testing.T) {
	h := harness(t)
	h.Account(account, "root")
	root := h.As("root")
	d := newDevice(t, root, "phone", "Tags.member.1.Key", "Team", "Tags.member.1.Value", "a")
	root.Call("iam", "TagMFADevice", "SerialNumber", d.serial, "Tags.member.1.Key", "team", "Tags.member.1.Value", "b", "Tags.member.2.Key", "Area", "Tags.member.2.Value", "").OK()
	a := root.Call("iam", "ListMFADeviceTags", "SerialNumber", d.serial, "MaxItems", "1").OK()
	b := root.Call("iam", "ListMFADeviceTags", "SerialNumber", d.serial, "Marker", a.Get("Marker")).OK()
	if a.Get("Tags.member.Key") != "Area" || b.Get("Tags.member.Key") != "team" || b.Get("Tags.member.Value") != "b" {
		t.Errorf("tags: %s\n%s", a.Body, b.Body)
	}

	h.User("alice", account, `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":["iam:TagMFADevice","iam:DeleteVirtualMFADevice","iam:ListMFADeviceTags"],"Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"b"}}},
		{"Effect":"Deny","Action":"iam:TagMFADevice","Resource":"*","Condition":{"ForAnyValue:StringEquals":{"aws:TagKeys":"secret"}}},
		{"Effect":"Allow","Action":"iam:UntagMFADevice","Resource":"*","Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":"Area"}}}]}`)
	other := newDevice(t, root, "other")
	alice := h.As("alice")
	alice.Call("iam", "ListMFADeviceTags", "SerialNumber", d.serial).OK()
	alice.Call("iam", "ListMFADeviceTags", "SerialNumber", other.serial).Fails("AccessDenied")
	alice.Call("iam", "TagMFADevice", "SerialNumber", d.serial, "Tags.member.1.Key", "x", "Tags.member.1.Value", "y").OK()
	alice.Call("iam", "TagMFADevice", "SerialNumber", d.serial, "Tags.member.1.Key", "secret", "Tags.member.1.Value", "y").Fails("AccessDenied")
	alice.Call("iam", "UntagMFADevice", "SerialNumber", d.serial, "TagKeys.member.1", "team").Fails("AccessDenied")
	alice.Call("iam", "UntagMFADevice", "SerialNumber", d.serial, "TagKeys.member.1", "Area", "TagKeys.member.2", "Area").OK()
	alice.Call("iam", "DeleteVirtualMFADevice", "SerialNumber", other.serial).Fails("AccessDenied")
	alice.Call("iam", "DeleteVirtualMFADevice", "SerialNumber", "arn:aws:iam::111122223333:mfa/nothing").Fails("AccessDenied")
	alice.Call("iam", "DeleteVirtualMFADevice", "SerialNumber", "no-arn-at-all").Fails("AccessDenied")

	if got := root.Call("iam", "ListMFADeviceTags", "SerialNumber", d.serial).All("Key"); strings.Join(got, " ") != "team x" {
		t.Errorf("tags left: %v", got)
	}
	for _, operation := range []string{"ListMFADeviceTags", "TagMFADevice", "UntagMFADevice"} {
		root.Call("iam", operation, "SerialNumber", "arn:aws:iam::111122223333:mfa/nothing",
			map[string]string{"TagMFADevice": "Tags.member.1.Key", "UntagMFADevice": "TagKeys.member.1", "ListMFADeviceTags": "MaxItems"}[operation], "1",
			map[string]string{"TagMFADevice": "Tags.member.1.Value"}[operation], "v").Fails("NoSuchEntity")
	}
	for i := range 48 {
		root.Call("iam", "TagMFADevice", "SerialNumber", d.serial, "Tags.member.1.Key", fmt.Sprint("k", i), "Tags.member.1.Value", "").OK()
	}
	root.Call("iam", "TagMFADevice", "SerialNumber", d.serial, "Tags.member.1.Key", "one-more", "Tags.member.1.Value", "").Fails("LimitExceeded")
}

// Rules: IA-5 IA-78
func TestMFAOfOneself(t *testing.T) {
	h := harness(t)
	h.Account(account, "root")
	h.User("alice", account, `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":["iam:EnableMFADevice","iam:ListMFADevices","iam:GetMFADevice","iam:ResyncMFADevice","iam:DeactivateMFADevice"],"Resource":"arn:aws:iam::*:user/${aws:username}"},
		{"Effect":"Allow","Action":"iam:CreateVirtualMFADevice","Resource":"arn:aws:iam::*:mfa/${aws:username}"}]}`)
	h.User("bob", account, "")
	alice := h.As("alice")
	d := newDevice(t, alice, "alice")
	d.enable(h, "alice", "bob").Fails("AccessDenied")
	d.enable(h, "alice", "alice").OK()
	if got := alice.Call("iam", "ListMFADevices").OK().Get("SerialNumber"); got != d.serial {
		t.Errorf("device %s", got)
	}
	alice.Call("iam", "ListVirtualMFADevices").Fails("AccessDenied")
	alice.Call("iam", "ListMFADevices", "UserName", "bob").Fails("AccessDenied")
	alice.Call("iam", "GetMFADevice", "SerialNumber", d.serial).OK()
	alice.Call("iam", "DeactivateMFADevice", "SerialNumber", d.serial).OK()
}

// Guessing in parallel gets no more tries than one after the other, and a right
// code that is sent many times at once serves once.
//
// Rules: TH-50 TH-22
func TestCodesInParallel(t *testing.T) {
	h := harness(t)
	h.Account(account, "root")
	h.User("alice", account, "")
	d := newDevice(t, h.As("root"), "phone")
	d.enable(h, "root", "alice").OK()
	h.Advance(time.Hour)
	var served atomic.Int32
	many := func(code string) {
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				if h.As("alice").Call("sts", "GetSessionToken", "SerialNumber", d.serial, "TokenCode", code).Status == 200 {
					served.Add(1)
				}
			})
		}
		wg.Wait()
	}
	tried := func(want int) {
		t.Helper()
		h.View(func(tx *store.Tx) error {
			d, err := tx.Device(account, "phone")
			if err == nil && d.Failures != want {
				t.Errorf("%d wrong codes were tried, want %d", d.Failures, want)
			}
			return err
		})
	}
	many(mfa.Code(d.seed, h.Now()))
	if n := served.Swap(0); n != 1 {
		t.Errorf("a code served %d times", n)
	}
	tried(6) // of the other 49
	h.Advance(time.Hour)
	many(mfa.Code(d.seed, h.Now().Add(-time.Hour)))
	tried(7) // the second is too early
	if n := served.Load(); n != 0 {
		t.Errorf("a wrong code served %d times", n)
	}
}
