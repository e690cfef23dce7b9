package mfa_test

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/mfa"
	"github.com/regent-iam/regent/internal/seal"
)

const step = 30 * time.Second

// now is in the middle of a step.
var now = time.Date(2026, 4, 1, 12, 0, 15, 0, time.UTC)

// The vectors of RFC 6238, appendix B, for SHA-1; they have eight digits, of
// which six are kept.
//
// Rules: ST-50
func TestCode(t *testing.T) {
	seed := []byte("12345678901234567890")
	for at, want := range map[int64]string{
		59: "94287082", 1111111109: "07081804", 1111111111: "14050471", 1234567890: "89005924", 2000000000: "69279037", 20000000000: "65353130",
	} {
		if got := mfa.Code(seed, time.Unix(at, 0)); got != want[2:] {
			t.Errorf("at %d: %s, want %s", at, got, want[2:])
		}
	}
}

// A holder is a device's record and the seed that its app has.
type holder struct {
	t      testing.TB
	ring   *seal.Ring
	device *identity.MFADevice
	seed   []byte
}

func newHolder(t testing.TB) *holder {
	t.Helper()
	ring, err := seal.NewRing(seal.NewMaster(), seal.NewInstanceID())
	if err != nil {
		t.Fatal(err)
	}
	h := &holder{t: t, ring: ring, seed: make([]byte, mfa.SeedSize), device: &identity.MFADevice{Account: "111122223333", Name: "phone", Path: "/"}}
	for i := range h.seed {
		h.seed[i] = byte(i)
	}
	if h.device.Sealed, err = mfa.SealSeed(ring, h.device.Serial(), h.seed); err != nil {
		t.Fatal(err)
	}
	return h
}

// code is what the device shows at a time.
func (h *holder) code(at time.Time) string { return mfa.Code(h.seed, at) }

// check has a code checked and wants an outcome.
func (h *holder) check(code string, at time.Time, want error) {
	h.t.Helper()
	if err := mfa.Check(h.ring, h.device, code, at); !errors.Is(err, want) {
		h.t.Fatalf("code %s at %s: %v, want %v", code, at.Format(time.TimeOnly), err, want)
	}
}

func (h *holder) pair(first, second string, at time.Time, want error) {
	h.t.Helper()
	if err := mfa.CheckPair(h.ring, h.device, first, second, at); !errors.Is(err, want) {
		h.t.Fatalf("codes %s and %s at %s: %v, want %v", first, second, at.Format(time.TimeOnly), err, want)
	}
}

// wrong is a code that is none of those near at.
func (h *holder) wrong(at time.Time) string {
	for _, code := range []string{"000000", "111111", "222222", "333333"} {
		near := false
		for i := -30; i <= 30; i++ {
			near = near || h.code(at.Add(time.Duration(i)*step)) == code
		}
		if !near {
			return code
		}
	}
	h.t.Fatal("every code is near")
	return ""
}

// Rules: ST-50
func TestWindow(t *testing.T) {
	for offset, want := range map[int]error{-2: mfa.ErrCode, -1: nil, 0: nil, 1: nil, 2: mfa.ErrCode} {
		h := newHolder(t)
		h.check(h.code(now.Add(time.Duration(offset)*step)), now, want)
	}
}

// A code serves once, and none that is older than one that served.
//
// Rules: ST-50 TH-22 TH-50
func TestEachCodeOnce(t *testing.T) {
	h := newHolder(t)
	h.check(h.code(now), now, nil)
	h.check(h.code(now), now, mfa.ErrCode)
	h.check(h.code(now), now.Add(step), mfa.ErrCode)
	h.check(h.code(now.Add(-step)), now, mfa.ErrCode)
	h.check(h.code(now.Add(step)), now, nil)
	h.check(h.code(now.Add(step)), now.Add(step), mfa.ErrCode)
	h.check(h.code(now.Add(2*step)), now.Add(step), nil)
}

// Rules: ST-50
func TestMalformedCodes(t *testing.T) {
	h := newHolder(t)
	code := h.code(now)
	for _, given := range []string{"", code[:5], code + "0", " " + code, "００００００"} {
		h.device.Failures = 0
		h.check(given, now, mfa.ErrCode)
	}
	h.device.Failures = 0
	h.check(code, now, nil)
}

// After five wrong codes each further one costs time, more and more of it, and
// never more than five minutes: nobody is locked out for good.
//
// Rules: TH-50
func TestGuessingIsSlowedDown(t *testing.T) {
	h := newHolder(t)
	at := now
	for i := range 5 {
		h.check(h.wrong(at), at, mfa.ErrCode)
		if h.device.Failures != i+1 || !h.device.BlockedUntil.IsZero() {
			t.Fatalf("after %d wrong codes: %d failures, blocked until %s", i+1, h.device.Failures, h.device.BlockedUntil)
		}
	}
	for i, want := range []time.Duration{1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300} {
		h.check(h.wrong(at), at, mfa.ErrCode)
		if got := h.device.BlockedUntil.Sub(at); got != want*time.Second {
			t.Fatalf("wrong code %d blocks for %s, want %s", 6+i, got, want*time.Second)
		}
		failures := h.device.Failures
		h.check(h.code(at), at, mfa.ErrBlocked)
		h.check(h.code(at), h.device.BlockedUntil.Add(-time.Nanosecond), mfa.ErrBlocked)
		h.pair(h.code(at), h.code(at.Add(step)), at, mfa.ErrBlocked)
		if h.device.Failures != failures {
			t.Fatal("a code that was not tried was counted")
		}
		at = h.device.BlockedUntil
	}
	h.check(h.code(at), at, nil)
	if h.device.Failures != 0 || !h.device.BlockedUntil.IsZero() {
		t.Errorf("after a right code: %d failures, blocked until %s", h.device.Failures, h.device.BlockedUntil)
	}
}

