package boltkv_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/regent-iam/regent/internal/store/kv"
	"github.com/regent-iam/regent/internal/store/kv/boltkv"
	"github.com/regent-iam/regent/internal/store/kv/kvtest"
)

func open(t testing.TB, path string, opts boltkv.Options) *boltkv.DB {
	t.Helper()
	db, err := boltkv.Open(path, opts)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func shut(t testing.TB, db *boltkv.DB) {
	t.Helper()
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func put(t testing.TB, db kv.DB, key, value string) {
	t.Helper()
	if err := db.Update(t.Context(), func(w kv.Writer) error { return w.Set(key, []byte(value)) }); err != nil {
		t.Fatal(err)
	}
}

// content returns everything as "key=value", and the revision.
func content(t testing.TB, db kv.DB) ([]string, kv.Revision) {
	t.Helper()
	entries, revision, err := kv.Copy(t.Context(), db, "")
	if err != nil {
		t.Fatal(err)
	}
	list := []string{}
	for _, e := range entries {
		list = append(list, e.Key+"="+string(e.Value))
	}
	return list, revision
}

func want(t testing.TB, db kv.DB, revision kv.Revision, entries ...string) {
	t.Helper()
	if got, r := content(t, db); !slices.Equal(got, entries) || r != revision {
		t.Errorf("at revision %d there is %q, want revision %d and %q", r, got, revision, entries)
	}
}

// Rules: TH-26 TH-27
func TestBoltkvKeepsTheContract(t *testing.T) {
	kvtest.Run(t, func(t testing.TB, history int) kv.DB {
		return open(t, filepath.Join(t.TempDir(), "regent.db"), boltkv.Options{History: history})
	})
}

func TestContentAndRevisionSurviveClose(t *testing.T) {
	path := filepath.Join(t.TempDir(), "regent.db")
	db := open(t, path, boltkv.Options{})
	want(t, db, 0)
	put(t, db, "a", "1")
	put(t, db, "b", "2")
	put(t, db, "a", "3")
	shut(t, db)

	db = open(t, path, boltkv.Options{})
	want(t, db, 3, "a=3", "b=2")
	for from, expected := range map[kv.Revision]error{2: kv.ErrCompacted, 4: kv.ErrCompacted} {
		for e, err := range db.Watch(t.Context(), from) {
			if !errors.Is(err, expected) {
				t.Errorf("watching from %d: %v, %v, want %v", from, e, err, expected)
			}
		}
	}
	put(t, db, "c", "4")
	for e, err := range db.Watch(t.Context(), 3) {
		if err != nil || e.Revision != 4 || len(e.Changes) != 1 || e.Changes[0] != (kv.Change{Key: "c"}) {
			t.Errorf("first event after opening again = %v, %v", e, err)
		}
		break
	}
	shut(t, db)
	db = open(t, path, boltkv.Options{})
	want(t, db, 4, "a=3", "b=2", "c=4")
	shut(t, db)
}

func TestOneProcessAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "regent.db")
	db := open(t, path, boltkv.Options{})
	if _, err := boltkv.Open(path, boltkv.Options{}); !errors.Is(err, kv.ErrInUse) {
		t.Errorf("a second Open: %v, want ErrInUse", err)
	}
	if _, err := boltkv.Verify(t.Context(), path); !errors.Is(err, kv.ErrInUse) {
		t.Errorf("Verify while it is open: %v, want ErrInUse", err)
	}
	put(t, db, "a", "1")
	shut(t, db)
	db = open(t, path, boltkv.Options{})
	want(t, db, 1, "a=1")
	shut(t, db)
}

