package signin

import (
	"net/netip"
	"strings"
	"time"

	"github.com/regent-iam/regent/internal/store"
)

// Limits of guessing. Failures are counted by who is tried from which address:
// after some in a row each further one costs twice the delay of the one before.
// Nobody can lock out anybody else that way, who is at another address (TH-51).
// Those of an address are counted too, whoever is tried, but against its limit
// only what never succeeded there is held: others behind the same address go on.
const (
	freeFailures    = 5
	freeFromAddress = 50
	firstDelay      = time.Second
	maxDelay        = 15 * time.Minute
	// forgetFailures is how long ago the last failure was when all are forgotten.
	forgetFailures = 24 * time.Hour
	// knownFor is how long an address is known for somebody who signed in there.
	knownFor = 30 * 24 * time.Hour
)

// A tried is who is tried from where, however it was spelled.
type tried struct{ pair, address string }

func triedOf(address netip.Addr, who ...string) tried {
	bits := 32
	if address.Is6() {
		bits = 64 // one customer's
	}
	from := address.String()
	if network, err := address.Prefix(bits); err == nil {
		from = network.String()
	}
	return tried{pair: strings.Join(append(who, from), "\x00"), address: "from\x00" + from}
}

func delay(failures, free int) time.Duration {
	over := failures - free
	if over <= 0 {
		return 0
	}
	return min(maxDelay, firstDelay<<min(over-1, 16))
}

// counted returns what was counted, as far as it is not forgotten.
func counted(tx *store.Tx, of string, now time.Time) (*store.Attempts, error) {
	a, err := tx.Attempts(of)
	if err == nil && now.Sub(a.Last) > forgetFailures {
		a.Failures, a.Until = 0, time.Time{}
	}
	return a, err
}

// wait returns how long it is until the next attempt, 0 for none.
func (t tried) wait(tx *store.Tx, now time.Time) (time.Duration, error) {
	pair, err := counted(tx, t.pair, now)
	if err != nil {
		return 0, err
	}
	address, err := counted(tx, t.address, now)
	if err != nil {
		return 0, err
	}
	left := pair.Until.Sub(now)
	if now.Sub(pair.Succeeded) > knownFor {
		left = max(left, address.Until.Sub(now))
	}
	return max(left, 0), nil
}

// begin counts an attempt as a failure before it is known to be one, so that
// many at the same time are as many. It returns how long to wait instead when
// it is too early, and counts nothing.
func (t tried) begin(tx *store.Tx, now time.Time) (time.Duration, error) {
	if wait, err := t.wait(tx, now); err != nil || wait > 0 {
		return wait, err
	}
	for _, c := range []struct {
		of   string
		free int
	}{{t.pair, freeFailures}, {t.address, freeFromAddress}} {
		a, err := counted(tx, c.of, now)
		if err != nil {
			return 0, err
		}
		a.Failures, a.Last = a.Failures+1, now
		if d := delay(a.Failures, c.free); d > 0 {
			a.Until = now.Add(d)
		}
		if err := tx.PutAttempts(c.of, a); err != nil {
			return 0, err
		}
	}
	return 0, nil
}

// succeed takes back what begin counted, and what was counted of the pair
// before. What others failed at from the address stays.
func (t tried) succeed(tx *store.Tx, now time.Time) error {
	pair, err := tx.Attempts(t.pair)
	if err != nil {
		return err
	}
	pair.Failures, pair.Until, pair.Last, pair.Succeeded = 0, time.Time{}, now, now
	if err := tx.PutAttempts(t.pair, pair); err != nil {
		return err
	}
	address, err := tx.Attempts(t.address)
	if err != nil {
		return err
	}
	address.Failures = max(0, address.Failures-1)
	if address.Failures <= freeFromAddress {
		address.Until = time.Time{}
	}
	return tx.PutAttempts(t.address, address)
}
