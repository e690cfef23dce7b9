package record_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/regent-iam/regent/internal/record"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/store/kv/memkv"
)

// A setting is a directory, and what a Recorder there is given.
type setting struct {
	dir  string
	log  bytes.Buffer
	free int64
	db   *faulty
	record.Options

	mu  sync.Mutex
	now time.Time
}

// pass lets time pass.
func (s *setting) pass(d time.Duration) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
	return s.now
}

func newSetting(t *testing.T) *setting {
	t.Helper()
	s := &setting{dir: filepath.Join(t.TempDir(), "record"), now: at, free: 1 << 40, db: &faulty{DB: memkv.New(memkv.Options{})}}
	s.Options = record.Options{
		Store: store.New(s.db), Now: func() time.Time { return s.pass(0) }, Log: slog.New(slog.NewTextHandler(&s.log, nil)),
		Free: func(string) (int64, error) { return s.free, nil },
	}
	return s
}

func (s *setting) open(t *testing.T) *record.Recorder {
	t.Helper()
	r, err := record.Open(s.dir, s.Options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func flush(t *testing.T, r *record.Recorder) {
	t.Helper()
	if err := r.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// files returns the ids of the records in each file, oldest file first.
func (s *setting) files(t *testing.T) [][]string {
	t.Helper()
	var all [][]string
	names, err := filepath.Glob(filepath.Join(s.dir, "events-*.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	for _, name := range append(names, filepath.Join(s.dir, "events.jsonl")) {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for line := range bytes.Lines(raw) {
			ids = append(ids, object(t, bytes.TrimSuffix(line, []byte("\n")))["eventID"].(string))
		}
		all = append(all, ids)
	}
	return all
}

// ids returns the ids of all records in order.
func (s *setting) ids(t *testing.T) []string {
	t.Helper()
	return slices.Concat(s.files(t)...)
}

func named(id string) *record.Event {
	e := example()
	e.ID = id
	return e
}

func numbered(from, to int) []string {
	var ids []string
	for i := from; i < to; i++ {
		ids = append(ids, fmt.Sprintf("n%04d", i))
	}
	return ids
}

func same(t *testing.T, got, want []string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("records (-want +got):\n%s", diff)
	}
}

// Rules: RE-1 RE-40
func TestRecordedEventsAreWrittenInOrder(t *testing.T) {
	s := newSetting(t)
	r := s.open(t)
	r.Record(named("a"), named("b"))
	r.Record(named("c"))
	r.Record()
	if got := s.ids(t); got != nil {
		t.Errorf("Record waited for the disk: %v", got)
	}
	flush(t, r)
	r.Record(named("d"))
	flush(t, r)
	same(t, s.ids(t), []string{"a", "b", "c", "d"})
	if c := r.Counters(); c != (record.Counters{Written: 4}) {
		t.Errorf("counters are %+v", c)
	}
}

// Rules: TH-109
func TestOnlyTheOwnerMayRead(t *testing.T) {
	s := newSetting(t)
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.dir, "events.jsonl"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	s.MaxFile = 1
	r := s.open(t)
	for i := range 3 {
		r.Record(named(fmt.Sprint(i)))
		flush(t, r)
	}
	seen := 0
	err := filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		seen++
		if want := map[bool]fs.FileMode{true: 0o700, false: 0o600}[d.IsDir()]; info.Mode().Perm() != want {
			t.Errorf("mode of %s is %v, want %v", d.Name(), info.Mode().Perm(), want)
		}
		return nil
	})
	if err != nil || seen != 4 {
		t.Errorf("%d files and directories, %v", seen, err)
	}
}