// Rules: TH-109
func TestFileAndDirectoryAreClosedToOthers(t *testing.T) {
	mode := func(path string) fs.FileMode {
		t.Helper()
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info.Mode().Perm()
	}
	chmod := func(path string, mode fs.FileMode) {
		t.Helper()
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	dir := filepath.Join(t.TempDir(), "not", "there")
	path := filepath.Join(dir, "regent.db")
	shut(t, open(t, path, boltkv.Options{}))
	if d, f := mode(dir), mode(path); d != 0o700 || f != 0o600 {
		t.Errorf("made with modes %o and %o", d, f)
	}
	chmod(dir, 0o755)
	chmod(path, 0o644)
	shut(t, open(t, path, boltkv.Options{}))
	if d, f := mode(dir), mode(path); d != 0o700 || f != 0o600 {
		t.Errorf("opened with modes %o and %o", d, f)
	}

	empty := t.TempDir()
	chmod(empty, 0o755)
	shut(t, open(t, filepath.Join(empty, "regent.db"), boltkv.Options{}))
	if d := mode(empty); d != 0o700 {
		t.Errorf("an empty directory has mode %o", d)
	}
	others := t.TempDir()
	chmod(others, 0o755)
	if err := os.WriteFile(filepath.Join(others, "somebody's"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := boltkv.Open(filepath.Join(others, "regent.db"), boltkv.Options{}); !errors.Is(err, boltkv.ErrExposed) {
		t.Errorf("in somebody's open directory: %v, want ErrExposed", err)
	}
	chmod(others, 0o1777)
	if _, err := boltkv.Open(filepath.Join(others, "regent.db"), boltkv.Options{}); !errors.Is(err, boltkv.ErrExposed) {
		t.Errorf("in a directory like /tmp: %v, want ErrExposed", err)
	}
	if d := mode(others); d != 0o777 {
		t.Errorf("its mode was changed to %o", d)
	}
}

func TestAForeignFileIsRefusedAndLeftAlone(t *testing.T) {
	dir := t.TempDir()
	garbage := filepath.Join(dir, "garbage")
	if err := os.WriteFile(garbage, bytes.Repeat([]byte("not a database. "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	foreign := filepath.Join(dir, "foreign")
	b, err := bbolt.Open(foreign, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Update(func(tx *bbolt.Tx) error { _, err := tx.CreateBucket([]byte("theirs")); return err }); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{garbage, foreign} {
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := boltkv.Open(path, boltkv.Options{}); !errors.Is(err, boltkv.ErrFormat) {
			t.Errorf("opening %s: %v, want ErrFormat", filepath.Base(path), err)
		}
		if _, err := boltkv.Verify(t.Context(), path); !errors.Is(err, boltkv.ErrFormat) {
			t.Errorf("verifying %s: %v, want ErrFormat", filepath.Base(path), err)
		}
		if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
			t.Errorf("%s was changed, %v", filepath.Base(path), err)
		}
	}
	if _, err := boltkv.Verify(t.Context(), filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("verifying nothing: %v", err)
	}
}

// Rules: TH-109
func TestBackupIsOneRevision(t *testing.T) {
	dir := t.TempDir()
	db := open(t, filepath.Join(dir, "regent.db"), boltkv.Options{})
	for i := range 200 {
		put(t, db, fmt.Sprintf("k%03d", i), string(bytes.Repeat([]byte("x"), 500)))
	}
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() { // both keys always have the same value
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			err := db.Update(t.Context(), func(w kv.Writer) error {
				return errors.Join(w.Set("a", []byte(strconv.Itoa(i))), w.Set("z", []byte(strconv.Itoa(i))))
			})
			if err != nil {
				t.Error(err)
				return
			}
		}
	})
	for i := range 3 {
		path := filepath.Join(dir, fmt.Sprint("copy", i))
		f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		n, err := db.Backup(t.Context(), f)
		if err != nil || n == 0 || f.Close() != nil {
			t.Fatalf("%d bytes, %v", n, err)
		}
		revision, err := boltkv.Verify(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		restored := open(t, path, boltkv.Options{})
		entries, r := content(t, restored)
		if r != revision || r < 200 {
			t.Errorf("the copy has revision %d, verified %d", r, revision)
		}
		if len(entries) == 202 && entries[0][1:] != entries[201][1:] || len(entries) < 200 {
			t.Errorf("the copy has %d entries, %s and %s", len(entries), entries[0], entries[len(entries)-1])
		}
		shut(t, restored)
	}
	close(stop)
	wg.Wait()

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := db.Backup(ctx, &bytes.Buffer{}); !errors.Is(err, context.Canceled) {
		t.Errorf("a canceled backup: %v", err)
	}
	if _, err := db.Backup(t.Context(), fullDisk{}); !errors.Is(err, errDiskFull) && err == nil {
		t.Errorf("a backup to a full disk: %v", err)
	}
	if size := db.Size(); size < 100_000 || size%4096 != 0 {
		t.Errorf("Size = %d", size)
	}
	shut(t, db)
	if _, err := db.Backup(t.Context(), &bytes.Buffer{}); !errors.Is(err, kv.ErrClosed) {
		t.Errorf("a backup after Close: %v", err)
	}
	if size := db.Size(); size != 0 {
		t.Errorf("Size after Close = %d", size)
	}
}

var errDiskFull = errors.New("disk full")

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errDiskFull }

func TestVerifyFindsDamage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "regent.db")
	db := open(t, path, boltkv.Options{})
	for i := range 300 {
		put(t, db, fmt.Sprintf("k%03d", i), string(bytes.Repeat([]byte("x"), 300)))
	}
	shut(t, db)
	if r, err := boltkv.Verify(t.Context(), path); err != nil || r != 300 {
		t.Fatalf("a sound file: %d, %v", r, err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.LastIndex(data, []byte("k150")) // a key in a page out of order
	for i := at; i >= 0; i = bytes.LastIndex(data[:i], []byte("k150")) {
		copy(data[i:], "k999")
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if r, err := boltkv.Verify(t.Context(), path); !errors.Is(err, boltkv.ErrFormat) {
		t.Errorf("a damaged file: revision %d, %v, want ErrFormat", r, err)
	}
}

// Functions that wait while one runs are committed together, once: those that fail, panic or only read among
// them change nothing for the others, and everybody sees who came before.
func TestAGroupIsCommittedOnce(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "regent.db"), boltkv.Options{})
	defer shut(t, db)
	put(t, db, "counter", "0")
	before := db.Stats()
	refusal := errors.New("refused")
	const callers = 30
	errs := make([]error, callers)
	var arrived, wg sync.WaitGroup
	arrived.Add(callers)
	err := db.Update(t.Context(), func(w kv.Writer) error {
		for i := range callers {
			wg.Go(func() {
				defer func() { _ = recover() }()
				arrived.Done()
				errs[i] = db.Update(t.Context(), func(w kv.Writer) error {
					value, _, err := w.Get("counter")
					if err != nil {
						return err
					}
					n, err := strconv.Atoi(string(value))
					if i%5 == 4 {
						return err // only reads
					}
					err = errors.Join(err, w.Set("counter", []byte(strconv.Itoa(n+1))), w.Set("key"+strconv.Itoa(i), nil))
					switch i % 5 {
					case 2:
						return refusal
					case 3:
						panic("oops")
					}
					return err
				})
			})
		}
		arrived.Wait() // and, after that, each of them is in the queue or about to be
		return w.Set("first", nil)
	})
	wg.Wait()
	if err != nil {
		t.Fatal(err)
	}
	for i, err := range errs {
		if i%5 == 2 && !errors.Is(err, refusal) || i%5 != 2 && err != nil {
			t.Errorf("caller %d got %v", i, err)
		}
	}
	entries, revision := content(t, db)
	if !slices.Contains(entries, "counter=12") || len(entries) != 2+12 || revision != 1+1+12 {
		t.Errorf("at revision %d: %q", revision, entries)
	}
	stats := db.Stats()
	if got := stats.Updates - before.Updates; got != 13 {
		t.Errorf("%d updates, want 13", got)
	}
	if got := stats.Refused - before.Refused; got != 12 {
		t.Errorf("%d refused, want 12", got)
	}
	if got := stats.Commits - before.Commits; got == 0 || got >= 13 {
		t.Errorf("%d commits for 13 updates that were waiting together", got)
	}
}

func TestWithoutWritesThereIsNoCommit(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "regent.db"), boltkv.Options{})
	defer shut(t, db)
	for i := range 10 {
		err := db.Update(t.Context(), func(w kv.Writer) error {
			if i%2 == 0 {
				return errors.Join(w.Set("a", nil), errors.New("refused"))
			}
			_, _, err := w.Get("a")
			return err
		})
		if (err != nil) != (i%2 == 0) {
			t.Errorf("Update %d: %v", i, err)
		}
	}
	if got := db.Stats(); got.Commits != 0 || got.Updates != 0 || got.Refused != 5 {
		t.Errorf("%+v", got)
	}
}
