package holders_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/holders"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/store/kv"
	"github.com/regent-iam/regent/internal/store/kv/memkv"
)

const account identity.AccountID = "111122223333"

var start = time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)

// counting is a database that counts its updates, and fails them on demand.
type counting struct {
	kv.DB
	updates atomic.Int64
	failure error
}

func (c *counting) Update(ctx context.Context, fn func(kv.Writer) error) error {
	c.updates.Add(1)
	if c.failure != nil {
		return c.failure
	}
	return c.DB.Update(ctx, fn)
}

// A world is a tracker over a database, with a clock to move.
type world struct {
	t *testing.T
	*holders.Tracker
	db    *counting
	store *store.Store
	clock atomic.Int64
}

func (w *world) now() time.Time { return start.Add(time.Duration(w.clock.Load())) }

func newWorld(t *testing.T) *world {
	t.Helper()
	db := memkv.New(memkv.Options{})
	t.Cleanup(func() { _ = db.Close() })
	w := &world{t: t, db: &counting{DB: db}}
	w.store = store.New(w.db)
	w.Tracker = holders.New(w.store, w.now, slog.New(slog.DiscardHandler))
	return w
}

var alice = authn.Caller{Kind: authn.Root, Account: account, ARN: "arn:aws:iam::111122223333:root", AccessKeyID: "AKIA1"}

// mint hands over a session of root's, and returns it.
func (w *world) mint(n int, lasts time.Duration) *session.Session {
	s := &session.Session{
		Kind: session.User, Account: account, KeyID: identity.AccessKeyID(fmt.Sprintf("%s%016d", arn.TemporaryKeyID, n)),
		Issued: w.now(), Expires: w.now().Add(lasts), Ancestors: []session.Ancestor{{KeyID: "AKIA1", Account: account}},
	}
	w.Minted(&alice, s, netip.MustParseAddr("192.0.2.1"))
	return s
}

