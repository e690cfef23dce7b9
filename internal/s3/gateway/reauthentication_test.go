package gateway_test

import (
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/sigv4"
)

// console makes an actor of what the console gets for an account's root who
// proved to be it a while ago.
func (w *world) console(actor string, ago time.Duration) {
	w.t.Helper()
	c, err := session.Mint(w.ring, session.Session{
		Kind: session.Console, Account: prod, Proved: w.now().Add(-ago), Issued: w.now(), Expires: w.now().Add(time.Hour),
	}, rand.Reader)
	check(w.t, err)
	w.actors[actor] = sigv4.Credentials{AccessKeyID: string(c.KeyID), SecretAccessKey: c.Secret.Reveal(), SessionToken: c.Token}
}

// TestRootProvesItselfBeforeItWrites in a browser, objects and buckets alike.
// Reads go on.
//
// Rules: TH-90
func TestRootProvesItselfBeforeItWrites(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.bucket("prod", "b-proved", "")
	w.put("prod", "/b-proved/k", "v").is(200)
	w.console("fresh", 9*time.Minute)
	w.console("stale", 11*time.Minute)
	for _, call := range [][2]string{{"PUT", "/b-proved/k"}, {"PUT", "/b-new"}, {"POST", "/b-proved/k?uploads"}, {"DELETE", "/b-proved/k"}} {
		if a := w.do("stale", call[0], call[1], request{}).is(403); !strings.Contains(a.body, "<Code>AccessDenied</Code><Message>Reauthentication required:") {
			t.Errorf("%s: %s", call, a.body)
		}
	}
	w.get("stale", "/b-proved/k").is(200)
	w.get("stale", "/b-proved").is(200)
	w.put("fresh", "/b-proved/k", "w").is(200)
}
