package objects_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/s3/objects"
)

// Rules: S3-106
func TestOneOfManyRacingCreationsWins(t *testing.T) {
	w := start(t)
	for round := range 5 {
		var won, lost atomic.Int32
		var winner atomic.Value
		var wg sync.WaitGroup
		for n := range 16 {
			wg.Go(func() {
				body := fmt.Sprintf("%d of %d", n, round)
				if n%2 == 0 {
					body += strings.Repeat(".", 20<<10)
				}
				switch a := w.do("PUT", fmt.Sprintf("/b/k%d", round), body, "If-None-Match", "*"); a.status {
				case 200:
					won.Add(1)
					winner.Store(body)
				case 409, 412:
					lost.Add(1)
				default:
					t.Errorf("status %d: %s", a.status, a.body)
				}
			})
		}
		wg.Wait()
		equal(t, "winners", won.Load(), 1)
		equal(t, "losers", lost.Load(), 15)
		w.wantBody(fmt.Sprintf("/b/k%d", round), winner.Load().(string))
	}
	if n := w.files("blobs"); n > 5 {
		t.Errorf("%d blobs are left of the losers", n)
	}
}

// Rules: S3-106
func TestAWriteThatWasOvertakenIsAConflict(t *testing.T) {
	w := start(t)
	w.put("/b/k", "1")
	finish := w.later("/b/k", "22", "If-Match", quotedMD5("1"))
	w.put("/b/k", "3")
	a := finish()
	equal(t, "overtaken", fmt.Sprint(a.status, " ", a.code()), "409 ConditionalRequestConflict")
	finish = w.later("/b/new", "22", "If-None-Match", "*")
	w.put("/b/new", "3")
	a = finish()
	equal(t, "overtaken", fmt.Sprint(a.status, " ", a.code()), "409 ConditionalRequestConflict")
	w.wantBody("/b/k", "3")
	w.wantBody("/b/new", "3")
}

// Rules: S3-102
func TestReadersSeeOneWholeVersion(t *testing.T) {
	w := start(t)
	bodies := []string{strings.Repeat("a", 40<<10), strings.Repeat("b", 60<<10), "c"}
	w.put("/b/k", bodies[0])
	ctx, stop := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for ctx.Err() == nil {
				a := w.do("GET", "/b/k", "")
				if a.status != 200 || a.header.Get("Etag") != quotedMD5(a.body) {
					t.Errorf("got %d with ETag %s and %d bytes", a.status, a.header.Get("Etag"), len(a.body))
					return
				}
			}
		})
	}
	for n := range 60 {
		w.put("/b/k", bodies[n%3])
	}
	stop()
	readers.Wait()
	w.put("/b/k", "last")
	equal(t, "blobs left", w.files("blobs"), 0)
}

