package store_test

import (
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/store/kv"
)

func (f *fixture) revoke(a identity.AccountID, id string, now time.Time) {
	f.t.Helper()
	f.update(func(tx *store.Tx) error { return tx.Revoke(a, id, now, now.Add(36*time.Hour)) })
}

func (f *fixture) revocations() (n uint64) {
	f.t.Helper()
	f.view(func(tx *store.Tx) (err error) {
		n, err = tx.Revocations()
		return err
	})
	return n
}

func (f *fixture) revoked(a identity.AccountID, id string, number uint64) (ended bool) {
	f.t.Helper()
	f.view(func(tx *store.Tx) (err error) {
		ended, err = tx.Revoked(a, id, number)
		return err
	})
	return ended
}

// TestRevocationsEndWhatWasMintedBefore, in the order of commits, and nothing of
// another account or id.
//
// Rules: TH-47
func TestRevocationsEndWhatWasMintedBefore(t *testing.T) {
	t.Parallel()
	backends(t, revocationsEndWhatWasMintedBefore)
}

func revocationsEndWhatWasMintedBefore(t *testing.T, f *fixture) {
	t.Helper()
	before := f.revocations()
	if f.revoked(here, "AIDA1", before) {
		t.Error("revoked before it was")
	}
	f.revoke(here, "AIDA1", began)
	after := f.revocations()
	for _, test := range []struct {
		account identity.AccountID
		id      string
		number  uint64
		want    bool
	}{
		{here, "AIDA1", before, true},
		{here, "AIDA1", after, false},
		{here, "AIDA2", before, false},
		{here, "AIDA", before, false},
		{here, "aida1", before, false},
		{there, "AIDA1", before, false},
	} {
		if got := f.revoked(test.account, test.id, test.number); got != test.want {
			t.Errorf("%s %s %d: %v", test.account, test.id, test.number, got)
		}
	}
	f.revoke(here, "AIDA1", began.Add(-time.Hour)) // a clock that was set back changes nothing
	if !f.revoked(here, "AIDA1", after) || f.revoked(here, "AIDA1", f.revocations()) {
		t.Error("the second revocation does not end what came after the first")
	}
}

// TestExpiredRevocationsGo, a few with each new one, and none that is renewed.
func TestExpiredRevocationsGo(t *testing.T) {
	t.Parallel()
	f := inMemory(t)
	for _, id := range []string{"ASIA1", "ASIA2", "ASIA3", "ASIA4", "ASIA5", "ASIA6"} {
		f.revoke(here, id, began)
	}
	f.revoke(here, "ASIA1", began.Add(time.Hour)) // lasts an hour longer
	kept := func() (n int) {
		for _, id := range []string{"ASIA1", "ASIA2", "ASIA3", "ASIA4", "ASIA5", "ASIA6"} {
			if f.revoked(here, id, 0) {
				n++
			}
		}
		return n
	}
	later := began.Add(36 * time.Hour)
	f.revoke(here, "ASIA7", later)
	if got := kept(); got != 6 {
		t.Errorf("%d of 6 are kept at the moment they expire", got)
	}
	f.revoke(here, "ASIA7", later.Add(1))
	if got := kept(); got != 2 {
		t.Errorf("%d are kept, and wanted 2", got)
	}
	f.revoke(here, "ASIA7", later.Add(2))
	if !f.revoked(here, "ASIA1", 0) || kept() != 1 {
		t.Errorf("%d are kept, and wanted the one that was renewed", kept())
	}
	f.revoke(here, "ASIA7", later.Add(2*time.Hour))
	left := 0
	err := f.db.View(t.Context(), func(r kv.Reader) error {
		for _, err := range r.Scan("/account/"+string(here)+"/revocation", "") {
			if err != nil {
				return err
			}
			left++
		}
		return nil
	})
	if err != nil || left != 2 {
		t.Errorf("%d keys are left, and wanted one revocation and its entry: %v", left, err)
	}
}
