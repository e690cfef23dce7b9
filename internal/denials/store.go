package denials

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/identity"
)

// Options are how a [Store] works. The zero value of each is good but for Log
// and Now.
type Options struct {
	// PerAccount is how many denials are kept of an account; 0 is 1,000.
	PerAccount int
	// PerPrincipal is how many of those may be one principal's, so that nobody
	// can push out what happened to others (TH-103); 0 is 100.
	PerPrincipal int
	// Keep is how long a denial is kept; 0 is [Kept].
	Keep time.Duration
	// MaxBytes bounds what is kept of all accounts together; 0 is 64 MiB.
	MaxBytes int
	// FlushEvery is how long a denial waits to be written; 0 is half a second.
	FlushEvery time.Duration
	// Now is the clock that denials end by. Required.
	Now func() time.Time
	// Log is told when writing fails. Required.
	Log *slog.Logger
}

// Kept is how long a denial is kept unless Options say otherwise, and how long
// an encoded message opens.
const Kept = 7 * 24 * time.Hour

// How much evidence is held in memory, in denials: of an account, and of all.
// Policies are shared between denials, so that each is a few KiB.
const (
	evidencePerAccount = 64
	evidenceAtAll      = 1024
)

// maxEntry bounds one denial, in bytes. One that is larger is kept without the
// facts that make it large.
const maxEntry = 32 << 10

// A Store keeps denials. It is safe for concurrent use.
type Store struct {
	o    Options
	some chan struct{} // something waits to be written

	fileMu  sync.Mutex
	file    *logFile
	failing bool

	mu       sync.Mutex
	accounts map[identity.AccountID]*account
	bytes    int // of all lines that are kept
	evidence []*entry
	pending  []byte // lines that are not written yet
	closed   bool
}

// An account is what is kept of one account, the oldest first.
type account struct {
	entries    []*entry
	principals map[string]int
	bytes      int
	evidence   int
}

// An entry is one denial. Its line never changes.
type entry struct {
	account   identity.AccountID
	id        string
	at        time.Time
	principal string
	line      []byte
	evidence  *authz.Evidence // nil once it is given up
}

// Open opens the store in dir, which it makes with mode 0700 if need be, and
// reads what is kept there. What cannot be read is left out.
func Open(dir string, o Options) (*Store, error) {
	if o.Now == nil || o.Log == nil {
		return nil, errors.New("denials: a clock and a log are needed")
	}
	o.PerAccount = cmp.Or(o.PerAccount, 1000)
	o.PerPrincipal = cmp.Or(o.PerPrincipal, 100)
	o.Keep = cmp.Or(o.Keep, Kept)
	o.MaxBytes = cmp.Or(o.MaxBytes, 64<<20)
	o.FlushEvery = cmp.Or(o.FlushEvery, 500*time.Millisecond)
	s := &Store{o: o, some: make(chan struct{}, 1), accounts: map[identity.AccountID]*account{}}
	var err error
	if s.file, err = openLog(dir, s.load); err != nil {
		return nil, fmt.Errorf("opening the denials: %w", err)
	}
	if err := s.compact(); err != nil {
		return nil, errors.Join(fmt.Errorf("opening the denials: %w", err), s.file.close())
	}
	return s, nil
}

// load takes one line of the file.
func (s *Store) load(line []byte) {
	var d Denial
	if json.Unmarshal(line, &d) != nil || d.RequestID == "" || d.Account() == "" {
		return
	}
	s.insert(&entry{account: d.Account(), id: d.RequestID, at: d.Time, principal: d.principal(), line: slices.Clone(line)})
}

// Limits returns how many denials are kept of an account, and for how long.
func (s *Store) Limits() (perAccount int, keep time.Duration) { return s.o.PerAccount, s.o.Keep }

// Keep keeps a refusal. It does not fail and does not wait for the disk.
func (s *Store) Keep(at time.Time, requestID, operation string, c *authn.Caller, d *authz.Denial) {
	denial := newDenial(at, requestID, operation, c, d)
	if denial.Account() == "" {
		return // of nobody, on nothing that somebody owns
	}
	line, err := json.Marshal(denial)
	if err == nil && len(line) > maxEntry {
		line, err = json.Marshal(denial.slim())
	}
	if err != nil {
		s.o.Log.Error("a denial could not be kept", slog.String("request_id", requestID), slog.Any("error", err))
		return
	}
	e := &entry{account: denial.Account(), id: requestID, at: denial.Time, principal: denial.principal(), line: line, evidence: d.Decision.Evidence}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.insert(e)
	if len(s.pending)+len(line) <= maxPending {
		s.pending = append(append(s.pending, line...), '\n')
	}
	select {
	case s.some <- struct{}{}:
	default:
	}
}

// slim returns d without what can be large.
func (d *Denial) slim() *Denial {
	out := *d
	out.Keys, out.Partial = nil, true
	out.Who.SessionPolicy, out.Who.SessionPolicies = "", nil
	return &out
}

