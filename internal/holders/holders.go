// Package holders notes the sessions that are minted and when each was last
// used, to within a minute, so that an account can see who holds sessions now. A
// call hands over what it minted and goes on: it is written in the background,
// within about a second, and after a burst as fast as leaves the machine to the
// calls: some 300 a second. What waits when the process dies is lost, and so are
// sessions when more come for longer than the queue holds: their credentials are
// good, and revoking ends them all the same; only the list lacks them.
package holders

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
)

const (
	// granularity is how far behind the last use of a session may be.
	granularity = time.Minute
	// maxQueue is how many sessions wait to be written, and maxUsed how many are
	// remembered to have been used, or wait to be.
	maxQueue = 1 << 12
	maxUsed  = 1 << 15
	// collect is how long the first session of a batch waits for others, and retry
	// how long one waits that could not be written.
	collect = time.Second
	retry   = 5 * time.Second
	// most is how many transactions are spent on new sessions in one go, so that
	// a flood of them takes no more of the machine than this (TH-24).
	most = 24
	// useBatch is how many uses one transaction writes. Each may be of another
	// account, with a guard of its own.
	useBatch = 40
	// sweeps is how often one flush removes of an account what has ended.
	sweeps = 4
)

// A minted session as a call hands it over.
type minted struct {
	session *session.Session
	caller  authn.Caller
	address netip.Addr
}

// A used session.
type used struct {
	account identity.AccountID
	key     identity.AccessKeyID
}

// A Tracker notes sessions. It is safe for concurrent use.
type Tracker struct {
	store   *store.Store
	now     func() time.Time
	log     *slog.Logger
	queue   chan *minted
	wake    chan struct{}
	dropped atomic.Uint64

	flushing sync.Mutex
	pending  []*store.MintedSession // taken from the queue and not yet written

	mu      sync.Mutex
	fresh   map[used]time.Time // when it was last seen that will be noted
	waiting map[used]time.Time
}

// New returns a Tracker that writes to s, goes by the clock now and logs what it
// cannot write. It writes nothing until Run runs.
func New(s *store.Store, now func() time.Time, log *slog.Logger) *Tracker {
	return &Tracker{
		store: s, now: now, log: log, queue: make(chan *minted, maxQueue), wake: make(chan struct{}, 1),
		fresh: map[used]time.Time{}, waiting: map[used]time.Time{},
	}
}

// Minted notes a session that c got from an address. It never waits: a session
// that finds the queue full is counted and not noted.
func (t *Tracker) Minted(c *authn.Caller, s *session.Session, address netip.Addr) {
	select {
	case t.queue <- &minted{s, *c, address}:
	default:
		t.dropped.Add(1)
		return
	}
	rouse(t.wake)
}

// Dropped returns how many sessions were not noted because too many waited.
func (t *Tracker) Dropped() uint64 { return t.dropped.Load() }

// Used notes that an identified caller used its session, if it has one.
func (t *Tracker) Used(c *authn.Caller, _, _ string, now time.Time) {
	if c.Session == nil {
		return
	}
	u := used{c.Session.Account, c.AccessKeyID}
	t.mu.Lock()
	defer t.mu.Unlock()
	if seen, known := t.fresh[u]; known && now.Sub(seen).Abs() < granularity {
		return
	}
	if _, ok := t.waiting[u]; !ok && len(t.waiting) >= maxUsed {
		return // a later use is noted
	}
	for old := range t.fresh { // any one goes: it costs one more write at its next use
		if len(t.fresh) < maxUsed {
			break
		}
		delete(t.fresh, old)
	}
	at := now.UTC().Truncate(time.Second)
	t.fresh[u], t.waiting[u] = at, at
	rouse(t.wake)
}

func rouse(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // it will look anyway
	}
}

