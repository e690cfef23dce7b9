package boltkv_test

import (
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/regent-iam/regent/internal/store/kv"
	"github.com/regent-iam/regent/internal/store/kv/boltkv"
	"github.com/regent-iam/regent/internal/store/kv/memkv"
)

// rows are what the update of the benchmarks writes: a record of 300 bytes and three index rows.
func rows(i int64) [4]string {
	return [4]string{
		fmt.Sprintf("/account/111122223333/user/u%09d", i), fmt.Sprintf("/index/id/AIDA%09d", i),
		fmt.Sprintf("/index/path/%d/u%09d", i%7, i), fmt.Sprintf("/index/key/AKIA%09d", i),
	}
}

func update(w kv.Writer, i int64, record []byte) error {
	keys := rows(i)
	_, _, err := w.Get(keys[0])
	return errors.Join(err, w.Set(keys[0], record), w.Set(keys[1], record[:12]), w.Set(keys[2], nil), w.Set(keys[3], record[:12]))
}

func benchmarkUpdates(b *testing.B, callers int, do func(i int64) error) {
	b.Helper()
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ResetTimer()
	for range callers {
		wg.Go(func() {
			for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
				if err := do(i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "updates/s")
}

func BenchmarkUpdate(b *testing.B) {
	record := make([]byte, 300)
	for _, callers := range []int{1, 16, 64} {
		b.Run(fmt.Sprint("boltkv/", callers), func(b *testing.B) {
			db := open(b, filepath.Join(b.TempDir(), "regent.db"), boltkv.Options{})
			defer shut(b, db)
			benchmarkUpdates(b, callers, func(i int64) error {
				return db.Update(b.Context(), func(w kv.Writer) error { return update(w, i, record) })
			})
			b.ReportMetric(float64(db.Stats().Updates)/float64(db.Stats().Commits), "updates/commit")
		})
		b.Run(fmt.Sprint("bbolt/", callers), func(b *testing.B) {
			db := openBare(b)
			benchmarkUpdates(b, callers, func(i int64) error {
				return db.Update(func(tx *bbolt.Tx) error { return bareUpdate(tx, i, record) })
			})
		})
		b.Run(fmt.Sprint("baregroup/", callers), func(b *testing.B) {
			g := newBareGroup(openBare(b))
			defer close(g.queue)
			benchmarkUpdates(b, callers, func(i int64) error {
				return g.update(func(tx *bbolt.Tx) error { return bareUpdate(tx, i, record) })
			})
		})
	}
}

func openBare(b *testing.B) *bbolt.DB {
	b.Helper()
	db, err := bbolt.Open(filepath.Join(b.TempDir(), "bare.db"), 0o600, &bbolt.Options{FreelistType: bbolt.FreelistMapType})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	if err := db.Update(func(tx *bbolt.Tx) error { _, err := tx.CreateBucket([]byte("b")); return err }); err != nil {
		b.Fatal(err)
	}
	return db
}

func bareUpdate(tx *bbolt.Tx, i int64, record []byte) error {
	bucket := tx.Bucket([]byte("b"))
	keys := rows(i)
	_ = bucket.Get([]byte(keys[0]))
	return errors.Join(bucket.Put([]byte(keys[0]), record), bucket.Put([]byte(keys[1]), record[:12]),
		bucket.Put([]byte(keys[2]), nil), bucket.Put([]byte(keys[3]), record[:12]))
}

// A bareGroup is the least that a group commit can be: no savepoints, no events, no contexts.
type bareGroup struct {
	db    *bbolt.DB
	queue chan bareRequest
}

type bareRequest struct {
	fn     func(*bbolt.Tx) error
	answer chan error
}

func newBareGroup(db *bbolt.DB) *bareGroup {
	g := &bareGroup{db: db, queue: make(chan bareRequest, 1024)}
	go g.write()
	return g
}

func (g *bareGroup) write() {
	for first := range g.queue {
		group := []bareRequest{first}
		err := g.db.Update(func(tx *bbolt.Tx) error {
			for i := 0; i < len(group); i++ {
				if err := group[i].fn(tx); err != nil {
					return err
				}
				select {
				case r := <-g.queue:
					group = append(group, r)
				default:
				}
			}
			return nil
		})
		for _, r := range group {
			r.answer <- err
		}
	}
}

func (g *bareGroup) update(fn func(*bbolt.Tx) error) error {
	r := bareRequest{fn, make(chan error, 1)}
	g.queue <- r
	return <-r.answer
}

func numbered(n int, record []byte) iter.Seq2[kv.Entry, error] {
	return func(yield func(kv.Entry, error) bool) {
		for i := range n {
			if !yield(kv.Entry{Key: fmt.Sprintf("/account/111122223333/user/u%09d", i), Value: record}, nil) {
				return
			}
		}
	}
}

func BenchmarkRead(b *testing.B) {
	const n = 20_000
	bolt := open(b, filepath.Join(b.TempDir(), "regent.db"), boltkv.Options{})
	defer shut(b, bolt)
	mem := memkv.New(memkv.Options{})
	for name, db := range map[string]interface {
		kv.DB
		kv.Replacer
	}{"boltkv": bolt, "memkv": mem} {
		if err := db.Replace(b.Context(), numbered(n, make([]byte, 300))); err != nil {
			b.Fatal(err)
		}
		b.Run(name+"/get", func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for i := 0; pb.Next(); i++ {
					key := fmt.Sprintf("/account/111122223333/user/u%09d", i*7919%n)
					err := db.View(b.Context(), func(r kv.Reader) error {
						_, ok, err := r.Get(key)
						if !ok {
							return errors.New("not there")
						}
						return err
					})
					if err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
		b.Run(name+"/scan20000", func(b *testing.B) {
			for b.Loop() {
				seen := 0
				err := db.View(b.Context(), func(r kv.Reader) error {
					for _, err := range r.Scan("/account/", "") {
						if err != nil {
							return err
						}
						seen++
					}
					return nil
				})
				if err != nil || seen != n {
					b.Fatal(seen, err)
				}
			}
		})
	}
}

// BenchmarkOpen shows that a start does not grow with the data.
func BenchmarkOpen(b *testing.B) {
	for _, n := range []int{1000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "regent.db")
			db := open(b, path, boltkv.Options{})
			if err := db.Replace(b.Context(), numbered(n, make([]byte, 300))); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(db.Size())/1e6, "MB")
			shut(b, db)
			for b.Loop() {
				db := open(b, path, boltkv.Options{})
				b.StopTimer()
				shut(b, db)
				b.StartTimer()
			}
		})
	}
}
