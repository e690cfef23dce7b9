package store_test

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/store/kv/memkv"
)

func newStore(t *testing.T) *store.Store {
	t.Helper()
	db := memkv.New(memkv.Options{})
	t.Cleanup(func() { _ = db.Close() })
	return store.New(db)
}

func update(t *testing.T, s *store.Store, fn func(*store.Tx) error) {
	t.Helper()
	if err := s.Update(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

// TestBrowsersAreFoundByTheirCookies: the present one and the one before.
func TestBrowsersAreFoundByTheirCookies(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	b := &store.Browser{ID: "0a", Cookie: "one", Expires: began.Add(time.Hour)}
	update(t, s, func(tx *store.Tx) error { return tx.CreateBrowser(b, began) })
	for _, next := range []string{"two", "three"} {
		b.Cookie, b.Former, b.Expires = next, &store.FormerCookie{Cookie: b.Cookie}, b.Expires.Add(time.Hour)
		update(t, s, func(tx *store.Tx) error { return tx.PutBrowser(b) })
	}
	found := func(cookie string) bool {
		err := s.View(t.Context(), func(tx *store.Tx) error { _, err := tx.BrowserOf(cookie); return err })
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			t.Fatal(err)
		}
		return err == nil
	}
	for cookie, want := range map[string]bool{"one": false, "two": true, "three": true, "0a": false} {
		if got := found(cookie); got != want {
			t.Errorf("by cookie %s it is found: %v", cookie, got)
		}
	}
	update(t, s, func(tx *store.Tx) error { return tx.DeleteBrowser(b) })
	if found("two") || found("three") {
		t.Error("it is found after it was removed")
	}
}

// TestBrowsersThatExpiredGo as others come, and none before its time.
func TestBrowsersThatExpiredGo(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	now := began
	for i := range 200 {
		b := &store.Browser{ID: fmt.Sprintf("%x%04d", i%16, i), Cookie: fmt.Sprint(i), Expires: now.Add(time.Hour)}
		update(t, s, func(tx *store.Tx) error { return tx.CreateBrowser(b, now) })
		now = now.Add(time.Minute)
	}
	left := 0
	for i := range 200 {
		err := s.View(t.Context(), func(tx *store.Tx) error { _, err := tx.BrowserOf(fmt.Sprint(i)); return err })
		if err == nil {
			left++
		} else if live := began.Add(time.Duration(i)*time.Minute + time.Hour).After(now); live {
			t.Errorf("browser %d is gone before its time", i)
		}
	}
	if left > 80 {
		t.Errorf("%d browsers are left, of 60 that have not expired", left)
	}
}

// TestAttemptsTakeBoundedRoom: of those that share a place, the one that was seen
// longest ago makes room.
func TestAttemptsTakeBoundedRoom(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	var together []string // whose digests lead to one place
	for i := 0; len(together) < 17; i++ {
		of := fmt.Sprint("somebody", i)
		if sum := sha256.Sum256([]byte(of)); binary.BigEndian.Uint16(sum[:2])%4096 == 7 {
			together = append(together, of)
		}
	}
	for i, of := range together {
		update(t, s, func(tx *store.Tx) error {
			return tx.PutAttempts(of, &store.Attempts{Failures: i + 1, Last: began.Add(time.Duration(i))})
		})
	}
	err := s.View(t.Context(), func(tx *store.Tx) error {
		for i, of := range together {
			a, err := tx.Attempts(of)
			if err != nil {
				return err
			}
			if want := i + 1; i > 0 && a.Failures != want || i == 0 && a.Failures != 0 {
				t.Errorf("number %d has %d failures", i, a.Failures)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestHalfDoneSignInsAreSpentOnce.
//
// Rules: TH-50
func TestHalfDoneSignInsAreSpentOnce(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	spend := func(id string) error {
		return s.Update(t.Context(), func(tx *store.Tx) error { return tx.SpendSignIn(id, began.Add(5*time.Minute)) })
	}
	if err := errors.Join(spend("a"), spend("b")); err != nil {
		t.Fatal(err)
	}
	if err := spend("a"); !errors.Is(err, store.ErrExists) {
		t.Errorf("the second time it was %v", err)
	}
}
