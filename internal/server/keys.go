package server

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
)

// When a sealing key gives its place to another, unless Options say otherwise.
// XAES-256-GCM would bear 2^80 seals of one key; 2^48 are a century of a
// thousand times what a server does, and reached only by a mistake (TH-45).
const (
	defaultKeyAge = 90 * 24 * time.Hour
	maxSeals      = 1 << 48
)

// keysEvery is how often the key ring is looked after.
const keysEvery = time.Minute

// slack is how long after a rotation a call that began before it, or a server
// that has not seen it, may still mint a session under the key before.
const slack = 10 * time.Minute

// handedOutSince returns when a key must have stopped sealing for all sessions
// under it to have expired by now.
func handedOutSince(now time.Time) time.Time { return now.Add(-session.Longest - slack) }

// keys changes the key ring. The ring in use is the authenticator's, whence
// everybody takes it; the store's record of it is what counts, and a ring is in
// use only once its record is committed.
type keys struct {
	master seal.Master
	authn  *authn.Authenticator
	store  *store.Store
	now    func() time.Time
	log    *slog.Logger
	age    time.Duration // of a key that is due
	seals  uint64        // of a key that is due

	turn sync.Mutex // of who rotates

	mu     sync.Mutex
	record []byte // what the ring in use was read from

	failed string // the last failure that Run logged, "" when there was none since
}

// Begin takes the turn to rotate, and reports false when somebody has it. End
// gives it back, and puts in use what was committed meanwhile.
func (k *keys) Begin() bool { return k.turn.TryLock() }

// End is what follows Begin, whether or not a rotation was committed.
func (k *keys) End(ctx context.Context) {
	defer k.turn.Unlock()
	// The change is made whether or not the client still waits.
	if err := k.Reload(context.WithoutCancel(ctx)); err != nil {
		k.log.LogAttrs(ctx, slog.LevelError, "reading the key ring", slog.String("error", err.Error()))
	}
}

// Rotate returns the record of the ring of a record with one more key, made at
// now, and the ring. The error is seal.ErrFull when there are too many.
func (k *keys) Rotate(record []byte, now time.Time) ([]byte, *seal.Ring, error) {
	ring, err := seal.OpenRing(k.master, record)
	if err != nil {
		return nil, nil, fmt.Errorf("opening the key ring: %w", err)
	}
	if ring, err = ring.Rotate(now); err != nil {
		return nil, nil, err
	}
	rotated, err := ring.Record()
	if err != nil {
		return nil, nil, fmt.Errorf("sealing the key ring: %w", err)
	}
	return rotated, ring, nil
}

// SessionsUntil returns when the last session under a key that gave its place
// to another at a time has expired.
func (k *keys) SessionsUntil(rotated time.Time) time.Time {
	return rotated.Add(session.Longest + slack)
}

// Reload puts the store's key ring in use, if it is another than the one that
// is: rotated by a call, by another server on the same store, or put back with
// a state of before.
func (k *keys) Reload(ctx context.Context) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	var record []byte
	err := k.store.View(ctx, func(tx *store.Tx) error {
		system, err := tx.System()
		if err != nil {
			return err
		}
		record = system.Ring
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading the installation's record: %w", err)
	}
	ring := k.authn.Ring()
	if !bytes.Equal(record, k.record) {
		if ring, err = seal.OpenRing(k.master, record); err != nil {
			return fmt.Errorf("opening the key ring: %w", err)
		}
	}
	closed := ring.Close(handedOutSince(k.now()))
	if bytes.Equal(record, k.record) && closed.Closed() == ring.Closed() {
		return nil
	}
	k.record = bytes.Clone(record)
	k.authn.SetRing(closed)
	return nil
}

// Run looks after the key ring until ctx ends.
func (k *keys) Run(ctx context.Context) error {
	ticker := time.NewTicker(keysEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			k.report(ctx, k.check(ctx))
		}
	}
}

// report logs a failure, once for as long as it stays the same.
func (k *keys) report(ctx context.Context, err error) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	if text != "" && text != k.failed && ctx.Err() == nil {
		k.log.LogAttrs(ctx, slog.LevelError, "looking after the key ring", slog.String("error", text))
	}
	k.failed = text
}

// check reads the key ring anew, closes the keys under which no session can
// last any more, and rotates when the key that seals is due.
func (k *keys) check(ctx context.Context) error {
	if err := k.Reload(ctx); err != nil {
		return err
	}
	if !k.due(k.authn.Ring()) || !k.Begin() {
		return nil
	}
	defer k.End(ctx)
	made, err := k.rotateDue(ctx)
	if err == nil && made != 0 {
		k.log.LogAttrs(ctx, slog.LevelInfo, "the sealing key was rotated", slog.Uint64("key", uint64(made)))
	}
	return err
}

// rotateDue rotates in the store unless somebody else did, and returns the id
// of the new key, 0 when there is none.
func (k *keys) rotateDue(ctx context.Context) (made seal.KeyID, err error) {
	was := k.authn.Ring().Current()
	err = k.store.Update(ctx, func(tx *store.Tx) error {
		made = 0
		system, err := tx.System()
		if err != nil {
			return err
		}
		record, ring, err := k.Rotate(system.Ring, k.now())
		if err != nil || ring.Current() != was+1 {
			return err // when another key than the one that is due seals by now
		}
		system.Ring, made = record, ring.Current()
		return tx.PutSystem(system)
	})
	if err != nil {
		return 0, fmt.Errorf("rotating the sealing key: %w", err)
	}
	return made, nil
}

// due reports whether the newest key of a ring is too old, or has sealed too
// often. One whose age nobody knows is.
func (k *keys) due(ring *seal.Ring) bool {
	return k.now().Sub(ring.Since()) >= k.age || ring.Seals(ring.Current()) >= k.seals
}