// Rules: TH-56 S3-95
func TestABucketNameThatChangesHandsInheritsNothing(t *testing.T) {
	w := start(t)
	ctx := t.Context()
	w.ids["b"] = "first"
	w.put("/b/k", "x")
	notEmpty, ok := errors.AsType[*objects.NotEmptyError](w.store.Drop(ctx, "first", w.now))
	if !ok || notEmpty.Versioned {
		t.Fatalf("dropping a bucket with an object: %v", notEmpty)
	}
	w.want(204, "", "DELETE", "/b/k", "")
	upload := w.begin("/b/k")
	etag := w.part("/b/k", upload, 1, "part")
	finishSmall, finishBig := w.later("/b/small", "late"), w.later("/b/big", pattern(100<<10))
	finishPart := w.later("/b/k?partNumber=2&uploadId="+upload, "late part")
	if err := w.store.Drop(ctx, "first", w.now); err != nil { // open uploads do not hinder it
		t.Fatal(err)
	}
	if err := w.store.Drop(ctx, "first", w.now); err != nil {
		t.Errorf("dropping it again: %v", err)
	}
	w.ids["b"] = "second" // another account claims the name
	for _, finish := range []func() answer{finishSmall, finishBig, finishPart} {
		a := finish()
		equal(t, "write on its way", fmt.Sprint(a.status, " ", a.code()), "404 NoSuchBucket")
	}
	equal(t, "inherited objects", len(w.do("GET", "/b", "").elements("Key")), 0)
	equal(t, "inherited uploads", len(w.do("GET", "/b?uploads", "").elements("Key")), 0)
	w.want(404, "NoSuchUpload", "POST", "/b/k?uploadId="+upload, partList(etag))
	w.ids["b"] = "first"
	for _, call := range [][2]string{
		{"PUT", "/b/k"}, {"GET", "/b/k"}, {"DELETE", "/b/k"}, {"GET", "/b"}, {"POST", "/b/k?uploads"}, {"GET", "/b/k?tagging"},
	} {
		w.want(404, "NoSuchBucket", call[0], call[1], "")
	}
	w.ids["src"] = "first"
	w.ids["b"] = "second"
	w.want(404, "NoSuchBucket", "PUT", "/b/k", "", "X-Amz-Copy-Source", "/src/k")
	equal(t, "blobs of the dead", w.files("blobs"), 1)
	if err := w.store.Sweep(ctx, w.now); err != nil {
		t.Fatal(err)
	}
	equal(t, "blobs after the sweep", w.files("blobs"), 0)
	w.ids["b"] = "first"
	w.want(404, "NoSuchBucket", "PUT", "/b/k", "")
	if err := w.store.CreateBucket(ctx, "first"); err != nil {
		t.Fatal(err)
	}
	w.put("/b/k", "alive")
}

// Rules: TH-56 S3-95
func TestDropAndPutNeverBothSucceed(t *testing.T) {
	w := start(t)
	for n := range 20 {
		b := fmt.Sprintf("b%d", n)
		var put answer
		var drop error
		var wg sync.WaitGroup
		wg.Go(func() { put = w.do("PUT", "/"+b+"/k", "x") })
		wg.Go(func() { drop = w.store.Drop(t.Context(), b, w.now) })
		wg.Wait()
		if (put.status == 200) == (drop == nil) {
			t.Errorf("put answered %d, drop %v", put.status, drop)
		}
	}
	for _, id := range []string{"", "a\x00b", strings.Repeat("x", 65)} {
		if err := w.store.Drop(t.Context(), id, w.now); err == nil {
			t.Errorf("bucket id %q was taken", id)
		}
		w.ids["bad"] = id
		w.want(500, "InternalError", "PUT", "/bad/k", "x")
	}
}