// However long somebody guesses, the delay is bounded.
//
// Rules: TH-50
func TestDelayDoesNotOverflow(t *testing.T) {
	h := newHolder(t)
	h.device.Failures = 1 << 40
	h.check(h.wrong(now), now, mfa.ErrCode)
	if got := h.device.BlockedUntil.Sub(now); got != 5*time.Minute {
		t.Errorf("blocked for %s", got)
	}
}

// Rules: IA-54
func TestPair(t *testing.T) {
	code := func(h *holder, steps int) string { return h.code(now.Add(time.Duration(steps) * step)) }
	tests := []struct {
		name          string
		first, second int // steps from now
		want          error
	}{
		{"now and next", 0, 1, nil},
		{"last and now", -1, 0, nil},
		{"ten minutes late", -20, -19, nil},
		{"ten minutes early", 20, 21, nil},
		{"too late", -21, -20, mfa.ErrCode},
		{"too early", 21, 22, mfa.ErrCode},
		{"the same twice", 0, 0, mfa.ErrCode},
		{"the wrong way round", 1, 0, mfa.ErrCode},
		{"with a gap", 0, 2, mfa.ErrCode},
	}
	for _, tt := range tests {
		h := newHolder(t)
		h.pair(code(h, tt.first), code(h, tt.second), now, tt.want)
		if failed := tt.want != nil; failed != (h.device.Failures == 1) {
			t.Errorf("%s: %d failures", tt.name, h.device.Failures)
		}
	}
	h := newHolder(t)
	h.pair(code(h, 0), h.wrong(now), now, mfa.ErrCode)
	h.pair(h.wrong(now), code(h, 1), now, mfa.ErrCode)
}

// Neither code of a pair serves again, alone or in another pair.
//
// Rules: IA-54 ST-50 TH-22
func TestPairIsUsedUp(t *testing.T) {
	h := newHolder(t)
	h.pair(h.code(now), h.code(now.Add(step)), now, nil)
	h.check(h.code(now), now, mfa.ErrCode)
	h.check(h.code(now.Add(step)), now, mfa.ErrCode)
	h.pair(h.code(now), h.code(now.Add(step)), now, mfa.ErrCode)
	h.pair(h.code(now.Add(step)), h.code(now.Add(2*step)), now, mfa.ErrCode)
	h.pair(h.code(now.Add(2*step)), h.code(now.Add(3*step)), now, nil)
}

// A device whose clock is off says so by its pair, whose second code is the one
// it shows when the pair is given, and is then taken at its own time.
//
// Rules: IA-54 ST-50
func TestDrift(t *testing.T) {
	for _, off := range []time.Duration{-9 * time.Minute, -2 * step, 2 * step, 8 * time.Minute} {
		h := newHolder(t)
		h.check(h.code(now.Add(off)), now, mfa.ErrCode)
		h.pair(h.code(now.Add(off-step)), h.code(now.Add(off)), now, nil)
		later := now.Add(time.Hour)
		h.check(h.code(later), later, mfa.ErrCode)
		h.check(h.code(later.Add(off-step)), later, nil)
		h.check(h.code(later.Add(off)), later, nil)
		h.check(h.code(later.Add(off+step)), later, nil)
		h.check(h.code(later.Add(off+3*step)), later.Add(step), mfa.ErrCode)

		// Its clock was set right.
		h.pair(h.code(later.Add(20*time.Minute)), h.code(later.Add(20*time.Minute+step)), later.Add(20*time.Minute+step), nil)
		later = later.Add(time.Hour)
		h.check(h.code(later), later, nil)
	}
}

// A seed opens for its own device only.
//
// Rules: ST-50
func TestForeignSeed(t *testing.T) {
	h := newHolder(t)
	h.device.Name = "other"
	err := mfa.Check(h.ring, h.device, h.code(now), now)
	if err == nil || errors.Is(err, mfa.ErrCode) || errors.Is(err, mfa.ErrBlocked) {
		t.Errorf("check: %v, want a failure to open the seed", err)
	}
	if err := mfa.CheckPair(h.ring, h.device, h.code(now), h.code(now.Add(step)), now); err == nil || errors.Is(err, mfa.ErrCode) {
		t.Errorf("pair: %v, want a failure to open the seed", err)
	}
	if h.device.Failures != 0 {
		t.Error("a failure of ours was counted")
	}
}

// Whatever is tried and whenever: no step's code is accepted twice.
//
// Rules: ST-50 TH-50
func TestNoStepServesTwice(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		h := newHolder(t)
		at, accepted := now, map[int64]bool{}
		for range rapid.IntRange(1, 40).Draw(r, "tries") {
			at = at.Add(time.Duration(rapid.IntRange(0, 90).Draw(r, "seconds")) * time.Second)
			shown := at.Add(time.Duration(rapid.IntRange(-3, 3).Draw(r, "offset")) * step)
			if mfa.Check(h.ring, h.device, h.code(shown), at) != nil {
				continue
			}
			n := h.device.LastStep
			if accepted[n] {
				r.Fatalf("step %d served twice", n)
			}
			accepted[n] = true
		}
	})
}
