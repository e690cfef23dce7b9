package issuer_test

import (
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/federation/issuer"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/store/kv/memkv"
)

const (
	account = identity.AccountID("111122223333")
	id      = "0b5c1d7e-1111-4222-8333-123456789abc"
	other   = "0b5c1d7e-1111-4222-8333-123456789abd"
	public  = "https://id.example"
)

func open(t *testing.T) *store.Store {
	t.Helper()
	s := store.New(memkv.New(memkv.Options{}))
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		if err := tx.CreateAccount(&identity.Account{ID: account, Email: "a@b.invalid", Status: identity.AccountActive}); err != nil {
			return err
		}
		if err := tx.PutSettings(account, &identity.AccountSettings{Outbound: true, IssuerID: id}); err != nil {
			return err
		}
		return tx.PutIssuer(id, account)
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// An issuer of this installation is one under any name that leads here, and
// nobody else's is.
//
// Rules: TH-49
func TestOwn(t *testing.T) {
	t.Parallel()
	s := open(t)
	for iss, want := range map[string]bool{
		public + "/_regent/oidc/" + id:                                true,
		"id.example/_regent/oidc/" + id:                               true,
		"https://alias.example:8443/_regent/oidc/" + id:               true,
		"https://proxy.example/x/_regent/oidc/" + id:                  true,
		public + "/_regent/oidc/" + id + "/":                          true,
		public + "/_regent/oidc/" + id + "?x":                         true,
		public + "/_regent/oidc/0B5C1D7E-1111-4222-8333-123456789ABC": true,
		public + "/%5Fregent/oidc/" + id:                              true,
		public + "/_regent/oidc/" + other:                             false, // another installation's
		public + "/_regent/oidc/":                                     false,
		public:                                                        false,
		"https://token.actions.githubusercontent.com":                 false,
		"": false,
	} {
		err := s.View(t.Context(), func(tx *store.Tx) error {
			got, err := issuer.Own(tx, iss)
			if got != want {
				t.Errorf("%q: %v", iss, got)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// There is nothing to read of an issuer that is not there, is off, or whose
// account is closed.
//
// Rules: ST-79
func TestReadShowsIssuersThatServe(t *testing.T) {
	t.Parallel()
	s := open(t)
	see := func(public, path string) bool {
		t.Helper()
		var d issuer.Document
		err := s.View(t.Context(), func(tx *store.Tx) (err error) {
			d, err = issuer.Read(tx, public, path, time.Now().UTC())
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return d != nil
	}
	change := func(do func(*store.Tx) error) {
		t.Helper()
		if err := s.Update(t.Context(), do); err != nil {
			t.Fatal(err)
		}
	}
	const discovery, keys = "/.well-known/openid-configuration", "/.well-known/jwks.json"
	if !see(public, id+discovery) || !see(public, id+keys) {
		t.Fatal("an issuer that serves cannot be read")
	}
	for _, path := range []string{
		"", id, id + "/", id + "/.well-known/", other + discovery, discovery, id + discovery + "/", id + "/x" + keys, "../" + id + keys,
	} {
		if see(public, path) {
			t.Errorf("%q can be read", path)
		}
	}
	if see("", id+keys) {
		t.Error("an issuer without a URL can be read")
	}
	change(func(tx *store.Tx) error {
		return tx.PutSettings(account, &identity.AccountSettings{IssuerID: id})
	})
	if see(public, id+discovery) || see(public, id+keys) {
		t.Error("an issuer that is off can be read")
	}
	change(func(tx *store.Tx) error {
		a, err := tx.Account(account)
		if err != nil {
			return err
		}
		a.Status = identity.AccountSuspended
		if err := tx.PutAccount(a); err != nil {
			return err
		}
		return tx.PutSettings(account, &identity.AccountSettings{Outbound: true, IssuerID: id})
	})
	if see(public, id+keys) {
		t.Error("the issuer of a closed account can be read")
	}
}