func TestOpenFails(t *testing.T) {
	s := newSetting(t)
	if _, err := record.Open(s.dir, record.Options{Log: s.Log}); err == nil {
		t.Error("opened without a clock")
	}
	if _, err := record.Open(s.dir, record.Options{Now: s.Now}); err == nil {
		t.Error("opened without a log")
	}
	if err := os.MkdirAll(filepath.Join(s.dir, "events.jsonl"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := record.Open(s.dir, s.Options); err == nil {
		t.Error("opened a directory as its file")
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := record.Open(file, s.Options); err == nil {
		t.Error("opened a file as its directory")
	}
}

// Rules: TH-101
func TestALineCutShortByACrashIsRemoved(t *testing.T) {
	for _, rest := range []string{"", `{"eventVersion":"1.11","eventID":"torn","user`, strings.Repeat("x", 200<<10), "\x00\x00\x00"} {
		s := newSetting(t)
		r := s.open(t)
		r.Record(named("a"))
		flush(t, r)
		path := filepath.Join(s.dir, "events.jsonl")
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, append(raw, rest...), 0o600); err != nil {
			t.Fatal(err)
		}
		again := s.open(t)
		again.Record(named("b"))
		flush(t, again)
		same(t, s.ids(t), []string{"a", "b"})
	}
	s := newSetting(t)
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.dir, "events.jsonl"), []byte("no line at all"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := s.open(t)
	r.Record(named("a"))
	flush(t, r)
	same(t, s.ids(t), []string{"a"})
}

func TestFilesFollowBySizeAndByDay(t *testing.T) {
	s := newSetting(t)
	line := int64(len(record.Append(nil, named("n0000")))) + 1
	s.MaxFile = 2 * line
	r := s.open(t)
	flush(t, r) // the outbox is empty
	record1 := func(id string) {
		t.Helper()
		r.Record(named(id))
		flush(t, r)
	}
	for _, id := range numbered(0, 5) {
		record1(id)
	}
	if diff := cmp.Diff([][]string{{"n0000", "n0001"}, {"n0002", "n0003"}, {"n0004"}}, s.files(t)); diff != "" {
		t.Error(diff)
	}
	s.pass(24 * time.Hour)
	record1("n0005")
	if diff := cmp.Diff([][]string{{"n0000", "n0001"}, {"n0002", "n0003"}, {"n0004"}, {"n0005"}}, s.files(t)); diff != "" {
		t.Error(diff)
	}
	// A clock that is set back does not put files out of order, nor over others.
	s.pass(-48 * time.Hour)
	record1("n0006")
	same(t, s.ids(t), numbered(0, 7))
	again := s.open(t)
	flush(t, again)
	again.Record(named("n0007"))
	flush(t, again)
	same(t, s.ids(t), numbered(0, 8))
	if _, err := os.Stat(filepath.Join(s.dir, "events-20260301T100000.123456789Z.jsonl")); err != nil {
		t.Error(err)
	}
}

func TestAFileThatCannotFollowIsUsedOn(t *testing.T) {
	s := newSetting(t)
	s.MaxFile = 1
	r := s.open(t)
	r.Record(named("a"))
	flush(t, r)
	obstacle := filepath.Join(s.dir, "events-20260301T100000.123456789Z.jsonl")
	if err := os.Mkdir(obstacle, 0o700); err != nil {
		t.Fatal(err)
	}
	r.Record(named("b"))
	flush(t, r)
	if err := os.Remove(obstacle); err != nil {
		t.Fatal(err)
	}
	r.Record(named("c"))
	flush(t, r)
	if diff := cmp.Diff([][]string{{"a", "b"}, {"c"}}, s.files(t)); diff != "" {
		t.Error(diff)
	}
	if c := r.Counters(); c.WriteErrors != 1 || !strings.Contains(s.log.String(), "cannot begin a new file") {
		t.Errorf("counters are %+v, log %s", c, &s.log)
	}
}

func TestAFailingDiskLosesNothingWithinTheBound(t *testing.T) {
	s := newSetting(t)
	s.MaxBuffer = 3 * (len(record.Append(nil, named("n0000"))) + 1)
	r := s.open(t)
	r.Record(named("n0000"))
	flush(t, r)
	path := filepath.Join(s.dir, "events.jsonl")
	aside := filepath.Join(s.dir, "aside")
	// The file is gone from under the Recorder, and a directory is in its place.
	if err := errors.Join(record.BreakFile(r), os.Rename(path, aside), os.Mkdir(path, 0o700)); err != nil {
		t.Fatal(err)
	}
	for i, id := range numbered(1, 6) {
		r.Record(named(id))
		if err := r.Flush(t.Context()); err == nil {
			t.Errorf("flush %d did not fail", i)
		}
	}
	if c := r.Counters(); c.Written != 1 || c.Dropped != 2 || c.WriteErrors != 5 {
		t.Errorf("counters are %+v", c)
	}
	for _, line := range []string{"cannot write audit records", "audit records are being dropped"} {
		if n := strings.Count(s.log.String(), line); n != 1 {
			t.Errorf("%q was logged %d times", line, n)
		}
	}
	// What a failed write left behind is no record.
	raw, err := os.ReadFile(aside)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Remove(path), os.WriteFile(path, append(raw, `{"eventVer`...), 0o600), os.Remove(aside)); err != nil {
		t.Fatal(err)
	}
	flush(t, r)
	r.Record(named("n0006"))
	flush(t, r)
	same(t, s.ids(t), append(numbered(0, 4), "n0006"))
	if c := r.Counters(); c.Written != 5 || c.Dropped != 2 || !strings.Contains(s.log.String(), "written again") {
		t.Errorf("counters are %+v, log %s", c, &s.log)
	}
}

// Rules: TH-100
func TestTheLastSpaceIsKeptForChanges(t *testing.T) {
	s := newSetting(t)
	s.Reserve = 1000
	r := s.open(t)
	s.free = 999
	r.Record(named("read"))
	commit(t, s, "change")
	if err := r.Flush(t.Context()); err == nil {
		t.Error("flush does not tell that a record waits")
	}
	same(t, s.ids(t), []string{"change"})
	if c := r.Counters(); c.Delivered != 1 || c.WriteErrors != 0 || strings.Count(s.log.String(), "nearly full") != 1 {
		t.Errorf("counters are %+v, log %s", c, &s.log)
	}
	s.free = 1000
	flush(t, r)
	same(t, s.ids(t), []string{"change", "read"})

	s.Reserve, s.Free = -1, nil
	unbounded := s.open(t)
	unbounded.Record(named("more"))
	flush(t, unbounded)
	same(t, s.ids(t), []string{"change", "read", "more"})
	s.Reserve = 1 << 62
	system := s.open(t)
	system.Record(named("much"))
	if err := system.Flush(t.Context()); err == nil {
		t.Error("the system has four exabytes free")
	}
	s.Free = func(string) (int64, error) { return 0, errors.ErrUnsupported }
	if err := system.Reset(); err != nil {
		t.Fatal(err)
	}
}

// Rules: TH-100
func TestUnsignedCallsAreCapped(t *testing.T) {
	s := newSetting(t)
	s.MaxAnonymous = 3
	r := s.open(t)
	flood := func(prefix string) {
		for i := range 10 {
			e := named(fmt.Sprint(prefix, i))
			e.Identity = record.UserIdentity{Type: record.TypeAWSAccount, AccountID: record.AnonymousAccount}
			r.Record(e)
		}
	}
	flood("a")
	r.Record(named("signed"))
	s.pass(time.Second)
	flood("b")
	flush(t, r)
	same(t, s.ids(t), []string{"a0", "a1", "a2", "signed", "b0", "b1", "b2"})
	if c := r.Counters(); c.Sampled != 14 || c.Dropped != 0 {
		t.Errorf("counters are %+v", c)
	}
}

// Rules: RE-54
func TestDataEventsCanBeLeftOut(t *testing.T) {
	for _, omit := range []bool{false, true} {
		s := newSetting(t)
		s.OmitData = omit
		r := s.open(t)
		data := named("data")
		data.Management = false
		r.Record(data, named("management"))
		flush(t, r)
		want := []string{"data", "management"}
		if omit {
			want = want[1:]
		}
		same(t, s.ids(t), want)
	}
}

func TestRunWritesAndDelivers(t *testing.T) {
	s := newSetting(t)
	commit(t, s, "before")
	synctest.Test(t, func(t *testing.T) {
		r, err := record.Open(s.dir, s.Options)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- r.Run(ctx) }()
		time.Sleep(time.Second)
		same(t, s.ids(t), []string{"before"})
		r.Record(named("read"))
		time.Sleep(100 * time.Millisecond)
		same(t, s.ids(t), []string{"before"})
		time.Sleep(time.Second)
		same(t, s.ids(t), []string{"before", "read"})
		commit(t, s, "change")
		r.Wake()
		r.Wake()
		time.Sleep(time.Second)
		same(t, s.ids(t), []string{"before", "read", "change"})

		s.db.fail(true)
		commit(t, s) // nothing, and the database works no more
		r.Wake()
		time.Sleep(10 * time.Second)
		s.db.fail(false)
		commit(t, s, "late")
		time.Sleep(2 * time.Second) // tried again without being woken
		same(t, s.ids(t), []string{"before", "read", "change", "late"})

		r.Record(named("last read"))
		commit(t, s, "last change")
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		same(t, s.ids(t), []string{"before", "read", "change", "late", "last read", "last change"})
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestManyAtOnce(t *testing.T) {
	const goroutines, each = 8, 200
	s := newSetting(t)
	s.MaxFile, s.FlushEvery, s.Gather = 20<<10, time.Millisecond, time.Millisecond
	s.Now = func() time.Time { return s.pass(time.Millisecond) }
	r := s.open(t)
	ctx, cancel := context.WithCancel(t.Context())
	var run, work sync.WaitGroup
	run.Go(func() {
		if err := r.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	for g := range goroutines {
		work.Go(func() {
			for i := range each {
				id := fmt.Sprintf("%d-%04d", g, i)
				if g%2 == 0 {
					r.Record(named(id+"a"), named(id+"b"))
					continue
				}
				commitAt(t, s, s.Now(), id)
				r.Wake()
				r.Counters()
			}
		})
	}
	work.Wait()
	cancel()
	run.Wait()
	of := map[string][]string{}
	previous := ""
	for _, id := range s.ids(t) {
		of[id[:1]] = append(of[id[:1]], id)
		if strings.HasSuffix(id, "b") && previous != strings.TrimSuffix(id, "b")+"a" {
			t.Errorf("%s came between two that were recorded together", previous)
		}
		previous = id
	}
	for g := range goroutines {
		ids := of[fmt.Sprint(g)]
		want := each
		if g%2 == 0 {
			want *= 2
		}
		if len(ids) != want || !slices.IsSorted(ids) {
			t.Errorf("%d records of goroutine %d, sorted: %v", len(ids), g, slices.IsSorted(ids))
		}
	}
	if c := r.Counters(); c.Dropped != 0 || c.Written != goroutines*each*3/2 || c.Delivered != goroutines*each/2 {
		t.Errorf("counters are %+v", c)
	}
}

func TestReset(t *testing.T) {
	s := newSetting(t)
	s.MaxFile = 1
	r := s.open(t)
	flush(t, r)
	for _, id := range numbered(0, 3) {
		r.Record(named(id))
		flush(t, r)
	}
	if err := os.WriteFile(filepath.Join(s.dir, "events-mine.jsonl"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	r.Record(named("waits"))
	if err := r.Reset(); err != nil {
		t.Fatal(err)
	}
	flush(t, r)
	same(t, s.ids(t), nil)
	r.Record(named("new"))
	flush(t, r)
	same(t, s.ids(t), []string{"new"})
	entries, err := os.ReadDir(s.dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("%v are left, %v", entries, err)
	}
}

func TestAFileThatWasTakenAwayIsReplaced(t *testing.T) {
	s := newSetting(t)
	r := s.open(t)
	r.Record(named("a"))
	flush(t, r)
	path := filepath.Join(s.dir, "events.jsonl")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	commit(t, s, "b")
	r.Record(named("c"))
	flush(t, r)
	same(t, s.ids(t), []string{"c", "b"})
	// Somebody puts another file there, whose last line is not whole.
	other := append(append(record.Append(nil, named("d")), '\n'), "torn"...)
	if err := errors.Join(os.Remove(path), os.WriteFile(path, other, 0o600)); err != nil {
		t.Fatal(err)
	}
	r.Record(named("e"))
	flush(t, r)
	same(t, s.ids(t), []string{"d", "e"})
}

func TestClose(t *testing.T) {
	s := newSetting(t)
	r := s.open(t)
	r.Record(named("a"))
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	same(t, s.ids(t), []string{"a"})
	r.Record(named("b"))
	commit(t, s, "c")
	if err := r.Flush(t.Context()); !errors.Is(err, record.ErrClosed) {
		t.Errorf("flush after close: %v", err)
	}
	if err := r.Reset(); !errors.Is(err, record.ErrClosed) {
		t.Errorf("reset after close: %v", err)
	}
	if err := r.Close(); err != nil {
		t.Errorf("second close: %v", err)
	}
	same(t, s.ids(t), []string{"a"})
	if c := r.Counters(); c.Dropped != 1 {
		t.Errorf("counters are %+v", c)
	}

	broken := s.open(t)
	broken.Record(named("d"))
	if err := record.BreakFile(broken); err != nil {
		t.Fatal(err)
	}
	if err := broken.Close(); err == nil {
		t.Error("close does not tell that a record was lost")
	}
	if c := broken.Counters(); c.Dropped != 1 {
		t.Errorf("counters are %+v", c)
	}
}

func BenchmarkRecord(b *testing.B) {
	r, err := record.Open(b.TempDir(), record.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler), Reserve: -1, MaxBuffer: 1 << 30})
	if err != nil {
		b.Fatal(err)
	}
	e := getObject()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			r.Record(e)
			if i%1000 == 999 {
				if err := r.Flush(b.Context()); err != nil {
					b.Error(err)
				}
			}
		}
	})
	if err := r.Close(); err != nil {
		b.Fatal(err)
	}
}
