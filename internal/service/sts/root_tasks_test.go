package sts_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/mfa"
	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/store"
)

// A session of the password's task lets the member's root set a password by
// recovery, and gives none itself. A user of that name is another matter.
//
// Rules: ST-78 IA-5 IA-52
func TestAssumedRootsAndThePasswordOfRoot(t *testing.T) {
	t.Parallel()
	h := organized(t)
	enableRootSessions(h)
	h.User("root", member, "")
	actor(h, "creator", assumeRoot(h, "admin", member, task("IAMCreateRootUserPassword")))
	actor(h, "auditor", assumeRoot(h, "admin", member, task(audit)))
	actor(h, "cleaner", assumeRoot(h, "admin", member, task("IAMDeleteRootUserCredentials")))
	has := func(want string) {
		t.Helper()
		a := h.As("auditor").Call("iam", "GetAccountSummary").OK()
		if !strings.Contains(a.Body, "<key>AccountPasswordPresent</key><value>"+want+"</value>") {
			t.Errorf("AccountPasswordPresent is not %s: %s", want, a.Body)
		}
	}
	none := "Login Profile for User root cannot be found."
	for _, who := range []string{"creator", "auditor", "cleaner"} {
		h.As(who).Call("iam", "GetLoginProfile").Fails("NoSuchEntity", none)
	}
	has("0")
	h.As("cleaner").Call("iam", "DeleteLoginProfile").Fails("NoSuchEntity", none)
	h.As("creator").Call("iam", "CreateLoginProfile", "Password", "Correct-1-horse").
		Fails("ValidationError", "Must not specify a password for the login profile of the root user.")
	for who, operations := range map[string][]string{
		"creator": {"DeleteLoginProfile"}, "auditor": {"CreateLoginProfile", "DeleteLoginProfile"}, "cleaner": {"CreateLoginProfile"},
	} {
		for _, operation := range operations {
			h.As(who).Call("iam", operation).Fails("AccessDenied")
		}
	}
	for _, call := range [][]string{{"CreateLoginProfile", "Password", "Correct-1-horse"}, {"GetLoginProfile"}, {"UpdateLoginProfile", "Password", "Correct-1-horse"}} {
		for _, user := range []string{"local", "root"} { // root's own only
			h.As("creator").Call("iam", call[0], append([]string{"UserName", user}, call[1:]...)...).Fails("AccessDenied")
		}
	}
	h.As("owner").Call("iam", "CreateLoginProfile").Fails("ValidationError", "Must specify userName when calling with non-User credentials")

	a := h.As("creator").Call("iam", "CreateLoginProfile", "PasswordResetRequired", "true").OK()
	if a.Get("LoginProfile.UserName") != "root" || a.Get("LoginProfile.PasswordResetRequired") != "false" || a.Get("LoginProfile.CreateDate") == "" {
		t.Errorf("created %s", a.Body)
	}
	h.As("creator").Call("iam", "CreateLoginProfile").Fails("EntityAlreadyExists", "Login Profile for user root already exists.")
	h.As("auditor").Call("iam", "GetLoginProfile").OK()
	has("1")
	h.View(func(tx *store.Tx) error {
		p, err := tx.LoginProfile(member, identity.RootUser)
		if err != nil {
			return err
		}
		if len(p.Sealed) > 0 || !p.Changed.IsZero() || p.ResetRequired {
			t.Errorf("root has a password that root did not set: %+v", p)
		}
		return nil
	})
	h.As("owner").Call("iam", "GetLoginProfile", "UserName", "root").Fails("NoSuchEntity", none)
	h.As("cleaner").Call("iam", "DeleteLoginProfile").OK()
	h.As("auditor").Call("iam", "GetLoginProfile").Fails("NoSuchEntity", none)
	has("0")
}

// All that the task of deleting root's credentials has to do.
//
// Rules: ST-78
func TestAssumedRootsDeleteCredentials(t *testing.T) {
	t.Parallel()
	h := organized(t)
	enableRootSessions(h)
	key := h.As("owner").Call("iam", "CreateAccessKey").OK().Get("AccessKeyId")
	certificate := h.As("owner").Call("iam", "UploadSigningCertificate", "CertificateBody", selfSigned(t, h.Now())).OK().Get("CertificateId")
	serial := rootDevice(h, member)
	actor(h, "auditor", assumeRoot(h, "admin", member, task(audit)))
	actor(h, "cleaner", assumeRoot(h, "admin", member, task("IAMDeleteRootUserCredentials")))
	for _, who := range []string{"auditor", "cleaner"} {
		for operation, want := range map[string]string{"ListAccessKeys": key, "ListMFADevices": serial, "ListSigningCertificates": certificate} {
			if a := h.As(who).Call("iam", operation).OK(); !strings.Contains(a.Body, ">"+want+"<") {
				t.Errorf("%s does not see %s: %s", who, want, a.Body)
			}
		}
		h.As(who).Call("iam", "GetUser").OK()
		h.As(who).Call("iam", "GetAccessKeyLastUsed", "AccessKeyId", key).OK()
		h.As(who).Call("iam", "GetUser", "UserName", "local").Fails("AccessDenied")
	}
	deletions := [][]string{
		{"DeactivateMFADevice", "SerialNumber", serial}, {"DeleteSigningCertificate", "CertificateId", certificate}, {"DeleteAccessKey", "AccessKeyId", key},
	}
	for _, call := range deletions {
		h.As("auditor").Call("iam", call[0], call[1:]...).Fails("AccessDenied")
		h.As("cleaner").Call("iam", call[0], call[1:]...).OK()
	}
	for operation, gone := range map[string]string{"ListAccessKeys": key, "ListMFADevices": serial, "ListSigningCertificates": certificate} {
		if a := h.As("auditor").Call("iam", operation).OK(); strings.Contains(a.Body, ">"+gone+"<") {
			t.Errorf("%s is still there: %s", gone, a.Body)
		}
	}
}

// rootDevice gives an account's root a device.
func rootDevice(h *servicetest.Harness, account identity.AccountID) (serial string) {
	d := &identity.MFADevice{Account: account, Name: "root-account-mfa-device", Path: "/", UserID: identity.RootUser, Created: h.Now(), Enabled: h.Now()}
	h.Update(func(tx *store.Tx) error {
		a, err := tx.Account(account)
		if err != nil {
			return err
		}
		if d.Sealed, err = mfa.SealSeed(h.Ring, d.Serial(), []byte("12345678901234567890")); err != nil {
			return err
		}
		if err := tx.CreateDevice(d); err != nil {
			return err
		}
		a.RootMFA = []string{d.Serial()}
		return tx.PutAccount(a)
	})
	return d.Serial()
}

// selfSigned returns a certificate in PEM that is valid now.
func selfSigned(t *testing.T, now time.Time) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour)}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}))
}
