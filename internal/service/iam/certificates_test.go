package iam_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/store"
)

// A pair is a certificate and its key.
type pair struct {
	certificate *x509.Certificate
	key         crypto.Signer
}

func (p pair) pem() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.certificate.Raw}))
}

func (p pair) keyPEM(t *testing.T) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(p.key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func newECDSA(t *testing.T) crypto.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// issue makes a certificate that by signs, or the key itself when by is nil.
func issue(t *testing.T, name string, key crypto.Signer, by *pair) pair {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(int64(len(name))), Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: servicetest.Epoch, NotAfter: servicetest.Epoch.Add(48 * time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	parent, signer := template, key
	if by != nil {
		parent, signer = by.certificate, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return pair{c, key}
}

func upload(by *servicetest.Caller, name string, p pair, key string, more ...string) *servicetest.Answer {
	return by.Call("iam", "UploadServerCertificate", append([]string{"ServerCertificateName", name, "CertificateBody", p.pem(), "PrivateKey", key}, more...)...)
}

// Rules: IA-1 IA-2 IA-11 IA-12 IA-30 IA-55 IA-61 IA-78
func TestServerCertificates(t *testing.T) {
	h := harness(t)
	h.Account(account, "root")
	h.User("uploader", account, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:UploadServerCertificate","Resource":"arn:aws:iam::*:server-certificate/cloudfront/*"}]}`)
	h.User("nobody", account, "")
	root, uploader := h.As("root"), h.As("uploader")
	p := issue(t, "www", newECDSA(t), nil)
	key := p.keyPEM(t)
	a := upload(uploader, "www", p, key, "Path", "/cloudfront/x/").OK()
	if a.Get("Arn") != "arn:aws:iam::111122223333:server-certificate/cloudfront/x/www" || !strings.HasPrefix(a.Get("ServerCertificateId"), "ASCA") ||
		a.Get("Expiration") != "2026-04-03T12:00:00Z" || a.Get("UploadDate") != "2026-04-01T12:00:00Z" {
		t.Errorf("upload: %s", a.Body)
	}
	upload(uploader, "www", p, key).Fails("AccessDenied")
	tags := []string{"Tags.member.1.Key", "k", "Tags.member.1.Value", "v"}
	upload(uploader, "tagged", p, key, append(tags, "Path", "/cloudfront/")...).Fails("AccessDenied")
	upload(root, "WWW", p, key).Fails("EntityAlreadyExists", "The Server Certificate with name WWW already exists.")
	if got := upload(root, "tagged", p, key, tags...).OK().All("Tags.member.Value"); fmt.Sprint(got) != "[v]" {
		t.Errorf("tags %v", got)
	}

	for _, c := range []struct {
		call string
		want string
	}{
		{"GetServerCertificate ServerCertificateName=www", "AccessDenied"},
		{"GetServerCertificate ServerCertificateName=none", "AccessDenied"},
		{"ListServerCertificates", "AccessDenied"},
		{"UpdateServerCertificate ServerCertificateName=www NewPath=/y/", "AccessDenied"},
		{"DeleteServerCertificate ServerCertificateName=www", "AccessDenied"},
		{"TagServerCertificate ServerCertificateName=www Tags.member.1.Key=a Tags.member.1.Value=b", "AccessDenied"},
		{"UntagServerCertificate ServerCertificateName=www TagKeys.member.1=k", "AccessDenied"},
		{"ListServerCertificateTags ServerCertificateName=www", "AccessDenied"},
	} {
		operation, rest, _ := strings.Cut(c.call, " ")
		h.As("nobody").Call("iam", operation, parameters(rest)...).Fails(c.want)
		if strings.Contains(rest, "=www") {
			root.Call("iam", operation, parameters(strings.ReplaceAll(rest, "=www", "=none"))...).
				Fails("NoSuchEntity", "The Server Certificate with name none cannot be found.")
		}
	}

	list := root.Call("iam", "ListServerCertificates", "PathPrefix", "/cloudfront/").OK()
	if got := list.All("member.ServerCertificateName"); fmt.Sprint(got) != "[www]" || len(list.All("Tags")) > 0 {
		t.Errorf("list: %s", list.Body)
	}
	first := root.Call("iam", "ListServerCertificates", "MaxItems", "1").OK()
	if got := first.All("member.ServerCertificateName"); fmt.Sprint(got) != "[tagged]" || first.Get("IsTruncated") != "true" {
		t.Errorf("list: %s", first.Body)
	}

	root.Call("iam", "UpdateServerCertificate", "ServerCertificateName", "www", "NewServerCertificateName", "Tagged").Fails("EntityAlreadyExists")
	root.Call("iam", "UpdateServerCertificate", "ServerCertificateName", "www", "NewServerCertificateName", "web", "NewPath", "/y/").OK()
	got := root.Call("iam", "GetServerCertificate", "ServerCertificateName", "web").OK()
	if got.Get("Arn") != "arn:aws:iam::111122223333:server-certificate/y/web" || got.Get("ServerCertificateId") != a.Get("ServerCertificateId") ||
		strings.TrimSpace(got.Get("CertificateBody")) != strings.TrimSpace(p.pem()) {
		t.Errorf("get: %s", got.Body)
	}
	root.Call("iam", "GetServerCertificate", "ServerCertificateName", "www").Fails("NoSuchEntity")
	root.Call("iam", "TagServerCertificate", append(tags, "ServerCertificateName", "web")...).OK()
	if got := root.Call("iam", "ListServerCertificateTags", "ServerCertificateName", "web").OK().Get("Value"); got != "v" {
		t.Errorf("tag %q", got)
	}
	root.Call("iam", "UntagServerCertificate", "ServerCertificateName", "web", "TagKeys.member.1", "K").OK()
	if got := root.Call("iam", "ListServerCertificateTags", "ServerCertificateName", "web").OK().All("Value"); len(got) > 0 {
		t.Errorf("tags %v", got)
	}
	root.Call("iam", "DeleteServerCertificate", "ServerCertificateName", "web").OK()
	root.Call("iam", "DeleteServerCertificate", "ServerCertificateName", "web").Fails("NoSuchEntity")
	if got := entries(root.Call("iam", "GetAccountSummary").OK())["ServerCertificates"]; got != "1" {
		t.Errorf("the summary counts %s", got)
	}
}

// Certificate, key and chain have to belong together.
//
// Rules: IA-30 IA-55 TH-24
func TestServerCertificatesThatDoNotFit(t *testing.T) {
	h := harness(t)
	h.Account(account, "root")
	root := h.As("root")
	ca := issue(t, "authority", newECDSA(t), nil)
	between := issue(t, "between", newECDSA(t), &ca)
	leaf := issue(t, "leaf", newECDSA(t), &between)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	other := issue(t, "other", rsaKey, nil)
	key := leaf.keyPEM(t)
	ec, err := x509.MarshalECPrivateKey(leaf.key.(*ecdsa.PrivateKey))
	if err != nil {
		t.Fatal(err)
	}
	sec1 := string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: ec}))
	pkcs1 := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(rsaKey)}))
	rows := []struct {
		name  string
		of    pair
		key   string
		chain string
		code  string
	}{
		{"whole", leaf, key, between.pem() + ca.pem(), ""},
		{"partial", leaf, key, between.pem(), ""},
		{"alone", leaf, key, "", ""},
		{"sec1", leaf, sec1, "", ""},
		{"pkcs1", other, pkcs1, "", ""},
		{"pkcs8", other, other.keyPEM(t), "", ""},
		{"another's key", leaf, between.keyPEM(t), "", "KeyPairMismatch"},
		{"another kind of key", leaf, pkcs1, "", "KeyPairMismatch"},
		{"no key", leaf, "hello", "", "MalformedCertificate"},
		{"a certificate for a key", leaf, leaf.pem(), "", "MalformedCertificate"},
		{"two keys", leaf, key + key, "", "MalformedCertificate"},
		{"chain in disorder", leaf, key, ca.pem() + between.pem(), "MalformedCertificate"},
		{"chain of others", leaf, key, other.pem(), "MalformedCertificate"},
		{"no chain", leaf, key, "hello", "MalformedCertificate"},
		{"chain with a key", leaf, key, between.pem() + key, "MalformedCertificate"},
		{"chain without end", leaf, key, strings.Repeat(ca.pem(), 33), "MalformedCertificate"},
	}
	for i, row := range rows {
		more := []string{}
		if row.chain != "" {
			more = append(more, "CertificateChain", row.chain)
		}
		a := upload(root, fmt.Sprint("c", i), row.of, row.key, more...)
		if a.Code != row.code || row.code != "" && a.Status != 400 {
			t.Errorf("%s: %d %s %s, want %q", row.name, a.Status, a.Code, a.Message, row.code)
		}
		if row.code == "" {
			got := root.Call("iam", "GetServerCertificate", "ServerCertificateName", fmt.Sprint("c", i)).OK()
			if len(got.All("CertificateChain")) != len(more)/2 || strings.Contains(got.Body, "PRIVATE") {
				t.Errorf("%s: %s", row.name, got.Body)
			}
		}
	}
	root.Call("iam", "UploadServerCertificate", "ServerCertificateName", "x", "CertificateBody", leaf.pem()+leaf.pem(), "PrivateKey", key).Fails("MalformedCertificate")
	root.Call("iam", "UploadServerCertificate", "ServerCertificateName", "a b", "CertificateBody", leaf.pem(), "PrivateKey", key).Fails("ValidationError")
}

// Twenty is the most, and many at once do not get past it; the private key is
// sealed for its certificate.
//
// Rules: IA-44 IA-55 TH-54
func TestServerCertificateQuotaAndKey(t *testing.T) {
	h := harness(t)
	h.Account(account, "root")
	p := issue(t, "www", newECDSA(t), nil)
	key := p.keyPEM(t)
	var wait sync.WaitGroup
	codes := make([]string, 24)
	for i := range codes {
		wait.Go(func() { codes[i] = upload(h.As("root"), fmt.Sprint("c", i), p, key).Code })
	}
	wait.Wait()
	made := 0
	for i, code := range codes {
		if code == "" {
			made++
		} else if code != "LimitExceeded" {
			t.Errorf("call %d: %s", i, code)
		}
	}
	if made != 20 {
		t.Errorf("%d certificates were made", made)
	}
	upload(h.As("root"), "more", p, key).Fails("LimitExceeded", "Cannot exceed quota for ServerCertificatesPerAccount: 20")
	h.View(func(tx *store.Tx) error {
		list, _, err := tx.ServerCertificates(account, store.Page[identity.ServerCertificate]{Limit: 1})
		if err != nil {
			return err
		}
		body, err := tx.ServerCertificateBody(list[0])
		if err != nil {
			return err
		}
		if bytes.Contains(body.Sealed, []byte("PRIVATE")) {
			t.Error("the key lies open")
		}
		opened, err := h.Ring.Open(seal.PrivateKey, "server-certificate/"+list[0].ID, body.Sealed)
		if err == nil && string(opened) != key {
			t.Error("another key is kept")
		}
		return err
	})
}

// What is kept of a service's password is its digest, sealed.
//
// Rules: IA-56 TH-54
func TestSecretsOfServiceCredentials(t *testing.T) {
	h := harness(t)
	h.Account(account, "root")
	h.User("alice", account, "")
	a := h.As("root").Call("iam", "CreateServiceSpecificCredential", "UserName", "alice", "ServiceName", "codecommit.amazonaws.com").OK()
	id, first := a.Get("ServiceSpecificCredentialId"), a.Get("ServicePassword")
	second := h.As("root").Call("iam", "ResetServiceSpecificCredential", "UserName", "alice", "ServiceSpecificCredentialId", id).OK().Get("ServicePassword")
	if len(first) != 60 || !strings.HasSuffix(first, "=") || len(second) != 60 || first == second {
		t.Error("a password is not 60 characters, or a reset leaves it")
	}
	h.View(func(tx *store.Tx) error {
		c, err := tx.ServiceCredentialByName(account, "codecommit.amazonaws.com", "ALICE-at-111122223333")
		if err != nil {
			return err
		}
		digest, err := h.Ring.Open(seal.Password, "service-credential/"+id, c.Sealed)
		want := sha256.Sum256([]byte(second))
		if err == nil && !bytes.Equal(digest, want[:]) {
			t.Error("the digest of another password is kept")
		}
		return err
	})
}