// insert puts e in its place and lets go of what is too much. The caller holds
// the lock.
func (s *Store) insert(e *entry) {
	a := s.accounts[e.account]
	if a == nil {
		a = &account{principals: map[string]int{}}
		s.accounts[e.account] = a
	}
	s.expire(a)
	if a.principals[e.principal] >= s.o.PerPrincipal {
		s.drop(a, a.oldestOf(e.principal))
	}
	if len(a.entries) >= s.o.PerAccount {
		s.drop(a, a.oldestOf(a.busiest()))
	}
	a.entries = append(a.entries, e)
	a.principals[e.principal]++
	a.bytes += len(e.line)
	s.bytes += len(e.line)
	for s.bytes > s.o.MaxBytes {
		if !s.shrink() {
			break
		}
	}
	s.hold(a, e)
}

// shrink lets go of one denial of the account that has most.
func (s *Store) shrink() bool {
	var most *account
	for _, a := range s.accounts {
		if len(a.entries) > 0 && (most == nil || a.bytes > most.bytes) {
			most = a
		}
	}
	if most == nil {
		return false
	}
	s.drop(most, most.oldestOf(most.busiest()))
	return true
}

// hold sees to it that evidence stays within its bounds.
func (s *Store) hold(a *account, e *entry) {
	if e.evidence == nil {
		return
	}
	a.evidence++
	s.evidence = append(s.evidence, e)
	if a.evidence > evidencePerAccount {
		for _, old := range a.entries {
			if old.evidence != nil {
				s.release(a, old)
				break
			}
		}
	}
	if len(s.evidence) > evidenceAtAll {
		old := s.evidence[0]
		s.release(s.accounts[old.account], old)
	}
}

// release gives up the evidence of e.
func (s *Store) release(a *account, e *entry) {
	if e.evidence == nil {
		return
	}
	e.evidence = nil
	a.evidence--
	if i := slices.Index(s.evidence, e); i >= 0 {
		s.evidence = slices.Delete(s.evidence, i, i+1)
	}
}

// drop lets go of the denial at i.
func (s *Store) drop(a *account, i int) {
	if i < 0 {
		return
	}
	e := a.entries[i]
	s.release(a, e)
	a.entries = slices.Delete(a.entries, i, i+1)
	if a.principals[e.principal]--; a.principals[e.principal] == 0 {
		delete(a.principals, e.principal)
	}
	a.bytes -= len(e.line)
	s.bytes -= len(e.line)
}

// expire lets go of what has been kept long enough.
func (s *Store) expire(a *account) {
	limit := s.o.Now().Add(-s.o.Keep)
	for len(a.entries) > 0 && a.entries[0].at.Before(limit) {
		s.drop(a, 0)
	}
}

func (a *account) oldestOf(principal string) int {
	return slices.IndexFunc(a.entries, func(e *entry) bool { return e.principal == principal })
}

// busiest returns who has most denials: whoever floods loses their own.
func (a *account) busiest() string {
	name, most := "", 0
	for p, n := range a.principals {
		if n > most || n == most && p < name {
			name, most = p, n
		}
	}
	return name
}

// Find returns the account's denial of a request, and what it was made from if
// that is still at hand.
func (s *Store) Find(id identity.AccountID, requestID string) (*Denial, *authz.Evidence, bool) {
	return s.last(id, func(e *entry) bool { return e.id == requestID }, func(*Denial) bool { return true })
}

// Last returns the last denial of the account that is c's own.
func (s *Store) Last(c *authn.Caller) (*Denial, *authz.Evidence, bool) {
	quota := (&Denial{Who: Who{Kind: c.Kind, Account: c.Account, PrincipalID: c.PrincipalID}}).principal()
	return s.last(c.Account, func(e *entry) bool { return e.principal == quota }, func(d *Denial) bool { return d.Of(c) })
}

func (s *Store) last(id identity.AccountID, may func(*entry) bool, is func(*Denial) bool) (*Denial, *authz.Evidence, bool) {
	type found struct {
		line     []byte
		evidence *authz.Evidence
	}
	var candidates []found
	s.mu.Lock()
	if a := s.accounts[id]; a != nil {
		s.expire(a)
		for _, e := range slices.Backward(a.entries) {
			if may(e) {
				candidates = append(candidates, found{e.line, e.evidence})
			}
		}
	}
	s.mu.Unlock()
	for _, c := range candidates {
		var d Denial
		if json.Unmarshal(c.line, &d) == nil && is(&d) {
			return &d, c.evidence, true
		}
	}
	return nil, nil, false
}

// Clear forgets everything, on disk too once the next flush is done.
func (s *Store) Clear() error {
	s.mu.Lock()
	s.accounts, s.bytes, s.evidence, s.pending = map[identity.AccountID]*account{}, 0, nil, nil
	s.mu.Unlock()
	return s.compact()
}
