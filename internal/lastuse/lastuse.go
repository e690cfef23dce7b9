// Package lastuse notes when access keys and roles were last used, and which
// services principals tried, to within a quarter of an hour (IA-51, IA-58). A request only looks whether that is noted
// already; what is new waits in memory and is written in the background, so
// that the hot path never writes. What waits when the process dies is lost:
// the next use notes it again.
package lastuse

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
)

const (
	// granularity is how far behind what is noted may be.
	granularity = 15 * time.Minute
	// maxFresh is how many keys and roles are remembered to be noted, and
	// maxWaiting how many wait to be written. An entry is about 200 bytes.
	maxFresh   = 1 << 16
	maxWaiting = 1 << 12
	// batch is how many uses one transaction writes. Each reads two records and
	// writes one.
	batch = 32
	// collect is how long the first use of a batch waits for others, and retry
	// how long a batch waits that could not be written.
	collect = 250 * time.Millisecond
	retry   = 5 * time.Second
)

// A subject is what is used: a long-term key, or a role by its unique id.
type subject struct {
	key  identity.AccessKeyID
	role string
}

// subjectOf returns what a caller used. Sessions of users and federated ones
// use no key that AWS tells the last use of.
func subjectOf(c *authn.Caller) (subject, bool) {
	switch {
	case c.Kind == authn.RoleSession:
		return subject{role: c.PrincipalID}, true
	case c.Signs() && c.Session == nil:
		return subject{key: c.AccessKeyID}, true
	}
	return subject{}, false
}

// A Tracker notes uses. It is safe for concurrent use.
type Tracker struct {
	store *store.Store
	log   *slog.Logger
	wake  chan struct{}

	mu      sync.Mutex
	fresh   map[subject]time.Time // when it was last seen that will be noted
	waiting map[subject]identity.KeyUse

	attempts attempts
}

// New returns a Tracker that writes to s and logs what it cannot write. It
// writes nothing until Run runs.
func New(s *store.Store, log *slog.Logger) *Tracker {
	return &Tracker{
		store: s, log: log, wake: make(chan struct{}, 1),
		fresh: map[subject]time.Time{}, waiting: map[subject]identity.KeyUse{}, attempts: newAttempts(),
	}
}

// Used notes that an identified caller called a service, by the name that it
// signs for ("s3"), in a region. Whether the call was allowed does not matter.
func (t *Tracker) Used(c *authn.Caller, service, region string, now time.Time) {
	s, ok := subjectOf(c)
	if !ok {
		return
	}
	t.mu.Lock()
	seen, known := t.fresh[s]
	if known && now.Sub(seen).Abs() < granularity {
		t.mu.Unlock()
		return
	}
	noted := t.note(s, identity.KeyUse{At: now.UTC().Truncate(time.Second), Service: service, Region: region})
	t.mu.Unlock()
	if noted {
		t.rouse()
	}
}

// note lets a use wait to be written. When too many wait it is left to a later
// use of the same subject.
func (t *Tracker) note(s subject, use identity.KeyUse) bool {
	if _, ok := t.waiting[s]; !ok && len(t.waiting) >= maxWaiting {
		return false
	}
	for old := range t.fresh { // any one goes: it costs one more write at its next use
		if len(t.fresh) < maxFresh {
			break
		}
		delete(t.fresh, old)
	}
	t.fresh[s], t.waiting[s] = use.At, use
	return true
}

func (t *Tracker) rouse() {
	select {
	case t.wake <- struct{}{}:
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
		if err := t.Flush(ctx); err != nil && ctx.Err() == nil {
			t.log.LogAttrs(ctx, slog.LevelError, "last uses not written", slog.String("error", err.Error()))
			pause(ctx, retry)
			t.rouse()
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

// Flush writes what waits now. What cannot be written waits on.
func (t *Tracker) Flush(ctx context.Context) error {
	for {
		uses := t.take()
		if len(uses) == 0 {
			return t.flushAttempts(ctx)
		}
		err := t.store.Update(ctx, func(tx *store.Tx) error {
			for s, use := range uses {
				if err := write(tx, s, use); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.putBack(uses)
			return fmt.Errorf("writing last uses: %w", err)
		}
	}
}

func (t *Tracker) take() map[subject]identity.KeyUse {
	t.mu.Lock()
	defer t.mu.Unlock()
	uses := make(map[subject]identity.KeyUse, min(batch, len(t.waiting)))
	for s, use := range t.waiting {
		if len(uses) == batch {
			break
		}
		uses[s] = use
		delete(t.waiting, s)
	}
	return uses
}

func (t *Tracker) putBack(uses map[subject]identity.KeyUse) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for s, use := range uses {
		if _, newer := t.waiting[s]; !newer {
			t.waiting[s] = use
		}
	}
}

// write enters one use, unless another node noted one of about that time.
func write(tx *store.Tx, s subject, use identity.KeyUse) error {
	last := func() (*identity.KeyUse, error) { return tx.KeyUse(s.key) }
	put := func() error { return tx.PutKeyUse(s.key, use) }
	if s.role != "" {
		last = func() (*identity.KeyUse, error) { return tx.RoleUse(s.role) }
		put = func() error { return tx.PutRoleUse(s.role, use) }
	}
	was, err := last()
	switch {
	case err == nil && use.At.Sub(was.At).Abs() < granularity:
		return nil
	case err != nil && !errors.Is(err, store.ErrNotFound):
		return err
	}
	return put()
}