func (w *world) flush() {
	w.t.Helper()
	if err := w.Flush(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// listed returns the sessions that come from the key, all pages of them.
func (w *world) listed() []*store.MintedSession {
	w.t.Helper()
	var all []*store.MintedSession
	for after := ""; ; {
		err := w.store.View(w.t.Context(), func(tx *store.Tx) error {
			some, next, err := tx.MintedSessions(store.SessionLink{Account: account, ID: "AKIA1"}, w.now(), store.Page[store.MintedSession]{After: after, Limit: 1000})
			all, after = append(all, some...), next
			return err
		})
		if err != nil {
			w.t.Fatal(err)
		}
		if after == "" {
			return all
		}
	}
}

// kept returns how many keys the database holds of sessions.
func (w *world) kept() (n int) {
	w.t.Helper()
	err := w.db.View(w.t.Context(), func(r kv.Reader) error {
		for _, err := range r.Scan("/account/"+string(account)+"/session", "") {
			if err != nil {
				return err
			}
			n++
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// A call that mints writes nothing and waits for nothing: what finds the queue
// full is counted.
func TestMintingNeverWaits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.db.failure = errors.New("disk full")
	for i := range 5000 {
		w.mint(i, time.Hour)
	}
	if w.db.updates.Load() != 0 || w.Dropped() != 5000-4096 {
		t.Errorf("%d updates on the path of a request, %d dropped", w.db.updates.Load(), w.Dropped())
	}
	if err := w.Flush(t.Context()); !errors.Is(err, w.db.failure) {
		t.Fatalf("flush: %v", err)
	}
	w.db.failure = nil
	w.flush()
	if n := len(w.listed()); n != 4096 {
		t.Errorf("%d sessions are listed, want the 4096 that waited", n)
	}
}

// A burst is noted over some seconds, each of which costs no more than the
// last: calls come first.
//
// Rules: TH-24
func TestABurstIsWrittenBitByBit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- w.Run(ctx) }()
		for i := range 2000 {
			w.mint(i, time.Hour)
		}
		written := int64(0)
		for range 3 {
			time.Sleep(time.Second + 10*time.Millisecond)
			synctest.Wait()
			if now := w.db.updates.Load(); now == written || now-written > 24 {
				t.Errorf("%d transactions in a second, want some and at most 24", now-written)
			}
			written = w.db.updates.Load()
		}
		if n := len(w.listed()); n == 0 || n == 2000 {
			t.Errorf("%d of 2000 sessions are listed after three seconds", n)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := len(w.listed()); n != 2000 || w.Dropped() != 0 {
			t.Errorf("%d of 2000 sessions are listed after a minute, %d were dropped", n, w.Dropped())
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// What waits is written when the server ends.
func TestWhatWaitsIsWrittenAtTheEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	w.mint(1, time.Hour)
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	got := w.listed()
	if len(got) != 1 || got[0].Caller != alice.ARN || got[0].Address != "192.0.2.1" || !got[0].Expires.Equal(start.Add(time.Hour)) {
		t.Errorf("%+v", got)
	}
}

// The last use is noted to the minute, and with one write a minute.
func TestUsesAreNotedToTheMinute(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.mint(1, time.Hour)
	w.flush()
	user := alice
	user.AccessKeyID, user.Session = s.KeyID, s
	for _, step := range []struct{ at, noted time.Duration }{
		{10 * time.Second, 10 * time.Second}, {69 * time.Second, 10 * time.Second}, {70 * time.Second, 70 * time.Second},
	} {
		before := w.db.updates.Load()
		w.Used(&user, "s3", "us-east-1", start.Add(step.at))
		if w.db.updates.Load() != before {
			t.Error("a use is written on the path of a request")
		}
		w.flush()
		if wrote := w.db.updates.Load() != before; wrote != (step.at == step.noted) {
			t.Errorf("at %v: written is %v", step.at, wrote)
		}
		if got := w.listed()[0].LastUsed; !got.Equal(start.Add(step.noted)) {
			t.Errorf("at %v the last use is %v", step.at, got)
		}
	}
	unknown := *s
	unknown.KeyID = "ASIAUNKNOWN"
	user.AccessKeyID, user.Session = unknown.KeyID, &unknown
	w.Used(&user, "s3", "us-east-1", start)
	w.Used(&alice, "s3", "us-east-1", start)
	w.flush()
	if n := len(w.listed()); n != 1 {
		t.Errorf("%d sessions", n)
	}
}

// What has ended is not listed, and goes as new sessions come.
func TestWhatHasEndedGoes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 50 {
		w.mint(i, time.Hour)
	}
	w.flush()
	before := w.kept()
	w.clock.Store(int64(time.Hour))
	if n := len(w.listed()); n != 0 {
		t.Errorf("%d sessions that have ended are listed", n)
	}
	w.mint(50, time.Hour)
	w.flush()
	w.mint(51, time.Hour)
	w.flush()
	if n := w.kept(); n >= before/2 {
		t.Errorf("%d keys are left of %d", n, before)
	}
	if n := len(w.listed()); n != 2 {
		t.Errorf("%d sessions are listed, want 2", n)
	}
}

// An account keeps so many sessions and no more: those go that would end first.
func TestSessionsAreBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range store.MaxMintedSessions + 30 {
		w.mint(i, time.Hour+time.Duration(i)*time.Second)
		if i%1000 == 0 {
			w.flush()
		}
	}
	w.flush()
	w.flush()
	got := w.listed()
	if len(got) != store.MaxMintedSessions || !got[0].Expires.Equal(start.Add(time.Hour+30*time.Second)) {
		t.Errorf("%d sessions, the first until %v", len(got), got[0].Expires)
	}
}

// Sessions at the end of long chains of other accounts are entered, listed and
// removed within what one transaction may do.
func TestLongChainsFit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 60 {
		s := session.Session{
			Kind: session.User, Account: account, KeyID: identity.AccessKeyID(fmt.Sprintf("%s%016d", arn.TemporaryKeyID, i)),
			Issued: w.now(), Expires: w.now().Add(time.Hour), Ancestors: []session.Ancestor{{KeyID: "AKIA1", Account: account}},
		}
		for j := range 60 {
			s.Ancestors = append(s.Ancestors, session.Ancestor{
				KeyID: identity.AccessKeyID(fmt.Sprintf("ASIA%d", j)), Account: account, PrincipalID: fmt.Sprintf("AROA%d", j),
			})
		}
		w.Minted(&alice, &s, netip.Addr{})
	}
	w.flush()
	if n := len(w.listed()); n != 60 {
		t.Errorf("%d sessions are listed, want 60", n)
	}
	w.clock.Store(int64(2 * time.Hour))
	for i := range 10 {
		w.mint(100+i, time.Hour)
		w.flush()
	}
	if n := len(w.listed()); n != 10 {
		t.Errorf("%d sessions are listed, want 10", n)
	}
	if n := w.kept(); n > 1+10*5 { // the count, and of each two records and three links
		t.Errorf("%d keys are kept", n)
	}
}