// Rules: TH-75
func TestSweepQuarantinesOrphansOnly(t *testing.T) {
	w := start(t)
	big := pattern(50 << 10)
	w.put("/b/k", big)
	id := w.begin("/b/up")
	w.part("/b/up", id, 1, "part")
	blobs := filepath.Join(w.dir, "blobs", "ab")
	orphan := strings.Repeat("ab", 16)
	if err := os.MkdirAll(blobs, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{orphan, "README"} {
		if err := os.WriteFile(filepath.Join(blobs, name), []byte("x"), 0o400); err != nil {
			t.Fatal(err)
		}
	}
	finish := w.later("/b/way", big)
	real, err := os.Stat(filepath.Join(blobs, orphan)) // files have the machine's times
	if err != nil {
		t.Fatal(err)
	}
	sweep := func(age time.Duration) {
		t.Helper()
		if err := w.store.Sweep(t.Context(), real.ModTime().Add(age)); err != nil {
			t.Fatal(err)
		}
	}
	sweep(23 * time.Hour)
	equal(t, "young orphans moved", w.files("quarantine"), 0)
	sweep(25 * time.Hour)
	equal(t, "old orphans moved", w.files("quarantine"), 1)
	if _, err := os.Stat(filepath.Join(blobs, "README")); err != nil {
		t.Errorf("a file that is not ours was touched: %v", err)
	}
	equal(t, "the upload on its way", finish().status, 200)
	w.wantBody("/b/way", big)
	sweep(25*time.Hour + 6*24*time.Hour)
	equal(t, "quarantine within a week", w.files("quarantine"), 1)
	sweep(25*time.Hour + 8*24*time.Hour)
	equal(t, "quarantine after a week", w.files("quarantine"), 0)
	w.wantBody("/b/k", big)
	w.want(200, "", "POST", "/b/up?uploadId="+id, partList(quotedMD5("part")))
	w.wantBody("/b/up", "part")
}

// Rules: S3-144
func TestSweepForgetsEndedUploads(t *testing.T) {
	w := start(t)
	aborted, completed := w.begin("/b/k"), w.begin("/b/done")
	w.want(204, "", "DELETE", "/b/k?uploadId="+aborted, "")
	etag := w.part("/b/done", completed, 1, "x")
	w.want(200, "", "POST", "/b/done?uploadId="+completed, partList(etag))
	if err := w.store.Sweep(t.Context(), w.now.Add(8*24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	w.want(404, "NoSuchUpload", "DELETE", "/b/k?uploadId="+aborted, "")
	w.want(200, "", "POST", "/b/done?uploadId="+completed, partList(etag))
}

func TestEverythingIsThereAfterReopening(t *testing.T) {
	w := start(t)
	big := pattern(50 << 10)
	w.put("/b/big", big)
	w.put("/b/small", "s")
	id := w.begin("/b/up")
	etag := w.part("/b/up", id, 1, "part")
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	w.want(500, "InternalError", "GET", "/b/small", "")
	w.want(500, "InternalError", "PUT", "/b/small", "x")
	if err := w.store.Drop(t.Context(), "b", w.now); !errors.Is(err, objects.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
	store, err := objects.Open(w.dir, objects.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w.store = store
	w.wantBody("/b/big", big)
	w.wantBody("/b/small", "s")
	w.want(200, "", "POST", "/b/up?uploadId="+id, partList(etag))
	w.wantBody("/b/up", "part")
}

func TestSnapshotRestoreAndReset(t *testing.T) {
	w := start(t)
	ctx, dir := t.Context(), filepath.Join(filepath.Dir(w.dir), "snapshot")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	big := pattern(50 << 10)
	w.put("/b/big", big)
	w.put("/b/k", "one")
	must(w.store.Snapshot(ctx, dir))
	w.put("/b/k", "two")
	w.want(204, "", "DELETE", "/b/big", "")
	w.put("/b/more", big)
	must(w.store.Drop(ctx, "other", w.now))

	finish := w.later("/b/late", pattern(80<<10))
	must(w.store.Restore(ctx, dir))
	a := finish()
	equal(t, "write over a restore", fmt.Sprint(a.status, " ", a.code()), "409 OperationAborted")
	w.wantBody("/b/big", big)
	w.wantBody("/b/k", "one")
	w.want(404, "NoSuchKey", "GET", "/b/more", "")
	w.put("/other/k", "alive again")

	must(w.store.Reset(ctx))
	w.want(404, "NoSuchKey", "GET", "/b/k", "")
	equal(t, "blobs after a reset", w.files("blobs"), 0)
	w.put("/b/k", "new")
	must(w.store.Restore(ctx, dir))
	w.wantBody("/b/big", big)
	w.wantBody("/b/k", "one")
	must(w.store.Snapshot(ctx, dir))
	must(w.store.Restore(ctx, dir))
	w.wantBody("/b/big", big)
}

// Rules: TH-109
func TestABackupIsACompleteIndex(t *testing.T) {
	w := start(t)
	w.put("/b/k", "x")
	dir := filepath.Join(t.TempDir(), "copy")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(filepath.Join(dir, "index.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.store.Backup(f); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	w.put("/b/k", "later")
	old := w.store
	if w.store, err = objects.Open(dir, objects.Options{}); err != nil {
		t.Fatal(err)
	}
	if err := old.Close(); err != nil {
		t.Error(err)
	}
	w.wantBody("/b/k", "x")
}
