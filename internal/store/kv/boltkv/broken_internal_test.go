package boltkv

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/regent-iam/regent/internal/store/kv"
)

// A commit that the disk has no room for fails for all that it carried, leaves the old content, and does not
// stop what still has room.
func TestAFailedCommitLeavesTheOldContent(t *testing.T) {
	db, err := Open(filepath.Join(t.TempDir(), "regent.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	set := func(key string, size int) error {
		return db.Update(t.Context(), func(w kv.Writer) error { return w.Set(key, make([]byte, size)) })
	}
	if err := set("a", 10); err != nil {
		t.Fatal(err)
	}
	db.bolt.MaxSize = 1 << 20
	if err := set("b", 1_400_000); err == nil || errors.Is(err, ErrBroken) {
		t.Fatalf("a commit without room: %v, want an error that is not ErrBroken", err)
	}
	entries, revision, err := kv.Copy(t.Context(), db, "")
	if err != nil || len(entries) != 1 || revision != 1 {
		t.Errorf("at revision %d there are %d entries, %v", revision, len(entries), err)
	}
	db.bolt.MaxSize = 0
	if err := set("c", 10); err != nil {
		t.Fatal(err)
	}
	for e, err := range db.Watch(t.Context(), 1) {
		if err != nil || e.Revision != 2 || e.Changes[0].Key != "c" {
			t.Errorf("the next event is %v, %v", e, err)
		}
		break
	}
}

func TestABrokenDatabaseOnlyReads(t *testing.T) {
	db, err := Open(filepath.Join(t.TempDir(), "regent.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.broken.Store(true)
	if err := db.Update(t.Context(), func(w kv.Writer) error { return w.Set("a", nil) }); !errors.Is(err, ErrBroken) {
		t.Errorf("Update: %v, want ErrBroken", err)
	}
	if err := db.Replace(t.Context(), func(func(kv.Entry, error) bool) {}); !errors.Is(err, ErrBroken) {
		t.Errorf("Replace: %v, want ErrBroken", err)
	}
	if err := db.View(t.Context(), func(kv.Reader) error { return nil }); err != nil {
		t.Errorf("View: %v", err)
	}
}
