package seal_test

import (
	"errors"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/seal"
)

// A closed key opens what is at rest and encoded messages, and nothing else that
// was handed out.
func TestClose(t *testing.T) {
	m := seal.NewMaster()
	noon := time.Date(2026, 3, 1, 12, 0, 0, 5, time.UTC)
	r := newRing(t, m, "i-1").Began(noon)
	boxes := map[seal.Purpose][]byte{}
	for p := seal.SessionToken; p <= seal.RecordDigest; p++ {
		boxes[p] = mustSeal(t, r, p, "c", "text")
	}
	next, err := r.Rotate(noon.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	next = reopen(t, m, next)
	if got, want := next.Since(), noon.Add(time.Hour).Truncate(time.Second); !got.Equal(want) {
		t.Errorf("made at %s, want %s", got, want)
	}
	for p, box := range boxes {
		wantOpen(t, next.Close(noon.Add(time.Hour).Truncate(time.Second)), p, "c", box, "text")
	}
	closed := next.Close(noon.Add(time.Hour + time.Second))
	if closed.Closed() != 1 {
		t.Errorf("keys up to %d are closed", closed.Closed())
	}
	for p, box := range boxes {
		if p.Lasting() || p == seal.AuthorizationMessage {
			wantOpen(t, closed, p, "c", box, "text")
			continue
		}
		wantShut(t, closed, p, "c", box)
		if _, err := closed.Derive(p, 1, []byte("x"), 40); !errors.Is(err, seal.ErrKey) {
			t.Errorf("deriving for a %s: %v", p, err)
		}
	}
	wantOpen(t, closed, seal.SessionToken, "c", mustSeal(t, closed, seal.SessionToken, "c", "new"), "new")
	wantOpen(t, reopen(t, m, closed), seal.SessionToken, "c", boxes[seal.SessionToken], "text") // it is not kept
	if again := closed.Close(noon); again.Closed() != 0 {
		t.Errorf("the clock went back, and keys up to %d are closed", again.Closed())
	}
}

// A ring cannot grow without end.
func TestAFullRingDoesNotRotate(t *testing.T) {
	r := newRing(t, seal.NewMaster(), "i-1")
	for len(r.Keys()) < seal.MaxKeys {
		r = rotate(t, r)
	}
	if _, err := r.Rotate(time.Time{}); !errors.Is(err, seal.ErrFull) {
		t.Errorf("rotating: %v, want ErrFull", err)
	}
	if _, err := r.Renew("i-2"); err != nil {
		t.Errorf("a full ring cannot be renewed: %v", err)
	}
}