// Run writes what waits until ctx ends, and then what is left.
func (t *Tracker) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return t.Flush(context.WithoutCancel(ctx))
		case <-t.wake:
		}
		pause(ctx, collect)
		if err := t.flush(ctx, most); err != nil && ctx.Err() == nil {
			t.log.LogAttrs(ctx, slog.LevelError, "sessions not noted", slog.String("error", err.Error()))
			pause(ctx, retry)
			rouse(t.wake)
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// Flush writes what waits now, and removes some of what has ended. What cannot
// be written waits on.
func (t *Tracker) Flush(ctx context.Context) error { return t.flush(ctx, math.MaxInt) }

// flush is Flush that spends so many transactions on new sessions and leaves
// the rest for the next.
func (t *Tracker) flush(ctx context.Context, transactions int) error {
	t.flushing.Lock()
	defer t.flushing.Unlock()
	accounts := map[identity.AccountID]bool{}
	for ; ; transactions-- {
		t.take()
		if len(t.pending) == 0 {
			break
		}
		if transactions == 0 {
			rouse(t.wake)
			break
		}
		n := batch(t.pending)
		if err := t.store.Update(ctx, func(tx *store.Tx) error { return tx.PutMintedSessions(t.pending[:n]) }); err != nil {
			return fmt.Errorf("writing sessions: %w", err)
		}
		for _, m := range t.pending[:n] {
			accounts[m.Account] = true
		}
		t.pending = slices.Delete(t.pending, 0, n)
	}
	if err := t.flushUses(ctx); err != nil {
		return err
	}
	for a := range accounts {
		if err := t.sweep(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

// take makes the queue's sessions pending, a batch or two at a time, so that what
// waits stays bounded by the queue.
func (t *Tracker) take() {
	for len(t.pending) < store.MaxSessionWrites {
		select {
		case m := <-t.queue:
			t.pending = append(t.pending, m.record())
		default:
			return
		}
	}
}

// batch returns how many of the sessions one transaction takes.
func batch(sessions []*store.MintedSession) int {
	writes := 0
	for i, m := range sessions {
		if writes += m.Writes(); writes > store.MaxSessionWrites && i > 0 {
			return i
		}
	}
	return len(sessions)
}

// record returns what is kept of a session.
func (m *minted) record() *store.MintedSession {
	s, c := m.session, &m.caller
	r := &store.MintedSession{
		KeyID: s.KeyID, Kind: string(s.Kind), Account: s.Account, PrincipalID: s.PrincipalID, Name: s.Name, SourceIdentity: s.SourceIdentity,
		Provider: s.Provider, Subject: s.Subject, MFA: !s.MFA.IsZero() || s.RecordMFA, Issued: s.Issued, Expires: s.Expires, Revocations: s.Revocations,
	}
	switch {
	case c.Kind == authn.Service:
		r.Caller, r.CallerAccount = c.Service, c.Account
	case c.Signs():
		r.Caller, r.CallerAccount = c.ARN, c.Account
	}
	if m.address.IsValid() {
		r.Address = m.address.String()
	}
	for _, l := range s.Line() {
		r.Line = append(r.Line, store.SessionLink(l))
	}
	return r
}

// flushUses writes when sessions were last used.
func (t *Tracker) flushUses(ctx context.Context) error {
	for {
		uses := t.takeUses()
		if len(uses) == 0 {
			return nil
		}
		err := t.store.Update(ctx, func(tx *store.Tx) error {
			for u, at := range uses {
				if err := tx.NoteSessionUse(u.account, u.key, at); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.putBack(uses)
			return fmt.Errorf("writing uses of sessions: %w", err)
		}
	}
}

func (t *Tracker) takeUses() map[used]time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	uses := make(map[used]time.Time, min(useBatch, len(t.waiting)))
	for u, at := range t.waiting {
		if len(uses) == useBatch {
			break
		}
		uses[u] = at
		delete(t.waiting, u)
	}
	return uses
}

func (t *Tracker) putBack(uses map[used]time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for u, at := range uses {
		if _, newer := t.waiting[u]; !newer {
			t.waiting[u] = at
		}
	}
}

// sweep removes some sessions of an account that have ended or are too many.
// Usually there are none, which a view tells.
func (t *Tracker) sweep(ctx context.Context, a identity.AccountID) error {
	for range sweeps {
		var some bool
		err := t.store.View(ctx, func(tx *store.Tx) (err error) {
			some, err = tx.SessionsToSweep(a, t.now())
			return err
		})
		if err == nil && some {
			err = t.store.Update(ctx, func(tx *store.Tx) error { return tx.SweepSessions(a, t.now()) })
		}
		if err != nil {
			return fmt.Errorf("removing sessions of %s that have ended: %w", a, err)
		}
		if !some {
			return nil
		}
	}
	return nil
}
