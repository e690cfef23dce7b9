package server_test

import (
	"errors"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/regent-iam/regent/internal/config"
	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/server"
	"github.com/regent-iam/regent/internal/store/kv"
)

// TestRewrap: the ring is under another master key, and nothing else is so: keys
// and sessions stay good, and the old key opens nothing.
func TestRewrap(t *testing.T) {
	t.Parallel()
	w := begin(t, server.Options{})
	root := w.root()
	session, err := root.Session(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c := &config.Config{Data: w.options.Data}
	file := filepath.Join(t.TempDir(), "new.key")
	if err := server.Rewrap(t.Context(), c, file); err == nil || !strings.Contains(err.Error(), "new master key") {
		t.Errorf("a file that is not there: %v", err)
	}
	if _, err := seal.CreateMaster(file); err != nil {
		t.Fatal(err)
	}
	if err := server.Rewrap(t.Context(), c, file); !errors.Is(err, kv.ErrInUse) {
		t.Errorf("beside a server: %v", err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := server.Rewrap(t.Context(), c, file); err != nil {
		t.Fatal(err)
	}
	if err := server.Rewrap(t.Context(), c, file); !errors.Is(err, seal.ErrWrongKey) {
		t.Errorf("by the old key: %v", err)
	}
	if _, err := server.New(t.Context(), w.options); !errors.Is(err, seal.ErrWrongKey) {
		t.Errorf("started with the old key: %v", err)
	}
	o := w.options
	o.MasterKeyFile = file
	w.start(t, o)
	for name, client := range map[string]server.Client{"key": root, "session": session} {
		// The clients are of the server that was.
		r := local(http.MethodPost, "/", "Action=GetCallerIdentity&Version=2011-06-15")
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if err := client.Sign(r, "sts", "Action=GetCallerIdentity&Version=2011-06-15"); err != nil {
			t.Fatal(err)
		}
		if answer := w.ask(r); answer.Code != http.StatusOK {
			t.Errorf("%s: %d %s", name, answer.Code, answer.Body)
		}
	}
	if err := server.Rewrap(t.Context(), &config.Config{Data: t.TempDir()}, file); !errors.Is(err, server.ErrNoData) {
		t.Errorf("an empty directory: %v", err)
	}
}

// TestRenew, as a restored copy is: sessions of before are out, keys stay.
//
// Rules: TH-46
func TestRenew(t *testing.T) {
	t.Parallel()
	w := begin(t, server.Options{})
	root := w.root()
	session, err := root.Session(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := server.Renew(t.Context(), &config.Config{Data: w.options.Data}); err != nil {
			t.Fatal(err)
		}
	}
	w.start(t, w.options)
	for want, client := range map[int]server.Client{http.StatusOK: root, http.StatusForbidden: session} {
		r := local(http.MethodPost, "/", "Action=GetCallerIdentity&Version=2011-06-15")
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if err := client.Sign(r, "sts", "Action=GetCallerIdentity&Version=2011-06-15"); err != nil {
			t.Fatal(err)
		}
		if answer := w.ask(r); answer.Code != want || want != http.StatusOK && !strings.Contains(answer.Body.String(), "<Code>InvalidClientTokenId</Code>") {
			t.Errorf("%d %s, and wanted %d", answer.Code, answer.Body, want)
		}
	}
}
